"""The link over real faults: every remedy of :mod:`kassd.mqtt.adapter` has its proof here."""

import asyncio
import os
import socket
import statistics
import sys
import threading
import time
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kassd.mqtt.adapter import CONNECT_TIMEOUT_S
from kassd.mqtt.link import Endpoint, Link, LinkLost, LinkRefused, Message, Subscription, connect
from kassd.mqtt.topics import Topics
from kassd.sim.world_broker import free_port
from tests.broker.lab import until
from tests.broker.mosquitto import NODE, Mosquitto
from tests.broker.proxy import Proxy

T = Topics(NODE)


def ignore(message: Message) -> None:
    message.ack()


async def dial(port: int, name: str = "probe", password: str = "", keepalive: int = 15) -> Link:
    user = name if password else ""
    return await connect(Endpoint("127.0.0.1", port, name, user, password, keepalive), None, ignore)


def sockets() -> int:
    links = (os.path.join("/proc/self/fd", fd) for fd in os.listdir("/proc/self/fd"))
    return sum(os.path.islink(link) and os.readlink(link).startswith("socket:") for link in links)


async def test_a_refused_publish_gives_its_reason_code(guarded: Mosquitto) -> None:
    link = await dial(guarded.port, "cashier-1", "geheim-1")
    assert await link.publish(T.command("cashier-2", "sale.add"), b"{}") == 0x87
    assert await link.publish(T.command("cashier-1", "sale.add"), b"{}") < 0x80
    await link.close()


async def test_a_wrong_password_is_refused_not_lost(guarded: Mosquitto) -> None:
    with pytest.raises(LinkRefused) as refused:
        await dial(guarded.port, "cashier-1", "falsch")
    assert refused.value.code in (0x86, 0x87)
    with pytest.raises(LinkRefused):
        await dial(guarded.port)


async def test_nobody_listens(broker: Mosquitto) -> None:
    with pytest.raises(LinkLost):
        await dial(free_port())


async def test_a_peer_that_hangs_up_before_connack_fails_at_once(broker: Mosquitto, proxy: Proxy) -> None:
    proxy.refusing = True
    before = sockets()
    began = time.monotonic()
    with pytest.raises(LinkLost):
        await dial(proxy.port)
    assert time.monotonic() - began < CONNECT_TIMEOUT_S
    await until(lambda: sockets() <= before)


@pytest.mark.parametrize("how", ["cut", "reset"])
async def test_waiting_publishes_fail_with_the_connection(broker: Mosquitto, proxy: Proxy, how: str) -> None:
    link = await dial(proxy.port)
    proxy.holed = True
    waiting = [link.publish(T.info, b"%d" % i) for i in range(5)]
    await asyncio.sleep(0.05)
    assert not any(answer.done() for answer in waiting)
    began = time.monotonic()
    getattr(proxy, how)()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert time.monotonic() - began < 10, "long before a keepalive"
    assert all(isinstance(result, LinkLost) for result in results)
    assert isinstance(await link.lost, LinkLost)
    with pytest.raises(LinkLost):
        await link.publish(T.info, b"later")
    link.drop()


async def test_the_library_notices_a_black_hole_by_itself(broker: Mosquitto, proxy: Proxy) -> None:
    link = await dial(proxy.port, keepalive=1)
    proxy.holed = True
    await asyncio.wait_for(asyncio.shield(link.lost), 60)
    link.drop()


async def test_a_takeover_ends_the_older_link(broker: Mosquitto) -> None:
    first = await dial(broker.port, "twin")
    second = await dial(broker.port, "twin")
    await asyncio.wait_for(asyncio.shield(first.lost), 60)
    assert await second.publish(T.info, b"1") < 0x80
    first.drop()
    await second.close()


async def test_cancelled_publishes_leak_nothing(broker: Mosquitto) -> None:
    link = await dial(broker.port)
    for _ in range(300):
        link.publish(T.info, b"x").cancel()
    codes = await asyncio.wait_for(asyncio.gather(*(link.publish(T.info, b"y") for _ in range(50))), 60)
    assert all(code < 0x80 for code in codes)
    assert link._acks == {}  # type: ignore[attr-defined]
    await link.close()


async def test_cancelled_dials_leave_no_socket_and_no_client(broker: Mosquitto) -> None:
    await (await dial(broker.port)).close()
    before = sockets()
    for attempt in range(40):
        task = asyncio.create_task(dial(broker.port, f"storm-{attempt}"))
        await asyncio.sleep(0.0004 * (attempt % 12))
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        if not isinstance(result, BaseException):
            result.drop()
    await until(lambda: sockets() <= before)


