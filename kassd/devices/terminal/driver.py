"""One card terminal over ZVT: registered and watched, one command at a time, asked where one broke off.

Theory of operation. A connection begins with registration (06 00), its last transaction (06 20 with status)
and its state (05 01): the register is told that transaction before anything is charged, so that afterwards a
new one is recognised. As the register controls the terminal (config bits 10 and 20), nobody else pays there
meanwhile.

    what happened                                                   | outcome of a charge
    ----------------------------------------------------------------+--------------------------
    not connected, another last transaction than who asks knows     | failed (not_sent)
    the terminal refuses the command (84 xx)                        | failed (its code)
    06 1E, and nothing but a 04 0F that declines                    | failed (its code)
    04 0F with result 00, on the disk, answered, then 06 0F         | done
    06 0F without such a 04 0F, 06 1E after one, several that differ| unclear
    the connection or sense breaks off after the first byte         | unclear
    04 0F or a receipt is not on the disk within ``WRITE_S``        | unclear; it stays unanswered

After *unclear* the terminal is asked, on a new connection where this one is lost, as often as it takes, with
pauses: one that does not say (*mute*: 84 xx, 06 1E but 83, 06 0F alone) has not said that there is nothing.
Nothing is ever charged twice: a request is given by the register once, and not kept here.

One that hangs up while it has nothing to do is called again at once, or if it does so all the time, when it
is needed next: a new connection begins as the first one did.
"""

import asyncio
import logging
from collections import deque
from typing import Literal

from kassd.core.cards.data import CardData
from kassd.devices.config import TerminalConfig
from kassd.devices.link import Backoff, Health
from kassd.devices.port import CardAnswer, CardLast, CardOutcome, ChargeRequest, DeviceEvent, Report
from kassd.devices.terminal.hearing import Hearing, NotWritten, card_data
from kassd.devices.terminal.line import Line
from kassd.devices.terminal.zvt.apdu import Apdu, CodecError
from kassd.devices.terminal.zvt.meanings import result, terminal_state
from kassd.devices.terminal.zvt.messages import (
    EURO,
    Aborted,
    Authorisation,
    Completion,
    EndOfDay,
    Refund,
    Registration,
    RepeatReceipt,
    Reversal,
    StatusEnquiry,
    StatusInformation,
)
from kassd.devices.terminal.zvt.quirks import quirks
from kassd.devices.terminal.zvt.session import NotSent, OutcomeUnknown, Refused
from kassd.devices.terminal.zvt.tlv import Tlv
from kassd.devices.terminal.zvt.wire import WireGone
from kassd.errors import DeviceError

log = logging.getLogger(__name__)

WRITE_S = 4.0  # the terminal waits T3, 5 s, for an answer
POLL_S = 30.0
ASK_FIRST_S, ASK_MAX_S = 1.0, 30.0
RECALL_S = 10.0  # one that hangs up more often than that is called again later, or when it is needed
BY_REGISTER, BY_TERMINAL = 0xBE, 0x38  # config byte: who prints; both: 04 FF, the register controls
WITH_STATUS = 3  # 06 20: 04 0F, and nothing printed
NOT_POSSIBLE = 0x83
WIDTH, ALLOWED, COMMAND, PARTIAL = 0x12, 0x26, 0x0A, 0x1F70
BLOCKS = b"\x06\xd3"
NOT_READY = "Das Kartenterminal ist nicht bereit. Bitte noch einmal versuchen."
NO_RECEIPT = "Das Terminal hat dafür keine Belegnummer genannt. Dort von Hand stornieren."
CHECK = "Terminal einschalten, Kabel und Netz prüfen."


