"""The simulated terminal: what it answers to each command, and in which order it reports."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from kassd.clock import Clock
from kassd.devices.terminal.zvt import charset as charsets
from kassd.devices.terminal.zvt.apdu import ACKNOWLEDGED, Apdu, CodecError, refusal
from kassd.devices.terminal.zvt.messages import (
    Aborted,
    Completion,
    EndOfDay,
    IntermediateStatus,
    Registration,
    RepeatReceipt,
    StatusEnquiry,
    StatusInformation,
    read_message,
)
from kassd.devices.terminal.zvt.tlv import Tlv, first, walk
from kassd.sim.terminal import slips as paper
from kassd.sim.terminal.behaviour import TERMINAL_ID, Behaviour
from kassd.sim.terminal.memory import Memory, load, save
from kassd.sim.terminal.payments import Payments
from kassd.sim.terminal.talk import Cut, Moment, Talk, Watch, unwatched
from kassd.sim.terminal.totals import day_lines, day_totals

VERSION = "kassd sim 1"
PRINTS_PAYMENT, PRINTS_ADMIN, TELLS, BY_LINES = 0x02, 0x04, 0x08, 0x80
AFTER_LOG_OFF = 0x86
WRONG_PASSWORD, WRONG_CURRENCY, WAIT, NOT_POSSIBLE = 0x37, 0x6F, 0x9C, 0x83
EURO = "0978"
WITH_STATUS, WITHOUT_PRINT = 1, 2
WITHOUT_VERSION, WITH_MORE = 2, 4
BLOCKS = b"\x06\xd3"

Answer = Callable[["Terminal", Talk, Apdu], Awaitable[None]]


class Terminal:
    """One terminal with its memory; ``path`` keeps it beyond the process."""

    def __init__(self, behaviour: Behaviour | None = None, path: Path | None = None) -> None:
        self.behaviour = behaviour or Behaviour()
        self.path = path
        self.memory: Memory = load(path) if path else Memory()
        self.clock = Clock()
        self.payments = Payments(self)
        self.heard: list[str] = []  # the commands so far, for whoever watches
        self.watch: Watch = unwatched

    def save(self) -> None:
        """Make the memory durable, if it is to be."""
        if self.path is not None:
            save(self.memory, self.path)

    def seen(self, moment: Moment, message: int, command: int) -> None:
        """Tell whoever watches just now."""
        self.watch(moment, message, command)

    async def serve(self, talk: Talk) -> None:
        """One command after another, until the connection ends: raises what the talk raises."""
        while True:
            request = await talk.command()
            self.heard.append(request.name)
            try:
                await self._obey(talk, request)
            finally:
                self.save()
            moves = request.control in (0x0601, 0x0630, 0x0631)
            if self.behaviour.hangs_up == "command" or (self.behaviour.hangs_up == "payment" and moves):
                raise Cut

    async def _obey(self, talk: Talk, request: Apdu) -> None:
        answer = ANSWERS.get(request.control)
        if answer is None:
            await talk.answer(refusal(NOT_POSSIBLE))
            return
        try:
            message = read_message(request)
        except CodecError:
            await talk.answer(refusal(0x9A))
            return
        password = getattr(message, "password", None)
        if password and self.behaviour.password not in ("", password):
            await talk.answer(refusal(WRONG_PASSWORD))
        elif self.behaviour.busy:
            await talk.answer(refusal(WAIT))
        else:
            await answer(self, talk, request)

    # What belongs to every transaction.

    async def tell_state(self, talk: Talk, code: int) -> None:
        """04 FF, if the register wants to hear of it."""
        if self.memory.config & TELLS:
            await talk.tell(IntermediateStatus(code).to_apdu())

    async def end(self, talk: Talk, code: int = 0) -> None:
        """06 0F, or 06 1E with the reason."""
        await talk.tell(Aborted(code).to_apdu() if code else Completion().to_apdu())

    async def print_slips(self, talk: Talk, slips: paper.Slips, bit: int) -> None:
        """Send the receipt, if the register prints this kind of it and wants it whole."""
        wanted = self.memory.config & bit and self.memory.config & BY_LINES
        for apdu in self._printed(slips) if wanted else ():
            await talk.tell(apdu)

    def _printed(self, slips: paper.Slips) -> Iterator[Apdu]:
        quirks = self.behaviour.quirks
        charset = self.memory.charset or quirks.charset
        if (self.memory.blocks and 0x06D3 in quirks.prints) or 0x06D1 not in quirks.prints:
            return paper.as_blocks(slips, charset)
        return paper.as_lines(slips, charset, kinds=self.memory.tlv and quirks.tlv_after_line)

    # Commands about the terminal itself.

    async def register(self, talk: Talk, request: Apdu) -> None:
        """06 00."""
        wished = Registration.from_apdu(request)
        if wished.currency not in (None, EURO):
            await talk.answer(refusal(0x1E, bytes((WRONG_CURRENCY,))))
            return
        await talk.answer(ACKNOWLEDGED)
        memory, objects = self.memory, wished.tlv or ()
        memory.config, memory.tlv = wished.config, wished.tlv is not None
        memory.blocks = any(item.tag == 0x0A and item.value == BLOCKS for item in walk(objects))
        columns = first(objects, 0x12)
        memory.columns = int(columns.hex()) if columns and columns.hex().isdigit() else memory.columns
        code = first(objects, 0x14)
        accepted = code is not None and code[:1] != b"" and code[0] in charsets.BY_CODE
        memory.charset = charsets.BY_CODE[code[0]] if accepted and code else ""
        echoed = [item for item in objects if item.tag in (0x12, 0x26) or (item.tag == 0x14 and accepted)]
        reply = tuple(echoed) if memory.tlv else None
        currency = wished.currency
        done = Completion(status_byte=0, terminal_id=TERMINAL_ID, currency=currency, tlv=reply)
        await talk.tell(done.to_apdu())

    async def log_off(self, talk: Talk, _: Apdu) -> None:
        """06 02."""
        self.memory.config, self.memory.tlv, self.memory.blocks = AFTER_LOG_OFF, False, False
        await talk.answer(ACKNOWLEDGED)

    async def status(self, talk: Talk, request: Apdu) -> None:
        """05 01."""
        service = StatusEnquiry.from_apdu(request).service_byte or 0
        await talk.answer(ACKNOWLEDGED)
        more = (Tlv(0x1F44, bytes.fromhex(TERMINAL_ID)),) if service & WITH_MORE else None
        version = None if service & WITHOUT_VERSION else VERSION
        await talk.tell(
            Completion(version=version, terminal_status=self.behaviour.status, tlv=more).to_apdu()
        )

    async def acknowledge(self, talk: Talk, _: Apdu) -> None:
        """Commands that end with their answer."""
        await talk.answer(ACKNOWLEDGED)

    async def do_nothing(self, talk: Talk, _: Apdu) -> None:
        """Commands that work for a while and print nothing: 06 70, 06 93, 06 91, 06 18."""
        await talk.answer(ACKNOWLEDGED)
        await self.tell_state(talk, 0x0E)
        await self.end(talk)

    # Commands about what was paid.

    async def repeat(self, talk: Talk, request: Apdu) -> None:
        """06 20: the last transaction that is final."""
        service = RepeatReceipt.from_apdu(request).service_byte or 0
        await talk.answer(ACKNOWLEDGED)
        wants = self.behaviour.quirks.repeat_wants
        last = self.memory.last if self.memory.config & wants == wants else None
        if self.behaviour.mute:
            self.behaviour.mute -= 1
            await self.end(talk, WAIT)
            return
        if self.memory.last is None:
            await self.end(talk, NOT_POSSIBLE)
            return
        if last is not None:
            if service & WITH_STATUS:
                await talk.tell(Apdu(StatusInformation.CONTROL, bytes.fromhex(last.report)))
            if not service & WITHOUT_PRINT:
                await self.print_slips(talk, last.slips, PRINTS_PAYMENT)
        await self.end(talk)

    async def end_of_day(self, talk: Talk, request: Apdu) -> None:
        """06 50: hand everything in and begin anew; 06 10 only tells."""
        await talk.answer(ACKNOWLEDGED)
        await self.tell_state(talk, 0x0F)
        memory, now = self.memory, self.clock.now()
        memory.trace += 1
        totals = day_totals(memory)
        report = StatusInformation(
            result_code=0,
            amount=max(0, memory.charged),
            trace=f"{memory.trace:06d}",
            time=f"{now:%H%M%S}",
            date=f"{now:%m%d}",
            totals=totals.to_bytes(),
        )
        await talk.tell(report.to_apdu())
        if request.control == EndOfDay.CONTROL:
            lines, memory.transactions = day_lines(memory), []
            self.save()
            slip = paper.closing_slip(lines, TERMINAL_ID, now, memory.columns)
            await self.print_slips(talk, slip, PRINTS_ADMIN)
        await self.end(talk)

    async def pay(self, talk: Talk, request: Apdu) -> None:
        """06 01, 06 30, 06 31."""
        await self.payments.run(talk, request)


ANSWERS: dict[int, Answer] = {
    0x0501: Terminal.status,
    0x0600: Terminal.register,
    0x0601: Terminal.pay,
    0x0602: Terminal.log_off,
    0x0610: Terminal.end_of_day,
    0x0618: Terminal.do_nothing,
    0x0620: Terminal.repeat,
    0x0630: Terminal.pay,
    0x0631: Terminal.pay,
    0x0650: Terminal.end_of_day,
    0x0670: Terminal.do_nothing,
    0x0691: Terminal.do_nothing,
    0x0693: Terminal.do_nothing,
    0x06B0: Terminal.acknowledge,
    0x06E0: Terminal.acknowledge,
    0x0850: Terminal.acknowledge,
}
