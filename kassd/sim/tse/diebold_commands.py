"""The commands of Diebold Nixdorf's TSE on the soft device: number → (least, most parameters, act)."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace

from kassd.errors import TseRefused
from kassd.sim.tse.diebold import Fails, Front, Told, Values
from kassd.tse import codes
from kassd.tse.diebold.codec import FACTORY_CLIENT, from_date, to_date
from kassd.tse.log.messages import Operation
from kassd.tse.log.tar import END
from kassd.tse.log.times import from_iso
from kassd.tse.port import ExportFilter
from kassd.tse.soft import archive
from kassd.tse.soft.device import Device

USERS = {b"1": "Admin", b"2": "TimeAdmin"}
PIN_RESULTS = {codes.WRONG_PIN: 2, codes.PIN_BLOCKED: 3, codes.PUK_BLOCKED: 3}
PACKET = 4096  # bytes of a buffer that one answer to 004 carries
PIECE = 512  # most raw bytes of one TransactionData
SELF_TEST_S = 25 * 3600
NS = 1_000_000_000
Act = Callable[..., Values]


def _numbers(*values: int) -> Values:
    return [b"%d" % value for value in values]


# 0xx: about the device


def country(front: Front, device: Device) -> Values:
    """API version, country, hardware."""
    return _numbers(2, 2, 23, 65 if front.box else 64)


def status(front: Front, device: Device) -> Values:
    """Error of the last failure and state bits."""
    state = device.signer.state
    bits = (state.initialized and not state.disabled) | (front.now.told is not None) << 1
    bits |= bool(state.open) << 2
    return [b"%02X%02X" % front.now.error, b"%02X" % bits]


def firmware(front: Front, device: Device) -> Values:
    """Versions: six numbers, of a Connect Box nine."""
    return _numbers(1, 3, 497, 1, 1, 497, *((2, 0, 11) if front.box else ()))


def set_asb(front: Front, device: Device, on: bytes) -> Values:
    """Unsolicited status messages on or off."""
    front.now.asb = {b"0": False, b"1": True}[on] if on in (b"0", b"1") else _bad()
    return []


def _bad() -> bool:
    raise Fails(0, 8)


def response(front: Front, device: Device, number: bytes, sequence: bytes) -> Values:
    """The next packet of a buffer."""
    buffer = front.now.buffers.get(int(number))
    if buffer is None:
        raise Fails(*(front.now.error if front.now.error != (0, 0) else (1, 0x0B)))
    if int(sequence) != buffer.packets % 256:
        raise Fails(0, 8)
    at = buffer.packets * PACKET
    data, more = buffer.data[at : at + PACKET], at + PACKET < len(buffer.data)
    buffer.packets += 1
    if not more and front.now.export is not None:
        device.mark_exported(front.now.export[1])
    return [number, sequence, b"00" if more else b"01", b"%d" % len(data), data]


# 1xx: maintenance


def initialize(front: Front, device: Device, slot: bytes, description: bytes) -> Values:
    """Leave the factory state."""
    front.check_slot(slot)
    waiting = front.pending(device)
    device.initialize()
    for client in waiting:
        device.register_client(client)
    return []


def update_time(front: Front, device: Device, moment: bytes) -> Values:
    """Set the clock."""
    device.update_time(from_date(moment))
    return []


def memory(front: Front, device: Device) -> Values:
    """Capacity and free space in bytes."""
    state = device.signer.state
    return _numbers(state.model.max_bytes, max(0, state.model.max_bytes - state.stored))


def disable(front: Front, device: Device, slot: bytes) -> Values:
    """Out of use for ever."""
    front.check_slot(slot)
    device.disable()
    front.now.logged_in.clear()
    return []


def register(front: Front, device: Device, slot: bytes) -> Values:
    """Register the selected client."""
    front.check_slot(slot)
    client = front.selected()
    if device.signer.state.initialized:
        device.register_client(client)
        return []
    if "Admin" not in front.now.logged_in:
        raise Fails(1, 0x10 if front.now.logged_in else 0x11)
    front.keep_pending(device, [name for name in front.pending(device) if name != client] + [client])
    return []


def deregister(front: Front, device: Device, slot: bytes) -> Values:
    """Deregister the selected client."""
    front.check_slot(slot)
    device.deregister_client(front.selected())
    return []


def device_info(front: Front, device: Device, slot: bytes) -> Values:
    """The housing around the TSE."""
    return [b"0012AB34", *_numbers(8 if front.box else 1, 1, 0, 1), b"A", b"192.0.2.7" if front.box else b""]


def slot_info(front: Front, device: Device, slot: bytes) -> Values:
    """The TSE in a slot."""
    front.check_slot(slot)
    info, state = device.info(), device.signer.state
    bits = state.initialized | state.disabled << 1 | (info.memory_used or 0 >= 95) << 2
    return [
        b"03",
        b"%02X" % bits,
        b"0",
        b"0001000200010002",
        *memory(front, device),
        to_date(info.certificate_expiry),
        b"%d" % (info.signatures_left or 0),
        info.signature_algorithm.encode(),
        b"1",
        info.description.encode("ascii", "replace"),
    ]


def self_test(front: Front, device: Device, slot: bytes) -> Values:
    """1: well; 3: the selected client is not registered."""
    front.check_slot(slot)
    if front.selected() not in _all_clients(front, device):
        return _numbers(3)
    device.self_test()
    front.now.tested_at = device.signer.mono()
    return _numbers(1)


def _all_clients(front: Front, device: Device) -> list[str]:
    return [FACTORY_CLIENT, *device.signer.state.clients, *front.pending(device)]


# 2xx: transactions


def _begin(operation: Operation) -> Act:
    def act(front: Front, device: Device, *values: bytes) -> Values:
        front.selected()
        if front.now.told is not None:
            raise Fails(0, 6)
        number, (size, process_type, _) = (
            (0, values) if operation == "start" else (int(values[0]), values[1:])
        )
        front.now.told = Told(operation, number, int(size), process_type.decode("ascii"))
        return []

    return act


def data(front: Front, device: Device, packet: bytes, piece: bytes) -> Values:
    """A piece of the process data."""
    told = front.now.told
    if told is None or int(packet) != told.packets:
        raise Fails(0, 6)
    raw = b64decode(piece, validate=True)
    if len(raw) > PIECE or len(told.data) + len(raw) > told.size:
        raise Fails(0, 8)
    told.data, told.packets = told.data + raw, told.packets + 1
    return []


def void(front: Front, device: Device) -> Values:
    """Forget the half-told transaction command."""
    if front.now.told is None:
        raise Fails(0, 6)
    front.now.told = None
    return []


def _end(operation: Operation) -> Act:
    def act(front: Front, device: Device) -> Values:
        told = front.now.told
        if told is None or told.operation != operation:
            raise Fails(0, 6)
        if len(told.data) != told.size:
            raise Fails(0, 8)
        signed = device.transaction(operation, told.number, front.selected(), told.process_type, told.data)
        front.now.told = None
        moment = to_date(from_iso(signed.log_time) // 1000)
        rest = [b"%d" % signed.signature_counter, signed.signature.encode()]
        if operation != "start":
            return [moment, *rest]
        serial = b64encode(bytes.fromhex(signed.serial_number))
        return [moment, b"%d" % signed.transaction_number, serial, *rest]

    return act


# 3xx: exports


def _archive(front: Front, device: Device, chosen: ExportFilter) -> Values:
    signer = device.signer
    entries = archive.select(signer, chosen)
    raw = archive.head(signer) + b"".join(archive.log_members(signer, entries)) + END
    if archive.is_full(chosen) and entries:
        front.now.export = len(raw), entries[-1].counter
    return [b64encode(raw)]


def export_all(front: Front, device: Device, slot: bytes) -> Values:
    """Everything."""
    front.check_slot(slot)
    return _archive(front, device, ExportFilter())


def export_transaction(front: Front, device: Device, slot: bytes, number: bytes, client: bytes) -> Values:
    """One transaction."""
    front.check_slot(slot)
    chosen = ExportFilter(transaction_number=int(number), client_id=client.decode() or None)
    return _archive(front, device, chosen)


def export_interval(front: Front, device: Device, slot: bytes, *values: bytes) -> Values:
    """Transactions from … to …."""
    front.check_slot(slot)
    first, last, client = values
    chosen = ExportFilter(None, None, int(first), int(last))
    return _archive(front, device, _of(chosen, client))


def export_period(front: Front, device: Device, slot: bytes, *values: bytes) -> Values:
    """What was signed from … to …."""
    front.check_slot(slot)
    start, end, client = values
    chosen = ExportFilter(start_time=from_date(start), end_time=from_date(end))
    return _archive(front, device, _of(chosen, client))


def _of(chosen: ExportFilter, client: bytes) -> ExportFilter:
    return replace(chosen, client_id=client.decode() or None)


def certificates(front: Front, device: Device, slot: bytes) -> Values:
    """The chain, a value each, the root first."""
    front.check_slot(slot)
    return [b64encode(der) for der in reversed(device.signer.identity.chain)]


def serials(front: Front, device: Device, slot: bytes) -> Values:
    """The serial number."""
    front.check_slot(slot)
    return [b64encode(bytes.fromhex(device.signer.state.serial))]


def public_key(front: Front, device: Device, slot: bytes) -> Values:
    """Serial number and key."""
    return [*serials(front, device, slot), b64encode(device.signer.identity.public.point)]


def last_message(front: Front, device: Device, slot: bytes) -> Values:
    """The newest log message."""
    front.check_slot(slot)
    newest = None
    for newest in device.signer.entries():  # noqa: B007 (the last one counts)
        pass
    if newest is None:
        raise Fails(1, 0x0D)
    return [device.signer.store.read(newest.span)["m"].encode()]


def delete_exported(front: Front, device: Device, slot: bytes, size: bytes) -> Values:
    """Delete what the last full export of this size covered."""
    front.check_slot(slot)
    if front.now.export is None or int(size) != front.now.export[0]:
        raise Fails(0, 8)
    device.delete_exported()
    front.now.export = None
    return [size]


def reset_export(front: Front, device: Device, slot: bytes) -> Values:
    """Give the buffers free."""
    front.now.buffers.clear()
    return []


# 4xx: users


def login(front: Front, device: Device, slot: bytes, user: bytes, pin: bytes) -> Values:
    """1: well, 2: wrong, 3: blocked."""
    front.check_slot(slot)
    result = _judged(lambda: device.authenticate(_user(user), pin.decode()))
    if result == 1:
        front.now.logged_in.add(_user(user))
    return _numbers(result)


def logout(front: Front, device: Device, slot: bytes, user: bytes) -> Values:
    """End a login."""
    front.check_slot(slot)
    device.log_out(_user(user))
    front.now.logged_in.discard(_user(user))
    return _numbers(1)


def _change(method: Callable[[Device, str, str, str], None]) -> Act:
    def act(front: Front, device: Device, slot: bytes, user: bytes, old: bytes, new: bytes) -> Values:
        front.check_slot(slot)
        return _numbers(_judged(lambda: method(device, _user(user), old.decode(), new.decode())))

    return act


def _user(user: bytes) -> str:
    if user not in USERS:
        raise Fails(1, 0x12)
    return USERS[user]


def _judged(attempt: Callable[[], None]) -> int:
    try:
        attempt()
    except TseRefused as error:
        if error.code not in PIN_RESULTS:
            raise
        return PIN_RESULTS[error.code]
    return 1


# 5xx: lists and limits


def client_count(front: Front, device: Device) -> Values:
    """Most, now."""
    return _numbers(device.signer.state.model.max_clients, len(_all_clients(front, device)))


def clients(front: Front, device: Device, slot: bytes) -> Values:
    """The registered clients, the factory's included."""
    front.check_slot(slot)
    if front.closed_list and "Admin" not in front.now.logged_in:
        raise Fails(1, 0x11)
    return [name.encode() for name in _all_clients(front, device)]


