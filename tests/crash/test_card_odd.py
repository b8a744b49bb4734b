"""Terminals that answer otherwise than expected, at the real register over the wire.

What is not known goes to a person or is asked again: never "paid" without money, never money without a sale
or an alert, and no money moves by itself that is not certainly the register's own.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from card_counter import CENTS, Counter, counter

from kassd.mqtt.alerts import alerts
from kassd.sim.terminal.behaviour import Fault

PAYMENT, REPEAT = 0x0601, 0x0620
APPROVAL, END = 9, 15  # 04 0F and 06 0F of a payment, as faults count


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassd.devices.link.PAUSE_FIRST_S", 0.01)
    monkeypatch.setattr("kassd.devices.link.PAUSE_MAX_S", 0.1)
    monkeypatch.setattr("kassd.devices.terminal.driver.ASK_FIRST_S", 0.05)
    monkeypatch.setattr("kassd.devices.terminal.driver.ASK_MAX_S", 0.2)
    monkeypatch.setattr("os.fdatasync", lambda _handle: None)


@contextlib.asynccontextmanager
async def till(folder: Path, *, paid: bool = True, **behaviour: Any) -> AsyncIterator[Counter]:
    """A terminal that has taken one payment already, and then does what is odd."""
    async with counter(folder, patience_s=5.0) as here:
        if paid:
            await pay(here)
            assert (here.cents, here.booked) == (CENTS, CENTS)
        here.terminal.behaviour.change(**behaviour)
        yield here


async def pay(here: Counter) -> None:
    """The sale that is open, or one more, by card; comes back when nothing is asked any more."""
    if here.state.current("main") is None:
        await here.sale()
    reply = await here.ask("sale.pay", type="card")
    assert reply["status"] == "accepted", reply
    await here.settled()


def cut(message: int) -> list[Fault]:
    return [Fault("cut_before", message, PAYMENT)]


def statuses(here: Counter) -> list[str]:
    return [charge.status for charge in here.state.cards.charges.values()]


def told(here: Counter) -> str:
    return " ".join(alert.text_de for name, alert in alerts(here.state) if name.startswith("card"))


async def settle(here: Counter, *, paid: bool) -> None:
    reply = await here.ask("card.settle", paid=paid, reason="am Terminal nachgesehen")
    assert reply["status"] == "ok", reply


async def test_its_own_reversal_is_no_payment(tmp_path: Path) -> None:
    """Cut at 04 0F; it takes the payment back as a transaction of its own, with BMP 37."""
    async with till(tmp_path, orphans="book", faults=cut(APPROVAL)) as here:
        await pay(here)
        assert (here.cents, here.booked) == (CENTS, CENTS)
        assert not statuses(here), "the next but one takes back the next"
    async with till(tmp_path / "first", paid=False, orphans="book", faults=cut(APPROVAL)) as here:
        await pay(here)
        assert (here.cents, here.booked) == (0, 0)
        assert statuses(here) == ["unknown"], "nothing was known before it"


async def test_one_that_says_nothing_wipes_nothing(tmp_path: Path) -> None:
    """After a new connection 06 20 is answered with 06 1E 9C; the next payment is cut before it is heard."""
    async with till(tmp_path, mute=1) as here:
        await here.restart()
        assert not here.terminal.behaviour.mute
        here.terminal.behaviour.change(faults=cut(1))
        await pay(here)
        assert (here.cents, here.booked) == (CENTS, CENTS)
        assert not statuses(here), "it tells the payment before: nothing was charged"
        await pay(here)
        assert (here.cents, here.booked) == (2 * CENTS, 2 * CENTS)


async def test_a_result_that_cannot_be_read_is_a_persons(tmp_path: Path) -> None:
    async with till(tmp_path, tells="unread") as here:
        await pay(here)
        assert statuses(here) == ["unknown"]
        assert here.cents == 2 * CENTS
        assert "Ergebnis nicht lesbar" in told(here)
        await settle(here, paid=True)
        assert here.booked == 2 * CENTS


@pytest.mark.parametrize(("ends", "money"), [("abort", CENTS), ("twice", CENTS), ("decline", 0)])
async def test_contradictory_ends_are_asked(ends: str, money: int, tmp_path: Path) -> None:
    async with till(tmp_path, ends=ends) as here:
        await pay(here)
        assert "card.unclear" in here.kinds()
        assert (here.cents, here.booked) == (CENTS + money, CENTS + money)
        assert not statuses(here)


async def test_a_long_trace_tells_receipts_that_begin_anew(tmp_path: Path) -> None:
    async with till(tmp_path, paid=False, tells="long") as here:
        await pay(here)
        await here.ask("card.end_of_day")
        await here.settled()
        here.terminal.memory.receipt = 0
        here.terminal.behaviour.change(faults=cut(END))
        await pay(here)
        assert (here.terminal.memory.charged, here.booked) == (CENTS, 2 * CENTS), "one was handed in"
        assert not statuses(here)
        assert [fact["last"]["receipt"] for fact in here.facts("card.last") if fact["last"]] == ["0001"]


async def test_a_terminal_without_numbers_works_and_is_a_persons_where_it_breaks_off(tmp_path: Path) -> None:
    async with till(tmp_path, paid=False, tells="bare") as here:
        for _ in range(3):
            await pay(here)
        assert (here.cents, here.booked) == (3 * CENTS, 3 * CENTS)
        here.terminal.behaviour.change(faults=cut(END), orphans="keep")
        await pay(here)
        assert statuses(here) == ["unknown"]
        await settle(here, paid=True)
        assert (here.cents, here.booked) == (4 * CENTS, 4 * CENTS)


async def test_please_wait_is_asked_on(tmp_path: Path) -> None:
    """Everything was acknowledged, then the line was cut; 06 20 says three times to wait, then tells."""
    async with till(tmp_path, mute=3, faults=cut(END)) as here:
        await here.sale()
        await here.ask("sale.pay", type="card")
        await here.until(lambda: here.booked == 2 * CENTS)
        assert here.cents == 2 * CENTS
        assert here.kinds().count("card.unknown") == 1


async def test_settled_while_it_said_to_wait_it_gives_back_what_is_certainly_its_own(tmp_path: Path) -> None:
    async with till(tmp_path, mute=1_000_000, faults=cut(END)) as here:
        await here.sale()
        await here.ask("sale.pay", type="card")
        await here.until(lambda: statuses(here) == ["unknown"])
        await settle(here, paid=False)
        reply = await here.ask("sale.pay", type="cash")
        assert reply["status"] == "accepted", reply
        here.terminal.behaviour.change(mute=0)
        await here.until(lambda: "card.stray_settled" in here.kinds())
        assert (here.cents, here.booked) == (CENTS, CENTS)


async def test_what_was_taken_by_hand_is_never_given_back(tmp_path: Path) -> None:
    """The line is cut at 06 01, nothing is charged; the cashier settles, takes the amount at the terminal by
    hand and books that; then the terminal is asked."""
    async with till(tmp_path, mute=1_000_000, faults=cut(1)) as here:
        await here.sale()
        await here.ask("sale.pay", type="card")
        await here.until(lambda: statuses(here) == ["unknown"])
        await settle(here, paid=False)
        by_hand = here.terminal.payments.by_hand(CENTS)
        assert (await here.ask("sale.pay", type="card", manual=True))["status"] == "accepted"
        here.terminal.behaviour.change(mute=0)
        await here.until(lambda: told(here))
        assert here.cents == 2 * CENTS, "no money moved"
        assert "06 30" not in here.terminal.heard
        for word in ("20,40 €", f"BNr. {by_hand.receipt:04d}", f"Trace {by_hand.trace:06d}", "stornieren"):
            assert word in told(here)
        await settle(here, paid=False)
        assert not told(here)


async def test_what_it_had_denied_and_books_all_the_same_is_told_before_the_next_charge(
    tmp_path: Path,
) -> None:
    """Broken off, it says that nothing was booked; then it is there after all."""
    async with till(tmp_path, faults=cut(5)) as here:
        await pay(here)
        assert (here.cents, here.booked) == (CENTS, CENTS), "denied"
        late = here.terminal.payments.by_hand(CENTS)
        await pay(here)
        assert (here.cents, here.booked) == (2 * CENTS, CENTS), "nothing was charged on top of it"
        for word in ("20,40 €", f"BNr. {late.receipt:04d}", "nach Auskunft des Terminals", "stornieren"):
            assert word in told(here)
        await settle(here, paid=False)
        assert not told(here)
        await pay(here)
        assert (here.cents, here.booked) == (3 * CENTS, 2 * CENTS)
        assert "06 30" not in here.terminal.heard, "no money moves by itself"


@pytest.mark.parametrize("hangs_up", ["command", "payment"])
async def test_one_that_hangs_up_is_called_again(hangs_up: str, tmp_path: Path) -> None:
    async with counter(tmp_path, patience_s=5.0, hangs_up=hangs_up) as here:
        for n in range(1, 4):
            await pay(here)
            assert (here.cents, here.booked) == (n * CENTS, n * CENTS)
        assert "card.unclear" not in here.kinds()
        assert not [fact for fact in here.facts("card.ended") if fact["result"] == "failed"]
