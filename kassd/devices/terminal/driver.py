"""One card terminal over ZVT: registered and watched, one command at a time, asked where one broke off.

Theory of operation. A connection begins with registration (06 00), its state (05 01) and its last transaction
(06 20 with status): the register is told that one before anything is charged, so that afterwards a new one is
recognised. As the register controls the terminal (config bits 10 and 20), nobody else pays there meanwhile.

    what happened                                                   | outcome of a charge
    ----------------------------------------------------------------+--------------------------
    not connected, another last transaction than who asks knows     | failed (not_sent)
    the terminal refuses the command (84 xx)                        | failed (its code)
    06 1E                                                           | failed (its code)
    04 0F with result 00, on the disk, answered, then 06 0F         | done
    06 0F without such a 04 0F                                      | unclear
    the connection or sense breaks off after the first byte         | unclear
    04 0F or a receipt is not on the disk within ``WRITE_S``        | unclear; it stays unanswered

After *unclear* the connection is made anew and the terminal is asked, as often as it takes, once the register
wishes so. Nothing is ever charged twice: a request is given by the register once, and not kept here.
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
from kassd.devices.terminal.zvt.apdu import Apdu, CodecError
from kassd.devices.terminal.zvt.link import Link, LinkSilent, SerialLink, TcpLink
from kassd.devices.terminal.zvt.meanings import TERMINAL_STATUS, result
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
from kassd.devices.terminal.zvt.session import NotSent, OutcomeUnknown, Refused, Session
from kassd.devices.terminal.zvt.tlv import Tlv
from kassd.devices.terminal.zvt.wire import WireGone, connect_serial, connect_tcp
from kassd.errors import DeviceError

log = logging.getLogger(__name__)

WRITE_S = 4.0  # the terminal waits T3, 5 s, for an answer
POLL_S = 30.0
BY_REGISTER, BY_TERMINAL = 0xBE, 0x38  # config byte: who prints; both: 04 FF, the register controls
WITH_STATUS = 3  # 06 20: 04 0F, and nothing printed
NOT_POSSIBLE = 0x83
WIDTH, ALLOWED, COMMAND, PARTIAL = 0x12, 0x26, 0x0A, 0x1F70
BLOCKS = b"\x06\xd3"
NOT_READY = "Das Kartenterminal ist nicht bereit. Bitte noch einmal versuchen."


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
        self._session: Session | None = None
        self._last: CardData | None = None
        self._found: Literal["last", "none", "mute"] = "mute"

    # -- the port --------------------------------------------------------------------------------------

    def charge(self, request: ChargeRequest) -> None:
        """Do it when it is its turn; its :class:`CardOutcome` is reported later."""
        if self._online and _same(request.known, self._last):
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
        self._wake.set()

    def abort(self, charge: str) -> None:
        """Ask the terminal to end what it does for ``charge``; it may go on."""
        if charge == self._running and self._session is not None and self._quirks.abort:
            self._session.abort()

    async def run(self) -> None:
        """Serve the terminal for ever: absent, opening, ready, busy, gone, again."""
        backoff = Backoff()
        while True:
            try:
                await self._connection(backoff)
            except Refused as error:
                self._health.set("error", f"refused_{error.code:02x}", str(error))
            except DeviceError as error:
                self._lost(error)
            finally:
                self._online = False
                self._fail_waiting()
            await backoff.pause()

    def _lost(self, error: DeviceError) -> None:
        if isinstance(error, WireGone) and not error.sent:
            worked = self._health.status.state in ("ready", "busy", "degraded")
            self._health.set("absent", "unplugged" if worked else "absent", str(error))
        else:
            message = f"{error} Terminal einschalten, Kabel und Netz prüfen."
            self._health.set("error", error.reason, message)

    # -- one connection --------------------------------------------------------------------------------

    async def _connection(self, backoff: Backoff) -> None:
        link = await self._link()
        session = Session(link, self._config.answer_timeout_s, self._config.silence_timeout_s)
        self._session = session
        try:
            self._health.opening()
            await self._register(session)
            await self._learn(session)
            backoff.reset()
            await self._look(session)
            self._online = True
            while True:
                await self._next(session)
        finally:
            self._session = None
            session.close()

    async def _link(self) -> Link:
        c = self._config
        if c.driver == "serial":
            return SerialLink(connect_serial(c.path, c.baud), t2_s=c.answer_timeout_s)
        return TcpLink(await connect_tcp(c.host, c.port, c.connect_timeout_s), c.answer_timeout_s)

    async def _register(self, session: Session) -> None:
        """06 00: how the register wants it."""
        c = self._config
        wishes = (Tlv(WIDTH, bytes.fromhex(f"{c.columns:02d}")), Tlv(ALLOWED, parts=(Tlv(COMMAND, BLOCKS),)))
        config = BY_REGISTER if c.printing == "register" else BY_TERMINAL
        request = Registration(c.password, config, EURO, tlv=wishes)
        ended = await session.run(request.to_apdu(), _nothing)
        if ended.control == Aborted.CONTROL:
            raise Refused(Aborted.from_apdu(ended).result_code)

    async def _learn(self, session: Session) -> None:
        """06 20: the terminal's last transaction, for the register and for whoever was in doubt."""
        heard: list[StatusInformation] = []

        async def hear(apdu: Apdu) -> Apdu | None:
            if apdu.control == StatusInformation.CONTROL:
                heard.append(StatusInformation.from_apdu(apdu, self._quirks.charset))
            return None

        asked = tuple(self._asked)
        self._last, self._found = None, "mute"
        try:
            ended = await session.run(RepeatReceipt(self._config.password, WITH_STATUS).to_apdu(), hear)
            if ended.control == Aborted.CONTROL:
                code = Aborted.from_apdu(ended).result_code
                self._found = "none" if code == NOT_POSSIBLE else "mute"
        except Refused as error:
            if error.code != NOT_POSSIBLE:
                raise
            self._found = "none"
        if heard:
            self._last, self._found = card_data(heard[-1], self.name, 0), "last"
        self._report(CardLast(self.name, self._last))
        for charge in asked:
            self._report(CardAnswer(self.name, charge, self._found, self._last))
            self._asked.pop(charge, None)

    async def _look(self, session: Session) -> None:
        """05 01: how the terminal is."""
        seen: Apdu | None = None
        try:
            seen = await session.run(StatusEnquiry(self._config.password).to_apdu(), _nothing)
        except Refused as error:
            log.info("%s: no status: %s", self.name, error)
        status = Completion.from_apdu(seen).terminal_status if seen and _is_end(seen) else 0
        if not status:
            self._health.set("ready")
            return
        meaning = result(status)
        text = f"Kartenterminal: {TERMINAL_STATUS.get(status, meaning.what)}. {meaning.next}".strip()
        self._health.set("degraded", f"status_{status:02x}", text)

    async def _next(self, session: Session) -> None:
        """One thing: a question, a charge, or after a while a look. Raises when the connection is lost."""
        if self._asked:
            await self._learn(session)
        elif self._requests:
            await self._perform(session, self._requests.popleft())
        else:
            self._wake.clear()
            try:
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
            except TimeoutError:
                await self._look(session)

    # -- charges ---------------------------------------------------------------------------------------

    async def _perform(self, session: Session, request: ChargeRequest) -> None:
        """From the first byte to the outcome. Raises what ended the connection."""
        self._running = request.charge
        self._health.set("busy")
        hearing = Hearing(self.name, request, self._quirks, self._config.columns, self._on_disk)
        hearing.tell = self._report
        outcome = CardOutcome(self.name, request.charge, "unclear", "stopped")
        try:
            ended = await session.run(self._command(request), hearing.hear)
            outcome = self._outcome(request, hearing, ended)
        except Refused as error:
            outcome = CardOutcome(self.name, request.charge, "failed", f"84{error.code:02x}", str(error))
        except NotSent as error:
            outcome = CardOutcome(self.name, request.charge, "failed", "not_sent", str(error))
            raise
        except (OutcomeUnknown, NotWritten, CodecError) as error:
            outcome = CardOutcome(self.name, request.charge, "unclear", error.reason, str(error))
            raise
        finally:
            self._running = ""
            if outcome.result == "done" and outcome.data is not None:
                self._last = outcome.data
            self._report(outcome)
        self._health.set("ready")
        if outcome.result == "unclear":
            raise LinkSilent("Das Kartenterminal hat ohne Ergebnis beendet.")
        if outcome.result == "failed":
            await self._look(session)

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
        if ended.control == Aborted.CONTROL:
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
            text = "Das Kartenterminal hat nicht gesagt, ob gezahlt wurde."
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

    def _refuse(self, request: ChargeRequest) -> None:
        message = self._health.status.message or NOT_READY
        self._report(CardOutcome(self.name, request.charge, "failed", "not_sent", message))

    def _fail_waiting(self) -> None:
        """What has not begun is known not to be done."""
        while self._requests:
            self._refuse(self._requests.popleft())


def _same(known: CardData | None, last: CardData | None) -> bool:
    """Whether the register and the terminal mean the same last transaction."""
    if known is None or last is None:
        return known is last
    return known.is_same(last)


def _is_end(apdu: Apdu) -> bool:
    return apdu.control == Completion.CONTROL


async def _nothing(_: Apdu) -> Apdu | None:
    """Nothing of what is heard matters but the end."""
    return None


__all__ = ["TerminalDriver"]
