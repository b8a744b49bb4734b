"""The port :class:`kassd.tse.port.Tse` over the ESC protocol. All waiting is done in one thread.

The wire has no command that tells whether the clock is set, so ``time_valid`` is what this driver knows:
it has set it since the link was opened, and the device has not complained. Nor does it tell the transaction
counter: once per ``open`` the highest number is searched for in the device's store.
"""

import asyncio
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

from kassd.errors import TseError, TseGone, TseRefused, TseWrong
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.diebold import commands as ask
from kassd.tse.diebold.archive import Joined
from kassd.tse.diebold.codec import FACTORY_CLIENT, Command
from kassd.tse.diebold.config import DieboldConfig
from kassd.tse.diebold.export import pieces
from kassd.tse.diebold.link import open_link
from kassd.tse.diebold.pins import Pins, provision
from kassd.tse.diebold.session import Session
from kassd.tse.log.certificates import load
from kassd.tse.log.messages import Operation, TransactionData
from kassd.tse.log.names import certificate_name
from kassd.tse.log.tar import END, entry
from kassd.tse.log.times import to_iso
from kassd.tse.port import ExportFilter, LastResult, Note, Secrets, SecretsForm, Signed, TseInfo
from kassd.tse.trials import Trials

log = logging.getLogger(__name__)

T = TypeVar("T")
BATCH = 16  # pieces; between batches another call gets its turn


