"""A drawer's driver alone on a pin, with its event loop idle, blocked, or killed in the middle of a pulse."""

import asyncio
import ctypes
import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kassd.core.status import DeviceStatus
from kassd.devices.config import DrawerConfig
from kassd.devices.drawer.gpio import GpioDrawer
from kassd.mqtt.ulid import ulid
from kassd.sim.world_client import Observer
from kassd.sim.world_config import CLIENT, NODE
from tests.lab.inside import gpio
from tests.lab.inside.box import BROKER
from tests.lab.inside.load import awake, hurry
from tests.lab.inside.pulses import Pulse
from tests.lab.inside.waiting import until

LG_WD = Path("/run/lab/lg")
REST_S = 0.6  # a 100 ms pulse is one in 500 ms at most
SPIN_S = 0.3
TRIES = 8  # for each pulse that is wanted
BOUNCES = 4
PATIENCE_S = 30


def rested() -> None:
    """Wait until a drawer may be kicked again: no two customers pay as quickly as a test does."""
    time.sleep(REST_S)


def kicks(line: int, count: int, meanwhile: str, within_ms: float) -> list[dict[str, Any]]:
    """Give pulses of 100 ms until a busy reader knows the length of ``count`` of them so well: these.
    ``meanwhile`` the event loop is ``idle`` or ``blocked``, as it computes, or the whole interpreter ``held``
    by a call that does not give it back."""
    _be_a_raspberry()
    return [asdict(pulse) for pulse in asyncio.run(_kicks(line, count, meanwhile, within_ms))]


async def _kicks(line: int, count: int, meanwhile: str, within_ms: float) -> list[Pulse]:
    reports: list[object] = []
    drawer = GpioDrawer(DrawerConfig("drawer", "gpio", pin=line), reports.append)
    task = asyncio.create_task(drawer.run())
    while drawer.pin is None:
        await asyncio.sleep(0.01)
    seen: list[Pulse] = []
    known: list[Pulse] = []
    for n in range(count * TRIES):
        drawer.kick(str(n))
        if meanwhile == "blocked":
            _spin()
        elif meanwhile == "held":
            ctypes.PyDLL(None).usleep(round(SPIN_S * 1e6))
        await asyncio.sleep(REST_S)
        seen.append(until(lambda n=n: gpio.pulses()[n:], f"pulse {n}")[-1])  # type: ignore[misc]
        known = [pulse for pulse in seen if pulse.is_known(within_ms)]
        if len(known) == count:
            break
    else:
        raise AssertionError(f"who reads got too little of the processor: {seen}")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return known


def contact(line: int, sensor: int) -> list[str]:
    """What a drawer's contact tells that is closed, opens in a burst of edges, and stays open."""
    _be_a_raspberry()
    return asyncio.run(_contact(line, sensor))


async def _contact(line: int, sensor: int) -> list[str]:
    told: list[str] = []
    events: list[object] = []
    changed = asyncio.Event()

    def report(event: object) -> None:
        events.append(event)
        if isinstance(event, DeviceStatus) and event.conditions:
            told.append(event.conditions["open"])
            changed.set()

    config = DrawerConfig("drawer", "gpio", pin=line, sensor=True, sensor_pin=sensor)
    task = asyncio.create_task(GpioDrawer(config, report).run())
    for step in range(3):
        try:
            async with asyncio.timeout(PATIENCE_S):
                await changed.wait()
        except TimeoutError:
            level = gpio.value(sensor).read_text()
            raise AssertionError(f"step {step}: {told}, {level!r}, {events}") from None
        changed.clear()
        if step == 1:  # the drawer springs open
            for _ in range(BOUNCES):
                gpio.pull(sensor, up=True)
                gpio.pull(sensor, up=False)
        if step < 2:
            gpio.pull(sensor, up=step == 1)
    await asyncio.sleep(REST_S)  # for what must not come any more
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return told


def _spin() -> None:
    """Block the event loop; beside the reader, as there is only one processor."""
    thread = threading.get_native_id()
    os.setpriority(os.PRIO_PROCESS, thread, gpio.LAST)
    end = time.perf_counter() + SPIN_S
    while time.perf_counter() < end:
        sum(range(1000))
    os.setpriority(os.PRIO_PROCESS, thread, 0)


def _be_a_raspberry() -> None:
    """gpiozero asks which one this is; lgpio leaves a FIFO where it is told."""
    LG_WD.mkdir(parents=True, exist_ok=True)
    os.environ["LG_WD"] = str(LG_WD)
    if "Revision" not in Path("/proc/cpuinfo").read_text():
        subprocess.run(["mount", "--bind", "/opt/lab/cpuinfo", "/proc/cpuinfo"], check=True)


def killed(pid: int, line: int) -> float:
    """Open the drawer, and SIGKILL the register as soon as the line is high; milliseconds to a low line."""
    return asyncio.run(_killed(pid, line))


async def _killed(pid: int, line: int) -> float:
    display = Observer(NODE, BROKER)  # here, and not beyond a wire that has its own time
    await display.start()
    payload = json.dumps({"v": 1, "id": ulid(), "args": {"reason": "Wechselgeld"}}).encode()
    with awake():
        asked = asyncio.create_task(display.ask(CLIENT, "drawer.open", payload))
        took = await asyncio.to_thread(_kill_within, pid, gpio.value(line))
    asked.cancel()  # killed, perhaps before it answered
    await asyncio.gather(asked, return_exceptions=True)
    await display.stop()
    return took * 1000


def _kill_within(pid: int, level: Path) -> float:
    """Wait for a pulse and kill the process within it; seconds until the line is low."""
    hurry()  # a pulse is short
    until(lambda: level.read_text().strip() == "1", "the pulse")
    os.kill(pid, signal.SIGKILL)
    began = time.perf_counter()
    until(lambda: level.read_text().strip() == "0", "a low line")
    return time.perf_counter() - began
