"""What the tests of the edge share: a report that remembers, drivers that run, keys that are typed."""

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from kassd.core.status import DeviceStatus
from kassd.devices.port import DeviceEvent
from kassd.devices.scanner import layouts

E = TypeVar("E")
EVENT = struct.Struct("@llHHi")
MS = 1_000_000
PATIENCE_S = 30.0  # of a test with a machine that does much else at once
EV_SYN, EV_KEY, EV_MSC = 0, 1, 4


class Recorder:
    """A Report that keeps everything, checks the thread it is called from, and can be waited on."""

    def __init__(self) -> None:
        self.events: list[DeviceEvent] = []
        self._changed = asyncio.Event()

    def __call__(self, event: DeviceEvent) -> None:
        asyncio.get_running_loop()  # raises when called from another thread
        self.events.append(event)
        self._changed.set()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def states(self) -> list[tuple[str, str]]:
        return [(s.state, s.reason) for s in self.of(DeviceStatus)]

    async def until(self, condition: Callable[[], object], timeout: float = PATIENCE_S) -> None:
        async with asyncio.timeout(timeout):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def state(self, state: str, reason: str | None = None, timeout: float = PATIENCE_S) -> DeviceStatus:
        """Wait until the last status is this one."""

        def reached() -> bool:
            last = self.of(DeviceStatus)[-1:]
            return bool(last) and last[0].state == state and reason in (None, last[0].reason)

        await self.until(reached, timeout)
        return self.of(DeviceStatus)[-1]

    async def next(self, kind: type[E], count: int = 1, timeout: float = PATIENCE_S) -> E:
        """Wait for the ``count``-th event of a kind."""
        await self.until(lambda: len(self.of(kind)) >= count, timeout)
        return self.of(kind)[count - 1]


@contextlib.asynccontextmanager
async def running(driver: object) -> AsyncIterator[None]:
    """Run a driver as the supervisor does; any error but cancellation fails the test."""
    task = asyncio.create_task(driver.run())  # type: ignore[attr-defined]
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Keyboard:
    """Types as a scanner does: key down, key up, 1 ms apart, as ``struct input_event`` bytes."""

    def __init__(self, layout: str = "us", start_ns: int | None = None, step_ns: int = MS) -> None:
        self.layout = layouts.LAYOUTS[layout]
        self.now = time.monotonic_ns() if start_ns is None else start_ns
        self.step = step_ns

    def event(self, kind: int, code: int, value: int) -> bytes:
        micros = self.now // 1000
        return EVENT.pack(micros // 1_000_000, micros % 1_000_000, kind, code, value)

    def key(self, code: int, down: bool) -> bytes:
        self.now += self.step
        scan_code = self.event(EV_MSC, 4, 0x70000 + code)
        return scan_code + self.event(EV_KEY, code, int(down)) + self.event(EV_SYN, 0, 0)

    def tap(self, code: int, *modifiers: int) -> bytes:
        downs = b"".join(self.key(m, True) for m in modifiers)
        ups = b"".join(self.key(m, False) for m in reversed(modifiers))
        return downs + self.key(code, True) + self.key(code, False) + ups

    def char(self, char: str) -> bytes:
        for table, modifiers in (
            (self.layout.plain, ()),
            (self.layout.shift, (layouts.LEFT_SHIFT,)),
            (self.layout.altgr, (layouts.ALT_GR,)),
        ):
            for code, typed in table.items():
                if typed == char:
                    return self.tap(code, *modifiers)
        raise ValueError(f"no key types {char!r}")

    def code(self, text: str, end: int | None = layouts.ENTER) -> bytes:
        return b"".join(map(self.char, text)) + (self.tap(end) if end else b"")

    def dropped(self) -> bytes:
        return self.event(EV_SYN, 3, 0)

    def report(self) -> bytes:
        return self.event(EV_SYN, 0, 0)

    def wait(self, ms: float) -> None:
        self.now += int(ms * MS)
