"""Reading the configuration file: from bytes to values, each failure a German sentence with its line."""

import re
import tomllib
from pathlib import Path
from typing import Any

from kassd.errors import ConfigError

QUOTES = 'Texte stehen in Anführungszeichen, z. B. name = "Backhaus Muster"'
# What tomllib says (at its beginning) → what a person does about it.
SYNTAX: tuple[tuple[str, str], ...] = (
    (
        r"Cannot declare \((.*)\) twice",
        "[{0}] steht zum zweiten Mal da; mehrmals vorkommen darf nur, was in doppelten Klammern steht. Eine "
        "zweite Kasse bekommt eine eigene Datei (--config)",
    ),
    (r"Cannot overwrite a value|Cannot mutate", "der Schlüssel oder Abschnitt steht zum zweiten Mal da"),
    (r"Invalid value", f"nach dem = steht kein Wert. {QUOTES}"),
    (r"Invalid statement", "das ist weder [abschnitt] noch schlüssel = wert; Bemerkungen beginnen mit #"),
    (r"Expected '=' after", "nach dem Schlüssel fehlt das ="),
    (r"Expected newline or end of document", f"hinter dem Wert steht noch etwas. {QUOTES}"),
    (r"Expected ']", "die schließende Klammer ] fehlt"),
    (r"Unclosed array|Expected .* array", "eine Liste ist nicht mit ] geschlossen"),
    (r"Unterminated string|Illegal character '\\n'|Expected \"", "das schließende Anführungszeichen fehlt"),
    (r"Illegal character", "hier steht ein Steuerzeichen, meist aus einer anderen Datei kopiert; es löschen"),
    (r"Unescaped|Invalid hex", "ein \\ im Text wird als \\\\ geschrieben"),
)


def read_text(file: Path) -> str:
    """The file as text; a byte order mark, as Windows writes it, is no part of it. Raises ConfigError."""
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f"Die Konfiguration {file} fehlt. Eine Vorlage gibt „kassd config example > {file}“."
        ) from None
    except IsADirectoryError:
        raise ConfigError(
            f"{file} ist ein Ordner. Erwartet wird die Datei selbst, z. B. {file / 'kassd.toml'}."
        ) from None
    except PermissionError:
        raise ConfigError(
            f"Die Konfiguration {file} darf dieser Benutzer nicht lesen. Mit sudo oder als Benutzer kassd "
            "aufrufen."
        ) from None
    except OSError as error:
        raise ConfigError(f"Die Konfiguration {file} ist nicht lesbar: {error}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        coded = "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "WINDOWS-1252"
        raise ConfigError(
            f"{file}, Zeile {line}: die Datei ist nicht lesbar, weil sie nicht als UTF-8 gespeichert ist. Im "
            f"Editor als UTF-8 speichern, oder: iconv -f {coded} -t UTF-8 {file} > neu.toml"
        ) from None


def parse(file: Path, text: str) -> dict[str, Any]:
    """The values of a TOML text. Raises ConfigError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        told = str(error)[: place.start()] if place else str(error)
        line = (place and place[1]) or str(text.count("\n") + 1)
        raise ConfigError(f"{file}, Zeile {line}: nicht lesbar: {_german(told)}.") from None


def _german(told: str) -> str:
    for pattern, sentence in SYNTAX:
        if found := re.match(pattern, told):
            names = ".".join(re.findall(r"'([^']*)'", found[0]))
            return sentence.replace("{0}", names)
    return f"das ist kein TOML ({told})"
