"""The command set of a cryptovision TSE on the device behind it.

Not there: UpdateCertificate and UpdateFirmware, whose parameters the wire's description does not tell; they
are answered as invalid (8001). Not described, and so assumed: Deactivate and Activate want the Admin, as in
TR-03151; a deactivated device logs users in, tells and exports, and does nothing else that is logged.
"""

import tempfile
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Literal

from kassd.errors import TseRefused
from kassd.sim.tse.core import Core
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log import der
from kassd.tse.log.messages import Operation
from kassd.tse.port import ExportFilter, Secrets
from kassd.tse.soft import archive
from kassd.tse.soft.device import Device
from kassd.tse.soft.model import PIN_TRIES

FIRMWARE = {1: "425545 Feb  4 2020 09:12:31", 2: "462076 Dec 18 2019 00:11:50"}
UNIQUE_ID = bytes.fromhex("0103d047f5001b8559efc7f5aaf54c67")
BYTE, BYTE_ARRAY, SHORT, STRING, LONG_ARRAY = 1, 2, 3, 4, 5
NONE = 0xFFFFFFFF
FRAGMENT = 8158
ASLEEP = "deactivated"  # a file beside the device's store: the state outlasts the power

INVALID, TRANSPORT, NO_STARTUP, TOO_MANY, MISMATCH, NO_DATA = 0x8001, 0x801C, 0x801D, 0x8016, 0x8018, 0x8015
NOT_DEACTIVATED, DEACTIVATED = 0x8014, 0x801B

WORDS = {
    codes.STORAGE: 0x8005,
    codes.DISABLED: 0x8006,
    codes.NOT_AUTHORIZED: 0x8007,
    codes.NOT_AUTHENTICATED: 0x8008,
    codes.NOT_INITIALIZED: 0x8009,
    codes.USER_UNKNOWN: 0x800B,
    codes.CERTIFICATE_EXPIRED: 0x800D,
    codes.NO_TRANSACTION: 0x800E,
    codes.TIME_NOT_SET: 0x8011,
    codes.CLIENT_UNKNOWN: 0x8012,
    codes.NO_DATA: 0x8015,
    codes.UNEXPORTED: 0x8017,
    codes.PARAMETER: 0x8018,
    codes.NOT_FOUND: 0x8019,
    codes.TRANSACTION_NOT_FOUND: 0x801A,
}
FAILED = {"set_time": 0x800A, "start": 0x800C, "update": 0x800F, "finish": 0x8010, "export": 0x8004}

# port call that a command belongs to: what faults are named by
NAMES = {
    0x0000: "open", 0x0001: "provision", 0x0002: "provision", 0x0003: "authenticate", 0x0004: "unblock",
    0x0005: "log_out", 0x0006: "provision", 0x0007: "set_time", 0x0009: "register", 0x000A: "start",
    0x000B: "update", 0x000C: "finish", 0x000D: "export", 0x000E: "certificates", 0x000F: "last_result",
    0x0010: "delete_exported", 0x0013: "deactivate", 0x0014: "provision", 0x0015: "disable",
    0x0016: "export", 0x0019: "wear", 0x001B: "delete_exported", 0x00FF: "close",
}  # fmt: skip

# what a deactivated device does not do: clock, clients, transactions, deletion
LOCKED = frozenset({0x0007, 0x0009, 0x000A, 0x000B, 0x000C, 0x0010, 0x001B})

Parameters = list[bytes]


class Refusal(Exception):
    """An answer that is an error word."""

    def __init__(self, word: int) -> None:
        self.word = word
        super().__init__(f"{word:04X}")


def word_of(code: str, name: str) -> int:
    """The error word for a refusal of the device, or for a name given as hexadecimal digits."""
    if code in WORDS:
        return WORDS[code]
    try:
        return int(code, 16)
    except ValueError:
        return FAILED.get(name, 0x8003)


def value(kind: int, data: bytes) -> bytes:
    """One typed value of an answer."""
    return bytes((kind,)) + len(data).to_bytes(2, "big") + data


def array(number: int, size: int = 4) -> bytes:
    """A number in a BYTE_ARRAY."""
    return value(BYTE_ARRAY, number.to_bytes(size, "big"))


