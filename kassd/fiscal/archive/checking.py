"""Is everything there that must be kept, and is it what it was? Reads only; names every fault."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path

from kassd.core.verdict import Finding, Verdict
from kassd.errors import DataError, JournalError
from kassd.fiscal.archive import manifest
from kassd.fiscal.archive.durable import ASIDE, Print, files_below, print_of
from kassd.fiscal.archive.holdings import JOURNAL, KEPT, TARS, Place, Told, told
from kassd.fiscal.archive.keeping import LOCK
from kassd.fiscal.archive.kept import MANIFEST, kept_in
from kassd.fiscal.archive.manifest import Manifest
from kassd.journal import read_lines, verify_journal
from kassd.tse.log.verify import verify_tar

GROWING = (f"{JOURNAL}/", f"{KEPT}/{MANIFEST}")  # lines are added, none is changed


def check_place(place: Place, *, signatures: bool = True) -> Verdict:
    """Journal, every TAR against its hash in the journal (``signatures``: and every signature in it), every
    thing in the archive against the ledger. ``checked`` counts journal lines and files."""
    return check_held(place, verify_journal(place.journal), signatures=signatures)


def check_held(place: Place, journal: Verdict, *, signatures: bool) -> Verdict:
    """:func:`check_place`, where ``journal`` is the verdict on its journal."""
    findings = [Finding(f.id, f.severity, f"{JOURNAL}/{f.where}", f.message) for f in journal.findings]
    count = journal.checked
    if journal.ok:
        try:
            said = told(place.journal)
        except JournalError as error:
            findings.append(Finding("journal", "error", JOURNAL, str(error)))
        else:
            findings += _tars(place.tars, said, signatures)
            count += len(said.tars)
    try:
        things, _ = kept_in(place.kept)
    except DataError as error:
        findings.append(Finding("ledger_changed", "error", f"{KEPT}/{MANIFEST}", str(error)))
        things = {}
    named = {path: value for t in things.values() if not t.removed for path, value in t.files.items()}
    findings += _files(place.kept, named, KEPT)
    gone = {path for t in things.values() if t.removed for path in t.files}
    known = {*named, *gone, MANIFEST, LOCK}
    findings += _unnamed((name for name in files_below(place.kept) if name not in known), KEPT)
    return Verdict("archive", count + len(named), tuple(findings))


def check_copy(root: Path, *, signatures: bool = True) -> Verdict:
    """The manifest of a copy and its files, and all that :func:`check_place` checks."""
    try:
        found = manifest.read(root)
    except DataError as error:
        return Verdict("archive-copy", 0, (Finding("manifest_damaged", "error", MANIFEST, str(error)),))
    place = Place.below(root)
    verdict = check_place(place, signatures=signatures)
    findings = list(verdict.findings)
    if found is None:
        message = "Die Kopie hat kein Verzeichnis: sie wurde nie fertig. Bitte noch einmal kopieren."
        findings.insert(0, Finding("manifest_missing", "error", root.name, message))
        return Verdict("archive-copy", verdict.checked, tuple(findings))
    known = [f for f in _files(root, found.files, "") if not _is_named(f, findings)]
    findings = [*known, *_journal_end(place, found), *findings]
    others = (name for name in files_below(root) if name not in found.files and not _is_own(name))
    findings += _unnamed(others, "")
    return Verdict("archive-copy", verdict.checked + len(found.files), tuple(findings))


def _is_named(finding: Finding, findings: list[Finding]) -> bool:
    """The same fault of the same file, found by what the file is for."""
    return any(f.id == finding.id and f.where == finding.where for f in findings)


def _is_own(name: str) -> bool:
    return name in (MANIFEST, f"{JOURNAL}/checkpoint") or name.startswith((f"{JOURNAL}/", f"{KEPT}/"))


def _tars(folder: Path, said: Told, signatures: bool) -> Iterator[Finding]:
    for tar in said.tars:
        path, where = folder / tar.path, f"{TARS}/{tar.path}"
        if not path.is_file():
            yield Finding("file_missing", "error", where, "Das TSE-Archiv fehlt.")
        elif print_of(path).sha256 != tar.sha256:
            message = "Das TSE-Archiv wurde verändert: seine Prüfsumme ist nicht die im Journal."
            yield Finding("file_changed", "error", where, message)
        elif signatures:
            roots = [b64decode(item) for item in said.certificates.get(tar.serial_number, ())]
            for finding in verify_tar(path, roots=roots).findings:
                if finding.severity == "error":
                    yield Finding(finding.id, "error", f"{where}: {finding.where}", finding.message)


def _files(root: Path, named: Mapping[str, Print], folder: str) -> Iterator[Finding]:
    for name, known in named.items():
        path, where = root / name, f"{folder}/{name}" if folder else name
        if not path.is_file():
            yield Finding("file_missing", "error", where, "Die Datei fehlt.")
            continue
        size = path.stat().st_size
        growing = not folder and name.startswith(GROWING) and size > known.size
        if size < known.size:
            message = f"Die Datei ist abgeschnitten: {size} statt {known.size} Bytes."
            yield Finding("file_changed", "error", where, message)
        elif print_of(path, known.size if growing else None) != known:
            yield Finding("file_changed", "error", where, "Die Datei hat anderen Inhalt als verzeichnet.")


def _unnamed(names: Iterator[str], folder: str) -> Iterator[Finding]:
    for name in names:
        where = f"{folder}/{name}" if folder else name
        what = "Rest eines unterbrochenen Schreibens" if name.endswith(ASIDE) else "nicht verzeichnet"
        yield Finding("file_unnamed", "warning", where, f"Die Datei ist {what}.")


def _journal_end(place: Place, found: Manifest) -> Iterator[Finding]:
    """The copy was made of that many lines; more of them came after, fewer is a loss."""
    last = found.head.lines - 1
    try:
        line = next(read_lines(place.journal, last, last), None)
    except JournalError:
        line = None
    if line is None or line.h != found.head.h:
        message = f"Das Journal der Kopie endete mit Zeile {last}; die fehlt jetzt oder lautet anders."
        yield Finding("journal_short", "error", JOURNAL, message)
