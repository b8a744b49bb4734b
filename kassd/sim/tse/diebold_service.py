"""The vendor's web service before a simulated TSE: JSON over WebSocket.

What is publicly known of it is in the driver's :mod:`kassd.tse.diebold.service_codec`, and what is not.
Administrative commands log in and out around themselves; transaction commands only compare the password.
Faults of the wire, named by commands (``calls=("Export",)``): ``stale`` the answer before comes once more,
``noise`` something that is no JSON, ``old_id`` the answer bears another number, ``hangup`` the connection
ends instead of an answer, ``deaf`` the request is not heard, ``mute`` it is obeyed but not answered.
"""

import contextlib
import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kassd.clock import Clock
from kassd.errors import TseRefused
from kassd.sim.tse.core import Core, Silence, Unplugged
from kassd.sim.tse.diebold import FACTORY
from kassd.tse import codes
from kassd.tse.diebold.codec import FACTORY_CLIENT
from kassd.tse.diebold.mfc import ERRORS
from kassd.tse.log.messages import Operation
from kassd.tse.log.tar import END
from kassd.tse.log.times import from_iso
from kassd.tse.port import ExportFilter
from kassd.tse.soft import archive
from kassd.tse.soft.device import Device
from kassd.tse.soft.model import Model

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

KINDS = frozenset({"stale", "noise", "old_id", "hangup", "deaf", "mute"})
USERS = {"01": "Admin", "02": "TimeAdmin"}
PIECE = 48_000  # bytes of an export in one answer
LOOK_S = 0.02
CET = timezone(timedelta(hours=1))
CODES = {
    codes.PARAMETER: 4,
    codes.CLIENT_UNKNOWN: 19,
    codes.TOO_MANY_TRANSACTIONS: 21,
    codes.TOO_MANY_CLIENTS: 23,
    codes.CLIENT_IN_USE: 24,
    codes.USER_UNKNOWN: 29,
    codes.WRONG_PIN: 30,
    codes.PIN_BLOCKED: 32,
    codes.PUK_BLOCKED: 33,
    codes.NO_TRANSACTION: 5017,
}
DESC = {code: f"ERROR_{name.removeprefix('E_')}" for name, code in reversed(ERRORS.values()) if code}
CALLS = {
    "SetDefaultClientID": "open", "GetDeviceInfo": "info", "RegisterClientID": "register",
    "DeregisterClientID": "deregister", "StartTransaction": "start", "UpdateTransaction": "update",
    "FinishTransaction": "finish", "Initialize": "provision", "PerformSelfTest": "self_test",
    "UpdateTime": "set_time", "Export": "export", "ExportRemove": "delete_exported",
    "ChangePassword": "change_pin", "ChangePuk": "change_puk", "UnblockUser": "unblock",
    "PingPong": "keep_alive",
}  # fmt: skip
Message = dict[str, Any]


