"""The certificates of a TSE archive: tolerant loading, and the chain from a TSE to its root."""

import hashlib
import re
import warnings
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kassd.core.verdict import Finding, Severity
from kassd.deferred import dataclass
from kassd.errors import DataError
from kassd.tse.log import der as asn1
from kassd.tse.log.algorithms import BadKey, PublicKey, from_library
from kassd.tse.log.der import DerError
from kassd.tse.log.times import decode_time

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_CHAIN = 8
USAGE_PERIOD, BASIC_CONSTRAINTS = "2.5.29.16", "2.5.29.19"
_PEM = re.compile(rb"-----BEGIN ((?:X509 )?CERTIFICATE)-----([^-]*)-----END \1-----")


class CertificateError(DataError):
    """A certificate file cannot be used (German); ``unsupported`` if it is readable by others."""

    def __init__(self, message: str, unsupported: bool = False) -> None:
        self.unsupported = unsupported
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class TseCertificate:
    """One certificate: where it lay, its key, the DER bytes, and when it may sign, in unix milliseconds: its
    validity, narrowed by a private key usage period if it has one."""

    where: str
    key: PublicKey
    not_before: int
    not_after: int
    der: bytes
    library: "Certificate"

    @property
    def serial(self) -> bytes:
        """SHA-256 of the public key point: what names the file and the TSE."""
        return self.key.serial

    @property
    def self_signed(self) -> bool:
        """Whether issuer and subject are the same."""
        return self.library.issuer == self.library.subject


def split(data: bytes) -> tuple[list[bytes], bool]:
    """The certificates of a file for :func:`load`, of PEM any number; and whether there is anything else
    in or around them but line ends."""
    found = list(_PEM.finditer(data))
    if not found:
        return [data], False
    foreign = _PEM.sub(b"", data).strip(b"\r\n") or not all(_is_base64(each[2]) for each in found)
    return [each[0] for each in found], bool(foreign)


def _is_base64(lines: bytes) -> bool:
    """Whether Base64 is written as RFC 4648 does, in lines of any length."""
    text = lines.translate(None, b"\r\n")
    try:
        return b64encode(b64decode(text)) == text
    except ValueError:
        return False


def load(data: bytes, where: str = "") -> TseCertificate:
    """Read one X.509 certificate, DER or PEM whatever the file is called."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # real archives hold non-positive serial numbers
            pem = b"-----BEGIN" in data[:4096]
            library = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
            before, after = library.not_valid_before_utc, library.not_valid_after_utc
            der = library.public_bytes(Encoding.DER)
            _ = library.issuer, library.subject
            _check_signature_value(der)
            used_from, used_until = _usage_period(der)
    except (ValueError, TypeError, DerError, x509.InvalidVersion):  # TypeError: odd names
        raise CertificateError("Zertifikat nicht lesbar") from None
    try:
        key = from_library(library.public_key())
    except (BadKey, UnsupportedAlgorithm, ValueError):
        raise CertificateError("Zertifikat mit nicht unterstützter Kurve", True) from None
    first, last = int(before.timestamp() * 1000), int(after.timestamp() * 1000)
    return TseCertificate(where, key, max(first, used_from), min(last, used_until or last), der, library)


def _check_signature_value(der: bytes) -> None:
    """Refuse a BIT STRING of broken octets, of which the library takes no notice."""
    outer = asn1.read(der, 0, len(der))
    signature = asn1.children(der, outer.body, outer.body_end)[-1]
    if asn1.content(der, signature)[:1] != b"\0":
        raise DerError("die Signatur des Zertifikats besteht nicht aus ganzen Oktetten")


def _extension(der: bytes, oid: str) -> bytes:
    """DER of an extension's value; empty if it is not there, or there twice.

    Read here, because the library reads all or none, and field certificates carry some wrongly encoded.
    """
    outer = asn1.read(der, 0, len(der))
    body = asn1.children(der, outer.body, outer.body_end)[0]
    wrapped = [each for each in asn1.children(der, body.body, body.body_end) if each.tag == 0xA3]
    found = []
    for each in wrapped:
        rows = asn1.read(der, each.body, each.body_end)
        for row in asn1.children(der, rows.body, rows.body_end):
            name, *_, value = asn1.children(der, row.body, row.body_end)
            if asn1.read_oid(asn1.content(der, name)) == oid:
                found.append(asn1.content(der, value))
    return found[0] if len(found) == 1 else b""


def unreadable_extensions(certificate: TseCertificate) -> bool:
    """Whether an extension is encoded so that the library reads none of them."""
    from cryptography.x509 import DuplicateExtension

    try:
        _ = certificate.library.extensions
    except (DuplicateExtension, ValueError):
        return True
    return False


def _usage_period(der: bytes) -> tuple[int, int]:
    """Bounds of the private key usage period, 0 where there is none.

    Field certificates carry it wrongly encoded; then the validity alone holds.
    """
    raw, bounds = _extension(der, USAGE_PERIOD), {0x80: 0, 0x81: 0}
    try:
        outer = asn1.read(raw, 0, len(raw))
        for element in asn1.children(raw, outer.body, outer.body_end):
            bounds[element.tag], _ = decode_time(asn1.GENERALIZED_TIME, asn1.content(raw, element))
    except DerError:
        return 0, 0
    return bounds[0x80], bounds[0x81]


def is_authority(certificate: TseCertificate) -> bool:
    """Whether basicConstraints allow it to issue certificates."""
    raw = _extension(certificate.der, BASIC_CONSTRAINTS)
    try:
        outer = asn1.read(raw, 0, len(raw))
        first = asn1.children(raw, outer.body, outer.body_end)[:1]
    except DerError:
        return False
    return [raw[each.start : each.end] for each in first] == [asn1.tlv(asn1.BOOLEAN, b"\xff")]


def _issued_by(child: TseCertificate, parent: TseCertificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        child.library.verify_directly_issued_by(parent.library)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def check_issuer(certificate: TseCertificate, pool: Iterable[TseCertificate]) -> Iterator[Finding]:
    """Check the signature under one certificate with its issuer's from ``pool``."""
    named = [c for c in pool if c.library.subject == certificate.library.issuer]
    if not named:
        yield _incomplete(certificate, "warning")
    elif not any(_issued_by(certificate, each) for each in named):
        text = "die Unterschrift des Ausstellers unter dem Zertifikat ist falsch"
        yield Finding("chain_invalid", "error", certificate.where, text)