async def test_a_dial_cancelled_while_its_thread_connects_is_cleaned_up(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await dial(broker.port)).close()
    before = sockets()
    real, connected, given_up = socket.create_connection, threading.Event(), threading.Event()

    def slow(*args: Any, **kwargs: Any) -> socket.socket:
        given_up.wait(60)
        try:
            return real(*args, **kwargs)
        finally:
            connected.set()

    monkeypatch.setattr(socket, "create_connection", slow)
    task = asyncio.create_task(dial(broker.port, "given-up"))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not connected.is_set(), "it was cancelled before the thread had its socket"
    given_up.set()
    await until(connected.is_set)
    await until(lambda: sockets() <= before)


async def test_nothing_is_lost_to_waits_that_are_cancelled(broker: Mosquitto) -> None:
    """2,000 messages while a reader's wait is cancelled all the time (stock aiomqtt loses hundreds)."""
    queue: asyncio.Queue[bytes] = asyncio.Queue()

    taken = 0

    def take(message: Message) -> None:
        nonlocal taken
        taken += 1
        queue.put_nowait(message.payload)
        message.ack()

    reader = await connect(Endpoint("127.0.0.1", broker.port, "reader"), None, take)
    await reader.subscribe(Subscription("storm"))
    writer = await dial(broker.port, "writer")

    async def write() -> None:
        for first in range(0, 2000, 20):
            await asyncio.gather(*(writer.publish("storm", b"%d" % n) for n in range(first, first + 20)))
            await until(lambda: taken > first - 100)  # noqa: B023  # the broker queues 200 at most

    writing = asyncio.create_task(write())
    seen: list[bytes] = []
    async with asyncio.timeout(20):
        while len(seen) < 2000:
            try:
                async with asyncio.timeout(0.0005):
                    seen.append(await queue.get())
            except TimeoutError:
                continue
    await writing
    assert seen == [b"%d" % n for n in range(2000)]
    await reader.close()
    await writer.close()


async def test_a_publish_has_left_before_the_loop_turns(broker: Mosquitto) -> None:
    """Whoever goes on working does not keep displays waiting: they hear it while this loop is blocked."""
    heard = threading.Event()
    ear = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    ready = threading.Event()
    ear.on_subscribe = lambda *_: ready.set()
    ear.on_message = lambda *_: heard.set()
    ear.connect("127.0.0.1", broker.port)
    ear.loop_start()
    ear.subscribe(T.sale("main"))
    link = await dial(broker.port)
    try:
        assert await asyncio.to_thread(ready.wait, 10)
        answer = link.publish(T.sale("main"), b"{}")
        assert heard.wait(10)
        assert await answer < 0x80
    finally:
        ear.disconnect()
        ear.loop_stop()
        await link.close()


async def test_a_reply_from_within_a_delivery_outlives_the_socket(broker: Mosquitto) -> None:
    """paho delivers with a lock held that a failing write would wait for."""
    replies: list[asyncio.Future[int]] = []

    def take(message: Message) -> None:
        link._client.socket().shutdown(socket.SHUT_WR)
        replies.append(link.publish(T.till("main"), b"{}"))

    link = await connect(Endpoint("127.0.0.1", broker.port, "self"), None, take)
    await link.subscribe(Subscription(T.sale("main")))
    sent = link.publish(T.sale("main"), b"{}")
    async with asyncio.timeout(20):
        await link.lost
    assert len(replies) == 1
    with pytest.raises(LinkLost):
        await replies[0]
    await asyncio.gather(sent, return_exceptions=True)
    await link.close()


async def test_nagle_is_off_on_both_sides(broker: Mosquitto) -> None:
    """A client that hears itself: its PUBACK and its next PUBLISH are two small writes, which Nagle on either
    side turns into 42 ms. The median of the best of three rounds counts: the machine may be busy, a delayed
    ACK is there every time."""
    heard = asyncio.Event()

    def take(message: Message) -> None:
        message.ack()
        heard.set()

    link = await connect(Endpoint("127.0.0.1", broker.port, "self"), None, take)
    await link.subscribe(Subscription(T.sale("main")))
    medians = []
    for _ in range(3):
        times = []
        for _ in range(100):
            heard.clear()
            began = time.perf_counter()
            await link.publish(T.sale("main"), b"x" * 256)
            await heard.wait()
            times.append(time.perf_counter() - began)
        medians.append(statistics.median(times))
    await link.close()
    assert min(medians) < 0.02


async def test_aiomqtt_is_imported_on_the_first_connection_only() -> None:
    code = (
        "import sys, kassd.mqtt, kassd.mqtt.link; print([m for m in ('aiomqtt', 'paho') if m in sys.modules])"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert (await process.communicate())[0].strip() == b"[]"
