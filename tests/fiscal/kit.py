"""Registers that have traded, and exports read back as an auditor's program reads them."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from kassd import settings
from kassd.clock import utc_text
from kassd.core.carry import carried_state, fold_line
from kassd.core.cash.accounts import holdings, label
from kassd.core.facts import TillClosed
from kassd.core.state import State
from kassd.fiscal.dsfinvk import Exported, Source, export_dsfinvk
from kassd.fiscal.rows import ALL, Period, ReceiptRows, closings
from kassd.journal.blobs import write_blob
from kassd.journal.files import OsFiles
from kassd.journal.line import Entry, chain, close_line, encode_body, genesis
from kassd.sim.trade import SHOPS, generate, write_setup
from tests.core.playbook import Playbook, command

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "dsfinvk"
Cells = list[dict[str, str]]


def traded(folder: Path, shop: str, first: date, days: int = 1, density: float = 0.05, seed: int = 7) -> Path:
    """The journal of a shop after ``days`` days."""
    config = settings.flatten(settings.load(write_setup(SHOPS[shop], folder)))
    return generate(SHOPS[shop], folder, config, first, days, seed, density).journal


def journal_of(book: Playbook, folder: Path) -> Path:
    """The lines of a playbook as a journal, chained, all in one segment."""
    h, lines = genesis("KASSE-1"), []
    for seq, line in enumerate(book.lines):
        stamp = line["stamp"]
        body = encode_body(
            seq, Entry(utc_text(stamp.at), stamp.mono, "0" * 16, line["facts"], line["wishes"])
        )
        h = chain(h, body)
        lines.append(close_line(body, h))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "000000000000.jsonl").write_bytes(b"\n".join([*lines, b""]))
    return folder


def segmented(book: Playbook, folder: Path) -> Path:
    """The same with a segment after each closing, which carries the state over as the register's do: what is
    read by the closings' numbers begins in the middle."""
    files, place = OsFiles(), folder / "journal"
    place.mkdir(parents=True)
    state, h, first, lines = State(), genesis("KASSE-1"), 0, list[bytes]()
    for seq, line in enumerate(book.lines):
        stamp, facts = line["stamp"], list(line["facts"])
        state = fold_line(state, stamp, facts, line["wishes"])
        at = next((n for n, fact in enumerate(facts) if fact["kind"] == TillClosed.kind), None)
        if at is not None:
            blobs = {name: json.dumps(value).encode() for name, value in carried_state(state).items()}
            carry = {name: write_blob(files, place, blob) for name, blob in blobs.items()}
            facts[at] = {**facts[at], "data": {**facts[at]["data"], "carry": carry}}
        body = encode_body(seq, Entry(utc_text(stamp.at), stamp.mono, "0" * 16, facts, line["wishes"]))
        h = chain(h, body)
        lines.append(close_line(body, h))
        if at is not None:
            (place / f"{first:012d}.jsonl").write_bytes(b"\n".join([*lines, b""]))
            first, lines = seq + 1, []
    (place / f"{first:012d}.jsonl").write_bytes(b"\n".join([*lines, b""]))
    return place


def close(book: Playbook, **args: Any) -> Playbook:
    """Count every drawer as it should be, and close the till."""
    counts = {}
    for account, currency, stock in holdings(book.state):
        name = label(book.state.config, account)
        if currency == "EUR":
            counts[name] = {"1": stock.amount}
        else:  # the smallest Swiss coin
            counts[f"{name}/{currency}"] = {"5": stock.amount // 5}
    count = counts.pop(label(book.state.config, ""), {"1": 0})
    return (book.paper() >> command("till.close", count=count, counts=counts, **args)).done()


def receipts(book: Playbook, folder: Path) -> list[ReceiptRows]:
    """All receipts of a playbook's closings, complete."""
    return [receipt for closing in closings(journal_of(book, folder)) for receipt in closing.receipts]


def exported(journal: Path, out: Path, period: Period = ALL) -> Exported:
    """An export of one register."""
    return export_dsfinvk(
        [Source(journal, period)], out, made_at="2026-11-22T05:00:00+01:00", software="kassd"
    )


def read(folder: Path) -> dict[str, Cells]:
    """Rows of every CSV file by its stem."""
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file, delimiter=";"))
    return found
