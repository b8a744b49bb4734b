import hashlib
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kassd.tse.log import algorithms, ecsdsa
from kassd.tse.log.algorithms import ALGORITHMS, CURVE_NAMES, BadKey, by_name
from tests.tse.log.samples import Signer

PAIRS = [
    ("secp256r1", "SHA256"),
    ("brainpoolP256r1", "SHA3-256"),
    ("brainpoolP384r1", "SHA384"),
    ("secp384r1", "SHA3-384"),
    ("brainpoolP512r1", "SHA512"),
    ("secp521r1", "SHA3-512"),
    ("brainpoolP256r1", "SHA224"),
    ("secp256r1", "SHA512"),
    ("brainpoolP256r1", "SHA3-384"),
    ("secp384r1", "SHA512"),
    ("brainpoolP384r1", "SHA3-512"),
    ("secp256r1", "SHA3-224"),
]


@pytest.mark.parametrize("scheme", ["ecdsa", "ecsdsa"])
@pytest.mark.parametrize(("curve", "hash_name"), PAIRS)
def test_good_signature_verifies_and_changed_ones_do_not(scheme: str, curve: str, hash_name: str) -> None:
    signer = Signer(curve, f"{scheme}-plain-{hash_name}")
    key, algorithm, signature = signer.public, signer.algorithm, signer.sign(b"message")
    assert algorithms.verify(key, algorithm, b"message", signature)
    assert not algorithms.verify(key, algorithm, b"Message", signature)
    assert not algorithms.verify(Signer(curve).public, algorithm, b"message", signature)
    assert not algorithms.verify(key, algorithm, b"message", signature + b"\0")
    assert not algorithms.verify(key, algorithm, b"message", b"")
    for place in (0, len(signature) // 2, -1):
        mutant = bytearray(signature)
        mutant[place] ^= 1
        assert not algorithms.verify(key, algorithm, b"message", bytes(mutant))


@pytest.mark.parametrize(
    ("curve", "hash_name", "accepted"),
    [("secp384r1", "SHA256", {0, 16}), ("secp256r1", "SHA512", {0, 32}), ("secp256r1", "SHA256", {0})],
)
def test_hash_in_a_schnorr_signature_has_one_of_two_widths(
    curve: str, hash_name: str, accepted: set[int]
) -> None:
    signer = Signer(curve, f"ecsdsa-plain-{hash_name}")
    signature = signer.sign(b"message")
    widened = {
        more
        for more in (0, 1, 16, 32)
        if algorithms.verify(signer.public, signer.algorithm, b"message", bytes(more) + signature)
    }
    assert widened == accepted


def test_a_schnorr_signature_with_the_whole_of_a_longer_hash() -> None:
    """As ISO/IEC 14888-3 has it: r is the hash, uncut."""
    signer = Signer("secp256r1", "ecsdsa-plain-SHA512")
    curve, secret = ecsdsa.CURVES["secp256r1"], signer.private.private_numbers().private_value
    digest = hashlib.sha512(curve.x.to_bytes(32, "big") + curve.y.to_bytes(32, "big") + b"message").digest()
    s = (1 + int.from_bytes(digest, "big") * secret) % curve.n  # k = 1
    whole = digest + s.to_bytes(32, "big")
    assert algorithms.verify(signer.public, signer.algorithm, b"message", whole)
    cut = digest[:32] + s.to_bytes(32, "big")
    assert not algorithms.verify(signer.public, signer.algorithm, b"message", cut)


def test_oids_follow_tr_03111() -> None:
    assert ALGORITHMS["0.4.0.127.0.7.1.1.4.1.3"].name == "ecdsa-plain-SHA256"
    assert ALGORITHMS["0.4.0.127.0.7.1.1.4.1.10"].name == "ecdsa-plain-SHA3-384"
    assert ALGORITHMS["0.4.0.127.0.7.1.1.4.4.3"].name == "ecsdsa-plain-SHA384"
    assert len(ALGORITHMS) == 16
    weak = by_name("ECDSA-plain-sha224")
    assert weak is not None
    assert weak.weak
    assert by_name("rsa") is None


@pytest.mark.parametrize("curve", CURVE_NAMES)
def test_keys_as_point_and_as_spki(curve: str) -> None:
    signer = Signer(curve)
    spki = signer.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert algorithms.parse_public_key(signer.public.point) == signer.public
    assert algorithms.parse_public_key(spki) == signer.public


@pytest.mark.parametrize("raw", [b"", b"\x04", b"\x04" + bytes(64), b"\x05abc", bytes(80)])
def test_bad_keys_are_refused(raw: bytes) -> None:
    with pytest.raises(BadKey):
        algorithms.parse_public_key(raw)


def test_key_of_a_foreign_curve_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256K1()).public_key()
    with pytest.raises(BadKey):
        algorithms.parse_public_key(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def test_plain_signature_of_der() -> None:
    key = Signer("secp256r1").public
    assert (
        algorithms.plain_signature(encode_dss_signature(1, 2), key) == bytes(31) + b"\1" + bytes(31) + b"\2"
    )
    with pytest.raises(ValueError):
        algorithms.plain_signature(encode_dss_signature(1 << 300, 2), key)
    with pytest.raises(ValueError):
        algorithms.plain_signature(b"garbage", key)


def test_openssl_agrees(tmp_path: Path) -> None:
    """An outside judge: Debian's openssl verifies what our plain signatures stand for."""
    signer = Signer("brainpoolP384r1", "ecdsa-plain-SHA384")
    signature, size = signer.sign(b"message"), 48
    r, s = (int.from_bytes(part, "big") for part in (signature[:size], signature[size:]))
    (tmp_path / "key.pem").write_bytes(
        signer.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "sig.der").write_bytes(encode_dss_signature(r, s))
    command = ["openssl", "dgst", "-sha384", "-verify", "key.pem", "-signature", "sig.der", "data"]
    for data, code in ((b"message", 0), (b"massage", 1)):
        (tmp_path / "data").write_bytes(data)
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == code
