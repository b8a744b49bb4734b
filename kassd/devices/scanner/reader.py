"""The thread that reads a keyboard, and what it hands on."""

import errno
import os
import select
import threading
import time
from collections.abc import Callable

from kassd.clock import Clock
from kassd.devices.scanner.assembler import Token
from kassd.devices.scanner.keys import EVENT, QUIET, KeyDecoder, note
from kassd.devices.scanner.node import Node
from kassd.devices.scanner.tape import Tape

READ_SIZE = 64 * EVENT.size
# To wake for each report of a full-speed scanner costs more than all else together, and nobody feels the
# difference. The kernel's ring takes 32 ms of them.
BREATH_S = 0.010


class Reader:
    """Waits for events or for :meth:`stop`, decodes, hands over tokens and the final error.

    ``tape`` holds what of a code has been read, perhaps by an earlier process: that is read first.
    """

    def __init__(
        self,
        node: Node,
        tape: Tape,
        decoder: KeyDecoder,
        deliver: Callable[[list[Token]], None],
        ended: Callable[[Exception], None],
    ) -> None:
        self._node = node
        self._tape = tape
        self._decoder = decoder
        self._deliver = deliver
        self._ended = ended
        self._wake_read, self._wake_write = os.pipe()
        self._thread: threading.Thread | None = None

    def start(self, name: str) -> None:
        """Begin to read; errors come through ``ended``."""
        self._thread = threading.Thread(target=self._run, name=f"scanner-{name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, if it has not ended by itself, and close everything."""
        os.write(self._wake_write, b"x")
        if self._thread is not None:
            self._thread.join()
        self._node.close()
        self._tape.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        try:
            self._go_on()
            self._read()
        except OSError as error:
            self._hand_over(self._decoder.stop("unplugged"))
            self._ended(error)
        except Exception as error:  # noqa: BLE001  # a dead thread must not look like a quiet scanner
            self._ended(error)

    def _go_on(self) -> None:
        """Read what lies on the tape."""
        if self._tape.is_full:
            self._hand_over(self._decoder.missed(Clock.mono()))
            return
        tokens = self._decoder.feed(self._tape.saved())
        self._hand_over(tokens[self._tape.handed :])

    def _read(self) -> None:
        """Returns when told to stop; raises OSError when the device is gone."""
        fd = self._node.fd
        os.set_blocking(fd, False)
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        breath = False
        while True:
            if breath:
                time.sleep(BREATH_S)
            else:
                ready = [fd for fd, _ in poll.poll(self._decoder.waits_ns / 1e6 or None)]
                if self._wake_read in ready:
                    return
                if not ready:
                    self._note_quiet()
                    continue
            try:
                data = self._tape.read(fd, READ_SIZE)
            except BlockingIOError:
                breath = False
                continue
            if not data:
                raise OSError(errno.ENODEV, "hung up")
            self._hand_over(self._decoder.feed(data))
            breath = self._decoder.is_fast

    def _note_quiet(self) -> None:
        record = note(QUIET, Clock.mono())
        self._tape.write(record)
        self._hand_over(self._decoder.feed(record))

    def _hand_over(self, tokens: list[Token]) -> None:
        if tokens:
            self._tape.hand_over(len(tokens))
            self._deliver(tokens)
        if self._decoder.at_rest:
            self._tape.rest()
