"""``kassd export tar`` from the archive of several TSEs, with and without a device."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from kassd import settings
from kassd.clock import Clock, utc_text
from kassd.core import facts as f
from kassd.journal import Entry, Journal
from kassd.tse.log.verify import verify_tar
from kassd.tse.port import ExportFilter
from kassd.tse.soft import SoftTse
from tests.cli.kit import kassd
from tests.cli.test_cli_files import BARE, FAST, signed

Lines = list[f.Fact]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A register whose TSE lies in ``tse``."""
    file = tmp_path / "kassd.toml"
    text = BARE.replace("/var/lib/kassd/", f"{tmp_path}/").replace("/etc/kassd/", f"{tmp_path}/")
    file.write_text(text.replace('driver = "soft"', FAST), encoding="utf-8")
    assert settings.load(file).journal.dir == tmp_path / "journal"
    return file


def write_journal(folder: Path, facts: Lines) -> None:
    async def write() -> None:
        clock = Clock()
        now = utc_text(clock.now())
        journal, _ = await Journal.open(
            folder, "KASSE-0007", segment_size=1 << 20, compact=False, now=lambda: (now, 1, "0" * 16)
        )
        for fact in facts:
            await journal.append(Entry(now, 1, "0" * 16, [f.to_json(fact)], []))
        await journal.close()

    asyncio.run(write())


def exported(store: Path, path: Path, after: int = -1) -> tuple[str, int, str]:
    """Write an export; serial number, newest counter, SHA-256."""

    async def export() -> tuple[str, int]:
        tse = SoftTse(store, latency_s=0)
        info = await tse.open()
        path.parent.mkdir(parents=True, exist_ok=True)
        pieces = [piece async for piece in tse.export(ExportFilter(after_counter=after))]
        path.write_bytes(b"".join(pieces))
        await tse.close()
        return info.serial_number, info.signature_counter

    serial, last = asyncio.run(export())
    return serial, last, hashlib.sha256(path.read_bytes()).hexdigest()


def archived(place: Path, store: Path) -> f.TseArchived:
    """Everything a TSE has becomes its first part."""
    serial, last, digest = exported(store, place / "new")
    name = f"{serial}/1-{last}.tar"
    (place / serial).mkdir()
    (place / "new").rename(place / name)
    return f.TseArchived("1.0", serial, 1, last, last, digest, (place / name).stat().st_size, name, 0)


def test_two_tses_that_are_gone_and_the_one_that_is_there(config: Path, tmp_path: Path) -> None:
    place, out = tmp_path / "tse-archive", tmp_path / "all.tar"
    facts: Lines = []
    for name in ("first", "second"):
        signed(tmp_path / name, 2)
        facts.append(archived(place, tmp_path / name))
    first, second = facts
    assert isinstance(first, f.TseArchived)
    assert isinstance(second, f.TseArchived)
    signed(tmp_path / "second", 1)  # after its last closing; taken along when it was replaced
    serial, newest, digest = exported(tmp_path / "second", place / second.serial_number / "swap-1.tar")
    swap = f.TseSwapBegan(serial, "", "kassd tse", "Tausch", f"{place}/{serial}/swap-1.tar", digest, newest)
    signed(tmp_path / "tse", 1)
    write_journal(tmp_path / "journal", [first, second, swap])

    done = kassd("export", "tar", "--out", out, config=config)
    unrecorded = "Der Export ist nicht im Journal vermerkt: die Kasse läuft nicht\n"
    assert (done.returncode, done.stderr) == (0, unrecorded)
    verdict = verify_tar(out)
    assert verdict.ok, verdict
    assert "3 TSE-Schlüsseln" in next(x.message for x in verdict.findings if x.id == "several_keys")
    _, own, _ = exported(tmp_path / "tse", tmp_path / "own.tar")
    assert verdict.checked == first.last + newest + own


def test_without_the_device_the_archive_has_to_do(config: Path, tmp_path: Path) -> None:
    signed(tmp_path / "first", 2)
    fact = archived(tmp_path / "tse-archive", tmp_path / "first")
    write_journal(tmp_path / "journal", [fact])
    text = config.read_text()
    config.write_text(text[: text.index("[tse]")])
    done = kassd("export", "tar", "--out", tmp_path / "x.tar", config=config)
    assert done.returncode == 0
    assert "Nur das Archiv" in done.stderr
    assert verify_tar(tmp_path / "x.tar").checked == fact.last


def test_an_export_makes_no_tse(config: Path, tmp_path: Path) -> None:
    signed(tmp_path / "first", 2)
    fact = archived(tmp_path / "tse-archive", tmp_path / "first")
    write_journal(tmp_path / "journal", [fact])
    done = kassd("export", "tar", "--out", tmp_path / "x.tar", config=config)
    assert done.returncode == 0
    assert "Nur das Archiv" in done.stderr
    assert "Die Soft-TSE ist nicht da" in done.stderr
    assert not (tmp_path / "tse").exists()
    assert verify_tar(tmp_path / "x.tar").checked == fact.last


def test_a_missing_and_a_changed_part_stop_the_export(config: Path, tmp_path: Path) -> None:
    signed(tmp_path / "first", 1)
    fact = archived(tmp_path / "tse-archive", tmp_path / "first")
    write_journal(tmp_path / "journal", [fact])
    path = tmp_path / "tse-archive" / fact.file
    path.write_bytes(path.read_bytes() + b"\0" * 512)
    for word in ("verändert", "fehlt"):
        done = kassd("export", "tar", "--out", tmp_path / "x.tar", config=config)
        assert (done.returncode, word in done.stderr) == (65, True), done.stderr
        path.unlink(missing_ok=True)
    assert not list(tmp_path.glob("x.tar*"))


def test_a_period_without_messages_is_no_archive(config: Path, tmp_path: Path) -> None:
    signed(tmp_path / "tse", 1)
    done = kassd("export", "tar", "--to", "2020-01-01", "--out", tmp_path / "x.tar", config=config)
    assert (done.returncode, "Zeitraum" in done.stderr) == (65, True)
    done = kassd("export", "tar", "--from", "2020-01-01", "--out", tmp_path / "x.tar", config=config)
    assert done.returncode == 0
    assert verify_tar(tmp_path / "x.tar").ok


def test_a_day_that_is_none_is_refused(config: Path, tmp_path: Path) -> None:
    done = kassd("export", "tar", "--from", "gestern", "--out", tmp_path / "x.tar", config=config)
    assert done.returncode == 64
