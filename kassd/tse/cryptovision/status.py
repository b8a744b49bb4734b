"""Who the device is and how it is doing, read by its status commands."""

import logging
from base64 import b64encode
from dataclasses import dataclass

from kassd.errors import TseError, TseRefused
from kassd.tse.cryptovision import answers
from kassd.tse.cryptovision.codec import Code, Config, Key, Status, byte_array, short
from kassd.tse.cryptovision.session import Session
from kassd.tse.log.algorithms import BadKey, parse_public_key
from kassd.tse.log.certificates import CertificateError, TseCertificate, load
from kassd.tse.log.names import parse_certificate_name
from kassd.tse.log.tar import END, TarError, TarReader
from kassd.tse.port import LifeCycle, TseInfo

log = logging.getLogger(__name__)
WORN = 80  # of the wear indicator, whose unit is not documented: taken as percent, 100 is worn out


@dataclass(frozen=True, slots=True)
class Identity:
    """What does not change while the stick is in."""

    serial: bytes
    public_key: str
    algorithm: str
    time_format: str
    certificates: tuple[str, ...]
    expiry: int
    certification_id: str
    max_clients: int
    max_transactions: int
    time_sync_interval: int


async def status(session: Session, selector: Status) -> int:
    """One number of ``GetStatus``."""
    return answers.number(await session.call(Code.GET_STATUS, short(selector)))


async def life_cycle(session: Session) -> LifeCycle:
    """The device's state; raises :class:`TseError` for one that is unknown."""
    found = await status(session, Status.LIFE_CYCLE)
    if found not in answers.LIFE_CYCLES:
        raise TseError(f"Die TSE nennt einen unbekannten Zustand ({found}); bitte neu stecken.")
    return answers.LIFE_CYCLES[found]


async def open_transactions(session: Session) -> tuple[int, ...]:
    """Numbers of all open transactions, checked against their count: devices get its length wrong."""
    found = answers.longs(await session.call(Code.GET_STATUS, short(Status.OPEN_LIST)))
    count = await status(session, Status.OPEN_COUNT)
    if len(found) != count:
        raise TseError(f"Die TSE nennt {len(found)} von {count} offenen Transaktionen.")
    return tuple(sorted(found))


async def clients(session: Session) -> tuple[str, ...]:
    """The registered clients."""
    return answers.clients(answers.single(await session.call(Code.GET_ERS_MAPPINGS)))


async def signature_counter(session: Session, serial: bytes) -> int:
    """The newest signature counter."""
    return answers.number(
        await session.call(Code.GET_KEY_DATA, short(Key.SIGNATURE_COUNTER), byte_array(serial))
    )


async def warn_of_wear(session: Session) -> None:
    """Log a wear indicator that is high; firmware that has none is let be."""
    try:
        wear = answers.small_number(await session.call(Code.GET_WEAR_INDICATOR))
    except TseRefused as error:
        log.info("cryptovision TSE: no wear indicator: %s", error)
        return
    if wear >= WORN:
        log.warning("cryptovision TSE: wear indicator %d (taken as percent): plan to export and swap", wear)


async def certificate_archive(session: Session) -> bytes:
    """The certificates as a TAR archive with its end, which devices leave out."""
    raw = answers.single(await session.call(Code.GET_CERTIFICATES))
    reader = TarReader()
    try:
        for _ in reader.feed(raw):
            continue
        reader.close()
    except TarError as error:
        raise TseError(f"Das Zertifikatsarchiv der TSE ist nicht lesbar: {error}") from error
    return raw if reader.ended else raw + END


async def identity(session: Session) -> Identity:
    """Read everything that does not change."""

    async def config(selector: Config) -> int:
        return answers.number(await session.call(Code.GET_CONFIG_DATA, short(selector)))

    async def key(selector: Key) -> bytes:
        return answers.single(await session.call(Code.GET_KEY_DATA, short(selector), byte_array(serial)))

    serial = answers.transaction_serial(answers.single(await session.call(Code.GET_SERIAL_NUMBERS)))
    point = await key(Key.PUBLIC_KEY)
    algorithm = answers.single(await session.call(Code.GET_CONFIG_DATA, short(Config.SIGNATURE_ALGORITHM)))
    named = answers.text(await session.call(Code.GET_CONFIG_DATA, short(Config.CERTIFICATION_ID)))
    try:
        public = parse_public_key(point)
        chain = _chain(await certificate_archive(session), serial)
    except (BadKey, CertificateError, TarError) as error:
        raise TseError(f"Schlüssel oder Zertifikate der TSE sind nicht lesbar: {error}") from error
    if public.serial != serial:
        raise TseError("Der Schlüssel der TSE passt nicht zu ihrer Seriennummer.")
    return Identity(
        serial=serial,
        public_key=b64encode(public.point).decode(),
        algorithm=answers.algorithm(algorithm),
        time_format=answers.TIME_FORMATS.get(await config(Config.SYNC_VARIANT), "unixTime"),
        certificates=tuple(b64encode(each.der).decode() for each in chain),
        expiry=int.from_bytes(await key(Key.CERTIFICATE_EXPIRY), "big"),
        certification_id=named,
        max_clients=await config(Config.MAX_CLIENTS),
        max_transactions=await config(Config.MAX_TRANSACTIONS),
        time_sync_interval=await config(Config.TIME_SYNC_INTERVAL),
    )


def _chain(archive: bytes, serial: bytes) -> list[TseCertificate]:
    """The certificates of an archive, each followed by its issuer, the TSE's own first."""
    members = TarReader().feed(archive)
    rest = []
    for each in members:
        if parse_certificate_name(each.name):
            try:
                rest.append(load(each.data, each.name))
            except CertificateError as error:
                if not error.unsupported:  # an authority on a curve nobody here can use
                    raise
    found = [each for each in rest if each.serial == serial][:1]
    while found:
        rest = [each for each in rest if each.der != found[-1].der]
        parent = [each for each in rest if each.library.subject == found[-1].library.issuer]
        if not parent:
            break
        found += parent[:1]
    return found + [each for each in rest if each not in found]


async def info(session: Session, known: Identity) -> TseInfo:
    """Identity, state and limits."""
    state = await life_cycle(session)
    total, free = await status(session, Status.TOTAL_MEMORY), await status(session, Status.FREE_MEMORY)
    return TseInfo(
        serial_number=known.serial.hex(),
        public_key=known.public_key,
        signature_algorithm=known.algorithm,
        time_format=known.time_format,
        life_cycle=state,
        time_valid=state == "active",
        self_test_due=False,
        signature_counter=await signature_counter(session, known.serial),
        transaction_counter=await status(session, Status.TRANSACTION_COUNTER),
        open_transactions=await status(session, Status.OPEN_COUNT),
        max_open_transactions=known.max_transactions,
        clients=await clients(session),
        max_clients=known.max_clients,
        certificate_expiry=known.expiry,
        certificates=known.certificates,
        certification_id=known.certification_id,
        description=f"cryptovision TSE, Firmware {session.firmware}",
        time_sync_interval=known.time_sync_interval,
        memory_used=min(100, 100 * max(0, total - free) // total) if total else None,
    )
