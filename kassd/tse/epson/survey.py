"""What an Epson TSE does not tell everyone or not at once: its clients, newest transaction, certificates."""

import logging
from base64 import b64encode
from collections.abc import Sequence

from kassd.errors import TseRefused
from kassd.tse.epson import codec
from kassd.tse.epson.chain import read_chain
from kassd.tse.epson.codec import BadAnswer, StorageInfo
from kassd.tse.epson.host import Host
from kassd.tse.epson.users import Users
from kassd.tse.log.algorithms import BadKey, parse_public_key
from kassd.tse.log.der import DerError
from kassd.tse.port import LifeCycle, TseInfo

log = logging.getLogger(__name__)

UNINITIALIZED, INITIALIZED, DECOMMISSIONED = "UNINITIALIZED", "INITIALIZED", "DECOMMISSIONED"
TIME_FORMAT = "unixTime"  # the element is Swissbit's
TIME_SYNC_S = 1800  # the host does not tell the element's own limit; drivers of the element take 30 minutes


class Survey:
    """Memory of one TSE. ``clients`` is None while the list could not be read; ``newest`` the highest
    transaction number seen."""

    def __init__(self, host: Host, users: Users) -> None:
        self.clients: tuple[str, ...] | None = None
        self.newest = 0
        self.chain: tuple[bytes, ...] = ()
        self._host, self._users = host, users
        self._serial = b""

    async def refresh(self, storage: StorageInfo, log_in: bool = True) -> StorageInfo:
        """Read what is missing or has changed; returns ``storage``, newer if reading used signatures.

        A client list that cannot be read (no PIN, a wrong one, the self test still due) stays unknown: what
        needs it tells why.
        """
        if storage.serial != self._serial:
            self.clients, self.newest, self.chain, self._serial = None, 0, (), storage.serial
        if not self.chain:
            await self._read_chain(storage)
        if storage.state != INITIALIZED or not storage.passed_self_test or self._is_current(storage):
            return storage
        if storage.clients == 0:
            self.clients = ()
        elif log_in and self._users.may("Admin"):
            try:
                async with self._users.as_admin():
                    await self.read_clients()
                await self._read_newest()
            except TseRefused as error:
                self.clients = None
                log.warning("Epson TSE: the list of clients is not readable: %s", error)
            return await self._host.look()
        return storage

    def _is_current(self, storage: StorageInfo) -> bool:
        return self.clients is not None and len(self.clients) == storage.clients

    async def read_clients(self) -> Sequence[str]:
        """Read the list; the Administrator is logged in."""
        listed = codec.read_list(await self._host.call("GetRegisteredClientList"), "registeredClientIdList")
        self.clients = tuple(str(client) for client in listed)
        return self.clients

    async def _read_newest(self) -> None:
        """The counter of transactions is nowhere told; each client's last response and the open ones are."""
        opened = await self._host.call("GetStartedTransactionList", {"clientId": ""})
        seen = [self.newest, *codec.read_list(opened, "startedTransactionNumberList")]
        for client in self.clients or ():
            try:
                last = await self._host.call("GetLastTransactionResponse", {"clientId": client})
            except TseRefused:
                continue  # none yet
            seen.append(last.get("transactionNumber"))
        self.newest = max(number for number in seen if isinstance(number, int))

    async def _read_chain(self, storage: StorageInfo) -> None:
        try:
            output = await self._host.call("GetLogMessageCertificate")
        except TseRefused as error:
            if storage.state == INITIALIZED:
                raise
            log.info("Epson TSE: no certificate in state %s: %s", storage.state, error)
            return
        self.chain = read_chain(codec.read_binary(output, "logMessageCertificate"), storage.serial)

    def info(self, storage: StorageInfo) -> TseInfo:
        """Put together what the port wants to know."""
        return TseInfo(
            serial_number=storage.serial.hex(),
            public_key=b64encode(_point(storage)).decode(),
            signature_algorithm=storage.algorithm,
            time_format=TIME_FORMAT,
            life_cycle=_life_cycle(storage),
            time_valid=storage.has_time,
            self_test_due=not storage.passed_self_test or storage.next_self_test_s <= 0,
            signature_counter=storage.signatures,
            transaction_counter=self.newest,
            open_transactions=storage.started,
            max_open_transactions=storage.max_started,
            clients=self.clients or (),
            max_clients=storage.max_clients,
            certificate_expiry=storage.certificate_expiry,
            certificates=tuple(b64encode(each).decode() for each in self.chain),
            certification_id=storage.description,
            description=storage.description,
            time_sync_interval=TIME_SYNC_S,
            signatures_left=storage.signatures_left,
            memory_used=min(100, 100 * storage.used // storage.capacity) if storage.capacity else None,
        )


def _point(storage: StorageInfo) -> bytes:
    try:
        key = parse_public_key(storage.public_key)
    except (BadKey, DerError, ValueError) as error:
        raise BadAnswer(f"tsePublicKey: {error}") from error
    if key.serial != storage.serial:
        raise BadAnswer("tsePublicKey und serialNumber gehören nicht zusammen")
    return key.point


def _life_cycle(storage: StorageInfo) -> LifeCycle:
    if storage.state == UNINITIALIZED:
        return "factory"
    if storage.state == DECOMMISSIONED:
        return "disabled"
    if not storage.unlocked:
        return "deactivated"
    return "active" if storage.has_time else "no_time"
