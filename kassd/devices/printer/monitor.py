"""What is known of a printer on one connection, and which job its answers confirm. Pure.

Theory of operation. DLE EOT 1 to 4 are answered at once, each by one byte that does not say of what. So
answers count only where all that was asked was answered, or where one thing was asked alone: a printer that
leaves some of them unanswered is asked for one after the other, and from then on for those that it knows.
What it does not know stays unknown. It is silent only if it has answered DLE EOT before and now answers none.

A job is confirmed by GS ( H, whose answer has a number, or (``status``) by what only a printer says that has
come to the end of the slip and works. One byte proves little: a line that falls reads as NUL, which is also
the answer to GS r 1, "there is paper". Hence, after the last byte was taken and before anything is heard:

    GS r 1 twice; as many answers as there are questions, those of earlier slips included, none of them
    with the end of the paper · then all DLE EOT that it knows, answered, and nothing wrong · then GS r 1
    once more, answered → confirmed

GS r is answered in the order of the data: with two bytes of noise among the answers the third still comes
after the slip, and with one even if the printer was off in between, for what it has forgotten it does not
answer. With more answers than questions nobody knows which of them are noise.

Some printers answer both of two questions that they find together by one byte. One that did not answer both
the last time is asked a third time, when nothing more comes; if that confirms the slip, its next ones are
asked one question after the other's answer. Of both only one byte comes out of what a printer that is
switched off forgets, and a line that falls is one: so they must answer DLE EOT right after that byte, before
they can be on again.
"""

import secrets
from collections.abc import Iterable

from kassd.core.status import DeviceState
from kassd.devices.config import Confirm
from kassd.devices.printer import commands
from kassd.devices.printer.status import (
    PROCESS_ID_HEAD,
    Automatic,
    PaperReply,
    PrinterState,
    Realtime,
    Reply,
    StatusParser,
    describe,
    realtime_fields,
    realtime_state,
)

Shown = tuple[DeviceState, str, str]
SILENT: Shown = ("error", "timeout", "Der Drucker antwortet nicht. Kabel und Strom prüfen.")
PROOFS = 2  # questions behind a slip, before the last one


