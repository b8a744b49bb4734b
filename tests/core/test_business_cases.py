"""``docs/business-cases.md``: every value of the three lists of DSFinV-K, from the page's own commands."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.core import facts as f
from kassd.core.commands import COMMANDS
from kassd.core.entry import Line, Payment
from kassd.core.totals import payment_rows
from tests.core.cases_page import Row, outcome, play, rows, setting, slips
from tests.core.playbook import Playbook, command
from tests.core.test_property import GARBAGE, NAMES, Chaos

# DSFinV-K 2.4, Anhang B, C and D.
LISTS = {
    "GV_TYP": """Umsatz Pfand PfandRueckzahlung Rabatt Aufschlag ZuschussEcht ZuschussUnecht TrinkgeldAG
    TrinkgeldAN EinzweckgutscheinKauf EinzweckgutscheinEinloesung MehrzweckgutscheinKauf
    MehrzweckgutscheinEinloesung Forderungsentstehung Forderungsaufloesung Anzahlungseinstellung
    Anzahlungsaufloesung Anfangsbestand Privatentnahme Privateinlage Geldtransit Lohnzahlung Einzahlung
    Auszahlung DifferenzSollIst""",
    "BON_TYP": """Beleg AVRechnung AVTransfer AVBestellung AVTraining AVBelegstorno AVBelegabbruch AVSachbezug
    AVSonstige""",
    "ZAHLART_TYP": "Bar Unbar ECKarte Kreditkarte ElZahlungsdienstleister Guthabenkarte Keine",
}
IMPOSSIBLE = "AVBelegstorno"
ROWS = rows()


@pytest.mark.parametrize("kind", LISTS)
def test_the_page_has_the_whole_list_and_nothing_else(kind: str) -> None:
    values = LISTS[kind].split()
    assert len(values) == {"GV_TYP": 25, "BON_TYP": 9, "ZAHLART_TYP": 7}[kind]
    made = [value for value in values if value != IMPOSSIBLE]
    assert list(dict.fromkeys(row.value for row in ROWS if row.kind == kind)) == made
    assert all(row.rule and row.commands and row.report for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.value)
def test_a_row_keeps_its_promise(row: Row, tmp_path: Path) -> None:
    book = play(setting(tmp_path), row)
    assert row.value in outcome(book, row.kind)
    printed, reports = slips(book)
    for text in row.receipt:
        assert any(text in slip for slip in printed), (text, printed)
    for text in row.report:
        assert text in reports[-1], (text, reports[-1])


@pytest.mark.parametrize("row", [r for r in ROWS if r.kind != "BON_TYP"], ids=lambda row: row.value)
def test_nothing_but_the_row_s_commands_makes_it(row: Row, tmp_path: Path) -> None:
    """The opening alone gives an Anfangsbestand of 0.00 and no payment."""
    nothing = Row(row.kind, row.value, (("till.open", {"counted": 0}),), (), (), "")
    found = outcome(play(setting(tmp_path), nothing), row.kind)
    assert found == ({"Anfangsbestand"} if row.kind == "GV_TYP" else set())


def test_a_receipt_of_nothing_is_paid_with_nothing() -> None:
    cash = Payment("Bar", "Bar", 350)
    francs = Payment("Bar", "Bar", 950, currency="CHF", foreign=1000)
    assert payment_rows("Beleg", []) == (("Keine", 0, "EUR"),)
    assert payment_rows("Beleg", [cash, francs]) == (("Bar", 350, "EUR"), ("Bar", 1000, "CHF"))
    assert payment_rows("AVBestellung", []) == (("Keine", 0, "EUR"),)
    assert payment_rows("AVTraining", [cash]) == payment_rows("AVBelegabbruch", [cash]) == ()


def takes_nothing_out(book: Playbook) -> None:
    """No fact makes an AVBelegstorno or a line with P_STORNO: what is voided has its counter-line."""
    lines: dict[str, list[f.Fact]] = {}
    for line in book.lines:
        for data in line["facts"]:
            assert data["data"].get("bon_type") != IMPOSSIBLE
            assert "p_storno" not in json.dumps(data["data"]).lower()
            assert not str(data["data"].get("process_data", "")).startswith(IMPOSSIBLE)
    for fact in (*book.facts(f.LineAdded), *book.facts(f.LineVoided)):
        lines.setdefault(fact.sale, []).append(fact)
    for entered in lines.values():
        assert [fact.n for fact in entered] == list(range(1, len(entered) + 1)) or _recalled(entered)


def _recalled(entered: list[f.Fact]) -> bool:
    """Facts of two kinds were gathered one after the other: in order of their numbers none is missing."""
    return sorted(fact.n for fact in entered) == list(range(1, len(entered) + 1))  # type: ignore[attr-defined] # both have it


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.data())
def test_no_sequence_of_commands_takes_a_receipt_out(seed: int, data: st.DataObject) -> None:
    chaos = Chaos(seed)
    values: list[Any] = [*GARBAGE, IMPOSSIBLE, {"bon_type": IMPOSSIBLE}, "P_STORNO", "1", "R1", 1]
    names = [*NAMES, "bon_type", "p_storno", "receipt", "number", "slip", "kind", "lines", "employee"]
    for _ in range(30):
        chaos.step()
        args = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(values), max_size=5))
        chaos.book >> command(data.draw(st.sampled_from([*COMMANDS, IMPOSSIBLE])), "x", None, "local", **args)
    chaos.book.done()
    takes_nothing_out(chaos.book)


def test_neither_lines_nor_kinds_have_a_place_for_it() -> None:
    from kassd.core.entry import BonType

    assert {*BonType.__args__} == {*LISTS["BON_TYP"].split()} - {IMPOSSIBLE}  # type: ignore[attr-defined] # a Literal
    assert not [name for name in Line.__slots__ if "storno" in name]
