"""Registers of other makers: what they may do is no finding; and the verdict does not depend on processes."""

from pathlib import Path

import pytest

from kassd.errors import DataError
from kassd.fiscal.audit import audit
from kassd.fiscal.audit import run as running
from tests.fiscal.audit.foreign import Shop, Style, line, two_days
from tests.fiscal.audit.mutators import cells, lines, write

STYLES = {
    "plain": Style(),
    "free": Style(
        time_format="utcTime",
        version=3,
        spki=True,
        der=True,
        slot_five=False,
        storno="1",
        currency="EUR",
        quoted=True,
    ),
    "milliseconds": Style(time_format="generalizedTimeWithMilliseconds", process_data=True, slot_five=False),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("with_tar", [False, True])
def test_an_export_in_order_gives_no_finding(style: str, with_tar: bool, tmp_path: Path) -> None:
    two_days(STYLES[style]).write(tmp_path / "export")
    done = audit(tmp_path / "export", sorted(tmp_path.glob("*.tar")) if with_tar else ())
    assert done.verdict.findings == ()
    assert done.verdict.render()["kind"] == "dsfinvk"
    assert done.summary.receipts == done.verdict.checked == 20
    assert done.summary.signatures == 19
    assert done.summary.outage_count == 1
    assert [count for _, count in done.summary.archives] == ([30, 8] if with_tar else [])


def test_signatures_can_be_left_out(tmp_path: Path) -> None:
    two_days().write(tmp_path / "export")
    file = tmp_path / "export" / "transactions_tse.csv"
    rows = lines(file)
    place = rows[0].split(";").index("TSE_TA_SIG")
    row = cells(rows[3])
    row[place] = row[place].swapcase()
    write(file, [*rows[:3], ";".join(row), *rows[4:]])
    assert {each.id for each in audit(tmp_path / "export").verdict.findings} == {"E6"}
    done = audit(tmp_path / "export", signatures=False)
    assert done.verdict.findings == ()
    assert done.summary.signatures is None


def test_several_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_days().write(tmp_path / "export")
    file = tmp_path / "export" / "lines.csv"
    write(file, [row.replace("3,50", "3,60") for row in lines(file)])
    tars = sorted(tmp_path.glob("*.tar"))
    alone = audit(tmp_path / "export", tars)
    assert {each.id for each in alone.verdict.findings} == {"C5"}
    monkeypatch.setattr(running, "ALONE", 0)
    seen: list[tuple[int, int]] = []
    several = audit(tmp_path / "export", tars, workers=2, progress=lambda *now: seen.append(now))
    assert several == alone
    assert seen == [(1, 2), (2, 2)]


def test_rows_in_any_order_are_read(tmp_path: Path) -> None:
    """A register that writes its closings mixed is told so, and nothing else is said of it."""
    two_days().write(tmp_path / "export")
    for file in (tmp_path / "export").glob("*.csv"):
        head, *rows = lines(file)
        write(file, [head, *rows[::-1]])
    assert {each.id for each in audit(tmp_path / "export").verdict.findings} == {"B16"}


def test_a_third_of_a_piece_is_told_to_a_thousandth(tmp_path: Path) -> None:
    """24,90 in three equal parts are 8,30 each, of which one is 0,334 pieces: 8,3166."""
    shop = Shop()
    shop.book("Beleg", [line("Rumpsteak", 830, 2)], [("Bar", 830)])
    shop.close()
    shop.write(tmp_path / "export")
    file = tmp_path / "export" / "lines.csv"
    for price, expected in (("24,90000", set()), ("25,90000", {"C5"})):
        rows = lines(file)
        rows[2] = ";".join([*cells(rows[2])[:17], "0,334", "", "", price])
        write(file, rows)
        assert {each.id for each in audit(tmp_path / "export").verdict.findings} == expected


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"index\.xml"):
        audit(tmp_path)
    with pytest.raises(DataError, match="kein Ordner"):
        audit(tmp_path / "nothing")
    two_days().write(tmp_path / "export")
    with pytest.raises(DataError, match="TAR-Datei"):
        audit(tmp_path / "export", [tmp_path / "missing.tar"])
    for tar, told in ((tmp_path, "ist ein Ordner"), (Path("/dev/null"), "ist keine gewöhnliche Datei")):
        with pytest.raises(DataError, match=f"{told}. Erwartet wird eine TAR-Datei der TSE."):
            audit(tmp_path / "export", [tar])
