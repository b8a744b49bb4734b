"""An Epson host with a TSE in it, on TCP: ePOS-Device XML around JSON, each element ended by NUL.

Wire faults (:data:`KINDS`), named by the port's calls like those of the device, or ``open_device``,
``close_device``, ``challenge``, ``authenticate``, ``log_out``:

``busy``, ``not_open``, ``in_use``: the host's codes, nothing is done. ``no_storage``: the TSE is not in the
host. ``error_timeout``: done, but the host gave up waiting. ``logged_out``: every log-in is forgotten first.
``retry``: export data are not there yet. ``split``: the answer comes byte by byte. ``nul_apart``: its NUL
comes ``ms`` later. ``stale``: the answer before comes again before it. ``cut``: it breaks off with the
connection. ``hang_up``: the connection ends, nothing is done. ``garbage``: it is no XML.
"""

import contextlib
import json
import signal
import socket
import ssl
import threading
import time
import xml.etree.ElementTree as ET
from collections import deque
from pathlib import Path
from xml.sax.saxutils import escape

from kassd.errors import TseRefused
from kassd.sim.tse.core import Core, Silence, Unplugged
from kassd.sim.tse.epson_host import FUNCTIONS, EpsonHost
from kassd.sim.tse.epson_values import OK, VENDOR, Failed
from kassd.tse.soft.device import Device
from kassd.tse.soft.faults import Fault

KINDS = frozenset(
    {"busy", "not_open", "in_use", "no_storage", "error_timeout", "logged_out", "retry"}
    | {"split", "nul_apart", "stale", "cut", "hang_up", "garbage"}
)
MAX_MESSAGE = 65_536
CALLS = {
    "GetStorageInfo": "info",
    "GetRegisteredClientList": "info",
    "SetUp": "provision",
    "SetUpForPrinter": "provision",
    "RunTSESelfTest": "self_test",
    "UpdateTime": "set_time",
    "UpdateTimeForFirst": "set_time",
    "RegisterClient": "register",
    "DeregisterClient": "deregister",
    "DisableSecureElement": "disable",
    "GetChallenge": "challenge",
    "AuthenticateUserForAdmin": "authenticate",
    "AuthenticateUserForTimeAdmin": "authenticate",
    "LogOutForAdmin": "log_out",
    "LogOutForTimeAdmin": "log_out",
    "StartTransaction": "start",
    "UpdateTransaction": "update",
    "FinishTransaction": "finish",
    "GetStartedTransactionList": "open_transactions",
    "GetLastTransactionResponse": "last_result",
    "GetLogMessageCertificate": "certificates",
    "ArchiveExport": "export",
    "ExportFilteredByTransactionNumber": "export",
    "ExportFilteredByTransactionNumberInterval": "export",
    "ExportFilteredByPeriodOfTime": "export",
    "GetExportData": "export",
    "FinalizeExport": "delete_exported",
    "CancelExport": "cancel_export",
}


class _HangUp(Exception):
    """The connection ends now."""


