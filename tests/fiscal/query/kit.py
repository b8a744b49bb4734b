"""A day at a till as a journal on the disk, and its index."""

from pathlib import Path
from zoneinfo import ZoneInfo

from kassd.core import inputs as i
from kassd.fiscal.query import Records
from kassd.journal.line import Entry
from kassd.journal.start import Options, start
from kassd.journal.writer import Writer
from kassd.sim.trade.files import QuickFiles
from tests.core.playbook import Playbook, add, card, cash, command
from tests.journal.helpers import ORIGIN, Ticker, close

BERLIN = ZoneInfo("Europe/Berlin")
LARGE = 1024 * 1024


def entries(book: Playbook) -> list[Entry]:
    """What the playbook has decided, as lines of a journal; the time of a line is UTC."""
    return [
        Entry(
            line["stamp"].at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            line["stamp"].mono,
            "0011223344556677",
            line["facts"],
            line["wishes"],
        )
        for line in book.lines
    ]


def a_day() -> Playbook:
    """Sales, a void, an abort, a return, training, cash out, the drawer, an outage, a price, two closings."""
    book = Playbook()
    book.config["business.country"] = "DEU"
    (
        book.ready(10_000)
        >> add("Brot", 350, 2)
        >> add("Kaffee; groß", 280, 1, quantity="3")
        >> add("Brot", 350, 2)
    )
    book >> command("sale.void_line")
    book >> cash(given=2000)
    book.done() >> add("Bauernbrot", 999, 2) >> card(reference="T-1")
    book.done() >> add("Kuchen", 250, 2) >> command("sale.abort")
    book.done() >> command("catalog.put", id="b", name="Brot", price=400, vat=2)
    book >> command("cash.out", amount=1500, kind="private", reason="Einkauf")
    book.done() >> command("drawer.open", reason="Wechseln")
    book.paper() >> command("mode.training", on=True) >> add("Übung", 100, 1) >> cash()
    book.done() >> command("mode.training", on=False)
    book >> command("till.close", count={"1": 9_690 - 100}, reason="Rollgeld")
    book.done() >> command("till.open", counted=9_590)
    book.done().outage()
    book >> add("Brot", 400, 2) >> cash()
    book.paper().tse_opens()
    book.done() >> add("Kaffee", 280, 1) >> cash()
    book.done()
    return book >> i.Tick()


def write(journal: Path, entries: list[Entry], origin: str = ORIGIN) -> None:
    """Begin a journal, or go on with it, without waiting for the disk."""
    options, files = Options(capacity=LARGE, now=Ticker(), compact=False), QuickFiles()
    started = start(journal, origin, options, files)
    writer = Writer(started.store, lambda _batch: None, lambda _error: None)
    for entry in entries:
        writer.commit(started.chain.extend(entry, options.now, LARGE))
    close(started)


def written(folder: Path, book: Playbook, origin: str = ORIGIN) -> Path:
    """The journal of a playbook, in ``folder``; ``origin``: the register's id."""
    write(folder / "journal", entries(book), origin)
    return folder / "journal"


def opened(journal: Path) -> Records:
    """As ``kassd query`` opens it."""
    return Records(journal, journal.parent / "index.sqlite", BERLIN)
