"""The generated part of ``docs/mqtt.md``: the table of reply codes."""

import re
import sys
from pathlib import Path

from kassd.core.codes import CODES

_MARKS = re.compile(r"(<!-- codes: [^\n]*-->\n).*?(<!-- /codes -->)", re.DOTALL)


def code_table() -> str:
    """The codes as a Markdown table."""
    rows = [
        f"| `{name}` | `{code.status}` | {code.message} | {code.next} |\n" for name, code in CODES.items()
    ]
    return "| code | status | message | next |\n|---|---|---|---|\n" + "".join(rows)


def refreshed(page: str) -> str:
    """The page with its table of codes as it should be. A page without the marks comes back unchanged."""
    return _MARKS.sub(lambda marks: f"{marks[1]}\n{code_table()}\n{marks[2]}", page)


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/mqtt.md")
    path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
