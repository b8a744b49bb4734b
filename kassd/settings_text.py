"""What the settings say to people: the example file, and sentences about what is wrong in their own."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]
"""Names and indices from the top of the file: ``("printer", 1, "port")`` is ``port`` of the second."""


class Misfit(ValueError):
    """A value that does not fit to another one. ``where`` is its place below the section that says so."""

    def __init__(self, sentence: str, *where: str | int) -> None:
        self.where = where
        super().__init__(sentence)


_KINDS = {
    "missing": "fehlt",
    "string_type": "muss ein Text sein",
    "int_type": "muss eine ganze Zahl sein",
    "int_parsing": "muss eine ganze Zahl sein",
    "float_type": "muss eine Zahl sein",
    "float_parsing": "muss eine Zahl sein",
    "path_type": "muss ein Pfad sein",
    "model_type": "muss ein Abschnitt sein, in einfachen Klammern und nur einmal",
    "bool_type": "muss true oder false sein",
    "bool_parsing": "muss true oder false sein",
    "int_from_float": "muss eine ganze Zahl sein",
    "decimal_type": "muss eine Zahl sein",
    "decimal_parsing": "muss eine Zahl sein",
    "decimal_max_places": "hat zu viele Nachkommastellen (höchstens {decimal_places})",
    "decimal_max_digits": "hat zu viele Stellen (höchstens {max_digits})",
    "less_than": "muss kleiner als {lt} sein",
    "finite_number": "muss eine Zahl sein",
    "date_type": "muss ein Tag sein, z. B. 2026-12-01",
    "date_parsing": "muss ein Tag sein, z. B. 2026-12-01",
    "date_from_datetime_parsing": "muss ein Tag sein, z. B. 2026-12-01",
    "date_from_datetime_inexact": "muss ein Tag ohne Uhrzeit sein, z. B. 2026-12-01",
    "dict_type": "muss eine Tabelle sein, {{ schlüssel = wert }}",
    "tuple_type": "muss eine Liste sein",
    "literal_error": "ist falsch, erlaubt: {expected}",
    "string_pattern_mismatch": "ist falsch, erwartet: {expected}",
    "string_too_short": "ist zu kurz (mindestens {min_length})",
    "string_too_long": "ist zu lang (höchstens {max_length})",
    "too_long": "hat zu viele Einträge (höchstens {max_length})",
    "greater_than": "muss größer als {gt} sein",
    "greater_than_equal": "muss mindestens {ge} sein",
    "less_than_equal": "darf höchstens {le} sein",
}
# Pattern of a key → what it wants.
PATTERNS = {
    r"^[a-z0-9][a-z0-9-]{0,31}$": "Kleinbuchstaben, Ziffern und -, höchstens 32 Zeichen",
    r"^[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}$": "<Mandant>.<Kasse> aus Kleinbuchstaben, Ziffern und -",
    r"^[A-Za-z0-9.-]{1,30}$": "Buchstaben, Ziffern, Punkt und -, höchstens 30 Zeichen",
    r"^[A-X0-9]{2,12}$": "2 bis 12 Zeichen aus A bis X und Ziffern",
    r"^[A-Z]{3}$": "drei Großbuchstaben",
    r"^([A-Z]{3})?$": "drei Großbuchstaben",
    r"^[A-Z]{1,4}$": "1 bis 4 Großbuchstaben",
    r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$": "Stunde:Minute, z. B. 17:30",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "Stunde:Minute, z. B. 17:30",
    r"^https?://[^/?#\s]+(/[^?#\s]*[^/?#\s])?$": "http:// oder https:// und eine Adresse, ohne / am Ende",
    r"^([0-9a-f]{64})?$": "64 Ziffern und Buchstaben a bis f",
    r"^((CP1252|CP858|CP437):(\d{1,2}|1\d\d|2[0-4]\d|25[0-5]))?$": "Name und Platz, z. B. CP1252:16",
    r"^[0-9]{4,9}$": "4 bis 9 Ziffern",
    r"^[0-9]{0,4}$": "höchstens 4 Ziffern",
    r"^[A-Za-z0-9-]{0,20}$": "höchstens 20 Buchstaben, Ziffern und -",
    r"^(0[1-9]|1[0-2])-01$": "Monat und 01, z. B. 01-01",
}
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*=")


def explain(
    error: ValidationError, model: type[BaseModel], file: Path, text: str, environ: Mapping[str, str]
) -> str:
    """One sentence per problem: file and line (or variable), section, key, what was expected, an example."""
    return "\n".join(_sentence(problem, model, file, text, environ) for problem in error.errors())


def place_in(file: Path, text: str, place: Place) -> str:
    """File and line of a section or key, of the file alone where it has none."""
    line, _ = _locate(text, place)
    return f"{file}, Zeile {line}" if line else str(file)


def _sentence(
    problem: ErrorDetails, model: type[BaseModel], file: Path, text: str, environ: Mapping[str, str]
) -> str:
    context = problem.get("ctx", {})
    cause = context.get("error")
    place: Place = (*problem["loc"], *(cause.where if isinstance(cause, Misfit) else ()))
    variable = _variable(place, environ)
    where = f"Umgebungsvariable {variable}" if variable else place_in(file, text, place)
    if cause is not None and str(cause).startswith("["):
        return f"{where}: {cause}."  # names the key itself
    if problem["type"] == "extra_forbidden":
        return f"{where}: {_name(place)} ist unbekannt{_meant(place, model)}"
    if "pattern" in context:
        context["expected"] = PATTERNS.get(context["pattern"], f"was zu {context['pattern']} passt")
    kind = _KINDS.get(problem["type"], "").format(**context) or f"ist falsch: {cause or problem['msg']}"
    if problem["type"] == "literal_error":
        kind = kind.replace(" or ", " oder ")
        allowed = re.findall(r"'([^']*)'", context["expected"])
        like = get_close_matches(str(problem["input"]), allowed, 1)
        kind += f"; gemeint ist vielleicht '{like[0]}'" if like else ""
    if problem["type"] == "tuple_type" and len(place) == 1:
        kind = f"muss in doppelten Klammern stehen, jeder Eintrag für sich: [[{place[0]}]]"
    if problem["type"] == "missing" and len(place) == 1:
        kind += "; eine Vorlage zeigt „kassd config example“"
    example = _example(place)
    return f"{where}: {_name(place)} {kind}.{example and f' Beispiel: {example}'}"


def _variable(place: Place, environ: Mapping[str, str]) -> str:
    """The variable that sets what stands at ``place``, '' if it is the file."""
    names = [str(part).upper() for part in place if isinstance(part, str)]
    given = {name.upper(): name for name in environ}
    asked = ("KASSD_" + "__".join(names[:depth]) for depth in range(1, len(names) + 1))
    return next((given[name] for name in asked if name in given), "")


def _meant(place: Place, model: type[BaseModel]) -> str:
    """What an unknown key or section may have been meant to be."""
    *path, key = [str(part) for part in place if isinstance(part, str)]
    known = {name: (header, keys) for name, header, keys in _sections(model)}
    like = get_close_matches(key, known.get(".".join(path), ("", ()))[1], 1)
    if like:
        return f" (Tippfehler?): gemeint ist vielleicht „{like[0]}“."
    if key in known:
        return f": {key} ist ein Abschnitt für sich, {known[key][0]}."
    others = [header for header, keys in known.values() if header and key in keys]
    if 0 < len(others) <= 3:
        return f": {key} gehört in {' oder '.join(others)}."
    return " (Tippfehler?). Was es gibt, steht in docs/configuration.md und „kassd config example“."


def _sections(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Dotted name of each section ('' of the file), its header, its keys."""
    if not path:
        yield "", "", tuple(model.model_fields)
    for name, field in model.model_fields.items():
        inner, here = _model_in(field.annotation), f"{path}.{name}".removeprefix(".")
        if inner is not None:
            header = f"[[{here}]]" if get_origin(field.annotation) is tuple else f"[{here}]"
            yield here, header, tuple(inner.model_fields)
            yield from _sections(inner, here)


