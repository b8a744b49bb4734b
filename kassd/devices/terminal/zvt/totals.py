"""The sums of an end of day: bitmap 60 (PA00P015 3.1.3). Pure."""

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.apdu import CodecError
from kassd.devices.terminal.zvt.forms import AMOUNT_BYTES, from_bcd, to_bcd

SCHEMES = ("girocard", "jcb", "mastercard", "amex", "visa", "diners", "other")
_RECEIPT, _SUM = 2, 1 + AMOUNT_BYTES
SIZE = 2 * _RECEIPT + len(SCHEMES) * _SUM


@dataclass(frozen=True, slots=True)
class Totals:
    """``first`` and ``last``: receipt numbers; ``sums``: number of payments and cents, by ``SCHEMES``."""

    first: str
    last: str
    sums: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """Payments of all schemes."""
        return sum(count for count, _ in self.sums)

    @property
    def amount(self) -> int:
        """Cents of all schemes."""
        return sum(amount for _, amount in self.sums)

    def to_bytes(self) -> bytes:
        """The value of bitmap 60. Raises ValueError for what does not fit, such as more than 255 payments."""
        head = to_bcd(self.first, _RECEIPT) + to_bcd(self.last, _RECEIPT)
        return head + b"".join(
            count.to_bytes(1, "big") + to_bcd(str(amount), AMOUNT_BYTES) for count, amount in self.sums
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Totals":
        """Raises :class:`CodecError`."""
        if len(raw) != SIZE:
            raise CodecError(f"Die Einzelsummen haben {len(raw)} statt {SIZE} Byte.")
        sums = []
        for at in range(2 * _RECEIPT, SIZE, _SUM):
            digits = from_bcd(raw[at + 1 : at + _SUM])
            if not digits.isdigit():
                raise CodecError(f"„{digits}“ ist kein Betrag.")
            sums.append((raw[at], int(digits)))
        return cls(from_bcd(raw[:_RECEIPT]), from_bcd(raw[_RECEIPT : 2 * _RECEIPT]), tuple(sums))
