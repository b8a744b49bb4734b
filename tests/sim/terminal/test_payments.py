"""Money at the simulated terminal: approved, declined, in part, with tip, handed over or not, taken back."""

import pytest

from kassd.devices.terminal.zvt.apdu import Apdu, refusal
from kassd.devices.terminal.zvt.messages import Authorisation, Refund
from kassd.devices.terminal.zvt.session import Refused
from kassd.devices.terminal.zvt.tlv import Tlv, first
from kassd.sim.terminal.behaviour import Behaviour
from tests.sim.terminal.kit import PASSWORD, counter

PARTIAL = (Tlv(0x1F70, b"\x01"),)


async def test_a_payment() -> None:
    async with counter() as (register, terminal):
        await register.register()
        assert await register.pay(2040) == "06 0F"
        paid = register.status
        assert (paid.result_code, paid.amount, paid.receipt, paid.trace) == (0, 2040, "0001", "000001")
        assert (paid.card_type, paid.card_name, paid.pan) == (5, "girocard", "EEEEEEEEEEEE4711")
        assert (paid.currency, paid.terminal_id, paid.problem) == ("0978", "30010207", "")
        assert first(paid.tlv or (), 0x1F1F) == b"\x00\x01"
        assert register.names[:4] == ["04 FF", "04 FF", "04 FF", "04 0F"]
        merchant, customer = register.slips
        assert (merchant.kind, customer.kind) == ("merchant", "customer")
        assert any("20,40" in line.text for line in customer.lines)
        assert terminal.memory.charged == 2040


async def test_numbers_rise() -> None:
    async with counter() as (register, _):
        await register.pay()
        await register.pay()
        assert (register.status.receipt, register.status.trace) == ("0002", "000002")


@pytest.mark.parametrize("code", [0x05, 0x33, 0x78])
async def test_declined(code: int) -> None:
    async with counter(Behaviour(result=code)) as (register, terminal):
        assert await register.pay() == f"06 1E {code:02X}"
        assert register.status.result_code == code
        assert terminal.memory.charged == 0
        assert terminal.memory.last is None


async def test_nobody_holds_a_card_to_it() -> None:
    async with counter(Behaviour(card="none")) as (register, _):
        assert await register.pay() == "06 1E 6C"
        assert register.status.result_code == 0x6C


async def test_the_register_aborts_while_it_waits_for_a_card() -> None:
    async with counter(Behaviour(card="none")) as (register, terminal):
        terminal.payments.no_card_s = 30.0
        await register.register()
        hear = register.hear

        async def aborting(apdu: Apdu) -> Apdu | None:
            if apdu.control == 0x04FF:
                register.session.abort()
            return await hear(apdu)

        ended = await register.session.run(Authorisation(100).to_apdu(), aborting)
        assert (ended.name, ended.data) == ("06 1E", b"\x6c")
        assert register.session.abort_refused is None


@pytest.mark.parametrize("model", ["generic", "global-payments-a80"])
async def test_too_late_to_abort(model: str) -> None:
    async with counter(Behaviour(model=model)) as (register, terminal):
        hear = register.hear

        async def aborting(apdu: Apdu) -> Apdu | None:
            if apdu.control == 0x040F:
                register.session.abort()
            return await hear(apdu)

        await register.register()
        ended = await register.session.run(Authorisation(100).to_apdu(), aborting)
        assert ended.name == "06 0F"
        assert register.session.abort_refused == 0x83
        assert terminal.memory.charged == 100


@pytest.mark.parametrize(("tlv", "ended"), [(None, "06 1E 33"), (PARTIAL, "06 0F")])
async def test_approval_in_part_only_for_a_register_that_can(tlv: tuple[Tlv, ...] | None, ended: str) -> None:
    async with counter(Behaviour(limit=1500)) as (register, terminal):
        assert await register.pay(2040, tlv) == ended
        charged = 1500 if tlv else 0
        assert (register.status.amount or 0, terminal.memory.charged) == (charged, charged)
        assert await register.pay(1500) == "06 0F"


