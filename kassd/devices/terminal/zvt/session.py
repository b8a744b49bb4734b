"""One command at a time: sent, answered, reported on, ended (PA00P016 5.2).

The register is master and sends a command. The terminal answers within T3; with 80 00 it becomes master and
reports until 06 0F or 06 1E, never longer than T4 without a word. Each report waits for the register's
answer, and **for 04 0F and the receipt the answer is what makes the transaction final**: whoever listens
writes it down first. If the listener raises, the report stays unanswered and the terminal takes it back.

From the first byte of a command to its end nobody but the terminal knows what happened. So there are three
ways to fail: :class:`NotSent` and :class:`Refused` (nothing was done), :class:`OutcomeUnknown` (ask it).
After the last the session is lost: what came later would belong to the old command. Connect anew.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import ClassVar

from kassd.devices.terminal.zvt.apdu import ACKNOWLEDGED, Apdu, CodecError, refusal
from kassd.devices.terminal.zvt.link import T3_S, Link, LinkSilent
from kassd.devices.terminal.zvt.meanings import Meaning, result
from kassd.devices.terminal.zvt.messages import (
    AbortCommand,
    Authorisation,
    EndOfDay,
    IntermediateStatus,
    Refund,
    Reversal,
)
from kassd.devices.terminal.zvt.wire import HUNG_UP, WireGone
from kassd.errors import Advice, DeviceError, DeviceGone

log = logging.getLogger(__name__)

T4_S = 180.0
COMPLETED, ABORTED = 0x060F, 0x061E
STATUS, INTERMEDIATE = 0x040F, 0x04FF
NOT_POSSIBLE, SEE_DATA = 0x83, 0x1E
WRONG_PASSWORD = 0x37  # of a command; of a card it is in 04 0F and 06 1E
_PASSWORD = Meaning("Passwort falsch", "Passwort des Terminals in der Konfiguration der Kasse prüfen.")
# After these the terminal sends nothing but 80 00.
WITHOUT_END = frozenset({0x0602, 0x06B0, 0x06C5, 0x06E0, 0x0840, 0x0850})
# What a register can do without knowing how; anything else is refused unless the listener answers.
HARMLESS = frozenset({0x0401, STATUS, INTERMEDIATE, 0x06D1, 0x06D3, COMPLETED, ABORTED})
# What nobody knows when one of these has broken off, and what to do; the others change nothing.
UNCERTAIN: Mapping[int, str] = {
    Authorisation.CONTROL: (
        "Ob gezahlt wurde, ist ungewiss: nicht noch einmal kassieren, erst das Terminal fragen."
    ),
    Reversal.CONTROL: (
        "Ob zurückgebucht wurde, ist ungewiss: nicht noch einmal stornieren, erst das Terminal fragen."
    ),
    Refund.CONTROL: (
        "Ob gutgeschrieben wurde, ist ungewiss: nicht noch einmal auszahlen, erst das Terminal fragen."
    ),
    EndOfDay.CONTROL: "Ob der Kassenschnitt gemacht ist, ist ungewiss: am Terminal nachsehen.",
}

SESSION_TABLE: Mapping[tuple[str, str], str] = {
    ("idle", "command"): "asked",
    ("asked", "positive"): "running",
    ("asked", "positive, no end"): "idle",
    ("asked", "negative"): "idle",
    ("asked", "report"): "lost",  # of whatever it did before: not ours to acknowledge
    ("asked", "broken off"): "lost",
    ("running", "report"): "running",
    ("running", "end"): "idle",
    ("running", "broken off"): "lost",
    ("idle", "end not acknowledged"): "lost",
}

Hear = Callable[[Apdu], Awaitable[Apdu | None]]


class NotSent(DeviceGone):
    """Nothing left the register: the command may be given again."""


class Refused(DeviceError):
    """The terminal did not take the command: 84 xx. ``code``: why; the text is German with the next step."""

    advice: ClassVar[Advice] = "operator"

    def __init__(self, code: int) -> None:
        meaning = _PASSWORD if code == WRONG_PASSWORD else result(code)
        super().__init__("refused", f"Das Kartenterminal lehnt ab: {meaning.what}. {meaning.next}".strip())
        self.code = code


class OutcomeUnknown(DeviceError):
    """Whether the terminal did it is unknown until it was asked. ``reason``: timeout, unplugged, protocol."""

    advice: ClassVar[Advice] = "operator"


class Session:
    """A conversation over an open link; ``t3_s`` and ``t4_s`` in seconds."""

    def __init__(self, link: Link, t3_s: float = T3_S, t4_s: float = T4_S) -> None:
        self._link = link
        self._t3_s, self._t4_s = t3_s, t4_s
        self._patience: asyncio.Timeout | None = None
        self._abort = ""  # wanted, sent
        self.state = "idle"
        self.abort_refused: int | None = None  # why the terminal did not abort the last command

    async def run(self, request: Apdu, hear: Hear) -> Apdu:
        """Give a command and listen until it ends; returns 06 0F, 06 1E, or 80 00 where nothing else comes.

        ``hear`` gets every report and the end, before it is answered; it returns the answer, None for the
        usual one. Raises NotSent, Refused, OutcomeUnknown, and whatever ``hear`` raises.
        """
        if self.state == "lost":
            raise NotSent("unplugged", "Die Verbindung zum Kartenterminal muss neu aufgebaut werden.")
        self._step("command")
        self._abort, self.abort_refused = "", None
        try:
            await self._send_command(request)
            answer = await self._answer()
            if answer.negative:
                self._step("negative")
                raise Refused(_reason(answer))
            if request.control in WITHOUT_END:
                self._step("positive, no end")
                return answer
            self._step("positive")
            return await self._listen(hear)
        except (WireGone, LinkSilent, CodecError) as error:
            raise OutcomeUnknown(error.reason, _unknown(request, str(error))) from error
        finally:
            if self.state not in ("idle", "lost"):
                self._step("broken off")
            if self.state == "lost":
                self._link.close()

    def abort(self) -> None:
        """Ask the terminal to end the running command (06 B0); it may refuse: ``abort_refused``."""
        if self.state == "running" and not self._abort:
            self._abort = "wanted"
            if self._patience is not None:
                self._patience.reschedule(asyncio.get_running_loop().time())

    def watched(self, callback: Callable[[], object]) -> AbstractContextManager[None]:
        """While nothing runs: ``callback`` is called when something comes, or the terminal hangs up."""
        return self._link.watched(callback)

    @property
    def hung_up(self) -> bool:
        """Whether the terminal has, while nothing runs. What it says unasked is dropped."""
        if self.state == "lost":
            return True
        try:
            for old in self._link.stale():
                log.warning("%s came while nobody had asked: not answered", old.name)
        except WireGone:
            return True
        return False

    def close(self) -> None:
        """Hang up. A command that runs ends with :class:`OutcomeUnknown`."""
        self._link.close()

    def _step(self, event: str) -> None:
        try:
            self.state = SESSION_TABLE[self.state, event]
        except KeyError:
            raise RuntimeError(f"{event} while {self.state}: one command at a time") from None

    async def _send_command(self, request: Apdu) -> None:
        try:
            if self.hung_up:
                raise WireGone(HUNG_UP)
            await self._link.send(request)
        except WireGone as error:
            if error.sent:
                raise
            raise NotSent(error.reason, str(error)) from error

    async def _answer(self) -> Apdu:
        answer = await self._within(self._t3_s)
        if answer is None:
            raise LinkSilent("Das Kartenterminal antwortet nicht auf ein Kommando.")
        if not answer.positive and not answer.negative:
            self._step("report")
            raise CodecError(f"Das Kartenterminal antwortet mit {answer.name} statt mit einer Quittung.")
        return answer

    async def _listen(self, hear: Hear) -> Apdu:
        """The terminal is master: hear it out."""
        limit = self._t4_s
        while True:
            if self._abort == "wanted":
                self._abort = "sent"
                await self._link.send(AbortCommand().to_apdu())
            report = await self._within(limit)
            if report is None:
                if self._abort == "wanted":
                    continue
                raise LinkSilent("Das Kartenterminal meldet sich nicht mehr.")
            if report.positive or report.negative:
                self._answer_to_abort(report)
                continue
            if report.control == INTERMEDIATE:
                limit = _minutes(report) or limit
            answer = await hear(report)
            if answer is None:
                answer = ACKNOWLEDGED if report.control in HARMLESS else refusal(NOT_POSSIBLE)
            ended = report.control in (COMPLETED, ABORTED)
            self._step("end" if ended else "report")
            try:
                await self._link.send(answer)
            except (WireGone, LinkSilent):
                if not ended:
                    raise
                # 2.2.9: what was acknowledged before stays, whatever becomes of the end.
                log.warning("the end of the command could not be acknowledged")
                self._step("end not acknowledged")
            if ended:
                return report

    def _answer_to_abort(self, answer: Apdu) -> None:
        if self._abort != "sent":
            log.warning("%s came without a command: ignored", answer.name)
        elif answer.negative:
            self.abort_refused = answer.control & 0xFF

    async def _within(self, limit: float) -> Apdu | None:
        """The next message, None if none comes in time, or sooner if somebody wants to abort."""
        try:
            async with asyncio.timeout(limit) as self._patience:
                return await self._link.receive()
        except TimeoutError:
            return None
        finally:
            self._patience = None


def _reason(answer: Apdu) -> int:
    """Why it refuses: 84 xx, or 84 1E xx (2.1; some terminals say so to any command)."""
    code = answer.control & 0xFF
    return answer.data[0] if code == SEE_DATA and answer.data else code


def _minutes(report: Apdu) -> float:
    """T4 in seconds, if the terminal sets it (3.7), else 0."""
    try:
        digits = IntermediateStatus.from_apdu(report).minutes or ""
    except CodecError:
        return 0.0
    return 60.0 * int(digits) if digits.isdigit() else 0.0


def _unknown(request: Apdu, why: str) -> str:
    return f"{why} {UNCERTAIN.get(request.control, '')}".strip()
