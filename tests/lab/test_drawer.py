"""The drawer's pulse on a line of a real GPIO chip, as a busy reader sees it."""

import asyncio

import pytest

from tests.lab.guest import DRAWER_PIN, Guest
from tests.lab.inside import box, drawer, gpio

LINE = 18
CONTACT = 27
COUNT = 5
ASKED_MS = 100.0


@pytest.mark.parametrize(("blocked", "longest"), [(False, 1.05), (True, 1.10)], ids=["idle", "blocked"])
async def test_a_pulse_is_as_long_as_it_was_asked_to_be(guest: Guest, blocked: bool, longest: float) -> None:
    await guest.call(gpio.make)
    await guest.begin(gpio.watch, line=LINE, rest_s=0)
    pulses = await guest.call(drawer.kicks, line=LINE, count=COUNT, blocked=blocked)
    assert len(pulses) == COUNT
    assert min(pulses) >= ASKED_MS * 0.95, pulses
    assert max(pulses) <= ASKED_MS * longest, pulses


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
