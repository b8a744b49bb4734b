"""The port ``Tse`` for Swissbit TSEs.

The mailbox has no logout: a login lasts until the TSE loses power. The driver logs in once per opening and
role, so that a wrong PIN shows at once, and never sends a refused secret again. What the mailbox has no
command for goes through the vendor's library if it is configured, and is refused otherwise.
"""

import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from kassd.clock import Clock
from kassd.errors import TseError, TseGone, TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log.messages import Operation
from kassd.tse.port import ExportFilter, LastResult, Note, Secrets, SecretsForm, Signed, TseInfo
from kassd.tse.swissbit import codec
from kassd.tse.swissbit.codec import User
from kassd.tse.swissbit.export import Fingerprint, batches, certificate_archive, filtered, full_export
from kassd.tse.swissbit.info import DECOMMISSIONED, UNINITIALIZED, Status
from kassd.tse.swissbit.session import Session
from kassd.tse.swissbit.settings import SwissbitConfig
from kassd.tse.swissbit.worm import Worm, load
from kassd.tse.trials import OWN_ADMIN_PIN, OWN_TIME_ADMIN_PIN, Trials
from kassd.tse.volume import DeviceThread

log = logging.getLogger(__name__)

T = TypeVar("T")
EXPORT_S = 600.0  # a filter reads the whole store before its first byte


