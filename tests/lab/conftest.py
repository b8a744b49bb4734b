"""Guests for tests: booted once, and once put behind a counter that is open; woken for each."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.lab import guest as hands
from tests.lab import image, machine, tables, tree
from tests.lab.debian import home
from tests.lab.guest import (
    DRAWER,
    PRINTER,
    SCANNER,
    SCANNERS,
    SOCKETS,
    SOFT_TSE,
    START_S,
    STICK_TSE,
    TILL_PRINTER,
    Guest,
)
from tests.lab.inside import box, load
from tests.lab.sharing import alone, in_order

DISK = home() / "tree.squashfs"
HERE = Path(__file__).parent
LONGEST_S = 1200  # emulated, on a loaded machine, and the first test waits for the boot


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Machines take longer than functions, and both states are made at once where there are two processes."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        item.add_marker(pytest.mark.timeout(LONGEST_S))
    ordered = iter(in_order(ours))
    items[:] = [next(ordered) if item in ours else item for item in items]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """What was measured goes with what became of the test."""
    if call.when == "call":
        tables.hand_over(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured is told in any case."""
    ended = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for line in tables.shown(ended):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def booted() -> Path:
    """A machine that has booted and has nothing plugged in: kept as long as its image stays."""
    with alone(home() / "image.lock"):
        image.make()
        tree.make(DISK)
    key = hashlib.sha256(image.STAMP.read_bytes() + Path(machine.__file__).read_bytes())
    return _kept("booted", key.hexdigest(), None, Guest.prepare)


@pytest.fixture(scope="session")
def trading(booted: Path) -> Path:
    """Scanner, printer and drawer are there, the register runs, the till is open: kept as long as its tree
    stays."""
    return _kept("trading", _key(booted), booted, _open_shop)


@pytest.fixture(scope="session")
def furnished(booted: Path) -> Path:
    """The same with a TSE that is a stick, and the drawer at a printer of its own."""
    return _kept("furnished", _key(booted), booted, _furnish)


def _key(booted: Path) -> str:
    ours = b"".join(Path(file).read_bytes() for file in (__file__, hands.__file__))
    return hashlib.sha256(booted.with_suffix(".key").read_bytes() + DISK.read_bytes() + ours).hexdigest()


@pytest.fixture
async def guest(booted: Path) -> AsyncIterator[Guest]:
    """A clean machine with nothing plugged in, and no register."""
    async with _woken(booted) as it:
        await it.load_tree()
        yield it


@pytest.fixture
async def shop(trading: Path) -> AsyncIterator[Guest]:
    """A machine with a register that sells."""
    async with _woken(trading) as it:
        await it.look()
        yield it


@pytest.fixture
async def timed(trading: Path) -> AsyncIterator[Guest]:
    """The same at a thousand million instructions a second, the most there is, and never idle: so its clock
    goes by them alone."""
    async with _woken(trading, shift=0) as it:
        await it.begin(load.fill)
        yield it


@pytest.fixture
async def counter(furnished: Path) -> AsyncIterator[Guest]:
    """A machine with a register that sells, and every device on USB."""
    async with _woken(furnished) as it:
        await it.look()
        yield it


async def _open_shop(guest: Guest) -> None:
    await guest.load_tree()
    await guest.plug_scanner()
    await guest.plug_printer()
    await guest.wire_drawer()
    await guest.install(SOFT_TSE, SCANNERS, PRINTER, DRAWER)
    await guest.start_register()
    await guest.ready("tse", "scanner", "printer", "drawer")
    await guest.open_till()


async def _furnish(guest: Guest) -> None:
    await guest.load_tree()
    await guest.plug_stick()
    await guest.plug_scanner()
    await guest.plug_printer()
    await guest.plug_printer("till-printer", SOCKETS["till-printer"])
    await guest.install(STICK_TSE, SCANNER, PRINTER, TILL_PRINTER)
    await guest.call(box.set_up_tse, seconds=START_S)
    await guest.start_register()
    await guest.ready("tse", "scanner", "printer", "till-printer", "drawer")
    await guest.open_till()


def _kept(name: str, key: str, begin: Path | None, make: Callable[[Guest], Awaitable[None]]) -> Path:
    """A state by name; made anew where its key is another."""
    state, stamp = home() / f"{name}.state", home() / f"{name}.key"
    with alone(home() / f"{name}.lock"):
        if not (state.exists() and stamp.exists() and stamp.read_text() == key):
            stamp.unlink(missing_ok=True)
            asyncio.run(_make(state, begin, make))
            stamp.write_text(key)
    return state


async def _make(state: Path, begin: Path | None, make: Callable[[Guest], Awaitable[None]]) -> None:
    async with _woken(begin) as guest:
        await make(guest)
        await guest.leave()
        guest.sleep(state)


@asynccontextmanager
async def _woken(state: Path | None, shift: int = machine.SHIFT) -> AsyncIterator[Guest]:
    guest = Guest(machine.Machine(DISK, state, shift))
    try:
        yield guest
    finally:
        await guest.close()
