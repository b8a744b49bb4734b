import io
import random
from pathlib import Path

import pytest

from kassd.core.verdict import Verdict
from kassd.tse.log import der, messages, tar, verify_tar
from kassd.tse.log.messages import AuditData
from kassd.tse.log.times import TIME_FORMATS, TimeFormat
from tests.tse.log.samples import T0, VECTORS, Signer, archive, finish, good_messages, shared_signer, start
from tests.tse.log.test_algorithms import PAIRS

NEEDS_VECTORS = pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")
TARS = sorted((VECTORS / "tse").glob("*/*.tar"))


def check(raw: bytes, *roots: bytes) -> Verdict:
    return verify_tar(io.BytesIO(raw), roots=roots)


def ids(verdict: Verdict, severity: str = "error") -> set[str]:
    return {f.id for f in verdict.findings if f.severity == severity}


@NEEDS_VECTORS
@pytest.mark.parametrize("path", TARS, ids=lambda path: path.name)
def test_archives_of_others_are_good(path: Path) -> None:
    verdict = verify_tar(path)
    assert (verdict.ok, verdict.kind) == (True, "tse-tar")
    assert verdict.checked == (0 if "certs" in path.name else 14 if "export" in path.name else 12)
    assert ids(verdict, "warning") == ({"archive_no_end"} if "no-eof" in path.name else set())


@NEEDS_VECTORS
@pytest.mark.parametrize("path", [p for p in TARS if "certs" in p.name], ids=lambda path: path.name)
def test_certificate_archives_of_others_have_one_chain(path: Path) -> None:
    assert ids(verify_tar(path), "info") == {"archive_no_logs", "chain_root_included", "members_order"}


@NEEDS_VECTORS
@pytest.mark.parametrize("path", [p for p in TARS if "certs" not in p.name], ids=lambda path: path.name)
def test_changed_messages_of_others_are_refused(path: Path) -> None:
    """Seeded sample of single-byte changes in the log messages of foreign archives."""
    raw, rng = path.read_bytes(), random.Random(11)
    offset, places = 0, []
    while any(raw[offset : offset + 512]):
        size = int(raw[offset + 124 : offset + 135], 8)
        if b"_Log-" in raw[offset : offset + 100]:
            places += range(offset + 512, offset + 512 + size)
        offset += 512 + (size + 511) // 512 * 512
        if offset >= len(raw):
            break
    for place in rng.sample(places, 60):
        mutant = bytearray(raw)
        mutant[place] ^= rng.randrange(1, 256)
        assert not check(bytes(mutant)).ok, place


@pytest.mark.parametrize("scheme", ["ecdsa", "ecsdsa"])
@pytest.mark.parametrize(("curve", "hash_name"), PAIRS)
@pytest.mark.parametrize("version", [2, 3])
def test_every_algorithm(scheme: str, curve: str, hash_name: str, version: int) -> None:
    signer = Signer(curve, f"{scheme}-plain-{hash_name}")
    verdict = check(archive(good_messages(signer, version), signer.certificate))
    assert verdict.ok, verdict.findings
    assert verdict.checked == 5
    assert ids(verdict, "warning") == ({"algorithm_weak"} if hash_name.endswith("224") else set())


@pytest.mark.parametrize("time_format", TIME_FORMATS)
@pytest.mark.parametrize("version", [2, 3])
def test_every_time_format(time_format: TimeFormat, version: int) -> None:
    signer = shared_signer()
    verdict = check(archive(good_messages(signer, version, time_format), signer.certificate))
    assert {(f.id, f.severity) for f in verdict.findings} == {
        ("chain_self_signed", "info"),
        ("info_unsigned", "info"),
        ("counter_range", "info"),
        ("members_order", "info"),
    }


def test_every_changed_byte_of_a_message_is_refused() -> None:
    signer, rng = shared_signer(), random.Random(5)
    raw = archive(good_messages(signer), signer.certificate)
    place = raw.index(b"_Log-Tra_No-2_Finish")
    start_of_message = place // 512 * 512 + 512
    size = int(raw[start_of_message - 512 + 124 : start_of_message - 512 + 135], 8)
    for offset in rng.sample(range(size), 120):
        mutant = bytearray(raw)
        mutant[start_of_message + offset] ^= 1 << rng.randrange(8)
        verdict = check(bytes(mutant))
        assert not verdict.ok
        assert any(f.severity == "error" and "No-2_Finish" in f.where for f in verdict.findings), offset


def test_first_bad_message_is_named_and_the_rest_counted() -> None:
    signer = shared_signer()
    raw = archive(good_messages(signer), signer.certificate)
    bad = raw
    for piece in (b"StartTransaction", b"FinishTransaction"):
        bad = bad.replace(piece, piece[::-1])
    verdict = check(bad)
    assert ids(verdict) == {"message_malformed"}
    first = verdict.findings[0]
    assert first.where.startswith("Unixt_")
    assert "operationType" in first.message
    many = [signer.message(start(n), n, T0) for n in range(1, 20)]
    many = [raw[:-1] + bytes((raw[-1] ^ 1,)) for raw in many]
    verdict = check(archive(many, signer.certificate))
    assert any(f.message == "14 weitere Befunde dieser Art" for f in verdict.findings)


