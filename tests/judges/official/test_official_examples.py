"""The worked examples of the official package are played on a register and compared cell by cell."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kassd import settings
from kassd.fiscal.audit import audit
from kassd.sim.trade import SHOPS, write_setup
from kassd.sim.trade.acts import Answer, Command, Wait
from kassd.sim.trade.virtual import Setup, VirtualRegister
from tests.fiscal.kit import VECTORS, Cells, exported, read
from tests.judges.official.sheets import Cell, Example, examples

SHEETS = VECTORS / "official-2.2" / "Beispiele"

# Ids, times and what the TSE says are the register's own.
OWN = {
    *("BON_ID", "BON_START", "BON_ENDE", "ABRECHNUNGSKREIS", "GUTSCHEIN_NR", "ART_NR"),
    *("REF_BON_ID", "REF_DATUM", "REF_Z_NR", "REF_Z_KASSE_ID"),
}
# Where the sheets differ from the text of the same package, or say one thing twice; seen 2026-11-22.
DIFFERENT = {
    ("1.2", "REF_TYP"): "the value list has Transaktion, not Beleg",
    ("4.2", "REF_TYP"): "the value list has Transaktion, not Beleg",
    ("1.6", "BON_NETTO"): "23.00 gross at 0 % are 23.00 net, not 0.00",
    ("4.2", "GV_NAME"): "what was repaired is the line's text",
    **dict.fromkeys(
        [(name, "POS_UST") for name in ("3.1", "3.2", "4.1", "4.2")],
        "3.1.1.1: the gross method has POS_BRUTTO alone",
    ),
}


class Till:
    """A register with an open till."""

    def __init__(self, folder: Path, **config: Any) -> None:
        shop = SHOPS["bar"]
        flat = {**settings.flatten(settings.load(write_setup(shop, folder))), **config}
        # The sheets name the card; the shop's own terminal would say another.
        flat = {key: value for key, value in flat.items() if not key.startswith("terminal.")}
        begin = datetime(2026, 3, 2, 8, tzinfo=UTC)
        setup = Setup(folder, flat, "config", {}, "catalog", b"examples", begin)
        self.register = VirtualRegister(setup, lambda *_: None)
        self.journal = folder / "journal"

    def do(self, name: str, **args: Any) -> Answer:
        """A command, and time for the TSE and the printer."""
        answer = self.register.act(Command(name, args))
        self.register.act(Wait(10))
        return answer

    def sell(self, text: str, price: int, vat: int) -> None:
        self.do("sale.add", text=text, price=price, vat=vat)

    @property
    def receipt(self) -> int:
        """Number of the newest receipt."""
        return self.register.state.receipt


Scene = Callable[[Till], Iterator[int]]  # yields the number of the receipt of each example


def claim(till: Till) -> Iterator[int]:
    lines = [("Schnitzel", 1000, 1), ("Cola", 300, 1), ("Schnitzel", 1000, 2)]
    order = [{"text": text, "price": price, "vat": vat} for text, price, vat in lines]
    till.do("order.send", table="10", lines=order)
    till.do("order.bill", table="10")
    till.do("sale.pay", type="account", customer="Gast A")
    yield till.receipt
    (number,) = till.register.state.credit.items
    till.do("account.settle", number=number)
    till.do("sale.pay", type="cash")
    yield till.receipt


def multi_purpose(till: Till) -> Iterator[int]:
    answer = till.do("voucher.sell", kind="multi", value=5000, text="Gutschein Mehrzweck")
    till.do("sale.pay", type="cash")
    yield till.receipt
    for text, price in (("Rehbraten", 1700), ("Hirschbraten", 1950), ("Flasche Wein", 1350)):
        till.sell(text, price, 1)
    till.do("sale.pay", type="voucher", code=answer["result"]["code"])
    yield till.receipt


def single_purpose(till: Till) -> Iterator[int]:
    answer = till.do("voucher.sell", kind="single", value=5000, vat=1, text="Menü I")
    till.do("sale.pay", type="cash")
    yield till.receipt
    till.sell("Menü I", 5000, 1)
    till.do("sale.pay", type="voucher", code=answer["result"]["code"])
    yield till.receipt


def down_payment(till: Till) -> Iterator[int]:
    till.do("downpayment.take", customer="A", what="Reparatur", amount=30_000, vat=1)
    till.do("sale.pay", type="card", brand="Visa")
    yield till.receipt
    (number,) = till.register.state.credit.items
    till.sell("Reparatur", 250_000, 1)
    till.do("downpayment.release", number=number)
    till.do("sale.pay", type="cash")
    yield till.receipt


def private(till: Till) -> Iterator[int]:
    till.do("cash.in", amount=100_000, kind="private", reason="Einlage")
    yield till.receipt
    till.do("cash.out", amount=3_000, kind="private", reason="Kino Kinder")
    yield till.receipt


def transit(till: Till) -> Iterator[int]:
    till.do("cash.in", amount=25_000, kind="transit", reason="Tresor")
    yield till.receipt
    till.do("cash.in", amount=400_000, kind="private", reason="Einlage")
    till.do("cash.out", amount=420_000, kind="transit", reason="Tresor")
    yield till.receipt


def difference(till: Till) -> Iterator[int]:
    till.do("cash.in", amount=437_000, kind="private", reason="Einlage")
    till.do("till.count", count={"100": 4_283}, book=True, reason="Zählung")
    yield till.receipt


SCENES: dict[tuple[str, ...], tuple[Scene, dict[str, Any]]] = {
    ("1.1", "1.2"): (claim, {"business.claims_vat": "unknown"}),
    ("1.3", "1.4"): (claim, {"business.claims_vat": "payment"}),
    ("1.5", "1.6"): (claim, {}),
    ("2.1", "2.2"): (multi_purpose, {}),
    ("3.1", "3.2"): (single_purpose, {}),
    ("4.1", "4.2"): (down_payment, {}),
    ("5.1", "5.2"): (private, {}),
    ("6.1", "6.2"): (transit, {}),
    ("7",): (difference, {}),
}


@pytest.fixture(scope="module")
def official() -> dict[str, Example]:
    if not SHEETS.is_dir():
        pytest.skip("the official package is not here (../shared/vectors/dsfinvk/official-2.2)")
    return examples(SHEETS)


def test_every_example_has_a_scene(official: dict[str, Example]) -> None:
    assert set(official) == {name for names in SCENES for name in names}
    assert sum(len(record) for e in official.values() for rs in e.heads.values() for record in rs) > 250


@pytest.mark.parametrize("names", SCENES, ids=" ".join)
def test_the_export_has_every_cell(
    names: tuple[str, ...], official: dict[str, Example], tmp_path: Path
) -> None:
    scene, config = SCENES[names]
    till = Till(tmp_path / "till", **config)
    till.do("till.open", counted=0)
    receipts = list(scene(till))
    till.do("till.close", count={"100": till.register.state.till.cash // 100})
    till.register.close()
    rows = read(exported(till.journal, tmp_path / "export").folder)
    assert audit(tmp_path / "export").verdict.findings == ()
    found = [
        text for name, n in zip(names, receipts, strict=True) for text in compare(official[name], n, rows)
    ]
    assert not found, "\n".join(found)


def compare(example: Example, receipt: int, rows: dict[str, Cells]) -> Iterator[str]:
    """Every cell that differs, and every record too many or too few."""
    mine = {file: [r for r in rows[file] if r.get("BON_ID") == str(receipt)] for file in rows}
    mine["cashregister"] = rows["cashregister"]
    for file, records in example.heads.items():
        if file == "transactions_tse":
            yield from () if len(mine[file]) == 1 else (f"{example.name} {file}: {len(mine[file])} rows",)
        else:
            yield from match(example.name, file, records, mine[file])
    told = [line for line in example.lines if line]
    lines = [line.get("lines", [{}])[0] for line in told]
    yield from match(example.name, "lines", lines, mine["lines"])
    for position, line in zip(mine["lines"], told, strict=False):
        for file in ("lines_vat", "itemamounts", "references"):
            below = [r for r in mine[file] if r["POS_ZEILE"] == position["POS_ZEILE"]]
            if file in line or file == "lines_vat":
                yield from match(example.name, file, line.get(file, []), below)


def match(name: str, file: str, wanted: list[dict[str, Cell]], mine: Cells) -> Iterator[str]:
    if len(wanted) != len(mine):
        yield f"{name} {file}: {len(mine)} rows instead of {len(wanted)}: {mine}"
    for want, have in zip(wanted, mine, strict=False):
        for column, value in want.items():
            if column not in OWN and (name, column) not in DIFFERENT and not same(value, have[column]):
                yield f"{name} {file}.{column}: {have[column]!r} instead of {value}"


def same(value: Cell, cell: str) -> bool:
    if isinstance(value, Decimal):
        return bool(cell) and round(Decimal(cell.replace(",", ".")), 2) == value
    return cell.casefold() == value.casefold()