class Service:
    """Answers messages, one at a time."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self._export: list[bytes] | None = None
        self._exported = 0
        self._lock = threading.Lock()

    def answer(self, message: Message) -> Message | None:
        """The answer; None: silence. Raises ``Unplugged``."""
        name = str(message.get("Command", ""))
        echo = {"Command": name} | ({"PingPong": message["PingPong"]} if "PingPong" in message else {})
        with self._lock:
            try:
                found = self.core.call(CALLS.get(name, name), lambda device: self._act(device, name, message))
            except Silence:
                return None
            except TseRefused as error:
                code = CODES.get(error.code, 5)
                if name in ("ChangePuk", "UnblockUser") and error.code == codes.WRONG_PIN:
                    code = 31
                return echo | {"Status": "error", "Code": code, "Desc": DESC.get(error.code, error.code)}
            except (KeyError, ValueError):
                return echo | {"Status": "error", "Code": 3, "Desc": "JSON_CODE_PARAMETER_MISSING"}
        return echo | {"Status": "ok"} | found

    def _act(self, device: Device, name: str, message: Message) -> Message:
        act = ACTS.get(name)
        if act is None:
            raise TseRefused("JSON_CODE_COMMAND_UNKNOWN")
        if not device.signer.state.users:
            device.set_secrets(FACTORY)
        return act(self, device, message)

    def nothing(self, device: Device, message: Message) -> Message:
        """Well."""
        return {}

    def device_info(self, device: Device, message: Message) -> Message:
        """Who it is."""
        serial, description = device.signer.state.serial.upper(), device.signer.state.model.description
        return {"DeviceInfo": {"SerialNumber": serial, "TimeFormat": "UnixTime", "Description": description}}

    def status(self, device: Device, message: Message) -> Message:
        """How it is; to the administrator also who is registered."""
        info, state, model = device.info(), device.signer.state, device.signer.state.model
        found: Message = {"Parameters": {
            "SignatureAlgorithm": info.signature_algorithm,
            "Initialized": state.initialized,
            "Disabled": state.disabled,
            "TimeSet": info.time_valid,
            "SecondsToSelfTest": 0 if info.self_test_due else 3600,
            "SignatureCounter": state.counter,
            "TransactionCounter": state.transactions,
            "StartedTransactions": [{"ClientID": c, "TransactionNumber": n} for n, c in state.open.items()],
            "UpdateTimeInterval": model.time_sync_interval,
            "AvailableSignatures": info.signatures_left,
            "Capacity": model.max_bytes,
            "FreeSpace": max(0, model.max_bytes - state.stored),
        }}  # fmt: skip
        if "Password" in message:
            self._as(device, "Admin", message, lambda: None)
            found["ClientIDs"] = ["DummyDefaultClientId", FACTORY_CLIENT, *state.clients]
        return found

    def data(self, device: Device, message: Message) -> Message:
        """Key or certificates."""
        identity = device.signer.identity
        raw = {"PublicKey": identity.public.point, "Certificates": b"".join(identity.chain)}[message["Name"]]
        value = b64encode(raw).decode() if message.get("Format") == "Base64" else raw.hex()
        return {"Name": message["Name"], "Value": value, "Length": len(raw)}

    def _as(self, device: Device, user: str, message: Message, action: Callable[[], object]) -> None:
        device.authenticate(user, _plain(message["Password"]))
        try:
            action()
        finally:
            device.log_out(user)

    def initialize(self, device: Device, message: Message) -> Message:
        """Leave the factory state."""
        self._as(device, "Admin", message, device.initialize)
        return {}

    def self_test(self, device: Device, message: Message) -> Message:
        """Test itself."""
        device.self_test()
        return {}

    def update_time(self, device: Device, message: Message) -> Message:
        """Set the clock."""
        moment = int(datetime.fromisoformat(message["Time"]).timestamp())
        self._as(device, "TimeAdmin", message, lambda: device.update_time(moment))
        return {}

    def register(self, device: Device, message: Message) -> Message:
        """Register a client."""
        client = message["ClientID"]
        if client in device.signer.state.clients:
            raise TseRefused("Client already registered")
        self._as(device, "Admin", message, lambda: device.register_client(client))
        return {}

    def deregister(self, device: Device, message: Message) -> Message:
        """Deregister a client."""
        self._as(device, "Admin", message, lambda: device.deregister_client(message["ClientID"]))
        return {}

    def transaction(self, operation: Operation, device: Device, message: Message) -> Message:
        """Sign."""
        secret = device.signer.hash_secret(_plain(message["Password"]))
        if secret not in {user.pin for user in device.signer.state.users.values() if user.pin_tries}:
            device.authenticate("TimeAdmin", _plain(message["Password"]))  # costs a try and is refused
        number = 0 if operation == "start" else int(message["TransactionNumber"])
        kind, text = message.get("Typ", ""), message.get("Data", "").encode()
        signed = device.transaction(operation, number, message["ClientID"], kind, text)
        moment = datetime.fromtimestamp(from_iso(signed.log_time) // 1000, CET)
        found: Message = {
            "SignatureCounter": signed.signature_counter,
            "Signature": b64decode(signed.signature).hex().upper(),
            "LogTime": moment.isoformat(timespec="seconds"),
        }
        if operation == "start":
            serial = signed.serial_number.upper()
            found |= {"TransactionNumber": signed.transaction_number, "SerialNumber": serial}
        return found

    def export(self, device: Device, message: Message) -> Message:
        """The next piece of everything."""
        if self._export is None:
            signer = device.signer
            entries = archive.select(signer, ExportFilter())
            raw = archive.head(signer) + b"".join(archive.log_members(signer, entries)) + END
            self._export = [raw[at : at + PIECE] for at in range(0, len(raw), PIECE)]
            self._exported = entries[-1].counter if entries else 0
        piece, last = self._export.pop(0), not self._export
        if last:
            self._export = None
            device.mark_exported(self._exported)
        return {"Value": b64encode(piece).decode(), "Length": len(piece), "Last": last}

    def export_abort(self, device: Device, message: Message) -> Message:
        """Begin anew."""
        self._export = None
        return {}

    def export_remove(self, device: Device, message: Message) -> Message:
        """Delete what was exported."""
        self._as(device, "Admin", message, device.delete_exported)
        return {}


Act = Callable[[Service, Device, Message], Message]


def _plain(value: str) -> str:
    return b64decode(value, validate=True).decode()


def _change(method: Callable[[Device, str, str, str], None], old: str, new: str) -> Act:
    def act(service: Service, device: Device, message: Message) -> Message:
        user = USERS.get(_plain(message["UserID"]))
        if user is None:
            raise TseRefused(codes.USER_UNKNOWN)
        method(device, user, _plain(message[old]), _plain(message[new]))
        return {}

    return act


def _sign(operation: Operation) -> Act:
    return lambda service, device, message: service.transaction(operation, device, message)


ACTS: dict[str, Act] = {
    "PingPong": Service.nothing, "SetDefaultClientID": Service.nothing, "GetDeviceInfo": Service.device_info,
    "GetDeviceStatus": Service.status, "GetDeviceData": Service.data, "Initialize": Service.initialize,
    "PerformSelfTest": Service.self_test, "UpdateTime": Service.update_time,
    "RegisterClientID": Service.register, "DeregisterClientID": Service.deregister,
    "StartTransaction": _sign("start"), "UpdateTransaction": _sign("update"),
    "FinishTransaction": _sign("finish"),
    "ChangePassword": _change(Device.change_pin, "OldPassword", "NewPassword"),
    "ChangePuk": _change(Device.change_puk, "OldPuk", "NewPuk"),
    "UnblockUser": _change(Device.unblock, "Puk", "NewPassword"),
    "Export": Service.export, "ExportAbort": Service.export_abort, "ExportRemove": Service.export_remove,
}  # fmt: skip


class DieboldServiceSim:
    """The service on this machine, at :attr:`address`; running between enter and exit."""

    def __init__(
        self, folder: Path, model: Model | None = None, *, latency_s: float = 0.25, clock: Clock | None = None
    ) -> None:
        self.core = Core(folder, model, latency_s=latency_s, kinds=KINDS, clock=clock)
        self.service = Service(self.core)
        self.port = 0
        self._stopping = threading.Event()
        self._open = contextlib.ExitStack()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Listen."""
        from websockets.sync.server import serve

        self._stopping = threading.Event()
        serving = serve(self._converse, "127.0.0.1", self.port, max_size=16 << 20, close_timeout=0.5)
        server = self._open.enter_context(serving)
        self.port = server.socket.getsockname()[1]
        threading.Thread(target=server.serve_forever, name="diebold-service-sim", daemon=True).start()

    def stop(self) -> None:
        """Hang up and take the power away."""
        self._stopping.set()
        self._open.close()
        self.core.power_cycle()

    def power_cycle(self) -> None:
        """Take the power for a moment."""
        self.stop()
        self.service = Service(self.core)
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _converse(self, connection: "ServerConnection") -> None:
        from websockets.exceptions import ConnectionClosed

        stopping, before = self._stopping, ""
        while not stopping.is_set():
            try:
                text = connection.recv(LOOK_S)
                before = self._hear(connection, str(text), before)
            except TimeoutError:
                continue
            except (ConnectionClosed, Unplugged):
                return

    def _hear(self, connection: "ServerConnection", text: str, before: str) -> str:
        """Answer one frame; returns the answer for the next time. Raises ``Unplugged``."""
        message: Message = json.loads(text.rstrip("\n").removeprefix("\x02").removesuffix("\x03"))
        faults = {fault.kind for fault in self.core.wire(str(message.get("Command")))}
        if "deaf" in faults:
            return before
        answer = self.service.answer(message)
        if "hangup" in faults:
            raise Unplugged
        if answer is None or "mute" in faults:
            return before
        if "noise" in faults:
            connection.send("\x02{\x03\n")
        if "stale" in faults and before:
            connection.send(before)
        if "old_id" in faults:
            answer["PingPong"] = -1
        said = f"\x02{json.dumps(answer)}\x03\n"
        connection.send(said)
        return said


def run_diebold_service_sim(folder: Path, model: Model | None = None, *, port: int = 10001) -> None:
    """Serve until interrupted."""
    sim = DieboldServiceSim(folder, model)
    sim.port = port
    with sim, contextlib.suppress(KeyboardInterrupt):
        print(f"Dienst der Diebold-Nixdorf-TSE (simuliert): {sim.address}", flush=True)
        threading.Event().wait()
