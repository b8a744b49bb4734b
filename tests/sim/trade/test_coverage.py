"""A year over all shops has everything; what nothing may make is nowhere."""

import os
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from kassd import settings
from kassd.core.codec import CodecError, decode, encode
from kassd.core.commands import COMMANDS
from kassd.core.entry import BonType
from kassd.core.facts import LineVoided, SaleOpened, TillClosed
from kassd.journal import read_lines, verify_journal
from kassd.sim.trade import SHOPS, Coverage, generate, write_setup
from kassd.sim.trade.coverage import EVENTS, IMPOSSIBLE, Untrue, _hold
from kassd.tse.log import verify_tar

# Both changes of the clock, and the rates of § 24 UStG of 2024-12-06 and 2025-01-01.
FIRST, DAYS = date(2024, 7, 1), 365
DENSITY = 1.0 if os.environ.get("SOAK") else 0.01
SELDOM = {
    "rate_taken",
    "rate_closing",
    "clock_change",
    "outage_idle",
}  # asked for by themselves
LEAST = 10
# What comes of payments at the bar's terminal, and of codes at the truck.
CARDS = (
    *("card.asked", "card.approved", "card.slip_kept", "card.slip_printed", "card.ended", "card.unclear"),
    *("card.unknown", "card.judged", "card.stray_settled", "card.reversed", "card.reversed_used"),
    "card.undone",
    *("card.day_ended", "transfer.asked", "transfer.ended"),
)
NOT_BY_PEOPLE = {
    *("accounting.record", "export.audit", "export.record", "notification.record"),  # programs send these
    "printer.test",  # kassd printer test, by who looks after the register
    *("receipt.offer", "receipt.take", "sale.hand_over"),  # a phone fetches what a page of the register has
}


def year(folder: Path, shop: str) -> Coverage:
    config = settings.flatten(settings.load(write_setup(SHOPS[shop], folder)))
    made = generate(SHOPS[shop], folder, config, FIRST, DAYS, 7, DENSITY)
    journal, archive = verify_journal(made.journal), verify_tar(made.archives[0])
    assert journal.ok, journal.findings
    assert archive.ok, archive.findings
    return made.coverage


@pytest.mark.timeout(7200 if os.environ.get("SOAK") else 600)
def test_a_year_has_everything(tmp_path: Path) -> None:
    whole = Coverage()
    with ProcessPoolExecutor(2) as pool:
        for coverage in pool.map(year, [tmp_path / name for name in SHOPS], SHOPS):
            whole.add(coverage)
    print(whole.text())
    table = whole.table()
    for kind in ("GV_TYP", "BON_TYP", "ZAHLART_TYP", "event", "flow"):
        rare = {name: n for name, n in table[kind].items() if n < LEAST and name not in SELDOM}
        assert not rare, f"{kind} less than {LEAST} times: {rare}"
    assert table["event"]["clock_change"] == 2 * len(SHOPS)
    assert table["event"]["rate_taken"] == 2 * len(SHOPS)
    assert set(table["flow"]) >= {flow for shop in SHOPS.values() for flow in shop.flows}
    seldom = {name: n for name, n in table["command"].items() if n < LEAST}
    assert not seldom, f"commands given less than {LEAST} times: {seldom}"
    assert set(COMMANDS) - set(table["command"]) == NOT_BY_PEOPLE
    cards = {name: table["fact"].get(name, 0) for name in CARDS}
    assert min(cards.values()) >= LEAST, f"less than {LEAST} times: {cards}"
    assert table["fact"]["tse.late"] >= 2 * LEAST, "answers that came too late, and those looked up"
    assert not set(IMPOSSIBLE) & {name for names in table.values() for name in names}


def test_rates_that_change_while_the_till_is_open_close_it_by_themselves(tmp_path: Path) -> None:
    shop = SHOPS["kiosk"]
    config = settings.flatten(settings.load(write_setup(shop, tmp_path)))
    made = generate(shop, tmp_path, config, date(2024, 12, 5), 2, 7, 1.0)
    assert made.coverage.counts["event", "rate_closing"] == 1
    closings = [
        fact["data"]
        for line in read_lines(made.journal)
        for fact in line.facts
        if fact["kind"] == TillClosed.kind
    ]
    assert [closing["at"][:10] for closing in closings] == ["2024-12-06", "2024-12-06", "2024-12-07"]


def test_what_may_not_be_made_cannot_be_made() -> None:
    assert set(get_args(BonType)) & set(IMPOSSIBLE) == set()
    fields = encode(SaleOpened("1-1", "sale", "main", "Anna", "2026-01-05T07:00:00+01:00"))
    assert decode(SaleOpened, {**fields, "bon_type": "Beleg"}).bon_type == "Beleg"
    with pytest.raises(CodecError):
        decode(SaleOpened, {**fields, "bon_type": "AVBelegstorno"})
    voided = encode(LineVoided("1-1", 2, 1, "2026-01-05T07:00:00+01:00", "Anna"))
    assert decode(LineVoided, voided).voids == 1, "a void is a line of its own (P_STORNO stays 0)"
    with pytest.raises(CodecError):
        decode(LineVoided, {**voided, "p_storno": True})


def test_what_is_untrue_stops_the_generation() -> None:
    with pytest.raises(Untrue, match="Σ"):
        _hold(1 == 2, "Σ")


def test_the_table_names_what_did_not_occur() -> None:
    coverage = Coverage()
    coverage.counts["flow", "customer"] = 3
    table = coverage.table()
    assert table["GV_TYP"]["Lohnzahlung"] == 0
    assert set(table["event"]) == set(EVENTS)
    assert "customer" in coverage.text()
    coverage.add(coverage)
    assert coverage.table()["flow"] == {"customer": 6}
