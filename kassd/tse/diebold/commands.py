"""What the driver asks the device for, with typed answers. Blocking; pure but for the session."""

import binascii
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.diebold.codec import (
    CLIENT_ID,
    FACTORY_CLIENT,
    PACKET,
    PRINTABLE,
    CodecError,
    Command,
    digits,
    from_date,
    hexadecimal,
    maybe_digits,
    text,
    to_date,
)
from kassd.tse.diebold.session import Session
from kassd.tse.log.algorithms import BadKey, parse_public_key
from kassd.tse.log.certificates import TseCertificate, load
from kassd.tse.log.messages import LogMessage, Operation, parse
from kassd.tse.log.tar import BLOCK, TarReader
from kassd.tse.log.times import to_iso
from kassd.tse.port import LifeCycle

MAX_TYPE = 100
SELF_TEST_OK, SELF_TEST_NO_CLIENT = 1, 3
PIN_RESULTS = {2: codes.WRONG_PIN, 3: codes.PIN_BLOCKED, 4: codes.USER_UNKNOWN}
INIT = {"start": Command.START_INIT, "update": Command.UPDATE_INIT, "finish": Command.FINISH_INIT}
FINAL = {"start": Command.START_END, "update": Command.UPDATE_END, "finish": Command.FINISH_END}


@dataclass(frozen=True, slots=True)
class SlotInfo:
    """Answer to GetSlotInfo, as far as it is used."""

    state: int
    free: int | None
    signatures_left: int
    algorithm: str
    certificate_expiry: int
    description: str

    @property
    def initialized(self) -> bool:
        """Whether the TSE has left the factory state."""
        return bool(self.state & 0x01)

    @property
    def disabled(self) -> bool:
        """Whether it is out of use for ever."""
        return bool(self.state & 0x02)

    def life_cycle(self, time_valid: bool) -> LifeCycle:
        """In the words of TR-03153."""
        if self.disabled:
            return "disabled"
        if not self.initialized:
            return "factory"
        return "active" if time_valid else "no_time"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the TSE is. ``serial`` hex, ``key`` the raw point, ``chain`` DER, leaf first."""

    serial: str
    key: bytes
    chain: tuple[bytes, ...]


def expect(parameters: Sequence[bytes], least: int, what: str) -> Sequence[bytes]:
    """The parameters, if there are enough of them."""
    if len(parameters) < least:
        raise CodecError(f"{what}: {len(parameters)} statt {least} Werte")
    return parameters


def unbase64(value: bytes) -> bytes:
    """Decode base64."""
    try:
        return b64decode(value, validate=True)
    except binascii.Error:
        raise CodecError(f"kein Base64: {value[:40]!r}") from None


def checked_client(client_id: str) -> str:
    """A client id as the device takes it."""
    if not CLIENT_ID.fullmatch(client_id):
        raise refused(codes.PARAMETER, "Kassenkennung: 1 bis 30 Zeichen aus A-Z a-z 0-9 + , - . : ?")
    return client_id


def checked_date(unix_seconds: int) -> bytes:
    """A moment as the device takes it."""
    if not 0 < unix_seconds < 1 << 35:
        raise refused(codes.PARAMETER, "Zeitpunkt")
    return to_date(unix_seconds)


def slot_info(session: Session) -> SlotInfo:
    """GetSlotInfo; firmware of 2020 leaves capacity and description out."""
    got = expect(session.ask(Command.SLOT_INFO, session.config.slot), 9, "GetSlotInfo")
    return SlotInfo(
        state=hexadecimal(got[1])[0],
        free=maybe_digits(got[5]),
        signatures_left=digits(got[7]),
        algorithm=text(got[8]),
        certificate_expiry=from_date(got[6]),
        description=text(got[10]) if len(got) > 10 else "",
    )


def number(session: Session, command: Command, index: int = 0) -> int:
    """One number out of an answer."""
    return digits(expect(session.ask(command), index + 1, command.name)[index])


def memory_used(session: Session) -> int | None:
    """Percent of the store that is in use."""
    got = expect(session.ask(Command.MEMORY_INFO), 2, "GetMemoryInfo")
    capacity, free = digits(got[0]), digits(got[1])
    return 100 * (capacity - free) // capacity if capacity else None


def clients(session: Session) -> tuple[str, ...]:
    """The registered clients but for the one the factory has registered."""
    names = [text(value) for value in session.collect(Command.CLIENTS, session.config.slot) if value]
    return tuple(name for name in names if name != FACTORY_CLIENT)


def started(session: Session, client_id: str) -> list[int]:
    """Numbers of a client's open transactions."""
    return [digits(value) for value in session.collect(Command.STARTED_TRANSACTIONS, client_id) if value]


def serial(session: Session) -> str:
    """The TSE's serial number."""
    got = expect(session.collect(Command.EXPORT_SERIALS, session.config.slot), 1, "ExportSerialNumbers")
    return unbase64(got[0]).hex()


def identity(session: Session, serial_hex: str) -> Identity:
    """Key and certificates of the TSE with this serial number."""
    values = expect(session.collect(Command.EXPORT_PUBLIC_KEY, session.config.slot), 2, "ExportPublicKey")
    key = checked_key(unbase64(values[1]), serial_hex)
    found = session.collect(Command.EXPORT_CERTIFICATES, session.config.slot)
    loaded = [load(der) for value in found if value for der in _certificates(unbase64(value))]
    return Identity(serial_hex, key, tuple(one.der for one in leaf_first(loaded, serial_hex)))


