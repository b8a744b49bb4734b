"""What is put in stays until its date, until nobody holds it, and until two people take it out."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kassd.errors import DataError
from kassd.fiscal.archive import Keeper, kept_in
from kassd.fiscal.archive.kept import MANIFEST, events, must_stay_until

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LAST, FREE = date(2036, 12, 31), date(2037, 1, 1)


def keeper(folder: Path, year: int = 2026) -> Keeper:
    return Keeper(folder / "archive", NOW.replace(year=year))


def document(folder: Path, text: str, name: str = "verfahren.pdf") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_folder_is_kept_with_every_file_and_its_hash(tmp_path: Path) -> None:
    source = tmp_path / "export"
    (source / "deep").mkdir(parents=True)
    (source / "index.xml").write_text("x", "utf-8")
    (source / "deep" / "a.csv").write_text("y", "utf-8")
    thing = keeper(tmp_path).add(source, "export", 2025, "Anna")
    assert thing.name == "export/2026-03-04-export"
    assert sorted(thing.files) == [f"{thing.name}/deep/a.csv", f"{thing.name}/index.xml"]
    assert (tmp_path / "archive" / thing.name / "deep" / "a.csv").read_text("utf-8") == "y"
    assert kept_in(tmp_path / "archive")[0] == {thing.name: thing}


def test_the_same_content_is_there_once_and_other_content_beside_it(tmp_path: Path) -> None:
    first = keeper(tmp_path).add(document(tmp_path, "eins"), "document", 2026, "Anna")
    again = keeper(tmp_path).add(document(tmp_path, "eins"), "document", 2026, "Anna")
    other = keeper(tmp_path).add(document(tmp_path, "zwei"), "document", 2026, "Anna")
    assert again.name == first.name == "document/2026-03-04-verfahren.pdf"
    assert other.name == "document/2026-03-04-verfahren.pdf-2"
    assert (tmp_path / "archive" / first.name).read_text("utf-8") == "eins"


def test_nothing_goes_before_its_date(tmp_path: Path) -> None:
    thing = keeper(tmp_path).add(document(tmp_path, "x", "z.csv"), "export", 2026, "Anna")
    assert keeper(tmp_path).due(LAST) == []
    with pytest.raises(DataError, match=r"aufzubewahren bis 31\.12\.2036"):
        keeper(tmp_path).remove(thing.name, LAST, "Anna", "Ben")
    assert [t.name for t in keeper(tmp_path).due(FREE)] == [thing.name]
    keeper(tmp_path).remove(thing.name, FREE, "Anna", "Ben")
    assert not (tmp_path / "archive" / "export").exists()
    (gone,) = kept_in(tmp_path / "archive")[0].values()
    assert gone.removed.endswith("Anna, Ben")
    assert keeper(tmp_path).due(FREE) == []


@pytest.mark.parametrize(("by", "and_by"), [("Anna", ""), ("Anna", " anna "), ("", "Ben")])
def test_removing_takes_two_people(tmp_path: Path, by: str, and_by: str) -> None:
    thing = keeper(tmp_path).add(document(tmp_path, "x", "z.csv"), "export", 2026, "Anna")
    with pytest.raises(DataError, match="zwei verschiedene Personen"):
        keeper(tmp_path).remove(thing.name, FREE, by, and_by)
    assert (tmp_path / "archive" / thing.name).exists()


@pytest.mark.parametrize("everything", [True, False])
def test_a_hold_outlasts_the_date(tmp_path: Path, everything: bool) -> None:
    thing = keeper(tmp_path).add(document(tmp_path, "x", "z.csv"), "export", 2026, "Anna")
    name = "" if everything else thing.name
    keeper(tmp_path).hold(name, "Betriebsprüfung 2026", "Anna")
    assert keeper(tmp_path).due(FREE) == []
    with pytest.raises(DataError, match=r"Löschsperre \(Betriebsprüfung 2026"):
        keeper(tmp_path).remove(thing.name, FREE, "Anna", "Ben")
    keeper(tmp_path).release(name, "Anna")
    assert [t.name for t in keeper(tmp_path).due(FREE)] == [thing.name]


def test_only_a_hold_that_is_there_is_released_and_what_stays_held_is_named(tmp_path: Path) -> None:
    one, two = (
        keeper(tmp_path).add(document(tmp_path, text, f"{text}.csv"), "export", 2026, "Anna").name
        for text in ("eins", "zwei")
    )
    with pytest.raises(DataError, match=r"Alles im Archiv: keine Löschsperre .* Gesperrt ist: nichts\."):
        keeper(tmp_path).release("", "Anna")
    keeper(tmp_path).hold(one, "Betriebsprüfung 2026", "Anna")
    with pytest.raises(DataError, match=f"Gesperrt ist: {one}"):
        keeper(tmp_path).release("", "Anna")
    with pytest.raises(DataError, match="keine Löschsperre"):
        keeper(tmp_path).release(two, "Anna")
    assert [t.name for t in keeper(tmp_path).due(FREE)] == [two]
    keeper(tmp_path).hold("", "Klage", "Anna")
    assert keeper(tmp_path).release("", "Anna") == (one,)
    keeper(tmp_path).hold("", "Klage", "Anna")
    assert keeper(tmp_path).release(one, "Anna") == ("",)
    assert keeper(tmp_path).release("", "Anna") == ()
    assert [t.name for t in keeper(tmp_path).due(FREE)] == [one, two]
    assert [event["what"] for event in events(tmp_path / "archive")].count("released") == 3


def test_a_document_is_kept_ten_years_after_it_was_replaced(tmp_path: Path) -> None:
    old = keeper(tmp_path, 2026).add(document(tmp_path, "eins"), "document", 2026, "Anna")
    keeper(tmp_path, 2030).add(document(tmp_path, "zwei"), "document", 2030, "Anna")
    things, _ = kept_in(tmp_path / "archive")
    newest = things["document/2030-03-04-verfahren.pdf"]
    assert must_stay_until(things[old.name], things.values()) == date(2040, 12, 31)
    assert must_stay_until(newest, things.values()) is None
    far = date(2099, 1, 1)
    assert [t.name for t in keeper(tmp_path).due(far)] == [old.name]
    with pytest.raises(DataError, match="neueste Fassung"):
        keeper(tmp_path).remove(newest.name, far, "Anna", "Ben")


def test_every_changed_byte_of_the_ledger_is_noticed(tmp_path: Path) -> None:
    for text in ("eins", "zwei"):
        keeper(tmp_path).add(document(tmp_path, text), "document", 2026, "Anna")
    path = tmp_path / "archive" / MANIFEST
    whole = path.read_bytes()
    assert len(list(events(path.parent))) == 2
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(DataError, match="manifest"):
            list(events(path.parent))


def test_a_power_cut_leaves_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each renaming fails in turn, until an addition and a removal go through."""
    replace = os.replace
    steps = 0

    def cut(source: Path, target: Path) -> None:
        nonlocal steps
        steps -= 1
        if steps < 0:
            raise KeyboardInterrupt
        replace(source, target)

    source = document(tmp_path, "x", "z.csv")
    monkeypatch.setattr(os, "replace", cut)
    for number in range(3):
        steps = number
        try:
            keeper(tmp_path).add(source, "export", 2026, "Anna")
        except KeyboardInterrupt:
            assert number < 2
            assert kept_in(tmp_path / "archive")[0] == {}
    steps = 99
    assert len(kept_in(tmp_path / "archive")[0]) == 1
    keeper(tmp_path).sweep()
    left = [p for p in (tmp_path / "archive").rglob("*") if p.suffix == ".part"]
    assert left == []
