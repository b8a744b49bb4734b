"""``kassd export``: fiscal data, the TSEs' log of any period, the journal with what verifies it, the
notification of § 146a Abs. 4 AO, what bookkeeping gets, all that an official may ask for on the spot."""

import argparse
import asyncio
import shutil
import sys
from pathlib import Path
from typing import Any

from kassd import settings
from kassd.cli.export_elster import export_elster
from kassd.cli.export_tar import export_tar
from kassd.cli.link import command
from kassd.cli.locks import is_running
from kassd.cli.output import EX_DATAERR
from kassd.core.desk import MAX_CLOSINGS
from kassd.errors import DataError, LinkError
from kassd.settings import Settings


def execute(arguments: argparse.Namespace) -> int:
    """Write aside, rename when complete."""
    loaded = settings.load(arguments.config)
    if arguments.first and arguments.last and arguments.first > arguments.last:
        raise DataError(
            f"--from {arguments.first} liegt nach --to {arguments.last}. Bitte bei --from den ersten "
            "Tag nennen, bei --to den letzten."
        )
    if arguments.what == "audit":
        return _audit(loaded, arguments)
    out: Path = arguments.out
    if out.exists():
        raise DataError(f"{out} gibt es schon; bitte einen anderen Namen wählen.")
    ok, handed_over = True, None
    if arguments.what == "dsfinvk":
        from kassd.cli.export_dsfinvk import export_days

        ok = export_days(loaded, arguments)
    else:
        handed_over = _write(loaded, arguments, out)
        ok = arguments.what != "journal" or _is_unharmed(out)
    print(out)
    _record(loaded, arguments, handed_over)
    return 0 if ok else EX_DATAERR


def _is_unharmed(journal: Path) -> bool:
    """Whether the copy is a whole journal; it is handed out as it is, and says so if it is not."""
    from kassd.journal import verify_journal

    verdict = verify_journal(journal, deep=False)
    if not verdict.ok:
        print(f"kassd: Das Journal ist beschädigt: {verdict.first_error}", file=sys.stderr)
    return verdict.ok


def _write(loaded: Settings, arguments: argparse.Namespace, out: Path) -> dict[int, str] | None:
    """What DATEV gets: closing → SHA-256 of its file; None for what is handed over to nobody's books."""
    part, handed_over = out.with_name(out.name + ".part"), None
    try:
        if arguments.what == "tar":
            if without := export_tar(loaded, arguments.first, arguments.last, part):
                print(f"kassd: {without}", file=sys.stderr)
        elif arguments.what == "elster":
            export_elster(loaded, part)
        elif arguments.what == "journal":
            from kassd.fiscal.archive.copying import copy_journal

            copy_journal(loaded.journal.dir, part)
        else:
            from kassd.cli.export_accounting import write

            handed_over = write(loaded, arguments, part)
        part.rename(out)
    except BaseException:
        _remove(part)
        raise
    return handed_over


def _audit(loaded: Settings, arguments: argparse.Namespace) -> int:
    """Exit code 65 if a part is missing: what there is was handed out, and says what is not."""
    from kassd.cli.export_audit import export_audit

    bundle = export_audit(loaded, arguments)
    print(bundle.folder)
    _record(loaded, arguments, sha256=bundle.sha256, recipient=arguments.recipient)
    return EX_DATAERR if bundle.missing else 0


def _record(
    loaded: Settings,
    arguments: argparse.Namespace,
    handed_over: dict[int, str] | None = None,
    **more: str,
) -> None:
    """The running register notes the export. While none runs nobody may write the journal (it would have to
    be opened by the service's own account): that is said."""
    days = {"first": arguments.first, "last": arguments.last}
    args = {"what": arguments.what} | {key: day.isoformat() for key, day in days.items() if day} | more
    calls: list[tuple[str, dict[str, Any]]] = [("export.record", args)]
    if handed_over is not None:
        told = [(str(number), digest) for number, digest in handed_over.items()]
        parts = [dict(told[n : n + MAX_CLOSINGS]) for n in range(0, len(told), MAX_CLOSINGS)]
        calls = [("accounting.record", {"target": "datev", "closings": part}) for part in parts]
    problem = "die Kasse läuft nicht"
    if is_running(loaded.journal.dir):
        problem = next(filter(None, (_noted(loaded, *call) for call in calls)), "")
    if problem:
        print(f"Der Export ist nicht im Journal vermerkt: {problem}", file=sys.stderr)


def _noted(loaded: Settings, name: str, args: dict[str, Any]) -> str:
    """Why the register did not note it, '' if it did."""
    try:
        reply = asyncio.run(command(loaded, name, args))
    except LinkError as error:
        return str(error)
    return "" if reply["status"] == "ok" else str(reply.get("message", reply["status"]))


def _remove(part: Path) -> None:
    """Half an export is none."""
    if part.is_dir():
        shutil.rmtree(part)
    elif part.exists():
        part.unlink()
