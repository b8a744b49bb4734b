"""Test PKI of a soft TSE: root → intermediate → TSE, all of the TSE's curve.

The CA keys are thrown away after use; the TSE's own key lies beside its certificate.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log.algorithms import Algorithm, PublicKey, by_name, curve_class, from_library, hash_class
from kassd.tse.log.algorithms import plain_signature as to_plain
from kassd.tse.soft.store import sync_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import Certificate

FOLDER, KEY = "pki", "tse.key"
CERTIFICATES = ("tse.cer", "intermediate.cer", "root.cer")
NOT_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
EARLIEST_S = 1_767_225_600  # 2026-01-01
ALGORITHM_OF_CURVE = {
    "brainpoolP256r1": "ecdsa-plain-SHA256",
    "brainpoolP384r1": "ecdsa-plain-SHA384",
    "brainpoolP512r1": "ecdsa-plain-SHA512",
    "secp256r1": "ecdsa-plain-SHA256",
    "secp384r1": "ecdsa-plain-SHA384",
    "secp521r1": "ecdsa-plain-SHA512",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Key and certificate chain (DER, leaf first) of one TSE; ``expiry`` unix seconds."""

    private: "ec.EllipticCurvePrivateKey"
    public: PublicKey
    algorithm: Algorithm
    chain: tuple[bytes, ...]
    expiry: int
    deterministic: bool = False  # sign as in RFC 6979: the same again for the same data

    def sign(self, data: bytes) -> bytes:
        """Return the plain signature ``r‖s``."""
        from cryptography.hazmat.primitives.asymmetric import ec

        scheme = ec.ECDSA(hash_class(self.algorithm.hash), deterministic_signing=self.deterministic)
        return to_plain(self.private.sign(data, scheme), self.public)


def algorithm_of(curve: str) -> Algorithm:
    """The algorithm a soft TSE of this curve signs with."""
    found = by_name(ALGORITHM_OF_CURVE[curve])
    assert found is not None  # the table names known algorithms only
    return found


def _certificate(
    subject: str,
    key: "ec.EllipticCurvePrivateKey",
    issuer: str,
    issuer_key: "ec.EllipticCurvePrivateKey",
    validity: tuple[datetime, datetime],
    authority: bool,
    hash_name: str,
    seed: bytes,
) -> "Certificate":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    def name(common: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "kassd TEST"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )

    usage = x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)
    own_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(_drawn(seed, f"serial {subject}") >> 97 if seed else x509.random_serial_number())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(own_id, critical=False)
        .add_extension(issuer_id, critical=False)
        .sign(issuer_key, hash_class(hash_name), ecdsa_deterministic=bool(seed) or None)
    )


def _drawn(seed: bytes, name: str) -> int:
    """256 bits that follow from a seed."""
    return int.from_bytes(hashlib.sha256(seed + name.encode()).digest())


def make(
    curve: str, now_s: int, days: int, seed: bytes = b""
) -> "tuple[ec.EllipticCurvePrivateKey, tuple[Certificate, ...]]":
    """Key and certificates (leaf, intermediate, root) of a new TSE, valid for ``days`` days from ``now_s``.

    A host that wakes in 1970 does not make a TSE that has expired when the clock is right. With ``seed``,
    which is for generated data only, everything follows from it and can be made again.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    kind = curve_class(curve)
    if seed:
        leaf, middle, root = (ec.derive_private_key(_drawn(seed, str(n)) >> 8, kind) for n in range(3))
    else:
        leaf, middle, root = (ec.generate_private_key(kind) for _ in range(3))
    end = datetime.fromtimestamp(max(now_s, EARLIEST_S), UTC) + timedelta(days=days)
    own, authority = (NOT_BEFORE, end), (NOT_BEFORE, end + timedelta(days=3650))
    tag = hashlib.sha256(seed or os.urandom(16)).hexdigest()[:8]
    root_name, middle_name = f"kassd TEST Root {tag}", f"kassd TEST Sub-CA {tag}"
    serial = from_library(leaf.public_key()).serial.hex()
    hash_name = algorithm_of(curve).hash
    return leaf, (
        _certificate(serial, leaf, middle_name, middle, own, False, hash_name, seed),
        _certificate(middle_name, middle, root_name, root, authority, True, hash_name, seed),
        _certificate(root_name, root, root_name, root, authority, True, hash_name, seed),
    )


def create(folder: Path, curve: str, now_s: int, days: int) -> None:
    """Write what :func:`make` gives. Replaces what an interrupted attempt left; complete or absent, never
    half."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    building = folder / f"{FOLDER}.new"
    for leftover in (building, folder / FOLDER):
        shutil.rmtree(leftover, ignore_errors=True)
    building.mkdir(mode=0o700)
    leaf, made = make(curve, now_s, days)
    for name, certificate in zip(CERTIFICATES, made, strict=True):
        _write(building / name, certificate.public_bytes(Encoding.DER))
    _write(building / KEY, leaf.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    sync_folder(building)
    building.rename(folder / FOLDER)
    sync_folder(folder)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def load(folder: Path, curve: str) -> Identity:
    """Load what :func:`create` made. Raises ``TseRefused`` if it is damaged or not there."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        private = load_der_private_key((folder / FOLDER / KEY).read_bytes(), None)
        chain = tuple((folder / FOLDER / name).read_bytes() for name in CERTIFICATES)
        expiry = int(x509.load_der_x509_certificate(chain[0]).not_valid_after_utc.timestamp())
    except (OSError, ValueError) as error:
        raise refused(codes.STORAGE, f"Schlüssel oder Zertifikat beschädigt: {folder / FOLDER}") from error
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return Identity(private, from_library(private.public_key()), algorithm_of(curve), chain, expiry)


def foreign_key(curve: str) -> PublicKey:
    """A key of nobody, for pretending that another device answers."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return from_library(ec.generate_private_key(curve_class(curve)).public_key())
