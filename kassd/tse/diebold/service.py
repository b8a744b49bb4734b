"""The port :class:`kassd.tse.port.Tse` over the vendor's web service (JSON over WebSocket).

The service has no command to put a TSE out of use and none for the last log message. It exports everything
or nothing: what is asked for is sieved here.
"""

import asyncio
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from kassd.errors import TseError, TseGone, TseRefused, TseWrong
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.diebold import commands, service_codec
from kassd.tse.diebold.archive import Joined
from kassd.tse.diebold.codec import PRINTABLE
from kassd.tse.diebold.commands import MAX_TYPE, Identity, checked_client, leaf_first, unbase64
from kassd.tse.diebold.config import DieboldConfig
from kassd.tse.diebold.pins import FACTORY_PIN, FACTORY_PUK, Pins
from kassd.tse.diebold.service_codec import (
    DEFAULT_CLIENT,
    HIDDEN,
    OURS,
    SAME_PASSWORD,
    field,
    log_time,
    secret,
)
from kassd.tse.diebold.service_link import ServiceLink
from kassd.tse.log.certificates import load
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import Operation
from kassd.tse.log.names import certificate_name
from kassd.tse.log.tar import END, TarError, entry
from kassd.tse.port import ExportFilter, LastResult, Note, Secrets, SecretsForm, Signed, TseInfo
from kassd.tse.trials import OWN_ADMIN_PIN, Trials

log = logging.getLogger(__name__)

T = TypeVar("T")
NAMES = {"start": "StartTransaction", "update": "UpdateTransaction", "finish": "FinishTransaction"}
MAX_CLIENTS, MAX_TRANSACTIONS = 100, 512  # of every TSE of this maker
ADMIN, TIME_ADMIN = "01", "02"


