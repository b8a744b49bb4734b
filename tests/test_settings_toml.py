"""A configuration file that cannot be read says where and what to do, in German."""

from pathlib import Path

import pytest

from kassd import settings
from kassd.errors import ConfigError

EXAMPLE = settings.EXAMPLE
LAST = EXAMPLE.count("\n") + 1
RIGHTS = EXAMPLE[: EXAMPLE.index("rights = ")].count("\n") + 1


def refused(file: Path, content: bytes) -> str:
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        settings.load(file, {})
    return str(caught.value)


STREET = 'street = "Marktplatz 1"'


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (STREET, "street = Marktplatz 1", 7, "nach dem = steht kein Wert. Texte stehen in"),
        (STREET, 'street = "Marktplatz 1', 7, "das schließende Anführungszeichen fehlt"),
        (STREET, "street", 7, "nach dem Schlüssel fehlt das ="),
        (STREET, 'street = "Marktplatz" 1', 7, "hinter dem Wert steht noch etwas"),
        ("[business]", "[business", 5, "die schließende Klammer ] fehlt"),
        ("[business]", "? Laden", 5, "das ist weder [abschnitt] noch schlüssel = wert"),
        ('country = "DEU"', 'city = "Köln"', 10, "der Schlüssel oder Abschnitt steht zum zweiten Mal da"),
        ('country = "DEU"', 'country = "C:\\Kasse"', 10, r"ein \ im Text wird als \\ geschrieben"),
        ('rights = ["sell"', 'rights = ["sell" x', RIGHTS, "eine Liste ist nicht mit ] geschlossen"),
    ],
)
def test_what_is_no_toml(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in EXAMPLE
    told = refused(tmp_path / "k.toml", EXAMPLE.replace(old, new, 1).encode())
    assert f"k.toml, Zeile {line}: nicht lesbar: {words}" in told


def test_two_registers_in_one_file(tmp_path: Path) -> None:
    told = refused(tmp_path / "k.toml", f"{EXAMPLE}\n{EXAMPLE}".encode())
    assert f"Zeile {LAST + 1}: nicht lesbar: [register] steht zum zweiten Mal da" in told
    assert "eine eigene Datei (--config)" in told


@pytest.mark.parametrize(("coded", "name"), [("cp1252", "WINDOWS-1252"), ("utf-16", "UTF-16")])
def test_another_encoding(tmp_path: Path, coded: str, name: str) -> None:
    text = EXAMPLE.replace("Dresden", "Köln")
    told = refused(tmp_path / "k.toml", text.encode(coded))
    line = 1 if coded == "utf-16" else EXAMPLE[: EXAMPLE.index("Dresden")].count("\n") + 1
    assert f"k.toml, Zeile {line}: die Datei ist nicht lesbar, weil sie nicht als UTF-8" in told
    assert f"iconv -f {name} -t UTF-8" in told


def test_what_windows_writes_before_the_text_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "k.toml"
    file.write_bytes(EXAMPLE.replace("\n", "\r\n").encode("utf-8-sig"))
    assert settings.load(file, {}).register.id == "KASSE-0007"
    assert settings.where(file, ("register", "mode")) == f"{file}, Zeile 3"


def test_a_folder_and_a_file_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"ist ein Ordner. Erwartet wird die Datei selbst"):
        settings.load(tmp_path, {})

    def forbidden(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", forbidden)  # the tests may run as root
    with pytest.raises(ConfigError, match=r"darf dieser Benutzer nicht lesen. Mit sudo"):
        settings.load(tmp_path / "k.toml", {})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("columns = 42", "confirm_timeout_s = inf", "[[printer]] confirm_timeout_s muss eine Zahl sein"),
        ("columns = 42", "stall_timeout_s = inf", "[[printer]] stall_timeout_s muss eine Zahl sein"),
        ("columns = 42", "connect_timeout_s = inf", "[[printer]] connect_timeout_s muss eine Zahl sein"),
    ],
)
def test_a_time_without_end(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert EXAMPLE.count(old) == 1
    text = EXAMPLE.replace(old, new)
    line = text.splitlines().index(new) + 1
    assert f"k.toml, Zeile {line}: {words}" in refused(tmp_path / "k.toml", text.encode())
