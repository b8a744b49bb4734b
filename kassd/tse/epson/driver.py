"""The port ``Tse`` for an Epson TSE.

Whoever signs is logged in as TimeAdmin under its client id and stays so; the Administrator is logged in for
one action only. The list of clients can only be read by him, so it is read once and whenever the number of
clients, which the TSE tells everyone, has changed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from kassd.errors import TseError, TseRefused, TseWrong
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.epson import chain, codec
from kassd.tse.epson.codec import Output, StorageInfo
from kassd.tse.epson.config import EpsonConfig
from kassd.tse.epson.export import Sieve, operation_of, plan
from kassd.tse.epson.exporter import Exporter
from kassd.tse.epson.host import Host
from kassd.tse.epson.results import EpsonRefused
from kassd.tse.epson.survey import DECOMMISSIONED, UNINITIALIZED, Survey
from kassd.tse.epson.users import TIME_ADMIN, Users
from kassd.tse.log.messages import Operation
from kassd.tse.port import ExportFilter, LastResult, Note, Secrets, SecretsForm, Signed, TseInfo
from kassd.tse.signatures import verify_answer
from kassd.tse.trials import OWN_ADMIN_PIN, Trials

log = logging.getLogger(__name__)
T = TypeVar("T")

FUNCTIONS: dict[Operation, str] = {
    "start": "StartTransaction",
    "update": "UpdateTransaction",
    "finish": "FinishTransaction",
}


class EpsonTse:
    """A TSE behind an Epson host. Implements :class:`kassd.tse.port.Tse`.

    The TSE has one PUK: ``secrets.admin_puk``; ``time_admin_puk`` is not used.
    """

    secrets_form = SecretsForm(pin_digits=5, puk_digits=6)
    keep_alive_s: float | None = 60.0
    tests_itself = False

    def __init__(self, config: EpsonConfig, secrets: Secrets | None = None) -> None:
        """``secrets``: PINs of a TSE that has been set up."""
        self._config = config
        self._host = Host(config, self._connected)
        self._users = Users(self._host, secrets)
        self._survey = Survey(self._host, self._users)
        self._exporter = Exporter(self._host, self._users)
        self._lock = asyncio.Lock()
        self._client = ""  # ours, as far as known
        self._counter = 0  # the newest signature seen: answers with older ones are stale

    def _connected(self) -> None:
        self._users.forget()
        self._exporter.forget()

    # power

    async def open(self) -> TseInfo:
        """Connect and look which TSE this is."""
        async with self._lock:
            before = self._host.storage
            storage = await self._host.open()
            if before is None or before.serial != storage.serial:
                self._counter = 0
                self._connected()
            return await self._info(storage, log_in=False)

    async def close(self) -> None:
        """Give the TSE back and hang up."""
        async with self._lock:
            try:
                if self._host.alive:
                    async with asyncio.timeout(self._config.connect_s):
                        await self._settle()
            except (TseError, TimeoutError) as error:
                log.info("Epson TSE: closing: %s", error)
            try:
                await self._host.close()
            except TseError as error:
                log.info("Epson TSE: closing: %s", error)

    async def keep_alive(self) -> None:
        """Ask something harmless; end what was left open."""
        async with self._lock:
            if self._exporter.due():
                await self._settle()
            await self._host.look()

    async def info(self) -> TseInfo:
        """State, counters and limits."""
        async with self._lock:
            return await self._info(await self._host.look())

    async def _info(self, storage: StorageInfo, log_in: bool = True) -> TseInfo:
        if not self._exporter.open:
            storage = await self._survey.refresh(storage, log_in)
        return self._survey.info(storage)

    async def _settle(self) -> None:
        await self._exporter.settle()
        await self._users.settle()

    async def _as_admin(self, work: Callable[[], Awaitable[T]]) -> T:
        async with self._lock:
            await self._settle()
            async with self._users.as_admin():
                return await work()

    # life cycle

    async def provision(
        self, secrets: Secrets, client_id: str, note: Note, taken: frozenset[str] = frozenset()
    ) -> TseInfo:
        """Set PUK and PINs, which also initialises; then register ``client_id``. Goes on where it stopped."""
        self._users.trust(secrets)
        async with self._lock:
            await self._settle()
            storage = await self._host.look()
            if storage.state == DECOMMISSIONED:
                raise refused(codes.DISABLED)
            if storage.state == UNINITIALIZED:
                await note("set_up")
                await self._set_up(secrets)
                storage = await self._host.look()
            await Trials(note, taken).once(OWN_ADMIN_PIN, lambda: self._admit(storage, client_id))
            return await self._info(await self._host.look())

    async def _admit(self, storage: StorageInfo, client_id: str) -> None:
        if not storage.passed_self_test:
            await self._self_test()
        async with self._users.as_admin():
            if not storage.unlocked:
                await self._host.call("UnlockTSE")
            await self._register(client_id)
        self._client = client_id

    async def _set_up(self, secrets: Secrets) -> None:
        inputs = {
            "puk": secrets.admin_puk,
            "adminPin": secrets.admin_pin,
            "timeAdminPin": secrets.time_admin_pin,
        }
        for again in (True, False):
            try:
                await self._host.call("SetUp", inputs, timeout_s=self._config.self_test_s)
            except TseRefused as error:
                if error.code == codes.ALREADY_INITIALIZED:
                    return  # an earlier set-up whose answer was lost
                if not again or error.code != codes.SELF_TEST_DUE:
                    raise
                await self._self_test()
            else:
                return

    async def self_test(self, client_id: str) -> None:
        """Run the self test, up to a minute."""
        async with self._lock:
            await self._settle()
            await self._host.look()  # not a minute for another register's TSE
            self._client = client_id
            await self._self_test()

    async def _self_test(self) -> None:
        """A TSE that another host used before does not know this one: it is bound to it and tested again.
        Before the set-up that cannot be; the test counts all the same."""
        limit = self._config.self_test_s
        try:
            await self._host.call("RunTSESelfTest", timeout_s=limit)
            return
        except TseRefused as error:
            if error.code != codes.CLIENT_UNKNOWN:
                raise
        if (await self._host.look()).state == UNINITIALIZED:
            return
        log.warning("Epson TSE: it was used in another host; binding it to this one")
        async with self._users.as_admin():
            await self._host.call("SetUpForPrinter", timeout_s=limit)
        await self._host.call("RunTSESelfTest", timeout_s=limit)

    async def set_time(self, unix_seconds: int) -> None:
        """Set the clock: as our client, which is then ready to sign, or as TimeAdmin before there is one."""
        async with self._lock:
            await self._settle()
            await self._survey.refresh(await self._host.look())
            ours = self._client in (self._survey.clients or ())
            user = self._client if ours else TIME_ADMIN
            inputs = {"userId": user, "newDateTime": codec.date(unix_seconds), "useTimeSync": False}
            try:
                await self._users.as_client(user, lambda: self._host.call("UpdateTime", inputs))
            finally:
                if not ours and self._host.alive:
                    await self._users.log_out_client(user)

    async def disable(self) -> None:
        """Put the TSE out of use for ever."""
        await self._as_admin(lambda: self._host.call("DisableSecureElement"))

    # clients

    async def register(self, client_id: str) -> None:
        """Register a client; again is no error."""
        await self._as_admin(lambda: self._register(client_id))
        self._client = self._client or client_id

    async def _register(self, client_id: str) -> None:
        if client_id not in await self._survey.read_clients():
            await self._host.call("RegisterClient", {"clientId": client_id})
            await self._survey.read_clients()

    async def deregister(self, client_id: str) -> None:
        """Deregister a client without open transactions."""

        async def work() -> None:
            await self._host.call("DeregisterClient", {"clientId": client_id})
            await self._survey.read_clients()
            await self._users.log_out_client(client_id)

        await self._as_admin(work)

    # transactions

    async def start(self, client_id: str, process_type: str = "", process_data: bytes = b"") -> Signed:
        """Start a transaction."""
        return await self._transaction("start", None, client_id, process_type, process_data)

    async def update(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Update an open transaction."""
        return await self._transaction("update", number, client_id, process_type, process_data)

    async def finish(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Finish an open transaction."""
        return await self._transaction("finish", number, client_id, process_type, process_data)

    async def _transaction(
        self, operation: Operation, number: int | None, client_id: str, process_type: str, process_data: bytes
    ) -> Signed:
        inputs = codec.transaction_inputs(client_id, number, process_type, process_data)

        def sign() -> Awaitable[Output]:
            return self._host.call(FUNCTIONS[operation], inputs, accept=self._is_new)

        async with self._lock:
            await self._exporter.settle()  # a customer does not wait for the Administrator's log-out
            if client_id not in self._users.clients:
                await self._check_registered(client_id)
            output = await self._users.as_client(client_id, sign)
            signed = codec.read_signed(output, self._serial(), number)
            if signed.serial_number != self._serial():
                raise TseWrong("Es antwortet eine andere TSE als die geöffnete; bitte die richtige stecken.")
            self._counter = max(self._counter, signed.signature_counter)
            self._survey.newest = max(self._survey.newest, signed.transaction_number)
            return signed

    def _is_new(self, output: Output) -> bool:
        counter = output.get("signatureCounter")
        return not isinstance(counter, int) or counter > self._counter

    async def _check_registered(self, client_id: str) -> None:
        """Logging in a client that may not sign would cost signatures: refuse it here, if that is known."""
        await self._survey.refresh(await self._host.look())
        if self._survey.clients is not None and client_id not in self._survey.clients:
            raise refused(codes.CLIENT_UNKNOWN, client_id)

    def _serial(self) -> str:
        return self._host.storage.serial.hex() if self._host.storage is not None else ""

    async def open_transactions(self, client_id: str | None = None) -> tuple[int, ...]:
        """Numbers of the open transactions."""
        async with self._lock:
            await self._settle()
            return await self._opened(client_id or "")

    async def _opened(self, client_id: str) -> tuple[int, ...]:
        output = await self._host.call("GetStartedTransactionList", {"clientId": client_id})
        return tuple(sorted(codec.read_list(output, "startedTransactionNumberList")))

    async def last_result(self, client_id: str) -> LastResult | None:
        """The newest transaction message of a client. The TSE does not say of which operation it is."""
        async with self._lock:
            await self._settle()
            signed = await self._last(client_id)
            if signed is None:
                return None
            opened = signed.transaction_number in await self._opened(client_id)
        operation: Operation | None = "finish"
        if opened:
            operation = await self._operation(client_id, signed)
        return None if operation is None else LastResult(operation, client_id, signed)

    async def _last(self, client_id: str) -> Signed | None:
        try:
            output = await self._host.call("GetLastTransactionResponse", {"clientId": client_id})
        except EpsonRefused as error:
            if error.code == codes.CLIENT_UNKNOWN or error.result == "TSE1_ERROR_NO_LAST_TRANSACTION":
                return None
            raise
        return codec.read_signed(output, self._serial())

    async def _operation(self, client_id: str, signed: Signed) -> Operation | None:
        """An open transaction's last message is its start or an update: its signature tells for an empty
        start, else the log message does."""
        info = self._survey.info(await self._host.look())
        if await asyncio.to_thread(verify_answer, info, client_id, "start", "", b"", signed):
            return "start"
        logged = ExportFilter(transaction_number=signed.transaction_number)
        return await operation_of(self.export(logged), signed.signature_counter)

    # stored log messages

    async def certificates(self) -> bytes:
        """The certificate chain as a TAR archive."""
        async with self._lock:
            if not self._exporter.open:
                await self._settle()
                await self._survey.refresh(await self._host.look())
            return chain.archive(self._survey.chain)

    async def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]:
        """Stream a TAR archive. Another call in between has priority and ends it.

        A full one read to its end is held open for :meth:`delete_exported`, which must be the next call but
        for :meth:`info` and :meth:`certificates`.
        """
        async with self._lock:
            await self._exporter.settle()  # whoever exported a moment ago goes on without a new log-in
            await self._survey.refresh(await self._host.look())
            chosen = plan(filter, self._survey.newest)
            try:
                session = await self._exporter.begin(chosen)
            except TseRefused as error:
                if error.code != codes.SELF_TEST_DUE:
                    raise
                log.warning("Epson TSE: no export before the self test; running it")
                await self._self_test()
                session = await self._exporter.begin(chosen)
        sieve = Sieve(chosen, filter)
        while True:
            async with self._lock:
                piece = await self._exporter.piece(session)
            if piece is None:
                break
            if kept := sieve.feed(piece):
                yield kept
        if end := sieve.close():
            yield end
        self._exporter.finish(session)

    async def delete_exported(self) -> None:
        """Delete exactly what the export just before has given out."""
        async with self._lock:
            try:
                await self._exporter.delete()
            except TseRefused:
                await self._settle()
                raise
            await self._settle()