class SwissbitTse:
    """A Swissbit TSE on a mounted volume. Implements :class:`kassd.tse.port.Tse`."""

    secrets_form = SecretsForm(pin_digits=5, puk_digits=6)
    keep_alive_s: float | None = 60.0
    tests_itself = False

    def __init__(self, config: SwissbitConfig, secrets: Secrets | None = None) -> None:
        """``secrets``: those in force; the TSE has one PUK, ``admin_puk``."""
        self.config = config
        self._session = Session(config, secrets)
        self._thread = DeviceThread("swissbit")
        self._exported: bytes | None = None

    # -- opening

    async def open(self) -> TseInfo:
        """Open the volume's files and tell the state."""

        def work() -> TseInfo:
            self._session.open()
            return self._session.info(log_in=False)

        return await self._call(work)

    async def close(self) -> None:
        """Close the files; the TSE stays powered and logged in."""
        with contextlib.suppress(TseError):
            await self._thread.run(self._session.close, self.config.timeout_s)

    async def info(self) -> TseInfo:
        """State, counters and limits."""
        return await self._call(self._session.info)

    async def keep_alive(self) -> None:
        """Read the status, so that the stick does not fall asleep."""
        await self._call(self._session.status)

    # -- setting up

    async def provision(
        self, secrets: Secrets, client_id: str, note: Note, taken: frozenset[str] = frozenset()
    ) -> TseInfo:
        """Change PUK and PINs, register the client, pass the self test, open the interface, initialise. The
        status file tells which secrets have been changed already."""
        session, trials = self._session, Trials(note, taken)
        session.secrets = secrets
        session.logged_in.clear()
        status = await self._call(session.status)
        if status.state == DECOMMISSIONED:
            raise refused(codes.DISABLED)
        tested = status.self_test_passed or await self._first_self_test(client_id)
        await self._change_secrets(status, secrets, note, trials)
        await trials.once(OWN_ADMIN_PIN, lambda: self._call(lambda: session.register(client_id)))
        if not tested:
            await self.self_test(client_id)
        await self._call(lambda: session.as_user("Admin", lambda: session.ask(codec.CTSS_ENABLE)))
        if status.state == UNINITIALIZED:
            await note("initialize")
            await trials.once(OWN_TIME_ADMIN_PIN, lambda: self._call(self._initialize))
        return await self.info()

    def _initialize(self) -> None:
        """Some register programs set the clock before, the vendor's library after it."""
        session = self._session
        try:
            session.as_user("Admin", lambda: session.ask(codec.INITIALIZE))
        except TseRefused as error:
            if error.code != codes.TIME_NOT_SET:
                raise
            session.set_time(Clock().wall_ns() // 1_000_000_000)
            session.as_user("Admin", lambda: session.ask(codec.INITIALIZE))

    async def _first_self_test(self, client_id: str) -> bool:
        """A power-up wants it before all else; it fails until the client is registered."""
        try:
            await self.self_test(client_id)
        except TseRefused as error:
            if error.code == codes.SELF_TEST_FAILED:
                raise
            log.info("self test before the set-up: %s", error.code)
            return False
        return True

    async def _change_secrets(self, status: Status, secrets: Secrets, note: Note, trials: Trials) -> None:
        session, seed = self._session, self.config.credential_seed
        first = codec.initial_credentials(seed, status.serial)

        async def change(step: str, work: Callable[[], None]) -> None:
            await note(step)
            tag = hashlib.sha256(seed.encode()).hexdigest()[:8]  # another dealer's seed is another secret
            await trials.once(f"{step}_{tag}", lambda: self._call(work))

        if not status.puk_changed:
            await change("change_puk", lambda: session.change_puk(first.puk, secrets.admin_puk))
        if not status.admin_pin_changed:
            pins = first.admin_pin, secrets.admin_pin
            await change("change_admin_pin", lambda: session.change_pin("Admin", *pins))
        if not status.time_admin_pin_changed:
            others = first.time_admin_pin, secrets.time_admin_pin
            await change("change_time_admin_pin", lambda: session.change_pin("TimeAdmin", *others))

    async def self_test(self, client_id: str) -> None:
        """Run the self test; takes up to a minute."""
        timeout_s = self.config.self_test_s + self.config.timeout_s
        await self._call(lambda: self._session.self_test(client_id), timeout_s)

    async def set_time(self, unix_seconds: int) -> None:
        """Set the clock as TimeAdmin."""
        await self._call(lambda: self._session.set_time(unix_seconds))

    async def register(self, client_id: str) -> None:
        """Register a client as Admin; again is no error."""
        await self._call(lambda: self._session.register(client_id))

    async def deregister(self, client_id: str) -> None:
        """Deregister a client without open transactions, as Admin."""
        await self._call(lambda: self._session.deregister(client_id))

    # -- transactions

    async def start(self, client_id: str, process_type: str = "", process_data: bytes = b"") -> Signed:
        """Start a transaction."""
        return await self._sign("start", 0, client_id, process_type, process_data)

    async def update(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Update an open transaction."""
        return await self._sign("update", number, client_id, process_type, process_data)

    async def finish(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Finish an open transaction."""
        return await self._sign("finish", number, client_id, process_type, process_data)

    async def _sign(self, operation: Operation, number: int, client: str, type_: str, data: bytes) -> Signed:
        return await self._call(lambda: self._session.sign(operation, number, client, type_, data))

    async def open_transactions(self, client_id: str | None = None) -> tuple[int, ...]:
        """Numbers of the open transactions."""
        return await self._call(lambda: self._session.transactions(client_id or ""))

    async def last_result(self, client_id: str) -> LastResult | None:
        """The mailbox cannot tell: the log can."""
        return None

    # -- stored log messages

    async def certificates(self) -> bytes:
        """The certificate chain as a TAR archive."""

        def work() -> bytes:
            chain = self._session.chain(self._session.status())
            if not chain:
                raise refused(codes.NO_DATA, "Zertifikate erst nach dem Selbsttest")
            return certificate_archive(chain)

        return await self._call(work)

    async def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]:
        """Stream a TAR archive; a full one read to its end allows :meth:`delete_exported`."""
        session, seen, full = self._session, Fingerprint(), filter == ExportFilter()
        if full and self.config.worm_library is not None:
            await self._call(self._log_in_before_export)
        size = (await self._call(session.status)).export_size
        store = session.store
        pieces = batches(full_export(store, size, seen) if full else filtered(store, size, filter))
        while batch := await self._call(lambda: next(pieces, b""), EXPORT_S):
            yield batch
        if full:
            self._exported = seen.digest()

    def _log_in_before_export(self) -> None:
        """Deleting wants the Admin; a login later on would be a log message that nobody exported."""
        try:
            self._session.as_user("Admin", lambda: None)
        except TseRefused as error:
            log.warning("export without the Admin's login: %s", error)

    async def delete_exported(self) -> None:
        """Delete what was exported, if the store still holds exactly that. Needs the vendor's library."""

        def work() -> None:
            with self._worm("Löschen") as worm:
                if self._exported is None:
                    raise refused(codes.UNEXPORTED)
                self._session.as_user("Admin", lambda: self._delete(worm, self._exported))
            self._exported = None

        await self._call(work, EXPORT_S)

    @staticmethod
    def _delete(worm: Worm, exported: bytes | None) -> None:
        seen = Fingerprint()
        worm.export(seen.feed)  # the TSE deletes only after an export of the library's own
        if seen.digest() != exported:
            raise refused(codes.UNEXPORTED)
        worm.delete_stored_data()

    async def disable(self) -> None:
        """Put the TSE out of use for ever. Needs the vendor's library."""

        def work() -> None:
            with self._worm("Außerbetriebnahme") as worm:
                self._session.as_user("Admin", worm.decommission)

        await self._call(work)

    async def unblock(self, user: User, puk: str, new_pin: str) -> None:
        """Give a user a new PIN with the PUK (beyond the port). Needs the vendor's library."""

        def work() -> None:
            with self._worm("Entsperren") as worm:
                self._session.try_secret("PUK", puk, lambda: worm.unblock(user, puk, new_pin))

        await self._call(work)

    async def log_out(self, user: User) -> None:
        """End a user's login (beyond the port). Needs the vendor's library."""

        def work() -> None:
            with self._worm("Abmelden") as worm:
                worm.logout(user)
            self._session.logged_in.discard(user)

        await self._call(work)

    def _worm(self, what: str) -> Worm:
        assert self._session.box  # it must be open
        return load(self.config.worm_library, self.config.path, what)

    # -- how a call is made

    async def _call(self, work: Callable[[], T], timeout_s: float | None = None) -> T:
        """Work in the device's thread. Time-outs of the wire are the link's; this one is for a system call
        that hangs. A TSE that is gone must be opened again."""
        try:
            return await self._thread.run(work, timeout_s or 4 * self.config.timeout_s)
        except TseGone:
            await self.close()
            raise
