"""What archives of the field look like, one case each: all are in order, and say so."""

import io
import tarfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kassd.tse.log import der, messages, tar
from kassd.tse.log.messages import AuditData, SystemData, TransactionData
from kassd.tse.log.names import log_name
from tests.tse.log.samples import (
    T0,
    Signer,
    archive,
    finish,
    good_messages,
    shared_signer,
    start,
    update_time,
)
from tests.tse.log.test_certificates import issue, resigned
from tests.tse.log.test_verify import check, ids

SIGNER = shared_signer()
SERIAL = SIGNER.public.serial.hex()
CERTIFICATE = tar.entry(f"{SERIAL}_X509.cer", SIGNER.certificate, 1)


def logs(*raws: bytes, prefix: str = "") -> bytes:
    return b"".join(tar.entry(prefix + log_name(messages.parse(raw)), raw, 1) for raw in raws)


def info(text: bytes = b'"description:","x"\n', name: str = "info.csv") -> bytes:
    return tar.entry(name, text, 1)


GOOD = good_messages(SIGNER)


def accepted(raw: bytes, *, warnings: set[str] = frozenset()) -> set[str]:  # type: ignore[assignment]
    """The ids of the notes to an archive that must be in order with just these warnings."""
    verdict = check(raw)
    assert (verdict.ok, verdict.checked) == (True, 5), verdict.findings
    assert ids(verdict, "warning") == warnings
    return ids(verdict, "info")


def test_members_in_any_order() -> None:
    notes = accepted(
        logs(GOOD[3], GOOD[0]) + CERTIFICATE + logs(GOOD[4], GOOD[1], GOOD[2]) + info() + tar.END
    )
    assert "members_unordered" in notes


def test_names_with_dot_and_slash_and_an_entry_for_the_folder() -> None:
    folder = tar._header(b"./", 0, 1, b"5") + tar._header(b".", 0, 1, b"5")
    certificate = tar.entry(f"./{SERIAL}_X509.cer", SIGNER.certificate, 1)
    raw = folder + info(name="./info.csv") + logs(*GOOD, prefix="./") + certificate + tar.END
    assert "members_unordered" not in accepted(raw)


@pytest.mark.parametrize(
    ("form", "client"),
    [
        (tarfile.USTAR_FORMAT, "KASSE-1"),
        (tarfile.GNU_FORMAT, "KASSE-1"),
        (tarfile.GNU_FORMAT, "K" * 90),
        (tarfile.PAX_FORMAT, "KASSE-1"),
        (tarfile.PAX_FORMAT, "K" * 90),
    ],
)
def test_headers_of_other_writers(form: int, client: str) -> None:
    raws = [
        SIGNER.message(each, counter, T0 + counter * 1000)
        for counter, each in enumerate(
            [update_time(), start(1, client), start(2, client), finish(1, client), finish(2, client)], 1
        )
    ]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as writer:
        members = [("info.csv", b"description: , x"), (f"{SERIAL}_X509.cer", SIGNER.certificate)]
        members += [(log_name(messages.parse(raw)), raw) for raw in raws]
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), 1_790_000_000.25 if form == tarfile.PAX_FORMAT else 1
            writer.addfile(entry, io.BytesIO(data))
    accepted(buffer.getvalue())


def test_numbers_in_headers_as_v7_wrote_them() -> None:
    raw = bytearray(archive(GOOD, SIGNER.certificate))
    for old in (b"0000444\0", b"0000000\0"):
        raw = bytearray(bytes(raw).replace(old, old.lstrip(b"0").strip(b"\0").rjust(6) + b" \0"))
    for place in range(0, len(raw) - 1024, 512):
        head = raw[place : place + 512]
        if head[257:262] == b"ustar":
            head[148:156] = b" " * 8
            raw[place + 148 : place + 156] = b"%06o \0" % sum(head)
    assert b"   444 \0" in raw
    accepted(bytes(raw))


@pytest.mark.parametrize(
    "text",
    [
        b'"description:","x","manufacturer:","y","version:","1"\n',
        b'"description:","x","manufacturer:","y","version:","1"',
        b"description:,x,manufacturer:,y,version:,1",
        b'"description:" , "x" , "manufacturer:" , "y" , "version:" , "1"\r\n',
        b"description: , x , manufacturer",
        b'"component:","device","manufacturer:","y","model:","m","version:","1","certification-id:","z"\n'
        b'"component:","CSP","manufacturer:","y","model:","m","version:","1","certification-id:","z"\n'
        b'"description:","x"\n',
    ],
)
def test_info_csv(text: bytes) -> None:
    accepted(info(text) + logs(*GOOD) + CERTIFICATE + tar.END)


