from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kassd.tse.log import certificates
from kassd.tse.log import der as asn1
from kassd.tse.log.certificates import CertificateError, TseCertificate, check_chain, check_issuer, load
from tests.tse.log.samples import shared_signer

Key = ec.EllipticCurvePrivateKey


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def issue(
    subject: str,
    key: Key,
    issuer: str,
    issuer_key: Key,
    ca: bool = True,
    more: x509.ExtensionType | None = None,
) -> TseCertificate:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=900))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if more is not None:
        builder = builder.add_extension(more, critical=False)
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


def resigned(old: bytes, new: bytes) -> bytes:
    """The shared signer's certificate with bytes replaced that no library would write."""
    signer = shared_signer()
    raw = signer.certificate
    outer = asn1.read(raw, 0, len(raw))
    tbs, algorithm, _ = asn1.children(raw, outer.body, outer.body_end)
    content = raw[tbs.body : tbs.body_end]
    assert content.count(old) == 1
    signed = asn1.tlv(0x30, content.replace(old, new))
    signature = signer.private.sign(signed, ec.ECDSA(hashes.SHA256()))
    return asn1.tlv(0x30, signed + raw[algorithm.start : algorithm.end] + asn1.tlv(0x03, b"\0" + signature))


@pytest.mark.parametrize("number", [b"\x02\x01\x00", b"\x02\x01\xff", b"\x02\x02\xff\x01"])
def test_serial_numbers_that_are_not_positive(number: bytes) -> None:
    leaf = load(resigned(b"\x02\x01\x07", number), "leaf")
    assert leaf.key == shared_signer().public
    assert ids(leaf, [leaf]) == [("chain_self_signed", "info")]


def test_curves_no_tse_may_use_and_versions_no_one_knows() -> None:
    brainpool256, brainpool320 = (bytes.fromhex(f"06092b24030302080101{n}") for n in ("07", "09"))
    with pytest.raises(CertificateError) as caught:
        load(resigned(brainpool256, brainpool320))
    assert caught.value.unsupported
    with pytest.raises(CertificateError, match="nicht lesbar"):
        load(resigned(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07"))


def test_cross_signed_root_ends_at_the_self_signed_one(keys: tuple[Key, Key, Key]) -> None:
    root_key, other_key, leaf_key = keys
    root, cross = issue("root", root_key, "root", root_key), issue("root", root_key, "other", other_key)
    leaf = issue("leaf", leaf_key, "root", root_key, ca=False)
    for pool in ([leaf, root, cross], [leaf, cross, root]):
        assert ids(leaf, pool) == [("chain_root_included", "info")]
    other = issue("other", other_key, "other", other_key)
    assert ids(leaf, [leaf, root, cross, other], other) == [("chain_untrusted", "error")]
    assert ids(leaf, [leaf, cross, other], other) == []


def test_signature_under_a_certificate_nobody_needs(keys: tuple[Key, Key, Key]) -> None:
    root_key, other_key, _ = keys
    root = issue("root", root_key, "root", root_key)
    assert list(check_issuer(root, [root])) == []
    assert [f.id for f in check_issuer(root, [])] == ["chain_incomplete"]
    forged = issue("bystander", other_key, "root", other_key)
    assert [f.where for f in check_issuer(forged, [root, forged])] == ["bystander"]


def test_certificates_nobody_stands_below(keys: tuple[Key, Key, Key]) -> None:
    root_key, other_key, leaf_key = keys
    root, bystander = issue("root", root_key, "root", root_key), issue("b", other_key, "root", root_key)
    middle = issue("middle", other_key, "root", root_key)
    leaf = issue("leaf", leaf_key, "middle", other_key, ca=False)
    assert certificates.unneeded([leaf], [bystander, root, middle, leaf]) == [bystander]
    assert certificates.lowest([root, middle, leaf, bystander]) == [leaf, bystander]
    assert certificates.lowest([root]) == [root]
    assert certificates.unneeded([root], [root]) == certificates.unneeded([], []) == []


def test_key_usage_period_narrows_the_validity(keys: tuple[Key, Key, Key]) -> None:
    key = keys[0]
    until = datetime(2026, 1, 1, tzinfo=UTC)
    good = asn1.tlv(0x30, asn1.tlv(0x81, b"20260101000000Z"))
    wrong = asn1.tlv(0x30, asn1.tlv(0x81, asn1.tlv(0x18, b"20260101000000Z")))
    plain, narrowed, broken = (
        issue(
            "leaf",
            key,
            "leaf",
            key,
            more=None if raw is None else x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.16"), raw),
        )
        for raw in (None, good, wrong)
    )
    assert narrowed.not_after == int(until.timestamp() * 1000) < plain.not_after
    assert narrowed.not_before == plain.not_before == broken.not_before
    assert broken.not_after == plain.not_after


def test_every_changed_byte_of_a_certificate_is_noticed(keys: tuple[Key, Key, Key]) -> None:
    root_key, leaf_key, _ = keys
    root = issue("root", root_key, "root", root_key)
    leaf = issue("leaf", leaf_key, "root", root_key, ca=False)
    good = ids(leaf, [leaf, root])
    for place in range(len(leaf.der)):
        mutant = bytearray(leaf.der)
        mutant[place] ^= 1 + place % 4
        try:
            changed = load(bytes(mutant))
        except CertificateError:
            continue
        assert changed.serial != leaf.serial or ids(changed, [changed, root]) != good, place


def test_a_file_of_several_certificates_is_split(keys: tuple[Key, Key, Key]) -> None:
    root_key, leaf_key, _ = keys
    ders = [issue(name, key, "root", root_key).der for name, key in (("leaf", leaf_key), ("root", root_key))]
    pems = [x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in ders]
    both = b"".join(pems)
    for plain in (
        both,
        both.replace(b"\n", b"\r\n"),
        b"\n\n".join(pems),
        both.replace(b"CERT", b"X509 CERT"),
    ):
        pieces, foreign = certificates.split(plain)
        assert ([load(piece).der for piece in pieces], foreign) == (ders, False)
    for odd in (
        b"Bag attributes\n" + both,
        b"\n# root\n".join(pems),
        both + b"x",
        both + b" ",
        both + pems[0][:40],
    ):
        pieces, foreign = certificates.split(odd)
        assert ([load(piece).der for piece in pieces], foreign) == (ders, True)
    assert certificates.split(ders[0]) == ([ders[0]], False)
    assert certificates.split(b"garbage") == ([b"garbage"], False)
    with pytest.raises(CertificateError):
        load(certificates.split(pems[0].replace(b"END CERT", b"END X509 CERT"))[0][0])
    assert certificates.split(pems[0].replace(b"MII", b"M II"))[1]
