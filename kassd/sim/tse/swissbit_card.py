"""The commands of a Swissbit TSE, carried out on a soft TSE's device: users, states, transactions.

What may be done when follows the vendor's header: after a power-up the self test comes first; until it has
passed only user authentication, registering and the self test are allowed; without the CTSS interface
nearly nothing is; most of the rest wants the Admin. Secrets are the device's own users; there is one PUK.
"""

import dataclasses
import hashlib
from base64 import b64decode, encodebytes
from dataclasses import dataclass, field
from datetime import datetime

from kassd.errors import TseRefused
from kassd.sim.tse.core import PUK_TRIES
from kassd.sim.tse.swissbit_words import Arguments, Status, Step, page
from kassd.tse import codes
from kassd.tse.log.messages import Operation
from kassd.tse.soft.device import CLIENT_ID, Device
from kassd.tse.soft.model import User

SECTOR = 512
SEED = b"SwissbitSwissbit"
ROLES = {1: "Admin", 2: "TimeAdmin"}
OPERATIONS: tuple[Operation, ...] = ("start", "update", "finish")
CERTIFICATE_PART = 400
CTSS_FILE = "ctss"
CLIENTS_PER_PAGE = 16


def initial_secrets(serial: str) -> tuple[str, str, str]:
    """PUK, Admin's and TimeAdmin's PIN of a factory-new stick."""
    digest = hashlib.sha256(SEED + bytes.fromhex(serial)).hexdigest()
    puk, admin, time_admin = (str(int(digest[n : n + 16], 16)).zfill(6) for n in (0, 16, 32))
    return puk[-6:], admin[-5:], time_admin[-5:]


