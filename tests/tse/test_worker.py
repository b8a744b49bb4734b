"""The worker of a TSE, over a real soft TSE in a folder."""

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from kassd.clock import Clock
from kassd.errors import TseError, TseGone, TseRefused, TseSilent, TseWrong
from kassd.tse.codes import CERTIFICATE_EXPIRED, SELF_TEST_DUE
from kassd.tse.log.verify import verify_tar
from kassd.tse.port import LastResult, Signed, TseInfo
from kassd.tse.signatures import verify_answer
from kassd.tse.soft import Fault, SoftTse
from kassd.tse.worker import (
    SELF_TEST_EVERY_S,
    Answered,
    Call,
    Event,
    Measured,
    Opened,
    Surveyed,
    TseWorker,
    Unavailable,
    error_code,
)
from tests.tse.soft.helpers import CLIENT, FAST, NOW, SECRETS, collect, ready

E = TypeVar("E")
TYPE, DATA = "Kassenbeleg-V1", "Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"


class HandClock(Clock):
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self.passed = 0.0
        super().__init__()

    def wall_ns(self) -> int:
        return int((NOW + self.passed) * 1e9)

    def mono(self) -> int:  # type: ignore[override] # the worker asks its instance
        return int((1000 + self.passed) * 1e9)


class Watched(SoftTse):
    """Counts its calls and fails the test when two run at a time."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type] # as they are
        self.seen: list[str] = []
        self.running = 0

    async def _call(self, name, work):  # type: ignore[no-untyped-def] # the real one's signature
        self.running += 1
        assert self.running == 1, f"{name} beside another call"
        self.seen.append(name)
        try:
            await asyncio.sleep(0)
            return await super()._call(name, work)
        finally:
            self.running -= 1


class Scene:
    """A worker at work. ``wanted`` None: everything."""

    def __init__(self, folder: Path, tse: type[Watched] = Watched, **options: object) -> None:
        self.clock = HandClock()
        settings: dict[str, object] = {"model": FAST, "latency_s": 0.0, "secrets": SECRETS, **options}
        self.tse = tse(folder, clock=self.clock, wire_timeout_s=0.01, **settings)
        self.events: list[Event] = []
        self.refused: set[str] = set()
        self.known: set[int] = set()
        self.worker = TseWorker(
            self.tse,
            CLIENT,
            self.clock,
            self.events.append,
            lambda wish: wish not in self.refused,
            lambda: self.known,
            SECRETS,
        )
        self.task: asyncio.Task[None] | None = None

    def run(self) -> None:
        self.task = asyncio.create_task(self.worker.run())

    async def up(self, *calls: Call) -> None:
        """Open, and do what the register does then."""
        if self.task is None:
            self.run()
        await self.next(Opened)
        self.worker.resume(calls)
        await self.next(Surveyed)

    async def until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                assert self.task is None or not self.task.done(), self.task
                await asyncio.sleep(0.001)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def next(self, kind: type[E]) -> E:
        """Wait for an event of this kind, take it and everything before it."""
        await self.until(lambda: self.of(kind))
        found = self.of(kind)[0]
        del self.events[: self.events.index(found) + 1]  # type: ignore[arg-type] # it is one of them
        return found

    async def ask(self, call: Call) -> Answered:
        self.worker.submit(call)
        return await self.next(Answered)

    async def start(self, wish: str = "1.0") -> Signed:
        answer = await self.ask(Call(wish, "tse.start"))
        assert answer.signed is not None, answer
        self.known.add(answer.signed.transaction_number)
        return answer.signed

    async def settled(self) -> None:
        await self.until(lambda: self.worker.idle)
        await asyncio.sleep(0.02)

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


def finish(number: int, wish: str = "2.0", **more: object) -> Call:
    return Call(wish, "tse.finish", number, TYPE, DATA, **more)  # type: ignore[arg-type]


Make = Callable[..., Scene]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    made: list[Scene] = []

    def scene(tse: type[Watched] = Watched, folder: Path = tmp_path, **options: object) -> Scene:
        made.append(Scene(folder, tse, **options))
        return made[-1]

    yield scene
    for each in made:
        await each.end()


async def messages(scene: Scene) -> Counter[str]:
    """End the worker; the transaction messages in the TSE's own archive, which must verify, by operation."""
    await scene.end()
    other = SoftTse(scene.tse.path, latency_s=0.0, secrets=SECRETS)
    await other.open()
    archive = scene.tse.path.parent / f"{scene.tse.path.name}.tar"
    archive.write_bytes(await collect(other.export()))
    await other.close()
    verdict = verify_tar(archive)
    assert verdict.ok, verdict
    names = archive.read_bytes()
    return Counter({kind: names.count(f"_{kind}_".encode()) for kind in ("Start", "Finish")})


