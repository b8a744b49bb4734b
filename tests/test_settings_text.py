"""What is wrong with a value is said in German, for every key there is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from kassd import settings
from kassd.errors import ConfigError
from kassd.settings import Settings
from kassd.settings_text import PATTERNS, explain

WRONG: tuple[Any, ...] = ([], {}, "???", -1.5, -(10**12), 10**12, True, "x" * 200, None, [5], {"a": []})
ENGLISH = re.compile(r"\b(Input|should|valid|error|Extra|Field|must|expected)\b")


def models(model: type[BaseModel] = Settings) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for hint in (field.annotation, *get_args(field.annotation)):
            if isinstance(hint, type) and get_origin(hint) is None and issubclass(hint, BaseModel):
                yield from models(hint)


@pytest.mark.parametrize("model", sorted(set(models()) - {Settings}, key=lambda m: m.__name__))
def test_no_key_answers_in_english(model: type[BaseModel]) -> None:
    told = []
    for name in model.model_fields:
        for value in WRONG:
            try:
                model.model_validate({name: value})
            except ValidationError as error:
                own = [problem for problem in error.errors() if problem["loc"][:1] == (name,)]
                if own:
                    told.append(explain(error, Settings, Path("k.toml"), "", {}))
    assert told
    assert not [line for text in told for line in text.splitlines() if ENGLISH.search(line)]


def test_every_pattern_is_put_into_words() -> None:
    schemas = [model.model_json_schema() for model in models()]
    found = set(re.findall(r"'pattern': '((?:[^'\\]|\\.)*)'", str(schemas)))
    assert {pattern.replace("\\\\", "\\") for pattern in found} <= set(PATTERNS)


def refused(tmp_path: Path, old: str, new: str, environ: dict[str, str]) -> str:
    file = tmp_path / "k.toml"
    file.write_text(settings.EXAMPLE.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        settings.load(file, environ)
    return str(caught.value)


LIKE = "ist unbekannt (Tippfehler?): gemeint ist vielleicht"
EVERYTHING = "Was es gibt, steht in docs/configuration.md und „kassd config example“."
TOWN = '"demo.kasse-0007"'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("profile =", "profil =", f"[[printer]] profil {LIKE} „profile“."),
        ("[business]", "[buisness]", f"[buisness] {LIKE} „business“."),
        ("[mqtt.local]\nnode", "[mqtt]\nnode", "[mqtt] node ist unbekannt: node gehört in [mqtt.local]."),
        (
            "align = 4096",
            "printer = 1",
            "unbekannt: printer ist ein Abschnitt für sich, [[printer]].",
        ),
        ("align = 4096", "farbe = 1", f"[journal] farbe ist unbekannt (Tippfehler?). {EVERYTHING}"),
        ("[[printer]]", "[printer]", "[printer] muss in doppelten Klammern stehen, jeder Eintrag für sich"),
        ('mode = "test"', 'mode = "tset"', "'test' oder 'production'; gemeint ist vielleicht 'test'."),
        (f"node = {TOWN}", 'node = "k1"', "erwartet: <Mandant>.<Kasse> aus Kleinbuchstaben, Ziffern und -."),
        (
            'driver = "printer"       #',
            'driver = "gpio"\npin = 99 #',
            "[[drawer]] pin ist falsch: die BCM-Nummern der Stiftleiste gehen von 0 bis 27, z. B. pin = 17.",
        ),
    ],
)
def test_what_is_meant_is_said(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert words in refused(tmp_path, old, new, {})


def test_a_missing_section_says_where_one_is() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings()  # type: ignore[call-arg] # that is what is missing
    told = explain(caught.value, Settings, Path("k.toml"), "", {})
    assert "k.toml: [register] fehlt; eine Vorlage zeigt „kassd config example“." in told


def test_what_a_variable_says_is_no_line_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASSD_JOURNAL__ALIGN", "viel")
    told = refused(tmp_path, "", "", {"KASSD_JOURNAL__ALIGN": "viel"})
    assert told.startswith(
        "Umgebungsvariable KASSD_JOURNAL__ALIGN: [journal] align muss eine ganze Zahl sein."
    )


def test_a_variable_that_is_no_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASSD_SCANNER", "/dev/ttyACM0")
    told = refused(tmp_path, "", "", {"KASSD_SCANNER": "/dev/ttyACM0"})
    assert told.startswith("Umgebungsvariable KASSD_SCANNER: hier wird JSON erwartet, z. B. KASSD_CLIENT='[{")
