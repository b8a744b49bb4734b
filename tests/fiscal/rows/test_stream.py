"""Where a period begins: behind its closing, also in the closing's own line (new tax rates, FISCAL 5)."""

from datetime import datetime
from pathlib import Path

import pytest

from kassd.fiscal.rows import Period
from tests.core.playbook import CET, Playbook, add, cash
from tests.fiscal.kit import close, exported, read, segmented


def new_year(*, outage: bool = False) -> Playbook:
    """A till that is open over the end of the 16 % of 2020; ``outage``: without its TSE by then."""
    book = Playbook(at=datetime(2020, 12, 31, 23, 50, tzinfo=CET)).ready(1000)
    book >> add("Bier", 116, 1) >> cash()
    book.done()
    if outage:
        book.outage()
    book.wait(1200) >> add("Sekt", 119, 1)
    assert {"till.closed", "till.opened", "sale.line_added"} <= {fact.kind for fact in book.last.facts}
    assert ("sale.finished" in {fact.kind for fact in book.last.facts}) == outage  # the opening's own receipt
    book.done() >> cash()
    book.done() >> add("Wein", 238, 1) >> cash()
    return close(book.done())


@pytest.mark.parametrize("outage", [False, True], ids=["signed", "outage"])
def test_a_period_that_new_rates_began_is_the_same_by_number_and_as_part_of_all(
    outage: bool, tmp_path: Path
) -> None:
    journal = segmented(new_year(outage=outage), tmp_path)
    exported(journal, tmp_path / "whole")
    second = exported(journal, tmp_path / "second", Period(first_number=2, last_number=2))
    assert [key[2] for key in second.closings] == [2]
    whole, rows = read(tmp_path / "whole"), read(tmp_path / "second")
    for stem, found in rows.items():
        assert found == [row for row in whole[stem] if row["Z_NR"] == "2"], stem
    names = [row["GV_TYP"] for row in rows["lines"]]
    assert names == ["Anfangsbestand", "Umsatz", "Umsatz"]
    assert all(bool(row["TSE_TA_FEHLER"]) == outage for row in rows["transactions_tse"])
    assert {row["UST_SATZ"] for row in rows["vat"] if row["UST_SCHLUESSEL"] == "1"} == {"19,00"}