async def test_more_than_the_host_takes() -> None:
    async with counter() as (register, terminal):
        assert await register.pay(10_000_000) == "06 1E C3"
        assert await register.pay(9_999_999) == "06 0F"
        assert terminal.memory.charged == 9_999_999


async def test_a_tip() -> None:
    async with counter(Behaviour(tip=160)) as (register, terminal):
        await register.register()
        await register.pay(2040)
        assert register.status.amount == 2200
        assert first(register.status.tlv or (), 0x1F36) == bytes.fromhex("000000000160")
        assert terminal.memory.charged == 2200


async def test_goods_that_come_late_or_never() -> None:
    async with counter() as (register, terminal):
        register.refuses[0x040F] = [refusal(0x9C), refusal(0x9C)]
        assert await register.pay(100) == "06 0F"
        assert len(register.statuses) == 3
        register.refuses[0x040F] = [refusal(0x66)]
        assert await register.pay(200) == "06 1E 66"
        assert terminal.memory.charged == 100


@pytest.mark.parametrize(("model", "said", "most"), [("generic", 2, 2), ("card-complete", None, 3)])
async def test_goods_that_never_come(model: str, said: int | None, most: int) -> None:
    async with counter(Behaviour(model=model)) as (register, terminal):
        register.refuses[0x040F] = [refusal(0x9C)] * 9
        ended = await register.give(Authorisation(100, max_status_infos=said))
        assert (ended, len(register.statuses)) == ("06 1E 6C", most + 1)
        assert terminal.memory.charged == 0


@pytest.mark.parametrize(("model", "charged"), [("generic", 70), ("hobex", 0)])
async def test_goods_handed_over_in_part(model: str, charged: int) -> None:
    async with counter(Behaviour(model=model)) as (register, terminal):
        register.refuses[0x040F] = [refusal(0x9D, bytes.fromhex("04000000000070"))]
        await register.pay(100)
        assert terminal.memory.charged == charged


async def test_a_reversal() -> None:
    async with counter() as (register, terminal):
        await register.pay(2040)
        await register.pay(300)
        assert await register.reverse("0001", 2040) == "06 0F"
        assert (register.status.amount, register.status.original_trace) == (2040, "000001")
        assert terminal.memory.charged == 300
        assert await register.reverse("0001") == "06 1E B4"
        assert await register.reverse("0002", 299) == "06 1E B7"
        assert await register.reverse("0999") == "06 1E B5"
        assert await register.reverse("0003") == "06 1E B4"  # the reversal itself


async def test_a_terminal_that_reverses_only_the_last() -> None:
    async with counter(Behaviour(model="global-payments-a80")) as (register, _):
        await register.pay(100)
        await register.pay(200)
        assert await register.reverse("0001") == "06 1E B5"
        assert await register.reverse("0002") == "06 0F"


async def test_a_refund() -> None:
    async with counter() as (register, terminal):
        await register.pay(1000)
        assert await register.give(Refund(PASSWORD, 400)) == "06 0F"
        assert register.status.amount == 400
        assert terminal.memory.charged == 600


async def test_what_it_does_not_take() -> None:
    async with counter() as (register, _):
        for message, code in ((Authorisation(0), 0x9A), (Authorisation(100, "0840"), 0x6F)):
            with pytest.raises(Refused) as caught:
                await register.give(message)
            assert caught.value.code == code


async def test_a_register_that_is_behind_has_the_orphan_taken_back() -> None:
    """Chapter 4: the register mirrors the last receipt number it knows."""
    async with counter(Behaviour(orphans="keep")) as (register, terminal):
        await register.pay(1000)
        await register.pay(2000, (Tlv(0x1F1F, b"\x00\x01"),))
        assert terminal.memory.charged == 3000  # in step
        await register.pay(500, (Tlv(0x1F1F, b"\x00\x01"),))
        assert terminal.memory.charged == 1500  # 0002 was not known
        assert register.status.receipt == "0002"
        await register.pay(100, (Tlv(0x1F1F, b""),))
        await register.pay(100, (Tlv(0x1F1F, b"\x09\x99"),))
        assert terminal.memory.charged == 1700
