"""The package as a whole (A1, A2, A5): index.xml, the DTD, and which files there are."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from kassd.errors import DataError
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.norm import MUST_EXIST, TABLES, Column

INDEX, DTD = "index.xml", "gdpdu-01-09-2004.dtd"
DTD_SHA256 = "af3d4c5a19e991f2d8c53995bc708680bbd7ff9326fde539c55b7e2c63f848a2"
DECLARATIONS_SHA256 = "8680439cf71bad8f9889355f446eeb705b36f2dabc322aa67fda6e94c184c98f"
_DOCTYPE = re.compile(r'<!DOCTYPE\s+DataSet\s+SYSTEM\s+(["\'])gdpdu-01-09-2004\.dtd\1\s*>')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DECLARATION = re.compile(r"<!(?:ELEMENT|ATTLIST|ENTITY)[^>]*>")
_SPACE = re.compile(r"\s+")
MAX_INDEX = 4 << 20


@dataclass(frozen=True, slots=True)
class Declared:
    """A table of index.xml: its file and columns as they are declared."""

    file: str
    columns: tuple[Column, ...]


def read_package(folder: Path, found: Findings) -> list[Declared]:
    """Check the package; returns the tables that can be read on, in the norm's order, then others.

    Raises :class:`DataError` if the folder is no DSFinV-K export at all.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} ist kein Ordner. Erwartet wird der Ordner einer DSFinV-K-Ausgabe.")
    present = _regular(folder, found)
    if INDEX not in present and "transactions.csv" not in present:
        raise DataError(f"In {folder} liegt keine DSFinV-K-Ausgabe: {INDEX} und transactions.csv fehlen.")
    _check_dtd(present, found)
    declared = _read_index(present[INDEX], found) if INDEX in present else {}
    if INDEX not in present:
        found.add("A1", INDEX, 0, "die Datei fehlt")
    _check_presence(present, declared, found)
    if not declared:  # go on by the norm
        declared = {file: Declared(file, table.columns) for file, table in TABLES.items() if file in present}
    order = [*TABLES, *(file for file in declared if file not in TABLES)]
    return [declared[file] for file in order if file in declared and file in present]


def _regular(folder: Path, found: Findings) -> dict[str, Path]:
    """The files in the folder; what is none (reading a pipe would never end) is a finding and left out."""
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file():
            files[path.name] = path
        elif path.is_dir() and path.suffix != ".csv":
            found.add("A2", path.name, 0, "ein Unterordner gehört nicht in die Ausgabe", "warning")
        else:
            found.add("A2", path.name, 0, "unter diesem Namen liegt keine gewöhnliche Datei")
    return files


def _check_dtd(present: dict[str, Path], found: Findings) -> None:
    if DTD not in present:
        found.add("A1", DTD, 0, "die Datei fehlt")
        return
    data = present[DTD].read_bytes()
    if hashlib.sha256(data).hexdigest() == DTD_SHA256:
        return
    text = _COMMENT.sub("", data.decode("utf-8", "replace"))
    declarations = sorted(_SPACE.sub("", each) for each in _DECLARATION.findall(text))
    if hashlib.sha256("\n".join(declarations).encode()).hexdigest() != DECLARATIONS_SHA256:
        found.add("A1", DTD, 0, "die Erklärungen sind nicht die der amtlichen DTD")


def _check_presence(present: dict[str, Path], declared: dict[str, Declared], found: Findings) -> None:
    for file in sorted(declared):
        if file not in present:
            found.add("A2", file, 0, "index.xml nennt die Datei, sie ist aber nicht da")
        if file not in TABLES:
            found.add("A2", file, 0, "die Datei gehört nicht zur DSFinV-K", "warning")
    for name in sorted(set(present) - {INDEX, DTD} - set(declared)):
        if name.endswith(".csv") and declared:
            found.add("A2", name, 0, "index.xml nennt die Datei nicht")
        elif not name.endswith(".csv"):
            found.add("A2", name, 0, "die Datei gehört nicht in die Ausgabe", "warning")
    for file in MUST_EXIST:
        if file not in declared and file not in present:
            found.add("A2", file, 0, "die Datei fehlt; ohne sie ist keine vollständige Prüfung möglich")


