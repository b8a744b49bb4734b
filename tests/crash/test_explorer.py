"""The journal under power cuts: every operation boundary, with losses, reordering, tears and garbage.

``EXPLORER_STATES=200000 pytest tests/crash/test_explorer.py`` is the long run; the default is a sample.
"""

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from explorer_disk import SECTOR, Image, Op, RecordedDisk, apply, crash_state
from explorer_run import (
    HOME,
    STICK,
    Day,
    SwappedWriter,
    Violation,
    acknowledged,
    all_lines,
    check_state,
    commit_in_batches,
    entry,
    explore,
    find_violation,
    live,
    open_day,
    options,
)

from kassd.errors import JournalDamaged
from kassd.journal.start import start
from kassd.journal.writer import Writer

STATES = int(os.environ.get("EXPLORER_STATES", "0"))


def share(normal: int) -> int:
    """States for one test: its part of the sample, or of the long run."""
    return max(normal, STATES // 12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("align", [0, 4096, 16384])
def test_01_every_boundary_with_losses_reordering_and_tears(align: int, seed: int) -> None:
    day = live(seed, align=align)
    assert explore(day, share(120), seed) >= 120


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("blast", [4096, 16384])
def test_02_garbage_around_a_write_loses_nothing_at_the_matching_align(blast: int, seed: int) -> None:
    explore(live(seed + 10, align=blast), share(150), seed, blast=blast)


def test_02_garbage_wider_than_the_padding_is_seen_to_lose_lines() -> None:
    """The damage is real: without padding the same days lose acknowledged lines."""
    assert any(find_violation(live(seed, align=0), 150, seed, 4096) for seed in range(3))
    assert any(find_violation(live(seed, align=4096), 150, seed, 16384) for seed in range(3))


@pytest.mark.parametrize("seed", range(2))
def test_02_a_mirror_makes_up_for_missing_padding(seed: int) -> None:
    explore(live(seed, align=0, mirror=True), share(100), seed, blast=16384)
    explore(live(seed, align=4096, mirror=True), share(100), seed, blast=16384, depth=2)


@pytest.mark.parametrize("seed", [1007, 1015])
def test_03_bytes_set_aside_are_told_once(seed: int) -> None:
    """Found by a long run: a cut recovery had kept a line, the next one lost it and told a third time."""
    explore(live(seed), 25, seed, blast=4096, depth=3)


@pytest.mark.parametrize("blast", [0, 4096])
def test_03_power_goes_during_recovery_and_during_the_recovery_of_that(blast: int) -> None:
    explore(live(20), share(100), 20, blast=blast, depth=3)


def test_03_what_is_sold_after_a_recovery_outlives_the_next_cut() -> None:
    """The recovery's own bytes lie beside what is sold next, whose sync is for that alone."""
    assert sum(_sell_after_a_cut(seed, seed) for seed in range(2)) >= 50


def _sell_after_a_cut(seed: int, luck: int, defects: tuple[str, ...] = ()) -> int:
    """Cut each batch of several lines behind its first line, recover, sell, and cut there again and again.
    Returns how many states were checked."""
    day, chance, done = live(seed, rounds=12), random.Random(luck), 0
    image = Image()
    for cut, op in enumerate(day.disk.log):
        line = op.data.find(b"\n") + 1
        if op.synced and line < len(op.data):
            torn, sectors = image.copy(), -(-line // SECTOR) * SECTOR
            apply(torn, replace(op, data=op.data[:sectors]))
            recovered = check_state(torn, day.attempted, acknowledged(day.disk, cut), day.settings, defects)
            for _ in range(6):
                again = chance.randint(len(recovered.disk.log) - 2, len(recovered.disk.log))
                sold = acknowledged(recovered.disk, again)
                check_state(
                    crash_state(recovered.disk, again, chance), recovered.attempted, sold, day.settings
                )
                done += 1
        apply(image, op)
    return done


def test_04_the_day_crosses_everything_that_can_be_cut() -> None:
    """The sampled days would prove little if they did not rotate, seal, compact and checkpoint."""
    for seed in range(3):
        log = live(seed).disk.log
        targets = {op.target.rpartition("/")[2] for op in log if op.kind == "rename"}
        assert {"next.seg", "checkpoint", "key"} <= targets
        assert any(name.endswith(".jsonl.gz") for name in targets)
        assert sum(name.endswith(".jsonl") for name in targets) >= 3
        assert any(op.kind == "unlink" for op in log)


def test_04_each_kind_of_boundary_many_times() -> None:
    """Rotation, seal, promotion of next.seg, checkpoint rename, compaction: several states at each."""
    day, chance = live(4), random.Random(4)
    special = {"rename", "unlink", "truncate", "create", "fsync_dir", "fsync", "mkdir"}
    cuts = [cut for cut, op in enumerate(day.disk.log) if op.kind in special]
    for cut in cuts:
        for _ in range(max(6, STATES // 12 // len(cuts))):
            image = crash_state(day.disk, cut, chance)
            check_state(image, day.attempted, acknowledged(day.disk, cut), day.settings)


def test_04_rot_beside_a_cut_off_compaction_costs_nothing() -> None:
    """Power goes between packing and deleting, the raw form rots, power goes again while that is mended."""
    chance, seen = random.Random(11), 0
    for day in (live(seed) for seed in range(4)):
        deleted = [n for n, op in enumerate(day.disk.log) if op.kind == "unlink" and ".jsonl" in op.path]
        for cut in deleted * 3:
            image, acked = crash_state(day.disk, cut, chance), acknowledged(day.disk, cut)
            name = day.disk.log[cut].path
            if not {name, f"{name}.gz"} <= set(image.names):
                continue
            seen += 1
            image.files[image.names[name]][chance.randrange(len(image.files[image.names[name]]))] ^= 1
            check_state(image, day.attempted, acked, day.settings)
            disk = RecordedDisk(image)
            store = start(HOME, "KASSE-1", day.settings, disk).store
            while store.chore():
                pass
            assert disk.list(HOME / "torn") == [Path(name).name]
            assert name not in disk.image.names
            for again in range(len(disk.log) + 1):
                check_state(crash_state(disk, again, chance), day.attempted, acked, day.settings)
    assert seen >= 5


@pytest.mark.parametrize("defect", ["no_dsync", "no_fsync", "no_fsync_dir", "no_fsync_dir_of_segments"])
def test_05_sharpness_a_missing_sync_is_found(defect: str) -> None:
    assert any(_violated(seed, defects=[defect]) for seed in range(4))


@pytest.mark.parametrize("luck", range(3))
def test_05_sharpness_a_padding_that_is_not_synced_by_the_recovery_is_found(luck: int) -> None:
    with pytest.raises(Violation):
        _sell_after_a_cut(0, luck, ("no_fsync_of_padding",))


def test_05_sharpness_acknowledging_before_the_sync_is_found() -> None:
    assert all(_violated(seed, writer_class=SwappedWriter) for seed in range(2))


def _violated(seed: int, **how: object) -> bool:
    try:
        return find_violation(live(seed, **how), 150, seed) is not None  # type: ignore[arg-type]
    except Violation:
        return True


def test_05_sharpness_the_day_itself_is_sound() -> None:
    """The same seeds without a defect: so it was the defect that was found."""
    assert not any(_violated(seed) for seed in range(2))


@pytest.mark.parametrize("seed", range(30))
def test_10_a_batch_that_landed_out_of_order_is_torn_not_tampered(seed: int) -> None:
    """A valid line behind a broken one of the same batch: repaired, and nothing acknowledged is lost."""
    chance = random.Random(seed)
    day = Day(RecordedDisk(), options())
    started, writer = open_day(day)
    rows = [started.chain.add(entry(chance, n, size=900)) for n in range(12)]
    day.attempted += [pending.raw for pending in rows]
    writer.commit(rows)
    image = day.disk.image.copy()
    segment = image.files[image.names[f"{HOME}/000000000000.jsonl"]]
    sector = 4096 + 512 * chance.randrange(1, 15)
    segment[sector : sector + 512] = bytes(512)
    recovered = check_state(image, day.attempted, 0, options())
    kinds = [op for op in recovered.disk.log if op.kind == "rename" and "/torn/" in op.target]
    assert len(kinds) == 1
    assert 1 <= recovered.found < 13


def test_10_the_torn_bytes_are_kept_and_told() -> None:
    day = Day(RecordedDisk(), options())
    started, writer = open_day(day)
    writer.commit([started.chain.add(entry(random.Random(1), 1, size=900))])
    image = day.disk.image.copy()
    segment = image.files[image.names[f"{HOME}/000000000000.jsonl"]]
    segment[8192:8200] = b'{"v":1,"'
    disk = RecordedDisk(image)
    again = start(HOME, "KASSE-1", options(), disk)
    (name,) = disk.list(HOME / "torn")
    assert disk.read(HOME / "torn" / name) == b'{"v":1,"'
    assert (again.recovery.tail, again.recovery.repaired, again.recovery.first_seq) == ("torn", 8, 0)
    line = list(again.recovery.lines)[-1]
    assert line.facts[0]["kind"] == "journal.tail_repaired"
    assert line.facts[0]["data"]["bytes"] == 8


def test_10_damage_before_an_acknowledged_batch_is_never_called_torn() -> None:
    """Within the last 64 KiB, but a later batch stands behind it: those lines had been acknowledged."""
    day = Day(RecordedDisk(), options())
    started, writer = open_day(day)
    for number in range(3):
        writer.commit([started.chain.add(entry(random.Random(1), number, size=100))])
    image = day.disk.image.copy()
    segment = image.files[image.names[f"{HOME}/000000000000.jsonl"]]
    segment[8192 + 40] ^= 1
    before = bytes(segment)
    with pytest.raises(JournalDamaged, match="Zeile 1"):
        start(HOME, "KASSE-1", options(), disk := RecordedDisk(image))
    assert disk.read(HOME / "000000000000.jsonl") == before


def test_10_damage_is_healed_from_the_mirror_and_told() -> None:
    day = Day(RecordedDisk(), options(mirror=True))
    started, writer = open_day(day)
    for number in range(5):
        rows = [started.chain.add(entry(random.Random(1), number, size=100))]
        day.attempted += [pending.raw for pending in rows]
        writer.commit(rows)
    image = day.disk.image.copy()
    segment = image.files[image.names[f"{HOME}/000000000000.jsonl"]]
    segment[2 * 4096 + 60] ^= 1
    disk = check_state(image, day.attempted, len(day.attempted) - 1, day.settings).disk
    healed = [line for line in all_lines(disk) if b'"journal.gap"' in line]
    assert len(healed) == 1
    assert disk.list(HOME / "torn")


def test_10_an_old_image_beside_a_newer_mirror_comes_back_whole() -> None:
    """Yesterday's SD card, today's stick: the lines return, and the start says that they had been lost."""
    day = live(5, mirror=True, rounds=6, reopen=False)
    old = day.disk.image.copy()
    disk = RecordedDisk(old)
    started = start(HOME, "KASSE-1", day.settings, disk)
    rows = started.chain.extend(entry(random.Random(2), 1, size=100), day.settings.now, 128 * 1024)
    commit_in_batches(Writer(started.store, lambda _batch: None, lambda _error: None), rows)
    mixed = old.copy()
    for name in [n for n in mixed.names if n.startswith(str(STICK))]:
        del mixed.names[name]
    for name, number in disk.image.names.items():
        if name.startswith(str(STICK)):
            mixed.names[name] = number + 1000
            mixed.files[number + 1000] = bytearray(disk.image.files[number])
    again = start(HOME, "KASSE-1", day.settings, RecordedDisk(mixed))
    assert [finding.id for finding in again.recovery.anchors] == ["rollback"]
    assert {fact["kind"] for fact in list(again.recovery.lines)[-1].facts} >= {"journal.gap"}
    assert again.chain.seq == started.chain.seq + 1


def test_the_disk_itself_loses_what_was_not_synced() -> None:
    """The simulator's own promise: synced stays, unsynced may go."""
    disk = RecordedDisk(Image(folders={"/j"}))
    handle = disk.open(HOME / "a", create=True)
    disk.pwrite(handle, b"sure", 0)
    disk.fsync(handle)
    disk.fsync_dir(HOME)
    disk.pwrite(handle, b"unsure", 4)
    seen = set()
    for seed in range(200):
        image = crash_state(disk, len(disk.log), random.Random(seed))
        seen.add(bytes(image.files[image.names["/j/a"]]))
    assert seen == {b"sure", b"sureunsure"}
    assert disk.log[0] == Op("create", "/j/a", file=1)


def test_the_disk_itself_syncs_with_a_write_only_its_range() -> None:
    """Through another handle to the same file as well; and what it has overwritten never comes back."""
    disk = RecordedDisk(Image(folders={"/j"}))
    handle = disk.open(HOME / "a", create=True)
    disk.fsync_dir(HOME)
    disk.pwrite(handle, b"old.loose", 0)
    sure = disk.open(HOME / "a", dsync=True)
    disk.pwrite(sure, b"NEW", 0)
    disk.pwrite(sure, b"FAR", 12)
    seen = set()
    for seed in range(200):
        image = crash_state(disk, len(disk.log), random.Random(seed))
        seen.add(bytes(image.files[image.names["/j/a"]]))
    assert seen == {b"NEW\0\0\0\0\0\0\0\0\0FAR", b"NEW.loose\0\0\0FAR"}
    disk.fsync(handle)
    image = crash_state(disk, len(disk.log), random.Random(1))
    assert bytes(image.files[image.names["/j/a"]]) == b"NEW.loose\0\0\0FAR"


def test_the_disk_itself_keeps_the_size_a_synced_write_needs() -> None:
    disk = RecordedDisk(Image(folders={"/j"}))
    handle = disk.open(HOME / "a", create=True, dsync=True)
    disk.fsync_dir(HOME)
    disk.pwrite(handle, b"0123456789", 0)
    disk.truncate(handle, 4)
    disk.pwrite(handle, b"x", 6)
    disk.truncate(handle, 8)
    seen = set()
    for seed in range(100):
        image = crash_state(disk, len(disk.log), random.Random(seed))
        seen.add(bytes(image.files[image.names["/j/a"]]))
    assert seen == {b"0123\0\0x", b"0123\0\0x\0"}
