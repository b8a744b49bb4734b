"""A device that behaves as TR-03153 asks: life cycle, users, clients, time, self test, transactions.

Synchronous and single-threaded; :class:`kassd.tse.soft.driver.SoftTse` puts the port around it. Methods
raise ``TseRefused`` with a name of :mod:`kassd.tse.codes`; a refusal changes nothing but PIN counters.

Life cycle: factory --initialize--> no_time --update_time--> active --disable--> disabled; a power-up
leads from active back to no_time and makes the self test due.
"""

import dataclasses
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log.messages import Operation, TransactionData
from kassd.tse.log.times import to_iso
from kassd.tse.port import LastResult, LifeCycle, Secrets, Signed, TseInfo
from kassd.tse.soft.model import PIN_TRIES, ROLES, User
from kassd.tse.soft.signer import Signer

SELF_TEST_INTERVAL_NS = 25 * 3600 * 1_000_000_000
MAX_PROCESS_DATA, MAX_PROCESS_TYPE = 65_536, 100
CLIENT_ID = re.compile(r"[A-Za-z0-9 '+,\-.=]{1,30}")
_PIN, _PUK = re.compile(r"[0-9]{5,8}"), re.compile(r"[0-9]{6,10}")


class Device:
    """One powered soft TSE."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.tests_itself = False  # a device that needs no command for its self test
        self._tested_at: int | None = None
        self._authenticated: set[str] = set()

    @property
    def life_cycle(self) -> LifeCycle:
        """The state of TR-03153; ``deactivated`` does not occur here."""
        state = self.signer.state
        if not state.initialized:
            return "factory"
        if state.disabled:
            return "disabled"
        return "active" if self.signer.time_valid else "no_time"

    @property
    def logged_in(self) -> frozenset[str]:
        """Who is logged in."""
        return frozenset(self._authenticated)

    @property
    def self_test_due(self) -> bool:
        """After a power-up, and 25 hours after the last one."""
        tested = self._tested_at
        if self.tests_itself:
            return False
        return tested is None or self.signer.mono() - tested >= SELF_TEST_INTERVAL_NS

    def info(self) -> TseInfo:
        """The port's view of the device."""
        signer, state = self.signer, self.signer.state
        identity, model = signer.identity, state.model
        return TseInfo(
            serial_number=state.serial,
            public_key=b64encode(identity.public.point).decode(),
            signature_algorithm=identity.algorithm.name,
            time_format=model.time_format,
            life_cycle=self.life_cycle,
            time_valid=signer.time_valid,
            self_test_due=self.self_test_due,
            signature_counter=state.counter,
            transaction_counter=state.transactions,
            open_transactions=len(state.open),
            max_open_transactions=model.max_open_transactions,
            clients=tuple(state.clients),
            max_clients=model.max_clients,
            certificate_expiry=identity.expiry,
            certificates=tuple(b64encode(der).decode() for der in identity.chain),
            certification_id="TEST (nicht zertifiziert)",
            description=model.description,
            time_sync_interval=model.time_sync_interval,
            signatures_left=model.max_signatures - state.counter,
            memory_used=min(100, 100 * state.stored // model.max_bytes),
        )

    @contextmanager
    def _committing(self) -> Iterator[None]:
        """Make everything durable at the end, also what a refusal left behind."""
        try:
            yield
        finally:
            if self.signer.store.is_open:
                self.signer.commit()

    # users

    def authenticate(self, user: str, pin: str) -> None:
        """Log a user in; a wrong PIN costs a try before it is answered."""
        with self._committing():
            known = self.signer.state.users.get(user)
            if known is None:
                raise refused(codes.USER_UNKNOWN)
            self._alive()
            if not known.pin_tries:
                self._log_authentication(user, 3, 0)
                raise refused(codes.PIN_BLOCKED)
            right = known.pin == self.signer.hash_secret(pin)
            tries = PIN_TRIES if right else known.pin_tries - 1
            if tries != known.pin_tries:
                self._keep(user, dataclasses.replace(known, pin_tries=tries))
            self._log_authentication(user, 0 if right else 2, tries)
            if not right:
                raise refused(codes.WRONG_PIN, f"noch {tries} Versuche")
            self._authenticated.add(user)

    def _log_authentication(self, user: str, result: int, tries: int) -> None:
        data = self.signer.events.authenticate_user(user, ROLES[user], result, tries)
        self.signer.log(data, emptying=user == "Admin")

    def _user(self, pin: str, puk: str, pin_tries: int = PIN_TRIES) -> User:
        return User(pin, puk, pin_tries, self.signer.state.model.puk_tries)

    def _keep(self, name: str, user: User) -> None:
        self.signer.record({"t": "user", "user": name, "secrets": dataclasses.asdict(user)})

    def log_out(self, user: str) -> None:
        """End a login; without one nothing happens."""
        if user in self._authenticated:
            with self._committing():
                self._authenticated.discard(user)
                self.signer.log(self.signer.events.log_out(user), emptying=user == "Admin")

    def unblock(self, user: str, puk: str, new_pin: str) -> None:
        """Set a new PIN with the PUK; the model says how many wrong PUKs block it for ever."""
        with self._committing():
            known = self.signer.state.users.get(user)
            if known is None:
                raise refused(codes.USER_UNKNOWN)
            if not known.puk_tries:
                raise refused(codes.PUK_BLOCKED)
            if not _PIN.fullmatch(new_pin):
                raise refused(codes.PARAMETER, "PIN aus 5 bis 8 Ziffern")
            right = known.puk == self.signer.hash_secret(puk)
            if right:
                self._keep(user, self._user(self.signer.hash_secret(new_pin), known.puk))
            else:
                self._keep(user, dataclasses.replace(known, puk_tries=known.puk_tries - 1))
            self.signer.log(self.signer.events.unblock_user(user, 0 if right else 1))
            if not right:
                most = self.signer.state.model.puk_tries
                raise refused(codes.WRONG_PIN, f"PUK falsch, noch {known.puk_tries - 1} von {most} Versuchen")

    def change_pin(self, user: str, pin: str, new_pin: str) -> None:
        """Replace a PIN; a wrong old one costs a try."""
        with self._committing():
            known = self.signer.state.users.get(user)
            if known is None:
                raise refused(codes.USER_UNKNOWN)
            if not known.pin_tries:
                raise refused(codes.PIN_BLOCKED)
            if not _PIN.fullmatch(new_pin):
                raise refused(codes.PARAMETER, "PIN aus 5 bis 8 Ziffern")
            if known.pin != self.signer.hash_secret(pin):
                self._keep(user, dataclasses.replace(known, pin_tries=known.pin_tries - 1))
                raise refused(codes.WRONG_PIN, f"noch {known.pin_tries - 1} Versuche")
            self._keep(
                user, dataclasses.replace(known, pin=self.signer.hash_secret(new_pin), pin_tries=PIN_TRIES)
            )

    def change_puk(self, user: str, puk: str, new_puk: str) -> None:
        """Replace a PUK; a wrong old one costs a try."""
        with self._committing():
            known = self.signer.state.users.get(user)
            if known is None:
                raise refused(codes.USER_UNKNOWN)
            if not known.puk_tries:
                raise refused(codes.PUK_BLOCKED)
            if not _PUK.fullmatch(new_puk):
                raise refused(codes.PARAMETER, "PUK aus 6 bis 10 Ziffern")
            if known.puk != self.signer.hash_secret(puk):
                self._keep(user, dataclasses.replace(known, puk_tries=known.puk_tries - 1))
                raise refused(codes.WRONG_PIN, f"PUK falsch, noch {known.puk_tries - 1} Versuche")
            self._keep(
                user, self._user(known.pin, self.signer.hash_secret(new_puk), pin_tries=known.pin_tries)
            )

    def _require(self, *users: str) -> None:
        if not self._authenticated:
            raise refused(codes.NOT_AUTHENTICATED)
        if not self._authenticated & set(users):
            raise refused(codes.NOT_AUTHORIZED)

    def _alive(self) -> None:
        if self.signer.state.disabled:
            raise refused(codes.DISABLED)

    # life cycle

    def set_secrets(self, secrets: Secrets) -> None:
        """Give a factory-fresh TSE its PINs and PUKs."""
        if self.signer.state.initialized:
            raise refused(codes.ALREADY_INITIALIZED)
        pairs = {
            "Admin": (secrets.admin_pin, secrets.admin_puk),
            "TimeAdmin": (secrets.time_admin_pin, secrets.time_admin_puk),
        }
        if not all(_PIN.fullmatch(pin) and _PUK.fullmatch(puk) for pin, puk in pairs.values()):
            raise refused(codes.PARAMETER, "PIN aus 5 bis 8, PUK aus 6 bis 10 Ziffern")
        with self._committing():
            for name, (pin, puk) in pairs.items():
                self._keep(name, self._user(self.signer.hash_secret(pin), self.signer.hash_secret(puk)))

    def set_puk(self, user: str, puk: str) -> None:
        """Give a user who has no secrets yet his PUK; :meth:`unblock` sets the PIN."""
        if user not in ROLES:
            raise refused(codes.USER_UNKNOWN)
        if user in self.signer.state.users or not _PUK.fullmatch(puk):
            raise refused(codes.PARAMETER, "PUK aus 6 bis 10 Ziffern, nur einmal")
        with self._committing():
            self._keep(user, self._user("", self.signer.hash_secret(puk), pin_tries=0))

    def initialize(self) -> None:
        """Leave the factory state. Admin."""
        self._require("Admin")
        if self.signer.state.initialized:
            raise refused(codes.ALREADY_INITIALIZED)
        with self._committing():
            self.signer.log(self.signer.events.initialize(self.signer.state.model.description))

    def update_time(self, unix_seconds: int) -> None:
        """Set the clock, also back. Admin or TimeAdmin."""
        self._require("Admin", "TimeAdmin")
        self._initialized()
        if not 0 < unix_seconds < 1 << 35:
            raise refused(codes.PARAMETER, "Zeitpunkt")
        with self._committing():
            before, after = self.signer.now(), unix_seconds * 1000
            if self.signer.state.model.time_format == "utcTime":
                after -= after % 60_000
            user = "TimeAdmin" if "TimeAdmin" in self._authenticated else "Admin"
            self.signer.log(self.signer.events.update_time(before, after, user), at=after)
            self.signer.set_clock(unix_seconds * 1000)
            self.signer.time_valid = True

    def self_test(self) -> None:
        """Sign and verify inside the device; logged once it is initialised."""
        self._alive()
        with self._committing():
            if self.signer.state.initialized:
                self.signer.log(self.signer.events.self_test(True, self.signer.now()))
            self._tested_at = self.signer.mono()

    def disable(self) -> None:
        """Put out of use for ever; only without open transactions. Admin."""
        self._require("Admin")
        self._initialized()
        if self.signer.state.open:
            raise refused(codes.OPEN_TRANSACTIONS)
        with self._committing():
            self.signer.log(self.signer.events.disable(self.signer.now()))
            self._authenticated.clear()

    def _initialized(self) -> None:
        self._alive()
        if not self.signer.state.initialized:
            raise refused(codes.NOT_INITIALIZED)

    # clients

    def register_client(self, client_id: str) -> None:
        """Let a register use the TSE; again is no error. Admin."""
        self._require("Admin")
        self._initialized()
        state = self.signer.state
        if not CLIENT_ID.fullmatch(client_id):
            raise refused(
                codes.PARAMETER, "Kassenkennung: 1 bis 30 Zeichen aus A-Z a-z 0-9 ' + , - . = Leerzeichen"
            )
        if client_id in state.clients:
            return
        if len(state.clients) >= state.model.max_clients:
            raise refused(codes.TOO_MANY_CLIENTS)
        with self._committing():
            self.signer.log(self.signer.events.register_client(client_id), client_id)

    def deregister_client(self, client_id: str) -> None:
        """Take a register off; only without open transactions of it. Admin."""
        self._require("Admin")
        self._initialized()
        if client_id not in self.signer.state.clients:
            raise refused(codes.CLIENT_UNKNOWN)
        if client_id in self.signer.state.open.values():
            raise refused(codes.CLIENT_IN_USE)
        with self._committing():
            self.signer.log(self.signer.events.deregister_client(client_id), client_id)

    # transactions

    def transaction(
        self, operation: Operation, number: int, client_id: str, process_type: str, process_data: bytes
    ) -> Signed:
        """Start (``number`` is ignored), update or finish a transaction."""
        self._initialized()
        state = self.signer.state
        if self.self_test_due:
            raise refused(codes.SELF_TEST_DUE)
        if not self.signer.time_valid:
            raise refused(codes.TIME_NOT_SET)
        if client_id not in state.clients:
            raise refused(codes.CLIENT_UNKNOWN)
        if len(process_data) > MAX_PROCESS_DATA or len(process_type) > MAX_PROCESS_TYPE:
            raise refused(codes.PARAMETER, "Vorgangsdaten zu lang")
        if operation == "start":
            if len(state.open) >= state.model.max_open_transactions:
                raise refused(codes.TOO_MANY_TRANSACTIONS)
            number = state.transactions + 1
        elif state.open.get(number) != client_id:
            raise refused(codes.NO_TRANSACTION, f"Nummer {number}")
        with self._committing():
            data = TransactionData(operation, client_id, process_data, process_type, number)
            return self.signer.log(data, client_id)

    def open_transactions(self, client_id: str | None) -> tuple[int, ...]:
        """Numbers of open transactions, of one client or of all."""
        opened = self.signer.state.open.items()
        return tuple(sorted(number for number, client in opened if client_id in (None, client)))

    def last_result(self, client_id: str) -> LastResult | None:
        """The newest transaction message of a client."""
        last = self.signer.state.last.get(client_id)
        if last is None:
            return None
        operation, number, counter, moment, signature = last
        signed = Signed(number, counter, to_iso(moment), self.signer.state.serial, signature)
        return LastResult(operation, client_id, signed)

    # stored log messages

    def mark_exported(self, upto: int) -> None:
        """Remember that a full export with messages up to counter ``upto`` was read to its end."""
        if upto > self.signer.state.exported:
            with self._committing():
                self.signer.record({"t": "exported", "upto": upto})

    def delete_exported(self) -> None:
        """Delete what a full export covered; refused while newer transaction messages exist. Admin."""
        self._require("Admin")
        self._initialized()
        state = self.signer.state
        if state.exported == 0 or state.newest_transaction > state.exported:
            raise refused(codes.UNEXPORTED)
        self._delete(state.exported)

    def delete_up_to(self, counter: int) -> None:
        """Delete what is stored up to ``counter``, all of which a full export covered. Admin."""
        self._require("Admin")
        self._initialized()
        if counter > self.signer.state.exported:
            raise refused(codes.UNEXPORTED)
        self._delete(counter)

    def _delete(self, upto: int) -> None:
        with self._committing():
            self.signer.log(self.signer.events.delete_logs("Admin"), emptying=True)
        self.signer.forget(upto)
