"""``kassd`` as a test runs it: mostly in this process, a Python start each is what would take the time."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kassd.cli.main import main


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


def kassd(*arguments: str | Path, config: Path | None = None, stdin: str = "") -> Done:
    """One command in this process, in a thread of its own: the test's event loop may be running."""
    out, error, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    try:
        with redirect_stdout(out), redirect_stderr(error), ThreadPoolExecutor(1) as thread:
            code = thread.submit(main, _words(arguments, config)).result()
    except SystemExit as usage:
        code = int(usage.code or 0)
    finally:
        sys.stdin = before
    return Done(code, out.getvalue(), error.getvalue())


def program(*arguments: str | Path, config: Path | None = None, stdin: Any = subprocess.DEVNULL) -> Done:
    """One command as a program of its own; ``stdin`` is a file."""
    command = [sys.executable, "-m", "kassd", *_words(arguments, config)]
    done = subprocess.run(command, stdin=stdin, capture_output=True, text=True, timeout=50, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def _words(arguments: tuple[str | Path, ...], config: Path | None) -> list[str]:
    return [*(["--config", str(config)] if config else []), *map(str, arguments)]
