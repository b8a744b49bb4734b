"""No change of an archive goes unseen: it is refused, or the verdict names it."""

import os
import random
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from kassd.core.verdict import Verdict
from kassd.tse.log import messages, tar
from kassd.tse.log.names import log_name
from tests.tse.log.samples import Signer, good_messages
from tests.tse.log.test_certificates import issue
from tests.tse.log.test_verify import check, ids

CHANGES = 20_000 if os.environ.get("SOAK") == "1" else 1000
INFO = b'"description:","x","manufacturer:","y","version:","1"\n'


@cache
def members() -> dict[str, bytes]:
    """The members of a good archive by name, TAR headers and padding included, in its order."""
    signer, root_key = Signer("secp256r1"), ec.generate_private_key(ec.SECP256R1())
    certificates = [
        issue("TSE", signer.private, "Root", root_key, ca=False),
        issue("Root", root_key, "Root", root_key),
        issue("Bystander", ec.generate_private_key(ec.SECP256R1()), "Root", root_key),
    ]
    found = {"info.csv": INFO}
    found |= {f"{each.serial.hex()}_X509.cer": each.der for each in certificates}
    found |= {log_name(messages.parse(raw)): raw for raw in good_messages(signer)}
    return {name: tar.entry(name, data, 1) for name, data in found.items()}


def join(parts: dict[str, bytes]) -> bytes:
    return b"".join(parts.values()) + tar.END


@cache
def good() -> Verdict:
    verdict = check(join(members()))
    assert verdict.ok
    assert ids(verdict, "warning") == set()
    return verdict


def places() -> list[int]:
    """Offsets of all octets outside the signed log messages."""
    found: list[int] = []
    offset = 0
    for name, raw in members().items():
        size = int(raw[124:135], 8)
        signed = range(512, 512 + size) if name.endswith(".log") else range(0)
        found += [offset + place for place in range(len(raw)) if place not in signed]
        offset += len(raw)
    return found + list(range(offset, offset + len(tar.END)))


def test_changed_octets_outside_the_messages() -> None:
    raw, rng = join(members()), random.Random(31)
    for place in rng.sample(places(), min(CHANGES, len(places()))):
        mutant = bytearray(raw)
        mutant[place] ^= rng.randrange(1, 256)
        assert check(bytes(mutant)) != good(), place


@pytest.mark.parametrize("part", ["header", "padding", "certificate", "bystander", "info", "end"])
def test_changed_octets_by_part(part: str) -> None:
    """What each part answers to a change, so that none is only caught by chance."""
    parts = dict(members())
    names = list(parts)
    expected = {
        "header": (names[4], 3, "archive_damaged"),
        "padding": (names[4], len(parts[names[4]]) - 2, "padding_not_zero"),
        "certificate": (names[1], 512 + int(parts[names[1]][124:135], 8) - 2, "chain_invalid"),
        "bystander": (names[3], 512 + int(parts[names[3]][124:135], 8) - 2, "chain_invalid"),
        "info": ("info.csv", 514, "info_malformed"),
        "end": ("", 5, "archive_damaged"),
    }
    name, place, id_ = expected[part]
    if part == "end":
        raw = bytearray(join(parts))
        raw[len(raw) - 512 + place] = 1
        verdict = check(bytes(raw))
    else:
        changed = bytearray(parts[name])
        changed[place] ^= 0x11
        verdict = check(join(parts | {name: bytes(changed)}))
    assert id_ in ids(verdict) | ids(verdict, "warning")


@pytest.mark.parametrize("index", range(9))
def test_dropped_members(index: int) -> None:
    parts = dict(members())
    del parts[list(parts)[index]]
    verdict = check(join(parts))
    assert verdict != good()
    if index == 8:  # the last message: nothing but the range that the verdict tells speaks of it
        assert (
            "Signaturzähler 1 bis 4" in next(f for f in verdict.findings if f.id == "counter_range").message
        )


@pytest.mark.parametrize("index", range(9))
def test_members_that_are_there_twice(index: int) -> None:
    parts = dict(members())
    verdict = check(join(parts | {"again": parts[list(parts)[index]]}))
    expected = "counter_duplicate" if index >= 4 else "member_repeated"
    assert expected in ids(verdict) | ids(verdict, "warning")


