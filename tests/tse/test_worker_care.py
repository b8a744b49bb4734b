"""Whose TSE it is comes before everything else; signs of life; the daily self test's quiet moment."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kassd.errors import TseSilent
from kassd.tse.soft import Fault
from kassd.tse.worker import (
    LOOK_S,
    QUIET_S,
    SELF_TEST_EVERY_S,
    Answered,
    Call,
    Measured,
    Opened,
    Surveyed,
    TseWorker,
    Unavailable,
)
from tests.tse.soft.helpers import CLIENT, SECRETS
from tests.tse.test_worker import Scene, Watched

HOUR_S = 3600
PRIVATE = {"provision", "self_test", "set_time", "register", "start", "finish"}  # sign, or use a PIN


class Careful(Scene):
    """``bound``: whose TSE the register has; ``serves``: somebody is being served."""

    def __init__(self, folder: Path, tse: type[Watched] = Watched) -> None:
        super().__init__(folder, tse)
        self.bound: tuple[str, str] | None = None
        self.serves = False
        self.worker = TseWorker(
            self.tse,
            CLIENT,
            self.clock,
            self.events.append,
            lambda wish: True,
            lambda: self.known,
            SECRETS,
            bound=lambda: self.bound,
            quiet=lambda: not self.serves,
        )

    def tests(self) -> int:
        return self.tse.seen.count("self_test")


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Careful]:
    made = Careful(tmp_path / "tse")
    yield made
    await made.end()


# -- whose TSE it is ----------------------------------------------------------------------------------


async def test_the_bound_tse_is_served(scene: Careful) -> None:
    await scene.up()
    info = scene.worker.info
    assert info is not None
    scene.bound = info.serial_number, info.public_key
    scene.worker.probe()
    assert (await scene.next(Opened)).info.serial_number == info.serial_number


@pytest.mark.parametrize("differs", ["serial", "key"])
async def test_another_tse_is_told_by_name_and_left_alone(scene: Careful, differs: str) -> None:
    found = await scene.tse.open()
    other = ("ab" * 32, found.public_key) if differs == "serial" else (found.serial_number, "a2V5")
    scene.bound = other
    scene.worker.submit(Call("1.0", "tse.start"))
    scene.run()
    told = await scene.next(Unavailable)
    assert told.error == "wrong_tse"
    assert f"Falsche TSE {found.serial_number[:16]}…: bitte die zur Kasse gehörende" in told.message
    await asyncio.sleep(0.05)
    assert not PRIVATE & set(scene.tse.seen), "a factory-new one is not even set up"


async def test_nor_is_it_told_to_test_itself(scene: Careful) -> None:
    """``tse.self_test`` while another register's TSE is plugged in: its PINs are not ours to try."""
    scene.bound = ("ab" * 32, "a2V5")
    scene.run()
    await scene.next(Unavailable)
    scene.worker.self_test()
    assert (await scene.next(Unavailable)).error == "wrong_tse"
    scene.worker.set_time()
    scene.worker.resume([Call("1.0", "tse.start")])
    scene.worker.submit(Call("2.0", "tse.start"))
    await asyncio.sleep(0.05)
    assert not PRIVATE & set(scene.tse.seen)
    assert not scene.of(Answered)


async def test_it_may_be_changed_for_the_right_one(scene: Careful) -> None:
    found = await scene.tse.open()
    scene.bound = ("ab" * 32, "a2V5")
    scene.run()
    await scene.next(Unavailable)
    scene.bound = found.serial_number, found.public_key
    scene.worker.probe()
    await scene.next(Opened)
    scene.worker.resume([Call("1.0", "tse.start")])
    assert (await scene.next(Answered)).signed is not None
    assert (await scene.next(Surveyed)).open_transactions == (1,)


# -- signs of life ------------------------------------------------------------------------------------


class Sleepy(Watched):
    """Falls asleep without a sign of life; ``silent``: it is asleep."""

    keep_alive_s = 60.0
    silent = False

    async def keep_alive(self) -> None:
        self.seen.append("keep_alive")
        if self.silent:
            raise TseSilent("Die TSE schläft.")


