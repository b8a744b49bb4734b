"""kassd.app.desk: every command gets one reply and one acknowledgement, whatever becomes of it."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kassd.app.desk import Answer, Desk
from kassd.clock import Clock
from kassd.core.corrections.found import Found
from kassd.mqtt import Received
from kassd.mqtt.commands import MAX_WAITING
from tests.app.kit import Bench, Disk, process
from tests.app.stage import Stage, stage

ULID = "01JD7Z8Q6S3V9K2M4N5P6R7T{:02d}"
S = 1_000_000_000


class Counterpart:
    """A display: sends commands by hand and looks at what comes back."""

    def __init__(self, scene: Stage, bench: Bench, disk: Disk) -> None:
        self.scene, self.bench, self.disk = scene, bench, disk
        self.desk = Desk(bench.register, scene.window, Clock(), self.find)
        self.acks: Counter[int] = Counter()
        self.sent = 0
        self.questions: list[tuple[str, Answer]] = []

    def find(self, subject: str, answer: Answer) -> None:
        self.questions.append((subject, answer))

    def send(
        self, name: str, args: dict[str, Any] | None = None, *, raw: bytes | None = None, **changes: Any
    ) -> int:
        self.sent += 1
        number = self.sent
        payload = {"v": 1, "id": changes.pop("id", ULID.format(number)), "args": args or {}}
        client = changes.pop("client", "anzeige")
        fields: dict[str, Any] = {
            "client": client,
            "name": name,
            "payload": json.dumps(payload).encode() if raw is None else raw,
            "retained": False,
            "expiry": 10,
            "response_topic": self.scene.topics.reply(client),
            "correlation": b"c",
            "ack": lambda: self.acks.update([number]),
            "at": Clock.mono(),
        }
        self.desk.received(Received(**(fields | changes)))
        return number

    async def replies(self, count: int, client: str = "anzeige") -> list[dict[str, Any]]:
        """All replies so far, once there are ``count``."""
        topic = self.scene.topics.reply(client)
        async with asyncio.timeout(20):
            while len(self.scene.seen(topic)) < count:
                await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        return self.scene.seen(topic)


@pytest.fixture
async def display(tmp_path: Path) -> AsyncIterator[Counterpart]:
    disk = Disk()
    async with process(tmp_path, disk) as bench, stage() as scene:
        await bench.commissioned()
        yield Counterpart(scene, bench, disk)


async def test_a_command_is_answered_and_acknowledged_when_its_line_is_durable(display: Counterpart) -> None:
    display.disk.slow()
    number = display.send("till.open", {"counted": 0})
    await asyncio.sleep(0.05)
    assert not display.acks
    assert not display.scene.seen(display.scene.topics.reply("anzeige"))
    display.disk.fast()
    (reply,) = await display.replies(1)
    assert (reply["id"], reply["status"]) == (ULID.format(1), "ok")
    assert display.acks == {number: 1}


async def test_refusals_are_answered_at_once_and_touch_nothing(display: Counterpart) -> None:
    before = display.bench.register.decisions
    display.send("till.open", raw=b"{")
    display.send("till.open", {"counted": 0}, expiry=None)
    display.send("till.open", {"counted": 0}, retained=True)
    display.send("till.open", {"counted": 0}, at=Clock.mono() - 11 * S)
    display.send("till.open", raw=b"x" * 70_000)
    codes = [reply["code"] for reply in await display.replies(5)]
    assert codes == ["bad_json", "no_expiry", "retained", "expired", "too_large"]
    assert display.bench.register.decisions == before
    assert display.acks == dict.fromkeys(range(1, 6), 1)


async def test_who_wants_no_reply_gets_none_and_is_acknowledged(display: Counterpart) -> None:
    display.send("till.open", {"counted": 0}, response_topic=None)
    display.send("till.open", raw=b"{", response_topic=None)
    await display.bench.until(lambda: len(display.acks) == 2)
    await display.scene.settled()
    assert display.bench.register.state.till.open
    assert not [topic for topic in display.scene.link.topics() if "/res/" in topic]


async def test_what_is_held_goes_on_in_its_order(display: Counterpart) -> None:
    display.desk.hold()
    display.send("till.open", {"counted": 0})
    display.send("sale.add", {"text": "Brot", "price": 100, "vat": 2})
    await asyncio.sleep(0.05)
    assert not display.acks
    assert not display.bench.register.state.till.open
    display.desk.release()
    first, second = await display.replies(2)
    assert [first["status"], second["status"]] == ["ok", "ok"]
    display.send("sale.add", {"text": "Brot", "price": 100, "vat": 2})
    assert len(await display.replies(3)) == 3
    display.desk.release()
    assert display.acks == {1: 1, 2: 1, 3: 1}


async def test_what_expires_while_it_is_held_is_not_carried_out(display: Counterpart) -> None:
    display.desk.hold()
    display.send("till.open", {"counted": 0}, expiry=1)
    display.send("till.report")
    await asyncio.sleep(1)
    display.desk.release()
    expired, _ = await display.replies(2)
    assert (expired["status"], expired["code"]) == ("expired", "expired")
    assert not display.bench.register.state.till.open
    assert display.acks == {1: 1, 2: 1}


async def test_one_mad_client_is_busy_and_the_others_are_served(display: Counterpart) -> None:
    display.desk.hold()
    for n in range(MAX_WAITING + 3):
        display.send("till.report", id=ULID.format(n))
    display.send("till.open", {"counted": 0}, client="ruhig", id=ULID.format(99))
    replies = await display.replies(3)
    assert [reply["code"] for reply in replies] == ["busy"] * 3
    assert [reply["id"] for reply in replies] == [ULID.format(MAX_WAITING + n) for n in range(3)]
    display.desk.release()
    assert len(await display.replies(MAX_WAITING + 3)) == MAX_WAITING + 3
    (calm,) = await display.replies(1, "ruhig")
    assert calm["status"] == "ok"
    display.send("till.report", id=ULID.format(98))
    assert (await display.replies(MAX_WAITING + 4))[-1].get("code") != "busy", "room again"
    assert set(display.acks.values()) == {1}
    assert len(display.acks) == display.sent


async def test_the_same_command_twice_is_one_deed_two_replies_two_acks(display: Counterpart) -> None:
    display.send("till.open", {"counted": 0}, id=ULID.format(7))
    display.send("till.open", {"counted": 0}, id=ULID.format(7))
    first, second = await display.replies(2)
    assert second == first | {"duplicate": True}
    assert display.acks == {1: 1, 2: 1}


async def test_when_the_journal_dies_whoever_waits_is_told_so(display: Counterpart) -> None:
    display.disk.error = OSError(28, "No space left on device")
    display.send("till.open", {"counted": 0})
    assert display.bench.task is not None
    await asyncio.wait((display.bench.task,), timeout=20)
    assert display.bench.task.exception()
    (reply,) = await display.replies(1)
    assert (reply["status"], reply["code"]) == ("failed", "journal_failed")
    assert reply["message"]
    assert reply["next"]
    assert display.acks == {1: 1}, "the broker does not deliver it again beside the client's own repetition"


async def test_a_client_waits_for_its_look_up_and_others_do_not(display: Counterpart) -> None:
    display.send("receipt.reprint", {"receipt": "99"})
    display.send("till.open", {"counted": 0})
    display.send("till.report", client="andere")
    (reply,) = await display.replies(1, "andere")
    assert reply["code"] == "till_closed"
    assert not await display.replies(0)
    ((subject, answer),) = display.questions
    assert subject == "99"
    answer(Found("99", display.bench.register.state.seq))
    first, second = await display.replies(2)
    assert first["code"] == "no_receipt"
    assert second["status"] == "ok"


async def test_a_look_up_that_fails_or_comes_too_late_is_said(display: Counterpart) -> None:
    display.send("receipt.reprint", {"receipt": "1"})
    display.questions[0][1](None)
    (reply,) = await display.replies(1)
    assert reply["code"] == "busy"
    display.send("receipt.reprint", {"receipt": "1"}, expiry=1)
    await asyncio.sleep(1)
    display.questions[1][1](Found("1", 0))
    assert (await display.replies(2))[1]["code"] == "expired"