class EpsonSim:
    """The simulator; ``functions``: the last thousand, in the order they came."""

    def __init__(
        self,
        core: Core,
        host: EpsonHost | None = None,
        *,
        device_id: str = "local_TSE",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.core = core
        self.host = host or EpsonHost(core.folder)
        self.device_id = device_id
        self.tls = tls
        self.port = 0
        self.functions: deque[str] = deque(maxlen=1000)
        self.owner: _Connection | None = None
        self.connections: set[_Connection] = set()
        self._listener: socket.socket | None = None

    def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; 0 takes a free port, to be read from ``port``."""
        self._listener = socket.create_server((host, port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), name="epson-sim", daemon=True).start()

    def stop(self) -> None:
        """Hang up, stop listening, power off."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.power_cycle()

    def power_cycle(self) -> None:
        """Take the power of host and TSE for a moment."""
        for connection in tuple(self.connections):
            connection.hang_up()
        self.owner = None
        self.core.power_cycle()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return  # stopped
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(raw,), name="epson-sim-link", daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        try:
            wire = self.tls.wrap_socket(raw, server_side=True) if self.tls is not None else raw
        except OSError:
            raw.close()
            return
        connection = _Connection(self, wire)
        self.connections.add(connection)
        try:
            connection.serve()
        except (OSError, _HangUp, Unplugged):
            pass  # the other side is gone, or a fault ends the connection
        finally:
            self.connections.discard(connection)
            if self.owner is connection:
                self.owner = None
            connection.hang_up()


class _Connection:
    """One register's connection, served by its own thread."""

    def __init__(self, sim: EpsonSim, wire: socket.socket) -> None:
        self.sim, self.wire = sim, wire
        self._last = b""

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.wire.shutdown(socket.SHUT_RDWR)
        self.wire.close()

    def serve(self) -> None:
        if not self.sim.core.plugged():
            return
        number = self.wire.fileno()
        self.wire.sendall(
            f"<connect><data><client_id>sock{number}</client_id><protocol_version>2</protocol_version>"
            "</data></connect>\0".encode()
        )
        rest = b""
        while data := self.wire.recv(65_536):
            *frames, rest = (rest + data).split(b"\0")
            for frame in frames:
                if element := frame.strip(b' \t\r\n"'):
                    self._answer(element)

    def _answer(self, frame: bytes) -> None:
        try:
            root = ET.fromstring(frame)
        except ET.ParseError:
            self._send(b"<error><code>PARAM_ERROR</code></error>", {})
            return
        request = root.findtext("data/requestdata") or ""
        name = _call_name(request) if root.tag == "device_data" else root.tag
        faults = {fault.kind: fault for fault in self.sim.core.wire(name)}
        if "hang_up" in faults:
            raise _HangUp
        device_id = root.findtext("device_id") or ""
        try:
            if root.tag == "device_data":
                reply = self._data(device_id, request, faults)
            else:
                reply = self._device(root.tag, device_id, faults)
        except Silence:
            return
        self._send(reply.encode(), faults)

    def _device(self, tag: str, device_id: str, faults: dict[str, Fault]) -> str:
        sim, code = self.sim, "OK"
        if device_id != sim.device_id or (tag == "open_device" and "no_storage" in faults):
            code = "DEVICE_NOT_FOUND"
        elif tag == "close_device":
            code = "OK" if sim.owner is not None else "DEVICE_NOT_OPEN"
            sim.owner = None
        elif tag != "open_device":
            code = "PARAM_ERROR"
        elif "in_use" in faults or sim.owner not in (None, self):
            code = "DEVICE_IN_USE"
        else:
            try:
                sim.core.call("open", lambda device: None)
                sim.owner = self
            except TseRefused:
                code = "DEVICE_OPEN_ERROR"
        inside = f"<device_id>{escape(device_id)}</device_id><code>{code}</code><data_id>1</data_id>"
        return f"<{tag}>{inside}</{tag}>"

    def _data(self, device_id: str, request: str, faults: dict[str, Fault]) -> str:
        if "not_open" in faults:
            self.sim.owner = None
        if self.sim.owner is not self:
            return _envelope(device_id, "DEVICE_NOT_OPEN")
        if "busy" in faults:
            return _envelope(device_id, "ERROR_DEVICE_BUSY")
        if "retry" in faults:
            self.sim.host.retries = 1
        function, result = "", OK
        output: dict[str, object] = {}
        try:
            if len(request) > MAX_MESSAGE:
                raise Failed("JSON_ERROR_OVER_DATA_SIZE")
            function, given = _request(request)
            if "no_storage" in faults:
                raise Failed("OTHER_ERROR_NO_STORAGE_FOUND")
            result, output = self._execute(function, given, "logged_out" in faults)
        except Failed as error:
            result, output = error.result, error.output
        if "error_timeout" in faults:
            return _envelope(device_id, "ERROR_TIMEOUT")
        details = {"errorinfo": "", "fact": ""}
        answer = {"error": details, "function": function, "output": output, "result": result}
        return _envelope(device_id, "SUCCESS", json.dumps(answer))

    def _execute(
        self, function: str, given: dict[str, object], forget: bool
    ) -> tuple[str, dict[str, object]]:
        host, name = self.sim.host, CALLS.get(function, function)
        self.sim.functions.append(function)
        if function == "FinalizeExport" and given.get("deleteData") is not True:
            name = "cancel_export"
        if forget:
            host.volatile.admin = False
            host.volatile.clients.clear()

        def work(device: Device) -> tuple[str, dict[str, object]]:
            try:
                return OK, host.execute(device, function, given)
            except Failed as error:  # an answer like others: it can be late or lost
                return error.result, error.output

        try:
            return self.sim.core.call(name, work)
        except TseRefused as error:  # a fault's own
            raise Failed(VENDOR.get(error.code, error.code)) from error

    def _send(self, reply: bytes, faults: dict[str, Fault]) -> None:
        last, self._last = self._last, reply
        if "stale" in faults and last:
            self.wire.sendall(last + b"\0")
        if "garbage" in faults:
            reply = b"<device_data><data>" + bytes(range(1, 32))
        if "cut" in faults:
            self.wire.sendall(reply[: len(reply) // 2])
            raise _HangUp
        if "split" in faults:
            for index in range(len(reply)):
                self.wire.sendall(reply[index : index + 1])
            self.wire.sendall(b"\0")
        elif (apart := faults.get("nul_apart")) is not None:
            self.wire.sendall(reply)
            time.sleep((apart.ms or 5) / 1000)
            self.wire.sendall(b"\0")
        else:
            self.wire.sendall(reply + b"\0")


def _envelope(device_id: str, code: str, result: str = "") -> str:
    success = "true" if code == "SUCCESS" else "false"
    return (
        f"<device_data><sequence>0</sequence><device_id>{escape(device_id)}</device_id><data>"
        f"<type>operateresult</type><success>{success}</success><code>{code}</code>"
        f"<resultdata>{escape(result)}</resultdata></data><data_id>0</data_id></device_data>"
    )


def _call_name(request: str) -> str:
    """The port's name of a request, for the faults."""
    try:
        function, given = _request(request)
    except Failed:
        return "malformed"
    if function == "FinalizeExport" and given.get("deleteData") is not True:
        return "cancel_export"
    return CALLS.get(function, function)


def _request(request: str) -> tuple[str, dict[str, object]]:
    """Function and input of a request; raises :class:`Failed` as the host answers it."""
    try:
        data = json.loads(request)
        storage, function, given = data["storage"], data["function"], data["input"]
        kind, vendor = storage["type"], storage["vendor"]
        compress = data["compress"]["type"]
    except ValueError:
        raise Failed("JSON_ERROR_WRONG_JSON_FORMAT") from None
    except (KeyError, TypeError):
        raise Failed("JSON_ERROR_NOT_ENOUGH_CONTENTS") from None
    if not isinstance(given, dict):
        raise Failed("JSON_ERROR_UNEXPECTED_PARAM_TYPE")
    if function not in FUNCTIONS:
        raise Failed("JSON_ERROR_UNEXPECTED_FUNCTION")
    if kind != ("COMMON" if function == "GetStorageInfo" else "TSE"):
        raise Failed("JSON_ERROR_UNEXPECTED_STORAGE_TYPE")
    if kind == "TSE" and vendor != "TSE1":
        raise Failed("JSON_ERROR_UNEXPECTED_STORAGE_VENDOR")
    if compress:
        raise Failed("JSON_ERROR_UNEXPECTED_COMPRESSION_TYPE")
    return function, given


def run_epson_sim(
    folder: Path, port: int = 8009, *, host: str = "127.0.0.1", latency_s: float = 0.25
) -> None:
    """Serve until SIGINT or SIGTERM; port 0 takes a free one."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    sim = EpsonSim(Core(folder, latency_s=latency_s, kinds=KINDS))
    sim.start(host, port)
    print(f"{host}:{sim.port}", flush=True)
    ended.wait()
    sim.stop()
