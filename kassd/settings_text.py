"""What the settings say to people: the example file, and sentences about what is wrong in their own."""

import re
from collections import Counter
from pathlib import Path

from pydantic import ValidationError
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
    "extra_forbidden": "ist unbekannt (Tippfehler?)",
    "string_type": "muss ein Text sein",
    "int_type": "muss eine ganze Zahl sein",
    "int_parsing": "muss eine ganze Zahl sein",
    "float_type": "muss eine Zahl sein",
    "float_parsing": "muss eine Zahl sein",
    "path_type": "muss ein Pfad sein",
    "model_type": "muss ein Abschnitt sein",
    "tuple_type": "muss eine Liste sein",
    "literal_error": "ist falsch, erlaubt: {expected}",
    "string_pattern_mismatch": "ist falsch, erwartet: {pattern}",
    "string_too_short": "ist zu kurz (mindestens {min_length})",
    "string_too_long": "ist zu lang (höchstens {max_length})",
    "too_long": "hat zu viele Einträge (höchstens {max_length})",
    "greater_than": "muss größer als {gt} sein",
    "greater_than_equal": "muss mindestens {ge} sein",
    "less_than_equal": "darf höchstens {le} sein",
}
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*=")


def explain(error: ValidationError, file: Path, text: str) -> str:
    """One sentence per problem: file, line, section, key, what was expected, an example."""
    return "\n".join(_sentence(problem, file, text) for problem in error.errors())


def place_in(file: Path, text: str, place: Place) -> str:
    """File and line of a section or key, of the file alone where it has none."""
    line, _ = _locate(text, place)
    return f"{file}, Zeile {line}" if line else str(file)


def _sentence(problem: ErrorDetails, file: Path, text: str) -> str:
    context = problem.get("ctx", {})
    cause = context.get("error")
    place: Place = (*problem["loc"], *(cause.where if isinstance(cause, Misfit) else ()))
    where = place_in(file, text, place)
    if cause is not None and str(cause).startswith("["):
        return f"{where}: {cause}."  # names the key itself
    kind = _KINDS.get(problem["type"], "").format(**context) or f"ist falsch: {cause or problem['msg']}"
    example = "" if problem["type"] == "extra_forbidden" else _example(place)
    return f"{where}: {_name(place)} {kind}.{example and f' Beispiel: {example}'}"


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
driver = "serial"        # or "evdev"
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
"""
