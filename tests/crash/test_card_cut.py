"""A card payment is cut at every single message, both ways, and before and after each line of the journal.

Never paid twice, never "paid" without money, never money without a sale: in the end the cents that the
terminal has charged are those that the register has booked. ``SOAK=1``: every fault at every message; else
each message once, by turns.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from card_counter import CENTS, QUICK_S, Counter, counter

from kassd.sim.terminal.behaviour import KINDS, Fault

SOAK = os.environ.get("SOAK") == "1"
# 06 01, 80 00; 04 FF three times, 04 0F, 06 D3 twice, 06 0F, each with its answer.
MESSAGES = 2 + 2 * (3 + 1 + 2 + 1)
NAMES = ["06 01 →", "80 00 ←"] + [
    way
    for name in ("04 FF", "04 FF", "04 FF", "04 0F", "06 D3", "06 D3", "06 0F")
    for way in (f"{name} ←", "80 00 →")
]
PAYMENT = 0x0601
TRIES = 20
LINES = ("card.asked", "card.approved", "card.slip_kept", "card.ended")
MOMENTS = tuple(f"{when} {line}" for line in LINES for when in ("before", "after"))
HEAD = (
    f"{'cut':12} {'at':>2} {'message':9} {'orphans':8} {'power':6} {'charged':>7} {'booked':>6}  card facts"
)
Table = Callable[[str, list[str]], None]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassd.devices.link.PAUSE_FIRST_S", 0.01)
    monkeypatch.setattr("kassd.devices.link.PAUSE_MAX_S", 0.1)
    monkeypatch.setattr("os.fdatasync", lambda _handle: None)


async def cut(here: Counter, kind: str, message: int, *, power: bool) -> str:
    """One sale whose payment is disturbed; the row of the table."""
    cents, booked, known = here.cents, here.booked, len(here.kinds())
    orphans = here.terminal.behaviour.orphans
    await here.sale()
    here.terminal.behaviour.change(faults=[Fault(kind, message, PAYMENT, 1.5 * QUICK_S)])  # type: ignore[arg-type]
    await here.ask("sale.pay", type="card")
    if power:  # the register goes down with it
        await here.until(lambda: not (here.terminal.behaviour.faults and here.state.cards.charges))
        await here.restart()
    await here.settled()
    here.terminal.behaviour.change(faults=[])
    charged, noted = here.cents - cents, here.booked - booked
    facts = " ".join(name.removeprefix("card.") for name in here.kinds()[known:] if name != "card.last")
    row = f"{kind:12} {message:2} {NAMES[message - 1]:9} {orphans:8} {'cut' if power else '':6}"
    row += f" {charged:7} {noted:6}  {facts}"
    assert not here.state.cards.charges, row
    assert charged == noted, row
    assert charged in (0, CENTS), row
    await here.ended()
    assert here.cents - cents == charged, f"paid twice: {row}"
    return row


def cases() -> list[tuple[str, int]]:
    every = [(kind, message) for message in range(1, MESSAGES + 1) for kind in KINDS]
    if SOAK:
        return every
    return [(KINDS[message % len(KINDS)], message) for message in range(1, MESSAGES + 1)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("power", [False, True], ids=["line", "line and power"])
@pytest.mark.parametrize("orphans", ["reverse", "keep"])
async def test_cut_at_every_message(orphans: str, power: bool, tmp_path: Path, table: Table) -> None:
    async with counter(tmp_path, orphans=orphans) as here:
        rows = [await cut(here, kind, message, power=power) for kind, message in cases()]
        assert here.cents == here.booked
        assert len({row.split()[1] for row in rows}) == MESSAGES
    table(f"A card payment cut at every message ({orphans}{', power too' if power else ''})", [HEAD, *rows])


@pytest.mark.timeout(600)
@pytest.mark.parametrize("power", [False, True], ids=["line", "line and power"])
async def test_cut_at_every_message_over_serial(power: bool, tmp_path: Path, table: Table) -> None:
    """Over a serial line a message is repeated: what is spoilt once arrives, what is cut is asked for."""
    orphans = "keep" if power else "reverse"
    chosen = cases() if SOAK else cases()[power::2]
    async with counter(tmp_path, serial=True, orphans=orphans) as here:
        rows = [await cut(here, kind, message, power=power) for kind, message in chosen]
        assert here.cents == here.booked
    title = f"A card payment cut at every message, serial ({orphans}{', power too' if power else ''})"
    table(title, [HEAD, *rows])


@pytest.mark.timeout(600)
async def test_killed_before_and_after_each_line(tmp_path: Path, table: Table) -> None:
    rows = [f"{'killed':22} {'charged':>7} {'booked':>6}  card facts"]
    async with counter(tmp_path, patience_s=10.0) as here:
        for moment in MOMENTS:
            cents, booked, known = here.cents, here.booked, len(here.kinds())
            await here.sale()
            here.die(moment)
            assert here.bench is not None
            here.bench.command("sale.pay", type="card")
            await here.until(here.dead.is_set)
            await here.restart()
            await here.settled()
            charged, noted = here.cents - cents, here.booked - booked
            facts = " ".join(
                name.removeprefix("card.") for name in here.kinds()[known:] if name != "card.last"
            )
            rows.append(f"{moment:22} {charged:7} {noted:6}  {facts}")
            assert not here.state.cards.charges, rows[-1]
            assert charged == noted, rows[-1]
            if moment == "after card.ended":
                assert charged == CENTS, rows[-1]
            await here.ended()
            assert here.cents - cents == charged, f"paid twice: {rows[-1]}"
    assert len(rows) == 1 + len(MOMENTS)
    table("The register killed before and after each line of a card payment", rows)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("operation", ["reversal", "refund"])
async def test_money_given_back_is_cut(operation: str, tmp_path: Path, table: Table) -> None:
    """The same for 06 30 and 06 31: what the terminal has given back is what the register has booked."""
    control = 0x0630 if operation == "reversal" else 0x0631
    last = 2 + 2 * ((1 if operation == "reversal" else 4) + 2 + 1)
    rows = [f"{'cut':12} {'at':>2} {'charged':>7} {'booked':>6}"]
    async with counter(tmp_path) as here:
        for message in range(1, last + 1):
            cents, booked = here.cents, here.booked
            kind = KINDS[message % len(KINDS)]
            fault = Fault(kind, message, control, 1.5 * QUICK_S)
            if operation == "reversal":
                await here.sale()
                for _ in range(TRIES):
                    await here.ask("sale.pay", type="card", amount=1000)
                    await here.settled()
                    if here.booked - booked == 1000:
                        break
                here.terminal.behaviour.change(faults=[fault])
                await here.ask("sale.abort")
            else:
                await here.ask("sale.return", text="Brot", price=1000, vat=2, reason="Mangel")
                here.terminal.behaviour.change(faults=[fault])
                await here.ask("sale.pay", type="card")
            await here.settled()
            here.terminal.behaviour.change(faults=[])
            charged, noted = here.cents - cents, here.booked - booked
            rows.append(f"{kind:12} {message:2} {charged:7} {noted:6}")
            again = (
                {"name": "sale.abort"} if operation == "reversal" else {"name": "sale.pay", "type": "card"}
            )
            for _ in range(TRIES):  # a busy machine breaks off by itself
                if here.state.current("main") is None:
                    break
                await here.ask(**again)
                await here.settled()
            await here.until(lambda: not here.state.sales)
            assert charged == noted, rows[-1]
            assert here.cents - cents == (0 if operation == "reversal" else -1000), rows[-1]
            assert here.cents == here.booked, rows[-1]
    table(f"A {operation} cut at every message", rows)