def transaction_count(front: Front, device: Device) -> Values:
    """Most open transactions, now."""
    state = device.signer.state
    return _numbers(state.model.max_open_transactions, len(state.open))


def started(front: Front, device: Device, client: bytes = b"") -> Values:
    """Open transactions of a client or of all."""
    return _numbers(*device.open_transactions(client.decode() or None))


def time_interval(front: Front, device: Device) -> Values:
    """Seconds between two settings of the clock."""
    return _numbers(device.signer.state.model.time_sync_interval)


def next_self_test(front: Front, device: Device) -> Values:
    """Seconds; 0: it is due."""
    passed = (device.signer.mono() - front.now.tested_at) // NS
    return _numbers(0 if device.self_test_due else max(1, SELF_TEST_S - passed))


def set_client(front: Front, device: Device, client: bytes) -> Values:
    """Select the client of what follows."""
    if not 1 <= len(client) <= 30:
        raise Fails(0, 8)
    front.now.client = client.decode("ascii")
    return []


COMMANDS: dict[int, tuple[int, int, Act]] = {
    0: (0, 0, country), 1: (0, 0, status), 2: (0, 0, firmware), 3: (1, 1, set_asb), 4: (2, 2, response),
    100: (2, 2, initialize), 101: (1, 1, update_time), 102: (0, 0, memory), 104: (1, 1, disable),
    106: (1, 1, register), 107: (1, 1, deregister), 108: (1, 1, device_info), 109: (1, 1, slot_info),
    112: (1, 1, self_test),
    200: (3, 3, _begin("start")), 201: (0, 0, _end("start")),
    202: (4, 4, _begin("update")), 203: (0, 0, _end("update")),
    204: (4, 4, _begin("finish")), 205: (0, 0, _end("finish")), 206: (2, 2, data), 207: (0, 0, void),
    300: (1, 1, export_all), 301: (3, 3, export_transaction), 302: (4, 4, export_interval),
    303: (4, 4, export_period), 304: (1, 1, certificates), 305: (1, 1, serials), 306: (1, 1, last_message),
    307: (2, 2, delete_exported), 308: (1, 1, public_key), 309: (1, 1, reset_export),
    400: (3, 3, login), 401: (2, 2, logout), 402: (4, 4, _change(Device.unblock)),
    403: (4, 4, _change(Device.change_puk)), 404: (4, 4, _change(Device.change_pin)),
    500: (0, 0, client_count), 502: (1, 1, clients), 504: (0, 0, transaction_count), 506: (0, 1, started),
    507: (0, 0, time_interval), 508: (0, 0, next_self_test), 509: (1, 1, set_client),
}  # fmt: skip
