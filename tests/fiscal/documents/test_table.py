"""Columns of the right width, words whole: measured in characters, as if each were 1 mm wide."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.fiscal.documents.html import parse
from kassd.fiscal.documents.table import Cell, fill, inside, rows_of, widths

ROOM = 170.0


def measure(text: str, face: str) -> float:
    return len(text) * {"text": 1.6, "bold": 1.8, "mono": 1.5}[face]


def head(*names: str) -> list[Cell]:
    return [(name, "bold") for name in names]


def change(key: str, old: str, new: str) -> list[Cell]:
    at = ("22.11.2026 15:24:15 +0100", "text")
    by = [("Betreiber", "text"), ("Konfigurationsdatei", "text")]
    return [("3", "text"), at, (key, "mono"), (old, "mono"), (new, "mono"), *by]


HISTORY = [
    head("Fassung", "wann", "was", "alt", "neu", "wer", "wie"),
    *(change(f"system.kasse-2.{name}", "–", "2026-11-02") for name in ("acquired", "commissioned", "model")),
    change("notification.tse_certification", "–", "BSI-K-TR-0362-2019"),
    change("place.name", "Café Öhler Hauptgeschäft", "Filiale Neustadt"),
    change("system.kasse-2.tse_serial", "–", "0738fe6ad86e5c40" * 4),
    change("operator.amt.pin", "–", "fa6651a3362c86b4" * 4),
]


def lines(rows: list[list[Cell]]) -> list[list[list[str]]]:
    found = widths(measure, rows, ROOM)
    return [
        [fill(measure, *cell, inside(width)) for cell, width in zip(row, found, strict=True)] for row in rows
    ]


def test_a_change_takes_two_lines_and_no_word_is_torn() -> None:
    assert abs(sum(widths(measure, HISTORY, ROOM)) - ROOM) < 1e-6
    drawn = lines(HISTORY)
    for row, cells in zip(HISTORY, drawn, strict=True):
        for (text, face), parts in zip(row, cells, strict=True):
            if face != "mono":
                assert " ".join(parts) == text
    for cells in drawn[:4]:
        assert max(map(len, cells)) <= 2


def test_a_key_goes_on_behind_one_of_its_parts_and_a_hash_where_the_line_is_full() -> None:
    key = "notification.tse_certification"
    assert fill(measure, key, "mono", 30) == ["notification.tse_", "certification"]
    assert fill(measure, "/var/lib/kassd", "mono", 16) == ["/var/lib/", "kassd"]
    assert fill(measure, "ab12" * 6, "mono", 15) == ["ab12ab12ab", "12ab12ab12", "ab12"]
    assert fill(measure, "zwei Wörter", "text", 12) == ["zwei", "Wörter"]
    assert fill(measure, "", "text", 10) == [""]


def test_little_is_given_whole_before_much_is_given_more() -> None:
    rows = [head("Nr.", "Vergabe"), [("1", "text"), ("viele Worte " * 30, "text")]]
    narrow, wide = widths(measure, rows, ROOM)
    assert narrow < 20
    assert wide > 150


def test_room_to_write_by_hand_is_wide() -> None:
    rows = [head("Aufgabe", "wer"), [("Prüfung", "text"), ("", "text")]]
    assert widths(measure, rows, ROOM)[1] > ROOM / 2


def test_the_first_row_is_bold_and_what_a_machine_reads_is_mono() -> None:
    rows, end = rows_of(tokens := parse("| a | b |\n|---|---|\n| `x y` | z `w` |\n\nEnde\n"), 0)
    assert rows == [[("a", "bold"), ("b", "bold")], [("x y", "mono"), ("z w", "text")]]
    assert tokens[end].type == "paragraph_open"


WORDS = st.text("ab1ö._/- ", max_size=60)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    st.integers(1, 7).flatmap(
        lambda n: st.lists(st.lists(WORDS, min_size=n, max_size=n), min_size=1, max_size=6)
    )
)
def test_nothing_is_lost_and_nothing_is_wider_than_its_column(texts: list[list[str]]) -> None:
    rows = [
        head(*texts[0]),
        *([(text, "mono" if "1" in text else "text") for text in row] for row in texts[1:]),
    ]
    found = widths(measure, rows, ROOM)
    assert abs(sum(found) - ROOM) < 1e-6
    for row in rows:
        for (text, face), width in zip(row, found, strict=True):
            parts = fill(measure, text, face, inside(width))
            assert "".join("".join(parts).split()) == "".join(text.split())
            assert all(measure(part, face) <= inside(width) or len(part) == 1 for part in parts)