class DieboldServiceTse:
    """A TSE of Diebold Nixdorf behind the vendor's web service."""

    secrets_form = SecretsForm(pin_digits=5, puk_digits=6)
    keep_alive_s: float | None = 30.0
    tests_itself = False

    def __init__(self, config: DieboldConfig, secrets: Secrets | None = None) -> None:
        self.config = config
        self.pins = Pins(secrets, ADMIN, TIME_ADMIN)
        self._link: ServiceLink | None = None
        self._identity: Identity | None = None
        self._clients: tuple[str, ...] | None = None
        self._exported = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="diebold-service")

    # link, identity, state

    async def open(self) -> TseInfo:
        """Connect if there is no connection, and tell the state."""

        def work() -> TseInfo:
            if self._link is None:
                self._link, self._clients = ServiceLink(self.config.service), None
            return self._do(self._open)

        return await self._run(work)

    def _open(self, link: ServiceLink) -> TseInfo:
        self._ask(link, "SetDefaultClientID", ClientID=DEFAULT_CLIENT)
        return self._info(link, log_in=False)

    async def close(self) -> None:
        """Hang up."""
        await self._run(self._drop)

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    async def keep_alive(self) -> None:
        """Tell the service that somebody is there."""
        await self._call(lambda link: self._ask(link, "PingPong"))

    async def info(self) -> TseInfo:
        """State, counters and limits."""
        return await self._call(self._info)

    def _info(self, link: ServiceLink, log_in: bool = True) -> TseInfo:
        about = self._ask(link, "GetDeviceInfo")
        about = about.get("DeviceInfo", about)
        serial = str(field(about, "SerialNumber", str)).lower()
        if self._identity is None or self._identity.serial != serial:
            if self._identity is not None and log_in:
                raise TseWrong("Es antwortet eine andere TSE als die geöffnete; bitte die richtige stecken.")
            self._identity, self._clients, self._exported = self._who(link, serial), None, False
        status = self._status(link)
        started = bool(status["initialized"])
        clients = self._known_names(link) if started and log_in and self.pins.known else ()
        status = self._status(link) if started else status  # the question for the clients may have signed
        life = "disabled" if status["disabled"] else "active" if status["time_set"] else "no_time"
        used = status["capacity"] - status["free"]
        return TseInfo(
            serial_number=serial,
            public_key=b64encode(self._identity.key).decode(),
            signature_algorithm=status["algorithm"],
            time_format="unixTime",
            life_cycle=life if started else "factory",  # type: ignore[arg-type]  # one of its words
            time_valid=bool(status["time_set"]),
            self_test_due=status["next_self_test"] == 0,
            signature_counter=status["signature_counter"],
            transaction_counter=status["transaction_counter"],
            open_transactions=len(status["started"]),
            max_open_transactions=MAX_TRANSACTIONS,
            clients=clients,
            max_clients=MAX_CLIENTS,
            certificate_expiry=load(self._identity.chain[0]).not_after // 1000,
            certificates=tuple(b64encode(der).decode() for der in self._identity.chain),
            certification_id="",
            description=str(about.get("Description", "")),
            time_sync_interval=status["time_interval"],
            signatures_left=status["signatures_left"],
            memory_used=100 * used // status["capacity"] if status["capacity"] else None,
        )

    def _status(self, link: ServiceLink) -> dict[str, Any]:
        got = field(self._ask(link, "GetDeviceStatus"), "Parameters", dict)
        found = {name: field(got, key, list if name == "started" else int) for name, key in OURS.items()}
        return found | {"algorithm": field(got, "SignatureAlgorithm", str)}

    def _who(self, link: ServiceLink, serial: str) -> Identity:
        def data(name: str) -> bytes:
            return unbase64(
                field(self._ask(link, "GetDeviceData", Name=name, Format="Base64"), "Value", str).encode()
            )

        chain = [load(one) for one in service_codec.split_certificates(data("Certificates"))]
        key = commands.checked_key(data("PublicKey"), serial)
        return Identity(serial, key, tuple(one.der for one in leaf_first(chain, serial)))

    def _known_names(self, link: ServiceLink) -> tuple[str, ...]:
        """Like :meth:`_names`; none where the PIN is refused: selling does not need them."""
        try:
            return self._names(link)
        except TseRefused as error:
            if error.code not in (codes.WRONG_PIN, codes.PIN_BLOCKED):
                raise
            log.warning("TSE service does not tell its clients: %s", error)
            return ()

    def _names(self, link: ServiceLink) -> tuple[str, ...]:
        """The registered clients; the service tells them to the administrator, which costs signatures."""
        if self._clients is None:
            got = field(self._as(link, ADMIN, "GetDeviceStatus"), "ClientIDs", list)
            self._clients = tuple(str(name) for name in got if not str(name).startswith(HIDDEN))
        return self._clients

    # life cycle and clients

    async def provision(
        self, secrets: Secrets, client_id: str, note: Note, taken: frozenset[str] = frozenset()
    ) -> TseInfo:
        """Take the factory's PINs and PUKs away, initialise, register ``client_id``."""
        checked_client(client_id)
        status = await self._call(self._status)
        if status["disabled"]:
            raise refused(codes.DISABLED)
        trials = Trials(note, taken)
        if not status["initialized"]:
            for user, pin, puk in (
                (TIME_ADMIN, secrets.time_admin_pin, secrets.time_admin_puk),
                (ADMIN, secrets.admin_pin, secrets.admin_puk),
            ):
                if not trials.began(f"pin_{user}"):  # else the PUK's change was answered
                    await self._change(trials, "Puk", user, FACTORY_PUK, puk)
                await self._change(trials, "Password", user, FACTORY_PIN, pin)
        self.pins.secrets = secrets

        def set_up(link: ServiceLink) -> TseInfo:
            if not status["initialized"]:
                self._ask(link, "PerformSelfTest", self.config.self_test_s)
                self._as(link, ADMIN, "Initialize", Description="")
            self._clients = None
            if client_id not in self._names(link):
                self._as(link, ADMIN, "RegisterClientID", ClientID=client_id)
                self._clients = None
            return self._info(link)

        return await trials.once(OWN_ADMIN_PIN, lambda: self._call(set_up))

    async def _change(self, trials: Trials, what: str, user: str, factory: str, own: str) -> None:
        """Have our secret in force; to change it into itself is a try of it."""
        name = f"puk_{user}" if what == "Puk" else f"pin_{user}"

        def attempt(link: ServiceLink, old: str) -> str | None:
            fields: dict[str, Any] = {
                "UserID": secret(user),
                f"Old{what}": secret(old),
                f"New{what}": secret(own),
            }
            try:
                self._ask(link, f"Change{what}", **fields)
            except TseRefused as error:
                if error.code == SAME_PASSWORD:
                    return None  # may have been said before the old one was looked at
                if error.code not in (codes.WRONG_PIN, codes.PIN_BLOCKED, codes.PUK_BLOCKED):
                    raise
                return error.code
            return ""

        def tried(link: ServiceLink, old: str) -> str | None:
            return self.pins.verdict((what, user, old), lambda: attempt(link, old))

        async def with_own() -> str | None:
            return await self._call(lambda link: tried(link, own))

        async def with_factory() -> str | None:
            await trials.announce(name)
            self.pins.forget((what, user, own))
            return await self._call(lambda link: tried(link, factory))

        await trials.ours(name, with_own, with_factory)

    async def self_test(self, client_id: str) -> None:
        """Run the self test, which takes up to two minutes."""
        checked_client(client_id)
        await self._call(lambda link: self._ask(link, "PerformSelfTest", self.config.self_test_s))

    async def set_time(self, unix_seconds: int) -> None:
        """Set the clock as TimeAdmin."""
        commands.checked_date(unix_seconds)
        moment = datetime.fromtimestamp(unix_seconds, UTC).isoformat()
        await self._call(lambda link: self._as(link, TIME_ADMIN, "UpdateTime", Time=moment))

    async def register(self, client_id: str) -> None:
        """Register a client; again is no error."""
        checked_client(client_id)

        def work(link: ServiceLink) -> None:
            if client_id not in self._names(link):
                self._clients = None
                self._as(link, ADMIN, "RegisterClientID", ClientID=client_id)

        await self._call(work)

    async def deregister(self, client_id: str) -> None:
        """Deregister a client without open transactions."""
        checked_client(client_id)

        def work(link: ServiceLink) -> None:
            self._clients = None
            self._as(link, ADMIN, "DeregisterClientID", ClientID=client_id)

        await self._call(work)

    async def disable(self) -> None:
        """Refused: the service has no such command."""
        raise TseRefused(
            "DisableNotOffered",
            "Der Dienst kann die TSE nicht außer Betrieb nehmen; bitte mit dem Programm des Herstellers.",
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
        checked_client(client_id)
        if len(process_type) > MAX_TYPE or not PRINTABLE.fullmatch(process_type):
            raise refused(codes.PARAMETER, "Vorgangstyp: höchstens 100 druckbare Zeichen")
        try:
            text = process_data.decode()
        except UnicodeDecodeError:
            raise refused(codes.PARAMETER, "der Dienst nimmt nur Text als Vorgangsdaten") from None
        fields: dict[str, Any] = {"ClientID": client_id, "Typ": process_type, "Data": text}
        if operation != "start":
            fields["TransactionNumber"] = number

        def work(link: ServiceLink) -> Signed:
            if self._identity is None:
                self._info(link)
            assert self._identity is not None  # just read
            self._exported = False
            got = self._as(link, TIME_ADMIN, NAMES[operation], **fields)
            serial = str(got.get("SerialNumber", self._identity.serial)).lower()
            own = field(got, "TransactionNumber", int) if operation == "start" else number
            signature = bytes.fromhex(field(got, "Signature", str))
            counter, moment = field(got, "SignatureCounter", int), field(got, "LogTime", str)
            return Signed(own, counter, log_time(moment), serial, b64encode(signature).decode())

        return await self._call(work)

    async def open_transactions(self, client_id: str | None = None) -> tuple[int, ...]:
        """Numbers of the open transactions."""
        started = (await self._call(self._status))["started"]
        mine = (one for one in started if client_id in (None, one["ClientID"]))
        return tuple(sorted(one["TransactionNumber"] for one in mine))

    async def last_result(self, client_id: str) -> LastResult | None:
        """The service does not tell it."""
        return None

    # stored log messages

    async def certificates(self) -> bytes:
        """The certificate chain as a TAR archive."""
        await self.info()
        assert self._identity is not None  # just read
        chain = self._identity.chain
        return b"".join(entry(certificate_name(load(der).serial.hex()), der, 0) for der in chain) + END

    async def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]:
        """Stream a TAR archive; a full one read to its end allows :meth:`delete_exported`."""
        running: list[Iterator[bytes]] = []
        self._exported = False

        def piece(link: ServiceLink) -> bytes | None:
            if not running:
                running.append(self._pieces(link, filter))
            return next(running[0], None)

        while (part := await self._call(piece)) is not None:
            yield part
        self._exported = filter == ExportFilter()

    def _pieces(self, link: ServiceLink, filter: ExportFilter) -> Iterator[bytes]:
        joined = Joined(filter)
        joined.begin()
        self._ask(link, "ExportAbort")  # of whoever began before
        last = False
        try:
            while not last:
                got = self._ask(link, "Export", self.config.buffer_s, Format="Base64")
                last = field(got, "Last", bool)
                yield joined.feed(unbase64(field(got, "Value", str).encode()))
            end = joined.close()
        except (TarError, DerError) as error:
            raise TseError(f"Der Export der TSE ist nicht lesbar: {error}") from error
        wanted = (filter.transaction_number, filter.first_transaction, filter.last_transaction)
        if any(number is not None for number in wanted) and not joined.transactions:
            raise refused(codes.TRANSACTION_NOT_FOUND)
        if filter.client_id is not None and not joined.transactions:
            raise refused(codes.NOT_FOUND, filter.client_id)
        if not joined.messages and filter.after_counter is None:
            raise refused(codes.NO_DATA)
        yield end

    async def delete_exported(self) -> None:
        """Delete the log messages of the full export that this driver has read to its end."""

        def work(link: ServiceLink) -> None:
            if not self._exported:
                raise refused(codes.UNEXPORTED)
            self._exported = False
            self._as(link, ADMIN, "ExportRemove")

        await self._call(work)

    # how a call is made

    def _ask(self, link: ServiceLink, command: str, answer_s: float = 0.0, **fields: Any) -> dict[str, Any]:
        return link.ask(command, answer_s or self.config.answer_s, **fields)

    def _as(self, link: ServiceLink, user: str, command: str, **fields: Any) -> dict[str, Any]:
        """A command with a user's password, unless that was refused before."""
        pin = self.pins.pin(user)
        answer: dict[str, Any] = {}

        def attempt() -> str:
            try:
                answer.update(self._ask(link, command, Password=secret(pin), **fields))
            except TseRefused as error:
                if error.code not in (codes.WRONG_PIN, codes.PIN_BLOCKED):
                    raise
                return error.code
            return ""

        self.pins.once(("pin", user, pin), attempt)
        return answer

    def _do(self, work: Callable[[ServiceLink], T]) -> T:
        if self._link is None:
            raise TseGone("Die TSE ist nicht geöffnet.")
        try:
            self._link.settle(self.config.buffer_s)
            return work(self._link)
        except (TseGone, TseWrong):
            self._drop()
            raise

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _call(self, work: Callable[[ServiceLink], T]) -> T:
        return await self._run(lambda: self._do(work))
