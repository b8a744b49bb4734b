"""One command at a time through ``TSE_COMM.DAT``. Blocking; runs in the device's thread.

An answer counts when its response counter has moved on from what stood there before the command. After a
command without an answer the mailbox is first brought to rest: a busy device is waited for, and one that is
silent is asked for a response it does not have (83), whose refusal shows that nothing is under way any more.
"""

import time
from pathlib import Path

from kassd.errors import TseSilent
from kassd.tse.swissbit.codec import (
    BUSY,
    COMPLETE,
    FETCH,
    FETCH_RESPONSE,
    NOTHING_TO_FETCH,
    OK,
    Answer,
    Malformed,
    frame,
    is_newer,
    parse_answer,
)
from kassd.tse.swissbit.errors import refusal
from kassd.tse.swissbit.info import Status, parse_status
from kassd.tse.volume import SectorFile

FIRST_POLL_S, POLL_S, SLOW_POLL_S, SLOW_AFTER_S = 0.0003, 0.002, 0.02, 2.0
RESYNC_S, EMPTY_S = 0.2, 0.05


class Mailbox:
    """The open mailbox and status files of a volume."""

    def __init__(self, path: Path, unanswered: bool = False) -> None:
        """``unanswered``: a command may still be under way. Raises ``TseGone`` if the files are not there."""
        self._status = SectorFile(path / "TSE_INFO.DAT")
        try:
            self._comm = SectorFile(path / "TSE_COMM.DAT")
        except BaseException:
            self._status.close()
            raise
        self.unanswered = unanswered

    def close(self) -> None:
        """Close the files."""
        self._status.close()
        self._comm.close()

    def status(self) -> Status:
        """What the TSE says of itself."""
        try:
            return parse_status(self._status.read(512))
        except Malformed as error:
            raise TseSilent(f"TSE_INFO.DAT ist nicht lesbar: {error}") from error

    def ask(self, command: bytes, timeout_s: float, *, puk: bool = False) -> bytes:
        """Data of the answer. Raises ``TseRefused`` for its error, ``TseSilent`` if none comes in time."""
        answer = self.exchange(command, timeout_s)
        if answer.status != OK:
            raise refusal(answer.status, puk=puk)
        return answer.data

    def exchange(self, command: bytes, timeout_s: float, after: Answer | None = None) -> Answer:
        """The answer, whatever its status. ``after``: the answer that a moment ago left the mailbox at rest;
        without it the mailbox is looked at first."""
        deadline = time.monotonic() + timeout_s
        before = self._settle(deadline) if after is None else after.counter
        self._comm.write(frame(command))
        self.unanswered = True
        answer = self._wait(before, deadline)
        self.unanswered = False
        return answer

    def _read(self) -> Answer:
        try:
            return parse_answer(self._comm.read(512))
        except Malformed as error:
            raise TseSilent(f"Die Antwort der TSE ist nicht lesbar: {error}") from error

    def _wait(self, before: int, deadline: float) -> Answer:
        """The answer with a counter later than ``before``; what waits to be fetched is fetched."""
        began = time.monotonic()
        fetched = before
        while True:
            answer = self._read()
            if is_newer(answer.counter, before):
                if answer.state == COMPLETE and answer.status != NOTHING_TO_FETCH:
                    return answer
                if answer.state == COMPLETE:  # a probe's own answer, late
                    before = answer.counter
                elif answer.state == FETCH and answer.counter != fetched:
                    fetched = answer.counter  # once: a second 83 would answer for the next command
                    self._comm.write(frame(FETCH_RESPONSE))
                    continue
            elif answer.counter != before and answer.state == COMPLETE:
                raise TseSilent("Die TSE ist während des Befehls neu gestartet.")
            self._pause(began, deadline)

    @staticmethod
    def _pause(began: float, deadline: float) -> None:
        now = time.monotonic()
        if now >= deadline:
            raise TseSilent(f"Die TSE hat nach {now - began:.1f} s nicht geantwortet.")
        waited = now - began
        time.sleep(SLOW_POLL_S if waited > SLOW_AFTER_S else min(max(waited / 8, FIRST_POLL_S), POLL_S))

    def _settle(self, deadline: float) -> int:
        """The response counter of a mailbox at rest; what an earlier command still answers is dropped."""
        began, fetched = time.monotonic(), -1
        while (answer := self._rest()).state in (BUSY, FETCH):
            if answer.state == FETCH and answer.counter != fetched:
                fetched = answer.counter
                self._comm.write(frame(FETCH_RESPONSE))
            elif answer.state == FETCH and time.monotonic() - began > RESYNC_S:
                self.unanswered = False  # it cannot be had; the next command replaces it
                break
            self._pause(began, deadline)
        while self.unanswered:
            answer = self._probe(answer.counter, deadline)
        return answer.counter

    def _rest(self) -> Answer:
        """The block as it stands; an unreadable one is an answer that nobody waits for. One without a state
        is a device that has not been asked yet, if it stays so: a controller may show zeros for a moment."""
        until = time.monotonic() + EMPTY_S
        while (block := self._comm.read(512))[4] not in (BUSY, FETCH, COMPLETE):
            if time.monotonic() > until:
                break
            time.sleep(POLL_S)
        try:
            return parse_answer(block)
        except Malformed:
            return Answer(int.from_bytes(block[:4], "big"), COMPLETE)

    def _probe(self, before: int, deadline: float) -> Answer:
        """Send 83 and read until it is refused, or for :data:`RESYNC_S` (a busy device ignores it)."""
        began = time.monotonic()
        self._comm.write(frame(FETCH_RESPONSE))
        while True:
            answer = self._rest()
            if answer.counter != before and answer.state == COMPLETE and answer.status != OK:
                self.unanswered = False
                return answer
            self._pause(began, deadline)
            if answer.state != BUSY and time.monotonic() - began > RESYNC_S:
                return answer
