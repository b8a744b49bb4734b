"""The same closings exported once more from the journal, and compared octet by octet (G3)."""

from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from kassd.errors import KassdError
from kassd.fiscal.audit.findings import Findings
from kassd.fiscal.audit.package import DTD
from kassd.fiscal.dsfinvk import Source, export_dsfinvk
from kassd.fiscal.rows import Period


def check_again(
    folder: Path, journals: Mapping[str, Path], closings: Mapping[str, tuple[int, int]], found: Findings
) -> None:
    """``journals`` by register, ``closings``: each register's first and last Z_NR in the export."""
    sources = [
        Source(journals[register], Period(first_number=first, last_number=last))
        for register, (first, last) in closings.items()
        if register in journals
    ]
    if len(sources) != len(closings):
        return  # another register's part cannot be made again
    dtd = folder / DTD
    with TemporaryDirectory(prefix="kassd-audit-") as place:
        out = Path(place) / folder.absolute().name
        try:
            export_dsfinvk(sources, out, made_at="", software="", dtd=dtd if dtd.is_file() else None)
        except KassdError as error:
            found.add(
                "G3", "", 0, f"die Ausgabe lässt sich aus dem Journal nicht noch einmal machen: {error}"
            )
            return
        for path in sorted(out.iterdir()):
            given = folder / path.name
            if given.is_file() and (row := _differing(path, given)):
                text = "die Datei ist nicht die, die das Journal noch einmal ergibt"
                found.add("G3", path.name, row, text)


def _differing(one: Path, two: Path) -> int:
    """Number of the first row that differs; 0: they are the same."""
    with one.open("rb") as left, two.open("rb") as right:
        for row, (a, b) in enumerate(zip_longest(left, right), 1):
            if a != b:
                return row
    return 0
