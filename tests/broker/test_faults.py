"""The window over brokers that die, lines that are cut, and twins."""

import asyncio
import json
import re
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kassd.mqtt.link import MAX_PACKET, Endpoint, connect
from kassd.mqtt.outbox import MAX_TRANSIENT
from kassd.mqtt.session import HEAD, MAX_IN_FLIGHT
from kassd.mqtt.topics import Topics
from tests.broker.lab import Observer, Register, until
from tests.broker.mosquitto import NODE, Mosquitto
from tests.broker.proxy import Proxy

T = Topics(NODE)
Make = Callable[..., Register]


async def test_everything_is_back_within_a_second_after_a_broker_without_memory(
    broker: Mosquitto, register: Make
) -> None:
    it = register(broker.port)
    for number in range(200):
        it.window.show(T.device(f"d{number}"), {"number": number, "text": "x" * 500})
    await it.start()
    await until(lambda: it.window.waiting == 0)
    took = []
    for generation in (2, 3, 4):
        broker.kill()
        await until(lambda: not it.window.connected)
        broker.start()
        await until(lambda: it.window.connected)
        began = time.monotonic()
        await until(lambda: it.window.waiting == 0)
        took.append(time.monotonic() - began)
        async with Observer(broker.port) as observer:
            await until(lambda: len(observer.seen) >= 201)
            assert {m.topic for m in observer.seen} == {T.online, *(T.device(f"d{n}") for n in range(200))}
            assert observer.last(T.online)["why"] == "again"
        assert it.window.counters.connects == generation
    assert min(took) < 1, "the machine may be busy with other things once"


@pytest.mark.parametrize("how", ["cut", "reset"])
async def test_flapping_line(broker: Mosquitto, proxy: Proxy, register: Make, how: str) -> None:
    it = register(proxy.port)
    await it.start()
    for number in range(15):
        it.window.show(T.sale("main"), {"number": number})
        await asyncio.sleep(0.01 * (number % 3))
        getattr(proxy, how)()
    async with Observer(broker.port) as observer:
        await until(lambda: observer.payloads(T.sale("main")) and observer.payloads(T.online))
        await until(
            lambda: observer.last(T.online)["online"] and observer.last(T.sale("main")) == {"number": 14}
        )
    assert it.troubles == []


async def test_a_black_hole_is_left_by_the_heartbeat(broker: Mosquitto, proxy: Proxy, register: Make) -> None:
    it = register(proxy.port, keepalive=1)
    await it.start()
    await asyncio.sleep(2.5)
    assert it.window.counters.losses == 0, "heartbeats keep a good line"
    await until(lambda: it.window.counters.published >= 3)
    proxy.holed = True
    it.window.show(T.sale("main"), {"now": 1})
    await until(lambda: not it.window.connected)
    proxy.holed = False
    proxy.cut()
    await until(lambda: it.window.connected and it.window.waiting == 0)
    async with Observer(broker.port) as observer:
        await until(lambda: observer.payloads(T.sale("main")))


async def test_a_publish_that_is_refused_is_told_and_does_not_spin(
    guarded: Mosquitto, register: Make
) -> None:
    it = register(guarded.port, username="kassd", password="geheim-0")
    await it.start()
    it.window.show("kassd/v1/demo.other/state/sale/main", {"not": "ours"})
    await until(lambda: it.troubles)
    await asyncio.sleep(0.1)
    assert [trouble.kind for trouble in it.troubles] == ["mqtt-refused"]
    assert "0x87" in it.troubles[0].detail
    assert it.window.connected
    assert it.window.counters.refused == 1


async def test_a_document_longer_than_the_broker_takes_does_not_end_the_link(
    broker: Mosquitto, register: Make
) -> None:
    it = register(broker.port)
    it.window.show(T.orders, {"text": "x" * MAX_PACKET})
    it.window.show(T.sale("main"), {"text": "x" * (MAX_PACKET - 2 * HEAD - len(T.sale("main")))})
    async with Observer(broker.port) as observer:
        await it.start()
        await until(lambda: observer.payloads(T.online))
        it.window.show(T.till("main"), {"after": True})
        await until(lambda: observer.payloads(T.till("main")))
        assert len(observer.payloads(T.sale("main"))[0]) > MAX_PACKET - 300, "just below, it fits"
    assert [trouble.kind for trouble in it.troubles] == ["mqtt-too-long"]
    assert f"the broker takes {MAX_PACKET}" in it.troubles[0].detail
    assert (it.window.counters.connects, it.window.counters.losses) == (1, 0)