@pytest.mark.parametrize("text", [b"", b"\xff\x00", b'"version:","1"\n', b'"' * 200_000])
def test_info_csv_without_description_is_a_warning(text: bytes) -> None:
    accepted(info(text) + logs(*GOOD) + CERTIFICATE + tar.END, warnings={"info_malformed"})


def pem(raw: bytes) -> bytes:
    return x509.load_der_x509_certificate(raw).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("ending", ["X509.cer", "X509.crt", "X509.pem", "X509.der", "X509_Fc-1.crt"])
@pytest.mark.parametrize("spelled", [str.upper, str.lower])
@pytest.mark.parametrize("coded", [pem, bytes])
def test_certificates_by_any_name(
    ending: str, spelled: Callable[[str], str], coded: Callable[[bytes], bytes]
) -> None:
    certificate = tar.entry(f"{spelled(SERIAL)}_{ending}", coded(SIGNER.certificate), 1)
    accepted(info() + logs(*GOOD) + certificate + tar.END)


def test_two_certificates_of_one_key() -> None:
    """A certificate that had ended was renewed: a message needs one that held."""
    for order in ((SIGNER.certify(days=3), SIGNER.certificate), (SIGNER.certificate, SIGNER.certify(days=3))):
        both = b"".join(tar.entry(f"{SERIAL}_X509{'_Fc-1' * i}.cer", each, 1) for i, each in enumerate(order))
        accepted(info() + logs(*GOOD) + both + tar.END)


@pytest.mark.parametrize("number", [b"\x02\x01\x00", b"\x02\x02\xff\x01"])
def test_certificate_with_a_serial_number_that_is_not_positive(number: bytes) -> None:
    certificate = tar.entry(f"{SERIAL}_X509.cer", resigned(b"\x02\x01\x07", number), 1)
    accepted(info() + logs(*GOOD) + certificate + tar.END)


def test_certificate_of_a_curve_nobody_knows_is_skipped() -> None:
    other = resigned(bytes.fromhex("06092b2403030208010107"), bytes.fromhex("06092b2403030208010109"))
    odd = tar.entry("ab" * 32 + "_X509.cer", other, 1)
    accepted(info() + logs(*GOOD) + CERTIFICATE + odd + tar.END, warnings={"certificate_unreadable"})


def test_card_verifiable_certificates_are_named() -> None:
    odd = tar.entry("ab" * 32 + "_CVC.cer", b"\x7f\x21\x00", 1)
    assert "certificate_not_checked" in accepted(info() + logs(*GOOD) + CERTIFICATE + odd + tar.END)


def test_archive_without_its_end() -> None:
    body = info() + CERTIFICATE + logs(*GOOD)
    accepted(body, warnings={"archive_no_end"})
    accepted(body + bytes(512), warnings={"archive_no_end"})
    accepted(body + bytes(20 * 512))


def test_time_goes_back_where_the_clock_was_set() -> None:
    data = [start(1), SystemData("UpdateTime", b"\x81\x01\x05"), finish(1), start(2), finish(2)]
    moments = [T0, T0 - 9000, T0 - 8000, T0 - 7000, T0 - 7000]
    raws = [SIGNER.message(each, n, moments[n - 1]) for n, each in enumerate(data, 1)]
    accepted(info() + CERTIFICATE + logs(*raws) + tar.END)


def test_names_that_would_collide() -> None:
    raws = [SIGNER.message(AuditData(b"\x81\x00"), n) for n in range(1, 6)]
    members = b"".join(
        tar.entry(log_name(messages.parse(raw), collision), raw, 1) for collision, raw in enumerate(raws)
    )
    accepted(info() + CERTIFICATE + members + tar.END)


def test_process_data_of_indefinite_length_in_an_archive() -> None:
    def odd(data: TransactionData, counter: int) -> bytes:
        oid, serial = SIGNER.algorithm.oid, SIGNER.public.serial
        plain = messages.to_sign(2, data, serial, oid, counter, T0 + counter * 60_000, "unixTime")
        value = data.process_data
        half = len(value) // 2
        parts = der.tlv(4, value[:half]) + der.tlv(4, value[half:])
        signed = plain.replace(der.tlv(0x82, value), b"\xa2\x80" + parts + b"\0\0")
        return messages.encode(signed, SIGNER.sign(signed))

    raws = [*GOOD[:3], odd(finish(2), 4), odd(finish(1), 5)]
    raw = info() + CERTIFICATE + logs(*raws) + tar.END
    accepted(raw)
    assert ids(check(raw.replace(b"Beleg^1.00", b"Beleg^9.00"))) == {"signature_invalid"}


