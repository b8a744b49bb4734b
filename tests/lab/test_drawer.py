"""The drawer's pulse on a line of a real GPIO chip, as a busy reader sees it."""

import asyncio

import pytest

from tests.lab import tables
from tests.lab.guest import DRAWER_PIN, Guest
from tests.lab.inside import box, drawer, gpio
from tests.lab.inside.pulses import Pulse

LINE = 18
CONTACT = 27
COUNT = 5
TITLE, HEAD = "The drawer's pulse of 100 ms", ("event loop", "at least ms", "at most ms")
# The reader is kept from reading too; a pulse of which it knows less is given again. Beside a loop that
# computes it has its turn every 4 ms, the kernel's tick, at either edge.
KNOWN_MS = {False: 3.0, True: 9.0}
IDLE, BLOCKED = (95.0, 105.0), (90.0, 110.0)  # of a pulse of 100 ms


@pytest.mark.parametrize(("blocked", "asked"), [(False, IDLE), (True, BLOCKED)], ids=["idle", "blocked"])
async def test_a_pulse_is_as_long_as_it_was_asked_to_be(
    guest: Guest, blocked: bool, asked: tuple[float, float]
) -> None:
    await guest.call(gpio.make)
    await guest.begin(gpio.watch, line=LINE)
    args = {"line": LINE, "count": COUNT, "blocked": blocked, "within_ms": KNOWN_MS[blocked]}
    pulses = [Pulse(**seen) for seen in await guest.call(drawer.kicks, **args)]
    for pulse in pulses:
        cells = (f"{pulse.shortest_ms:.1f}", f"{pulse.longest_ms:.1f}")
        tables.row(TITLE, HEAD, "blocked" if blocked else "idle", *cells)
    assert len(pulses) == COUNT
    assert all(pulse.may_be(*asked) for pulse in pulses), pulses


async def test_a_contact_that_bounces_is_one_opening(guest: Guest) -> None:
    await guest.call(gpio.make)
    # Pulled up while nothing is connected, closed, open again after a burst of edges.
    assert await guest.call(drawer.contact, line=LINE, sensor=CONTACT) == ["yes", "no", "yes"]


async def test_a_killed_register_lets_go_of_the_drawer(shop: Guest) -> None:
    await shop.begin(drawer.lurk, pid=await shop.call(box.pid), line=DRAWER_PIN)
    asked = asyncio.create_task(shop.command("drawer.open", reason="Wechselgeld"))
    assert await shop.call(drawer.rest) < 1000
    asked.cancel()  # killed before it could answer
    await asyncio.gather(asked, return_exceptions=True)
