"""What the measurements share: a register on its stage, a subscriber with a good clock, a plain process."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from kassd.mqtt.topics import Topics
from kassd.mqtt.ulid import ulid
from kassd.sim.world import World
from kassd.sim.world_client import Observer
from kassd.sim.world_config import CLIENT, NODE

TALLY = "BENCH_TALLY"  # names the file of :mod:`tests.bench.daemon`

CODES = ("4006381333931", "4000417025005", "4012345678901", "4305615418926", "4008400404127")
TOPICS = Topics(NODE)
SALE, TILL, ONLINE = TOPICS.sale("main"), TOPICS.till("main"), TOPICS.online
CASH = "KASSDBAR"  # control barcode: cash, exact
HEARD_S = 10.0


@contextmanager
def measured_bytecode() -> Iterator[None]:
    """Processes started within have their bytecode cached, as an installed program has it.

    It lies in a folder of ours: nothing is written beside the sources, and what the shell says about bytecode
    does not count.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="kassd-bench-pyc-") as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


class Ear:
    """A subscriber that blocks on its socket: the time of arrival is not that of an event loop's turn."""

    def __init__(self, port: int, *topics: str) -> None:
        self.heard: deque[tuple[float, str, bytes]] = deque()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._socket: socket.socket = self._client.socket()
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        granted: list[int] = []
        self._client.on_subscribe = lambda *_: granted.append(1)
        self._turn_until(self._client.is_connected)
        self._client.subscribe([(topic, 1) for topic in topics])
        self._turn_until(lambda: granted)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._socket.close()

    def publish(self, topic: str, payload: bytes, reply_to: str = "") -> None:
        """Publish with QoS 1 and an expiry."""
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = 10
        if reply_to:
            properties.ResponseTopic = reply_to
        self._client.publish(topic, payload, qos=1, properties=properties)
        self._flush()

    def wait(self, topic: str, fits: Callable[[Any], object]) -> tuple[float, Any]:
        """``perf_counter`` at arrival and the document of the first message on ``topic`` that fits."""
        deadline = time.perf_counter() + HEARD_S
        while True:
            while self.heard:
                at, heard_topic, payload = self.heard.popleft()
                if heard_topic == topic and payload and fits(document := json.loads(payload)):
                    return at, document
            self._turn(deadline)

    def drain(self) -> None:
        """Forget what has come."""
        while select.select((self._socket,), (), (), 0)[0]:
            self._client.loop_read()
            self._flush()
        self._client.loop_misc()
        self.heard.clear()

    def _turn_until(self, condition: Callable[[], object]) -> None:
        deadline = time.perf_counter() + HEARD_S
        while not condition():
            self._turn(deadline)

    def _turn(self, deadline: float) -> None:
        self._flush()
        if not select.select((self._socket,), (), (), max(0.0, deadline - time.perf_counter()))[0]:
            raise TimeoutError(f"nothing fitting was published in {HEARD_S} s")
        self._client.loop_read()
        self._flush()

    def _flush(self) -> None:
        while self._client.want_write():
            self._client.loop_write()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.heard.append((time.perf_counter(), message.topic, message.payload))


def command(args: dict[str, Any]) -> bytes:
    """The payload of a command."""
    return json.dumps({"v": 1, "id": ulid(), "args": args}).encode()


def command_topic(name: str) -> str:
    """Where our client sends it."""
    return f"{TOPICS.base}/cmd/{CLIENT}/{name}"


@asynccontextmanager
async def opened(folder: Path | None = None, *, tally: bool = False, **options: Any) -> AsyncIterator[World]:
    """A register that sells, in ``folder`` or a temporary one; options as for :class:`World`.

    ``tally``: run it as :mod:`tests.bench.daemon`, for :func:`tally_of`.
    """
    with tempfile.TemporaryDirectory(prefix="kassd-bench-") as temporary:
        place = folder or Path(temporary) / "world"
        if tally:
            options |= {"module": "tests.bench.daemon", "environment": {TALLY: str(place / "tally")}}
        async with World(place, **options) as world:
            await open_till(world)
            yield world


async def tally_of(world: World) -> dict[str, Any]:
    """What the register has counted so far."""
    file = Path(world.environment[TALLY])
    file.unlink(missing_ok=True)
    os.kill(pid_of(world), signal.SIGUSR1)
    await world.until(file.exists, what="tally")
    tally: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return tally


async def open_till(world: World) -> None:
    """Open the till with 100 €."""
    await world.command("till.open", {"counted": 10000, "source": "transit"})
    await world.wait("state/till/main", lambda d: d.get("open"))


@asynccontextmanager
async def alone(world: World, *topics: str) -> AsyncIterator[Ear]:
    """An :class:`Ear` in place of the world's observer, which would parse everything in our process."""
    assert world.observer is not None
    assert world.broker is not None
    await world.observer.stop()
    ear = Ear(world.broker.port, *topics)
    try:
        yield ear
    finally:
        ear.close()
        world.observer = Observer(NODE, world.broker.port)
        await world.observer.start()


async def heard(ear: Ear, topic: str, fits: Callable[[Any], object]) -> tuple[float, Any]:
    """:meth:`Ear.wait` in a thread, so that the simulators of this process go on."""
    return await asyncio.to_thread(ear.wait, topic, fits)


def seconds_of(*command_line: str) -> float:
    """Wall time of a process of this interpreter from exec to its end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *command_line], check=True)
    return time.perf_counter() - began


def memory_kib(pid: int) -> int:
    """Resident set."""
    return int(_status(Path(f"/proc/{pid}/status"), "VmRSS").split()[0])


def switches(pid: int) -> int:
    """Voluntary context switches of all threads since their start."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int(_status(task / "status", "voluntary_ctxt_switches")) for task in tasks)


def _status(file: Path, key: str) -> str:
    for line in file.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(f"{key}:"):
            return line.partition(":")[2].strip()
    raise LookupError(f"{file}: no {key}")


def pid_of(world: World) -> int:
    """Process id of the register."""
    assert world.process is not None
    return world.process.pid
