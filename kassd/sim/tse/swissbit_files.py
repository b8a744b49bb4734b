"""The files of a simulated Swissbit TSE besides the mailbox: status and log store."""

from base64 import b64decode

from kassd.sim.tse.swissbit_card import Card
from kassd.tse.log.messages import parse
from kassd.tse.log.names import log_name
from kassd.tse.log.tar import entry
from kassd.tse.soft import archive
from kassd.tse.soft.device import Device

SELF_TEST_S = 25 * 3600
NS = 1_000_000_000
FILE = "store.tar"
SOFTWARE = 0x0001_01_00  # 1.1.0


class TarStore:
    """The log as the archive it is read as; a file in the device's folder, made anew at each power-up."""

    def __init__(self, device: Device) -> None:
        self._path = device.signer.store.folder / FILE
        self._seen = -1
        self.size = 0

    def sync(self, device: Device) -> None:
        """Take what the device has logged since."""
        store = device.signer.store
        if self._seen < 0 or store.size < self._seen:
            head = archive.head(device.signer)
            self._path.write_bytes(head)
            self._seen, self.size = 0, len(head)
        if store.size == self._seen:
            return
        with self._path.open("ab") as file:
            for _, record in store.committed(self._seen):
                if record["t"] == "log":
                    raw = b64decode(record["m"])
                    self.size += file.write(entry(log_name(parse(raw)), raw, record["ms"] // 1000))
        self._seen = store.size

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of the archive; zeros behind it."""
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(size).ljust(size, b"\0")


def _left(device: Device, since: int, interval: int) -> int:
    return max(0, interval - (device.signer.mono() - since) // NS)


def status_block(device: Device, card: Card, tar: TarStore) -> bytes:
    """Content of ``TSE_INFO.DAT``."""
    info, state = device.info(), device.signer.state
    passed, valid, open_ = card.passed(device), info.time_valid, card.ctss(device)
    puk, admin, time_admin = card.changed(device)
    block = bytearray(512)

    def put(at: int, value: int, size: int = 4) -> None:
        block[at : at + size] = value.to_bytes(size, "big")

    put(0x18, tar.size // 512)
    put(0x1C, valid | passed << 1, 1)
    put(0x1D, 2 if state.disabled else int(state.initialized), 1)
    put(0x1E, card.step is not None, 1)
    put(0x20, puk | admin << 1 | time_admin << 2, 1)
    put(0x24, _left(device, card.tested_at, SELF_TEST_S) if passed else 0)
    put(0x30, state.counter)
    put(0x34, state.model.max_signatures)
    put(0x38, len(state.clients))
    put(0x3C, state.model.max_clients)
    put(0x40, info.certificate_expiry, 8)
    put(0x48, tar.size if open_ else 0, 8)
    put(0x54, SOFTWARE)
    key = b64decode(info.public_key)
    put(0x6A, len(key), 1)
    block[0x6B : 0x6B + len(key)] = key
    put(0xD0, _left(device, card.time_set_at, info.time_sync_interval) if valid else 0)
    block[0x100:0x120] = bytes.fromhex(state.serial)
    text = info.description.encode("ascii", "replace")[:223]
    block[0x120 : 0x120 + len(text)] = text
    return bytes(block)