@pytest.mark.parametrize("name", ["notes.txt", "Unixt_1_Sig-1_Log-Aud.log", "x.log", "ab" * 32 + "_X509.cer"])
def test_members_that_do_not_belong(name: str) -> None:
    added = tar.entry(name, b"hello", 1)
    verdict = check(join(members() | {"added": added}))
    assert verdict.ok is (name == "notes.txt")
    assert any(finding.where == name for finding in verdict.findings)


def test_message_of_another_device_among_ours() -> None:
    other = good_messages(Signer("secp256r1"))[1]
    verdict = check(join(members() | {"added": tar.entry(log_name(messages.parse(other)), other, 1)}))
    assert ids(verdict) == {"certificate_missing"}


def test_messages_that_changed_places() -> None:
    parts = list(members().items())
    for first in range(4, 8):
        swapped = list(parts)
        swapped[first], swapped[first + 1] = swapped[first + 1], swapped[first]
        assert "members_unordered" in ids(check(join(dict(swapped))), "info")


def test_contents_that_changed_places() -> None:
    """Two genuine messages under each other's names."""
    parts = dict(members())
    names = list(parts)
    one, two = (parts[name][512:] for name in names[5:7])
    assert len(one) == len(two)
    parts[names[5]], parts[names[6]] = parts[names[5]][:512] + two, parts[names[6]][:512] + one
    verdict = check(join(parts))
    assert ids(verdict) == {"name_mismatch"}
    assert verdict.findings[0].where == names[5]


def test_headers_made_to_fit() -> None:
    """A name, a kind or a size changed by someone who corrects the checksum as well."""
    parts = dict(members())
    for name in list(parts)[4:]:
        for old, new in ((b"_Sig-", b"_Sag-"), (b"_Log-", b"_Sig-")):
            assert not check(join(parts | {name: _fitting(parts[name].replace(old, new, 1))})).ok
        for kind in b"5g127":
            head = bytearray(parts[name])
            head[156] = kind
            assert check(join(parts | {name: _fitting(bytes(head))})) != good()


HEADER = {
    "mode": 106,
    "uid": 114,
    "gid": 122,
    "mtime": 146,
    "flag": 156,
    "link name": 160,
    "version": 264,
    "user": 266,
    "group": 300,
    "device": 336,
    "rest": 505,
    "after the name": 99,
}


@pytest.mark.parametrize("place", HEADER.values(), ids=HEADER)
def test_header_fields_made_to_fit(place: int) -> None:
    """What means nothing to a reader is compared with the other members' headers, and named."""
    for name in ("info.csv", list(members())[6], list(members())[8]):
        head = bytearray(members()[name])
        head[place] = ord("7")
        verdict = check(join(dict(members()) | {name: _fitting(bytes(head))}))
        assert verdict.ok
        told = {each.id for each in verdict.findings} - {each.id for each in good().findings}
        assert told <= {"header_differs", "header_times", "header_unusual"}
        assert told


def test_certificates_and_description_that_changed_places() -> None:
    """In an archive that lies as usual, and in one that does not."""
    usual = list(members().items())
    unusual = [*usual[6:], *usual[:6]]
    for parts, known in ((usual, good()), (unusual, check(join(dict(unusual))))):
        for first in range(len(parts) - 1):
            swapped = list(parts)
            swapped[first], swapped[first + 1] = swapped[first + 1], swapped[first]
            verdict = check(join(dict(swapped)))
            if {parts[first][0], parts[first + 1][0]} == {usual[2][0], usual[3][0]} and parts is usual:
                continue  # neither the root nor the bystander that it issued comes first as of right
            assert verdict.ok
            assert verdict.findings != known.findings, first


def test_padding_after_the_end_is_told() -> None:
    for more in (1, 512, 20 * 512):
        verdict = check(join(members()) + bytes(more))
        assert verdict.ok
        (told,) = (each for each in verdict.findings if each.id == "archive_padded")
        assert f" {more} weitere" in told.message


