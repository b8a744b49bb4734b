"""What is known of a printer on one connection, and which job its answers confirm. Pure."""

import secrets
from collections import deque

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
    realtime_state,
)

Shown = tuple[DeviceState, str, str]
SILENT: Shown = ("error", "timeout", "Der Drucker antwortet nicht. Kabel und Strom prüfen.")


class Monitor:
    """Fed with all a printer sends. ``state`` is what it says, ``silent`` that it has stopped answering,
    ``overtaken`` that it has answered what was sent after the job, and not the job.

    ``answers``: this printer has answered on an earlier connection.
    """

    def __init__(self, confirm: Confirm, answers: bool = False) -> None:
        self._confirm = self._way = confirm  # of the next job, of this one
        self._parser = StatusParser()
        self._asked: deque[int] = deque()
        self._ignored = False
        self.answers = answers
        self._number = secrets.randbelow(10_000)  # not those of the process before us
        self._job = -1
        self._printing = self.overtaken = False
        self._owed = 0  # answers to GS r 1 of earlier jobs that may still come
        self.state = PrinterState()
        self.silent = False
        self.confirmed = False

    @property
    def troubled(self) -> bool:
        """Whether it is worth asking again: the printer is blocked or silent."""
        return self.silent or self.state.blocked

    @property
    def mute(self) -> bool:
        """Whether this printer was asked and has never said anything: nobody waits for its confirmation."""
        return self._ignored and not self.answers

    @property
    def answered(self) -> bool:
        """Whether every question of the last :meth:`ask` has its answer."""
        return not self._asked

    def ask(self) -> bytes:
        """The real-time status request; its answers are expected from now on."""
        self._asked = deque(commands.QUERIES)
        return commands.REALTIME_STATUS

    def unanswered(self) -> None:
        """The answers did not come in time. A printer that never answered is not silent but unknown."""
        self.silent, self._ignored = self.answers, True
        self._owed = 0  # who does not answer this has been off and has forgotten the rest

    def begin(self, data: bytes) -> bytes:
        """A job begins; returns the bytes to send for it."""
        self._job = self._number = self._number + 1
        self._printing = True
        self.confirmed = self.overtaken = False
        self._way = "none" if self.mute else self._confirm
        return commands.framed(data, self._way, self._number)

    def ask_by_status(self) -> None:
        """The next jobs are confirmed by GS r 1."""
        self._confirm = "status"

    def probe(self) -> bytes:
        """A request behind the job's own; b"" when its answer would not be told from the job's."""
        if self._confirm != "process_id":
            return b""
        self._number += 1
        return commands.process_id_request(self._number)

    def finish(self) -> None:
        """The job has ended, confirmed or not."""
        if self._way == "status" and not self.confirmed and not self.silent:
            self._owed += 1
        self._printing = False
        self.confirmed = False

    def shown(self) -> Shown:
        """(state, reason, German sentence) for :class:`DeviceStatus`."""
        shown = SILENT if self.silent else describe(self.state)
        return ("busy", "", "") if self._printing and shown[0] != "error" else shown

    def heard(self, data: bytes) -> None:
        """Bytes from the printer, cut anywhere."""
        for reply in self._parser.feed(data):
            self.answers = True
            self.silent = False
            self._take(reply)

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, Automatic):
            self.state = self.state.merge(reply.state)
        elif isinstance(reply, Realtime):
            if self._asked:
                self.state = self.state.merge(realtime_state(self._asked.popleft(), reply.byte))
        elif isinstance(reply, PaperReply):
            self.state = self.state.merge(reply.state)
            if self._owed:
                self._owed -= 1
            elif self._way == "status":
                self.confirmed = self._printing
        elif reply.data == PROCESS_ID_HEAD + commands.process_id(self._job):
            self.confirmed = self._printing
        elif reply.data == PROCESS_ID_HEAD + commands.process_id(self._number):
            self.overtaken = self._printing and not self.confirmed