@pytest.fixture
async def sleepy(tmp_path: Path) -> AsyncIterator[Careful]:
    made = Careful(tmp_path / "tse", Sleepy)
    yield made
    await made.end()


async def test_an_idle_device_hears_from_us_in_time(sleepy: Careful) -> None:
    await sleepy.up()
    assert sleepy.worker._until_due() == pytest.approx(60)
    sleepy.clock.passed += 45
    await sleepy.start()
    assert sleepy.worker._until_due() == pytest.approx(60), "a call is a sign of life"
    sleepy.clock.passed += 60
    assert sleepy.worker._until_due() == 1.0
    assert "keep_alive" not in sleepy.tse.seen
    sleepy.worker._wake.set()  # being woken for nothing is no sign of life
    await sleepy.until(lambda: "keep_alive" in sleepy.tse.seen)
    assert sleepy.worker._until_due() == pytest.approx(60)


async def test_a_device_that_does_not_wake_up_is_away(sleepy: Careful) -> None:
    await sleepy.up()
    assert isinstance(sleepy.tse, Sleepy)
    sleepy.tse.silent = True
    sleepy.clock.passed += 60
    sleepy.worker._wake.set()
    assert await sleepy.next(Unavailable) == Unavailable("silent", "Die TSE schläft.")
    sleepy.clock.passed += 600
    await asyncio.sleep(0.05)
    assert sleepy.tse.seen.count("keep_alive") == 1, "nobody pokes what is away"


# -- the daily self test ------------------------------------------------------------------------------


async def test_from_twenty_hours_on_a_quiet_moment_will_do(
    scene: Careful, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.up()
    scene.tse.seen.clear()
    scene.serves = True
    info = scene.worker.info
    assert info is not None
    scene.worker.info = None  # no clock to set in between
    scene.clock.passed = SELF_TEST_EVERY_S - QUIET_S - 10
    assert scene.worker._until_due() == pytest.approx(10)
    scene.clock.passed = SELF_TEST_EVERY_S - QUIET_S
    assert scene.worker._until_due() == LOOK_S
    monkeypatch.setattr("kassd.tse.worker.LOOK_S", 0.0)
    scene.worker._wake.set()
    await asyncio.sleep(1.2)
    assert scene.tests() == 0, "somebody is served"
    scene.serves = False
    await scene.until(lambda: scene.tests() == 1)
    measured = await scene.next(Measured)
    assert (measured.info.serial_number, measured.info.self_test_due) == (info.serial_number, False)
    await asyncio.sleep(1.2)
    assert scene.tests() == 1


async def test_after_twenty_four_hours_it_comes_in_any_moment(scene: Careful) -> None:
    await scene.up()
    scene.tse.seen.clear()
    scene.serves = True
    scene.worker.info = None
    scene.clock.passed = SELF_TEST_EVERY_S - 2
    assert scene.worker._until_due() == pytest.approx(2), "not a look later than that"
    scene.clock.passed = SELF_TEST_EVERY_S
    scene.worker._wake.set()
    await scene.until(lambda: scene.tests() == 1)
    await scene.next(Measured)


async def test_a_self_test_that_fails_measures_nothing(scene: Careful) -> None:
    await scene.up()
    scene.tse.faults.set(Fault("gone", ("self_test",)))
    scene.worker.self_test()
    assert (await scene.next(Unavailable)).error == "gone"
    await asyncio.sleep(0.05)
    assert not scene.of(Measured)


class SelfTesting(Watched):
    """Has no command for a self test."""

    tests_itself = True


async def test_a_tse_that_tests_itself_is_not_told_to(tmp_path: Path) -> None:
    scene = Careful(tmp_path / "tse", SelfTesting)
    await scene.up()
    tests, times = scene.tests(), scene.tse.seen.count("set_time")
    scene.worker.self_test()
    await scene.until(lambda: scene.tse.seen.count("set_time") > times)
    assert scene.tests() == tests
    await scene.end()
