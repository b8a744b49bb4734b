"""Writes the frozen journal of format version 1. Run once per format version, never again for an old one.

``python tests/golden/journal/build.py DIRECTORY`` gives the same bytes each time; the key is fixed and good
for nothing else.
"""

import sys
from pathlib import Path

from kassd.journal.blobs import write_blob
from kassd.journal.files import OsFiles
from kassd.journal.line import Entry
from kassd.journal.note import Signer
from kassd.journal.start import Options, start
from kassd.journal.writer import Writer

ORIGIN = "KASSE-0007"


class Ticker:
    """A clock that ticks once per question."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> tuple[str, int, str]:
        self.count += 1
        return f"2026-01-02T08:00:00.{self.count:06d}Z", self.count * 1000, "0011223344556677"


def build(directory: Path) -> None:
    """Create the journal: created, a sale with command and TSE, a blob, a closing, and a line after it."""
    directory.mkdir(parents=True)
    (directory / "key").write_text(Signer(ORIGIN, bytes(range(32))).dump())
    now = Ticker()
    options = Options(align=4096, capacity=128 * 1024, compact=True, now=now)
    started = start(directory, ORIGIN, options)
    writer = Writer(started.store, lambda _batch: None, lambda _error: None)
    blob = write_blob(OsFiles(), directory, "Übertrag ".encode() * 9000)
    cmd = {"client": "cashier-1", "id": "01J0000000000000000000000A", "reply": {"status": "ok", "rev": 1}}
    tse = {"transaction_number": 1, "signature_counter": 2, "log_time": "2026-01-02T08:00:00.000Z"}
    line = {"text": 'Käse "alt" \u2028 5 €', "quantity": "1.250", "amount": 499}
    rows = [
        ([{"kind": "sale.line_added", "data": line}], [{"id": "w1", "kind": "tse.start"}], cmd, None, False),
        ([{"kind": "tse.signed", "data": {"sale": "1-1"}}], [], None, tse, False),
        ([], [{"id": "w2", "kind": "print", "data": {"copies": 1}}], None, None, False),
        ([{"kind": "till.closed", "data": {"carried": blob}}], [], None, None, True),
        ([{"kind": "till.opened", "data": {"counted": 10000}}], [], None, None, False),
    ]
    for facts, wishes, command, signed, closes in rows:
        entry = Entry(*now(), facts, wishes, command, signed, closes)
        writer.commit(started.chain.extend(entry, now, options.capacity))
        while started.store.chore():
            pass
    started.store.close()
    started.store.files.close(started.lock)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
