"""``verify_tar``: is a TSE archive what the TSE signed, and is it plausible?

Two passes over the archive, because certificates may follow the messages they belong to; held in memory
are one member at a time and some 200 bytes per message.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from kassd.core.verdict import Finding, Severity, Verdict
from kassd.tse.log import messages
from kassd.tse.log.algorithms import ALGORITHMS, verify
from kassd.tse.log.certificates import CertificateError, TseCertificate, check_chain, load
from kassd.tse.log.der import DerError
from kassd.tse.log.names import name_differs, parse_certificate_name, parse_log_name
from kassd.tse.log.sequence import Row, check_sequence, row
from kassd.tse.log.tar import Member, TarError, TarReader
from kassd.tse.log.times import to_iso

KIND = "tse-tar"
CHUNK = 1 << 18
SHOWN_PER_ID = 5
Progress = Callable[[int], None]


class _Findings:
    """Keeps the first few findings of each id and counts the rest."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.count: Counter[tuple[str, Severity]] = Counter()

    def add(self, finding: Finding) -> None:
        key = finding.id, finding.severity
        self.count[key] += 1
        if self.count[key] <= SHOWN_PER_ID:
            self.kept.append(finding)

    def error(self, id_: str, where: str, message: str) -> None:
        self.add(Finding(id_, "error", where, message))

    def result(self) -> tuple[Finding, ...]:
        more = [
            Finding(id_, severity, "", f"{total - SHOWN_PER_ID} weitere Befunde dieser Art")
            for (id_, severity), total in self.count.items()
            if total > SHOWN_PER_ID
        ]
        return (*self.kept, *more)