@pytest.mark.parametrize("operation", ["UpdateTime", "updateTime"])
@pytest.mark.parametrize("named", ["UpdateTime", "updateTime"])
def test_system_operations_in_either_spelling(operation: str, named: str) -> None:
    raw = SIGNER.message(SystemData(operation, b"\x81\x01\x05"), 1, T0)
    member = tar.entry(f"Unixt_{T0 // 1000}_Sig-1_Log-Sys_{named}.log", raw, 1)
    accepted(info() + CERTIFICATE + member + logs(*GOOD[1:]) + tar.END)


def test_start_with_a_blank_as_process_type() -> None:
    blank = TransactionData("start", "KASSE-1", b"", " ", 1)
    raws = [GOOD[0], SIGNER.message(blank, 2, T0 + 120_000), *GOOD[2:]]
    accepted(info() + CERTIFICATE + logs(*raws) + tar.END)


def test_start_without_a_process_type() -> None:
    bare = replace(start(1), process_type=None)
    raws = [GOOD[0], SIGNER.message(bare, 2, T0 + 120_000), *GOOD[2:]]
    accepted(info() + CERTIFICATE + logs(*raws) + tar.END, warnings={"message_incomplete"})
    finished = SIGNER.message(replace(finish(1), process_type=None), 1)
    with pytest.raises(der.DerError, match="processType fehlt"):
        messages.parse(finished)


def test_extension_that_is_wrongly_encoded() -> None:
    """The BSI simulator's own certificates: two implicit times with the universal tag as well."""
    times = b"".join(der.tlv(tag, der.tlv(0x18, b"20250101000000Z")) for tag in (0xA0, 0xA1))
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.16"), der.tlv(0x30, times))
    authority = Signer("brainpoolP384r1")
    root = issue("CA", authority.private, "CA", authority.private, more=odd)
    leaf = issue("TSE", SIGNER.private, "CA", authority.private, ca=False, more=odd)
    files = tar.entry(f"{SERIAL}_X509.cer", leaf.der, 1)
    files += tar.entry(f"{root.serial.hex()}_X509.cer", root.der, 1)
    notes = accepted(info() + logs(*GOOD) + files + tar.END, warnings={"certificate_extension"})
    assert "chain_root_included" in notes


def test_certificate_of_an_issuer_by_another_name() -> None:
    authority = Signer("brainpoolP384r1")
    root = issue("CA", authority.private, "CA", authority.private)
    leaf = issue("TSE", SIGNER.private, "CA", authority.private, ca=False)
    files = tar.entry(f"{SERIAL}_X509.cer", leaf.der, 1) + tar.entry("ab" * 32 + "_X509.cer", root.der, 1)
    accepted(info() + logs(*GOOD) + files + tar.END, warnings={"certificate_name"})


def test_fraction_in_a_file_name_with_or_without_zeros() -> None:
    fine = "generalizedTimeWithMilliseconds"
    raws = [
        SIGNER.message(each, n, T0 + n * 100, 2, fine)
        for n, each in enumerate([update_time(), start(1), start(2), finish(1), finish(2)], 1)
    ]
    whole = logs(*raws)
    assert b"00Z_Sig-1_" in whole
    short = b"".join(tar.entry(log_name(messages.parse(raw)).replace("00Z_", "Z_"), raw, 1) for raw in raws)
    accepted(info() + CERTIFICATE + whole + tar.END)
    accepted(info() + CERTIFICATE + short + tar.END)


def test_chain_that_is_not_there() -> None:
    """The messages are the TSE's all the same: a warning."""
    issued = issue("leaf", SIGNER.private, "Sub-CA", Signer().private, ca=False).der
    certificate = tar.entry(f"{SERIAL}_X509.cer", issued, 1)
    accepted(info() + logs(*GOOD) + certificate + tar.END, warnings={"chain_incomplete"})


def test_keys_of_several_devices() -> None:
    other = Signer("secp256r1")
    verdict = check(archive(GOOD + good_messages(other), SIGNER.certificate, other.certificate))
    assert (verdict.ok, verdict.checked) == (True, 10)
    assert {"several_keys"} <= ids(verdict, "info")
    assert sum(f.id == "counter_range" for f in verdict.findings) == 2