# -- the good case ------------------------------------------------------------------------------------


async def test_a_factory_new_tse_is_set_up_and_signs(make: Make) -> None:
    scene = make()
    scene.run()
    opened = await scene.next(Opened)
    assert opened.info.life_cycle == "active"
    assert (opened.info.time_valid, opened.info.self_test_due) == (True, False)
    assert opened.info.clients == (CLIENT,)
    scene.worker.resume(())
    assert await scene.next(Surveyed) == Surveyed((), newest=0)
    started = await scene.start()
    ended = (await scene.ask(finish(started.transaction_number))).signed
    assert ended is not None
    assert verify_answer(opened.info, CLIENT, "start", "", b"", started)
    assert verify_answer(opened.info, CLIENT, "finish", TYPE, DATA.encode(), ended)
    assert scene.worker.calls == 2
    assert scene.worker.idle


async def test_without_secrets_a_factory_new_tse_is_refused(tmp_path: Path, make: Make) -> None:
    scene = make()
    scene.worker = TseWorker(
        scene.tse, CLIENT, scene.clock, scene.events.append, lambda _: True, lambda: scene.known
    )
    scene.run()
    told = await scene.next(Unavailable)
    assert told.error == "refused:factory"
    assert "bitte mit kassd tse setup einrichten" in told.message


async def test_strictly_one_call_at_a_time_and_in_order(make: Make) -> None:
    scene = make(latency_s=0.003)
    await scene.up()
    for n in range(8):
        scene.worker.submit(Call(f"{n}.0", "tse.start"))
        if n == 3:
            scene.worker.self_test()
            scene.worker.probe()
    await scene.next(Opened)
    scene.worker.resume([Call(f"{n}.0", "tse.start") for n in range(8)])
    await scene.next(Surveyed)
    assert (await messages(scene))["Start"] == 8, "a resume beside running calls signed one twice"


async def test_answers_come_in_the_order_of_the_calls(make: Make) -> None:
    scene = make()
    await scene.up()
    for n in range(5):
        scene.worker.submit(Call(f"{n}.0", "tse.start"))
    await scene.until(lambda: len(scene.of(Answered)) == 5)
    answers = scene.of(Answered)
    assert [a.wish for a in answers] == [f"{n}.0" for n in range(5)]
    assert [a.signed.transaction_number for a in answers if a.signed] == [1, 2, 3, 4, 5]


