"""One conversation with the device: requests, silences and their reasons, buffered answers. Blocking.

Every failure is a silence. After one, GetMfcStatus is asked: an error there is the refusal, none means that
nobody knows whether the device acted (``TseSilent``). Answers count by their id, so that a late one is never
taken for another; it is still taken for its own request while the reason of its silence is asked for.
:meth:`settle` brings the device back to a known state before the next call.
"""

import logging
import time
import uuid
from collections.abc import Iterator

from kassd.errors import TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.diebold.codec import ANSWER, END, ID, Answer, Answers, CodecError, Command, Request, digits
from kassd.tse.diebold.config import DieboldConfig
from kassd.tse.diebold.link import Link
from kassd.tse.diebold.mfc import State, Status, refusal

log = logging.getLogger(__name__)

ESC = 0x1B
NEVER_LONGER = 5  # times the time-out: bytes that keep coming do not keep a call alive for ever
BUFFER_NUMBER = 1
MORE = b"00"
Parameter = str | bytes | int


def _bytes(value: Parameter) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("latin-1")


class Session:
    """Speaks over an open ``link``; raises ``TseGone``, ``TseSilent``, ``TseRefused``."""

    def __init__(self, link: Link, config: DieboldConfig) -> None:
        self.link = link
        self.config = config
        self.settled = False
        self.logged_in: set[str] = set()
        self.expired = False  # the device has warned of its certificate
        self._answers = Answers()
        self._arrived: list[Answer] = []
        self._export_open = True  # of whoever spoke with the device before
        self._knows_reset = True
        self._lasting = (0, 0)  # an error that a success did not wipe out

    # one command

    def ask(
        self, command: Command, *parameters: Parameter, answer_s: float | None = None
    ) -> tuple[bytes, ...]:
        """Send a command and return the parameters of its answer."""
        request = self._send(command, parameters)
        answer = self._await({request.id}, answer_s or self.config.answer_s)
        return (answer or self._after_silence(request)).parameters

    def tolerate_expiry(self, command: Command, *parameters: Parameter) -> tuple[bytes, ...] | None:
        """Like :meth:`ask`; an expired certificate is a warning here (None)."""
        try:
            return self.ask(command, *parameters)
        except TseRefused as error:
            if error.code != codes.CERTIFICATE_EXPIRED:
                raise
            self.expired = True
            log.warning("TSE command %s: %s", command.name, error)
        self.ask(Command.COUNTRY_INFO)  # a success: the error is forgotten
        return None

    def status(self, answer_s: float) -> Status:
        """Ask GetMfcStatus."""
        request = self._send(Command.MFC_STATUS, ())
        answer = self._await({request.id}, answer_s)
        if answer is None:
            raise self._silent("GetMfcStatus")
        return Status.of(answer.parameters)

    def _send(
        self, command: Command, parameters: tuple[Parameter, ...], buffer: int | None = None
    ) -> Request:
        request = Request(command, tuple(map(_bytes, parameters)), str(uuid.uuid4()), buffer)
        self.link.send(request.to_bytes())
        return request

    def _await(self, ids: set[str], answer_s: float) -> Answer | None:
        """The next answer with one of these ids; while bytes come, the time-out begins anew."""
        now = time.monotonic()
        deadline, limit = now + answer_s, now + NEVER_LONGER * answer_s
        while True:
            while self._arrived:
                answer = self._arrived.pop(0)
                if answer.id in ids:
                    return answer
                log.warning("TSE: late answer to command %03d dropped", answer.command)
            now = time.monotonic()
            if now >= deadline:
                return None
            data = self.link.receive(deadline - now)
            if data:
                deadline = min(time.monotonic() + answer_s, limit)
                self._arrived.extend(self._answers.feed(data))

    def _after_silence(self, request: Request) -> Answer:
        """The late answer, or the reason why there is none."""
        self.settled = False
        self._answers.reset()
        name = Command(request.command).name
        asked = self._send(Command.MFC_STATUS, ())
        answer = self._await({request.id, asked.id}, self.config.status_s)
        if answer is None:
            raise self._silent(name)
        if answer.id == request.id:
            return answer
        status = Status.of(answer.parameters)
        if status.error == (0, 0):
            raise self._silent(name)
        raise refusal(status.error)

    def _silent(self, name: str) -> TseSilent:
        self.settled = False
        self._answers.reset()
        return TseSilent(f"Die TSE hat auf {name} nicht geantwortet.")

    # back to a known state

    def settle(self) -> None:
        """After a failure: wait for the device, void what is half told, forget its error and its logins."""
        if self.settled:
            return
        self.link.send(END)  # of a request that broke off in the middle, when its sender died
        status = self.status(self.config.buffer_s)
        if status.error != (0, 0):  # else the next silence would be taken for this refusal
            self.ask(Command.COUNTRY_INFO)
            self._lasting = self.status(self.config.status_s).error
        if status.state & State.COMMAND_OPEN:
            self.ask(Command.TRANSACTION_VOID)
        if self._export_open:
            self.reset_export()
        for user in tuple(self.logged_in):
            self.log_out(user)
        self.settled = True

    def reset_export(self) -> None:
        """Give the export's buffers free (309, undocumented; not every firmware knows it)."""
        self._export_open = False
        if not self._knows_reset:
            return
        try:
            self.ask(Command.RESET_EXPORT, self.config.slot)
        except TseRefused as error:
            self._knows_reset = error.code != "E_UNKNOWN_CMD"
            log.info("TSE: export not reset: %s", error)

    def log_out(self, user: str) -> None:
        """End a login; one that has already ended is none."""
        self.logged_in.discard(user)
        try:
            self.tolerate_expiry(Command.LOGOUT, self.config.slot, user)
        except TseRefused as error:
            log.warning("TSE: logout: %s", error)

    # answers that are collected in the device first

    def values(self, command: Command, *parameters: Parameter) -> Iterator[tuple[int, bytes]]:
        """Stream the parameters of a buffered answer: (index, next piece of it)."""
        self._export_open = True
        request = self._send(command, parameters, BUFFER_NUMBER)
        error = self.status(self.config.buffer_s).error  # a refusal is known at once, not after a time-out
        if error not in ((0, 0), self._lasting):
            self.settled = False
            raise refusal(error)
        reader = _ValueReader(request)
        sequence, answer_s = 0, self.config.buffer_s
        while not reader.ended:
            answer = self.ask(Command.COMMAND_RESPONSE, BUFFER_NUMBER, sequence % 256, answer_s=answer_s)
            if len(answer) != 5 or (digits(answer[0]), digits(answer[1])) != (BUFFER_NUMBER, sequence % 256):
                raise CodecError("GetCommandResponse passt nicht zur Anfrage")
            yield from reader.feed(answer[4])
            if answer[2] != MORE:
                break
            sequence, answer_s = sequence + 1, self.config.answer_s
        if not reader.ended:
            raise CodecError("die gesammelte Antwort der TSE bricht ab")
        self._export_open = False

    def collect(self, command: Command, *parameters: Parameter) -> list[bytes]:
        """The parameters of a buffered answer, whole."""
        found: list[bytearray] = []
        for index, piece in self.values(command, *parameters):
            found.extend(bytearray() for _ in range(index + 1 - len(found)))
            found[index] += piece
        return [bytes(value) for value in found]


