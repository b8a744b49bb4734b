"""The window against a real mosquitto: what is shown, what comes in, how it comes and goes."""

import asyncio
from collections.abc import Callable

from kassd.mqtt import Received, Window, WindowConfig
from kassd.mqtt.link import Endpoint, Message, Subscription, connect
from kassd.mqtt.topics import Topics
from tests.broker.lab import Observer, Register, until
from tests.broker.mosquitto import NODE, Mosquitto

T = Topics(NODE)
Make = Callable[..., Register]


async def test_shows_states_then_online_last(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    it.window.show(T.sale("main"), {"a": "ä"})
    it.window.show(T.till("main"), {"b": 1})
    async with Observer(broker.port) as observer:
        await it.start()
        await until(lambda: observer.payloads(T.online))
        shown = [m.topic for m in observer.seen if m.topic != T.heartbeat]
        assert shown == [T.sale("main"), T.till("main"), T.online]
        assert observer.payloads(T.sale("main")) == ['{"a":"ä"}'.encode()]
        assert observer.last(T.online) == {"v": 1, "online": True, "boot": "boot-1", "why": "start"}
    async with Observer(broker.port) as late:
        await until(lambda: late.payloads(T.online))
        assert all(m.retained for m in late.seen)


async def test_stop_says_goodbye_first_and_sends_what_waits(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    async with Observer(broker.port) as observer:
        await it.start()
        it.window.show(T.sale("main"), {"last": True})
        await it.window.stop("update")
        assert it.task is not None
        await asyncio.wait_for(it.task, 20)
        await until(lambda: len(observer.payloads(T.online)) == 2)
        assert observer.last(T.online) == {"v": 1, "online": False, "boot": "boot-1", "why": "update"}
        assert observer.payloads(T.sale("main"))
        await asyncio.sleep(0.05)
        assert len(observer.payloads(T.online)) == 2, "the Will must not follow a farewell"


async def test_death_is_told_by_the_broker(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    async with Observer(broker.port) as observer:
        await it.start()
        await until(lambda: observer.payloads(T.online))
        await it.kill()
        await until(lambda: len(observer.payloads(T.online)) == 2)
        assert observer.last(T.online) == {"v": 1, "online": False, "boot": "boot-1", "why": "lost"}


async def test_clearing_removes_the_topic(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    it.window.show(T.alert("paper"), {"x": 1})
    await it.start()
    await until(lambda: it.window.waiting == 0)
    it.window.clear(T.alert("paper"))
    await until(lambda: it.window.waiting == 0)
    async with Observer(broker.port) as observer:
        await until(lambda: observer.payloads(T.online))
        assert observer.payloads(T.alert("paper")) == []


async def test_what_an_earlier_process_left_behind_is_cleared(broker: Mosquitto, register: Make) -> None:
    old = register(broker.port, boot="boot-0")
    for topic in (T.alert("paper"), T.device("gone"), T.sale("main")):
        old.window.show(topic, {"boot": "boot-0"})
    await old.start()
    await until(lambda: old.window.waiting == 0)
    await old.kill()
    new = register(broker.port)
    new.window.show(T.sale("main"), {"boot": "boot-1"})
    await new.start()
    await until(lambda: new.window.waiting == 0)
    assert new.troubles == [], "the own past is no twin"
    async with Observer(broker.port) as observer:
        await until(lambda: observer.payloads(T.online))
        assert observer.payloads(T.alert("paper")) == observer.payloads(T.device("gone")) == []
        assert observer.payloads(T.sale("main")) == [b'{"boot":"boot-1"}']


async def test_a_topic_cleared_offline_is_gone_after_the_return(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    it.window.show(T.alert("paper"), {"x": 1})
    await it.start()
    await until(lambda: it.window.waiting == 0)
    await it.kill()
    it.window.clear(T.alert("paper"))
    assert it.window.waiting == 0
    await it.start()
    await until(lambda: it.window.waiting == 0)
    async with Observer(broker.port) as observer:
        await until(lambda: observer.payloads(T.online))
        assert observer.payloads(T.alert("paper")) == []


async def test_command_and_reply(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    await it.start()
    replies: list[Message] = []
    client = await connect(Endpoint("127.0.0.1", broker.port, "cashier-1"), None, replies.append)
    await client.subscribe(Subscription(T.reply("cashier-1")))
    assert await client.publish(T.command("cashier-1", "sale.add"), b"{}", expiry=9) == 0
    await until(lambda: it.received)
    command = it.received[0]
    assert (command.client, command.name, command.payload) == ("cashier-1", "sale.add", b"{}")
    assert (command.retained, command.expiry, command.response_topic) == (False, 9, None)
    assert it.window.reply("cashier-1", {"id": None}, b"\x01\x02")
    await until(lambda: replies)
    assert (replies[0].payload, replies[0].correlation) == (b'{"id":null}', b"\x01\x02")
    assert replies[0].retained is False
    assert replies[0].expiry is not None
    await client.close()


async def test_a_retained_command_is_marked_live_and_after_a_reconnect(
    broker: Mosquitto, register: Make
) -> None:
    it = register(broker.port)
    await it.start()
    async with Observer(broker.port) as other:
        await other.link.publish(T.command("x", "drawer.open"), b"1", retain=True)
    await until(lambda: it.received)
    await it.kill()
    await it.start()
    await until(lambda: len(it.received) == 2)
    assert [command.retained for command in it.received] == [True, True]


async def test_events_are_not_retained_and_dropped_offline(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    assert not it.window.event(T.event("stock.moved"), {"n": 1})
    assert it.window.dropped == 1
    await it.start()
    async with Observer(broker.port) as observer:
        assert it.window.event(T.event("stock.moved"), {"n": 2})
        await until(lambda: observer.payloads(T.event("stock.moved")))
        assert observer.payloads(T.event("stock.moved")) == [b'{"n":2}']
        assert not observer.seen[-1].retained


async def test_unacknowledged_commands_stop_the_flow_at_32(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port, ack=False)
    await it.start()
    async with Observer(broker.port) as other:
        codes = await asyncio.gather(
            *(other.link.publish(T.command("x", "sale.add"), b"%d" % i, expiry=60) for i in range(200))
        )
        assert set(codes) == {0}
        await until(lambda: len(it.received) == 32)
        await asyncio.sleep(0.1)
        assert len(it.received) == 32
        # From here mosquitto 2.0.11 sends up to 32 more for each acknowledgement; the queue limit per client
        # (kassd.mqtt.commands) is what bounds memory.
        while len(it.received) < 200:
            for command in list(it.received):
                command.ack()
                command.ack()
            await asyncio.sleep(0.01)
        assert [int(command.payload) for command in it.received] == list(range(200))


async def test_a_failing_handler_neither_breaks_the_link_nor_blocks(broker: Mosquitto) -> None:
    calls: list[str] = []

    def take(command: Received) -> None:
        calls.append(command.name)
        raise KeyError("a bug")

    window = Window(WindowConfig(NODE, port=broker.port), "boot-1", take)
    task = asyncio.create_task(window.run())
    await until(lambda: window.connected)
    async with Observer(broker.port) as other:
        for _ in range(40):
            await other.link.publish(T.command("x", "sale.add"), b"{}", expiry=60)
    await until(lambda: len(calls) == 40)
    assert window.counters.losses == 0
    await window.stop()
    await task