async def test_a_withdrawn_call_is_not_begun(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.refused.add("7.0")
    answer = await scene.ask(Call("7.0", "tse.start"))
    assert (answer.error, answer.begun, answer.signed) == ("withdrawn", False, None)
    assert "start" not in scene.tse.seen


async def test_what_comes_before_the_register_has_spoken_waits(make: Make) -> None:
    """Only the register knows whether this is its TSE."""
    scene = make()
    scene.worker.submit(Call("1.0", "tse.start"))
    scene.run()
    await scene.next(Opened)
    await asyncio.sleep(0.05)
    assert not scene.events
    assert "start" not in scene.tse.seen
    scene.worker.resume([Call("1.0", "tse.start")])
    assert (await scene.next(Answered)).signed is not None


async def test_a_resume_of_before_the_opening_does_not_count(make: Make) -> None:
    scene = make()
    scene.worker.resume([Call("1.0", "tse.start")])
    scene.run()
    await scene.next(Opened)
    await asyncio.sleep(0.05)
    assert "start" not in scene.tse.seen


# -- answers are checked ------------------------------------------------------------------------------


class Liar(Watched):
    """Signs, and answers with a broken signature; ``deep``: also where the last result is asked for."""

    deep = False

    def twist(self, signed: Signed) -> Signed:
        broken = bytearray(base64.b64decode(signed.signature))
        broken[5] ^= 1
        return replace(signed, signature=base64.b64encode(broken).decode())

    async def start(self, client_id: str, process_type: str = "", process_data: bytes = b"") -> Signed:
        return self.twist(await super().start(client_id, process_type, process_data))

    async def finish(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        return self.twist(await super().finish(number, client_id, process_type, process_data))

    async def last_result(self, client_id: str) -> LastResult | None:
        last = await super().last_result(client_id)
        return replace(last, signed=self.twist(last.signed)) if last is not None and self.deep else last


class DeepLiar(Liar):
    deep = True


class Deaf(DeepLiar):
    """And its stored log tells nothing."""

    async def export(self, *args: object, **options: object) -> AsyncIterator[bytes]:
        yield bytes(1024)


@pytest.mark.parametrize("kind", [Liar, DeepLiar])
async def test_a_wrong_signature_is_replaced_by_the_tses_own_log(make: Make, kind: type[Watched]) -> None:
    scene = make(kind)
    await scene.up()
    started = await scene.start()
    ended = (await scene.ask(finish(started.transaction_number))).signed
    info = scene.worker.info
    assert ended is not None
    assert info is not None
    assert verify_answer(info, CLIENT, "start", "", b"", started)
    assert verify_answer(info, CLIENT, "finish", TYPE, DATA.encode(), ended)
    assert await messages(scene) == {"Start": 1, "Finish": 1}


async def test_what_cannot_be_verified_at_all_is_an_error(make: Make) -> None:
    scene = make(Deaf)
    await scene.up()
    answer = await scene.ask(Call("1.0", "tse.start"))
    assert answer.signed is None
    assert (answer.error, answer.begun) == ("failed", True)
    assert not scene.worker.idle or scene.tse.seen.count("start") == 1


class Stale(Watched):
    """Gives the answer before last, which is as genuine as can be."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.given: dict[str, list[Signed]] = {"start": [], "finish": []}

    async def start(self, client_id: str, process_type: str = "", process_data: bytes = b"") -> Signed:
        self.given["start"].append(await super().start(client_id, process_type, process_data))
        return self.given["start"][0]

    async def finish(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        self.given["finish"].append(await super().finish(number, client_id, process_type, process_data))
        return self.given["finish"][0]


async def test_the_genuine_answer_of_an_older_call_is_not_taken(make: Make) -> None:
    scene = make(Stale)
    await scene.up()
    numbers = [(await scene.start(f"{n}.0")).transaction_number for n in (1, 2)]
    assert numbers == [1, 2]
    ended = [(await scene.ask(finish(n, f"{n}.1"))).signed for n in numbers]
    assert [signed and signed.transaction_number for signed in ended] == [1, 2]
    assert len({signed.signature_counter for signed in ended if signed}) == 2


async def test_a_foreign_serial_in_an_answer_is_looked_up(make: Make) -> None:
    scene = make()
    await scene.up()
    started = await scene.start()
    scene.tse.faults.set(Fault("wrong", ("finish",)))
    ended = (await scene.ask(finish(started.transaction_number))).signed
    assert ended is not None
    assert ended.serial_number == started.serial_number


# -- away and back ------------------------------------------------------------------------------------


async def test_gone_while_calling_then_down_until_the_register_resumes(make: Make) -> None:
    scene = make()
    await scene.up()
    started = await scene.start()
    scene.tse.faults.set(Fault("gone"))
    answer = await scene.ask(finish(started.transaction_number))
    assert (answer.error, answer.begun, answer.signed) == ("gone", True, None)
    scene.worker.submit(Call("3.0", "tse.start"))
    scene.worker.probe()
    assert (await scene.next(Unavailable)).error == "gone"
    scene.tse.faults.set()
    await asyncio.sleep(0.03)
    assert not scene.events, "nobody asked"
    scene.worker.probe()
    await scene.up(finish(started.transaction_number), Call("3.0", "tse.start"))
    assert await messages(scene) == {"Start": 2, "Finish": 1}


@pytest.mark.parametrize("operation", ["start", "finish"])
async def test_what_was_away_while_nothing_was_asked_of_it_is_opened_for_the_next_call(
    make: Make, operation: str
) -> None:
    """Pulled out and put in again between two calls: nobody has to know."""
    scene = make()
    await scene.up()
    started = await scene.start()
    call = Call("9.0", "tse.start") if operation == "start" else finish(started.transaction_number, "9.0")
    scene.tse.faults.set(Fault("gone", (operation,), times=1))
    answer = await scene.ask(call)
    assert answer.signed is not None, answer
    assert not scene.of(Unavailable)
    assert scene.tse.seen.count(operation) == (3 if operation == "start" else 2)
    assert await messages(scene) == {
        "Start": 2 if operation == "start" else 1,
        "Finish": operation == "finish",
    }


async def test_a_start_that_nobody_waits_for_any_more_is_not_made_when_the_tse_is_back(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("gone", ("start",), times=1))
    asked: list[str] = []

    def wanted(wish: str) -> bool:
        asked.append(wish)
        return len(asked) == 1

    scene.worker._wanted = wanted
    answer = await scene.ask(Call("9.0", "tse.start"))
    assert (answer.error, answer.signed) == ("gone", None)
    assert await messages(scene) == {"Start": 0, "Finish": 0}


async def test_a_probe_of_an_absent_tse_says_so(tmp_path: Path, make: Make) -> None:
    scene = make()
    scene.tse.faults.set(Fault("gone", ("open",)))
    scene.run()
    told = await scene.next(Unavailable)
    assert told.error == "gone"
    assert told.message
    assert scene.worker.idle


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("operation", ["start", "finish"])
async def test_an_unread_answer_is_found_not_asked_for_again(
    make: Make, operation: str, wanted: bool
) -> None:
    """The TSE acted, its answer never came: also a withdrawn call's answer is told."""
    scene = make()
    await scene.up()
    started = await scene.start()
    call = Call("9.0", "tse.start") if operation == "start" else finish(started.transaction_number, "9.0")
    scene.tse.faults.set(Fault("lost", (operation,), times=1))
    assert (await scene.ask(call)).error == "silent"
    if not wanted:
        scene.refused.add("9.0")
    scene.worker.probe()
    await scene.next(Opened)
    scene.worker.resume([call])
    answer = await scene.next(Answered)
    assert answer.signed is not None
    assert answer.wish == "9.0"
    survey = await scene.next(Surveyed)
    assert survey.open_transactions == ((1, 2) if operation == "start" else ())
    expected = {"Start": 2, "Finish": 0} if operation == "start" else {"Start": 1, "Finish": 1}
    assert await messages(scene) == expected


async def test_a_crash_between_the_tse_and_the_journal(make: Make) -> None:
    """A second process resolves what the first never wrote down; several starts keep their order."""
    first = make()
    await first.up()
    numbers = [(await first.start(f"{n}.0")).transaction_number for n in range(3)]
    await first.ask(finish(numbers[0], "5.0"))
    await first.end()
    second = make()
    second.known = {numbers[0]}
    second.run()
    await second.next(Opened)
    calls = [finish(numbers[0], "5.0"), Call("1.0", "tse.start"), Call("2.0", "tse.start")]
    second.worker.resume(calls)
    await second.until(lambda: second.of(Surveyed))
    found = {a.wish: a.signed.transaction_number for a in second.of(Answered) if a.signed}
    assert found == {"5.0": numbers[0], "1.0": numbers[1], "2.0": numbers[2]}
    assert await messages(second) == {"Start": 3, "Finish": 1}


async def test_a_start_that_never_reached_the_tse_is_made_now_unless_withdrawn(make: Make) -> None:
    scene = make()
    scene.refused.add("2.0")
    scene.run()
    await scene.next(Opened)
    scene.worker.resume([Call("1.0", "tse.start"), Call("2.0", "tse.start")])
    made, dropped = await scene.next(Answered), await scene.next(Answered)
    assert made.signed is not None
    assert (dropped.error, dropped.begun) == ("withdrawn", False)
    assert (await scene.next(Surveyed)).open_transactions == (1,)


async def test_a_late_finish_is_looked_up_first(make: Make) -> None:
    scene = make()
    await scene.up()
    started = await scene.start()
    first = (await scene.ask(finish(started.transaction_number))).signed
    again = (await scene.ask(finish(started.transaction_number, "4.0", late=True))).signed
    assert again == first


async def test_a_refusal_leaves_the_worker_at_work(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("refuse", ("start",), CERTIFICATE_EXPIRED, times=1))
    answer = await scene.ask(Call("1.0", "tse.start"))
    assert (answer.error, answer.begun) == (f"refused:{CERTIFICATE_EXPIRED}", True)
    assert (await scene.start("2.0")).transaction_number == 1


async def test_a_slow_answer_is_told_whenever_it_comes(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("late", ("start",), ms=150, times=1))
    scene.worker.submit(Call("1.0", "tse.start"))
    await scene.until(lambda: scene.worker.busy)
    await asyncio.sleep(0.05)
    scene.refused.add("1.0")  # the register has given up meanwhile
    assert (await scene.next(Answered)).signed is not None


async def test_another_tse_is_reported_and_not_used(tmp_path: Path, make: Make) -> None:
    first, other = tmp_path / "a", tmp_path / "b"
    one = make(folder=first)
    await one.up()
    bound = one.worker.info
    await one.end()
    two = make(folder=other)
    two.worker.submit(Call("1.0", "tse.start"))
    two.run()
    opened = await two.next(Opened)
    assert bound is not None
    assert opened.info.serial_number != bound.serial_number, "the register compares and does not resume"
    await asyncio.sleep(0.05)
    assert "start" not in two.tse.seen


# -- care ---------------------------------------------------------------------------------------------


async def test_a_lost_clock_is_set_and_the_call_made_again_once(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("clock_lost", ("start",), times=1))
    before = scene.tse.seen.count("set_time")
    assert (await scene.start()).transaction_number == 1
    assert scene.tse.seen.count("set_time") == before + 1
    assert scene.tse.seen.count("start") == 2


async def test_a_clock_that_is_lost_again_and_again_is_an_error(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("clock_lost", ("start",)))
    answer = await scene.ask(Call("1.0", "tse.start"))
    assert answer.error.startswith("refused:")
    assert scene.tse.seen.count("start") == 2


async def test_a_self_test_that_is_due_is_run_once(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("refuse", ("start",), SELF_TEST_DUE, times=1))
    assert (await scene.start()).transaction_number == 1
    assert scene.tse.seen.count("start") == 2


async def test_the_daily_self_test_waits_for_a_quiet_moment(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = make()
    await scene.up()
    assert scene.worker._until_due() == pytest.approx(3600)
    tests = scene.tse.seen.count("self_test")
    scene.clock.passed += SELF_TEST_EVERY_S
    assert scene.worker._until_due() == 1.0, "overdue: as soon as nothing has happened for a second"
    for n in range(3):
        await scene.start(f"{n}.0")
    assert scene.tse.seen.count("self_test") == tests, "not between sales"
    await scene.until(lambda: scene.tse.seen.count("self_test") == tests + 1)
    await scene.settled()
    assert scene.worker._until_due() == pytest.approx(3600)
    assert [type(event) for event in scene.events] == [Measured], "what is left of the TSE"


async def test_the_clock_is_set_again_after_the_interval(make: Make) -> None:
    scene = make()
    await scene.up()
    before, tests = scene.tse.seen.count("set_time"), scene.tse.seen.count("self_test")
    scene.clock.passed += 3600
    await scene.start()
    await scene.until(lambda: scene.tse.seen.count("set_time") == before + 1)
    assert scene.tse.seen.count("self_test") == tests


async def test_a_failing_self_test_is_an_outage(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("refuse", ("self_test",), "ErrorSelfTestFailed"))
    scene.worker.self_test()
    assert (await scene.next(Unavailable)).error == "refused:ErrorSelfTestFailed"


async def test_nothing_wakes_an_idle_worker(make: Make) -> None:
    scene = make()
    await scene.up()
    await scene.settled()
    calls, handle = len(scene.tse.seen), scene.task
    assert handle is not None
    waited_on = handle.get_stack()
    await asyncio.sleep(0.3)
    assert len(scene.tse.seen) == calls
    assert [frame.f_lineno for frame in handle.get_stack()] == [frame.f_lineno for frame in waited_on]
    assert scene.worker._until_due() > 3000


async def test_a_restarted_worker_opens_anew_and_the_end_powers_down(make: Make) -> None:
    scene = make()
    await scene.up()
    await scene.end()
    assert scene.tse._device is None
    scene.run()
    opened = await scene.next(Opened)
    assert not opened.info.self_test_due
    assert opened.info.time_valid


async def test_each_error_has_its_word(tmp_path: Path) -> None:
    words = [error_code(e) for e in (TseRefused("X"), TseWrong(), TseGone(), TseSilent(), TseError())]
    assert words == ["refused:X", "wrong_tse", "gone", "silent", "failed"]
    tse = await ready(tmp_path)
    info: TseInfo = await tse.info()
    assert info.life_cycle == "active"
    await tse.close()
