"""What a simulated Swissbit TSE's commands are made of: status words, arguments, pages, transaction steps."""

from dataclasses import dataclass
from typing import TypeVar

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.log.messages import Operation

T = TypeVar("T")

STATUS = {
    codes.TIME_NOT_SET: 0x1002,
    codes.PARAMETER: 0x1007,
    codes.NO_TRANSACTION: 0x1008,
    codes.TOO_MANY_TRANSACTIONS: 0x1009,
    codes.CERTIFICATE_EXPIRED: 0x100A,
    codes.SIGNATURES_EXHAUSTED: 0x100E,
    codes.NOT_AUTHENTICATED: 0x100F,
    codes.NOT_AUTHORIZED: 0x100F,
    codes.TOO_MANY_CLIENTS: 0x1010,
    codes.CLIENT_UNKNOWN: 0x1011,
    codes.CLIENT_IN_USE: 0x1013,
    codes.OPEN_TRANSACTIONS: 0x1014,
    codes.STORAGE: 0x1017,
    codes.SELF_TEST_DUE: 0x1054,
    codes.ALREADY_INITIALIZED: 0x10FD,
    codes.DISABLED: 0x10FE,
    codes.NOT_INITIALIZED: 0x10FF,
    codes.PIN_BLOCKED: 0x1201,
    codes.SELF_TEST_FAILED: 0x1310,
}


class Status(Exception):
    """A status word other than 0."""

    def __init__(self, word: int) -> None:
        self.word = word
        super().__init__(f"{word:04X}")


def status_of(error: TseRefused) -> int:
    """The status word of what the device refuses."""
    return STATUS.get(error.code, 0x1001)


class Arguments:
    """Reads a command's arguments; one that is too short is answered with 1005."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        if len(self._raw) < size:
            raise Status(0x1005)
        found, self._raw = self._raw[:size], self._raw[size:]
        return found

    def number(self, size: int) -> int:
        """A big-endian number."""
        return int.from_bytes(self.take(size), "big")

    def text(self) -> str:
        """A string with its length before it."""
        try:
            return self.take(self.number(1)).decode()
        except UnicodeDecodeError:
            raise Status(0x1007) from None


@dataclass(slots=True)
class Step:
    """A transaction step between its opening and its close; ``missing`` are sectors not yet written."""

    operation: Operation
    client: str
    number: int
    kind: str
    sector: int
    data: bytearray
    size: int
    missing: set[int]


def page(found: list[T], skip: int, size: int) -> list[T]:
    """One answer of a list; skipping behind its end is refused."""
    if skip and skip >= len(found):
        raise Status(0x1007)
    return found[skip : skip + size]