class Monitor:
    """Fed with all a printer sends. ``state`` is what it says, ``silent`` that it has stopped answering,
    ``lost`` why the job will never be confirmed: ``lost`` (it has answered what was sent after the job, and
    not the job), ``noise``, or what was wrong with the printer at its end (``paper_end``, …).

    ``before``: what it was on its last connection.
    """

    def __init__(self, confirm: Confirm, before: "Monitor | None" = None) -> None:
        self._confirm = self._way = confirm  # of the next job, of this one
        self._parser = StatusParser()
        self.kinds: tuple[int, ...] = commands.QUERIES  # of DLE EOT, worth asking for
        self._told: set[int] = set()  # those that were answered
        self._unsure = False  # some were not: a late answer may have been taken for another's
        self._asked: tuple[int, ...] = ()
        self._got: list[int] = []
        self._ignored = False
        self._answers: bool = before is not None and before._answers  # anything, ever
        self._answers_realtime: bool = before is not None and before._answers_realtime
        self._number = secrets.randbelow(10_000)  # not those of the process before us
        self._job = -1
        self._printing = False
        self.lost = ""
        self._open = 0  # GS r without answer, of whichever job
        self._asking = self._last = False  # this job's are among them, its last one
        self._proofs = 0  # answers since then
        self._checked = False  # behind the first of them was asked whether the printer is on
        self._pairs: bool = before is not None and before._pairs  # it has answered both at once
        self._merges: bool = before is not None and before._merges  # and this one, by one byte
        self.state = PrinterState()
        self.silent = self._doubted = False
        self.confirmed = False

    @property
    def troubled(self) -> bool:
        """Whether it is worth asking again: the printer is blocked or silent, or was misunderstood."""
        return self.silent or self._doubted or self.state.blocked

    @property
    def mute(self) -> bool:
        """Whether this printer was asked and has never said anything: nobody waits for its confirmation."""
        return self._ignored and not self._answers

    # -- how it fares ----------------------------------------------------------------------------------

    def ask(self, kinds: Iterable[int]) -> bytes:
        """The real-time status request for ``kinds``; the answers are expected from now on."""
        self._asked, self._got = tuple(kinds), []
        return commands.realtime_status(self._asked)

    @property
    def answered(self) -> bool:
        """Whether every question of the last :meth:`ask` has its answer."""
        return not self._asked

    @property
    def partly(self) -> bool:
        """Whether some of them have: nobody can know which."""
        return bool(self._got)

    def learnt(self, kinds: Iterable[int]) -> None:
        """Asked for alone, these were answered, and no others. A printer that has never answered is not
        silent but unknown."""
        self._asked, self._got = (), []
        answered = tuple(kinds)
        if not answered:
            self.silent, self._ignored = self._answers_realtime, True
            if not self._asking:
                self._open = 0  # who does not answer this has been off and has forgotten the rest
            return
        self.state = self.state.forget(
            realtime_fields(self._told.difference(answered)) - realtime_fields(answered)
        )
        self.kinds, self._told, self._unsure = answered, set(answered), True

    def _realtime(self, byte: int) -> None:
        if not self._asked:
            self._unasked()
            return
        self._got.append(byte)
        if len(self._got) == len(self._asked):
            for kind, got in zip(self._asked, self._got, strict=True):
                self.state = self.state.merge(realtime_state(kind, got))
            self._told.update(self._asked)
            self._unsure = self._unsure and self._asked != self.kinds
            self._asked, self._got = (), []
            self._doubted = False
            self._answers_realtime = True
            self._heard()

    def _unasked(self) -> None:
        """A byte too many: one answer was late, and those after it were taken for others."""
        if self._unsure:
            self.state = self.state.forget(realtime_fields(self._told))
            self.kinds, self._unsure, self._doubted = commands.QUERIES, False, True

    # -- jobs ------------------------------------------------------------------------------------------

    def begin(self, data: bytes) -> bytes:
        """A job begins; returns the bytes to send for it."""
        self._job = self._number = self._number + 1
        self._printing = True
        self.confirmed, self.lost = False, ""
        self._proofs, self._checked = 0, False
        self._way = "none" if self.mute else self._confirm
        return commands.framed(data, self._way, self._number)

    def ask_by_status(self) -> None:
        """The next jobs are confirmed by GS r 1."""
        self._confirm = "status"

    def question(self) -> bytes:
        """What is to be sent once, behind the job, all of whose bytes are taken."""
        if self._way != "status":
            return b""
        self._asking = True
        count = 1 if self._merges else PROOFS
        self._open += count
        return commands.PAPER_STATUS * count

    def following(self) -> bytes:
        """What is to be sent to a printer that merges, when the question before is answered; b"" else."""
        if not (self._asking and self._merges) or self._last or self._open or self._proofs >= PROOFS:
            return b""
        if self.doubtful:
            return b""
        self._open = 1
        return commands.PAPER_STATUS

    @property
    def doubtful(self) -> bool:
        """Whether all there is so far is one byte, which a printer that was switched off may have left: ask
        at once how it fares, and :meth:`check`."""
        alone = self._asking and self._proofs == 1 and not self._last and not self._pairs
        return alone and self._answers_realtime and not self._checked

    def check(self) -> None:
        """What it knows of DLE EOT was answered after :attr:`doubtful`."""
        self._checked = True

    def again(self) -> bytes:
        """What is to be sent when it works and no more is answered: another question, if one of the first
        two was answered by a printer that may merge them; b"" else."""
        if not self._asking or self._pairs or self._merges or (self._proofs, self._open) != (1, 1):
            return b""
        self._merges = True  # what is open is taken for answered
        return commands.PAPER_STATUS

    @property
    def vouched(self) -> bool:
        """Whether the answers behind the job are there, if only the printer works: ask, and
        :meth:`conclude`."""
        return self._asking and not self._last and not self._open and self._proofs >= PROOFS

    @property
    def answering(self) -> bool:
        """Whether anything was answered behind the job."""
        return self._proofs > 0

    def conclude(self) -> bytes:
        """What it knows of DLE EOT was answered after :attr:`vouched`. Returns the last question."""
        if self.state.blocked:
            self.lost = self.lost or describe(self.state)[1]
        if self.lost:
            return b""
        self._last = True
        self._open += 1
        return commands.PAPER_STATUS

    def probe(self) -> bytes:
        """A request behind the job's own; b"" when its answer would not be told from the job's."""
        if self._confirm != "process_id":
            return b""
        self._number += 1
        return commands.process_id_request(self._number)

    def give_up(self, proven: bool) -> None:
        """The job's time is over. Of one that has never confirmed any (``proven``) nor answered just now, the
        answers may still come: it is slow, or knows none."""
        if (self._proofs, self._open) == (1, 1):
            self._pairs = False  # it may merge after all: the next slip shows it
        if proven or self._proofs or self.silent:
            self._open = 0

    def finish(self) -> None:
        """The job has ended, confirmed or not."""
        self._merges = self._merges and (self.confirmed or not self._asking)
        self._printing = self._asking = self._last = False
        self.confirmed = False

    def shown(self) -> Shown:
        """(state, reason, German sentence) for :class:`DeviceStatus`."""
        shown = SILENT if self.silent else describe(self.state)
        return ("busy", "", "") if self._printing and shown[0] != "error" else shown

    # -- what it says ----------------------------------------------------------------------------------

    def heard(self, data: bytes) -> None:
        """Bytes from the printer, cut anywhere."""
        for reply in self._parser.feed(data):
            self._take(reply)

    def _heard(self) -> None:
        self._answers, self.silent = True, False

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, Automatic):
            self.state = self.state.merge(reply.state)
            self._heard()
        elif isinstance(reply, Realtime):
            self._realtime(reply.byte)
        elif isinstance(reply, PaperReply):
            self._paper(reply.state)
        else:
            self._block(reply.data)
            self._heard()

    def _block(self, data: bytes) -> None:
        if data == PROCESS_ID_HEAD + commands.process_id(self._job):
            self.confirmed = self._printing
        elif data == PROCESS_ID_HEAD + commands.process_id(self._number) and not self.confirmed:
            self.lost = "lost" if self._printing else ""

    def _paper(self, said: PrinterState) -> None:
        if not self._open:
            if self._asking and not self.confirmed:
                self.lost = "noise"
            return
        self._open -= 1
        if self._asking:
            self._proofs += 1
            self.state = self.state.merge(PrinterState(near_end=said.near_end))
            if said.paper_end:  # shown where it says so to DLE EOT: that it also takes back
                self.lost = "paper_end"
            self.confirmed = self._last and not self._open and not self.lost
            self._pairs = self._pairs or (self.confirmed and not self._merges)
