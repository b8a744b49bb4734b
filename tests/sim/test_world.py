"""The stage itself: what others rely on when they play on it."""

import asyncio
import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import pytest

from kassd.core.barcodes.check_digit import has_wrong_check_digit
from kassd.core.catalog import parse_catalog
from kassd.errors import KassdError
from kassd.sim import day_sales, world_broker
from kassd.sim.day import _pieces
from kassd.sim.world import Running, World, WorldError, execute
from kassd.sim.world_broker import BrokerError, find_mosquitto, free_port
from kassd.sim.world_config import CATALOG, Stage, catalog_json
from kassd.tse.soft import Fault, write_faults
from tests.cli.kit import kassd
from tests.nursery import nursery
from tests.programs import programs_of, until_gone


async def test_a_world_from_start_to_end(tmp_path: Path) -> None:
    """Ready, a sale, a kill, a restart, a clean end; printer and broker outlive the register."""
    async with World(tmp_path, tse_latency_ms=5) as world:
        first = world.boot
        assert world.state("dev", "tse")["state"] == "ready"
        reply = await world.command("till.open", {"counted": 0}, client="t1")
        assert reply["status"] == "ok"
        await world.wait("state/till/main", lambda d: d["open"])
        world.scan("4006381333931")
        await world.wait("state/sale/main", lambda d: d["status"] == "open")
        await world.kill()
        assert not world.running
        await world.restart()
        assert world.boot not in ("", first)
        assert (await world.command("sale.pay", {"type": "cash"}))["status"] == "accepted"
        slip = await world.slip("Rechnung", "Beleg-Nr. 2")
        assert slip.qr
        assert world.slips()[-1] == slip
        assert len(world.facts("sale.finished")) == 2
        with pytest.raises(WorldError, match="stop it first"):
            await world.tse_archive()
        assert await world.stop() == 0
        assert world.verify().ok
        archive, verdict = await world.tse_archive()
        assert verdict.ok
        assert verdict.checked > 0
        assert len(archive) % 512 == 0


async def test_a_register_that_is_online_before_its_launch_returns(tmp_path: Path) -> None:
    """As on a machine that has other things to do."""

    async def late(words: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Running:
        before = world.boot
        launched = await nursery().start(words, environment, log)
        async with asyncio.timeout(30):
            while world.boot == before:
                await asyncio.sleep(0.01)
        return launched

    world = World(tmp_path, tse=False, printer=False, scanner=False, launch=late)
    async with world:
        first = world.boot
        await world.restart(kill=True)
        assert world.boot != first


@pytest.mark.parametrize("kind", ["diebold-tcp", "cryptovision"])
async def test_a_world_with_a_vendors_tse(tmp_path: Path, kind: str) -> None:
    """Commissioned once; asked through the running register; its archive is the device's."""
    async with World(
        tmp_path, tse_kind=kind, tse_latency_ms=5, scanner=False, launch=nursery().start
    ) as world:
        (bound,) = world.facts("tse.bound")
        assert (await world.command("till.open", {"counted": 0}))["status"] == "ok"
        await world.command("sale.add", {"text": "Brot", "price": 390, "vat": 2})
        assert (await world.command("sale.pay", {"type": "cash"}))["status"] == "accepted"
        await world.wait("state/sale/main", lambda d: d["status"] == "done" and not d.get("outage"))

        async def tse(action: str) -> Any:
            done = await asyncio.to_thread(kassd, "tse", action, "--json", config=world.config)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        shown = await tse("info")
        assert (shown["serial_number"], shown["state"]) == (bound["serial_number"], "ready")
        assert "kassd status" in (await tse("self-test"))["hint"]
        await world.restart(kill=True)
        assert len(world.facts("tse.bound")) == 1
        await world.stop()
        assert world.verify().ok
        archive, verdict = await world.tse_archive()
        assert verdict.ok, verdict
        assert b"Beleg^3.90_" in archive or b"Beleg^0.00_3.90" in archive


async def test_a_tse_that_cannot_be_set_up_is_said_with_the_log(tmp_path: Path) -> None:
    world = World(
        tmp_path, tse_kind="epson", mqtt=False, printer=False, scanner=False, launch=nursery().start
    )
    memory = tmp_path / "tse"
    memory.mkdir()
    write_faults(memory, Fault("refuse", ("provision",), "ErrorStorageFailure"))
    try:
        with pytest.raises(WorldError, match=r"(?s)kassd tse setup ended with 70.*Speicher der TSE"):
            await world.start()
    finally:
        await world.close()


async def test_what_does_not_happen_is_said_with_the_log(tmp_path: Path) -> None:
    async with World(tmp_path, printer=False, scanner=False, launch=nursery().start) as world:
        with pytest.raises(WorldError, match="no state/sale/main"):
            await world.wait("state/sale/main", lambda d: d["status"] == "done", 0.1)
        with pytest.raises(WorldError, match="no scanner"):
            world.scan("1")
        with pytest.raises(WorldError, match="runs already"):
            await world.spawn()
        await world.kill()
        with pytest.raises(WorldError, match="ended with -9"):
            await world.wait("state/sale/main", lambda d: False, 30)


async def test_a_register_that_does_not_start_is_not_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path, extra_toml="[nonsense]\n", scanner=False, launch=nursery().start)
    try:
        async with asyncio.timeout(60):
            with pytest.raises(WorldError, match=r"ended with 78(?s:.*)nonsense"):
                await world.start()
    finally:
        await world.close()