def _read_index(path: Path, found: Findings) -> dict[str, Declared]:
    data = path.read_bytes()[:MAX_INDEX]
    try:
        text = data.decode("utf-8-sig")
        root = ElementTree.fromstring(data)
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        found.add("A1", INDEX, 0, f"nicht lesbar: {error}")
        return {}
    if not _DOCTYPE.search(text):
        found.add("A1", INDEX, 0, f'erwartet wird <!DOCTYPE DataSet SYSTEM "{DTD}">')
    if root.tag != "DataSet":
        found.differs("A1", INDEX, 0, "Wurzelelement", "DataSet", root.tag)
    if (version := _text(root, "Version")) != "1.0":
        found.differs("A1", INDEX, 0, "Version", "1.0", version)
    tables: dict[str, Declared] = {}
    for table in root.iter("Table"):
        file = _text(table, "URL")
        if not file or "/" in file or "\\" in file or file.startswith("."):
            found.add("A1", INDEX, 0, f"Table ohne brauchbare URL: {shown(file)}")
        elif file in tables:
            found.add("A1", INDEX, 0, f"die Datei {file} ist zweimal genannt")
        else:
            tables[file] = Declared(file, _columns(table, file, found))
            _check_form(table, file, found)
    if not tables:
        found.add("A1", INDEX, 0, "es ist keine Datei genannt")
    return tables


def _check_form(table: Element, file: str, found: Findings) -> None:
    """How the file is said to be written."""
    if table.find("UTF8") is None:
        found.add("A1", INDEX, 0, f"{file}: die Zeichenkodierung UTF8 ist nicht genannt")
    wanted = {
        "DecimalSymbol": ",",
        "DigitGroupingSymbol": ".",
        "Range/From": "2",
        "VariableLength/ColumnDelimiter": ";",
        "VariableLength/RecordDelimiter": "\r\n",
        "VariableLength/TextEncapsulator": '"',
    }
    for name, expected in wanted.items():
        element = table.find(name)
        stands = "" if element is None else element.text or ""
        if stands != expected:
            found.differs("A1", INDEX, 0, f"{file}: {name}", expected, stands)
    if (norm := TABLES.get(file)) and (name := _text(table, "Name")) != norm.name:
        found.differs("A1", INDEX, 0, f"{file}: Name", norm.name, name)


def _columns(table: Element, file: str, found: Findings) -> tuple[Column, ...]:
    declared = tuple(
        _column(each)
        for each in table.iterfind("VariableLength/*")
        if each.tag in ("VariableColumn", "VariablePrimaryKey")
    )
    norm = TABLES.get(file)
    if norm is None:
        return declared
    names = tuple(column.name for column in declared)
    if names[: len(norm.names)] != norm.names:
        found.add("A5", INDEX, 0, f"{file}: {_first_difference(norm.names, names)}")
    for known, stands in zip(norm.columns, declared, strict=False):
        if known.name == stands.name and (known.decimals is None) != (stands.decimals is None):
            kind = "Text" if known.decimals is None else "Zahl"
            found.add("A5", INDEX, 0, f"{file}: {known.name} ist nicht als {kind} erklärt")
        elif known.name == stands.name and known.decimals != stands.decimals:
            what = f"{file}: Nachkommastellen von {known.name}"
            found.differs("A5", INDEX, 0, what, known.decimals, stands.decimals)
    return declared


def _first_difference(expected: tuple[str, ...], stands: tuple[str, ...]) -> str:
    for place, name in enumerate(expected):
        if place >= len(stands):
            return f"Spalte {place + 1}: erwartet {shown(name)}, sie fehlt"
        if stands[place] != name:
            return f"Spalte {place + 1}: erwartet {shown(name)}, dort steht {shown(stands[place])}"
    return "die Spalten sind andere"


def _column(element: Element) -> Column:
    name = _text(element, "Name")
    if element.find("Numeric") is not None:
        accuracy = _text(element, "Numeric/Accuracy") or _text(element, "Numeric/ImpliedAccuracy")
        return Column(name, decimals=_size(accuracy) or 0)
    length = _text(element, "MaxLength")
    return Column(name, length=_size(length))


def _size(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
