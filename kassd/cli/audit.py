"""``kassd audit``: is this DSFinV-K export in order? Reads only files, of this register or any other."""

import argparse
import sys
from pathlib import Path

import kassd
from kassd.cli.output import print_json, print_verdict
from kassd.clock import Clock
from kassd.errors import DataError
from kassd.fiscal.audit import Audit, audit
from kassd.fiscal.audit.log import log_of
from kassd.fiscal.audit.page import page


def execute(arguments: argparse.Namespace) -> int:
    """Exit code 0 if it is in order, else 65."""
    folder: Path = arguments.dir
    log = arguments.log or log_of(folder)
    done = audit(
        folder,
        arguments.tar,
        journals=arguments.journal,
        log=log,
        roots=[_root(path) for path in arguments.root],
        signatures=not arguments.no_signatures,
        progress=_progress if sys.stderr.isatty() else None,
    )
    if arguments.html is not None:
        made = Clock().now().strftime(f"am %d.%m.%Y um %H:%M UTC mit kassd {kassd.__version__}")
        there = {"tar": arguments.tar, "journal": arguments.journal, "log": log}
        given = {name for name, what in there.items() if what}
        arguments.html.write_text(page(done, str(folder), made, given), "utf-8")
    if arguments.json:
        print_json(done.verdict.render())
        return 0 if done.verdict.ok else 65
    print("\n".join(_lines(done)))
    return print_verdict(done.verdict, as_json=False, subject=f"DSFinV-K {folder}")


def _root(path: Path) -> bytes:
    from kassd.tse.log.certificates import load, split

    if not path.is_file():
        raise DataError(f"{path} gibt es nicht. Erwartet wird ein Wurzelzertifikat (PEM oder DER).")
    return load(split(path.read_bytes())[0][0], str(path)).der


def _lines(done: Audit) -> list[str]:
    """What was audited, in a few lines."""
    summary = done.summary
    lines = [", ".join(part for part in summary.company if part.strip())] if summary.company else []
    for register, (first, last, began, ended) in summary.registers.items():
        lines.append(f"Kasse {register}: Abschluss {first} bis {last}, {began} bis {ended}")
    signed = "nicht geprüft" if summary.signatures is None else f"{summary.signatures} geprüft"
    lines.append(f"{summary.receipts} Vorgänge, {summary.rows} Zeilen, Signaturen: {signed}")
    lines += [f"TSE-Archiv {name}: {count} Lognachrichten" for name, count in summary.archives]
    if summary.outage_count:
        lines.append(f"{summary.outage_count} Vorgänge nennen einen Ausfall oder eine späte Antwort der TSE")
    return lines


def _progress(done: int, of: int) -> None:
    end = "\n" if done == of else ""
    print(f"\r{done} von {of} Abschlüssen", end=end, file=sys.stderr, flush=True)
