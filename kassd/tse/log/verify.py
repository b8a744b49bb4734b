"""``verify_tar``: is a TSE archive what the TSE signed, and is it plausible?

Two passes over the archive, because certificates may follow the messages they belong to; held in memory
are one member at a time and some 200 bytes per message. A finding about a message names its member and its
signature counter. What no signature covers (``info.csv``, the order of members, where the archive ends) is
told as it is, so that nothing can be changed without the verdict changing.
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
from kassd.tse.log.certificates import (
    CertificateError,
    TseCertificate,
    check_chain,
    check_issuer,
    load,
    lowest,
    split,
    unneeded,
    unreadable_extensions,
)
from kassd.tse.log.der import DerError
from kassd.tse.log.info import NAME as INFO
from kassd.tse.log.info import check_info
from kassd.tse.log.layout import Layout
from kassd.tse.log.names import LogName, name_differs, parse_certificate_name, parse_log_name
from kassd.tse.log.sequence import Row, check_sequence, row
from kassd.tse.log.tar import Member, TarError, TarReader
from kassd.tse.log.times import to_iso

KIND = "tse-tar"
CHUNK = 1 << 18
SHOWN_PER_ID = 5
Progress = Callable[[int], None]
Observe = Callable[[messages.LogMessage | TseCertificate, str], None]


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

    def __init__(self, observe: Observe | None = None, signatures: bool = True) -> None:
        self.observe, self.signatures = observe, signatures
        self.findings = _Findings()
        self.certificates: dict[bytes, list[TseCertificate]] = {}
        self.rows: dict[bytes, list[Row]] = {}
        self.checked = 0
        self.damaged = False
        self.names: set[str] = set()
        self.layout = Layout()
        self.misnamed: list[tuple[str, list[str]]] = []

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
                self.damaged = True
                text = str(error) if reader.seen else f"die Datei ist kein TAR-Archiv ({error})"
                self.findings.error("archive_damaged", f"Eintrag {reader.seen + 1}", text)
            return
        if first and not reader.ended:
            text = "dem Archiv fehlen die Nullblöcke am Ende"
            self.findings.add(Finding("archive_no_end", "warning", "", text))
        for remark in reader.remarks if first else ():
            self.findings.add(Finding(remark.id, remark.severity, remark.where, remark.text))
        if first and reader.trailing:
            text = f"nach den beiden Nullblöcken am Ende stehen {reader.trailing} weitere Nullbytes"
            self.findings.add(Finding("archive_padded", "info", "", text))

    def collect(self, member: Member) -> None:
        """First pass: certificates and the description, and how the members lie."""
        is_log = member.name.endswith(".log")
        self.layout.add(member, is_log)
        if is_log:
            return
        if member.name in self.names:
            self.findings.add(
                Finding("member_repeated", "warning", member.name, "der Name kommt zweimal vor")
            )
        self.names.add(member.name)
        named = parse_certificate_name(member.name)
        if member.name == INFO:
            for finding in check_info(member.data):
                self.findings.add(finding)
        elif named is None:
            text = "der Name gehört nicht zu einem TSE-Archiv"
            self.findings.add(Finding("member_unknown", "warning", member.name, text))
        elif named[1] == "CVC":
            text = "kartenlesbare Zertifikate (CVC) werden nicht geprüft"
            self.findings.add(Finding("certificate_not_checked", "info", member.name, text))
        else:
            self._certificates(member, named[0])

    def _certificates(self, member: Member, named: str) -> None:
        """A file's certificates: that of its name, and in PEM often those above it."""
        pieces, foreign = split(member.data)
        if foreign:
            text = "in der Datei steht mehr als Zertifikate"
            self.findings.add(Finding("certificate_form", "warning", member.name, text))
        wheres = [f"{member.name} ({number}. Zertifikat)" for number in range(1, len(pieces) + 1)]
        found = list(map(self._certificate, pieces, wheres if len(pieces) > 1 else [member.name]))
        if None not in found and named not in found:
            self.misnamed.append((member.name, [each for each in found if each is not None]))

    def _certificate(self, data: bytes, where: str) -> str | None:
        """Take one certificate; returns its key's hash in hex, None if it cannot be read."""
        try:
            certificate = load(data, where)
        except CertificateError as error:
            severity: Severity = "warning" if error.unsupported else "error"
            self.findings.add(Finding("certificate_unreadable", severity, where, str(error)))
            return None
        same_key = self.certificates.setdefault(certificate.serial, [])
        if any(each.der == certificate.der for each in same_key):
            text = "dasselbe Zertifikat liegt schon im Archiv"
            self.findings.add(Finding("certificate_repeated", "info", where, text))
        else:
            same_key.append(certificate)
            if self.observe is not None:
                self.observe(certificate, where)
            if self.observe is not None:
                self.observe(certificate, where)
        if unreadable_extensions(certificate):
            text = "eine Erweiterung des Zertifikats ist falsch kodiert"
            self.findings.add(Finding("certificate_extension", "warning", where, text))
        return certificate.serial.hex()

    def check_log(self, member: Member) -> None:
        """Second pass: one log message."""
        name = parse_log_name(member.name)
        if name is None:
            self.findings.error("name_invalid", member.name, "der Name folgt nicht TR-03153")
        try:
            message = messages.parse(member.data)
        except DerError as error:
            text = f"die Lognachricht{_counter_of(name)} ist nicht lesbar: {error}"
            self.findings.error("message_malformed", member.name, text)
            return
        if name is not None and (field := name_differs(name, message)):
            text = f"{field} im Namen und in der Nachricht mit Zähler {message.signature_counter} weichen ab"
            self.findings.error("name_mismatch", member.name, text)
        if isinstance(message.data, messages.TransactionData) and message.data.process_type is None:
            text = f"der Nachricht mit Zähler {message.signature_counter} fehlt processType"
            self.findings.add(Finding("message_incomplete", "warning", member.name, text))
        self._check_signature(message, member.name)
        if self.observe is not None:
            self.observe(message, member.name)
        self.rows.setdefault(message.serial, []).append(row(message, member.name))

    def _check_signature(self, message: messages.LogMessage, where: str) -> None:
        algorithm, counter = ALGORITHMS.get(message.algorithm), message.signature_counter
        if algorithm is None:
            text = f"das Verfahren {message.algorithm} der Nachricht mit Zähler {counter} ist unbekannt"
            self.findings.error("algorithm_unknown", where, text)
            return
        if message.parameters:
            text = f"signatureAlgorithm der Nachricht mit Zähler {counter} trägt Parameter"
            self.findings.error("algorithm_parameters", where, text)
        if algorithm.weak:
            text = f"{algorithm.name} ist schwächer, als TR-03116-5 verlangt"
            self.findings.add(Finding("algorithm_weak", "warning", where, text))
        certificates = self.certificates.get(message.serial)
        if not certificates:
            text = f"zur Nachricht mit Zähler {counter} fehlt das Zertifikat der TSE {message.serial.hex()}"
            self.findings.error("certificate_missing", where, text)
            return
        if self.signatures and not verify(certificates[0].key, algorithm, message.signed, message.signature):
            text = f"die Signatur der Nachricht mit Zähler {counter} ist falsch"
            self.findings.error("signature_invalid", where, text)
        if not any(each.not_before <= message.time <= each.not_after for each in certificates):
            severity: Severity = "error" if isinstance(message.data, messages.TransactionData) else "warning"
            text = f"das Zertifikat galt am {to_iso(message.time)} (Zähler {counter}) nicht"
            self.findings.add(Finding("certificate_not_valid", severity, where, text))

    def _check_certificates(self, roots: Sequence[bytes]) -> None:
        pool = [each for same_key in self.certificates.values() for each in same_key]
        leaves = [each for serial in self.rows for each in self.certificates.get(serial, ())]
        issuers = [*pool, *(load(root, "Vertrauensanker") for root in roots)]
        found = [finding for each in pool for finding in check_issuer(each, issuers)]
        ends = leaves or lowest(pool)
        own = {each.serial.hex() for each in ends}
        for where, keys in self.misnamed:
            severity: Severity = "warning" if own.isdisjoint(keys) else "error"
            text = f"der Name nennt einen anderen Schlüssel als {keys[0]}"
            self.findings.add(Finding("certificate_name", severity, where, text))
        found += [finding for each in ends for finding in check_chain(each, pool, roots)]
        text = "keine Nachricht des Archivs braucht dieses Zertifikat"
        found += [
            Finding("certificate_unneeded", "info", each.where, text)
            for each in (unneeded(leaves, pool) if leaves else ())
        ]
        for finding in dict.fromkeys(found):
            self.findings.add(finding)

    def conclude(self, roots: Sequence[bytes]) -> Verdict:
        """Checks across messages and certificates."""
        for rows in self.rows.values():
            for finding in check_sequence(rows):
                self.findings.add(finding)
        self._check_certificates(roots)
        for finding in self.layout.findings([c for same_key in self.certificates.values() for c in same_key]):
            self.findings.add(finding)
        if not self.checked and not self.certificates:
            if not self.damaged:
                text = "das Archiv enthält weder Lognachrichten noch Zertifikate"
                self.findings.error("archive_empty", "", text)
        elif self.checked and INFO not in self.names:
            self.findings.add(Finding("info_missing", "warning", "", "info.csv fehlt"))
        elif not self.checked:
            self.findings.add(Finding("archive_no_logs", "info", "", "das Archiv enthält keine Lognachricht"))
        if len(self.rows) > 1:
            text = f"das Archiv enthält Nachrichten von {len(self.rows)} TSE-Schlüsseln"
            self.findings.add(Finding("several_keys", "info", "", text))
        order = {"error": 0, "warning": 1, "info": 2}
        found = tuple(sorted(self.findings.result(), key=lambda f: order[f.severity]))
        return Verdict(KIND, self.checked, found)


