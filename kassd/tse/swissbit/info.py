"""``TSE_INFO.DAT``: what a Swissbit TSE says of itself, 512 bytes, big-endian. Pure."""

from dataclasses import dataclass

from kassd.tse.swissbit.codec import SECTOR, Malformed

UNINITIALIZED, INITIALIZED, DECOMMISSIONED = 0, 1, 2
ALGORITHM_OF_KEY_SIZE = {65: "ecdsa-plain-SHA256", 97: "ecdsa-plain-SHA384", 129: "ecdsa-plain-SHA512"}


@dataclass(frozen=True, slots=True)
class Status:
    """Sizes in bytes but for ``used_sectors``; times in seconds; ``certificate_expiry`` unix seconds."""

    used_sectors: int
    time_valid: bool
    self_test_passed: bool
    state: int
    importing: bool
    puk_changed: bool
    admin_pin_changed: bool
    time_admin_pin_changed: bool
    to_self_test: int
    signatures: int
    max_signatures: int
    clients: int
    max_clients: int
    certificate_expiry: int
    export_size: int
    software: str
    public_key: bytes
    to_time_sync: int
    serial: bytes
    description: str

    @property
    def algorithm(self) -> str:
        """Signature algorithm; the device names none, the key's size tells."""
        return ALGORITHM_OF_KEY_SIZE[len(self.public_key)]


def parse_status(block: bytes) -> Status:
    """Read the file's content, or raise :class:`Malformed`."""

    def number(at: int, size: int = 4) -> int:
        return int.from_bytes(block[at : at + size], "big")

    if len(block) < SECTOR:
        raise Malformed(f"TSE_INFO.DAT with {len(block)} bytes")
    key = block[0x6B : 0x6B + block[0x6A]]
    if len(key) not in ALGORITHM_OF_KEY_SIZE or key[0] != 4:
        raise Malformed("TSE_INFO.DAT without a public key")
    if block[0x1D] > DECOMMISSIONED:
        raise Malformed(f"TSE_INFO.DAT with state {block[0x1D]}")
    version = number(0x54)
    return Status(
        used_sectors=number(0x18),
        time_valid=bool(block[0x1C] & 1),
        self_test_passed=bool(block[0x1C] & 2),
        state=block[0x1D],
        importing=block[0x1E] != 0,
        puk_changed=bool(block[0x20] & 1),
        admin_pin_changed=bool(block[0x20] & 2),
        time_admin_pin_changed=bool(block[0x20] & 4),
        to_self_test=number(0x24),
        signatures=number(0x30),
        max_signatures=number(0x34),
        clients=number(0x38),
        max_clients=number(0x3C),
        certificate_expiry=number(0x40, 8),
        export_size=number(0x48, 8),
        software=f"{version >> 16}.{version >> 8 & 0xFF}.{version & 0xFF}",
        public_key=key,
        to_time_sync=number(0xD0),
        serial=block[0x100:0x120],
        description=block[0x120:].partition(b"\0")[0].decode("utf-8", "backslashreplace"),
    )
