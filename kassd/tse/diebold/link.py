"""Bytes to and from the device: a serial port or TCP. Blocking; used by one thread."""

import socket
from typing import Any, Protocol

from kassd.errors import ConfigError, TseGone
from kassd.tse.diebold.config import DieboldConfig
from kassd.tse.wire import tell

CONNECT_S = 3.0
WRITE_S = 5.0
CHUNK = 65_536


class Link(Protocol):
    """An open connection. Both ways raise ``TseGone`` when the wire has ended."""

    def send(self, data: bytes) -> None: ...
    def receive(self, timeout_s: float) -> bytes:
        """What has come, at least one byte; empty: nothing came in time."""
        ...

    def close(self) -> None: ...


class SerialLink:
    """A USB CDC-ACM port. The device answers only while DTR is on, which opening the port does."""

    def __init__(self, port: str) -> None:
        import serial  # not before it is needed

        self._errors: tuple[type[Exception], ...] = (OSError, serial.SerialException, TypeError)
        try:
            self._port: Any = serial.Serial(port, write_timeout=WRITE_S, exclusive=True)
            self._port.reset_input_buffer()
        except self._errors as error:
            raise TseGone(f"Die TSE an {port} ist nicht da; bitte Kabel und Stecker prüfen.") from error

    def send(self, data: bytes) -> None:
        """Write everything."""
        tell("out", data)
        try:
            self._port.write(data)
        except self._errors as error:
            raise TseGone("Die TSE ist abgezogen.") from error
        tell("sent", data)

    def receive(self, timeout_s: float) -> bytes:
        """Wait for the first byte, take what is there."""
        try:
            self._port.timeout = timeout_s
            first: bytes = self._port.read(1)
            rest: bytes = self._port.read(self._port.in_waiting) if first else b""
        except self._errors as error:
            raise TseGone("Die TSE ist abgezogen.") from error
        tell("in", first + rest)
        return first + rest

    def close(self) -> None:
        """Let the port go."""
        try:
            self._port.close()
        except self._errors as error:
            raise TseGone("Die TSE ist abgezogen.") from error


class TcpLink:
    """A Connect Box."""

    def __init__(self, host: str, port: int) -> None:
        try:
            self._socket = socket.create_connection((host, port), CONNECT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except OSError as error:
            raise TseGone(f"Die TSE an {host}:{port} ist nicht erreichbar: {error}") from error

    def send(self, data: bytes) -> None:
        """Write everything."""
        tell("out", data)
        try:
            self._socket.settimeout(WRITE_S)
            self._socket.sendall(data)
        except OSError as error:
            raise TseGone(f"Die Verbindung zur TSE ist abgerissen: {error}") from error
        tell("sent", data)

    def receive(self, timeout_s: float) -> bytes:
        """Wait for the first bytes."""
        try:
            self._socket.settimeout(max(timeout_s, 0.001))
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            return b""
        except OSError as error:
            raise TseGone(f"Die Verbindung zur TSE ist abgerissen: {error}") from error
        if not data:
            raise TseGone("Die TSE hat die Verbindung beendet.")
        tell("in", data)
        return data

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def open_link(config: DieboldConfig) -> Link:
    """The link the configuration asks for. Raises ``TseGone`` if nobody is there."""
    if config.port:
        return SerialLink(config.port)
    if config.host:
        return TcpLink(config.host, config.tcp_port)
    raise ConfigError("[tse] port oder host fehlt: wo ist die Diebold-Nixdorf-TSE zu finden?")
