"""BouncyCastle judges archives: it accepts what TSEs write and refuses every changed octet, as we do."""

import importlib
import io
import random
import tarfile
from itertools import product
from pathlib import Path

import pytest

from kassd.tse.log import verify_tar
from kassd.tse.log.algorithms import CURVE_NAMES, HASHES
from kassd.tse.log.messages import AuditData
from kassd.tse.log.times import TIME_FORMATS, TimeFormat
from kassd.tse.port import Tse
from kassd.tse.soft import Model, SoftTse, default_secrets
from tests.contract.tse.conftest import FAMILIES
from tests.judges.bouncycastle import Judge, build
from tests.judges.slips import prepare
from tests.tse import unnoted
from tests.tse.log.samples import VECTORS, Signer, archive, good_messages, shared_signer

CHANGES = 250  # in each of the archives below
MADE: tuple[tuple[str, int, TimeFormat], ...] = (
    ("secp256r1", 2, "unixTime"),
    ("brainpoolP256r1", 3, "unixTime"),
    ("brainpoolP384r1", 2, "generalizedTimeWithMilliseconds"),
    ("secp384r1", 3, "utcTimeWithSeconds"),
)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return build(tmp_path_factory.mktemp("judge"))


async def one_sale(tse: Tse) -> bytes:
    """The archive after a sale on a TSE that was brought up."""
    number = (await tse.start("KASSE-1")).transaction_number
    data = b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar"
    await tse.finish(number, "KASSE-1", "Kassenbeleg-V1", data)
    exported = b"".join([chunk async for chunk in tse.export()])
    await tse.close()
    return exported


async def soft_archive(folder: Path, curve: str, version: int, time_format: TimeFormat) -> Path:
    tse = SoftTse(folder, model=Model(curve=curve, version=version, time_format=time_format), latency_s=0)
    await tse.open()
    await tse.provision(default_secrets(folder), "KASSE-1", unnoted)
    await prepare(tse)
    path = folder / "export.tar"
    path.write_bytes(await one_sale(tse))
    return path


@pytest.mark.parametrize("version", [2, 3])
async def test_every_curve_and_time_format_of_the_soft_tse(
    judge: Judge, tmp_path: Path, version: int
) -> None:
    paths = [
        await soft_archive(tmp_path / f"{curve}-{form}", curve, version, form)
        for curve, form in product(CURVE_NAMES, TIME_FORMATS)
    ]
    ours = [verify_tar(path) for path in paths]
    assert all(verdict.ok for verdict in ours)
    good, verdicts = judge.accepts(paths)
    assert good, [verdict for verdict in verdicts if not verdict.startswith("ok ")]
    assert len(verdicts) == sum(verdict.checked for verdict in ours) >= 5 * len(paths)


@pytest.mark.parametrize("scheme", ["ecdsa", "ecsdsa"])
def test_every_signature_algorithm(judge: Judge, tmp_path: Path, scheme: str) -> None:
    """Both schemes of TR-03111 with SHA-2 and SHA-3 on all curves, as our own test signer writes them."""
    paths = []
    for curve, hash_name in product(CURVE_NAMES, HASHES):
        signer = Signer(curve, f"{scheme}-plain-{hash_name}")
        paths.append(tmp_path / f"{curve}-{hash_name}.tar")
        audit = signer.message(AuditData(b"\x81\x00"), 6)
        paths[-1].write_bytes(archive([*good_messages(signer)[-1:], audit], signer.certificate))
    good, verdicts = judge.accepts(paths)
    assert good, [verdict for verdict in verdicts if not verdict.startswith("ok ")]
    assert len(verdicts) == 2 * len(paths) == 96


@pytest.mark.parametrize("family", FAMILIES)
async def test_what_each_simulator_exports(judge: Judge, tmp_path: Path, family: str) -> None:
    rigged = importlib.import_module(f"tests.contract.tse.rig_{family}")
    with rigged.rig(tmp_path / "device") as rig:
        tse = rig.driver()
        if (await tse.open()).life_cycle == "factory":
            await tse.provision(rig.secrets, "KASSE-1", unnoted)
        await prepare(tse)
        (tmp_path / "export.tar").write_bytes(await one_sale(tse))
    ours = verify_tar(tmp_path / "export.tar")
    assert ours.ok, ours.findings
    good, verdicts = judge.accepts([tmp_path / "export.tar"])
    assert good, verdicts
    assert len(verdicts) == ours.checked >= 3


@pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")
def test_archives_of_others(judge: Judge) -> None:
    for path in sorted((VECTORS / "tse").glob("*/*.tar")):
        good, verdicts = judge.accepts([path])
        assert len(verdicts) == verify_tar(path).checked
        assert good is bool(verdicts)


def octets_of_messages(raw: bytes) -> dict[int, str]:
    """Offset in the archive of every octet of every log message, and the member it belongs to."""
    with tarfile.open(fileobj=io.BytesIO(raw)) as read:
        return {
            member.offset_data + place: member.name
            for member in read
            if member.name.endswith(".log")
            for place in range(member.size)
        }


@pytest.mark.parametrize(("curve", "version", "time_format"), MADE)
async def test_a_changed_octet_of_a_message_is_refused_by_both(
    judge: Judge, tmp_path: Path, curve: str, version: int, time_format: TimeFormat
) -> None:
    """A thousand in all, seeded; both name the message that was changed."""
    path, rng = await soft_archive(tmp_path / "tse", curve, version, time_format), random.Random(curve)
    raw = path.read_bytes()
    owner = octets_of_messages(raw)
    places = rng.choices(sorted(owner), k=CHANGES)
    changes = [(place, raw[place] ^ rng.randrange(1, 256)) for place in places]
    for (place, value), theirs in zip(changes, judge.changes(path, changes), strict=True):
        assert theirs.startswith(f"bad {owner[place]} "), (place, value, theirs)
        mutant = bytearray(raw)
        mutant[place] = value
        ours = verify_tar(io.BytesIO(mutant))
        assert not ours.ok
        assert ours.findings[0].where == owner[place], (place, value, ours.findings)


def test_the_judge_itself_refuses(judge: Judge, tmp_path: Path) -> None:
    """What it says of archives that are wrong as a whole: a judge that only nods proves nothing."""
    signer, path = shared_signer(), tmp_path / "export.tar"
    path.write_bytes(archive(good_messages(signer), Signer().certificate))
    good, verdicts = judge.accepts([path])
    assert not good
    assert all(verdict.endswith("no certificate of this serial number") for verdict in verdicts)
    path.write_bytes(archive([], signer.certificate))
    assert judge.accepts([path]) == (False, [])
    path.write_bytes(archive(good_messages(signer), signer.certificate))
    assert judge.changes(path, [(0, path.read_bytes()[0])]) == ["ok"]