@pytest.mark.parametrize("cancels", [1, 2])
async def test_a_start_that_is_cancelled_leaves_nothing_behind(tmp_path: Path, cancels: int) -> None:
    """Neither does it where the taking down is cancelled as well."""
    world = World(tmp_path, tse_latency_ms=5, launch=nursery().start)
    starting = asyncio.create_task(world.__aenter__())
    while world.process is None and not starting.done():
        await asyncio.sleep(0.001)
    for _ in range(cancels):
        starting.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await starting
    await until_gone(tmp_path)
    assert not (tmp_path / "scanner").is_symlink()


async def test_a_start_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """However far it came: the register's refusal comes last."""
    with pytest.raises(WorldError, match=r"ended with 78(?s:.*)nonsense"):
        async with World(tmp_path, extra_toml="[nonsense]\n", launch=nursery().start):
            pytest.fail("it has started")
    await until_gone(tmp_path)


async def test_a_commissioning_that_is_cancelled_is_ended(tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def launch(words: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Running:
        assert words[-3:] == ("tse", "setup", "--yes")
        begun.set()
        return await execute(
            ("http.server", "--bind", "127.0.0.1", "-d", str(tmp_path), "0"), environment, log
        )

    world = World(tmp_path, tse_kind="epson", mqtt=False, printer=False, scanner=False, launch=launch)
    starting = asyncio.create_task(world.__aenter__())
    await begun.wait()
    while not programs_of(tmp_path):
        await asyncio.sleep(0.001)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await until_gone(tmp_path)


async def test_a_broker_that_is_not_waited_for_is_ended(tmp_path: Path) -> None:
    broker = world_broker.Broker(tmp_path, "demo.kasse-1")
    starting = asyncio.create_task(broker.start())
    while not broker.running:
        await asyncio.sleep(0.001)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not broker.running
    await until_gone(tmp_path)


async def test_a_broker_that_cannot_start_is_told(tmp_path: Path) -> None:
    broker = world_broker.Broker(tmp_path, "demo.kasse-1")
    (tmp_path / "mosquitto.conf").write_text("nonsense true\n")
    with pytest.raises(BrokerError, match="mosquitto"):
        await broker.start()
    await broker.stop()


def test_no_two_processes_are_given_one_port() -> None:
    """However many they ask for, one after another."""
    ask = "from kassd.sim.world_broker import free_port; print(*(free_port() for _ in range(300))); input()"
    command, pipe = [sys.executable, "-c", ask], subprocess.PIPE
    with ExitStack() as stack:
        others = [
            stack.enter_context(subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe))
            for _ in range(3)
        ]
        told = [other.stdout.readline() for other in others if other.stdout is not None]
        for other in others:
            other.communicate("\n")
    given = [{free_port() for _ in range(300)}, *({int(port) for port in ports.split()} for ports in told)]
    assert all(ports <= set(world_broker.PORTS) and len(ports) > 100 for ports in given)
    assert len(set().union(*given)) == sum(map(len, given))


def test_more_processes_than_there_are_ports_for_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    free_port()  # this process has the only one
    taken = next(world_broker._own_ports())
    first = taken - (taken - world_broker.PORTS.start) % world_broker.BLOCK
    monkeypatch.setattr(world_broker, "PORTS", range(first, first + world_broker.BLOCK))
    with pytest.raises(BrokerError, match="zu viele Vorführungen und Tests"):
        world_broker._own_ports.__wrapped__()


def test_a_missing_mosquitto_is_told_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_broker.shutil, "which", lambda *_, **__: None)
    with pytest.raises(KassdError, match="apt install mosquitto") as caught:
        find_mosquitto()
    assert caught.value.exit_code == 69


@pytest.mark.parametrize("on", [True, False])
def test_the_configuration_is_toml(tmp_path: Path, on: bool) -> None:
    stage = Stage(
        tmp_path / 'ein "Ordner"', "test", 1883 * on, 9100 * on, on, on, on, 7, '[[client]]\nname = "x"\n'
    )
    read = tomllib.loads(stage.toml())
    assert read["journal"]["dir"] == str(stage.journal)
    assert read["client"] == [{"name": "x"}]
    assert {"tse", "scanner", "printer", "drawer", "mqtt"} & set(read) == (
        {"tse", "scanner", "printer", "drawer", "mqtt"} if on else set()
    )


def test_the_shelf_is_a_catalogue_with_right_check_digits() -> None:
    articles = parse_catalog(catalog_json(CATALOG))
    assert len(articles) == len(CATALOG)
    assert not [code for a in articles.values() for code in a.codes if has_wrong_check_digit(code)]
    assert has_wrong_check_digit(day_sales.MISREAD)
    assert not has_wrong_check_digit(day_sales.STRANGER)


def test_the_day_is_varied_enough() -> None:
    """At least 20 sales, aborts aside, and every kind of entry and payment among them."""
    acts = (
        day_sales.MORNING,
        day_sales.OUTAGE,
        day_sales.SIGNED_AGAIN,
        day_sales.NO_PAPER,
        day_sales.AFTERNOON,
    )
    sales = [sale for act in acts for sale in act]
    assert sum(not sale.aborted for sale in sales) >= 20
    actions = [action for sale in sales for action in sale.actions]
    commands = {a.name for a in actions if isinstance(a, day_sales.Command)}
    assert commands == {"sale.add", "sale.pay", "sale.void_line", "sale.abort"}
    codes = {a.code for a in actions if isinstance(a, day_sales.Scan)}
    assert {"KASSDBAR", "KASSDBAR20", "KASSDKARTE", "KASSDSTORNO", "KASSDABBRUCH"} <= codes


@pytest.mark.parametrize("cents", [0, 1, 21504, 99_999])
def test_a_count_adds_up(cents: int) -> None:
    count = _pieces(cents)
    assert sum(int(coin) * pieces for coin, pieces in count.items()) == cents
    assert json.loads(json.dumps(count)) == count