async def test_the_limit_is_what_the_broker_tells(broker: Mosquitto, register: Make) -> None:
    broker.kill()
    broker.config.write_text(
        broker.config.read_text().replace(f"max_packet_size {MAX_PACKET}", "max_packet_size 2000")
    )
    broker.start()
    it = register(broker.port)
    it.window.show(T.orders, {"text": "x" * 3000})
    await it.start()
    await until(lambda: it.window.waiting == 0)
    assert "the broker takes 2000" in it.troubles[0].detail
    assert it.window.counters.losses == 0


async def test_a_wrong_password_is_told_and_tried_again(guarded: Mosquitto, register: Make) -> None:
    it = register(guarded.port, username="kassd", password="falsch")
    it.task = asyncio.create_task(it.window.run())
    await until(lambda: len(it.troubles) >= 2)
    assert {trouble.kind for trouble in it.troubles} == {"mqtt-refused"}
    assert not it.window.connected


async def test_a_twin_is_found_out_and_does_not_fight(broker: Mosquitto, register: Make) -> None:
    """Two boxes with one node: without a hold-off they would throw each other out for ever."""
    first = register(broker.port, boot="boot-a", hold_s=30.0)
    second = register(broker.port, boot="boot-b", hold_s=30.0)
    await first.start()
    await until(lambda: first.window.waiting == 0)
    await second.start()
    await until(lambda: first.troubles)
    assert first.troubles[0].kind == "mqtt-duplicate-client-id"
    # A newer mosquitto says 0x8E to the one thrown out. 2.0.11 says nothing: the first looks once, which
    # throws the second out, and finds the other's boot. Either way the second then has the broker for itself.
    assert re.search("boot boot-b|0x8E", first.troubles[0].detail)
    await until(lambda: second.window.connected and second.window.waiting == 0)
    connects = second.window.counters.connects
    await asyncio.sleep(0.5)
    assert (second.window.counters.connects, second.troubles) == (connects, [])
    assert not first.window.connected
    async with Observer(broker.port) as observer:
        await until(lambda: observer.payloads(T.online))
        assert (observer.last(T.online)["boot"], observer.last(T.online)["online"]) == ("boot-b", True)


@pytest.mark.parametrize("crashes", [False, True])
async def test_when_the_twin_has_gone_the_one_that_left_is_back_after_the_pause(
    broker: Mosquitto, register: Make, crashes: bool
) -> None:
    first = register(broker.port, boot="boot-a", hold_s=0.5)
    second = register(broker.port, boot="boot-b", hold_s=30.0)
    await first.start()
    await until(lambda: first.window.waiting == 0)
    await second.start()
    await until(lambda: first.troubles and second.window.connected and second.window.waiting == 0)
    await (second.kill() if crashes else second.window.stop())
    await until(lambda: first.window.connected and first.window.waiting == 0)
    async with Observer(broker.port) as observer:
        await until(lambda: observer.payloads(T.online))
        assert (observer.last(T.online)["boot"], observer.last(T.online)["online"]) == ("boot-a", True)


async def test_twins_that_stay_take_turns(broker: Mosquitto, register: Make) -> None:
    """Each is heard, and each says what is wrong: neither keeps both of them away from the broker."""
    pair = [register(broker.port, boot=boot, hold_s=1.0) for boot in ("boot-a", "boot-b")]
    for each in pair:
        await each.start()
    for each in (*pair, *pair):
        await until(lambda it=each: it.window.connected and not it.window.waiting)  # type: ignore[misc]
    assert all({trouble.kind for trouble in each.troubles} == {"mqtt-duplicate-client-id"} for each in pair)
    assert max(each.window.counters.connects for each in pair) < 20, "no fight"


async def test_a_checkpoint_written_while_the_register_runs_is_no_anchor(
    broker: Mosquitto, register: Make
) -> None:
    heard: list[bytes] = []
    async with Observer(broker.port) as other:
        await other.link.publish(T.checkpoint, b"earlier", retain=True)
        it = register(broker.port, on_anchor=heard.append)
        await it.start()
        await until(lambda: heard == [b"earlier"])
        await other.link.publish(T.checkpoint, b"planted", retain=True)
        await it.kill()
        await it.start()
        await other.link.publish(T.command("x", "sale.add"), b"", expiry=9)
        await until(lambda: it.received)  # the broker answers in order: what it kept has come before
    assert heard == [b"earlier"]