def test_errors_one_by_one() -> None:
    signer = shared_signer()
    good, certificate = good_messages(signer), signer.certificate
    assert ids(check(archive(good))) == {"certificate_missing"}
    assert ids(check(archive(good[:3] + good[2:], certificate))) == {
        "counter_duplicate",
        "transaction_duplicate",
    }
    assert ids(check(archive(good, certificate)[:3000])) >= {"archive_damaged"}
    assert ids(check(archive(good, certificate), Signer().certificate)) == {"chain_untrusted"}
    trusted = check(archive(good, certificate), certificate)
    assert ids(trusted, "info") == {"info_unsigned", "counter_range", "members_order"}
    assert ids(trusted, "warning") == ids(trusted) == set()
    wrong_name = archive(good, certificate).replace(b"Sig-3_", b"Sig-9_")
    assert ids(check(wrong_name)) >= {"archive_damaged"}
    assert ids(check(b"")) == {"archive_empty"}
    garbage = check(b"no archive " * 100)
    assert ids(garbage) == {"archive_damaged"}
    assert garbage.findings[0].message.startswith("die Datei ist kein TAR-Archiv")
    assert ids(check(bytes(1024))) == {"archive_empty"}
    old = Signer()
    messages_of_old = good_messages(old)
    assert ids(check(archive(messages_of_old, old.certify(days=3)))) == {"certificate_not_valid"}


def test_names_are_checked_against_the_messages() -> None:
    signer = shared_signer()
    good = good_messages(signer)
    extra = tar.entry(
        "Unixt_1790000000_Sig-6_Log-Aud.log", signer.message(AuditData(b"x"), 7, T0 + 999_000), 1
    )
    body = archive(good, signer.certificate, end=False)
    assert ids(check(body + extra + tar.END)) == {"name_mismatch"}
    extra = tar.entry("anything.log", signer.message(AuditData(b"x"), 6, T0 + 999_000), 1)
    assert ids(check(body + extra + tar.END)) == {"name_invalid"}
    extra = tar.entry("ab" * 32 + "_X509.cer", Signer().certificate, 1)
    foreign = check(body + extra + tar.END)
    assert (foreign.ok, ids(foreign, "warning")) == (True, {"certificate_name"}), "not the TSE's own"
    own = archive(good, end=False) + tar.entry("ab" * 32 + "_X509.cer", signer.certificate, 1)
    assert ids(check(own + tar.END)) == {"certificate_name"}
    assert ids(check(tar.entry("ab" * 32 + "_X509.cer", signer.certificate, 1) + tar.END)) == {
        "certificate_name"
    }
    extra = tar.entry("ab" * 32 + "_X509.cer", b"garbage", 1)
    assert ids(check(body + extra + tar.END)) == {"certificate_unreadable"}
    extra = tar.entry("readme.txt", b"hello", 1)
    verdict = check(body + extra + tar.END)
    assert verdict.ok
    assert ids(verdict, "warning") == {"member_unknown"}


def test_unknown_algorithm_and_parameters() -> None:
    signer = shared_signer()
    serial, oid = signer.public.serial, signer.algorithm.oid
    signed = messages.to_sign(2, start(1), serial, "0.4.0.127.0.7.1.1.4.1.99", 1, T0, "unixTime")
    raw = archive([messages.encode(signed, signer.sign(signed))], signer.certificate)
    assert ids(check(raw)) == {"algorithm_unknown"}
    signed = messages.to_sign(2, start(1), serial, oid, 1, T0, "unixTime")
    element = der.tlv(der.OID, der.oid_content(oid))
    signed = signed.replace(der.tlv(0x30, element), der.tlv(0x30, element + b"\x05\x00"))
    raw = archive([messages.encode(signed, signer.sign(signed))], signer.certificate)
    assert ids(check(raw)) == {"algorithm_parameters"}


def test_filtered_export_is_acceptable() -> None:
    signer = shared_signer()
    good = good_messages(signer)
    verdict = check(archive([good[1], good[4]], signer.certificate, info=False))
    assert verdict.ok
    assert ids(verdict, "warning") == {"counter_gap", "info_missing"}


def test_two_keys_in_one_archive() -> None:
    one, two = shared_signer(), Signer("secp384r1", "ecdsa-plain-SHA384")
    verdict = check(archive(good_messages(one) + good_messages(two), one.certificate, two.certificate))
    assert verdict.ok
    assert "several_keys" in ids(verdict, "info")


def test_unseekable_stream_and_progress(tmp_path: Path) -> None:
    signer = shared_signer()
    raw = archive(good_messages(signer), signer.certificate)

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    assert verify_tar(Pipe(raw)).checked == 5
    (tmp_path / "x.tar").write_bytes(raw)
    seen: list[int] = []
    assert verify_tar(tmp_path / "x.tar", progress=seen.append).ok
    assert seen == [len(raw)]
    with pytest.raises(FileNotFoundError):
        verify_tar(tmp_path / "none.tar")


def test_quirks_of_real_archives() -> None:
    signer = shared_signer()
    good = good_messages(signer)
    raw = archive(good, info=False, end=False)
    raw += tar._header(b".", 0, 1, b"5")
    raw += tar.entry("./info.csv", b"description: , x , manufacturer", 1)
    name = signer.public.serial.hex().upper() + "_X509_Fc-1.crt"
    verdict = check(raw + tar.entry("./" + name, signer.certificate, 1) + tar.END)
    assert verdict.ok
    assert ids(verdict, "warning") == set()


def test_same_transaction_by_another_client() -> None:
    signer = shared_signer()
    raws = [signer.message(start(1, "A"), 1), signer.message(finish(1, "B"), 2)]
    verdict = check(archive(raws, signer.certificate))
    assert (verdict.ok, ids(verdict, "warning")) == (True, {"transaction_client"})


def test_no_change_anywhere_crashes_the_verifier() -> None:
    signer, rng = shared_signer(), random.Random(23)
    raw = archive(good_messages(signer), signer.certificate)
    for _ in range(400):
        mutant = bytearray(raw)
        for _ in range(rng.randrange(1, 4)):
            mutant[rng.randrange(len(mutant))] = rng.randrange(256)
        check(bytes(mutant[: rng.choice((len(mutant), rng.randrange(len(mutant))))]))
