"""kassd.settings_places: folders that must not be one, however they are written."""

from pathlib import Path

import pytest

from kassd import settings
from kassd.errors import ConfigError


def load(root: Path, journal: str, mirror: str, tse: str) -> settings.Settings:
    text = settings.EXAMPLE.replace("/var/lib/kassd/journal", f"{root}/{journal}")
    text = text.replace("/var/lib/kassd/tse", f"{root}/{tse}")
    if mirror:
        text = text.replace("align = 4096", f'mirror = "{root}/{mirror}"')
    file = root / "kassd.toml"
    file.write_text(text, encoding="utf-8")
    return settings.load(file, {})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """``link`` leads to the journal, ``loop`` to itself."""
    (tmp_path / "journal").mkdir()
    (tmp_path / "link").symlink_to("journal")
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


OWN = {"in [journal] dir, dem Journal selbst", "im Archiv", "in [journal] mirror"}


@pytest.mark.parametrize(
    ("journal", "mirror", "tse", "words"),
    [
        ("journal", "", "journal", "[tse] path"),
        ("journal", "", "journal/", "[tse] path"),
        ("journal", "", "x/../journal", "[tse] path"),
        ("journal", "", "link", "[tse] path"),
        ("link", "", "journal", "[tse] path"),
        ("journal", "", "journal/tse", "[tse] path"),
        ("journal", "", "tse-archive", "[tse] path"),
        ("journal", "copy", "./copy//", "[tse] path"),
        ("journal", "journal", "tse", "[journal] mirror"),
        ("journal", "tse/../journal/mirror/", "tse", "[journal] mirror"),
        ("journal", "link/mirror", "tse", "[journal] mirror"),
        ("journal", "archive", "tse", "[journal] mirror"),
        ("tse-archive", "", "tse", "[journal] dir"),
        ("x/../archive", "", "tse", "[journal] dir"),
    ],
)
def test_one_folder_for_two_things_is_refused(
    root: Path, journal: str, mirror: str, tse: str, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(root, journal, mirror, tse)
    section, key = words.split()
    line = {"dir": "Zeile 15", "mirror": "Zeile 16", "path": "Zeile 23"}[key]
    assert f"{line}: {section} {key} = " in str(caught.value)
    assert sum(f" liegt {own}" in str(caught.value) for own in OWN) == 1
    assert f"z. B. {key} = " in str(caught.value)


@pytest.mark.parametrize(
    ("journal", "mirror", "tse"),
    [
        ("journal", "journal-2", "journal-tse"),
        ("journal", "../elsewhere/journal", "tse"),
        ("link", "", "tse"),
        ("journal", "loop/journal", "tse"),
        ("journal", "", "tse-archive-2"),
    ],
)
def test_neighbours_are_taken(root: Path, journal: str, mirror: str, tse: str) -> None:
    loaded = load(root, journal, mirror, tse)
    assert loaded.journal.dir == root / journal
    assert loaded.journal.mirror == (root / mirror if mirror else None)
