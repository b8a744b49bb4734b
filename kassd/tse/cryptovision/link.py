"""The mailbox file as a link: one command at a time, polled answers, nothing left over for the next call.

Blocking; the driver runs it in the device's own thread. An exchange that ran into its time-out is settled
before the next one: the late answer is waited for and thrown away, then the file is opened anew.
"""

import contextlib
import fcntl
import os
import time
from pathlib import Path

from kassd.errors import TseBusy, TseError, TseGone, TseSilent
from kassd.tse.cryptovision.codec import (
    CANCEL,
    MAILBOX,
    MORE,
    SECTOR,
    STREAM,
    Export,
    Mode,
    Value,
    answer,
    export,
    frame,
    garbled,
    is_list,
    missing,
    values,
)
from kassd.tse.cryptovision.errors import error
from kassd.tse.volume import FLAGS, SectorFile

FILE, GUARD = "TSE-IO.bin", "TSE-GUARD.bin"
FIRST_POLL_S, POLL_S, SLOW_POLL_S = 0.001, 0.004, 0.01
CANCEL_S = 1.0
_NO_COMMAND = b"\x00\x00"  # what a suspend mode is sent with


class Link:
    """One volume. ``timeout_s``: for an answer; ``drain_s``: for one that is late."""

    def __init__(self, folder: Path, timeout_s: float, drain_s: float) -> None:
        self.folder = folder
        self.timeout_s = timeout_s
        self.drain_s = drain_s
        self._file: SectorFile | None = None
        self._lock = -1
        self._unanswered = False
        self._stream: Export | None = None

    @property
    def settled(self) -> bool:
        """Whether the file is open and no answer outstanding."""
        return self._file is not None and not self._unanswered

    def open(self) -> None:
        """Open the mailbox and fill it with zeros; raises :class:`TseGone`, or :class:`TseBusy` if another
        program uses it."""
        with contextlib.suppress(TseGone):  # the device that owed an answer is gone, and the answer with it
            if self._file is not None:
                self._settle()
        self._reopen()
        self._unanswered = False

    def _reopen(self) -> None:
        self.close()
        file = SectorFile(self.folder / FILE, MAILBOX + SECTOR)
        try:
            self._lock = _locked(self.folder / FILE)
            file.write(bytes(MAILBOX))
        except TseError:
            file.close()
            self.close()
            raise
        self._file = file

    def close(self) -> None:
        """Close the file; never raises."""
        file, self._file, self._stream = self._file, None, None
        if file is not None:
            file.close()
        lock, self._lock = self._lock, -1
        if lock >= 0:
            with contextlib.suppress(OSError):  # a pulled stick
                os.close(lock)

    def suspend(self, mode: Mode, timeout_s: float | None = None) -> None:
        """Allow or forbid the device to go to sleep."""
        self._exchange(_NO_COMMAND, mode, timeout_s)

    def call(self, command: bytes, timeout_s: float | None = None) -> tuple[Value, ...]:
        """Send a command and return the values of its answer; raises the error of its result word."""
        result, body = self._result(self._exchange(command, timeout_s=timeout_s))
        if result == STREAM:
            raise garbled("Export statt einer Antwort")
        rest = Export(result, b"")
        while left := missing(result, body):
            self._stream = rest
            more = self.more(rest, left)
            if more == bytes(2) and is_list(body):  # "nothing more", which would pass for half a number
                raise garbled("Liste zu kurz")
            body += more
        self.end_export(rest)
        return values(body[:result])

    def begin_export(self, command: bytes) -> Export:
        """Send a command that answers with a stream; its rest comes by :meth:`more`."""
        result, body = self._result(self._exchange(command))
        if result != STREAM:
            raise garbled("kein Export")
        self._stream = export(body)
        return self._stream

    def more(self, stream: Export, left: int) -> bytes:
        """The next bytes of a stream of which ``left`` are still to come; raises :class:`TseError` if another
        command has ended it, or the device does."""
        if stream is not self._stream:
            raise TseError("Der Export wurde von einem anderen Vorgang unterbrochen; bitte neu beginnen.")
        data = self._exchange(MORE)
        if len(data) < min(left, 3):  # nothing, or a result word instead of bytes
            self._stream = None
            self._result(data or bytes(2))
            raise garbled("die Fortsetzung fehlt")
        return data

    def end_export(self, stream: Export) -> None:
        """The stream was read to its end."""
        if stream is self._stream:
            self._stream = None

    def guard(self) -> None:
        """Read the guard file, which keeps the device awake; made if it is not there."""
        path = self.folder / GUARD
        file = SectorFile(path, flags=FLAGS | os.O_CREAT)
        try:
            if path.stat().st_size < SECTOR:
                file.write(bytes(SECTOR))
            file.read(SECTOR)
        except OSError as failed:
            raise TseGone(f"{path} ist nicht lesbar: bitte prüfen, ob die TSE steckt.") from failed
        finally:
            file.close()

    # -- one exchange -------------------------------------------------------------------------------

    def _result(self, data: bytes) -> tuple[int, bytes]:
        result = int.from_bytes(data[:2], "big")
        if len(data) < 2:
            raise garbled("ohne Ergebnis")
        if result >= 0x8000 and result != STREAM:
            raise error(result)
        return result, data[2:]

    def _exchange(self, command: bytes, mode: Mode = Mode.NORMAL, timeout_s: float | None = None) -> bytes:
        written = frame(command, mode)
        if command != MORE:
            self._settle()
        self._write(written)
        return self._await(self.timeout_s if timeout_s is None else timeout_s)

    def _write(self, data: bytes) -> None:
        file = self._opened()
        try:
            self._unanswered = True
            file.write(data)
        except TseGone:
            self.close()
            raise

    def _read(self) -> bytes:
        file = self._opened()
        try:
            return file.read(MAILBOX)
        except TseGone:
            self.close()
            raise

    def _opened(self) -> SectorFile:
        if self._file is None:
            raise TseGone("Die TSE ist nicht geöffnet: bitte prüfen, ob sie steckt.")
        return self._file

    def _await(self, timeout_s: float) -> bytes:
        began = time.monotonic()
        pause = FIRST_POLL_S
        while True:
            time.sleep(pause)
            mailbox = self._read()
            try:
                data = answer(mailbox)
            except TseSilent:
                self._unanswered = mailbox[32:33] != b"\xff"  # the controller has given up: nothing comes
                raise
            if data is not None:
                self._unanswered = False
                return data
            waited = time.monotonic() - began
            if waited > timeout_s:
                raise TseSilent(f"Die TSE hat nach {timeout_s:g} s nicht geantwortet.")
            pause = POLL_S if waited < 1 else SLOW_POLL_S

    def _settle(self) -> None:
        """Get rid of an answer that is late, and of a stream nobody reads on."""
        if self._unanswered:
            try:
                self._await(self.drain_s)
            except TseSilent:
                self._reopen()
            self._unanswered = False
        if self._stream is not None:
            self.cancel()

    def cancel(self) -> None:
        """End a stream before its end."""
        self._stream = None
        self._write(frame(CANCEL))
        try:
            self._await(CANCEL_S)
        except TseSilent:
            self._unanswered = False  # known devices say nothing to it


def _locked(path: Path) -> int:
    """Take the device for this process: two of them in one mailbox would read each other's answers."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise TseGone(f"{path} ist nicht da: bitte prüfen, ob die TSE steckt.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if isinstance(error, BlockingIOError):
            raise TseBusy(f"Ein anderes Programm benutzt die TSE in {path.parent}.") from None
        raise TseGone(f"{path} lässt sich nicht sperren ({error.strerror}).") from error
    return handle