def _model_in(hint: object) -> type[BaseModel] | None:
    if isinstance(hint, type) and not get_args(hint):
        return hint if issubclass(hint, BaseModel) else None
    return next((found for arg in get_args(hint) if (found := _model_in(arg)) is not None), None)


def _name(place: Place) -> str:
    """``[journal] dir``, ``[mqtt.local] node``, ``[[printer]] port``; of a section its name alone."""
    names = [part for part in place if isinstance(part, str)]
    section = ".".join(names[:-1] or names)
    listed = len(place) > 1 and isinstance(place[1], int)
    return f"{'[' * (1 + listed)}{section}{']' * (1 + listed)} {''.join(names[1:][-1:])}".rstrip()


def _locate(text: str, place: Place) -> tuple[int, int]:
    """The line that names most of ``place``: its key, else its section, else 0; and how many of its parts."""
    here: Place = ()
    items: Counter[Place] = Counter()
    line, depth = 0, 0
    for number, row in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(row):
            here = tuple(header[2].split("."))
            if header[1] == "[[":
                items[here] += 1
                here = (*here, items[here] - 1)
            named = here
        elif key := _KEY.match(row):
            named = (*here, *key[1].split("."))
        else:
            continue
        shared = min(len(named), len(place))
        if shared > depth and named[:shared] == place[:shared]:
            line, depth = number, shared
    return line, depth


def _example(place: Place) -> str:
    """Line of the example file for a key, '' if it has none."""
    key = tuple(0 if isinstance(part, int) else part for part in place)
    line, depth = _locate(EXAMPLE, key)
    found = EXAMPLE.splitlines()[line - 1].partition("#")[0].strip()
    return found if depth == len(key) and "=" in found else ""


EXAMPLE = """\
[register]
id = "KASSE-0007"        # TSE client id = KASSE_SERIENNR = Z_KASSE_ID, for life
mode = "test"            # "production" refuses the soft TSE

[business]
name = "Backhaus Muster"
street = "Marktplatz 1"
postal_code = "01067"
city = "Dresden"
country = "DEU"
tax_number = "203/123/12345"
timezone = "Europe/Berlin"

[journal]
dir = "/var/lib/kassd/journal"
align = 4096

[catalog]
file = "/etc/kassd/catalog.json"

[tse]
driver = "soft"
path = "/var/lib/kassd/tse"

[[scanner]]
name = "scanner"
driver = "serial"        # or "hidpos", "evdev" with device = "…": see kassd scanner pair
port = "/dev/ttyACM0"

[[printer]]
name = "printer"
driver = "tcp"
host = "127.0.0.1"
port = 9100
profile = "TM-T88V"
columns = 42

[[drawer]]
name = "drawer"
driver = "printer"       # or "gpio" with pin = 17, pulse_ms = 100, pin_factory = "lgpio"
printer = "printer"

[mqtt.local]
node = "demo.kasse-0007"
host = "127.0.0.1"
port = 1883

[[client]]
name = "cashier-1"
station = "main"
rights = ["sell", "void", "refund", "drawer", "cash", "till", "report"]

[[agency]]               # in whose name the example catalogue's ticket is sold
name = "verkehrsverbund"
id = 1
text = "Verkehrsverbund Muster"
street = "Bahnhofstraße 2"
postal_code = "01069"
city = "Dresden"
tax_number = "231/123/45678"
"""
