"""One TAR out of parts: any period, several TSEs, no message lost, none twice, and it verifies."""

import io
from pathlib import Path

import pytest

from kassd.tse.combine import Period, combine
from kassd.tse.log.tar import END, TarError, TarReader, entry
from kassd.tse.log.verify import verify_tar
from kassd.tse.parts import part_files, part_name, read_members
from kassd.tse.port import ExportFilter
from kassd.tse.soft import SoftTse
from tests.tse.log.samples import T0, Signer, archive, good_messages, shared_signer, start
from tests.tse.soft.helpers import CLIENT, NOW, collect, ready

TYPE, DATA = "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"


async def sell(tse: SoftTse, count: int) -> None:
    for _ in range(count):
        number = (await tse.start(CLIENT)).transaction_number
        await tse.finish(number, CLIENT, TYPE, DATA)


async def export(tse: SoftTse, path: Path, after: int = -1) -> int:
    """Returns the newest counter."""
    path.write_bytes(await collect(tse.export(ExportFilter(after_counter=after))))
    return (await tse.info()).signature_counter


def names(raw: bytes) -> list[str]:
    reader = TarReader()
    return [member.name for member in reader.feed(raw)]


def combined(sources: list[Path], period: Period = Period()) -> tuple[int, bytes]:
    out = io.BytesIO()
    count = combine(sources, period, out)
    return count, out.getvalue()


async def test_two_parts_are_one_archive(tmp_path: Path) -> None:
    tse = await ready(tmp_path / "tse")
    await sell(tse, 2)
    last = await export(tse, tmp_path / "a.tar")
    await sell(tse, 1)
    newest = await export(tse, tmp_path / "b.tar", last)
    whole = await collect(tse.export())
    await tse.close()
    count, archive = combined([tmp_path / "a.tar", tmp_path / "b.tar"])
    assert count == newest
    assert names(archive) == names(whole), "certificates and description once, messages in order"
    verdict = verify_tar(io.BytesIO(archive))
    assert (verdict.ok, verdict.checked) == (True, newest), verdict


async def test_an_overlap_is_taken_once(tmp_path: Path) -> None:
    """As after a swap that was given up: part, everything, what came after the part."""
    tse = await ready(tmp_path / "tse")
    last = await export(tse, tmp_path / "a.tar")
    await sell(tse, 1)
    await export(tse, tmp_path / "all.tar")
    await sell(tse, 1)
    newest = await export(tse, tmp_path / "b.tar", last)
    whole = await collect(tse.export())
    await tse.close()
    parts = [tmp_path / name for name in ("a.tar", "all.tar", "b.tar")]
    count, archive = combined(parts)
    assert (count, names(archive)) == (newest, names(whole))
    verdict = verify_tar(io.BytesIO(archive))
    assert (verdict.ok, verdict.checked) == (True, newest), verdict
    for order in ([2, 1, 0], [1, 1, 0], [0, 2, 2]):
        assert combined([parts[index] for index in order])[0] == (newest if 2 in order else newest - 2)


def test_what_contradicts_is_kept_and_named(tmp_path: Path) -> None:
    """Two messages of one counter, each from two parts; one that cannot be read as well."""
    signer, good = shared_signer(), good_messages(shared_signer())
    odd = signer.message(start(9), 2, T0 + 120_000)
    unreadable = entry("Unixt_1_Sig-9_Log-Aud.log", b"no message", 0)
    parts = [tmp_path / name for name in ("good.tar", "odd.tar", "again.tar")]
    for path, messages in zip(parts, (good, [odd], [*good, odd]), strict=True):
        path.write_bytes(unreadable + archive(messages, signer.certificate))
    count, combined_archive = combined(parts)
    assert count == len(good) + 2
    errors = [f.id for f in verify_tar(io.BytesIO(combined_archive)).findings if f.severity == "error"]
    assert errors.count("counter_duplicate") == 1
    assert errors.count("message_malformed") == 1


def test_same_counters_of_two_tses_are_two_messages(tmp_path: Path) -> None:
    for name, signer in (("a.tar", shared_signer()), ("b.tar", Signer("secp256r1"))):
        high = [signer.message(start(number), 2**62 + number) for number in range(1, 4)]
        (tmp_path / name).write_bytes(archive([*good_messages(signer), *high], signer.certificate))
    assert combined([tmp_path / "a.tar", tmp_path / "b.tar", tmp_path / "a.tar"])[0] == 16


async def test_a_period_takes_its_messages_only(tmp_path: Path) -> None:
    tse = await ready(tmp_path / "tse")
    await sell(tse, 1)
    await tse.set_time(NOW + 86_400)
    await sell(tse, 2)
    await export(tse, tmp_path / "a.tar")
    await tse.close()
    day = NOW * 1000 + 43_200_000
    source = [tmp_path / "a.tar"]
    late, archive = combined(source, Period(day, None))
    early, _ = combined(source, Period(None, day))
    assert sum("_Finish_" in name for name in names(archive)) == 2
    assert late + early == combined(source)[0]
    assert verify_tar(io.BytesIO(archive)).ok
    assert combined(source, Period(day + 10**12, None)) == (0, END)


async def test_two_tses_lie_in_one_archive_without_losing_a_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        tse = await ready(tmp_path / name)
        await sell(tse, 1)
        await export(tse, tmp_path / f"{name}.tar")
        await tse.close()
    count, archive = combined([tmp_path / "one.tar", tmp_path / "two.tar"])
    listed = names(archive)
    assert len(listed) == len(set(listed))
    assert listed.count("info.csv") == 1
    assert any("_Fc-1.log" in name for name in listed)
    verdict = verify_tar(io.BytesIO(archive))
    assert (verdict.ok, verdict.checked) == (True, count), verdict
    assert "several_keys" in [finding.id for finding in verdict.findings]


async def test_what_cannot_be_read_is_kept_and_damage_is_said(tmp_path: Path) -> None:
    odd = tmp_path / "odd.tar"
    odd.write_bytes(entry("Unixt_1_Sig-1_Log-Aud.log", b"no message", 0) + END)
    assert combined([odd], Period(10**15, None))[0] == 1
    odd.write_bytes(odd.read_bytes()[:700])
    with pytest.raises(TarError):
        combined([odd])


def test_parts_are_found_by_their_names(tmp_path: Path) -> None:
    for name in ("101-200.tar", "1-100.tar", "1-100.tar.7.aside", "export.part", "swap-3.tar"):
        (tmp_path / name).write_bytes(entry("info.csv", b"x", 0) + END)
    assert [(part.first, part.last) for part in part_files(tmp_path)] == [(1, 100), (101, 200)]
    assert part_files(tmp_path / "nowhere") == []
    assert part_name(1, 100) == "1-100.tar"
    with (tmp_path / "1-100.tar").open("rb") as file:
        assert [member.name for member in read_members(file)] == ["info.csv"]