def _counter_of(name: LogName | None) -> str:
    return "" if name is None else f" mit Zähler {name.counter} (laut Dateiname)"


def verify_tar(
    source: str | Path | BinaryIO,
    *,
    roots: Sequence[bytes] = (),
    progress: Progress | None = None,
    observe: Observe | None = None,
    signatures: bool = True,
) -> Verdict:
    """Verify a TSE archive of any maker; ``checked`` counts log messages.

    ``source`` is a path or a binary stream (one that cannot seek is copied to a temporary file first).
    ``roots``: trusted root certificates in DER; with them every chain must end there. ``progress`` is
    told the bytes done, ``observe`` each certificate and message, and where it lies. ``signatures`` False
    leaves out the messages' signatures, and nothing else. A file that cannot be read raises ``OSError``;
    damage becomes findings.
    """
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as stream:
            return verify_tar(stream, roots=roots, progress=progress, observe=observe, signatures=signatures)
    if source.seekable():
        return _verify(source, roots, progress, _Archive(observe, signatures))
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        return _verify(copy, roots, progress, _Archive(observe, signatures))


def _verify(
    stream: BinaryIO, roots: Sequence[bytes], progress: Progress | None, archive: _Archive
) -> Verdict:
    start = stream.tell()
    for member in archive.members(stream, True, progress):
        archive.collect(member)
    stream.seek(start)
    for member in archive.members(stream, False, progress):
        if member.name.endswith(".log"):
            archive.checked += 1
            archive.check_log(member)
    return archive.conclude(roots)