def _incomplete(certificate: TseCertificate, severity: Severity) -> Finding:
    text = f"Aussteller {certificate.library.issuer.rfc4514_string()} fehlt im Archiv"
    return Finding("chain_incomplete", severity, certificate.where, text)


def lowest(pool: Sequence[TseCertificate]) -> list[TseCertificate]:
    """Those of ``pool`` that issued no other of it: the TSEs', where no message says which they are."""
    issuers = [c.library.issuer for c in pool if not c.self_signed]
    return [c for c in pool if c.library.subject not in issuers] or list(pool)


def unneeded(leaves: Iterable[TseCertificate], pool: Iterable[TseCertificate]) -> list[TseCertificate]:
    """Those of ``pool`` that stand above none of ``leaves``."""
    rest, needed = list(pool), list(leaves)
    while needed:
        rest = [c for c in rest if c not in needed]
        issuers = [c.library.issuer for c in needed]
        needed = [c for c in rest if c.library.subject in issuers]
    return rest


def check_chain(
    leaf: TseCertificate, pool: Iterable[TseCertificate], roots: Sequence[bytes] = ()
) -> Iterator[Finding]:
    """Follow the issuers from ``leaf`` within ``pool`` to a self-signed one.

    ``roots`` are DER certificates of trusted roots; none: a root inside the archive is accepted with a
    note. Yields nothing when all is well. Of several certificates of an issuer's key (cross-signed), a
    trusted one is taken before a self-signed one before any other.
    """
    trusted = {hashlib.sha256(root).digest() for root in roots}
    known = [*pool, *(load(root, "Vertrauensanker") for root in roots)]
    current = leaf
    for _ in range(MAX_CHAIN):
        if trusted and hashlib.sha256(current.der).digest() in trusted:
            return
        if current.self_signed:
            yield from _end(leaf, current, bool(trusted))
            return
        named = [c for c in known if c.library.subject == current.library.issuer]
        if not named:
            yield _incomplete(current, "error" if trusted else "warning")
            return
        parents = [c for c in named if _issued_by(current, c)]
        if not parents:
            yield from check_issuer(current, named)
            return
        current = max(parents, key=lambda c: (hashlib.sha256(c.der).digest() in trusted, c.self_signed))
        if not is_authority(current):
            text = "der Aussteller darf laut seinem Zertifikat keine Zertifikate ausstellen"
            yield Finding("chain_not_authority", "error", current.where, text)
    yield Finding("chain_invalid", "error", leaf.where, "die Zertifikatskette hat kein Ende")


def _end(leaf: TseCertificate, root: TseCertificate, anchored: bool) -> Iterator[Finding]:
    if not _issued_by(root, root):
        text = "die Unterschrift des selbst ausgestellten Zertifikats ist falsch"
        yield Finding("chain_invalid", "error", root.where, text)
    elif anchored:
        yield Finding("chain_untrusted", "error", root.where, "die Wurzel ist kein Vertrauensanker")
    elif root is leaf:
        yield Finding(
            "chain_self_signed", "info", leaf.where, "das Zertifikat der TSE ist selbst ausgestellt"
        )
    else:
        text = "die Wurzel liegt dem Archiv bei; mit der Liste des BSI wurde sie nicht verglichen"
        yield Finding("chain_root_included", "info", root.where, text)
