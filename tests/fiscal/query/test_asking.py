"""Questions and their answers: filter, group, sum, sort; what is not there is said in German."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.errors import DataError
from kassd.fiscal.query import Condition, Query, Records, ask
from kassd.fiscal.query.asking import value_of
from kassd.fiscal.query.views import Column
from tests.core.playbook import Playbook
from tests.fiscal.query import kit

SALES = (Condition.parse("bon_typ = Beleg"), Condition.parse("art=sale"))


@pytest.fixture(scope="module")
def book() -> Playbook:
    return kit.a_day()


@pytest.fixture(scope="module")
def records(book: Playbook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with kit.opened(kit.written(tmp_path_factory.mktemp("query"), book)) as records:
        yield records


def rows(records: Records, table: str, **asked: Any) -> list[tuple[Any, ...]]:
    return list(ask(records, Query(table, **asked)).rows)


def test_every_vorgang_is_there_once_in_order(records: Records, book: Playbook) -> None:
    finished = book.facts(f.SaleFinished)
    found = rows(records, "belege", columns=("bon_id", "bon_typ", "summe", "bediener_id", "ende"))
    assert found == [
        (x.number, x.bon_type, x.document.total, x.document.operator, x.at)
        for x in sorted(finished, key=lambda x: x.number)
    ]
    assert len(found) > 8


def test_sums_by_tax_key_are_those_of_the_closing(records: Records, book: Playbook) -> None:
    (closed,) = book.facts(f.TillClosed)
    by_key: dict[int, list[int]] = {}
    for key, sums in closed.totals["cases"].items():
        total = by_key.setdefault(int(key.split("|")[1]), [0, 0, 0])
        total[:] = [a + b for a, b in zip(total, sums, strict=True)]
    where = (Condition.parse("bon_typ = Beleg"), Condition.parse("z_nr = 1"))
    names = ("brutto", "netto", "ust")
    found = rows(records, "steuern", where=where, group=("ust_schluessel",), sums=names)
    assert {key: list(sums) for key, _, *sums in found} == by_key
    again = rows(records, "z_gv_typ", group=("ust_schluessel",), sums=names)
    assert {key: list(sums) for key, _, *sums in again} == by_key


def test_lines_tax_and_payments_of_a_receipt_agree(records: Records) -> None:
    beleg = (Condition.parse("bon_typ=Beleg"),)
    totals = dict(rows(records, "belege", columns=("bon_id", "summe"), where=beleg))
    for table, column in (("positionen", "betrag"), ("steuern", "brutto"), ("zahlungen", "betrag")):
        found = rows(records, table, where=beleg, group=("bon_id",), sums=(column,))
        sums = {number: total for number, _, total in found}
        assert {number: sums.get(number, 0) for number in totals} == totals, table


def test_the_open_period_has_no_closing_yet(records: Records) -> None:
    open_ = rows(records, "belege", columns=("bon_id",), where=(Condition.parse("z_nr ="),))
    closed = rows(records, "belege", columns=("bon_id",), where=(Condition.parse("z_nr=1"),))
    assert open_
    assert closed
    assert max(closed) < min(open_)


def test_a_counter_line_says_what_it_takes_back(records: Records) -> None:
    void = Condition.parse("storno_von > 0")
    training = Condition.parse("bon_typ = Beleg")
    columns = ("artikeltext", "menge", "betrag", "storno_von", "pos_zeile")
    found = rows(records, "positionen", where=(void, training), columns=columns)
    assert found == [("Brot", -1000, -350, 3, 4)]


def test_filters(records: Records) -> None:
    texts = {text for (text,) in rows(records, "positionen", columns=("artikeltext",), where=SALES[:1])}
    assert {"Brot", "Bauernbrot", "Kaffee; groß"} <= texts
    where = (Condition.parse("artikeltext ~ BROT"), Condition.parse("betrag >= 9,99"), *SALES[:1])
    assert rows(records, "positionen", columns=("artikeltext", "betrag"), where=where) == [
        ("Bauernbrot", 999)
    ]
    where = (Condition.parse("menge = 3"), *SALES[:1])
    assert rows(records, "positionen", columns=("betrag",), where=where) == [(840,)]
    assert rows(records, "belege", first=date(2026, 11, 22), columns=("bon_id",)) == []
    today = date(2026, 11, 21)
    assert len(rows(records, "belege", first=today, last=today)) == len(rows(records, "belege"))


def test_order_and_limit(records: Records) -> None:
    sums = rows(records, "belege", columns=("summe",), where=SALES, order=("-summe", "bon_id"))
    assert sums == sorted(sums, reverse=True)
    assert rows(records, "belege", columns=("summe",), where=SALES, order=("-summe",), limit=2) == sums[:2]
    grouped = rows(records, "belege", group=("bon_typ",), sums=("summe",), order=("-anzahl",))
    assert [row[1] for row in grouped] == sorted((row[1] for row in grouped), reverse=True)
    assert {row[0] for row in grouped} == {"Beleg", "AVTraining", "AVBelegabbruch"}


def test_a_sum_over_nothing_is_nought(records: Records) -> None:
    where = (Condition.parse("gv_typ = Lohnzahlung"),)
    assert rows(records, "positionen", sums=("betrag",), where=where) == [(0, 0)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"table": "bons"}, "Tabelle „bons“"),
        ({"table": "belege", "columns": ("preis",)}, "keine Spalte „preis“"),
        ({"table": "belege", "where": (Condition("preis", "=", "1"),)}, "keine Spalte „preis“"),
        ({"table": "belege", "where": (Condition("summe", "=", "viel"),)}, "erwartet wird eine Zahl"),
        ({"table": "belege", "where": (Condition("summe", "=", "0,001"),)}, "erwartet wird eine Zahl"),
        ({"table": "belege", "where": (Condition("summe", "=", "1e30"),)}, "erwartet wird eine Zahl"),
        ({"table": "belege", "where": (Condition("summe", "=", "NaN"),)}, "erwartet wird eine Zahl"),
        ({"table": "belege", "sums": ("ende",)}, "keine Zahlen"),
        ({"table": "belege", "sums": ("summe",), "columns": ("summe",)}, "--columns"),
        ({"table": "belege", "group": ("bon_typ",), "order": ("summe",)}, "sortiert"),
        ({"table": "belege", "order": ("summe; DROP TABLE facts",)}, "sortiert"),
    ],
)
def test_what_cannot_be_asked_is_said(records: Records, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        ask(records, Query(**asked))


@pytest.mark.parametrize("text", ["", "summe", "summe 5", "= 5"])
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(DataError, match="SPALTE OPERATOR WERT"):
        Condition.parse(text)


def test_values_are_typed_as_people_write_them() -> None:
    euro, quantity = Column("summe", "euro", ""), Column("menge", "quantity", "")
    assert [value_of(euro, text) for text in ("12", "12,5", "-0.01")] == [1200, 1250, -1]
    assert value_of(quantity, "0,125") == 125
    assert value_of(Column("grund", "text", ""), "12,5") == "12,5"