class _Archive:
    """One verification: what was found in the members so far."""

    def __init__(self) -> None:
        self.findings = _Findings()
        self.certificates: dict[bytes, TseCertificate] = {}
        self.rows: dict[bytes, list[Row]] = {}
        self.checked = 0
        self.info = False
        self.unreadable: set[str] = set()

    def members(self, stream: BinaryIO, first: bool, progress: Progress | None) -> Iterator[Member]:
        reader, done = TarReader(), 0
        try:
            while chunk := stream.read(CHUNK):
                yield from reader.feed(chunk)
                done += len(chunk)
                if progress is not None and not first:
                    progress(done)
            reader.close()
        except TarError as error:
            if first:
                self.findings.error("archive_damaged", f"Eintrag {reader.seen + 1}", str(error))
            return
        if first and not reader.ended:
            text = "dem Archiv fehlen die Nullblöcke am Ende"
            self.findings.add(Finding("archive_no_end", "warning", "", text))
        for name in reader.odd_entries if first else ():
            self.findings.add(Finding("member_unknown", "warning", name, "kein gewöhnlicher Eintrag"))

    def collect(self, member: Member) -> None:
        """First pass: certificates and the description."""
        named = parse_certificate_name(member.name)
        if member.name == "info.csv":
            self.info = True
            if b"description" not in member.data:
                text = "info.csv enthält keine Beschreibung"
                self.findings.add(Finding("info_malformed", "warning", member.name, text))
        elif named is not None and named[1] == "X509":
            self._certificate(member, named[0])
        elif named is None and not member.name.endswith(".log"):
            text = "der Name gehört nicht zu einem TSE-Archiv"
            self.findings.add(Finding("member_unknown", "warning", member.name, text))

    def _certificate(self, member: Member, named: str) -> None:
        try:
            certificate = load(member.data, member.name)
        except CertificateError as error:
            severity: Severity = "warning" if error.unsupported else "error"
            self.findings.add(Finding("certificate_unreadable", severity, member.name, str(error)))
            return
        if certificate.serial.hex() != named:
            text = f"der Name nennt einen anderen Schlüssel als {certificate.serial.hex()}"
            self.findings.error("certificate_name", member.name, text)
        self.certificates.setdefault(certificate.serial, certificate)

    def check_log(self, member: Member) -> None:
        """Second pass: one log message."""
        name = parse_log_name(member.name)
        if name is None:
            self.findings.error("name_invalid", member.name, "der Name folgt nicht TR-03153")
        try:
            message = messages.parse(member.data)
        except DerError as error:
            self.findings.error("message_malformed", member.name, f"Lognachricht nicht lesbar: {error}")
            return
        if name is not None and (field := name_differs(name, message)):
            self.findings.error(
                "name_mismatch", member.name, f"{field} im Namen und in der Nachricht weichen ab"
            )
        self._check_signature(message, member.name)
        self.rows.setdefault(message.serial, []).append(row(message, member.name))

    def _check_signature(self, message: messages.LogMessage, where: str) -> None:
        algorithm = ALGORITHMS.get(message.algorithm)
        if algorithm is None:
            self.findings.error("algorithm_unknown", where, f"Verfahren {message.algorithm} ist unbekannt")
            return
        if message.parameters:
            self.findings.error("algorithm_parameters", where, "signatureAlgorithm trägt Parameter")
        if algorithm.weak:
            text = f"{algorithm.name} ist schwächer, als TR-03116-5 verlangt"
            self.findings.add(Finding("algorithm_weak", "warning", where, text))
        certificate = self.certificates.get(message.serial)
        if certificate is None:
            text = f"das Zertifikat der TSE {message.serial.hex()} fehlt"
            self.findings.error("certificate_missing", where, text)
            return
        if not verify(certificate.key, algorithm, message.signed, message.signature):
            text = f"die Signatur mit Zähler {message.signature_counter} ist falsch"
            self.findings.error("signature_invalid", where, text)
        if not certificate.not_before <= message.time <= certificate.not_after:
            severity: Severity = "error" if isinstance(message.data, messages.TransactionData) else "warning"
            text = f"das Zertifikat galt am {to_iso(message.time)} nicht"
            self.findings.add(Finding("certificate_not_valid", severity, where, text))

    def conclude(self, roots: Sequence[bytes]) -> Verdict:
        """Checks across messages and certificates."""
        for rows in self.rows.values():
            for finding in check_sequence(rows):
                self.findings.add(finding)
        pool = list(self.certificates.values())
        leaves = [self.certificates[serial] for serial in self.rows if serial in self.certificates]
        for leaf in leaves or pool:
            for finding in check_chain(leaf, pool, roots):
                self.findings.add(finding)
        if not self.checked and not pool:
            self.findings.error(
                "archive_empty", "", "das Archiv enthält weder Lognachrichten noch Zertifikate"
            )
        elif self.checked and not self.info:
            self.findings.add(Finding("info_missing", "warning", "", "info.csv fehlt"))
        elif not self.checked:
            self.findings.add(Finding("archive_no_logs", "info", "", "das Archiv enthält keine Lognachricht"))
        if len(self.rows) > 1:
            text = f"das Archiv enthält Nachrichten von {len(self.rows)} TSE-Schlüsseln"
            self.findings.add(Finding("several_keys", "info", "", text))
        order = {"error": 0, "warning": 1, "info": 2}
        found = tuple(sorted(self.findings.result(), key=lambda f: order[f.severity]))
        return Verdict(KIND, self.checked, found)


def verify_tar(
    source: str | Path | BinaryIO, *, roots: Sequence[bytes] = (), progress: Progress | None = None
) -> Verdict:
    """Verify a TSE archive of any maker; ``checked`` counts log messages.

    ``source`` is a path or a binary stream (one that cannot seek is copied to a temporary file first).
    ``roots``: trusted root certificates in DER; with them every chain must end there. ``progress`` is
    told the bytes done. A file that cannot be read raises ``OSError``; damage becomes findings.
    """
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as stream:
            return _verify(stream, roots, progress)
    if source.seekable():
        return _verify(source, roots, progress)
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        return _verify(copy, roots, progress)


def _verify(stream: BinaryIO, roots: Sequence[bytes], progress: Progress | None) -> Verdict:
    archive, start = _Archive(), stream.tell()
    for member in archive.members(stream, True, progress):
        archive.collect(member)
    stream.seek(start)
    for member in archive.members(stream, False, progress):
        if member.name.endswith(".log"):
            archive.checked += 1
            archive.check_log(member)
    return archive.conclude(roots)
