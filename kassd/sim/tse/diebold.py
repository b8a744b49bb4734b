"""Diebold Nixdorf's TSE behind its ESC protocol: requests in, answers or silence out.

What a power cut takes (selected client, half-told transaction, buffers, error of the last failure) is kept
here; the commands are in :mod:`kassd.sim.tse.diebold_commands`, the wires in
:mod:`kassd.sim.tse.diebold_wire`.
"""

import json
import threading
from dataclasses import dataclass, field

from kassd.errors import TseRefused
from kassd.sim.tse.core import Core, Silence
from kassd.tse import codes
from kassd.tse.diebold.codec import Answer, CodecError, Command, Request
from kassd.tse.diebold.mfc import ERRORS
from kassd.tse.log.messages import Operation
from kassd.tse.port import Secrets
from kassd.tse.soft.device import Device

FACTORY = Secrets("12345", "12345", "000000", "000000")
PENDING = "diebold.json"  # clients registered before the initialisation
CALLS = {
    3: "open", 100: "provision", 101: "set_time", 104: "disable", 106: "register", 107: "deregister",
    109: "info", 112: "self_test", 201: "start", 203: "update", 205: "finish", 300: "export", 301: "export",
    302: "export", 303: "export", 304: "certificates", 306: "last_result", 307: "delete_exported",
    400: "login", 401: "logout", 402: "unblock", 403: "change_puk", 404: "change_pin",
    506: "open_transactions",
}  # fmt: skip
PAIRS = {code: pair for pair, (_, code) in reversed(ERRORS.items()) if code}
PAIRS |= {codes.NOT_FOUND: (1, 0x15), codes.TRANSACTION_NOT_FOUND: (1, 0x0B), codes.NO_DATA: (1, 0x0B)}
SECRECY = range(300, 310)
Values = list[bytes]


class Fails(Exception):
    """The command fails with this error pair."""

    def __init__(self, high: int, low: int) -> None:
        self.pair = high, low


@dataclass
class Told:
    """A transaction command between Init and End."""

    operation: Operation
    number: int
    size: int
    process_type: str
    data: bytes = b""
    packets: int = 0


@dataclass
class Buffer:
    """An answer that is fetched in packets."""

    data: bytes
    packets: int = 0


@dataclass
class Volatile:
    """What a power cut takes."""

    client: str = ""
    error: tuple[int, int] = (0, 0)
    told: Told | None = None
    logged_in: set[str] = field(default_factory=set)
    buffers: dict[int, Buffer] = field(default_factory=dict)
    export: tuple[int, int] | None = None  # size and newest counter of the last full export
    asb: bool = True
    tested_at: int = 0


class Front:
    """Answers requests, one at a time. ``box``: a Connect Box. ``shy``: tells nothing of itself before the
    first self test. ``closed_list``: tells its clients to the administrator only. ``old``: firmware without
    the reset of exports."""

    def __init__(self, core: Core, *, slot: int = 1, box: bool = False) -> None:
        self.core = core
        self.slot = slot
        self.box = box
        self.shy = self.closed_list = self.old = False
        self.now = Volatile()
        self._lock = threading.Lock()

    def power_cycle(self) -> None:
        """Take the power for a moment."""
        with self._lock:
            self.core.power_cycle()
            self.now = Volatile()

    def answer(self, frame: bytes) -> bytes | None:
        """Act on one request; None: silence. Raises ``Unplugged``."""
        with self._lock:
            try:
                request = Request.from_bytes(frame)
            except CodecError:
                self.now.error = 0, 5
                return None
            return self._answer(request)

    def _answer(self, request: Request) -> bytes | None:
        command = request.command
        if command not in (Command.MFC_STATUS, Command.COMMAND_RESPONSE):
            self.now.error = 0, 0
        if request.buffer is not None:
            self.now.buffers.pop(request.buffer, None)
        name = CALLS.get(command, f"{command:03d}")
        try:
            values = self.core.call(name, lambda device: self._act(device, request))
        except Silence:
            return None
        except Fails as failure:
            self.now.error = failure.pair
            return None
        except TseRefused as error:
            self.now.error = PAIRS.get(error.code, (1, 4))
            return None
        except (CodecError, ValueError):
            self.now.error = 0, 8
            return None
        whole = Answer(command, tuple(values), request.id).to_bytes()
        if request.buffer is None:
            return whole
        self.now.buffers[request.buffer] = Buffer(whole)
        return None

    def _act(self, device: Device, request: Request) -> Values:
        from kassd.sim.tse.diebold_commands import COMMANDS

        if request.command not in COMMANDS or (self.old and request.command == Command.RESET_EXPORT):
            raise Fails(0, 3)
        least, most, act = COMMANDS[request.command]
        if not least <= len(request.parameters) <= most:
            raise Fails(0, 7)
        if not device.signer.state.users:
            device.set_secrets(FACTORY)
        if self.shy and device.self_test_due and request.command in SECRECY:
            raise Fails(1, 0x0C)
        return act(self, device, *request.parameters)

    def check_slot(self, slot: bytes) -> None:
        """Only one slot is occupied."""
        if int(slot) != self.slot:
            raise Fails(1, 0x16)

    def selected(self) -> str:
        """The client that SetClientId has selected."""
        if not self.now.client:
            raise Fails(1, 0x0A)
        return self.now.client

    def pending(self, device: Device) -> list[str]:
        """Clients registered before the initialisation."""
        path = device.signer.store.folder / PENDING
        if device.signer.state.initialized or not path.exists():
            return []
        found: list[str] = json.loads(path.read_bytes())
        return found

    def keep_pending(self, device: Device, names: list[str]) -> None:
        """Remember them."""
        (device.signer.store.folder / PENDING).write_text(json.dumps(names), encoding="utf-8")
