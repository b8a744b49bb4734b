"""One conversation with the vendor's web service over a WebSocket. Blocking; used by one thread."""

import itertools
import logging
import secrets
import time
from contextlib import ExitStack
from typing import Any

from kassd.errors import ConfigError, TseGone, TseSilent
from kassd.tse.diebold.codec import CodecError
from kassd.tse.diebold.service_codec import frame, refusal, unframe
from kassd.tse.wire import tell

log = logging.getLogger(__name__)

CONNECT_S = 3.0
MAX_FRAME = 16 << 20


class ServiceLink:
    """Open on creation; raises ``TseGone`` if nobody is there. Answers count by their PingPong number."""

    def __init__(self, address: str) -> None:
        try:
            from websockets.exceptions import InvalidURI, WebSocketException
            from websockets.sync.client import connect
        except ImportError:
            raise ConfigError(
                "Für den Dienst der Diebold-Nixdorf-TSE fehlt websockets: pip install 'kassd[diebold]'"
            ) from None
        self._errors = (OSError, WebSocketException)
        self._open = ExitStack()
        self.settled = False
        self._numbers = itertools.count(secrets.randbelow(1 << 30))
        try:
            self._socket = self._open.enter_context(
                connect(address, open_timeout=CONNECT_S, close_timeout=0.5, max_size=MAX_FRAME, proxy=None)
            )
        except InvalidURI as error:
            raise ConfigError(
                f"[tse] service ist keine Adresse wie ws://127.0.0.1:10001/: {error}"
            ) from error
        except self._errors as error:
            raise TseGone(f"Der Dienst der TSE an {address} ist nicht erreichbar: {error}") from error

    def ask(self, command: str, answer_s: float, **fields: Any) -> dict[str, Any]:
        """Send a command; returns its answer. Raises ``TseRefused``, ``TseSilent``, ``TseGone``."""
        number = next(self._numbers)
        try:
            sent = frame({"Command": command, "PingPong": number, **fields})
            tell("out", sent.encode())
            self._socket.send(sent)
            tell("sent", sent.encode())
            answer = self._await(number, time.monotonic() + answer_s)
        except TimeoutError:
            self.settled = False
            raise TseSilent(f"Der Dienst der TSE hat auf {command} nicht geantwortet.") from None
        except self._errors as error:
            raise TseGone(f"Die Verbindung zum Dienst der TSE ist abgerissen: {error}") from error
        if answer.get("Status") != "ok":
            raise refusal(answer)
        return answer

    def settle(self, answer_s: float) -> None:
        """At first and after a silence: wait until the service answers; it does one thing at a time."""
        if not self.settled:
            self.ask("PingPong", answer_s)
            self.settled = True

    def _await(self, number: int, deadline: float) -> dict[str, Any]:
        while True:
            got = self._socket.recv(max(0.0, deadline - time.monotonic()))
            text = got if isinstance(got, str) else got.decode("utf-8", "replace")
            tell("in", text.encode())
            try:
                answer = unframe(text)
            except CodecError as error:
                log.warning("TSE service: %s", error)
                continue
            if answer.get("PingPong") == number:
                return answer
            log.warning("TSE service: late answer %s dropped", answer.get("PingPong"))

    def close(self) -> None:
        """Hang up."""
        try:
            self._open.close()
        except self._errors as error:
            log.info("TSE service: %s", error)