def test_times_in_headers_may_be_those_of_the_messages() -> None:
    parts = {
        name: tar.entry(name, raw[512 : 512 + int(raw[124:135], 8)], _seconds(name))
        for name, raw in members().items()
    }
    verdict = check(join(parts))
    assert "header_times" not in ids(verdict, "info")
    head = bytearray(parts[list(parts)[5]])
    head[146] ^= 1
    (told,) = (
        each
        for each in check(join(parts | {list(parts)[5]: _fitting(bytes(head))})).findings
        if each.id == "header_times"
    )
    assert "(1×)" in told.message


def _seconds(name: str) -> int:
    return int(name.split("_")[1]) if name.startswith("Unixt_") else 1


@cache
def bundle() -> tuple[str, tuple[bytes, ...], tuple[bytes, ...]]:
    """A TSE's certificates in one PEM file, as Swissbit gives them: its name, leaf to root, the messages."""
    signer = Signer("secp256r1")
    middle_key, root_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    chain = (
        issue("TSE", signer.private, "Sub-CA", middle_key, ca=False),
        issue("Sub-CA", middle_key, "Root", root_key),
        issue("Root", root_key, "Root", root_key),
    )
    pems = tuple(each.library.public_bytes(Encoding.PEM) for each in chain)
    return f"{chain[0].serial.hex()}_X509.pem", pems, tuple(good_messages(signer))


def bundled(data: bytes, name: str = "") -> Verdict:
    """The verdict on an archive whose certificates are this file."""
    own, _, raws = bundle()
    logs = b"".join(tar.entry(log_name(messages.parse(raw)), raw, 1) for raw in raws)
    return check(tar.entry("info.csv", INFO, 1) + tar.entry(name or own, data, 1) + logs + tar.END)


def test_all_certificates_of_a_pem_file_are_used() -> None:
    name, (leaf, middle, root), _ = bundle()
    for pem in (leaf + middle + root, root + middle + leaf, (leaf + middle + root).replace(b"\n", b"\r\n")):
        verdict = bundled(pem)
        assert verdict.ok, verdict
        assert ids(verdict, "warning") == set()
        assert ids(verdict, "info") == {"chain_root_included", "counter_range", "info_unsigned"}
    roots = [x509.load_pem_x509_certificate(root).public_bytes(Encoding.DER)]
    assert ids(bundled(leaf + middle), "warning") == ids(bundled(leaf), "warning") == {"chain_incomplete"}
    assert ids(bundled(middle + root)) == {"certificate_name", "certificate_missing"}
    again = bundled(leaf + middle + root + middle)
    repeated = [finding.where for finding in again.findings if finding.id == "certificate_repeated"]
    assert repeated == [f"{name} (4. Zertifikat)"]
    logs = b"".join(tar.entry(log_name(messages.parse(raw)), raw, 1) for raw in bundle()[2])
    archive = tar.entry("info.csv", INFO, 1) + tar.entry(name, leaf + middle, 1) + logs + tar.END
    assert ids(check(archive, *roots)) == set()


@pytest.mark.parametrize("place", range(4))
def test_what_does_not_belong_between_certificates(place: int) -> None:
    pems = list(bundle()[1])
    for text in (b"Bag attributes\n", b"\0", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x03\x02\x01\x00"):
        verdict = bundled(b"".join([*pems[:place], text, *pems[place:]]))
        assert verdict.ok
        assert ids(verdict, "warning") == {"certificate_form"}


def test_changed_octets_of_a_pem_file() -> None:
    """Every one but those of line ends."""
    raw, rng = b"".join(bundle()[1]), random.Random(17)
    before = bundled(raw)
    places = [place for place, octet in enumerate(raw) if octet not in b"\r\n"]
    for place in rng.sample(places, min(CHANGES // 2, len(places))):
        mutant = bytearray(raw)
        mutant[place] ^= rng.randrange(1, 256)
        verdict = bundled(bytes(mutant))
        assert ids(verdict) | ids(verdict, "warning"), place
        assert verdict != before


def _fitting(entry: bytes) -> bytes:
    head = bytearray(entry[:512])
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + entry[512:]
