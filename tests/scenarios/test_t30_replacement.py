"""T30 replacement: a scripted TSE swap keeps the order of a replacement; the old TAR is verified first."""

import asyncio
import io
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import acts

from kassd.sim.world import World
from kassd.tse.log import verify_tar
from kassd.tse.soft import Fault, SoftTse
from kassd.tse.soft.store import FILE, decode, encode
from tests.cli import kit

KINDS = ("tse.swap_began", "tse.step_taken", "tse.replaced", "tse.bound")


def swap(world: World, *more: str | Path) -> tuple[int, str]:
    """``kassd tse swap --yes``: exit code and everything it said."""
    return run(world, "tse", "swap", "--yes", *more)


def run(world: World, *words: str | Path) -> tuple[int, str]:
    """``kassd`` with these words: exit code and everything it said."""
    done = kit.kassd(*words, config=world.config)
    return done.returncode, done.stdout + done.stderr


async def life_cycle(folder: Path) -> str:
    tse = SoftTse(folder, latency_s=0)
    try:
        return (await tse.open()).life_cycle
    finally:
        await tse.close()


async def test_t30_replacement(world: World, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    stick, drawer = world.stage.tse_store, world.folder / "tse-old"
    await acts.open_till(world)
    await acts.sell(world)
    (bound,) = world.facts("tse.bound")

    # Not beside the running register, not before the last closing.
    code, said = await asyncio.to_thread(swap, world, "--copy", usb)
    assert (code, "kassd vorher beenden" in said) == (75, True), said
    await world.stop()
    code, said = await asyncio.to_thread(swap, world, "--copy", usb)
    assert "Kassenabschluss" in said, said
    assert code != 0
    await world.start()
    await acts.close_till(world, 10_390)
    await world.stop()

    # Two places for the archive, and a log that verifies, or the old TSE stays in use.
    code, said = await asyncio.to_thread(swap, world)
    assert (code, "--copy" in said) == (78, True), said
    store = stick / FILE
    good = store.read_bytes()
    assert await life_cycle(stick) == "no_time"
    store.write_bytes(_with_a_changed_message(good))
    code, said = await asyncio.to_thread(swap, world, "--copy", usb)
    assert code != 0, said
    assert not world.facts("tse.swap_began")
    store.write_bytes(good)
    assert await life_cycle(stick) == "no_time"

    # The old one: archived, verified, copied, then disabled; the swap waits for the new one.
    code, said = await asyncio.to_thread(swap, world, "--copy", usb, "--reason", "Zertifikat läuft ab")
    assert (code, "einsetzen" in said) == (75, True), said
    assert await life_cycle(stick) == "disabled"
    (began,) = world.facts("tse.swap_began")
    (copy,) = usb.glob("*.tar")
    verdict = verify_tar(io.BytesIO(copy.read_bytes()))
    assert verdict.ok, verdict
    assert verdict.checked == began["messages"]

    # A restart in the middle: the swap goes on, the register says so and sells without signatures.
    await world.start(ready=False)
    await world.wait("alert/tse-swap")
    await world.wait("alert/tse-outage")
    await world.stop()

    stick.rename(drawer)
    code, said = await asyncio.to_thread(swap, world)
    assert code == 0, said
    new = world.facts("tse.bound")[-1]
    assert new["serial_number"] != bound["serial_number"]
    assert new["client_id"] == bound["client_id"]
    (replaced,) = world.facts("tse.replaced")
    assert replaced["old_serial_number"] == bound["serial_number"]
    assert replaced["new_serial_number"] == new["serial_number"]
    assert (replaced["reason"], replaced["last_transaction"]) == ("Zertifikat läuft ab", 3)
    order = [fact["kind"] for line in world.journal() for fact in line.facts if fact["kind"] in KINDS]
    assert order == ["tse.bound", "tse.swap_began", *["tse.step_taken"] * 2, "tse.replaced", "tse.bound"]
    steps = [(fact["step"], fact["serial_number"]) for fact in world.facts("tse.step_taken")]
    assert steps == [("disable", bound["serial_number"]), ("set_secrets", new["serial_number"])]
    check = world.facts("sale.finished")[-1]
    assert (check["bon_type"], check["outage"]) == ("AVBelegabbruch", "")

    # The new one signs, and both archives stand.
    await world.start()
    await world.wait("alert/tse-swap", lambda d: not d)
    assert not world.doc("alert/journal-rollback"), "the new TSE counts from its own beginning"
    await acts.open_till(world, 10_390, None)
    await acts.sell(world)
    await acts.close_till(world, 10_780)
    await world.stop()
    assert world.verify().ok
    archive, verdict = await world.tse_archive()
    assert verdict.ok, verdict
    assert new["serial_number"] in archive.decode("latin-1").lower()


async def test_the_old_tse_goes_on_after_a_begun_swap(
    world: World, tmp_path: Path, kassd: Callable[..., tuple[int, Any]]
) -> None:
    """No new TSE comes: swap archive and next part overlap, an export has each message once."""
    usb, out = tmp_path / "usb", tmp_path / "all.tar"
    usb.mkdir()
    world.tse_faults(Fault("refuse", ("export",), code="busy"))  # the day waits to be archived
    await acts.open_till(world)
    await acts.sell(world)
    await acts.close_till(world, 10_390)
    assert await world.stop() == 0
    world.tse_faults()
    code, said = await asyncio.to_thread(swap, world, "--keep", "--copy", usb)
    assert (code, "einsetzen" in said) == (75, True), said
    await world.start()
    await acts.open_till(world, 10_390, None)
    await acts.sell(world)
    await acts.close_till(world, 10_780)
    await world.until(lambda: world.facts("tse.archived"), 120, "the next part")
    assert await world.stop() == 0
    whole, _ = await world.tse_archive()
    (began,) = world.facts("tse.swap_began")
    assert 0 < began["messages"] < whole.count(b".log\0")

    code, said = await asyncio.to_thread(run, world, "export", "tar", "--out", out)
    assert code == 0, said
    code, verdict = kassd("verify", out)
    assert (code, verdict["ok"], verdict["checked"]) == (0, True, whole.count(b".log\0")), verdict


def _with_a_changed_message(data: bytes) -> bytes:
    """The newest stored log message says something else than was signed."""
    *rest, last = data.splitlines(keepends=True)
    while (records := decode(last)) is None or not any("m" in record for record in records):
        last, rest = rest[-1], rest[:-1]
    for record in records:
        if "m" in record:
            raw = b64decode(record["m"])
            record["m"] = b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()
    return b"".join(rest) + encode(records)
