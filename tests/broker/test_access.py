"""Accounts, access list and WebSocket listener, on a real mosquitto."""

import asyncio
from collections.abc import Callable

from kassd.mqtt.link import Endpoint, Link, Message, Subscription, connect
from kassd.mqtt.topics import Topics
from tests.broker.lab import Register, until
from tests.broker.mosquitto import NODE, Mosquitto

T = Topics(NODE)
Make = Callable[..., Register]


async def listen(broker: Mosquitto, name: str, password: str) -> tuple[Link, list[Message]]:
    """A client that asks for everything."""
    seen: list[Message] = []

    def take(message: Message) -> None:
        seen.append(message)
        message.ack()

    link = await connect(Endpoint("127.0.0.1", broker.port, name, name, password), None, take)
    await link.subscribe(Subscription(f"{T.base}/#"))
    return link, seen


async def test_everyone_reads_only_what_is_theirs(guarded: Mosquitto, register: Make) -> None:
    it = register(guarded.port, username="kassd", password="geheim-0")
    await it.start()
    first, first_seen = await listen(guarded, "cashier-1", "geheim-1")
    second, second_seen = await listen(guarded, "cashier-2", "geheim-2")
    display, display_seen = await listen(guarded, "customer", "geheim-3")
    shown = [T.info, T.sale("main"), T.till("main"), T.device("tse"), T.customer("main"), T.alert("paper")]
    for topic in shown:
        it.window.show(topic, {})
    it.window.event(T.event("stock.moved"), {})
    it.window.reply("cashier-1", {})
    assert await first.publish(T.command("cashier-1", "sale.add"), b"{}") == 0
    await until(lambda: len(it.received) == 1)
    await until(lambda: it.window.waiting == 0)
    public = {T.online, *shown, T.event("stock.moved")}
    await until(lambda: {m.topic for m in first_seen} == public | {T.reply("cashier-1")})
    assert {m.topic for m in second_seen} == public
    assert {m.topic for m in display_seen} == {T.online, T.customer("main")}
    for link in (first, second, display):
        await link.close()


async def test_everyone_writes_only_where_it_is_theirs(guarded: Mosquitto) -> None:
    refused = {
        ("cashier-1", "geheim-1"): [
            T.command("cashier-2", "sale.add"),
            T.reply("cashier-1"),
            T.online,
            T.sale("main"),
        ],
        ("customer", "geheim-3"): [T.command("customer", "sale.add"), T.customer("main"), T.online],
    }
    for (name, password), topics in refused.items():
        link, _ = await listen(guarded, name, password)
        for topic in topics:
            assert await link.publish(topic, b"{}") == 0x87, (name, topic)
        await link.close()


async def test_displays_get_in_over_websockets(guarded: Mosquitto) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", guarded.ws_port)
    writer.write(
        b"GET /mqtt HTTP/1.1\r\nHost: kasse\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: mqtt\r\n\r\n"
    )
    assert b" 101 " in await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    await writer.wait_closed()


async def test_whoever_hesitates_before_connect_is_not_thrown_out(broker: Mosquitto) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    await asyncio.sleep(2.2)  # mosquitto looks for the silent once a second
    writer.write(bytes.fromhex("10 12 0004 4d515454 05 02 003c 00 0005") + b"s-low")  # keepalive 60
    connack = await asyncio.wait_for(reader.read(4), 60)
    assert (connack[0], connack[3]) == (0x20, 0)
    await asyncio.sleep(2.2)
    writer.write(b"\xc0\x00")
    answer = await asyncio.wait_for(reader.readuntil(b"\xd0\x00"), 60)
    assert answer.endswith(b"\xd0\x00")
    writer.close()
