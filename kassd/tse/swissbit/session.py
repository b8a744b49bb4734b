"""What a Swissbit TSE is asked, step by step, and what is remembered between. Blocking, one thread."""

import logging
import time
from base64 import b64encode
from collections.abc import Callable
from typing import TypeVar

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log.messages import Operation
from kassd.tse.port import LifeCycle, Secrets, Signed, TseInfo
from kassd.tse.swissbit import codec
from kassd.tse.swissbit.codec import Malformed, User
from kassd.tse.swissbit.errors import CTSS_INACTIVE, refusal
from kassd.tse.swissbit.export import split_chain, stored_chain
from kassd.tse.swissbit.filters import start_number
from kassd.tse.swissbit.info import DECOMMISSIONED, INITIALIZED, UNINITIALIZED, Status
from kassd.tse.swissbit.link import Mailbox
from kassd.tse.swissbit.settings import SwissbitConfig
from kassd.tse.swissbit.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")
MAX_STARTED = 512  # the status file does not tell
SYNC_INTERVAL_S = 1800  # until the TSE has told its own after the clock was set
DATA_RETRY_S = 0.005


class Session:
    """An open volume. Raises only ``TseError`` and its leaves."""

    def __init__(self, config: SwissbitConfig, secrets: Secrets | None) -> None:
        self.config = config
        self.secrets = secrets
        self.logged_in: set[User] = set()
        self._refused: dict[tuple[bytes, str, str], TseRefused] = {}  # (TSE, whose, secret) → its answer
        self._box: Mailbox | None = None
        self._store = Store(config.path)
        self._unanswered = False
        self._forget()

    def _forget(self) -> None:
        self._serial = b""
        self._clients: tuple[str, ...] = ()
        self._chain: tuple[bytes, ...] = ()
        self._newest: int | None = None
        self._open = 0
        self._sync_interval = SYNC_INTERVAL_S

    # -- files

    def open(self) -> None:
        """Open the volume's files (again). Another stick in the same place is known by its serial number."""
        self.close()
        self._box = Mailbox(self.config.path, self._unanswered)
        if (serial := self.status().serial) != self._serial:
            self._forget()
            self._serial = serial

    def close(self) -> None:
        """Close the files."""
        self.logged_in.clear()
        if self._box is not None:
            self._unanswered = self._box.unanswered
            self._box.close()
            self._box = None
        self._store.close()

    @property
    def box(self) -> Mailbox:
        """The mailbox, or ``TseGone``."""
        if self._box is None:
            raise TseGone("Die TSE ist nicht geöffnet: bitte prüfen, ob sie steckt.")
        return self._box

    @property
    def store(self) -> Store:
        """The log store, or ``TseGone``."""
        assert self.box
        return self._store

    def status(self) -> Status:
        """The status file."""
        return self.box.status()

    def ask(self, command: bytes, *, puk: bool = False) -> bytes:
        """Data of the answer to a command."""
        return self.box.ask(command, self.config.timeout_s, puk=puk)

    # -- users

    def try_secret(self, whose: str, secret: str, work: Callable[[], object]) -> None:
        """Do what sends a PIN or PUK, unless this TSE has refused this very one before."""
        key = self._serial, whose, secret
        if (before := self._refused.get(key)) is not None:
            raise TseRefused(before.code, str(before))
        try:
            work()
        except TseRefused as error:
            if error.code in (codes.WRONG_PIN, codes.PIN_BLOCKED, codes.PUK_BLOCKED):
                self._refused[key] = error
            raise

    def login(self, user: User, pin: str) -> None:
        """Log a user in."""
        self.try_secret(user, pin, lambda: self.ask(codec.login(user, pin)))
        self.logged_in.add(user)

    def change_puk(self, old: str, new: str) -> None:
        """Change the PUK; a wrong one costs one of three tries."""
        self.try_secret("PUK", old, lambda: self.ask(codec.change_puk(old, new), puk=True))

    def change_pin(self, user: User, old: str, new: str) -> None:
        """Log in with the old PIN and change it."""
        self.login(user, old)
        self.try_secret(user, old, lambda: self.ask(codec.change_pin(user, old, new)))
        self.logged_in.discard(user)

    def as_user(self, user: User, action: Callable[[], T]) -> T:
        """Do something logged in; a login that the TSE no longer knows is made again, once."""
        fresh = user not in self.logged_in
        if fresh:
            self.login(user, self._pin(user))
        try:
            return action()
        except TseRefused as error:
            if fresh or error.code not in (codes.NOT_AUTHORIZED, codes.NOT_AUTHENTICATED):
                raise
        self.logged_in.discard(user)
        self.login(user, self._pin(user))
        return action()

    def _pin(self, user: User) -> str:
        if self.secrets is None:
            raise refused(codes.NOT_AUTHENTICATED, "die PIN ist nicht hinterlegt")
        return self.secrets.admin_pin if user == "Admin" else self.secrets.time_admin_pin

    # -- time, self test, clients

    def self_test(self, client_id: str) -> None:
        """Run it; a passed one also shows that ``client_id`` is registered."""
        self.box.ask(codec.self_test(client_id), self.config.self_test_s)
        if client_id not in self._clients and self.status().clients == 1:
            self._clients = (client_id,)

    def set_time(self, unix_seconds: int) -> None:
        """Set the clock as TimeAdmin."""
        if not 0 < unix_seconds < 1 << 63:
            raise refused(codes.PARAMETER, "Zeitpunkt")
        self.as_user("TimeAdmin", lambda: self.ask(codec.update_time(unix_seconds)))
        self._sync_interval = self.status().to_time_sync or SYNC_INTERVAL_S

    def register(self, client_id: str) -> None:
        """Register a client; again is no error."""
        checked_client(client_id)
        self.as_user("Admin", lambda: self.ask(codec.register(client_id)))
        self._clients = ()

    def deregister(self, client_id: str) -> None:
        """Deregister a client."""
        checked_client(client_id)
        self.as_user("Admin", lambda: self.ask(codec.deregister(client_id)))
        self._clients = ()

    def clients(self, status: Status, log_in: bool = True) -> tuple[str, ...]:
        """The registered clients; what is remembered holds as long as their number does. Before the self
        test the TSE lists none; without the Admin's PIN they may be unknown."""
        if not status.clients or len(self._clients) == status.clients:
            return self._clients if status.clients else ()
        if not status.self_test_passed or status.state != INITIALIZED:
            return ()
        try:
            self._clients = self._listed()  # somebody's login may still be in force
        except TseRefused as error:
            if error.code not in (codes.NOT_AUTHORIZED, codes.NOT_AUTHENTICATED):
                raise
            if self.secrets is None or not log_in:
                return ()
            self._clients = self.as_user("Admin", self._listed)
        return self._clients

    def _listed(self) -> tuple[str, ...]:
        return tuple(
            self._paged(codec.list_clients, codec.parse_clients, codec.CLIENTS_PER_PAGE),
        )

    def _paged(
        self, command: Callable[[int], bytes], parse: Callable[[bytes], list[T]], page: int
    ) -> list[T]:
        found: list[T] = []
        while True:
            answer = self.box.exchange(command(len(found)), self.config.timeout_s)
            if answer.status == codec.INVALID_PARAMETER and found:  # nothing left to skip to
                return found
            if answer.status != codec.OK:
                raise refusal(answer.status)
            more = read(parse, answer.data)
            found += more
            if len(more) < page:
                return found

    # -- transactions

    def transactions(self, client_id: str = "") -> tuple[int, ...]:
        """Numbers of the open transactions, of one client or of all."""
        found = self._paged(
            lambda skip: codec.list_transactions(skip, client_id),
            codec.parse_transactions,
            codec.TRANSACTIONS_PER_PAGE,
        )
        if not client_id:
            self._open = len(found)
        return tuple(sorted(found))

    def sign(
        self, operation: Operation, number: int, client_id: str, process_type: str, data: bytes
    ) -> Signed:
        """Announce the data, write it into the store, close the step. Nothing is repeated but a close that
        the TSE answers with "not enough data written", which has changed nothing."""
        checked_client(client_id)
        if len(process_type.encode()) > codec.MAX_PROCESS_TYPE:
            raise refused(codes.PARAMETER, "Vorgangsart zu lang")
        step = codec.open_step(operation, client_id, number, len(data), process_type)
        opened = self.box.exchange(step, self.config.timeout_s)
        if opened.status != codec.OK:
            raise refusal(opened.status)
        self.store.write(read(codec.parse_sector, opened.data), data)
        signed = read(codec.parse_signed, self._close_step(opened))
        if operation != "start" and signed.transaction_number != number:
            raise TseSilent(f"Die Antwort der TSE gehört zu Transaktion {signed.transaction_number}.")
        self._newest = max(self._newest or 0, signed.transaction_number)
        return signed

    def _close_step(self, answer: codec.Answer) -> bytes:
        deadline = time.monotonic() + self.config.timeout_s
        while True:
            answer = self.box.exchange(codec.CLOSE_STEP, self.config.timeout_s, answer)
            if answer.status != codec.NOT_ENOUGH_DATA or time.monotonic() > deadline:
                break
            time.sleep(DATA_RETRY_S)
        if answer.status != codec.OK:
            raise refusal(answer.status)
        return answer.data

    # -- identity

    def chain(self, status: Status) -> tuple[bytes, ...]:
        """The certificates in DER, leaf first; empty while the TSE shows none."""
        if self._chain:
            return self._chain
        readable = status.self_test_passed and status.state == INITIALIZED
        found = self._read_chain() if readable else stored_chain(self.store, status.export_size)
        self._chain = split_chain(found, status.serial)
        return self._chain

    def _read_chain(self) -> bytes:
        pem = b""
        while True:
            answer = self.box.exchange(codec.read_certificate(len(pem)), self.config.timeout_s)
            if answer.status == codec.INVALID_PARAMETER:
                return pem
            if answer.status != codec.OK:
                raise refusal(answer.status)
            if not (part := read(codec.parse_certificate, answer.data)):
                return pem
            pem += part

    def info(self, log_in: bool = True) -> TseInfo:
        """The port's view. Before the self test the TSE lists nothing: what is remembered stands then."""
        status = self.status()
        life_cycle = _life_cycle(status)
        if status.self_test_passed and status.state == INITIALIZED:
            try:
                self.transactions()
            except TseRefused as error:
                if error.code != CTSS_INACTIVE:
                    raise
                life_cycle = "deactivated"
        usable = life_cycle in ("active", "no_time")
        if usable and status.self_test_passed and self._newest is None:
            place = self.store.find_back(status.export_size, lambda name: start_number(name) is not None)
            self._newest = start_number(place.name) if place else 0
        capacity = self.store.capacity()
        return TseInfo(
            serial_number=status.serial.hex(),
            public_key=b64encode(status.public_key).decode(),
            signature_algorithm=status.algorithm,
            time_format="unixTime",
            life_cycle=life_cycle,
            time_valid=status.time_valid,
            self_test_due=not status.self_test_passed or status.to_self_test == 0,
            signature_counter=status.signatures,
            transaction_counter=self._newest or 0,
            open_transactions=self._open,
            max_open_transactions=MAX_STARTED,
            clients=self.clients(status, log_in) if usable else (),
            max_clients=status.max_clients,
            certificate_expiry=status.certificate_expiry,
            certificates=tuple(
                b64encode(der).decode() for der in (self.chain(status) if life_cycle != "deactivated" else ())
            ),
            certification_id=status.description,
            description=status.description,
            time_sync_interval=self._sync_interval,
            signatures_left=max(0, status.max_signatures - status.signatures),
            memory_used=min(100, 100 * status.export_size // capacity) if capacity else None,
        )


def _life_cycle(status: Status) -> LifeCycle:
    if status.state == UNINITIALIZED:
        return "factory"
    if status.state == DECOMMISSIONED:
        return "disabled"
    return "active" if status.time_valid else "no_time"


def read(parse: Callable[[bytes], T], data: bytes) -> T:
    """An answer's data as a value; what cannot be read is as good as no answer."""
    try:
        return parse(data)
    except Malformed as error:
        raise TseSilent(f"Die Antwort der TSE ist nicht lesbar: {error}") from error


def checked_client(client_id: str) -> None:
    """Refuse what the mailbox cannot carry."""
    if not 0 < len(client_id.encode()) <= codec.MAX_CLIENT_ID:
        raise refused(codes.PARAMETER, "Kassenkennung: 1 bis 30 Zeichen")