@dataclass(eq=False)
class Card:
    """One power-up. ``sector``: where process data is to be written; None: behind the log."""

    sector: int | None = None
    tested: bool = False
    step: Step | None = None
    time_set_at: int = 0
    tested_at: int = 0
    logged_in: set[str] = field(default_factory=set)

    def power_up(self, device: Device) -> None:
        """A new stick gets its initial secrets."""
        if not device.signer.state.users:
            puk, admin, time_admin = initial_secrets(device.signer.state.serial)
            for name, pin in (("Admin", admin), ("TimeAdmin", time_admin)):
                hidden = device.signer.hash_secret
                self._keep(device, name, User(hidden(pin), hidden(puk), puk_tries=PUK_TRIES))

    @staticmethod
    def _keep(device: Device, name: str, user: User) -> None:
        device.signer.record({"t": "user", "user": name, "secrets": dataclasses.asdict(user)})
        device.signer.commit()

    # -- state

    def changed(self, device: Device) -> tuple[bool, bool, bool]:
        """Whether PUK, Admin's PIN, TimeAdmin's PIN are no longer the initial ones."""
        users, hidden = device.signer.state.users, device.signer.hash_secret
        puk, admin, time_admin = map(hidden, initial_secrets(device.signer.state.serial))
        kept = users["Admin"].puk, users["Admin"].pin, users["TimeAdmin"].pin
        return kept[0] != puk, kept[1] != admin, kept[2] != time_admin

    def passed(self, device: Device) -> bool:
        """Whether the self test has been passed and is not due again."""
        return self.tested and not device.self_test_due

    def ctss(self, device: Device) -> bool:
        """Whether the interface is open; kept over power cycles."""
        return (device.signer.store.folder / CTSS_FILE).exists()

    def _check_state(self, device: Device, opcode: int) -> None:
        if opcode == 0x40:
            return
        if not self.tested or (self.tested_at and device.self_test_due):
            raise Status(0x1054)
        if device.self_test_due and opcode not in (0x20, 0x23, 0x24, 0x41):
            raise Status(0x1055)
        if not self.ctss(device) and opcode not in (0x20, 0x23, 0x24, 0x41, 0x42, 0x43, 0x60, 0x61):
            raise Status(0x1053)

    def _admin(self, device: Device) -> None:
        if not all(self.changed(device)):
            raise Status(0x1051)
        if "Admin" not in self.logged_in:
            raise Status(0x100F)

    # -- commands

    def execute(self, device: Device, command: bytes) -> bytes:
        """Data of the answer; raises :class:`Status` or ``TseRefused``."""
        if len(command) < 2 or command[1]:
            raise Status(0x1005)
        handler = _HANDLERS.get(command[0])
        if handler is None:
            raise Status(0xF000)
        self._check_state(device, command[0])
        return handler(self, device, Arguments(command[2:]))

    def login(self, device: Device, args: Arguments) -> bytes:
        """20."""
        name, pin = ROLES.get(args.number(1), ""), args.text()
        if not name:
            raise Status(0x1007)
        if not self.changed(device)[0]:
            raise Status(0x1050)
        try:
            device.authenticate(name, pin)
        except TseRefused as error:
            if error.code != codes.WRONG_PIN:
                raise
            raise Status(0x1100 | device.signer.state.users[name].pin_tries) from None
        self.logged_in.add(name)
        return b""

    def change_puk(self, device: Device, args: Arguments) -> bytes:
        """23."""
        puk, new = args.text(), args.text()
        users, hidden = device.signer.state.users, device.signer.hash_secret
        left = users["Admin"].puk_tries
        if not left:
            raise Status(0x1201)
        right = users["Admin"].puk == hidden(puk)
        if right and (len(new) != 6 or new == puk):
            raise Status(0x1007)
        for name, user in list(users.items()):
            changes: dict[str, object] = {"puk": hidden(new), "puk_tries": PUK_TRIES}
            fresh = dataclasses.replace(user, **(changes if right else {"puk_tries": left - 1}))
            self._keep(device, name, fresh)
        if not right:
            raise Status(0x1100 | left - 1)
        return b""

    def change_pin(self, device: Device, args: Arguments) -> bytes:
        """24."""
        name, pin, new = ROLES.get(args.number(1), ""), args.text(), args.text()
        if name not in self.logged_in:
            raise Status(0x1202)
        user, hidden = device.signer.state.users[name], device.signer.hash_secret
        if not user.pin_tries:
            raise Status(0x1201)
        if user.pin != hidden(pin):
            self._keep(device, name, dataclasses.replace(user, pin_tries=user.pin_tries - 1))
            raise Status(0x1100 | user.pin_tries - 1)
        if len(new) != 5 or new == pin:
            raise Status(0x1007)
        self._keep(device, name, dataclasses.replace(user, pin=hidden(new)))
        return b""

    def self_test(self, device: Device, args: Arguments) -> bytes:
        """40: without a registered client it fails, but has been run."""
        client = args.text()
        self.tested = True
        if client not in device.signer.state.clients:
            raise Status(0x1011)
        device.self_test()
        self.tested_at = device.signer.mono()
        return b""

    def register(self, device: Device, args: Arguments) -> bytes:
        """41; also before the initialisation."""
        client = args.text()
        self._admin(device)
        signer = device.signer
        if signer.state.initialized:
            device.register_client(client)
        elif not CLIENT_ID.fullmatch(client):
            raise Status(0x1007)
        elif client not in signer.state.clients:
            signer.log(signer.events.register_client(client), client)
            signer.commit()
        return b""

    def deregister(self, device: Device, args: Arguments) -> bytes:
        """42."""
        client = args.text()
        self._admin(device)
        device.deregister_client(client)
        return b""

    def list_clients(self, device: Device, args: Arguments) -> bytes:
        """43."""
        skip = args.number(4)
        self._admin(device)
        found = page(device.signer.state.clients, skip, CLIENTS_PER_PAGE)
        width = 32 if len(found) < CLIENTS_PER_PAGE else 31  # 16 fields of 32 do not fit a block
        return bytes((len(found),)) + b"".join(client.encode().ljust(width, b"\0") for client in found)

    def ctss_enable(self, device: Device, args: Arguments) -> bytes:
        """60."""
        self._admin(device)
        (device.signer.store.folder / CTSS_FILE).touch()
        return b""

    def ctss_disable(self, device: Device, args: Arguments) -> bytes:
        """61."""
        self._admin(device)
        (device.signer.store.folder / CTSS_FILE).unlink(missing_ok=True)
        return b""

    def initialize(self, device: Device, args: Arguments) -> bytes:
        """70."""
        self._admin(device)
        device.initialize()
        return b""

    def update_time(self, device: Device, args: Arguments) -> bytes:
        """80."""
        device.update_time(args.number(8))
        self.time_set_at = device.signer.mono()
        return b""

    def list_transactions(self, device: Device, args: Arguments) -> bytes:
        """85."""
        skip, client = args.number(4), args.text()
        found = page(list(device.open_transactions(client or None)), skip, 62)
        return bytes((len(found),)) + b"".join(number.to_bytes(8, "big") for number in found)

    def read_certificate(self, device: Device, args: Arguments) -> bytes:
        """86."""
        offset = args.number(4)
        begin, end = b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"
        pem = b"".join(begin + encodebytes(der) + end for der in device.signer.identity.chain)
        if offset >= len(pem):
            raise Status(0x1007)
        part = pem[offset : offset + CERTIFICATE_PART]
        return len(part).to_bytes(2, "big") + part

    # -- transaction steps

    def open_step(self, device: Device, args: Arguments) -> bytes:
        """90: the answer is the sector that the process data is to be written to."""
        event, client = args.number(1), args.text()
        number, size, kind_size = args.number(8), args.number(8), args.number(8)
        kind = args.take(kind_size).decode()
        if args.number(8) or event >= len(OPERATIONS) or kind_size > 100 or size > 65_536:
            raise Status(0x1007)
        operation, state = OPERATIONS[event], device.signer.state
        if device.life_cycle in ("factory", "disabled"):
            raise Status(0x10FF if device.life_cycle == "factory" else 0x10FE)
        if not device.signer.time_valid:
            raise Status(0x1002)
        if client not in state.clients:
            raise Status(0x1011)
        if operation != "start" and state.open.get(number) != client:
            raise Status(0x1008)
        if operation == "start" and len(state.open) >= state.model.max_open_transactions:
            raise Status(0x1009)
        sector = -(-state.stored // SECTOR) + 2 if self.sector is None else self.sector
        missing = set(range(sector, sector + -(-size // SECTOR)))
        room = bytearray(len(missing) * SECTOR)
        self.step = Step(operation, client, number, kind, sector, room, size, missing)
        return sector.to_bytes(8, "big")

    def write(self, sector: int, data: bytes) -> None:
        """Process data arrives in the store; what belongs to no step is thrown away."""
        step = self.step
        if step is None:
            return
        for n in range(len(data) // SECTOR):
            if step.sector <= sector + n < step.sector + len(step.data) // SECTOR:
                at = (sector + n - step.sector) * SECTOR
                step.data[at : at + SECTOR] = data[n * SECTOR :][:SECTOR]
                step.missing.discard(sector + n)

    def close_step(self, device: Device, args: Arguments) -> bytes:
        """95."""
        step = self.step
        if step is None:
            raise Status(0x1004)
        if step.missing:
            raise Status(0x1006)
        self.step = None
        data = bytes(step.data[: step.size])
        signed = device.transaction(step.operation, step.number, step.client, step.kind, data)
        signature = b64decode(signed.signature)
        moment = int(datetime.fromisoformat(signed.log_time).timestamp())
        numbers = [n.to_bytes(8, "big") for n in (moment, signed.signature_counter, len(signature))]
        head = signed.transaction_number.to_bytes(8, "big") + bytes.fromhex(signed.serial_number)
        return head + b"".join(numbers) + signature


_HANDLERS = {
    0x20: Card.login,
    0x23: Card.change_puk,
    0x24: Card.change_pin,
    0x40: Card.self_test,
    0x41: Card.register,
    0x42: Card.deregister,
    0x43: Card.list_clients,
    0x60: Card.ctss_enable,
    0x61: Card.ctss_disable,
    0x70: Card.initialize,
    0x80: Card.update_time,
    0x85: Card.list_transactions,
    0x86: Card.read_certificate,
    0x90: Card.open_step,
    0x95: Card.close_step,
}