def checked_key(raw: bytes, serial_hex: str) -> bytes:
    """The raw point of the key that belongs to a serial number."""
    try:
        key = parse_public_key(raw).point
    except BadKey as error:
        raise CodecError(f"öffentlicher Schlüssel der TSE: {error}") from error
    if hashlib.sha256(key).hexdigest() != serial_hex:
        raise CodecError("Seriennummer und Schlüssel der TSE passen nicht zusammen")
    return key


def _certificates(raw: bytes) -> list[bytes]:
    """Certificates out of one value: the certificate itself, or an archive of some."""
    if len(raw) < BLOCK or raw[257:262] != b"ustar":
        return [raw]
    return [member.data for member in TarReader().feed(raw) if "_X509" in member.name]


def leaf_first(found: Iterable[TseCertificate], serial_hex: str) -> list[TseCertificate]:
    """The TSE's own certificate, its issuer, and so on."""
    by_subject = {one.library.subject.public_bytes(): one for one in found}
    here = next((one for one in by_subject.values() if one.serial.hex() == serial_hex), None)
    if here is None:
        raise CodecError("unter den Zertifikaten der TSE ist nicht ihr eigenes")
    chain: list[TseCertificate] = []
    while here is not None and here not in chain:
        chain.append(here)
        here = by_subject.get(here.library.issuer.public_bytes())
    return chain


def for_client(session: Session, command: Command, client_id: str) -> tuple[bytes, ...]:
    """A command that is about the client selected before it."""
    session.ask(Command.SET_CLIENT_ID, client_id)
    return session.ask(command, session.config.slot)


def self_test(session: Session, client_id: str) -> int:
    """Run the self test: 1 well, 2 failed, 3 the client is not registered."""
    session.ask(Command.SET_CLIENT_ID, client_id)
    answer_s = session.config.self_test_s
    got = session.ask(Command.SELF_TEST, session.config.slot, answer_s=answer_s)
    return digits(expect(got, 1, "RunSelfTest")[0])


def last_message(session: Session) -> LogMessage | None:
    """The newest log message of the device; None before there is one."""
    try:
        values = session.collect(Command.LAST_LOG_MESSAGE, session.config.slot)
    except TseRefused as error:
        if error.code != codes.NO_DATA:
            raise
        return None
    return parse(unbase64(expect(values, 1, "ExportLastLogMessage")[-1]))


def transaction(
    session: Session, operation: Operation, number: int, client_id: str, process_type: str, data: bytes
) -> tuple[int, int, str, str, str | None]:
    """Sign: (transaction number, signature counter, log time, signature, serial number at a start only)."""
    if len(process_type) > MAX_TYPE or not PRINTABLE.fullmatch(process_type):
        raise refused(codes.PARAMETER, "Vorgangstyp: höchstens 100 druckbare Zeichen")
    session.ask(Command.SET_CLIENT_ID, checked_client(client_id))
    head = () if operation == "start" else (number,)
    session.ask(INIT[operation], *head, len(data), process_type, 0)
    for packet in range(0, len(data), PACKET):
        piece = b64encode(data[packet : packet + PACKET])
        session.ask(Command.TRANSACTION_DATA, packet // PACKET, piece)
    got = session.ask(FINAL[operation])
    if operation == "start":
        moment, own, serial_number, counter, signature = expect(got, 5, "StartTransactionEnd")[:5]
        of = unbase64(serial_number).hex()
        return digits(own), digits(counter), to_iso(from_date(moment) * 1000), text(signature), of
    moment, counter, signature = expect(got, 3, FINAL[operation].name)[:3]
    return number, digits(counter), to_iso(from_date(moment) * 1000), text(signature), None


def log_in(session: Session, user: str, pin: str) -> str:
    """Log a user in; returns the code of what was wrong with the PIN, or ``""``. An expired certificate
    is no obstacle."""
    session.logged_in.add(user)  # also if the answer is lost
    got = session.tolerate_expiry(Command.LOGIN, session.config.slot, user, pin)
    code = pin_code(got)
    if code:
        session.logged_in.discard(user)
    return code


def pin_code(got: tuple[bytes, ...] | None) -> str:
    """What the device says about a PIN or PUK: 0 and 1 mean that it was right."""
    result = digits(expect(got, 1, "PIN")[0]) if got is not None else 1
    return "" if result <= 1 else PIN_RESULTS.get(result, codes.WRONG_PIN)


def has_transactions(session: Session, first: int, last: int) -> bool:
    """Whether the device's store holds a transaction with a number in this range."""
    pieces = session.values(Command.EXPORT_INTERVAL, session.config.slot, f"{first:010d}", f"{last:010d}", "")
    try:
        found = next(pieces, None) is not None
    except TseRefused as error:
        if error.code != codes.NO_DATA:
            raise
        session.settle()
        return False
    session.reset_export()
    return found


def newest_transaction(session: Session, least: int, most: int) -> int:
    """The highest transaction number in the store, at least ``least``; asks about log2 of the range."""
    low = least
    if most <= low or not has_transactions(session, low + 1, most):
        return low
    low += 1
    while low < most:
        middle = (low + most + 1) // 2
        if has_transactions(session, middle, most):
            low = middle
        else:
            most = middle - 1
    return low
