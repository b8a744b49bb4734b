"""``kassd verify``: is this journal, or this TSE archive, what it claims to be?"""

import argparse
from pathlib import Path

from kassd import settings
from kassd.cli.output import print_verdict
from kassd.errors import DataError


def execute(arguments: argparse.Namespace) -> int:
    """A directory (or nothing: the configured journal) is a journal, a file is a TAR."""
    path: Path = arguments.path or settings.load(arguments.config).journal.dir
    if path.is_dir():
        from kassd.journal import verify_journal
        from kassd.journal.line import RESTORE

        verdict = verify_journal(path)
        code = print_verdict(verdict, as_json=arguments.json, subject=f"Journal {path}")
        if code and verdict.checked and not arguments.json:
            print(RESTORE)
        return code
    if not path.exists():
        raise DataError(f"{path} gibt es nicht. Erwartet wird ein Journal-Verzeichnis oder eine TAR-Datei.")
    from kassd.tse.log.verify import verify_tar

    return print_verdict(verify_tar(path), as_json=arguments.json, subject=f"TSE-Archiv {path}")
