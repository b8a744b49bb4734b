"""A soft TSE for a virtual register: no thread, no disk but its archive; keys follow from the seed."""

from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

from kassd.core.facts import Wish
from kassd.core.inputs import TseAnswered, TseOpened, TseSurveyed
from kassd.tse.log.algorithms import from_library
from kassd.tse.log.messages import parse
from kassd.tse.log.names import log_name
from kassd.tse.log.system import Events
from kassd.tse.log.tar import END, entry
from kassd.tse.port import Secrets, Signed
from kassd.tse.soft import archive, pki
from kassd.tse.soft.device import Device
from kassd.tse.soft.model import Model, State
from kassd.tse.soft.signer import Signer
from kassd.tse.soft.store import Record, Store

CURVE = "secp256r1"
DAYS = 15 * 365
SECRETS = Secrets(admin_pin="12345", admin_puk="123456", time_admin_pin="54321", time_admin_puk="654321")


class Tape(Store):
    """Writes each log message into the archive when it is committed, and keeps nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.parent)
        self.file = path.open("wb")

    @property
    def is_open(self) -> bool:
        """Always: nobody else has it."""
        return True

    def stage(self, record: Record) -> None:
        """Write it."""
        if record["t"] == "log":
            raw = b64decode(record["m"])
            self.file.write(entry(log_name(parse(raw)), raw, record["ms"] // 1000))

    def commit(self) -> None:
        """Written already."""

    def close(self) -> None:
        """End the archive."""
        self.file.write(END)
        self.file.close()


class TapeSigner(Signer):
    """A signer with a key from a seed. ``mono``: virtual nanoseconds."""

    def __init__(self, path: Path, seed: bytes, made_at_s: int, mono: Callable[[], int]) -> None:
        from cryptography.hazmat.primitives.serialization import Encoding

        leaf, chain = pki.make(CURVE, made_at_s, DAYS, seed)
        public = from_library(leaf.public_key())
        certificates = tuple(one.public_bytes(Encoding.DER) for one in chain)
        expiry = int(chain[0].not_valid_after_utc.timestamp())
        self.mono, self.store = mono, Tape(path)
        model = Model(curve=CURVE, certificate_days=DAYS)
        self.state = State(model=model, serial=public.serial.hex(), last_time=made_at_s * 1000)
        self.identity = pki.Identity(leaf, public, pki.algorithm_of(CURVE), certificates, expiry, True)
        self.time_valid = self.expired = self.full = False
        self.set_clock(self.state.last_time)
        self.events = Events(model.version, model.time_format)
        self.store.file.write(archive.head(self))


class VirtualTse:
    """The device and the worker's part in one: calls, power cycles, what is looked up afterwards."""

    def __init__(
        self, path: Path, seed: bytes, client: str, unix_ns: Callable[[], int], mono: Callable[[], int]
    ) -> None:
        self._unix_ns, self.client = unix_ns, client
        self.device = Device(TapeSigner(path, seed, unix_ns() // 1_000_000_000, mono))
        self._signed: dict[tuple[str, int], Signed] = {}  # of the newest transactions
        self.device.set_secrets(SECRETS)
        self.device.authenticate("Admin", SECRETS.admin_pin)
        self.device.initialize()
        self.device.register_client(client)
        self.prepare()

    def power_up(self) -> None:
        """Plugged in again: the time is lost, the self test due."""
        signer = self.device.signer
        signer.time_valid = False
        self.device = Device(signer)
        self.device.authenticate("Admin", SECRETS.admin_pin)
        self.prepare()

    def prepare(self) -> None:
        """What the worker does at an opening and once a day: self test and time."""
        self.device.self_test()
        self.device.update_time(self._unix_ns() // 1_000_000_000)

    def opened(self) -> TseOpened:
        """What it says of itself."""
        info = self.device.info()
        return TseOpened(
            info.serial_number,
            info.public_key,
            info.signature_algorithm,
            info.time_format,
            info.certificates,
            info.certificate_expiry,
            info.certification_id,
            info.description,
            self.client,
            info.signature_counter,
            info.signatures_left,
            info.memory_used,
        )

    def call(self, wish: Wish) -> TseAnswered:
        """Start or finish."""
        if self.device.self_test_due:
            self.prepare()
        a = wish.args
        if wish.kind == "tse.start":
            signed = self.device.transaction("start", 0, self.client, "", b"")
        else:
            data, number = str(a["process_data"]).encode(), int(a["transaction"])
            signed = self.device.transaction("finish", number, self.client, str(a["process_type"]), data)
        self._signed[wish.kind, signed.transaction_number] = signed
        if len(self._signed) > 64:
            del self._signed[next(iter(self._signed))]
        return answer(wish.id, signed)

    def resolve(self, wish: Wish, known: set[int], wanted: bool) -> TseAnswered:
        """The outcome of a call that is outstanding after the TSE was away; carried out if it never was."""
        if wish.kind == "tse.start":
            lost = [n for n in self.device.open_transactions(self.client) if n not in known]
            if lost:
                return answer(wish.id, self._signed["tse.start", lost[0]])
            if not wanted:
                return TseAnswered(wish.id, error="withdrawn", begun=False)
            return self.call(wish)
        number = int(wish.args["transaction"])
        if number in self.device.open_transactions(self.client):
            return self.call(wish)
        return answer(wish.id, self._signed["tse.finish", number])

    def surveyed(self) -> TseSurveyed:
        """Which transactions are open."""
        newest = self.device.info().transaction_counter
        return TseSurveyed(tuple(self.device.open_transactions(self.client)), newest)

    def retire(self) -> int:
        """Take the register off, put it out of use, end the archive; how many messages it has signed."""
        self.device.deregister_client(self.client)
        self.device.disable()
        self.close()
        return self.device.signer.state.counter

    def close(self) -> None:
        """End the archive."""
        self.device.signer.store.close()


def answer(wish: str, s: Signed) -> TseAnswered:
    """A signature as the register hears it."""
    return TseAnswered(
        wish, s.transaction_number, s.signature_counter, s.log_time, s.serial_number, s.signature
    )
