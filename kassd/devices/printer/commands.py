"""The few ESC/POS commands the driver itself sends. Receipts come encoded from elsewhere. Pure."""

from collections.abc import Iterable

from kassd.devices.config import PULSE_MAX_MS, Confirm

RESET = b"\x1b@"
# GS a n: automatic status back for bit 0 the drawer's contact, bit 1 on-/offline (cover too), bit 2 errors,
# bit 3 paper. ESC @ switches it off, so it follows the one a job begins with, and every job.
ASB_ON = b"\x1da\x0f"
# DLE DC4 8: clear receive and print buffer, at once (Epson; others ignore it).
CLEAR = bytes((0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8))
# Longer than any command of a slip (a strip of a picture): ends what a broken connection has left half.
# A printer ignores NULs, or they are white dots.
PADDING = bytes(4096)
# What was printed of a slip that broke off must not pass for one.
TORN = b"\nAbgebrochen - ungueltig\n\n\n\x1dVB\x00"
# DLE EOT 1..4: printer, cause of offline, cause of error, paper.
QUERIES = (1, 2, 3, 4)
# GS r 1: the paper, answered when it is its turn, and not without paper.
PAPER_STATUS = b"\x1dr\x01"


def realtime_status(kinds: Iterable[int]) -> bytes:
    """DLE EOT n for each of ``kinds``: each is answered at once by one byte that does not say of what."""
    return b"".join(bytes((0x10, 0x04, n)) for n in kinds)


def process_id_request(number: int) -> bytes:
    """GS ( H fn 48: answer ``37 22 d1 d2 d3 d4 00`` when all that came before is on paper."""
    return b"\x1d(H\x06\x00\x30\x30" + process_id(number)


def process_id(number: int) -> bytes:
    """The four bytes that tell one job's answer from another's."""
    return b"%04d" % (number % 10_000)


def framed(data: bytes, confirm: Confirm, number: int) -> bytes:
    """The job with what makes the printer tell how it fares, and for ``process_id`` when it is done."""
    if confirm == "none":
        return data
    if data.startswith(RESET):
        data = RESET + ASB_ON + data.removeprefix(RESET)
    return data + ASB_ON + (process_id_request(number) if confirm == "process_id" else b"")


def resync(torn: bool) -> bytes:
    """Before the first bytes after a connection that may have ended within a command; ``torn``: it has ended
    within a slip."""
    return CLEAR + PADDING + (RESET + TORN if torn else b"")


def lasting(kick: bytes, on_ms: int) -> bytes:
    """An ``ESC p`` with a pulse of ``on_ms`` (2 to 510, in steps of 2) and, as far as it can say, the four
    times as long that its solenoid rests afterwards. Any other command says no times and stays as it is."""
    if len(kick) != 5 or kick[:2] != b"\x1bp":
        return kick
    units = min(max(on_ms // 2, 1), 255)
    return kick[:3] + bytes((units, min(4 * units, 255)))


def pulse_ms(kick: bytes) -> tuple[int, int]:
    """On and off in ms of an ``ESC p m t1 t2`` or a ``DLE DC4 1 m t``; of any other command what is allowed
    at most."""
    if len(kick) == 5 and kick[:2] == b"\x1bp":
        return kick[3] * 2, kick[4] * 2
    if len(kick) == 5 and kick[:3] == b"\x10\x14\x01":
        return kick[4] * 100, kick[4] * 100
    return PULSE_MAX_MS, PULSE_MAX_MS


def realtime_kick(kick: bytes) -> bytes:
    """The drawer pulse that a printer gives while it is offline: DLE DC4 1 m t (t in 100 ms, 1 to 8) for an
    ``ESC p m t1 t2`` (t1 in 2 ms); no longer than that, but 100 ms at least. b"" when ``kick`` is something
    else."""
    if len(kick) != 5 or kick[:2] != b"\x1bp":
        return b""
    connector = kick[2] & 1
    hundreds = max(kick[3] * 2 // 100, 1)  # rather a drawer that stays shut than a solenoid that burns
    return bytes((0x10, 0x14, 1, connector, hundreds))
