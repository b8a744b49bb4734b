"""The TCP connection to an Epson host: frames ended by NUL, one question at a time.

TCP keeps the order, but nothing in an answer says which question it belongs to. So a connection on which a
question stayed open is thrown away, what arrives unasked is dropped, and the asker says what fits.
"""

import asyncio
import hashlib
import logging
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse.epson.codec import MAX_FRAME, NUL, Element, parse_element
from kassd.tse.epson.config import EpsonConfig
from kassd.tse.wire import tell

log = logging.getLogger(__name__)
T = TypeVar("T")


class Link(asyncio.Protocol):
    """One connection; made by :func:`connect`, never used again once it is dead."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._frames: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._asking = True  # the host speaks first

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if (raw := transport.get_extra_info("socket")) is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Cut at NUL; drop what nobody asked for."""
        tell("in", data)
        self._buffer += data
        *frames, rest = bytes(self._buffer).split(NUL)
        self._buffer = bytearray(rest)
        if len(rest) > MAX_FRAME:
            log.error("Epson host sends %d bytes without an end", len(rest))
            self.abort()
        elif self._asking:
            self._frames.extend(frames)
            self._arrived.set()
        elif frames:
            log.warning("Epson host: %d answers that nobody waits for", len(frames))

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        self._transport = None
        self._arrived.set()

    # what the host's owner calls

    @property
    def alive(self) -> bool:
        """Whether anything can be asked."""
        return self._transport is not None and not self._transport.is_closing()

    def abort(self) -> None:
        """Throw the connection away."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
            self._arrived.set()

    async def ask(self, message: bytes, fits: Callable[[Element], T | None], timeout_s: float) -> T:
        """Send ``message`` (none: only listen) and return what ``fits`` makes of the answer.

        Elements for which it gives None are stale and dropped. Raises :class:`TseGone` when the connection
        ends, :class:`TseSilent` after ``timeout_s``; these, unreadable answers and a cancellation end it.
        """
        transport = self._transport
        if transport is None:
            raise _gone()
        self._asking, done = True, False
        try:
            async with asyncio.timeout(timeout_s):
                if message:
                    self._frames.clear()
                    tell("out", message + NUL)
                    transport.write(message + NUL)
                    tell("sent", message + NUL)
                while (found := fits(await self._next())) is None:
                    log.warning("Epson host: stale answer dropped")
            done = True
            return found
        except TimeoutError:
            raise TseSilent(f"Die TSE am Epson-Gerät hat nach {timeout_s:g} s nicht geantwortet.") from None
        finally:
            self._asking = False
            if not done:
                self.abort()

    async def _next(self) -> Element:
        while not self._frames:
            if not self.alive:
                raise _gone()
            self._arrived.clear()
            await self._arrived.wait()
        return parse_element(self._frames.popleft())


def _gone() -> TseGone:
    return TseGone("Die Verbindung zum Epson-Gerät ist abgebrochen; bitte Gerät und Netzwerk prüfen.")


async def connect(config: EpsonConfig) -> Link:
    """Connect and hear the host's greeting. Raises :class:`TseGone` or, for a foreign certificate,
    :class:`TseRefused`."""
    where = f"{config.host}:{config.tcp_port}"
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(config.connect_s):
            context = _context(config) if config.tls else None
            transport, link = await loop.create_connection(Link, config.host, config.tcp_port, ssl=context)
    except ssl.SSLError as error:
        raise TseRefused(
            "TlsFailed",
            f"TLS mit {where} kommt nicht zustande ({error.reason}); bitte den Fingerabdruck eintragen.",
        ) from error
    except (OSError, TimeoutError) as error:
        raise TseGone(
            f"Das Epson-Gerät {where} ist nicht erreichbar: bitte Gerät und Netz prüfen."
        ) from error
    try:
        if config.tls and config.fingerprint:
            _check(config, transport)
        await link.ask(b"", lambda element: True if element.name == "connect" else None, config.connect_s)
    except TseSilent:
        raise TseGone(f"Unter {where} meldet sich kein Epson-Gerät; bitte Adresse und Port prüfen.") from None
    except BaseException:
        link.abort()
        raise
    return link


def _context(config: EpsonConfig) -> ssl.SSLContext:
    """Printers sign their certificates themselves: those are known by their fingerprint only."""
    context = ssl.create_default_context()
    if config.fingerprint:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _check(config: EpsonConfig, transport: asyncio.Transport) -> None:
    certificate = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
    seen = hashlib.sha256(certificate or b"").hexdigest()
    if seen != config.fingerprint.replace(":", "").strip().lower():
        raise TseRefused(
            "TlsFingerprint",
            f"Das Epson-Gerät {config.host} zeigt ein anderes Zertifikat (SHA-256 {seen}); bitte prüfen, ob "
            "es das richtige Gerät ist, und dann den Fingerabdruck in der Konfiguration eintragen.",
        )
