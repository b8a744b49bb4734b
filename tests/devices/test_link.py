"""States are reported once per change, with a sentence; pauses grow and start again."""

import errno
import os
import socket
import time

import pytest

from devices.support import Recorder
from kassd.core.status import DeviceStatus
from kassd.devices.link import Backoff, Health


async def test_only_changes_are_reported() -> None:
    seen = Recorder()
    health = Health("bon", seen)
    health.set("absent", "absent", "Kabel prüfen.")
    health.set("absent", "absent", "Kabel prüfen.")
    health.set("ready")
    health.set("ready")
    health.set("degraded", "near_end", "Rolle bereitlegen.")
    assert seen.states() == [("absent", "absent"), ("ready", ""), ("degraded", "near_end")]
    assert all(status.since.endswith("Z") for status in seen.of(DeviceStatus))


async def test_what_a_device_says_of_itself_is_reported_and_no_new_state() -> None:
    seen = Recorder()
    health = Health("bon", seen)
    health.set("ready", conditions={"paper_end": "unknown"})
    health.set("ready", conditions={"paper_end": "no"})
    health.set("ready", conditions={"paper_end": "no"})
    first, second = seen.of(DeviceStatus)
    assert (first.conditions, second.conditions) == ({"paper_end": "unknown"}, {"paper_end": "no"})
    assert first.since == second.since


async def test_followers_get_the_present_and_every_later_status() -> None:
    health = Health("bon", Recorder())
    got: list[str] = []
    health.follow(lambda status: got.append(status.state))
    health.set("ready")
    health.follow(lambda status: got.append("second " + status.state))
    health.set("busy")
    assert got == ["ready", "second ready", "busy", "second busy"]


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (OSError(errno.ENOENT, ""), "absent", "absent"),
        (ConnectionRefusedError(errno.ECONNREFUSED, ""), "absent", "absent"),
        (socket.gaierror(socket.EAI_NONAME, ""), "absent", "absent"),
        (PermissionError(errno.EACCES, ""), "error", "permission"),
        (OSError(errno.EBUSY, ""), "error", "claimed"),
        (OSError(errno.ENOTUNIQ, ""), "error", "ambiguous"),
        (OSError(errno.ENOTSUP, ""), "error", "wrong_driver"),
        (OSError(errno.ENOTTY, ""), "error", "wrong_driver"),
        (OSError(errno.EINVAL, os.strerror(errno.EINVAL)), "error", "io"),
    ],
)
async def test_fault(error: OSError, state: str, reason: str) -> None:
    seen = Recorder()
    Health("bon", seen).fault(error, "Der Drucker", "/dev/usb/lp0")
    assert seen.states() == [(state, reason)]
    message = seen.of(DeviceStatus)[0].message
    assert message.startswith("Der Drucker")
    assert "/dev/usb/lp0" in message


async def test_unplugged_is_what_worked_before() -> None:
    seen = Recorder()
    health = Health("bon", seen)
    for _ in range(2):
        health.set("ready")
        health.fault(OSError(errno.ENODEV, ""), "Der Drucker", "x")
        health.fault(OSError(errno.ENOENT, ""), "Der Drucker", "x")
        health.opening()
    assert seen.states() == [("ready", ""), ("absent", "unplugged"), ("opening", "")] * 2


async def test_opening_does_not_hide_an_error_that_stays() -> None:
    seen = Recorder()
    health = Health("bon", seen)
    for _ in range(3):
        health.opening()
        health.fault(OSError(errno.EBUSY, ""), "Der Drucker", "x")
    assert seen.states() == [("opening", ""), ("error", "claimed")]


async def test_a_wrong_driver_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    seen = Recorder()
    health = Health("scan", seen)
    for _ in range(3):
        health.fault(OSError(errno.ENOTTY, "no input device"), "Der Scanner", "/dev/x")
    (status,) = seen.of(DeviceStatus)
    assert "driver in der Konfiguration berichtigen" in status.message
    assert [record.levelname for record in caplog.records].count("WARNING") == 1


async def test_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    backoff = Backoff()
    began = time.monotonic()
    for _ in range(7):
        await backoff.pause()
    backoff.reset()
    await backoff.pause()
    assert time.monotonic() - began < 15
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 0.2]