async def test_stop_during_the_hold_off_ends_at_once(broker: Mosquitto, register: Make) -> None:
    first = register(broker.port, boot="boot-a", hold_s=30.0)
    second = register(broker.port, boot="boot-b", hold_s=30.0)
    await first.start()
    await until(lambda: first.window.waiting == 0)
    await second.start()
    await until(lambda: first.troubles)
    await first.window.stop()
    assert first.task is not None
    await asyncio.wait_for(first.task, 20)


async def test_days_without_a_broker_cost_nothing(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    await it.start()
    broker.kill()
    await until(lambda: not it.window.connected)
    for number in range(5000):
        it.window.show(T.sale("main"), {"number": number})
        it.window.show(T.alert(f"a{number}"), {"number": number})
        it.window.clear(T.alert(f"a{number}"))
        assert not it.window.event(T.event("stock.moved"), {"number": number})
        assert not it.window.reply("cashier-1", {"number": number})
    assert it.window.waiting <= 2
    assert it.window.dropped == 10_000
    broker.start()
    async with Observer(broker.port) as observer:
        await until(lambda: observer.payloads(T.sale("main")))
        assert observer.payloads(T.sale("main")) == [b'{"number":4999}'], "one, the latest"


async def test_a_flood_of_events_is_bounded_and_states_get_through(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    await it.start()
    taken = sum(it.window.event(T.event("stock.moved"), {"number": n}) for n in range(2000))
    it.window.show(T.sale("main"), {"after": "the flood"})
    assert MAX_TRANSIENT <= taken <= MAX_TRANSIENT + MAX_IN_FLIGHT
    assert it.window.dropped == 2000 - taken
    await until(lambda: it.window.waiting == 0)


async def test_1500_commands_into_the_void(broker: Mosquitto, register: Make) -> None:
    """A register that is away: the sender is told that nobody listens, and nothing waits anywhere."""
    it = register(broker.port)
    await it.start()
    await it.kill()
    client = await connect(
        Endpoint("127.0.0.1", broker.port, "cashier-1"), None, lambda message: message.ack()
    )
    codes = await asyncio.gather(
        *(client.publish(T.command("cashier-1", "sale.add"), b"%d" % n, expiry=10) for n in range(1500))
    )
    assert set(codes) == {0x10}, "no matching subscribers"
    await it.start()
    await asyncio.sleep(0.2)
    assert it.received == []
    await client.close()


async def test_a_display_sees_everything_within_one_round_trip(broker: Mosquitto, register: Make) -> None:
    it = register(broker.port)
    it.window.show(T.sale("main"), {"lines": []})
    await it.start()
    await until(lambda: it.window.waiting == 0)
    async with Observer(broker.port) as observer:  # has sent one SUBSCRIBE
        await until(lambda: len(observer.seen) == 2)


async def test_an_idle_register_sleeps(broker: Mosquitto, tmp_path: Path) -> None:
    """Voluntary context switches of all threads of a process with one idle link, per second."""
    program = tmp_path / "idle.py"
    program.write_text(
        textwrap.dedent(f"""
            import asyncio, glob, re, time
            from kassd.mqtt import Window, WindowConfig

            def switches():
                texts = (open(path).read() for path in glob.glob("/proc/self/task/*/status"))
                return sum(int(re.search(r"\\nvoluntary_ctxt_switches:\\s+(\\d+)", t)[1]) for t in texts)

            async def main():
                window = Window(WindowConfig("{NODE}", port={broker.port}), "boot-1", print)
                task = asyncio.create_task(window.run())
                while not window.connected or window.waiting:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(1)
                before, began = switches(), time.monotonic()
                await asyncio.sleep(6)
                print((switches() - before) / (time.monotonic() - began), window.connected)
                await window.stop()
                await task

            asyncio.run(main())
        """)
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0
    rate = re.fullmatch(r"([0-9.]+) True\n", said)
    assert rate is not None, said
    assert float(rate[1]) < 1
    print(json.dumps({"idle_context_switches_per_s": float(rate[1])}))
