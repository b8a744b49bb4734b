"""The drawer's pulse on a line of a real GPIO chip, as a busy reader sees it."""

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
KNOWN_MS = {"idle": 3.0, "blocked": 9.0, "held": 3.0}
# Of a pulse of 100 ms; while the interpreter is held lgpio's own thread ends it, 5 to 25 ms later.
ASKED = {"idle": (95.0, 105.0), "blocked": (90.0, 110.0), "held": (100.0, 127.0)}


@pytest.mark.parametrize("meanwhile", ASKED)
async def test_a_pulse_is_as_long_as_it_was_asked_to_be(guest: Guest, meanwhile: str) -> None:
    await guest.call(gpio.make)
    await guest.begin(gpio.watch, line=LINE)
    args = {"line": LINE, "count": COUNT, "meanwhile": meanwhile, "within_ms": KNOWN_MS[meanwhile]}
    pulses = [Pulse(**seen) for seen in await guest.call(drawer.kicks, **args)]
    for pulse in pulses:
        cells = (f"{pulse.shortest_ms:.1f}", f"{pulse.longest_ms:.1f}")
        tables.row(TITLE, HEAD, meanwhile, *cells)
    assert len(pulses) == COUNT
    assert all(pulse.may_be(*ASKED[meanwhile]) for pulse in pulses), pulses


async def test_a_contact_that_bounces_is_one_opening(guest: Guest) -> None:
    await guest.call(gpio.make)
    # Pulled up while nothing is connected, closed, open again after a burst of edges.
    assert await guest.call(drawer.contact, line=LINE, sensor=CONTACT) == ["yes", "no", "yes"]


async def test_a_killed_register_lets_go_of_the_drawer(shop: Guest) -> None:
    assert await shop.call(drawer.killed, pid=await shop.call(box.pid), line=DRAWER_PIN) < 1000
