import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.receipt.page import Cut, Line, Page, Qr, Rule, to_text


def texts(page: Page) -> list[str]:
    return [item.text for item in page.items if isinstance(item, Line)]


def test_a_pair_stands_in_one_line_where_it_fits() -> None:
    page = Page(32)
    page.pair("Summe", "24,88 €")
    assert texts(page) == ["Summe                    24,88 €"]


def test_a_long_label_wraps_beside_its_value() -> None:
    page = Page(24)
    page.pair("Steuerbefreiung für Kleinunternehmer", "24,88")
    assert texts(page) == ["Steuerbefreiung    24,88", "  für", "  Kleinunternehmer"]


def test_a_long_reason_stands_below_its_label() -> None:
    page = Page(24)
    page.pair("Grund", "Wechselgeld für den Wochenmarkt")
    assert texts(page) == ["Grund", "  Wechselgeld für den", "  Wochenmarkt"]


def test_what_belongs_to_a_line_is_indented_in_all_its_lines() -> None:
    page = Page(24)
    page.line("statt 9,50 €: Happy Hour am Freitag", indent=2)
    assert texts(page) == ["  statt 9,50 €: Happy", "  Hour am Freitag"]


def test_a_long_value_stands_below_its_label() -> None:
    page = Page(24)
    page.pair("Seriennummer Kasse", "KASSE-000000000000000000007")
    assert texts(page) == ["Seriennummer Kasse", "KASSE-000000000000000000", "                     007"]


def test_a_banner_is_as_big_as_the_paper_allows() -> None:
    page = Page(42)
    page.banner("TEST - kein Beleg")
    page.banner("Donaudampfschifffahrtsgesellschaft")
    assert page.items == [
        Line("TEST - kein Beleg", "center", bold=True, wide=True, tall=True),
        Line("Donaudampfschifffahrtsgesellschaft", "center", bold=True, wide=False, tall=True),
    ]


def test_a_verbatim_value_keeps_every_character() -> None:
    page = Page(24)
    page.verbatim("Prüfwert", "A+/b" * 10 + "==")
    label, *rest = texts(page)
    assert label == "Prüfwert:"
    assert "".join(rest) == "A+/b" * 10 + "=="


def test_too_narrow_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 24"):
        Page(20)


@given(st.text(max_size=90), st.text(max_size=40), st.integers(24, 64), st.integers(0, 4), st.booleans())
def test_nothing_is_lost_and_no_line_is_too_long(
    left: str, right: str, columns: int, indent: int, big: bool
) -> None:
    page = Page(columns)
    page.pair(left, right, indent=indent)
    page.line(left)
    if big:
        page.banner(left)
    for item in page.items:
        assert isinstance(item, Line)
        assert len(item.text) * (2 if item.wide else 1) <= columns
    from kassd.receipt.text import clean

    printed = "".join(texts(page)).replace(" ", "")
    assert (
        clean(left).replace(" ", "") in printed or not clean(left) or clean(right).replace(" ", "") in printed
    )
    for char in clean(left + right).replace(" ", ""):
        assert char in printed


def test_plain_text_of_every_item() -> None:
    items = (
        Line("a", "center"),
        Line("b", "right"),
        Line("c"),
        Rule(),
        Rule(heavy=True),
        Qr("V0;x"),
        Cut(),
    )
    assert to_text(items, 5) == "  a\n    b\nc\n-----\n=====\n[QR] V0;x\n"
