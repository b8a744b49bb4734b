"""Window and session over a link that does what the test says."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

import pytest

from kassd.core.codes import CODES
from kassd.mqtt import Received, Trouble, Window, WindowConfig
from kassd.mqtt.commands import reply
from kassd.mqtt.link import TAKEN_OVER, LinkLost, LinkRefused, Message
from kassd.mqtt.outbox import Outbox
from kassd.mqtt.session import MAX_IN_FLIGHT, Counters, Hooks, Session
from kassd.mqtt.topics import Topics
from tests.mqtt.fakelink import FakeDial, message

NODE = "demo.kasse-0007"
T = Topics(NODE)


class Scene:
    """A running window. ``keepalive`` is 0.1 s here, which no real configuration allows."""

    def __init__(self, **config: float) -> None:
        self.dial = FakeDial()
        self.received: list[Received] = []
        self.troubles: list[Trouble] = []
        self.over: list[str] = []
        options: dict[str, float] = {
            "keepalive": 0.1,
            "base_s": 0.01,
            "cap_s": 0.02,
            "hold_s": 30.0,
            **config,
        }
        self.window = Window(
            WindowConfig(NODE, **options),  # type: ignore[arg-type]
            "boot-1",
            self.received.append,
            self.troubles.append,
            self.dial,
            on_over=self.over.append,
        )
        self.task: asyncio.Task[None] | None = None

    def run(self) -> None:
        self.task = asyncio.create_task(self.window.run())

    async def up(self) -> None:
        if self.task is None:
            self.run()
        await until(lambda: self.window.connected and not self.window.waiting)


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # the conditions are of many kinds
            await asyncio.sleep(0.001)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    yield made
    if made.task is not None:
        made.task.cancel()
        await asyncio.gather(made.task, return_exceptions=True)


@pytest.mark.parametrize("answers", [True, False])
async def test_who_waits_for_the_first_dial_is_told(scene: Scene, answers: bool) -> None:
    scene.dial.errors = [] if answers else [LinkLost("refused")]
    assert not scene.window.tried.is_set()
    scene.run()
    async with asyncio.timeout(20):
        await scene.window.tried.wait()
    assert scene.window.connected is answers


async def test_the_order_of_an_introduction(scene: Scene) -> None:
    scene.window.show(T.sale("main"), {})
    await scene.up()
    link = scene.dial.links[0]
    (subscribed,) = link.subscribed
    assert [s.filter for s in subscribed] == [T.commands, T.online, T.checkpoint, *T.shown]
    assert subscribed[0].as_published, "a retained command is known by its flag, also when it comes live"
    assert all(s.no_local for s in subscribed[1:]), "what it shows must not come back to it"
    assert link.topics() == [T.heartbeat, T.sale("main"), T.online]
    assert [sent.retain for sent in link.sent] == [False, True, True]
    assert link.will is not None
    assert json.loads(link.will.payload) == {"v": 1, "online": False, "boot": "boot-1", "why": "lost"}
    assert scene.dial.calls[0].client_id == f"kassd-{NODE}"


async def test_nothing_is_said_before_the_broker_has_answered(scene: Scene) -> None:
    scene.dial.auto = False
    scene.window.show(T.sale("main"), {})
    scene.run()
    await until(lambda: scene.dial.links and scene.dial.links[0].sent)
    await asyncio.sleep(0.02)
    assert scene.dial.links[0].topics() == [T.heartbeat]
    assert not scene.window.connected
    await until(lambda: len(scene.dial.links) == 2)  # no answer within two keepalives


async def test_at_most_eight_in_flight(scene: Scene) -> None:
    await scene.up()
    link = scene.dial.links[0]
    link.auto = False
    link.sent.clear()
    for number in range(50):
        scene.window.show(T.device(f"d{number}"), {})
    await until(lambda: len(link.sent) == MAX_IN_FLIGHT)
    await asyncio.sleep(0.02)
    assert len(link.sent) == MAX_IN_FLIGHT
    assert scene.window.waiting == 50
    link.sent[3].answer.set_result(0)
    await until(lambda: len(link.sent) == MAX_IN_FLIGHT + 1)


async def test_what_changes_while_it_waits_is_sent_once(scene: Scene) -> None:
    await scene.up()
    link = scene.dial.links[0]
    link.auto = False
    link.sent.clear()
    for number in range(MAX_IN_FLIGHT):
        scene.window.show(T.device(f"d{number}"), {})
    await until(lambda: len(link.sent) == MAX_IN_FLIGHT)
    for number in range(100):
        scene.window.show(T.sale("main"), {"n": number})
    link.auto = True
    for sent in list(link.sent):
        sent.answer.set_result(0)
    await until(lambda: not scene.window.waiting)
    assert [s.payload for s in link.sent if s.topic == T.sale("main")] == [b'{"n":99}']


async def test_heartbeats_come_when_nothing_else_does() -> None:
    scene, keepalive = Scene(keepalive=0.5), 0.5
    await scene.up()
    link = scene.dial.links[0]
    link.sent.clear()
    loop = asyncio.get_running_loop()
    began = shown = loop.time()
    while loop.time() - began < 1.5 * keepalive:
        scene.window.show(T.sale("main"), {"at": loop.time()})
        await asyncio.sleep(0.03)
        shown, pause = loop.time(), loop.time() - shown
        assert T.heartbeat not in link.topics() or pause >= keepalive, "real traffic is proof enough"
    link.sent.clear()
    await until(lambda: link.topics().count(T.heartbeat) == 2)
    assert loop.time() - shown > 1.5 * keepalive
    assert scene.window.counters.losses == 0
    await scene.window.stop()


async def test_a_missing_puback_ends_the_link(scene: Scene) -> None:
    await scene.up()
    first = scene.dial.links[0]
    first.auto = False
    scene.window.show(T.sale("main"), {"n": 1})
    await until(lambda: len(scene.dial.links) == 2)
    assert first.dropped
    await scene.up()
    assert T.sale("main") in scene.dial.links[1].topics()


async def test_a_stalled_loop_is_not_a_dead_broker(scene: Scene) -> None:
    await scene.up()
    for number in range(3):
        scene.window.show(T.sale("main"), {"n": number})
        await asyncio.sleep(0.005)
        time.sleep(0.25)  # noqa: ASYNC251  # longer than two keepalives
        await asyncio.sleep(0.005)
    assert scene.window.counters.losses == 0


async def test_one_unanswered_publish_among_answered_ones_ends_the_link(scene: Scene) -> None:
    await scene.up()
    link = scene.dial.links[0]
    link.auto = False
    scene.window.show(T.sale("main"), {"n": 0})
    await until(lambda: link.topics()[-1] == T.sale("main"))
    link.auto = True
    for number in range(50):
        scene.window.show(T.till("main"), {"n": number})
        await asyncio.sleep(0.01)
    assert len(scene.dial.links) == 2


async def test_session_taken_over_holds_off(scene: Scene) -> None:
    await scene.up()
    scene.dial.links[0].lose("broker sent DISCONNECT", TAKEN_OVER)
    await until(lambda: scene.troubles)
    await asyncio.sleep(0.1)
    assert scene.troubles[0].kind == "mqtt-duplicate-client-id"
    assert len(scene.dial.links) == 1


async def test_a_foreign_boot_after_our_birth_is_a_twin(scene: Scene) -> None:
    scene.dial.retained = [(T.online, b'{"v":1,"online":true,"boot":"boot-0","why":"start"}')]
    await scene.up()
    assert scene.troubles == [], "before our first birth it is our own past"
    scene.dial.links[0].lose("cut")
    await until(lambda: scene.troubles)
    second = scene.dial.links[1]
    assert scene.troubles[0].kind == "mqtt-duplicate-client-id"
    assert second.topics() == [T.heartbeat], "nothing is said over the other's head"
    assert second.closed, "with DISCONNECT, so without Will"
    await asyncio.sleep(0.05)
    assert len(scene.dial.links) == 2


async def test_a_twin_that_shows_up_live(scene: Scene) -> None:
    await scene.up()
    scene.dial.links[0].deliver(message(T.online, b'{"online":true,"boot":"boot-9"}'))
    await until(lambda: scene.troubles)
    assert scene.dial.links[0].closed


async def test_a_farewell_is_no_twin_and_our_birth_takes_its_place(scene: Scene) -> None:
    await scene.up()
    farewell = b'{"v":1,"online":false,"boot":"boot-9","why":"stop"}'
    scene.dial.retained = [(T.online, farewell)]
    scene.dial.links[0].lose("cut")
    await until(lambda: len(scene.dial.links) == 2)
    await scene.up()
    assert json.loads(scene.dial.links[1].sent[-1].payload)["online"]
    assert scene.troubles == []


@pytest.mark.parametrize("why", ["stop", "lost"])
async def test_a_farewell_over_our_birth_is_put_right(scene: Scene, why: str) -> None:
    await scene.up()
    link = scene.dial.links[0]
    link.sent.clear()
    link.deliver(message(T.online, json.dumps({"online": False, "boot": "boot-9", "why": why}).encode()))
    await until(lambda: T.online in link.topics())
    assert json.loads(link.sent[-1].payload) == {"v": 1, "online": True, "boot": "boot-1", "why": "again"}
    assert scene.window.connected
    assert scene.troubles == []


@pytest.mark.parametrize("said", ['"online":true', '"online":false,"why":"lost"'])
async def test_after_a_minute_with_the_twin_it_is_back_and_stays(said: str) -> None:
    scene = Scene(hold_s=0.05)
    await scene.up()
    scene.dial.retained = [(T.online, f'{{"boot":"boot-9",{said}}}'.encode())]
    scene.dial.links[0].lose("cut")
    await until(lambda: len(scene.dial.links) == 3)
    assert [link.closed for link in scene.dial.links] == [False, True, False], "left once"
    await scene.up()
    assert json.loads(scene.dial.links[2].sent[-1].payload)["online"]
    assert len(scene.troubles) == 1
    scene.dial.links[2].lose("cut")
    await until(lambda: len(scene.troubles) == 2)  # a twin that comes again is left alone again
    assert scene.task is not None
    scene.task.cancel()
    await asyncio.gather(scene.task, return_exceptions=True)


async def test_a_lost_link_on_the_way_back_does_not_make_it_leave_again() -> None:
    scene = Scene(hold_s=0.05)
    await scene.up()
    scene.dial.retained = [(T.online, b'{"boot":"boot-9","online":true}')]
    scene.dial.links[0].lose("broker sent DISCONNECT", TAKEN_OVER)
    scene.dial.errors = [LinkLost("no route")]
    await until(lambda: len(scene.dial.links) == 2 and scene.window.connected)
    await scene.up()
    assert len(scene.troubles) == 1
    assert scene.task is not None
    scene.task.cancel()
    await asyncio.gather(scene.task, return_exceptions=True)


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"boot":"boot-1"}', b'{"boot":5}', b"\xff"])
async def test_what_is_no_twin(scene: Scene, payload: bytes) -> None:
    await scene.up()
    scene.dial.links[0].deliver(message(T.online, payload))
    await asyncio.sleep(0.02)
    assert scene.window.connected
    assert scene.troubles == []


async def test_leftovers_are_cleared_once_and_own_topics_are_not(scene: Scene) -> None:
    scene.dial.retained = [(T.alert("old"), b"{}"), (T.sale("main"), b"{}"), (T.alert("gone"), b"")]
    scene.window.show(T.sale("main"), {"mine": 1})
    await scene.up()
    empty = [sent.topic for sent in scene.dial.links[0].sent if sent.retain and not sent.payload]
    assert empty == [T.alert("old")]


async def test_commands_come_through_and_others_are_counted(scene: Scene) -> None:
    await scene.up()
    deliver = scene.dial.links[0].deliver
    deliver(message(T.command("cashier-1", "sale.add"), b"x"))
    deliver(message("kassd/v1/other.k/cmd/a/b", b"x"))
    deliver(message(f"{T.base}/cmd/a b/c", b"x"))
    assert [(r.client, r.name, r.payload, r.expiry) for r in scene.received] == [
        ("cashier-1", "sale.add", b"x", 10)
    ]
    assert (scene.window.counters.commands, scene.window.counters.ignored) == (1, 2)


async def test_refusals_are_told(scene: Scene) -> None:
    scene.dial.errors = [LinkRefused(0x87, "CONNECT"), LinkLost("no route")]
    await scene.up()
    assert [trouble.kind for trouble in scene.troubles] == ["mqtt-refused"]
    assert scene.window.counters.losses == 2


async def test_what_the_broker_would_cut_us_off_for_is_told_and_not_sent(scene: Scene) -> None:
    scene.window.show(T.sale("main"), {"a": 1})
    await scene.up()
    link = scene.dial.links[0]
    link.max_packet = 1000
    link.sent.clear()
    long = {"text": "x" * 1000}
    scene.window.show(T.sale("main"), long)
    assert scene.window.event(T.event("receipt"), long)
    assert scene.window.reply("cashier-1", long)
    scene.window.show(T.sale("main"), {**long, "n": 2})
    await until(lambda: not scene.window.waiting)
    assert {(sent.topic, sent.payload) for sent in link.sent if sent.topic != T.heartbeat} == {
        (T.sale("main"), b"")
    }, "the state of before is taken away, nothing else is sent"
    assert scene.window.dropped == 2
    assert [trouble.kind for trouble in scene.troubles] == ["mqtt-too-long"] * 3, "once for each topic"
    assert f"{T.sale('main')}: 1" in scene.troubles[0].detail
    scene.window.show(T.sale("main"), {"a": 2})
    await until(lambda: link.sent[-1].payload == b'{"a":2}')
    assert len(scene.dial.links) == 1


async def test_what_is_no_longer_too_long_is_no_trouble_any_more(scene: Scene) -> None:
    long = {"text": "x" * 1000}
    await scene.up()
    link = scene.dial.links[0]
    link.max_packet = 1000
    for topic in (T.sale("main"), T.till("main"), T.device("gone")):
        scene.window.show(topic, long)
    assert scene.window.event(T.event("stock.moved"), long)
    await until(lambda: len(scene.troubles) == 4)
    scene.over.clear()
    scene.window.show(T.sale("main"), {"a": 1})
    scene.window.clear(T.device("gone"))
    assert scene.window.event(T.event("stock.moved"), {"a": 1})
    await until(lambda: not scene.window.waiting)
    assert scene.over == [], "one of four is still too long"
    scene.window.show(T.till("main"), {"a": 1})
    await until(lambda: scene.over == ["mqtt-too-long"])


async def test_a_broker_that_takes_longer_packets_ends_that_trouble(scene: Scene) -> None:
    await scene.up()
    link = scene.dial.links[0]
    link.max_packet = 1000
    scene.window.show(T.sale("main"), {"text": "x" * 1000})
    assert scene.window.event(T.event("stock.moved"), {"text": "x" * 1000})
    scene.window.show(T.alert("gone"), {"text": "x" * 1000})
    await until(lambda: len(scene.troubles) == 3)
    link.lose("cut")
    scene.window.clear(T.alert("gone"))
    scene.over.clear()
    await until(lambda: len(scene.dial.links) == 2)
    await scene.up()
    assert scene.over == ["mqtt-refused", "mqtt-too-long"]
    assert T.sale("main") in scene.dial.links[1].topics()


async def test_a_reply_that_is_too_long_goes_without_its_result(scene: Scene) -> None:
    await scene.up()
    link = scene.dial.links[0]
    link.max_packet = 1000
    done = reply("01JD7Z8Q6S3V9K2M4N5P6R7T8X", "ok", 7, result={"text": "x" * 1000})
    assert scene.window.reply("cashier-1", done, b"c")
    refused = reply(None, "rejected", 7, code="bad_args", result={"detail": "x" * 1000})
    assert scene.window.reply("cashier-1", refused)
    await until(lambda: link.topics().count(T.reply("cashier-1")) == 2)
    first, second = (json.loads(sent.payload) for sent in link.sent if sent.topic == T.reply("cashier-1"))
    assert (first["id"], first["status"], first["rev"]) == (done["id"], "ok", 7)
    assert (first["code"], "result" in first) == ("reply_too_long", False)
    assert first["message"] == CODES["reply_too_long"].message
    assert (second["status"], second["code"], "result" in second) == ("rejected", "bad_args", False)
    assert scene.troubles == []
    assert scene.window.dropped == 0


async def test_the_twin_is_over_when_it_has_not_come_back() -> None:
    scene = Scene(hold_s=0.1)
    await scene.up()
    assert "mqtt-duplicate-client-id" not in scene.over
    await until(lambda: "mqtt-duplicate-client-id" in scene.over)
    assert scene.window.connected
    for number in range(3):
        scene.window.show(T.sale("main"), {"n": number})
        await until(lambda: not scene.window.waiting)
    assert scene.over.count("mqtt-duplicate-client-id") == 1
    assert scene.task is not None
    scene.task.cancel()
    await asyncio.gather(scene.task, return_exceptions=True)


async def test_a_refusal_is_over_with_the_next_connection(scene: Scene) -> None:
    scene.dial.errors = [LinkRefused(0x87, "CONNECT")]
    scene.run()
    await until(lambda: scene.troubles)
    assert scene.over == []
    await scene.up()
    assert scene.over == ["mqtt-refused"]


async def test_the_pause_after_a_hundred_failures_is_capped(scene: Scene) -> None:
    scene.dial.errors = [LinkLost("no route") for _ in range(100)]
    await scene.up()
    assert scene.window.counters.losses == 100


async def test_farewell(scene: Scene) -> None:
    await scene.up()
    link = scene.dial.links[0]
    scene.window.show(T.sale("main"), {"last": 1})
    await scene.window.stop("update")
    assert scene.task is not None
    await asyncio.wait_for(scene.task, 20)
    assert link.topics()[-2:] == [T.sale("main"), T.online]
    assert json.loads(link.sent[-1].payload) == {"v": 1, "online": False, "boot": "boot-1", "why": "update"}
    assert link.closed
    assert scene.window.counters.losses == 0


async def test_stop_without_a_broker_returns_at_once() -> None:
    scene = Scene(base_s=30.0, cap_s=30.0)
    scene.dial.errors = [LinkLost("no route") for _ in range(9)]
    scene.run()
    await until(lambda: scene.window.counters.losses)
    async with asyncio.timeout(20):
        await scene.window.stop()
        assert scene.task is not None
        await scene.task


async def test_a_broker_that_does_not_take_the_farewell(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.up()
    scene.dial.links[0].auto = False
    async with asyncio.timeout(20):
        await scene.window.stop()
    assert scene.task is not None
    await asyncio.wait_for(scene.task, 20)


async def test_cancelling_run_drops_the_link(scene: Scene) -> None:
    await scene.up()
    assert scene.task is not None
    scene.task.cancel()
    await asyncio.gather(scene.task, return_exceptions=True)
    assert scene.dial.links[0].dropped
    assert not scene.dial.links[0].closed, "the broker shall publish the Will"
    assert not scene.window.connected


async def test_events_lost_in_flight_are_counted(scene: Scene) -> None:
    await scene.up()
    scene.dial.links[0].auto = False
    assert scene.window.event(T.event("stock.moved"), {})
    await until(lambda: T.event("stock.moved") in scene.dial.links[0].topics())
    scene.dial.links[0].lose("cut")
    await until(lambda: scene.window.dropped == 1)


def test_documents_that_are_no_json_are_a_programming_error() -> None:
    scene = Scene()
    with pytest.raises(ValueError, match="JSON compliant"):
        scene.window.show(T.info, {"x": float("nan")})
    with pytest.raises(ValueError, match="topic level"):
        scene.window.reply("a/b", {})


def test_the_password_is_not_shown() -> None:
    assert "geheim" not in repr(WindowConfig(NODE, password="geheim"))


def session_heard(connects: int, retained: bool) -> tuple[list[bytes], list[bool]]:
    """What a session that gets a checkpoint tells, and whether it acknowledges it."""
    heard: list[bytes] = []
    acknowledged: list[bool] = []
    counters = Counters(connects=connects)
    session = Session(T, "b" * 16, 15, Outbox(), counters, Hooks(print, print, heard.append), False)
    checkpoint = Message(T.checkpoint, b"{}", retained, None, None, None, lambda: acknowledged.append(True))
    session.deliver(checkpoint)
    return heard, acknowledged


async def test_the_remembered_checkpoint_is_told() -> None:
    assert session_heard(connects=0, retained=True) == ([b"{}"], [True])


@pytest.mark.parametrize(("connects", "retained"), [(0, False), (1, False), (1, True)])
async def test_what_somebody_writes_there_later_is_no_anchor(connects: int, retained: bool) -> None:
    assert session_heard(connects, retained) == ([], [True])
