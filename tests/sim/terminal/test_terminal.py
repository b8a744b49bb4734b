"""What the simulated terminal answers to commands about itself, and what it repeats and adds up."""

from pathlib import Path

import pytest

from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.messages import (
    AbortCommand,
    Authorisation,
    Diagnosis,
    EndOfDay,
    Initialisation,
    LogOff,
    Registration,
    SetTime,
    StatusEnquiry,
    TurnoverTotals,
)
from kassd.devices.terminal.zvt.session import Refused
from kassd.devices.terminal.zvt.tlv import Tlv, first
from kassd.devices.terminal.zvt.totals import Totals
from kassd.sim.terminal.behaviour import Behaviour
from tests.sim.terminal.kit import PASSWORD, counter


async def test_registration_and_log_off() -> None:
    async with counter() as (register, terminal):
        assert await register.register(tlv=None) == "06 0F"
        done = register.completion
        assert (done.status_byte, done.terminal_id, done.currency, done.tlv) == (0, "30010207", "0978", None)
        assert terminal.memory.config == 0xBE
        assert await register.give(LogOff()) == "80 00"
        assert terminal.memory.config == 0x86


async def test_what_the_register_can_is_echoed() -> None:
    async with counter() as (register, terminal):
        wishes = (Tlv(0x12, b"\x42"), Tlv(0x14, b"\xfe"), Tlv(0x26, parts=(Tlv(0x0A, b"\x06\xd3"),)))
        await register.register(tlv=wishes)
        echoed = register.completion.tlv or ()
        assert (first(echoed, 0x12), first(echoed, 0x14), first(echoed, 0x0A)) == (
            b"\x42",
            b"\xfe",
            b"\x06\xd3",
        )
        assert (terminal.memory.columns, terminal.memory.charset) == (42, "utf-8")
        register.charset = "utf-8"
        await register.pay()
        assert register.slips[0].lines[0].text.strip() == "** HÄNDLERBELEG **"
        await register.register(tlv=(Tlv(0x14, b"\x20"),))  # a set that nobody has
        assert register.completion.tlv == ()


async def test_a_wrong_currency_or_password() -> None:
    async with counter(Behaviour(password="000000")) as (register, _):
        with pytest.raises(Refused) as wrong:
            await register.register()
        assert wrong.value.code == 0x37
        with pytest.raises(Refused) as dollars:
            await register.give(Registration("000000", 0xBE, "0840"))
        assert dollars.value.code == 0x6F


@pytest.mark.parametrize(("service", "version"), [(None, "kassd sim 1"), (2, None), (6, None)])
async def test_its_state(service: int | None, version: str | None) -> None:
    async with counter(Behaviour(status=0xF0)) as (register, _):
        await register.give(StatusEnquiry(PASSWORD, service))
        done = register.completion
        assert (done.version, done.terminal_status) == (version, 0xF0)
        assert (done.tlv is not None) == (service == 6)


async def test_commands_that_just_work() -> None:
    async with counter() as (register, _):
        for message in (Diagnosis(), Initialisation(PASSWORD), SetTime(PASSWORD, "261122", "101500")):
            assert await register.give(message) == "06 0F"
        assert await register.give(AbortCommand()) == "80 00"


async def test_what_it_cannot_do_or_read() -> None:
    async with counter() as (register, _):
        for apdu, code in ((Apdu(0x06C0), 0x83), (Apdu(0x1234), 0x83), (Apdu(0x0600, b"\x12"), 0x9A)):
            with pytest.raises(Refused) as caught:
                await register.session.run(apdu, register.hear)
            assert caught.value.code == code


async def test_busy() -> None:
    async with counter(Behaviour(busy=True)) as (register, terminal):
        with pytest.raises(Refused, match="bitte warten"):
            await register.pay()
        assert terminal.memory.charged == 0


async def test_the_last_payment_again() -> None:
    async with counter() as (register, _):
        await register.register()
        assert await register.repeat() == "06 1E 83"  # there is none
        await register.pay()
        paid, printed = register.status, register.slips
        assert await register.repeat(3) == "06 0F"
        assert (register.statuses, register.slips) == ([paid], [])
        await register.repeat(0)
        assert (register.statuses, register.slips) == ([], printed)


async def test_a_terminal_that_repeats_only_for_a_register_in_control() -> None:
    async with counter(Behaviour(model="global-payments-a80")) as (register, _):
        await register.register(0x8E)
        await register.pay()
        assert await register.repeat() == "06 0F"
        assert register.statuses == []  # a bare completion
        await register.register(0xBE)
        await register.repeat()
        assert register.status.amount == 2040


async def test_an_end_of_day() -> None:
    async with counter() as (register, terminal):
        await register.register()
        for cents in (1000, 250):
            await register.pay(cents)
        terminal.behaviour.card = "visa"
        await register.pay(99)
        await register.reverse("0002")
        await register.give(TurnoverTotals(PASSWORD))
        assert (register.status.amount, register.slips) == (1099, [])
        assert await register.give(EndOfDay(PASSWORD)) == "06 0F"
        totals = Totals.from_bytes(register.status.totals or b"")
        assert (totals.first, totals.last, totals.count, totals.amount) == ("0001", "0003", 2, 1099)
        assert totals.sums[0] == (1, 1000)
        (slip,) = register.slips
        assert slip.kind == "admin"
        assert any(item.text.startswith("Gesamt 2") and item.text.endswith("10,99") for item in slip.lines)
        await register.give(EndOfDay(PASSWORD))
        assert register.status.amount == 0


@pytest.mark.parametrize(
    ("config", "tlv", "names"),
    [
        (0xBE, True, ["06 D3"]),
        (0xBE, False, ["06 D1"]),
        (0x3E, True, []),  # the register makes the receipt itself
        (0x38, True, []),  # the terminal prints
    ],
)
async def test_lines_or_blocks_as_registered(config: int, tlv: bool, names: list[str]) -> None:
    async with counter() as (register, _):
        await register.register(config, *(() if tlv else (None,)))
        await register.pay()
        assert sorted({name for name in register.names if name.startswith("06 D")}) == names
        assert [slip.kind for slip in register.slips] == {
            "06 D3": ["merchant", "customer"],
            "06 D1": ["unknown", "unknown"],
        }.get("".join(names), [])


async def test_the_quirks_of_card_complete() -> None:
    async with counter(Behaviour(model="card-complete")) as (register, _):
        register.charset = "iso8859-15"
        await register.register(tlv=())
        await register.pay()
        assert [slip.kind for slip in register.slips] == ["merchant", "customer"]
        assert register.slips[0].lines[0].text.strip() == "** HÄNDLERBELEG **"


async def test_without_intermediate_states() -> None:
    async with counter() as (register, _):
        await register.register(0xB6)
        await register.pay()
        assert register.names[0] == "04 0F"


async def test_it_remembers_without_power(tmp_path: Path) -> None:
    file = tmp_path / "terminal.json"
    async with counter(path=file) as (register, _):
        await register.register()
        await register.pay()
        paid = register.status
    async with counter(path=file) as (register, terminal):
        assert terminal.memory.charged == 2040
        await register.repeat()
        assert register.status == paid
        await register.pay()
        assert register.status.receipt == "0002"


async def test_it_keeps_account_of_what_it_heard() -> None:
    async with counter() as (register, terminal):
        await register.register()
        await register.pay()
        assert terminal.heard == ["06 00", "06 01"]
        with pytest.raises(Refused):
            await register.give(Authorisation())  # amounts are not typed here
