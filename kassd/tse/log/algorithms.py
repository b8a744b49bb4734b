"""Signature algorithms, curves and keys of BSI TR-03116-5 / TR-03111.

Signatures are plain ``r‖s``. ``cryptography`` is loaded on first use only.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from kassd.deferred import dataclass
from kassd.errors import DataError
from kassd.tse.log import ecsdsa

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    Hash = (
        hashes.SHA224
        | hashes.SHA256
        | hashes.SHA384
        | hashes.SHA512
        | hashes.SHA3_224
        | hashes.SHA3_256
        | hashes.SHA3_384
        | hashes.SHA3_512
    )

HASHES = ("SHA224", "SHA256", "SHA384", "SHA512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512")
CURVE_NAMES = ("secp256r1", "brainpoolP256r1", "brainpoolP384r1", "secp384r1", "brainpoolP512r1", "secp521r1")
_BSI = "0.4.0.127.0.7.1.1.4"
_ECDSA_ARCS, _ECSDSA_ARCS = (2, 3, 4, 5, 8, 9, 10, 11), (1, 2, 3, 4, 5, 6, 7, 8)


class BadKey(DataError):
    """A public key is no point of any curve a TSE may use."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One signature algorithm by OID and name; ``hash`` as in :data:`HASHES`."""

    oid: str
    name: str
    scheme: Literal["ecdsa", "ecsdsa"]
    hash: str

    @property
    def weak(self) -> bool:
        """Whether its hash is shorter than the 256 bits TR-03116-5 asks for."""
        return self.hash.endswith("224")


ALGORITHMS = {
    a.oid: a
    for a in (
        *(
            Algorithm(f"{_BSI}.1.{n}", f"ecdsa-plain-{h}", "ecdsa", h)
            for n, h in zip(_ECDSA_ARCS, HASHES, strict=True)
        ),
        *(
            Algorithm(f"{_BSI}.4.{n}", f"ecsdsa-plain-{h}", "ecsdsa", h)
            for n, h in zip(_ECSDSA_ARCS, HASHES, strict=True)
        ),
    )
}
_BY_NAME = {a.name.lower(): a for a in ALGORITHMS.values()}


def by_name(name: str) -> Algorithm | None:
    """Find an algorithm as a receipt writes it (``ecdsa-plain-SHA384``), in any letter case."""
    return _BY_NAME.get(name.strip().lower())


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A TSE's key: curve by its OpenSSL name, and the uncompressed point ``04‖X‖Y``."""

    curve: str
    point: bytes

    @property
    def serial(self) -> bytes:
        """The TSE's serial number: SHA-256 of the point."""
        return hashlib.sha256(self.point).digest()

    @property
    def size(self) -> int:
        """Octets of r and of s in an ECDSA signature."""
        return (len(self.point) - 1) // 2


def curve_class(name: str) -> "ec.EllipticCurve":
    """Return ``cryptography``'s object of a curve name."""
    from cryptography.hazmat.primitives.asymmetric import ec

    found: dict[str, type[ec.EllipticCurve]] = {
        "secp256r1": ec.SECP256R1,
        "secp384r1": ec.SECP384R1,
        "secp521r1": ec.SECP521R1,
        "brainpoolP256r1": ec.BrainpoolP256R1,
        "brainpoolP384r1": ec.BrainpoolP384R1,
        "brainpoolP512r1": ec.BrainpoolP512R1,
    }
    return found[name]()


def hash_class(name: str) -> "Hash":
    """Return ``cryptography``'s object of a hash name such as ``SHA3-256``."""
    from cryptography.hazmat.primitives import hashes

    found: Hash = getattr(hashes, name.replace("-", "_"))()
    return found


def _digest(name: str, data: bytes) -> bytes:
    return hashlib.new(name.lower().replace("sha3-", "sha3_"), data).digest()


def parse_public_key(data: bytes) -> PublicKey:
    """Read a raw point ``04‖X‖Y`` (the curve is the one the point lies on) or a SubjectPublicKeyInfo."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    if data[:1] == b"\x04":
        for name in CURVE_NAMES:
            try:
                ec.EllipticCurvePublicKey.from_encoded_point(curve_class(name), data)
            except ValueError:
                continue
            return PublicKey(name, data)
        raise BadKey("der öffentliche Schlüssel liegt auf keiner zugelassenen Kurve")
    try:
        key = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey("der öffentliche Schlüssel ist nicht lesbar") from None
    return from_library(key)


def from_library(key: object) -> PublicKey:
    """Convert a key object of ``cryptography``."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in CURVE_NAMES:
        raise BadKey("der öffentliche Schlüssel liegt auf keiner zugelassenen Kurve")
    return PublicKey(key.curve.name, key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@lru_cache(maxsize=16)
def _library_key(key: PublicKey) -> "ec.EllipticCurvePublicKey":
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.EllipticCurvePublicKey.from_encoded_point(curve_class(key.curve), key.point)


def verify(key: PublicKey, algorithm: Algorithm, signed: bytes, signature: bytes) -> bool:
    """Whether the plain ``signature`` over ``signed`` is the key's."""
    return verifier(key, algorithm)(signed, signature)


@lru_cache(maxsize=16)
def verifier(key: PublicKey, algorithm: Algorithm) -> Callable[[bytes, bytes], bool]:
    """:func:`verify` made ready for many messages of a key."""
    if algorithm.scheme == "ecsdsa":
        return lambda signed, signature: _verify_ecsdsa(key, algorithm, signed, signature)
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    size, check, how = key.size, _library_key(key).verify, ec.ECDSA(hash_class(algorithm.hash))
    number = int.from_bytes

    def fits(signed: bytes, signature: bytes) -> bool:
        if len(signature) != 2 * size:
            return False
        try:
            der = encode_dss_signature(number(signature[:size], "big"), number(signature[size:], "big"))
            check(der, signed, how)
        except InvalidSignature:
            return False
        return True

    return fits


def _verify_ecsdsa(key: PublicKey, algorithm: Algorithm, signed: bytes, signature: bytes) -> bool:
    curve = ecsdsa.CURVES[key.curve]
    if len(signature) - key.size not in (hash_class(algorithm.hash).digest_size, key.size):
        return False  # r is as wide as the hash or as s
    r = int.from_bytes(signature[: -key.size], "big")
    s = int.from_bytes(signature[-key.size :], "big")
    if not 0 < s < curve.n or not r:
        return False
    x, y = (int.from_bytes(part, "big") for part in (key.point[1 : key.size + 1], key.point[key.size + 1 :]))
    shared = ecsdsa.commitment(curve, x, y, r, s)
    if shared is None:
        return False
    digest = _digest(algorithm.hash, shared + signed)
    return r in (ecsdsa.leftmost(curve, digest), int.from_bytes(digest, "big"))  # TR-03111, ISO/IEC 14888-3


def plain_signature(der: bytes, key: PublicKey) -> bytes:
    """Turn an ASN.1 ECDSA signature into ``r‖s``; raises ``ValueError`` if it is none."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(der)
    try:
        return r.to_bytes(key.size, "big") + s.to_bytes(key.size, "big")
    except OverflowError:
        raise ValueError("signature does not fit the curve") from None
