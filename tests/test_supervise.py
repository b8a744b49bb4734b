"""kassd.supervise: what fails comes back, what matters ends the process, what is stopped has ended."""

import asyncio
import logging

import pytest

from kassd import supervise
from kassd.supervise import Supervisor


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, a thousand times shorter."""
    made: list[float] = []
    sleep = asyncio.sleep

    async def shortened(seconds: float) -> None:
        made.append(seconds)
        await sleep(seconds / 1000)

    monkeypatch.setattr(supervise.asyncio, "sleep", shortened)
    return made


async def test_what_fails_is_started_again_with_growing_pauses(
    pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    supervisor, runs, done = Supervisor(), 0, asyncio.Event()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs <= 7:
            raise OSError(f"cut {runs}")
        done.set()

    task = supervisor.start("link", work)
    await asyncio.wait_for(done.wait(), 60)
    await task
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    health = supervisor.health["link"]
    assert (health.restarts, health.last_error, health.running) == (7, "OSError: cut 7", False)
    assert "link failed, again in 0.2 s: OSError: cut 1" in caplog.text
    assert supervisor.failed is not None
    assert not supervisor.failed.done()


async def test_after_a_stable_time_the_pauses_begin_again(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "STABLE_AFTER_S", -1.0)
    supervisor, runs = Supervisor(), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs < 4:
            raise OSError

    await supervisor.start("link", work)
    assert pauses == [0.2, 0.2, 0.2]


async def test_the_end_of_an_essential_task_is_told_and_not_repaired(
    caplog: pytest.LogCaptureFixture,
) -> None:
    supervisor, runs = Supervisor(), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        raise ValueError("broken")

    task = supervisor.start("register", work, essential=True)
    assert supervisor.failed is not None
    error = await asyncio.wait_for(supervisor.failed, 60)
    await task
    assert isinstance(error, ValueError)
    assert runs == 1
    assert not supervisor.health["register"].running
    (record,) = [r for r in caplog.records if r.levelno == logging.CRITICAL]
    assert record.exc_info, "a fatal error is logged with its traceback"


async def test_only_the_first_essential_failure_counts() -> None:
    supervisor = Supervisor()

    async def fail(error: Exception) -> None:
        raise error

    first, second = ValueError("first"), ValueError("second")
    await supervisor.start("a", lambda: fail(first), essential=True)
    await supervisor.start("b", lambda: fail(second), essential=True)
    assert supervisor.failed is not None
    assert supervisor.failed.result() is first


async def test_stop_waits_for_the_last_word_of_each_task() -> None:
    supervisor, said = Supervisor(), []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            said.append(name)

    for name in ("a", "b", "c"):
        supervisor.start(name, lambda name=name: work(name))  # type: ignore[misc] # bound now, not later
    await asyncio.sleep(0)
    assert all(health.running for health in supervisor.health.values())
    await supervisor.stop("b", "unknown")
    assert said == ["b"]
    await supervisor.stop()
    assert sorted(said) == ["a", "b", "c"]
    assert not supervisor.tasks
    assert not any(health.running for health in supervisor.health.values())
    await supervisor.stop()


async def test_stop_also_ends_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassd.supervise.PAUSE_FIRST_S", 60.0)
    monkeypatch.setattr("kassd.supervise.PAUSE_MAX_S", 60.0)
    supervisor = Supervisor()

    async def work() -> None:
        raise OSError

    supervisor.start("link", work)
    async with asyncio.timeout(20):
        while not supervisor.health["link"].restarts:
            await asyncio.sleep(0.01)
        await supervisor.stop()


async def test_a_name_runs_once_at_a_time() -> None:
    supervisor, gate = Supervisor(), asyncio.Event()

    async def work() -> None:
        await gate.wait()

    task = supervisor.start("x", work)
    with pytest.raises(ValueError, match="x runs already"):
        supervisor.start("x", work)
    assert task.get_name() == "x"
    gate.set()
    await task
    await supervisor.start("x", work)


async def test_a_swallowed_cancellation_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassd.supervise.CANCEL_AGAIN_S", 0.05)
    swallowed: list[str] = []

    async def deaf() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed.append("once")

    supervisor = Supervisor()
    task = supervisor.start("deaf", deaf)
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await supervisor.stop()
    assert task.cancelled()
    assert swallowed == ["once"]
