import json
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from kassd.tse.log import verify_qr
from kassd.tse.log.messages import TransactionData, to_sign
from kassd.tse.log.qr import QrError, parse_qr
from kassd.tse.log.times import TIME_FORMATS, TimeFormat, to_iso
from tests.tse.log.samples import T0, VECTORS, Signer
from tests.tse.log.test_algorithms import PAIRS

QR_FILE = VECTORS / "qr" / "qr.json"
DATA = '2;"Eis; groß";3.99\r1;"Kaffee";2.99'


def make(
    signer: Signer,
    data: str = DATA,
    version: int = 2,
    time_format: TimeFormat = "unixTime",
    spki: bool = False,
    der: bool = False,
) -> str:
    finish = TransactionData("finish", "K-1", data.encode(), "Bestellung-V1", 12)
    signature = signer.sign(
        to_sign(version, finish, signer.public.serial, signer.algorithm.oid, 300, T0, time_format)
    )
    key = signer.public.point
    if der:
        size = signer.public.size
        signature = encode_dss_signature(
            int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
        )
    if spki:
        key = signer.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fields = ["V0", "K-1", "Bestellung-V1", data, "12", "300", to_iso(T0 - 5000), to_iso(T0)]
    fields += [signer.algorithm.name, time_format, b64encode(signature).decode(), b64encode(key).decode()]
    return ";".join(fields)


@pytest.mark.skipif(not QR_FILE.is_file(), reason="folder ../shared/vectors is absent")
def test_public_receipts() -> None:
    rows = json.loads(QR_FILE.read_text())
    assert len(rows) > 3
    for entry in rows:
        verdict = verify_qr(entry["qr"])
        assert verdict.ok is entry["valid"], entry["note"]
        if entry["valid"]:
            assert not verify_qr(entry["qr"].replace("0.00^", "0.01^")).ok


@pytest.mark.parametrize("scheme", ["ecdsa", "ecsdsa"])
@pytest.mark.parametrize(("curve", "hash_name"), PAIRS)
@pytest.mark.parametrize("spki", [False, True])
def test_every_algorithm_and_key_form(scheme: str, curve: str, hash_name: str, spki: bool) -> None:
    text = make(Signer(curve, f"{scheme}-plain-{hash_name}"), spki=spki)
    assert verify_qr(text).ok
    assert not verify_qr(text.replace(";300;", ";301;")).ok


@pytest.mark.parametrize("time_format", TIME_FORMATS)
@pytest.mark.parametrize("version", [2, 3])
def test_every_time_format(time_format: TimeFormat, version: int) -> None:
    assert verify_qr(make(Signer(), version=version, time_format=time_format)).ok


def test_utc_time_with_seconds_under_its_short_name() -> None:
    text = make(Signer(), time_format="utcTimeWithSeconds").replace("utcTimeWithSeconds", "utcTime")
    assert verify_qr(text).ok


def names(text: str) -> list[tuple[str, str]]:
    """What is told beside the note that the start time is nobody's word."""
    found = [(finding.id, finding.severity) for finding in verify_qr(text).findings]
    return [each for each in found if each != ("start_not_signed", "info")]


def test_the_start_time_that_nobody_signed_is_told() -> None:
    text = make(Signer())
    for moment in (to_iso(T0 - 5000), to_iso(T0 - 6000)):
        verdict = verify_qr(text.replace(to_iso(T0 - 5000), moment))
        assert verdict.ok
        assert [(each.id, each.severity) for each in verdict.findings] == [("start_not_signed", "info")]
        assert moment in verdict.findings[0].message


NAMOS = (
    "V0;NAMOS-00ND180490-001;Kassenbeleg-V1;Beleg^15,45_0,00_0,00_0,00_0,00_0,00_0,00^15,45:Unbar;281331;"
    "628393;2022-05-12T15:43:29+02:00;2022-05-12T15:43:43+02:00;ecdsa-plain-SHA384;unixTime;"
    "77687BCCB39CDFDBEC746F49CDB566424831A652883DD7999BEC160AD3451A71581B5C7D6DEEEF5B18654DF2417901E8"
    "5A6BEA0CEEAFC08A47C468D6FDC3E43256DB6FD0E74FF98781363C86A1F7842CFA52A7FC530E2160A7E8359DCF45C049;"
    "BICZGiiOoTzFL0GoNdwfkpvhuo56bNXzekbaceeJCB/FtdD5PFjTV3/WqscNTSjv+lhgBBSjs0BrxNdWCfXF/R8LTFmGMfD1gqsH"
    "E8u/rdNlMtnEXqcBo5/zE/oK8t2CXg=="
)
ODD = [("field_hexadecimal", "warning"), *2 * [("time_offset", "warning")], ("amount_comma", "warning")]


def test_a_petrol_receipt_with_offsets_hexadecimal_digits_and_commas() -> None:
    assert names(NAMOS) == ODD
    assert not verify_qr(NAMOS.replace("77687BCC", "77687bcc")).ok, "digits of both cases are no hexadecimal"
    for old, new in (("15:43:43+02", "15:43:43+01"), ("^15,45:", "^15.45:"), ("77687B", "77687C")):
        assert ("signature_invalid", "error") in names(NAMOS.replace(old, new))
    west = NAMOS.replace("15:43:43+02:00", "09:13:43-0430").replace("15:43:29+02:00", "13:43:29.000Z")
    assert names(west) == [ODD[0], ODD[1], ODD[3]]


