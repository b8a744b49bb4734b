"""The simulated terminal's receipts: what stands on them, and the messages that carry them."""

from collections.abc import Iterator
from datetime import datetime

from kassd.devices.terminal.zvt import charset as charsets
from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.messages import PrintLine, PrintTextBlock
from kassd.devices.terminal.zvt.tlv import Tlv
from kassd.sim.terminal.behaviour import Card
from kassd.sim.terminal.memory import Transaction

KINDS = {"merchant": 1, "customer": 2, "admin": 3}
TITLES = {"merchant": "** HÄNDLERBELEG **", "customer": "** KUNDENBELEG **", "admin": "** KASSENSCHNITT **"}
WORDS = {"payment": "ZAHLUNG", "reversal": "STORNO", "refund": "GUTSCHRIFT"}
CENTRED, END = 0x40, 0x81
BLOCK_LINES = 30  # a longer slip is sent in several blocks
Slips = list[tuple[str, list[str]]]


def transaction_slips(
    done: Transaction, card: Card, terminal: str, now: datetime, columns: int, result: str
) -> Slips:
    """Merchant's and customer's receipt."""
    return [
        (kind, [line[:columns] for line in _lines(kind, done, card, terminal, now, columns, result)])
        for kind in ("merchant", "customer")
    ]


def _lines(
    kind: str, done: Transaction, card: Card, terminal: str, now: datetime, columns: int, result: str
) -> Iterator[str]:
    yield TITLES[kind].center(columns).rstrip()
    yield "SIMULATION, KEIN BELEG".center(columns).rstrip()
    yield ""
    yield WORDS[done.kind]
    yield f"{now:%d.%m.%Y %H:%M:%S}"
    yield _pair("Terminal-ID:", terminal, columns)
    yield _pair("Beleg-Nr.:", f"{done.receipt:04d}", columns)
    yield _pair("Trace-Nr.:", f"{done.trace:06d}", columns)
    yield card.name
    yield _pair("Nr.:", card.pan.rstrip("F").replace("E", "*"), columns)
    yield _pair("BETRAG EUR", f"{done.amount // 100},{done.amount % 100:02d}", columns)
    yield result.center(columns).rstrip()


def closing_slip(lines: list[tuple[str, int, int]], terminal: str, now: datetime, columns: int) -> Slips:
    """The end of day's receipt: name, number and cents of each scheme."""
    rows = [TITLES["admin"].center(columns).rstrip(), f"{now:%d.%m.%Y %H:%M:%S}"]
    rows += [_pair("Terminal-ID:", terminal, columns), "-" * columns]
    for name, count, amount in lines:
        euros = f"{'-' if amount < 0 else ''}{abs(amount) // 100},{abs(amount) % 100:02d}"
        rows.append(_pair(f"{name} {count}", euros, columns))
    return [("admin", [row[:columns] for row in rows])]


def _pair(left: str, right: str, columns: int) -> str:
    return left + right.rjust(max(len(right) + 1, columns - len(left)))


def as_lines(slips: Slips, charset: str, *, kinds: bool) -> Iterator[Apdu]:
    """06 D1, one a line; ``kinds``: with the kind of receipt behind, as some terminals have it."""
    for kind, lines in slips:
        tlv = (Tlv(0x1F07, bytes((KINDS[kind],))),) if kinds else None
        for line in lines:
            yield PrintLine(0, line, tlv).to_apdu(charset)
        yield PrintLine(END, "", tlv).to_apdu(charset)


def as_blocks(slips: Slips, charset: str) -> Iterator[Apdu]:
    """06 D3, in blocks of at most ``BLOCK_LINES``; only the last one of a slip ends it."""
    for kind, lines in slips:
        for at in range(0, len(lines), BLOCK_LINES):
            texts = [Tlv(0x07, charsets.to_bytes(line, charset)) for line in lines[at : at + BLOCK_LINES]]
            last = [Tlv(0x09, bytes((END,)))] if at + BLOCK_LINES >= len(lines) else []
            head = Tlv(0x1F07, bytes((KINDS[kind],)))
            yield PrintTextBlock((head, Tlv(0x25, parts=(*texts, *last)))).to_apdu()