class Commands:
    """Turns command data into answer data. ``wear``: what the wear indicator says."""

    def __init__(self, core: Core, hardware: Literal[1, 2], bugs: bool) -> None:
        self._core = core
        self._hardware = hardware
        self._bugs = bugs
        self.wear = 1
        self._started: Device | None = None
        self._table: dict[int, Callable[[Device, Parameters], bytes]] = {
            0x0000: self._start,
            0x0001: self._pin_states,
            0x0002: self._initialize_pins,
            0x0003: self._authenticate,
            0x0004: self._unblock,
            0x0005: lambda d, p: _done(lambda: d.log_out(p[0].decode())),
            0x0006: lambda d, p: _done(d.initialize),
            0x0007: lambda d, p: _done(lambda: d.update_time(_number(p[0], 4))),
            0x0008: self._serial_numbers,
            0x0009: self._map_client,
            0x000A: lambda d, p: self._transaction(d, "start", [b"", *p]),
            0x000B: lambda d, p: self._transaction(d, "update", p),
            0x000C: lambda d, p: self._transaction(d, "finish", p),
            0x000E: lambda d, p: value(BYTE_ARRAY, archive.certificate_members(d.signer)),
            0x000F: self._read_log_message,
            0x0010: lambda d, p: _done(d.delete_exported),
            0x0011: self._config,
            0x0012: self._status,
            0x0013: self._deactivate,
            0x0014: self._activate,
            0x0015: lambda d, p: _done(d.disable),
            0x0017: self._mappings,
            0x0018: self._key_data,
            0x0019: lambda d, p: value(SHORT, self.wear.to_bytes(2, "big")),
            0x001B: self._delete_up_to,
            0x00FF: self._shut_down,
        }

    def name(self, command: bytes) -> str:
        """The port call a command belongs to."""
        if command[:2] != b"\x5c\x54":
            return "fragment" if command == b"\xc5" else "wire"
        code, parameters = int.from_bytes(command[2:4], "big"), command[6:]
        if code == 0x0012 and parameters == value(SHORT, b"\x00\x02"):
            return "open_transactions"
        return NAMES.get(code, "info")

    def started(self, device: Device) -> bool:
        """Whether this device has been started since it has power."""
        return self._started is device

    def suspend(self, allowed: bool) -> None:
        """Allow or forbid sleep; a device that was shut down goes to sleep and loses its clock."""
        if allowed and self._started is None:
            self._core.power_cycle()

    def run(self, command: bytes) -> Iterator[bytes]:
        """Do a command; the answer's data, in parts that follow each other. Raises :class:`Refusal`."""
        length = int.from_bytes(command[4:6], "big")
        if command[:2] != b"\x5c\x54" or length != len(command) - 6:
            raise Refusal(INVALID)
        code, parameters = int.from_bytes(command[2:4], "big"), list(_parameters(command[6:]))

        def work(device: Device) -> Any:
            if code != 0x0000 and self._started is not device:
                raise Refusal(NO_STARTUP)
            try:
                if code in (0x000D, 0x0016):
                    return self._export(device, code, parameters)
                if code not in self._table:
                    raise Refusal(INVALID)
                if code in LOCKED and _asleep(device).exists():
                    raise Refusal(DEACTIVATED)
                return self._table[code](device, parameters)
            except (IndexError, UnicodeDecodeError):
                raise Refusal(MISMATCH) from None

        found = self._core.call(self.name(command), work)
        return found if not isinstance(found, bytes) else self._framed(code, parameters, found)

    def _framed(self, code: int, parameters: Parameters, body: bytes) -> Iterator[bytes]:
        listed = code == 0x0012 and _number(parameters[0], 2) == 2
        wrong = 4 if listed and self._bugs and body else 0  # the known mix-up of two lengths: 21 and 23
        return iter(((len(body) + wrong).to_bytes(2, "big") + body,))

    # power

    def _start(self, device: Device, _: Parameters) -> bytes:
        device.tests_itself = True
        self._started = device
        return value(STRING, FIRMWARE[self._hardware].encode()) + value(BYTE_ARRAY, UNIQUE_ID)

    def _shut_down(self, device: Device, _: Parameters) -> bytes:
        for user in ("Admin", "TimeAdmin"):
            device.log_out(user)
        self._started = None
        return b""

    def _deactivate(self, device: Device, _: Parameters) -> bytes:
        _check_admin(device)
        if device.life_cycle == "factory":
            raise refused(codes.NOT_INITIALIZED)
        if device.life_cycle == "disabled":
            raise refused(codes.DISABLED)
        _asleep(device).touch()
        return b""

    def _activate(self, device: Device, _: Parameters) -> bytes:
        _check_admin(device)
        if not _asleep(device).exists():
            raise Refusal(NOT_DEACTIVATED)
        _asleep(device).unlink()
        return b""

    # users

    def _transport(self, device: Device) -> bytes:
        """PIN and PUK of Admin, then of TimeAdmin: 1 = not set yet."""
        users = device.signer.state.users
        known = [users.get(name) for name in ("Admin", "TimeAdmin")]
        return bytes(flag for user in known for flag in (user is None or not user.pin, user is None))

    def _pin_states(self, device: Device, _: Parameters) -> bytes:
        return value(BYTE_ARRAY, self._transport(device))

    def _initialize_pins(self, device: Device, given: Parameters) -> bytes:
        if self._hardware == 2:
            user, puk = given[0].decode(), _secret(given[1], 10)
            return _done(lambda: device.set_puk(user, puk))
        if not any(self._transport(device)):
            raise Refusal(MISMATCH)
        admin_puk, time_puk = _secret(given[0], 10), _secret(given[2], 10)
        admin_pin, time_pin = _secret(given[1], 8), _secret(given[3], 8)
        secrets = Secrets(admin_pin, time_pin, admin_puk, time_puk)
        return _done(lambda: device.set_secrets(secrets))

    def _authenticate(self, device: Device, given: Parameters) -> bytes:
        user, pin = given[0].decode(), _secret(given[1], 8)
        if any(self._transport(device)):
            raise Refusal(TRANSPORT)
        result = _login(lambda: device.authenticate(user, pin))
        known = device.signer.state.users.get(user)
        tries = known.pin_tries if known is not None else PIN_TRIES
        return value(BYTE, bytes((result,))) + value(SHORT, tries.to_bytes(2, "big"))

    def _unblock(self, device: Device, given: Parameters) -> bytes:
        user, puk, pin = given[0].decode(), _secret(given[1], 10), _secret(given[2], 8)
        return value(BYTE, bytes((_login(lambda: device.unblock(user, puk, pin)),)))

    # keys, clients, state

    def _serial_numbers(self, device: Device, _: Parameters) -> bytes:
        used = der.tlv(der.BOOLEAN, b"\xff")
        row = der.tlv(der.SEQUENCE, der.tlv(der.OCTET_STRING, _serial(device)) + used * 3)
        return value(BYTE_ARRAY, der.tlv(der.SEQUENCE, row))

    def _map_client(self, device: Device, given: Parameters) -> bytes:
        _check_serial(device, given[1])
        return _done(lambda: device.register_client(given[0].decode("ascii")))

    def _mappings(self, device: Device, _: Parameters) -> bytes:
        key = der.tlv(der.OCTET_STRING, _serial(device))
        bodies = [der.tlv(der.OCTET_STRING, each.encode()) + key for each in device.signer.state.clients]
        if not self._bugs:
            return value(
                BYTE_ARRAY, der.tlv(der.SEQUENCE, b"".join(der.tlv(der.SEQUENCE, b) for b in bodies))
            )
        # firmware up to 2.3.1: lengths of one octet whatever they are, and too small
        rows = b"".join(bytes((der.SEQUENCE, (len(body) - 2) & 0xFF)) + body for body in bodies)
        return value(BYTE_ARRAY, bytes((der.SEQUENCE, (len(rows) - 2) & 0xFF)) + rows)

    def _config(self, device: Device, given: Parameters) -> bytes:
        info, kind = device.info(), _number(given[0], 2)
        if kind == 8:
            return value(STRING, b"BSI-K-TR-0000-2020")
        if kind == 1:
            oid = der.tlv(der.OID, der.oid_content(device.signer.identity.algorithm.oid))
            return value(BYTE_ARRAY, oid)
        numbers = {2: 0, 4: info.max_clients, 5: info.max_open_transactions, 6: info.time_sync_interval, 7: 3}
        if kind not in numbers:
            raise Refusal(MISMATCH)
        return array(numbers[kind])

    def _status(self, device: Device, given: Parameters) -> bytes:
        info, kind, model = device.info(), _number(given[0], 2), device.signer.state.model
        if kind == 2:
            opened = device.open_transactions(None)
            return value(LONG_ARRAY, b"".join(number.to_bytes(4, "big") for number in opened))
        if kind == 4:
            states = {"factory": 1, "no_time": 2, "active": 3, "deactivated": 4, "disabled": 5}
            life = "deactivated" if _asleep(device).exists() else info.life_cycle
            return array(states[life], 2)
        if kind in (5, 6):
            used = device.signer.state.stored if kind == 6 else 0
            return array(max(0, model.max_bytes - used), 8)
        numbers = {0: len(info.clients), 1: info.open_transactions, 3: info.transaction_counter}
        if kind not in numbers:
            raise Refusal(MISMATCH)
        return array(numbers[kind])

    def _key_data(self, device: Device, given: Parameters) -> bytes:
        _check_serial(device, given[1])
        identity = device.signer.identity
        match _number(given[0], 2):
            case 0:
                return array(device.signer.state.counter)
            case 1:
                return array(identity.expiry, 8)
            case 2:
                return value(BYTE_ARRAY, identity.public.point)
        raise Refusal(MISMATCH)

    # transactions and stored messages

    def _transaction(self, device: Device, operation: Operation, given: Parameters) -> bytes:
        number = _number(given[0], 4) if operation != "start" else 0
        client, data, kind = given[1].decode("ascii"), given[2], given[3].decode("ascii")
        signed = device.transaction(operation, number, client, kind, data)
        last = device.signer.state.last[client]  # operation, number, counter, unix ms, signature
        time = value(BYTE_ARRAY, (last[3] // 1000).to_bytes(8, "big"))
        first = array(signed.transaction_number) if operation == "start" else b""
        signature = value(BYTE_ARRAY, b64decode(signed.signature))
        return first + array(signed.signature_counter) + time + signature + value(BYTE_ARRAY, _serial(device))

    def _read_log_message(self, device: Device, _: Parameters) -> bytes:
        newest = deque(device.signer.entries(), maxlen=1)
        if not newest:
            raise Refusal(NO_DATA)
        return value(BYTE_ARRAY, b64decode(device.signer.store.read(newest[0].span)["m"]))

    def _delete_up_to(self, device: Device, given: Parameters) -> bytes:
        _check_serial(device, given[0])
        return _done(lambda: device.delete_up_to(_number(given[1], 4)))

    def _export(self, device: Device, code: int, given: Parameters) -> Iterator[bytes]:
        signer = device.signer
        if code == 0x0016:
            _check_serial(device, given[0])
            after, records = _number(given[1], 4), _number(given[2], 4)
            found = [one for one in signer.entries() if one.counter > after][: records or None]
            covers = after <= signer.state.exported
        else:
            chosen, records = _filter(given), _number(given[6], 4)
            found, covers = archive.select(signer, chosen), chosen == ExportFilter()
            if records and len(found) > records:
                raise Refusal(TOO_MANY)
        if not found:
            raise Refusal(NO_DATA)
        spool = tempfile.TemporaryFile()  # noqa: SIM115 (the stream closes it)
        spool.write(archive.head(signer))
        for member in archive.log_members(signer, found):
            spool.write(member)
        return self._stream(device, spool, found[-1].counter if covers else 0)

    def _stream(self, device: Device, spool: IO[bytes], upto: int) -> Iterator[bytes]:
        """The stream without the archive's end; read to its end, what it covers counts as exported."""
        with spool:
            length = spool.tell()
            spool.seek(0)
            yield b"\x90\x00" + length.to_bytes(8, "big")
            while part := spool.read(FRAGMENT):
                if spool.tell() == length and upto:
                    device.mark_exported(upto)
                yield part


def _done(work: Callable[[], None]) -> bytes:
    """Do what answers without values."""
    work()
    return b""


def _parameters(data: bytes) -> Iterator[bytes]:
    while data:
        length = int.from_bytes(data[1:3], "big")
        if data[0] not in (BYTE, BYTE_ARRAY, SHORT, STRING, LONG_ARRAY) or len(data) < 3 + length:
            raise Refusal(INVALID)
        yield data[3 : 3 + length]
        data = data[3 + length :]


def _number(data: bytes, size: int) -> int:
    if len(data) != size:
        raise Refusal(MISMATCH)
    return int.from_bytes(data, "big")


def _secret(data: bytes, size: int) -> str:
    if len(data) != size:
        raise Refusal(MISMATCH)
    return data.decode("ascii")


def _serial(device: Device) -> bytes:
    return bytes.fromhex(device.signer.state.serial)


def _asleep(device: Device) -> Path:
    return device.signer.store.folder / ASLEEP


def _check_admin(device: Device) -> None:
    if not device.logged_in:
        raise refused(codes.NOT_AUTHENTICATED)
    if "Admin" not in device.logged_in:
        raise refused(codes.NOT_AUTHORIZED)


def _check_serial(device: Device, serial: bytes) -> None:
    if serial != _serial(device):
        raise Refusal(0x8013)


def _login(attempt: Callable[[], None]) -> int:
    """Result of a PIN or PUK: 0 ok, 1 failed, 2 blocked, 3 unknown user."""
    results = {codes.WRONG_PIN: 1, codes.PIN_BLOCKED: 2, codes.PUK_BLOCKED: 2, codes.USER_UNKNOWN: 3}
    try:
        attempt()
    except TseRefused as error:
        if error.code not in results:
            raise
        return results[error.code]
    return 0


def _filter(given: Parameters) -> ExportFilter:
    def bound(data: bytes, none: int) -> int | None:
        number = _number(data, 4)
        return None if number == none else number

    return ExportFilter(
        client_id=given[0].decode("ascii") or None,
        transaction_number=bound(given[1], NONE),
        first_transaction=bound(given[2], 0),
        last_transaction=bound(given[3], NONE),
        start_time=bound(given[4], 0),
        end_time=bound(given[5], NONE),
    )