def test_line_breaks_of_a_printed_text_are_named() -> None:
    for broken in (NAMOS.replace(";", ";\n"), NAMOS.replace("DD7999", "DD\r\n7999")):
        assert names(broken) == [("line_breaks", "warning"), *ODD]
    assert not verify_qr(NAMOS.replace("628393;", "628394;\n")).ok
    order = make(Signer())
    assert "\r" in order
    assert names(order) == []
    assert not verify_qr(order.replace("\r", "")).ok


def test_time_finer_than_signed_is_named() -> None:
    text = make(Signer(), time_format="unixTime")
    assert names(text.replace(to_iso(T0), to_iso(T0 + 7))) == [("time_not_signed", "warning")]
    assert names(text.replace(to_iso(T0), to_iso(T0 + 1000))) == [("signature_invalid", "error")]
    assert names(make(Signer(), time_format="utcTime")) == [("time_not_signed", "warning")]
    fine = make(Signer(), time_format="generalizedTimeWithMilliseconds")
    assert names(fine.replace(to_iso(T0), to_iso(T0 + 7))) == [("signature_invalid", "error")]


@pytest.mark.parametrize("curve", ["secp256r1", "brainpoolP256r1", "secp384r1", "secp521r1"])
def test_point_without_its_first_octet(curve: str) -> None:
    signer = Signer(curve)
    bare = b64encode(signer.public.point[1:]).decode()
    assert verify_qr(";".join([*make(signer).split(";")[:-1], bare])).ok


def test_spellings_that_change_nothing_are_named() -> None:
    text = make(Signer())
    assert names(text.replace("ecdsa-plain-SHA256", "ECDSA-plain-sha256")) == [("algorithm_spelling", "info")]
    assert text.endswith("=")
    assert text[-2] in "AEIMQUYcgkosw048"
    sloppy = text[:-2] + chr(ord(text[-2]) + 1) + "="
    assert names(sloppy) == [("base64_unusual", "warning")]


@pytest.mark.parametrize("number", [";12;", ";300;"])
def test_zeros_before_a_number_are_named(number: str) -> None:
    text = make(Signer())
    assert names(text) == []
    for zeros in ("0", "000"):
        assert names(text.replace(number, f";{zeros}{number[1:]}")) == [("number_unusual", "warning")]
    assert names(text.replace(number, ";0;")) == [("signature_invalid", "error")]


@pytest.mark.parametrize("time_format", ["unixTime", "generalizedTimeWithMilliseconds"])
def test_no_character_can_be_changed_unseen(time_format: TimeFormat) -> None:
    """But in the start time, which the TSE does not sign into the finish message."""
    text = make(Signer(), time_format=time_format)
    start = text.index(to_iso(T0 - 5000))
    for place in range(len(text)):
        if start <= place < start + len(to_iso(T0)):
            continue
        for other in "0A;ä":
            if text[place] != other:
                assert names(text[:place] + other + text[place + 1 :]), (place, other)
            if place:
                assert names(text[:place] + other + text[place:]), (place, other)


def test_der_signature_is_accepted_and_noted() -> None:
    verdict = verify_qr(make(Signer(), der=True))
    assert verdict.ok
    assert [f.id for f in verdict.findings] == ["signature_der", "start_not_signed"]


def test_fields() -> None:
    qr = parse_qr(f" {make(Signer())} \r\n")
    assert (qr.client_id, qr.process_type, qr.process_data) == ("K-1", "Bestellung-V1", DATA)
    assert (qr.transaction_number, qr.signature_counter, qr.time_format) == (12, 300, "unixTime")
    with pytest.raises(QrError):
        parse_qr("V0;a;b")


@pytest.mark.parametrize(
    ("old", "new", "id_"),
    [
        ("V0;", "V1;", "qr_version"),
        (";12;", ";zwölf;", "qr_malformed"),
        (";300;", ";-3;", "qr_malformed"),
        ("ecdsa-plain", "rsa-plain", "algorithm_unknown"),
        ("unixTime", "localTime", "qr_malformed"),
        ("T", "X", "qr_malformed"),
        ("K-1", "K-2", "signature_invalid"),
        ("V0;K-1;Bestellung-V1;", "V0;", "signature_invalid"),
    ],
)
def test_each_defect(old: str, new: str, id_: str) -> None:
    verdict = verify_qr(make(Signer()).replace(old, new))
    assert not verdict.ok
    assert verdict.findings[0].id == id_


def test_bad_key_and_signature() -> None:
    fields = make(Signer()).split(";")
    for replaced in (b"\x04" + bytes(64), b"x"):
        bad = [*fields[:-1], b64encode(replaced).decode()]
        assert verify_qr(";".join(bad)).findings[0].id == "key_invalid"
    assert verify_qr(";".join([*fields[:-1], "l§"])).findings[0].id == "qr_malformed"
    bad = [*fields[:-2], b64encode(b"short").decode(), fields[-1]]
    assert verify_qr(";".join(bad)).findings[0].id == "signature_invalid"


def test_end_before_start_is_a_warning() -> None:
    text = make(Signer()).replace(to_iso(T0 - 5000), to_iso(T0 + 5000))
    verdict = verify_qr(text)
    assert verdict.ok
    assert [f.id for f in verdict.findings] == ["time_backwards", "start_not_signed"]


@given(st.text(max_size=300))
def test_garbage_never_crashes(text: str) -> None:
    assert not verify_qr(text).ok
    assert not verify_qr("V0;;;" + text + ";1;1;a;b;c;d;e;f").ok


def test_too_long_is_refused() -> None:
    assert verify_qr("V0;" * 6000).findings[0].id == "qr_malformed"