class _ValueReader:
    """Reads one answer frame that comes in pieces; its values are text without ESC."""

    def __init__(self, request: Request) -> None:
        self.ended = False
        self._request = request
        self._index = -1
        self._rest = b""
        self._id: bytes | None = None
        self._begun = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        data, self._rest = self._rest + data, b""
        if not self._begun:
            head = ANSWER + b"%03d" % self._request.command
            if len(data) < len(head):
                self._rest = data
                return
            if not data.startswith(head):
                raise CodecError("die gesammelte Antwort der TSE gehört zu einem anderen Befehl")
            data, self._begun = data[len(head) :], True
        while data and not self.ended:
            piece, escape, after = data.partition(b"\x1b")
            yield from self._take(piece)
            if not escape:
                return
            if not after:
                self._rest = escape
                return
            yield from self._mark(escape + after[:1])
            data = after[1:]

    def _take(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        if self._id is not None:
            self._id += piece
        elif piece and self._index < 0:
            raise CodecError("die gesammelte Antwort der TSE ist nicht lesbar")
        elif piece:
            yield self._index, piece

    def _mark(self, marker: bytes) -> Iterator[tuple[int, bytes]]:
        if marker == b"\x1b\x92" and self._id is None:
            self._index += 1
            yield self._index, b""  # an empty value is a value
        elif marker == ID and self._id is None:
            self._id = b""
        elif marker == END and self._id is not None:
            if self._id.decode("latin-1") != self._request.id:
                raise CodecError("die gesammelte Antwort der TSE gehört zu einer anderen Anfrage")
            self.ended = True
        else:
            raise CodecError("die gesammelte Antwort der TSE ist nicht lesbar")
