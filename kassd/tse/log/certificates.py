"""The certificates of a TSE archive: tolerant loading, and the chain from a TSE to its root."""

import hashlib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kassd.core.verdict import Finding, Severity
from kassd.errors import DataError
from kassd.tse.log.algorithms import BadKey, PublicKey, from_library

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_CHAIN = 8


class CertificateError(DataError):
    """A certificate file cannot be used (German); ``unsupported`` if it is readable by others."""

    def __init__(self, message: str, unsupported: bool = False) -> None:
        self.unsupported = unsupported
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class TseCertificate:
    """One certificate: where it lay, its key, its validity in unix milliseconds, and the DER bytes."""

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
            key = from_library(library.public_key())
            der = library.public_bytes(Encoding.DER)
            _ = library.issuer, library.subject
    except (BadKey, UnsupportedAlgorithm):
        raise CertificateError("Zertifikat mit nicht unterstützter Kurve", True) from None
    except ValueError:
        raise CertificateError("Zertifikat nicht lesbar") from None
    return TseCertificate(
        where, key, int(before.timestamp() * 1000), int(after.timestamp() * 1000), der, library
    )


def is_authority(certificate: TseCertificate) -> bool:
    """Whether basicConstraints allow it to issue certificates."""
    from cryptography.x509 import BasicConstraints, ExtensionNotFound

    try:
        return certificate.library.extensions.get_extension_for_class(BasicConstraints).value.ca
    except (ExtensionNotFound, ValueError):
        return False


def _issued_by(child: TseCertificate, parent: TseCertificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        child.library.verify_directly_issued_by(parent.library)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def check_chain(
    leaf: TseCertificate, pool: Iterable[TseCertificate], roots: Sequence[bytes] = ()
) -> Iterator[Finding]:
    """Follow the issuers from ``leaf`` within ``pool`` to a self-signed one.

    ``roots`` are DER certificates of trusted roots; none: a root inside the archive is accepted with a
    note. Yields nothing when all is well.
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
            severity: Severity = "error" if trusted else "warning"
            text = f"Aussteller {current.library.issuer.rfc4514_string()} fehlt im Archiv"
            yield Finding("chain_incomplete", severity, leaf.where, text)
            return
        parent = next((c for c in named if _issued_by(current, c)), None)
        if parent is None:
            text = "die Unterschrift des Ausstellers unter dem Zertifikat ist falsch"
            yield Finding("chain_invalid", "error", current.where, text)
            return
        if not is_authority(parent):
            text = "der Aussteller darf laut seinem Zertifikat keine Zertifikate ausstellen"
            yield Finding("chain_not_authority", "error", parent.where, text)
        current = parent
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
