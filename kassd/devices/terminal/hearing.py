"""What the terminal reports while it works, as the register needs it. Pure but for the journal's word."""

import re
from collections.abc import Awaitable, Callable

from kassd.core.cards.data import CardData
from kassd.core.cards.identity import likeness
from kassd.devices.port import CardHeard, CardSlip, CardText, ChargeRequest, DeviceEvent
from kassd.devices.terminal.zvt import charset as charsets
from kassd.devices.terminal.zvt.apdu import Apdu, CodecError
from kassd.devices.terminal.zvt.forms import AMOUNT
from kassd.devices.terminal.zvt.meanings import CARD_TYPES, intermediate
from kassd.devices.terminal.zvt.messages import Aborted, Completion, IntermediateStatus, StatusInformation
from kassd.devices.terminal.zvt.quirks import Quirks
from kassd.devices.terminal.zvt.receipt import BLOCK, LINE, Slip, SlipCollector
from kassd.devices.terminal.zvt.tlv import first
from kassd.devices.terminal.zvt.totals import Totals
from kassd.errors import DeviceError

APPROVED = 0
SPECIAL_TEXT, TIP, LONG_TRACE = 0xFF, 0x1F36, 0x1F2B
TEXTS, TEXT = 0x24, 0x07
LAST_FOUR = re.compile(r"(\d{4})[^0-9]*$")

OnDisk = Callable[[DeviceEvent], Awaitable[None]]
"""Report an event and come back when it is durable."""


def card_data(status: StatusInformation, terminal: str, amount: int | None = None) -> CardData:
    """04 0F as the journal keeps it; ``amount`` where it is approved and says none, if that is known."""
    tip, long_trace = (first(status.tlv or (), tag) for tag in (TIP, LONG_TRACE))
    number = LAST_FOUR.search(status.pan or "")
    approved = status.result_code == APPROVED
    cents = status.amount if status.amount is not None or not approved else amount
    unread = status.result_code is None or (approved and cents is None)
    return CardData(
        terminal=terminal,
        amount=cents or 0,
        receipt=status.receipt or "",
        trace=status.trace or "",
        terminal_id=status.terminal_id or "",
        type=status.card_type or 0,
        name=(status.card_name or CARD_TYPES.get(status.card_type or 0, ""))[:30],
        number=number[1] if number else "",
        authorisation=status.authorisation or "",
        at=f"{status.date or ''} {status.time or ''}".strip(),
        merchant=status.merchant_number or "",
        original_trace=status.original_trace or "",
        text=(status.additional_text or "")[:100],
        tip=_cents(tip) if tip else 0,
        long_trace=long_trace.hex() if long_trace else "",
        result="unread" if unread else "approved" if approved else "declined",
    )


def _cents(raw: bytes) -> int:
    try:
        return AMOUNT.decode(raw, "")
    except CodecError:
        return 0


class Hearing:
    """Listens to one command. ``data``: what was approved; ``other``: it was also declined, in a way that
    could not be read, or approved with other numbers; ``totals``: number and cents of an end of day."""

    def __init__(self, terminal: str, request: ChargeRequest, quirks: Quirks, columns: int, disk: OnDisk):
        self._terminal, self._request, self._charset = terminal, request, quirks.charset
        self._columns, self._disk = columns, disk
        self._collector = SlipCollector(quirks.charset)
        self.tell: Callable[[DeviceEvent], None] = lambda _: None
        self.data: CardData | None = None
        self.other: CardData | None = None
        self.totals: tuple[int | None, int | None] = (None, None)

    async def hear(self, apdu: Apdu) -> Apdu | None:
        """Take a report; comes back when it may be answered. Raises :class:`CodecError`."""
        match apdu.control:
            case StatusInformation.CONTROL:
                await self._status(StatusInformation.from_apdu(apdu, self._charset))
            case IntermediateStatus.CONTROL:
                self._intermediate(IntermediateStatus.from_apdu(apdu, self._charset))
            case code if code in (LINE, BLOCK):
                await self._keep(self._collector.take(apdu))
            case Completion.CONTROL | Aborted.CONTROL:
                await self._keep(self._collector.finish())
        return None

    async def _status(self, status: StatusInformation) -> None:
        if self._request.operation == "repeat":
            return  # of what was paid before
        if self._request.operation == "end_of_day":
            self.totals = _totals(status)
        elif status.result_code == APPROVED:
            data = card_data(status, self._terminal, self._request.amount)
            if self.data is None or (data != self.data and likeness(data, self.data) != "same"):
                self.other = self.data or self.other
                await self._disk(CardHeard(self._terminal, self._request.charge, data))
            self.data = data
        else:
            self.other = card_data(status, self._terminal)

    def _intermediate(self, status: IntermediateStatus) -> None:
        texts = first(status.tlv or (), TEXT)
        text = intermediate(status.intermediate)
        if status.intermediate == SPECIAL_TEXT and texts:
            text = charsets.to_text(texts, self._charset)
        printable = "".join(c for c in text if c.isprintable())[:100]
        self.tell(CardText(self._terminal, self._request.charge, printable))

    async def _keep(self, slips: list[Slip]) -> None:
        for slip in slips:
            rows = tuple(_row(line.text, line.centred, line.indent, self._columns) for line in slip.lines)
            await self._disk(CardSlip(self._terminal, self._request.charge, slip.kind, rows))


def _row(text: str, centred: bool, indent: int, columns: int) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text).rstrip()[:100]
    return clean.strip().center(columns).rstrip() if centred else " " * indent + clean


def _totals(status: StatusInformation) -> tuple[int | None, int | None]:
    """Number and cents of all schemes; where they are not listed, the cents alone."""
    if status.totals is not None:
        try:
            totals = Totals.from_bytes(status.totals)
        except CodecError:
            return None, status.amount
        return totals.count, totals.amount
    return None, status.amount


class NotWritten(DeviceError):
    """The register has not said in time that it is on the disk: the terminal is not answered."""

    def __init__(self) -> None:
        super().__init__("not_written", "Die Antwort des Terminals war nicht rechtzeitig gespeichert.")
