"""Payment, reversal and refund at the simulated terminal (PA00P015 2.2, 2.9, 2.15)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from kassd.devices.terminal.zvt.apdu import ACKNOWLEDGED, Apdu, CodecError, refusal
from kassd.devices.terminal.zvt.forms import AMOUNT
from kassd.devices.terminal.zvt.meanings import result
from kassd.devices.terminal.zvt.messages import (
    Authorisation,
    Refund,
    Reversal,
    StatusInformation,
    read_message,
)
from kassd.devices.terminal.zvt.tlv import Tlv, first
from kassd.devices.terminal.zvt.wire import WireGone
from kassd.sim.terminal.behaviour import CARDS, TERMINAL_ID, Card
from kassd.sim.terminal.memory import Transaction
from kassd.sim.terminal.slips import transaction_slips
from kassd.sim.terminal.talk import Cut, Silent, Talk

if TYPE_CHECKING:
    from kassd.sim.terminal.terminal import Terminal

PRINTS_PAYMENT = 0x02
INSERT, PIN, HOST, REMOVE, TAKE = 0x0A, 0x01, 0x04, 0x0B, 0x1C
BY_KEY, DECLINED_LIMIT, ALREADY, IMPOSSIBLE, TOO_MUCH = 0x6C, 0x33, 0xB4, 0xB5, 0xB7
WRONG_CURRENCY, NO_AMOUNT = 0x6F, 0x9A
NOT_YET, PARTLY = 0x849C, 0x849D
MOST, ABOVE = 9_999_999, 0xC3  # cents that its host takes at once
NO_CARD_S = 30.0  # how long it waits for one
AGAIN_S = 2.0
PRINTER = 0xCC
SYNC, LONG_TRACE, TIP, PARTIAL = 0x1F1F, 0x1F2B, 0x1F36, 0x1F70
UNKNOWN = b"\xc1\x01"
Request = Authorisation | Reversal | Refund


class Payments:
    """What changes money. ``no_card_s``, ``again_s``: its patience in seconds."""

    def __init__(self, terminal: "Terminal") -> None:
        self._terminal = terminal
        self.no_card_s, self.again_s = NO_CARD_S, AGAIN_S

    async def run(self, talk: Talk, apdu: Apdu) -> None:
        """From the command to its end."""
        request = read_message(apdu)
        assert isinstance(request, Request)
        if not isinstance(request, Reversal) and not request.amount:
            await talk.answer(refusal(NO_AMOUNT))
            return
        if request.currency not in (None, "0978"):
            await talk.answer(refusal(WRONG_CURRENCY))
            return
        await talk.answer(ACKNOWLEDGED)
        self._synchronise(request)
        talk.abortable = True
        code = await self._read_card(talk) if not isinstance(request, Reversal) else 0
        talk.abortable = False
        made = None
        if not code:
            made, code = self._decide(request)
        if made is None or code:
            await self._fail(talk, code)
            return
        await self._conclude(talk, request, made)

    def _synchronise(self, request: Request) -> None:
        """Chapter 4: a register that does not know of the last transaction has it taken back."""
        said, memory = first(request.tlv or (), SYNC), self._terminal.memory
        if said and memory.last is not None and said.hex().isdigit():
            behind = int(said.hex()) == memory.last.receipt - 1
            if behind and memory.last.status == "stored":
                memory.drop(memory.last)
                memory.receipt = memory.last.receipt - 1

    async def _read_card(self, talk: Talk) -> int:
        """0, or why there is none."""
        terminal = self._terminal
        await terminal.tell_state(talk, INSERT)
        if terminal.behaviour.card == "none" and not talk.aborted:
            await talk.pause(self.no_card_s)
            return BY_KEY
        if not talk.aborted and CARDS[terminal.behaviour.card].pin:
            await terminal.tell_state(talk, PIN)
        if not talk.aborted:
            await terminal.tell_state(talk, HOST)
        return BY_KEY if talk.aborted else 0

    def _decide(self, request: Request) -> tuple[Transaction | None, int]:
        """The host's word."""
        behaviour, memory = self._terminal.behaviour, self._terminal.memory
        if isinstance(request, Reversal):
            return self._reversal(request)
        amount = request.amount or 0
        if amount + behaviour.tip > MOST:
            return None, ABOVE
        if behaviour.result:
            return None, behaviour.result
        if isinstance(request, Refund):
            return memory.begin("refund", amount, behaviour.card), 0
        if behaviour.limit is not None and amount > behaviour.limit:
            able = first(request.tlv or (), PARTIAL)
            if not behaviour.limit or not able or able == b"\0":
                return None, DECLINED_LIMIT
            amount = behaviour.limit
        return memory.begin("payment", amount + behaviour.tip, behaviour.card), 0

    def _reversal(self, request: Reversal) -> tuple[Transaction | None, int]:
        memory, behaviour = self._terminal.memory, self._terminal.behaviour
        found = memory.find(int(request.receipt)) if request.receipt.isdigit() else None
        if found is not None and found.status == "reversed":
            return None, ALREADY
        if found is None or found.kind != "payment" or found.status != "stored":
            return None, IMPOSSIBLE
        if behaviour.quirks.reverses == "last" and found is not memory.last:
            return None, IMPOSSIBLE
        if request.amount not in (None, found.amount):
            return None, TOO_MUCH
        return memory.begin("reversal", found.amount, found.card), 0

    async def _fail(self, talk: Talk, code: int) -> None:
        terminal, memory = self._terminal, self._terminal.memory
        text = None if code == BY_KEY else result(code).what
        report = StatusInformation(result_code=code, terminal_id=TERMINAL_ID, additional_text=text)
        await talk.tell(report.to_apdu(memory.charset or terminal.behaviour.quirks.charset))
        await terminal.end(talk, code)

    async def _conclude(self, talk: Talk, request: Request, made: Transaction) -> None:
        """Report, receipt, end: only what the register acknowledged is final (2.2.8)."""
        terminal, card = self._terminal, CARDS[made.card]
        try:
            code = await self._goods(talk, request, made, card)
            if not code:
                now, columns = terminal.clock.now(), terminal.memory.columns
                made.slips = transaction_slips(made, card, TERMINAL_ID, now, columns, "GENEHMIGT")
                await terminal.print_slips(talk, made.slips, PRINTS_PAYMENT)
        except (Cut, Silent, WireGone):
            self._orphaned(request, made, card)
            raise
        if code:
            terminal.memory.drop(made)
            await terminal.end(talk, code)
            return
        self._finish(request, made)
        terminal.save()
        await terminal.end(talk, PRINTER if terminal.behaviour.ends == "abort" else 0)

    def _orphaned(self, request: Request, made: Transaction, card: Card) -> None:
        """Nobody has acknowledged it whole."""
        memory, how = self._terminal.memory, self._terminal.behaviour.orphans
        if how == "keep":
            self._finish(request, made)
            return
        memory.drop(made)
        if how == "book" and made.kind == "payment":
            back = memory.begin("reversal", made.amount, made.card)
            back.report = self._report(Reversal("000000", f"{made.receipt:04d}"), back, card).data.hex()
            back.status, memory.last = "reversed", back

    def by_hand(self, amount: int) -> Transaction:
        """Somebody pays ``amount`` cents at the terminal, and no register is told."""
        made = self._terminal.memory.begin("payment", amount, "girocard")
        made.report = self._report(Authorisation(amount, "0978"), made, CARDS[made.card]).data.hex()
        self._terminal.memory.store(made)
        return made

    def undo_by_hand(self) -> None:
        """Somebody reverses the last one at the terminal, and no register is told."""
        memory = self._terminal.memory
        if (last := memory.last) is None:
            return
        made = memory.begin("reversal", last.amount, last.card)
        request = Reversal("000000", f"{last.receipt:04d}")
        made.report = self._report(request, made, CARDS[made.card]).data.hex()
        memory.store(made)
        last.status = made.status = "reversed"

    def _finish(self, request: Request, made: Transaction) -> None:
        memory = self._terminal.memory
        original = memory.find(int(request.receipt)) if isinstance(request, Reversal) else None
        memory.store(made)
        if original is not None:
            original.status = made.status = "reversed"  # neither counts any more

    async def _goods(self, talk: Talk, request: Request, made: Transaction, card: Card) -> int:
        """04 0F until the register says what became of the goods; 0 if they were handed over."""
        waits = 0
        while True:
            report = self._report(request, made, card)
            made.report = report.data.hex()
            answer = await talk.tell(report)
            if answer.positive:
                return await self._contradict(talk, request, made, card)
            if answer.control == NOT_YET:
                waits += 1
                if self._too_often(request, waits):
                    return BY_KEY
                await talk.pause(self.again_s)
            elif answer.control == PARTLY and self._terminal.behaviour.quirks.partial_goods:
                made.amount = _partial(answer, made.amount)
                made.report = self._report(request, made, card).data.hex()
                return 0
            else:
                return answer.control & 0xFF

    async def _contradict(self, talk: Talk, request: Request, made: Transaction, card: Card) -> int:
        """A second 04 0F, where one is ordered; 0 if the payment stays."""
        terminal, ends = self._terminal, self._terminal.behaviour.ends
        if ends == "decline":
            declined = StatusInformation(result_code=BY_KEY, trace=f"{made.trace:06d}")
            await talk.tell(declined.to_apdu())
            terminal.memory.drop(made)
            await terminal.end(talk)
            raise Cut
        if ends == "twice":
            terminal.memory.trace += 1
            made.trace = terminal.memory.trace
            report = self._report(request, made, card)
            made.report = report.data.hex()
            await talk.tell(report)
        return 0

    def _too_often(self, request: Request, waits: int) -> bool:
        said = request.max_status_infos if isinstance(request, Authorisation) else None
        limit = said if said is not None else self._terminal.behaviour.quirks.waits
        return limit is not None and waits > limit

    def _report(self, request: Request, made: Transaction, card: Card) -> Apdu:
        terminal, now = self._terminal, self._terminal.clock.now()
        original = terminal.memory.find(int(request.receipt)) if isinstance(request, Reversal) else None
        receipt = f"{made.receipt:04d}"
        report = StatusInformation(
            result_code=0,
            amount=made.amount,
            trace=f"{made.trace:06d}",
            time=f"{now:%H%M%S}",
            date=f"{now:%m%d}",
            expiry="2912",
            card_sequence="0001",
            payment_type=0x70 if card.pin else 0x60,
            pan=card.pan,
            terminal_id=TERMINAL_ID,
            merchant_number="100746992",
            original_trace=f"{original.trace:06d}" if original else None,
            authorisation=f"{made.trace * 7919 % 1_000_000:06d}",
            additional_text="GENEHMIGT",
            currency=request.currency,
            receipt=receipt,
            turnover=f"{made.trace:06d}",
            card_type=card.type,
            card_name=card.name,
            tlv=self._objects(request, card, receipt),
        )
        report = _told(report, made.trace, terminal.behaviour.tells)
        if terminal.behaviour.tells == "unread":  # nobody can read on from an unknown bitmap
            return Apdu(report.CONTROL, UNKNOWN + report.to_apdu().data)
        return report.to_apdu(terminal.memory.charset or terminal.behaviour.quirks.charset)

    def _objects(self, request: Request, card: Card, receipt: str) -> tuple[Tlv, ...] | None:
        if not self._terminal.memory.tlv and request.tlv is None:
            return None
        cvm, technology = (b"\x02" if card.pin else b"\x00"), b"\x02"
        objects = [
            Tlv(0x2F, parts=(Tlv(0x1F10, cvm), Tlv(0x1F11, b"\x01"), Tlv(0x1F12, technology))),
            Tlv(0x60, parts=(Tlv(0x43, bytes.fromhex(card.application)), Tlv(0x44, card.name.encode()))),
            Tlv(SYNC, bytes.fromhex(receipt)),
        ]
        tip = self._terminal.behaviour.tip
        if tip and isinstance(request, Authorisation):
            objects.append(Tlv(TIP, AMOUNT.encode(tip, 6, "")))
        return tuple(objects)


def _told(report: StatusInformation, trace: int, tells: str) -> StatusInformation:
    """The report without what this terminal does not tell."""
    if tells == "bare":
        return StatusInformation(result_code=0, amount=report.amount, currency=report.currency)
    if tells == "long":
        long_trace = Tlv(LONG_TRACE, bytes.fromhex(f"{1_000_000 + trace:08d}"))
        return replace(report, trace="000000", tlv=(*(report.tlv or ()), long_trace))
    return report


def _partial(answer: Apdu, amount: int) -> int:
    """What 84 9D says was handed over, never more than was asked for."""
    try:
        said = Refund.from_apdu(Apdu(Refund.CONTROL, b"\0\0\0" + answer.data)).amount
    except CodecError:
        return amount
    return min(said, amount)
