"""The port ``Tse`` for a cryptovision TSE.

The device lacks a command to deregister a client, and one for a self test: it tests itself when it is
started, and ``self_test`` asks for its state. It tells its last log message, not that of a client:
``last_result`` looks for the client's among the newest ones.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kassd.clock import Clock
from kassd.errors import TseGone, TseRefused, TseSilent, TseWrong
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.cryptovision import answers, status
from kassd.tse.cryptovision.codec import Code, Status, Value, byte_array, long, string
from kassd.tse.cryptovision.errors import UNKNOWN_COMMAND
from kassd.tse.cryptovision.exports import Exporter
from kassd.tse.cryptovision.link import Link
from kassd.tse.cryptovision.session import ADMIN, TIME_ADMIN, Session
from kassd.tse.cryptovision.status import Identity
from kassd.tse.port import ExportFilter, LastResult, Note, Secrets, SecretsForm, Signed, TseInfo
from kassd.tse.trials import OWN_ADMIN_PIN, Trials

log = logging.getLogger(__name__)
PIN_DIGITS, PUK_DIGITS = 8, 10
NO_LOG_MESSAGE = "ErrorRetrieveLogMessageFailed"
LOOK_BACK = 256  # log messages in which a client's last one is looked for


@dataclass(frozen=True, slots=True)
class CryptovisionConfig:
    """``path``: where the volume is mounted. ``timeout_s``: for one answer. ``drain_s``: how long a late
    answer is waited for before the next call."""

    path: Path
    timeout_s: float = 40.0
    drain_s: float = 65.0


class CryptovisionTse:
    """Implements :class:`kassd.tse.port.Tse`."""

    secrets_form = SecretsForm(PIN_DIGITS, PUK_DIGITS)
    keep_alive_s: float | None = 30.0
    tests_itself = True

    def __init__(
        self, config: CryptovisionConfig, secrets: Secrets | None = None, clock: Clock | None = None
    ) -> None:
        self._session = Session(Link(config.path, config.timeout_s, config.drain_s), secrets)
        self._clock = clock or Clock()
        self._identity: Identity | None = None
        self._newest = 0  # signature counter of the newest answer
        self._exported = 0  # signature counter up to which everything was read
        self._starters: dict[int, str] = {}  # transaction → client, as the log tells

    # power

    async def open(self) -> TseInfo:
        """Open the mailbox, start the device and tell its state."""
        self._identity, self._newest, self._exported = None, 0, 0
        self._starters.clear()
        await self._session.open()
        self._identity = await status.identity(self._session)
        await status.warn_of_wear(self._session)
        return await self.info()

    async def close(self) -> None:
        """Shut the device down and close the mailbox."""
        await self._session.close()
        self._identity = None

    async def keep_alive(self) -> None:
        """Read the guard file."""
        await self._session.run(self._session.link.guard)

    async def info(self) -> TseInfo:
        """Identity, state and limits; memory in percent of the log's."""
        return await status.info(self._session, self._known())

    def _known(self) -> Identity:
        if self._identity is None:
            raise TseGone("Die TSE ist nicht geöffnet: bitte prüfen, ob sie steckt.")
        return self._identity

    # life cycle and clients

    async def provision(
        self, secrets: Secrets, client_id: str, note: Note, taken: frozenset[str] = frozenset()
    ) -> TseInfo:
        """Set PINs and PUKs where the device still has none, initialise, or activate one that was
        deactivated, set the time, register the client; then start the device anew, so that its clock is to
        be set once more."""
        _check(secrets)
        session, trials = self._session, Trials(note, taken)
        await self._set_secrets(secrets, note, trials)
        session.secrets = secrets
        await trials.once(OWN_ADMIN_PIN, lambda: self._set_up(client_id, note))
        await session.shut_down()
        return await self.open()

    async def _set_up(self, client_id: str, note: Note) -> None:
        session = self._session
        async with session.logged_in(ADMIN):
            found = await status.life_cycle(session)
            if found == "factory":
                await note("Initialize")
                await session.call(Code.INITIALIZE)
            elif found == "deactivated":
                await session.call(Code.ACTIVATE)
            await session.call(Code.UPDATE_TIME, long(self._clock.wall_ns() // 1_000_000_000))
            await self._map(client_id)

    async def _set_secrets(self, secrets: Secrets, note: Note, trials: Trials) -> None:
        session = self._session
        states = answers.single(await session.call(Code.GET_PIN_STATES))
        if len(states) != 4:
            raise TseRefused("ErrorPinStates", "Die TSE nennt den Zustand ihrer PINs nicht; bitte tauschen.")
        users = (
            (ADMIN, secrets.admin_pin, secrets.admin_puk, states[0], states[1]),
            (TIME_ADMIN, secrets.time_admin_pin, secrets.time_admin_puk, states[2], states[3]),
        )
        if answers.is_v1(session.firmware):
            if any(states):
                await note("InitializePins")
                every = [byte_array(each.encode()) for _, pin, puk, *_ in users for each in (puk, pin)]
                await session.call(Code.INITIALIZE_PINS, *every)
            return
        for user, _, puk, _, no_puk in users:
            if no_puk:
                await note(f"InitializePins {user}")
                await session.call(Code.INITIALIZE_PINS, string(user), byte_array(puk.encode()))
        for user, pin, puk, no_pin, _ in users:
            if no_pin:
                await note(f"UnblockUser {user}")
                await trials.once(f"puk_{user}_own", partial(session.unblock, user, puk, pin))

    async def unblock(self, user: str, puk: str, new_pin: str) -> None:
        """Give ``Admin`` or ``TimeAdmin`` a new PIN with the PUK (beyond the port)."""
        if not (_digits(new_pin, PIN_DIGITS) and _digits(puk, PUK_DIGITS)):
            raise refused(codes.PARAMETER, f"PIN aus {PIN_DIGITS}, PUK aus {PUK_DIGITS} Ziffern")
        await self._session.unblock(user, puk, new_pin)

    async def self_test(self, client_id: str) -> None:
        """Refused: the wire has no command for it."""
        raise TseRefused(
            "NotSupported",
            "Diese TSE testet sich selbst, wenn sie Strom bekommt, und hat keinen Befehl dafür. Für einen "
            "neuen Test bitte kassd beenden, die TSE abziehen und wieder einstecken.",
        )

    async def set_time(self, unix_seconds: int) -> None:
        """Set the clock as TimeAdmin."""
        async with self._session.logged_in(TIME_ADMIN):
            await self._session.call(Code.UPDATE_TIME, long(unix_seconds))

    async def register(self, client_id: str) -> None:
        """Map a client to the key that signs transactions; again is no error."""
        if client_id not in await status.clients(self._session):
            async with self._session.logged_in(ADMIN):
                await self._map(client_id)

    async def _map(self, client_id: str) -> None:
        if client_id not in await status.clients(self._session):
            await self._session.call(Code.MAP_ERS_TO_KEY, string(client_id), byte_array(self._known().serial))

    async def deregister(self, client_id: str) -> None:
        """Refused: the wire has no command for it."""
        raise TseRefused(
            "NotSupported",
            f"Diese TSE kann Kassen nicht abmelden; {client_id} bleibt an ihr angemeldet, was nicht stört.",
        )

    async def disable(self) -> None:
        """Put the TSE out of use for ever; refused while transactions are open."""
        if await status.status(self._session, Status.OPEN_COUNT):
            raise refused(codes.OPEN_TRANSACTIONS)
        async with self._session.logged_in(ADMIN):
            await self._session.call(Code.DISABLE)

    # transactions

    async def start(self, client_id: str, process_type: str = "", process_data: bytes = b"") -> Signed:
        """Start a transaction."""
        found = await self._session.call(
            Code.START_TRANSACTION,
            string(client_id),
            byte_array(process_data),
            string(process_type),
            byte_array(b""),
        )
        return self._signed(found, None)

    async def update(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Update an open transaction."""
        found = await self._session.call(
            Code.UPDATE_TRANSACTION,
            long(number),
            string(client_id),
            byte_array(process_data),
            string(process_type),
        )
        return self._signed(found, number)

    async def finish(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Finish an open transaction."""
        found = await self._session.call(
            Code.FINISH_TRANSACTION,
            long(number),
            string(client_id),
            byte_array(process_data),
            string(process_type),
            byte_array(b""),
        )
        return self._signed(found, number)

    def _signed(self, found: tuple[Value, ...], number: int | None) -> Signed:
        """Read an answer; one that is older than the last is not the answer to this call."""
        signed = answers.signed(found, number)
        if signed.serial_number != self._known().serial.hex():
            raise TseWrong("Es antwortet eine andere TSE als die geöffnete; bitte die richtige stecken.")
        if signed.signature_counter <= self._newest:
            raise TseSilent("Die TSE hat eine frühere Antwort wiederholt.")
        self._newest = signed.signature_counter
        return signed

    async def open_transactions(self, client_id: str | None = None) -> tuple[int, ...]:
        """Numbers of the open transactions. The device does not tell whose they are, its log does."""
        numbers = await status.open_transactions(self._session)
        if client_id is None or not numbers:
            return numbers
        if await status.clients(self._session) == (client_id,):
            return numbers  # nobody else can have started one: the device forgets no client
        return tuple([number for number in numbers if await self._starter(number) == client_id])

    async def _starter(self, number: int) -> str:
        """The client that started a transaction; empty if its log was deleted."""
        if number not in self._starters:
            try:
                async for member in self._exporter().members(ExportFilter(transaction_number=number)):
                    found = answers.last_result(member.data) if member.name.endswith(".log") else None
                    if found is not None:
                        self._starters[number] = found.client_id
            except TseRefused as error:
                if error.code not in (codes.TRANSACTION_NOT_FOUND, codes.NO_DATA):
                    raise
        return self._starters.get(number, "")

    async def last_result(self, client_id: str) -> LastResult | None:
        """The newest transaction message of a client, if it is among the newest messages of the device."""
        try:
            newest = answers.single(await self._session.call(Code.READ_LOG_MESSAGE))
        except TseRefused as error:
            if error.code not in (codes.NO_DATA, NO_LOG_MESSAGE):
                raise
            return None
        last = answers.last_result(newest)
        if last is not None and last.client_id == client_id:
            return last
        counter = await status.signature_counter(self._session, self._known().serial)
        found: list[LastResult] = []
        async for member in self._exporter().after(max(0, counter - LOOK_BACK), LOOK_BACK):
            one = answers.last_result(member.data) if member.name.endswith(".log") else None
            if one is not None and one.client_id == client_id:
                found.append(one)
        return max(found, key=lambda one: one.signed.signature_counter, default=None)

    # stored log messages

    def _exporter(self) -> Exporter:
        return Exporter(self._session, self._known().serial)

    async def certificates(self) -> bytes:
        """The certificate chain as a TAR archive."""
        return await status.certificate_archive(self._session)

    async def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]:
        """Stream a TAR archive; a full one read to its end allows :meth:`delete_exported`."""
        exporter = self._exporter()
        async for chunk in exporter.run(filter):
            yield chunk
        if exporter.whole:
            self._exported = exporter.newest

    async def delete_exported(self) -> None:
        """Delete the messages up to the last one of the newest full export; later ones stay. A device that
        cannot delete a part erases all, and is told to only if nothing was signed since that export."""
        if not self._exported:
            raise refused(codes.UNEXPORTED)
        serial = self._known().serial
        newest = await status.signature_counter(self._session, serial)  # before the login, which signs too
        async with self._session.logged_in(ADMIN):
            try:
                await self._session.call(Code.DELETE_DATA_UP_TO, byte_array(serial), long(self._exported))
            except TseRefused as error:
                if error.code != UNKNOWN_COMMAND:
                    raise
                if newest != self._exported:
                    raise refused(codes.UNEXPORTED, "seit dem Export wurde signiert") from error
                log.info("cryptovision TSE cannot delete up to a counter; erasing what was exported")
                await self._session.call(Code.ERASE)
        self._exported = 0


def _digits(secret: str, count: int) -> bool:
    return len(secret) == count and secret.isascii() and secret.isdigit()


def _check(secrets: Secrets) -> None:
    pins, puks = (secrets.admin_pin, secrets.time_admin_pin), (secrets.admin_puk, secrets.time_admin_puk)
    if not (all(_digits(pin, PIN_DIGITS) for pin in pins) and all(_digits(puk, PUK_DIGITS) for puk in puks)):
        raise refused(codes.PARAMETER, f"PIN aus {PIN_DIGITS}, PUK aus {PUK_DIGITS} Ziffern")
