from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kassd.tse.log import certificates
from kassd.tse.log.certificates import CertificateError, TseCertificate, check_chain, load
from tse.log.samples import shared_signer

Key = ec.EllipticCurvePrivateKey


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def issue(subject: str, key: Key, issuer: str, issuer_key: Key, ca: bool = True) -> TseCertificate:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=900))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return load(builder.sign(issuer_key, hashes.SHA384()).public_bytes(Encoding.DER), subject)


@pytest.fixture(scope="module")
def keys() -> tuple[Key, Key, Key]:
    a, b, c = (ec.generate_private_key(ec.BrainpoolP384R1()) for _ in range(3))
    return a, b, c


def ids(leaf: TseCertificate, pool: list[TseCertificate], *roots: TseCertificate) -> list[tuple[str, str]]:
    return [(f.id, f.severity) for f in check_chain(leaf, pool, [r.der for r in roots])]


def test_chain_to_an_included_or_trusted_root(keys: tuple[Key, Key, Key]) -> None:
    root_key, middle_key, leaf_key = keys
    root = issue("root", root_key, "root", root_key)
    middle = issue("middle", middle_key, "root", root_key)
    leaf = issue("leaf", leaf_key, "middle", middle_key, ca=False)
    pool = [leaf, root, middle]
    assert ids(leaf, pool) == [("chain_root_included", "info")]
    assert ids(leaf, pool, root) == []
    assert ids(leaf, [leaf, middle], root) == []
    assert ids(leaf, [leaf]) == [("chain_incomplete", "warning")]
    assert ids(leaf, [leaf], root) == [("chain_incomplete", "error")]
    assert ids(leaf, pool, issue("other", leaf_key, "other", leaf_key)) == [("chain_untrusted", "error")]


def test_forged_links_are_errors(keys: tuple[Key, Key, Key]) -> None:
    root_key, middle_key, leaf_key = keys
    root = issue("root", root_key, "root", root_key)
    forged = issue("leaf", leaf_key, "root", middle_key, ca=False)
    assert ids(forged, [forged, root]) == [("chain_invalid", "error")]
    no_ca = issue("root", root_key, "root", root_key, ca=False)
    leaf = issue("leaf", leaf_key, "root", root_key, ca=False)
    assert ids(leaf, [leaf, no_ca])[0] == ("chain_not_authority", "error")
    fake_self = issue("leaf", leaf_key, "leaf", root_key)
    assert ids(fake_self, [fake_self]) == [("chain_invalid", "error")]


def test_loop_has_no_end(keys: tuple[Key, Key, Key]) -> None:
    a_key, b_key, _ = keys
    a, b = issue("a", a_key, "b", b_key), issue("b", b_key, "a", a_key)
    assert ids(a, [a, b]) == [("chain_invalid", "error")]


def test_self_signed_leaf_is_noted() -> None:
    leaf = load(shared_signer().certificate, "leaf")
    assert ids(leaf, [leaf]) == [("chain_self_signed", "info")]
    assert not certificates.is_authority(leaf)


def test_pem_is_read_too() -> None:
    der = shared_signer().certificate
    pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    assert load(b"Bag attributes\n" + pem).der == der


def test_unreadable_and_unsupported() -> None:
    with pytest.raises(CertificateError, match="nicht lesbar"):
        load(b"garbage")
    key = rsa.generate_private_key(65537, 2048)
    builder = x509.CertificateBuilder().subject_name(_name("r")).issuer_name(_name("r"))
    builder = builder.public_key(key.public_key()).serial_number(5)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=9))
    with pytest.raises(CertificateError) as caught:
        load(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))
    assert caught.value.unsupported
