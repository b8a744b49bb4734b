"""kassd docs outage-form: numbered slips."""

from argparse import Namespace
from pathlib import Path

import pytest

from kassd.cli.docs import execute
from kassd.errors import DataError


def form(out: Path, first: int, slips: int) -> str:
    arguments = Namespace(what="outage-form", out=out, first=first, slips=slips, config=None, format=None)
    assert execute(arguments) == 0
    return out.read_text("utf-8")


def test_each_slip_has_its_number_and_room_for_what_a_receipt_says(tmp_path: Path) -> None:
    page = form(tmp_path / "form.html", 41, 3)
    assert [f"Papierbeleg Nr. {n}<" in page for n in (40, 41, 42, 43, 44)] == [False, True, True, True, False]
    for word in ("Datum", "Uhrzeit", "Menge", "Preis brutto", "USt-Satz", "bezahlt mit"):
        assert page.count(word) == 3
    assert "paper.capture" in page


@pytest.mark.parametrize(("first", "slips"), [(0, 5), (1, 0), (1, 501)])
def test_nonsense_is_refused(tmp_path: Path, first: int, slips: int) -> None:
    with pytest.raises(DataError, match="--first"):
        form(tmp_path / "form.html", first, slips)
    assert not (tmp_path / "form.html").exists()