class DieboldTse:
    """A TSE of Diebold Nixdorf on a serial port or behind TCP."""

    secrets_form = SecretsForm(pin_digits=5, puk_digits=6)
    keep_alive_s: float | None = None
    tests_itself = False

    def __init__(self, config: DieboldConfig, secrets: Secrets | None = None) -> None:
        self.config = config
        self.pins = Pins(secrets, config.admin_user, config.time_admin_user)
        self._session: Session | None = None
        self._identity: ask.Identity | None = None
        self._time_valid = False
        self._newest, self._newest_sure = 0, False  # the highest transaction number known
        self._last: dict[str, LastResult] = {}
        self._exported: int | None = None  # size of a full export that has been read to its end
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="diebold-tse")

    # link

    async def open(self) -> TseInfo:
        """Open the link if it is not open, make the device quiet, tell its state."""

        def work() -> TseInfo:
            if self._session is None:
                self._session = Session(open_link(self.config), self.config)
                self._time_valid = self._newest_sure = False
            self._session.settled = False
            return self._do(self._open)

        return await self._run(work)

    def _open(self, session: Session) -> TseInfo:
        session.ask(Command.SET_ASB, 0)
        try:
            return self._info(session, log_in=False)
        except TseRefused as error:
            if error.code != codes.SELF_TEST_DUE:
                raise
        log.info("TSE tells nothing before its self test")  # seen on factory-new devices
        session.settle()
        self._self_test(session, FACTORY_CLIENT)
        return self._info(session, log_in=False)

    async def close(self) -> None:
        """Let the link go."""
        await self._run(self._drop)

    def _drop(self) -> None:
        session, self._session = self._session, None
        self._time_valid = False
        if session is not None:
            try:
                session.link.close()
            except TseGone as error:
                log.info("TSE: %s", error)

    async def keep_alive(self) -> None:
        """Nothing to do here."""

    # identity and state

    async def info(self) -> TseInfo:
        """State, counters and limits."""
        return await self._call(self._info)

    def _info(self, session: Session, log_in: bool = True) -> TseInfo:
        session.ask(Command.SET_CLIENT_ID, FACTORY_CLIENT)
        who, slot = self._who(session, opening=not log_in), ask.slot_info(session)
        message = ask.last_message(session)
        counter = message.signature_counter if message is not None else 0
        due = ask.number(session, Command.NEXT_SELF_TEST) == 0
        open_now = ask.number(session, Command.TRANSACTION_COUNT, 1)
        if not self._newest_sure:
            self._newest = ask.newest_transaction(session, self._newest, counter)
            self._newest_sure = True
        return TseInfo(
            serial_number=who.serial,
            public_key=b64encode(who.key).decode(),
            signature_algorithm=slot.algorithm,
            time_format="unixTime",
            life_cycle=slot.life_cycle(self._time_valid),
            time_valid=self._time_valid,
            self_test_due=due,
            signature_counter=counter,
            transaction_counter=self._newest,
            open_transactions=open_now,
            max_open_transactions=ask.number(session, Command.TRANSACTION_COUNT),
            clients=self._clients(session, log_in),
            max_clients=ask.number(session, Command.CLIENT_COUNT),
            certificate_expiry=slot.certificate_expiry,
            certificates=tuple(b64encode(der).decode() for der in who.chain),
            certification_id=slot.description,
            description=slot.description,
            time_sync_interval=ask.number(session, Command.UPDATE_TIME_INTERVAL),
            signatures_left=slot.signatures_left,
            memory_used=ask.memory_used(session),
        )

    def _who(self, session: Session, opening: bool = False) -> ask.Identity:
        """The device's identity; another one, which only ``open`` takes, makes all that was known void."""
        serial = ask.serial(session)
        if not opening and self._identity is not None and self._identity.serial != serial:
            raise TseWrong("Es antwortet eine andere TSE als die geöffnete; bitte die richtige stecken.")
        if self._identity is None or self._identity.serial != serial:
            self._identity = ask.identity(session, serial)
            self._time_valid = self._newest_sure = False
            self._newest, self._exported = 0, None
            self._last.clear()
        return self._identity

    def _clients(self, session: Session, log_in: bool = True) -> tuple[str, ...]:
        """Firmware that tells its clients to the administrator only is asked as such, or not at all."""
        try:
            return ask.clients(session)
        except TseRefused as error:
            known = self.pins.known or not log_in
            if error.code not in (codes.NOT_AUTHENTICATED, codes.NOT_AUTHORIZED) or not known:
                raise
        session.settle()
        if not log_in:
            return ()
        return self.pins.as_admin(session, lambda: ask.clients(session))

    # life cycle and clients

    async def provision(
        self, secrets: Secrets, client_id: str, note: Note, taken: frozenset[str] = frozenset()
    ) -> TseInfo:
        """Take the factory's PINs and PUKs away, initialise, register ``client_id``."""
        ask.checked_client(client_id)
        await provision(self.pins, self._call, secrets, client_id, Trials(note, taken))
        return await self.info()

    async def self_test(self, client_id: str) -> None:
        """Run the self test, which takes up to two minutes."""
        await self._call(lambda session: self._self_test(session, ask.checked_client(client_id)))

    def _self_test(self, session: Session, client_id: str) -> None:
        result = ask.self_test(session, client_id)
        if result == ask.SELF_TEST_NO_CLIENT and client_id != FACTORY_CLIENT:
            result = ask.self_test(session, FACTORY_CLIENT)
        if result != ask.SELF_TEST_OK:
            raise refused(codes.SELF_TEST_FAILED)

    async def set_time(self, unix_seconds: int) -> None:
        """Set the clock as TimeAdmin."""
        moment = ask.checked_date(unix_seconds)

        def work(session: Session) -> None:
            self.pins.as_time_admin(session, lambda: session.tolerate_expiry(Command.UPDATE_TIME, moment))
            self._time_valid = True

        await self._call(work)

    async def register(self, client_id: str) -> None:
        """Register a client; again is no error."""
        ask.checked_client(client_id)

        def work(session: Session) -> None:
            if client_id not in self._clients(session):
                self.pins.as_admin(
                    session, lambda: ask.for_client(session, Command.REGISTER_CLIENT, client_id)
                )

        await self._call(work)

    async def deregister(self, client_id: str) -> None:
        """Deregister a client without open transactions."""
        ask.checked_client(client_id)
        await self._call(
            lambda session: self.pins.as_admin(
                session, lambda: ask.for_client(session, Command.DEREGISTER_CLIENT, client_id)
            )
        )

    async def disable(self) -> None:
        """Put the TSE out of use for ever."""
        await self._call(
            lambda session: self.pins.as_admin(
                session, lambda: session.ask(Command.DISABLE, self.config.slot)
            )
        )

    # transactions

    async def start(self, client_id: str, process_type: str = "", process_data: bytes = b"") -> Signed:
        """Start a transaction."""
        return await self._transaction("start", 0, client_id, process_type, process_data)

    async def update(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Update an open transaction."""
        return await self._transaction("update", number, client_id, process_type, process_data)

    async def finish(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Finish an open transaction."""
        return await self._transaction("finish", number, client_id, process_type, process_data)

    async def _transaction(
        self, operation: Operation, number: int, client_id: str, process_type: str, process_data: bytes
    ) -> Signed:
        def work(session: Session) -> Signed:
            if self._identity is None:
                self._who(session)
            assert self._identity is not None  # just read
            last, self._exported = self._last.pop(client_id, None), None
            sure, self._newest_sure = self._newest_sure, False
            try:
                own, counter, moment, signature, serial = ask.transaction(
                    session, operation, number, client_id, process_type, process_data
                )
            except TseRefused:
                self._newest_sure = sure
                if last is not None:
                    self._last[client_id] = last
                raise
            signed = Signed(own, counter, moment, serial or self._identity.serial, signature)
            self._last[client_id] = LastResult(operation, client_id, signed)
            self._newest, self._newest_sure = max(self._newest, own), sure
            return signed

        return await self._call(work)

    async def open_transactions(self, client_id: str | None = None) -> tuple[int, ...]:
        """Numbers of the open transactions."""

        def work(session: Session) -> tuple[int, ...]:
            names = (client_id,) if client_id is not None else (*self._clients(session), FACTORY_CLIENT)
            return tuple(sorted(chain.from_iterable(ask.started(session, name) for name in names)))

        return await self._call(work)

    async def last_result(self, client_id: str) -> LastResult | None:
        """The device tells its newest log message only; if that is not the client's, this driver's own last
        answer for the client counts, unless one got lost since."""

        def work(session: Session) -> LastResult | None:
            message = ask.last_message(session)
            data = message.data if message is not None else None
            if message is None or not isinstance(data, TransactionData) or data.client_id != client_id:
                return self._last.get(client_id)
            signature = b64encode(message.signature).decode()
            serial, moment = message.serial.hex(), to_iso(message.time)
            signed = Signed(data.transaction_number, message.signature_counter, moment, serial, signature)
            return LastResult(data.operation, client_id, signed)

        return await self._call(work)

    # stored log messages

    async def certificates(self) -> bytes:
        """The certificate chain as a TAR archive."""
        who = await self._call(self._who)
        return b"".join(entry(certificate_name(load(der).serial.hex()), der, 0) for der in who.chain) + END

    async def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]:
        """Stream a TAR archive; a full one read to its end allows :meth:`delete_exported`."""
        joined, full = Joined(filter), filter == ExportFilter()
        running: list[Iterator[bytes]] = []
        if full:
            self._exported = None

        def batch(session: Session) -> tuple[bytes, bool]:
            """The next bytes, and whether more may follow."""
            if not running:
                running.append(pieces(session, filter, joined))
            taken = list(islice(running[0], BATCH))
            return b"".join(taken), len(taken) == BATCH

        more = True
        try:
            while more:
                piece, more = await self._call(batch)
                yield piece
        finally:
            if more and self._session is not None:
                self._session.settled = False  # given up half way: the device's buffer is to be freed
        if full:
            self._exported = joined.size

    async def delete_exported(self) -> None:
        """Delete the log messages of the full export that this driver has read to its end."""

        def work(session: Session) -> None:
            if self._exported is None:
                raise refused(codes.UNEXPORTED)
            size, self._exported = self._exported, None
            self.pins.as_admin(session, lambda: session.ask(Command.DELETE_EXPORTED, self.config.slot, size))

        await self._call(work)

    # how a call is made

    def _do(self, work: Callable[[Session], T]) -> T:
        if self._session is None:
            raise TseGone("Die TSE ist nicht geöffnet.")
        try:
            self._session.settle()
            return work(self._session)
        except (TseGone, TseWrong):
            self._drop()
            raise
        except TseRefused as error:
            self._time_valid = self._time_valid and error.code != codes.TIME_NOT_SET
            raise
        except TseError:
            self._session.settled = False
            raise

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _call(self, work: Callable[[Session], T]) -> T:
        return await self._run(lambda: self._do(work))