class TerminalDriver:
    """Implements the terminal port."""

    def __init__(self, config: TerminalConfig, report: Report) -> None:
        self.name = config.name
        self._config = config
        self._report = report
        self._quirks = quirks(config.model)
        self._health = Health(config.name, report)
        self._requests: deque[ChargeRequest] = deque()
        self._asked: dict[str, None] = {}
        self._wake, self._durable = asyncio.Event(), asyncio.Event()
        self._waits_for = ""
        self._running = ""
        self._online = False
        self._line = Line(config)
        self._ask_at = self._ask_pause = self._set_up_at = 0.0
        self._last: CardData | None = None
        self._found: Literal["last", "none", "mute"] = "mute"
        # What it has said of a charge in doubt may have changed since: until it has another last transaction.
        self._denied = False
        self._needs = ("", "")  # what it said of itself when it was last looked at: reason and text

    # -- the port --------------------------------------------------------------------------------------

    def charge(self, request: ChargeRequest) -> None:
        """Do it when it is its turn; its :class:`CardOutcome` is reported later."""
        if self._online and self._fits(request):
            self._requests.append(request)
            self._wake.set()
        else:
            asyncio.get_running_loop().call_soon(self._refuse, request)

    def go_on(self, charge: str) -> None:
        """What was last reported of ``charge`` is durable: answer the terminal."""
        if charge == self._waits_for:
            self._durable.set()

    def ask(self, charge: str) -> None:
        """Find out what became of ``charge``, as long as it takes; ends with a :class:`CardAnswer`."""
        self._asked[charge] = None
        self._ask_at = 0.0
        self._wake.set()

    def abort(self, charge: str) -> None:
        """Ask the terminal to end what it does for ``charge``; it may go on."""
        if charge == self._running and self._quirks.abort:
            self._line.abort()

    async def run(self) -> None:
        """Serve the terminal for ever: absent, opening, ready, busy, gone, again."""
        backoff = Backoff()
        while True:
            try:
                await self._serve(backoff)
            except Refused as error:
                self._health.set("error", f"refused_{error.code:02x}", str(error))
            except DeviceError as error:
                self._lost(error)
            finally:
                self._online = False
                self._line.close()
                self._fail_waiting()
            await backoff.pause()

    def _lost(self, error: DeviceError) -> None:
        if isinstance(error, NotSent) or (isinstance(error, WireGone) and not error.sent):
            worked = self._health.status.state in ("ready", "busy", "degraded")
            message = str(error) if "prüfen" in str(error) else f"{error} {CHECK}"
            self._health.set("absent", "unplugged" if worked else "absent", message)
        else:
            self._health.set("error", error.reason, f"{error} {CHECK}")

    # -- one connection --------------------------------------------------------------------------------

    async def _serve(self, backoff: Backoff) -> None:
        """One thing after another. Raises when the terminal is lost."""
        self._health.opening()
        await self._line.call()
        await self._set_up()
        backoff.reset()
        self._online = True
        while True:
            await self._next()

    async def _set_up(self) -> None:
        """What begins a connection."""
        await self._line.ready()
        await self._register()
        await self._learn()
        await self._look()
        self._set_up_at = _now()

    async def _register(self) -> None:
        """06 00: how the register wants it."""
        c = self._config
        wishes = (Tlv(WIDTH, bytes.fromhex(f"{c.columns:02d}")), Tlv(ALLOWED, parts=(Tlv(COMMAND, BLOCKS),)))
        config = BY_REGISTER if c.printing == "register" else BY_TERMINAL
        request = Registration(c.password, config, EURO, tlv=wishes)
        ended = await self._line.ask(request.to_apdu(), _nothing)
        if ended.control == Aborted.CONTROL:
            raise Refused(Aborted.from_apdu(ended).result_code)

    async def _learn(self) -> None:
        """06 20: the terminal's last transaction, for the register and for whoever is in doubt."""
        heard: list[StatusInformation] = []

        async def hear(apdu: Apdu) -> Apdu | None:
            if apdu.control == StatusInformation.CONTROL:
                heard.append(StatusInformation.from_apdu(apdu, self._quirks.charset))
            return None

        asked, before = tuple(self._asked), self._last
        self._found = "mute"
        try:
            ended = await self._line.ask(RepeatReceipt(self._config.password, WITH_STATUS).to_apdu(), hear)
            if ended.control == Completion.CONTROL and heard:
                self._last, self._found = card_data(heard[-1], self.name), "last"
            elif not heard and _says_none(ended):
                self._last, self._found = None, "none"
        except Refused as error:
            log.warning("%s does not tell its last transaction: %s", self.name, error)
        mute = self._found == "mute"
        self._ask_pause = min(max(ASK_FIRST_S, 2 * self._ask_pause), ASK_MAX_S) if mute else 0.0
        self._ask_at = _now() + self._ask_pause
        told = None if mute else self._last
        self._report(CardLast(self.name, told, mute))
        for charge in asked:
            self._report(CardAnswer(self.name, charge, self._found, told))
            if not mute:
                self._asked.pop(charge, None)
        if not mute:
            self._denied = bool(asked) or (self._denied and told == before)

    async def _look(self) -> None:
        """05 01: how the terminal is."""
        seen: Apdu | None = None
        try:
            seen = await self._line.ask(StatusEnquiry(self._config.password).to_apdu(), _nothing)
        except Refused as error:
            log.info("%s: no status: %s", self.name, error)
        status = Completion.from_apdu(seen).terminal_status if seen and _is_end(seen) else 0
        self._needs = ("", "")
        if status:
            meaning = terminal_state(status)
            text = f"Kartenterminal: {meaning.what}. {meaning.next}".strip()
            self._needs = (f"status_{status:02x}", text)
        self._at_rest()

    def _at_rest(self) -> None:
        """As it was seen last: a payment mends nothing."""
        self._health.set("degraded" if self._needs[0] else "ready", *self._needs)

    async def _next(self) -> None:
        """One thing: a question, a charge, or after a while a look. Raises when the terminal is lost."""
        due = bool(self._asked) and _now() >= self._ask_at
        if not due and not self._requests:
            await self._rest()
            return
        if self._line.is_gone:
            await self._set_up()
        elif due or self._denied:
            await self._learn()
        if self._requests:
            await self._line.ready()  # it may have hung up again: nothing has changed there
            await self._perform(self._requests.popleft())

    async def _rest(self) -> None:
        """Nothing is to be done; whether the terminal is still there is seen all the same."""
        here = not self._line.is_gone
        self._wake.clear()
        wait = POLL_S if here or self._line.hangs_up else RECALL_S
        wait = min(wait, max(0.0, self._ask_at - _now())) if self._asked else wait
        if await self._line.rest(self._wake, wait):
            if here and self._line.is_gone and _now() - self._set_up_at > RECALL_S:
                await self._set_up()
        elif self._asked:
            return  # it is their turn
        elif self._line.is_gone or self._found == "mute":
            await self._set_up()
        else:
            await self._look()

    # -- charges ---------------------------------------------------------------------------------------

    async def _perform(self, request: ChargeRequest) -> None:
        """From the first byte to the outcome. Raises what ended the connection."""
        if not self._fits(request):  # it had hung up, and tells something else now
            self._refuse(request)
            return
        if request.operation == "reversal" and not request.receipt.strip("0"):
            self._report(CardOutcome(self.name, request.charge, "failed", "no_receipt", NO_RECEIPT))
            return
        self._running = request.charge
        self._health.set("busy")
        hearing = Hearing(self.name, request, self._quirks, self._config.columns, self._on_disk)
        hearing.tell = self._report
        outcome = CardOutcome(self.name, request.charge, "unclear", "stopped")
        try:
            ended = await self._line.run(self._command(request), hearing.hear)
            outcome = self._outcome(request, hearing, ended)
        except Refused as error:
            outcome = CardOutcome(self.name, request.charge, "failed", f"84{error.code:02x}", str(error))
        except NotSent as error:
            message = f"{error} Es ist nichts gebucht: bitte noch einmal versuchen."
            outcome = CardOutcome(self.name, request.charge, "failed", "not_sent", message)
            raise
        except (OutcomeUnknown, NotWritten, CodecError) as error:
            outcome = CardOutcome(self.name, request.charge, "unclear", error.reason, str(error))
            raise
        finally:
            self._running = ""
            if outcome.result == "done" and outcome.data is not None:
                self._last, self._found, self._denied = outcome.data, "last", False
            self._report(outcome)
        self._at_rest()
        if outcome.result == "failed":
            if hearing.other is not None and hearing.other.trace:  # now it has another last transaction
                await self._learn()
            await self._look()

    def _command(self, request: ChargeRequest) -> Apdu:
        c = self._config
        match request.operation:
            case "payment":
                able = (Tlv(PARTIAL, b"\x01"),) if c.partial else None
                return Authorisation(request.amount, EURO, tlv=able).to_apdu()
            case "reversal":
                return Reversal(c.password, request.receipt).to_apdu()
            case "refund":
                return Refund(c.password, request.amount, EURO).to_apdu()
            case "end_of_day":
                return EndOfDay(c.password).to_apdu()
            case "repeat":
                return RepeatReceipt(c.password).to_apdu()

    def _outcome(self, request: ChargeRequest, hearing: Hearing, ended: Apdu) -> CardOutcome:
        aborted = ended.control == Aborted.CONTROL
        unread = hearing.other is not None and hearing.other.result != "declined"
        if (hearing.data is not None and (aborted or hearing.other is not None)) or (aborted and unread):
            text = "Das Kartenterminal hat Widersprüchliches gemeldet."
            return CardOutcome(self.name, request.charge, "unclear", "contradiction", text)
        if aborted:
            code = Aborted.from_apdu(ended).result_code
            meaning = result(code)
            text = f"Kartenterminal: {meaning.what}. {meaning.next}".strip()
            return CardOutcome(self.name, request.charge, "failed", f"{code:02x}", text)
        if request.operation == "end_of_day":
            count, amount = hearing.totals
            return CardOutcome(self.name, request.charge, "done", count=count, amount=amount)
        if request.operation == "repeat":
            return CardOutcome(self.name, request.charge, "done")
        if hearing.data is None:
            text = "Das Kartenterminal hat nicht gesagt, ob gebucht wurde."
            return CardOutcome(self.name, request.charge, "unclear", "no_result", text)
        return CardOutcome(self.name, request.charge, "done", data=hearing.data)

    async def _on_disk(self, event: DeviceEvent) -> None:
        """Report and wait until it is durable. Raises :class:`NotWritten`."""
        self._waits_for = self._running
        self._durable.clear()
        self._report(event)
        try:
            async with asyncio.timeout(WRITE_S):
                await self._durable.wait()
        except TimeoutError:
            raise NotWritten from None
        finally:
            self._waits_for = ""

    def _fits(self, request: ChargeRequest) -> bool:
        """Whether register and terminal mean the same last transaction; only then a new one is seen."""
        if self._found == "mute":
            return not request.sure
        return request.sure and request.known == self._last

    def _refuse(self, request: ChargeRequest) -> None:
        message = self._health.status.message or NOT_READY
        self._report(CardOutcome(self.name, request.charge, "failed", "not_sent", message))

    def _fail_waiting(self) -> None:
        """What has not begun is known not to be done."""
        while self._requests:
            self._refuse(self._requests.popleft())


def _now() -> float:
    return asyncio.get_running_loop().time()


def _says_none(ended: Apdu) -> bool:
    return ended.control == Aborted.CONTROL and Aborted.from_apdu(ended).result_code == NOT_POSSIBLE


def _is_end(apdu: Apdu) -> bool:
    return apdu.control == Completion.CONTROL


async def _nothing(_: Apdu) -> Apdu | None:
    """Nothing of what is heard matters but the end."""
    return None


__all__ = ["TerminalDriver"]
