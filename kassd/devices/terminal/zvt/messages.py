"""The messages that the register sends and understands. Pure. What they can do: :class:`Message`."""

from dataclasses import field
from typing import ClassVar

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt import charset as charsets
from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.message import Message, Objects

EURO = "0978"


@dataclass(frozen=True, slots=True)
class Registration(Message):
    """06 00 (2.1): ``config`` is the bit field of table 1."""

    CONTROL: ClassVar[int] = 0x0600
    password: str
    config: int
    currency: str | None = None
    service_byte: int | None = None
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class Authorisation(Message):
    """06 01 (2.2): a payment."""

    CONTROL: ClassVar[int] = 0x0601
    amount: int | None = None
    currency: str | None = None
    payment_type: int | None = None
    timeout: int | None = None
    max_status_infos: int | None = None
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class LogOff(Message):
    """06 02 (2.24)."""

    CONTROL: ClassVar[int] = 0x0602


@dataclass(frozen=True, slots=True)
class BookTip(Message):
    """06 0C (2.6): a tip for the payment ``receipt``."""

    CONTROL: ClassVar[int] = 0x060C
    amount: int
    receipt: str
    currency: str | None = None
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class TurnoverTotals(Message):
    """06 10 (2.43): the sums since the last end of day, which goes on."""

    CONTROL: ClassVar[int] = 0x0610
    password: str


@dataclass(frozen=True, slots=True)
class RepeatReceipt(Message):
    """06 20 (2.20): the last transaction again; ``service_byte`` 1: with its status, 2: without printing."""

    CONTROL: ClassVar[int] = 0x0620
    password: str
    service_byte: int | None = None
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class Reversal(Message):
    """06 30 (2.9): undo the payment ``receipt``."""

    CONTROL: ClassVar[int] = 0x0630
    password: str
    receipt: str
    amount: int | None = None
    currency: str | None = None
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class Refund(Message):
    """06 31 (2.15): money to a card."""

    CONTROL: ClassVar[int] = 0x0631
    password: str
    amount: int
    currency: str | None = None
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class EndOfDay(Message):
    """06 50 (2.16)."""

    CONTROL: ClassVar[int] = 0x0650
    password: str
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class StatusEnquiry(Message):
    """05 01 (2.56); ``service_byte`` 2: without software version, 4: with more in the container."""

    CONTROL: ClassVar[int] = 0x0501
    password: str | None = None
    service_byte: int | None = None
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class AbortCommand(Message):
    """06 B0 (2.23): the register wants the running command to end."""

    CONTROL: ClassVar[int] = 0x06B0


@dataclass(frozen=True, slots=True)
class Diagnosis(Message):
    """06 70 (2.17)."""

    CONTROL: ClassVar[int] = 0x0670
    tlv: Objects | None = None


@dataclass(frozen=True, slots=True)
class Initialisation(Message):
    """06 93 (2.18)."""

    CONTROL: ClassVar[int] = 0x0693
    password: str


@dataclass(frozen=True, slots=True)
class SetTime(Message):
    """06 91 (2.25): ``full_date`` YYMMDD, ``time`` HHMMSS."""

    CONTROL: ClassVar[int] = 0x0691
    password: str
    full_date: str
    time: str


@dataclass(frozen=True, slots=True)
class StatusInformation(Message):
    """04 0F (3.1): how a transaction ended. Only ``result_code`` 0 is money; None is not known to be."""

    CONTROL: ClassVar[int] = 0x040F
    result_code: int | None = None
    amount: int | None = None
    trace: str | None = None
    time: str | None = None
    date: str | None = None
    expiry: str | None = None
    card_sequence: str | None = None
    payment_type: int | None = None
    pan: str | None = None
    terminal_id: str | None = None
    merchant_number: str | None = None
    original_trace: str | None = None
    authorisation: str | None = None
    additional_text: str | None = None
    currency: str | None = None
    receipt: str | None = None
    turnover: str | None = None
    card_type: int | None = None
    card_name: str | None = None
    operator_card_type: int | None = None
    host_result: int | None = None
    totals: bytes | None = None
    tlv: Objects | None = None
    problem: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class IntermediateStatus(Message):
    """04 FF (3.7); ``minutes``: two digits, the new T4."""

    CONTROL: ClassVar[int] = 0x04FF
    intermediate: int
    minutes: str | None = None
    tlv: Objects | None = None
    problem: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Completion(Message):
    """06 0F (3.2): the command is done. After 05 01 with ``terminal_status``, after 06 00 ``status_byte``."""

    CONTROL: ClassVar[int] = 0x060F
    version: str | None = None
    terminal_status: int | None = None
    result_code: int | None = None
    time: str | None = None
    full_date: str | None = None
    status_byte: int | None = None
    terminal_id: str | None = None
    currency: str | None = None
    tlv: Objects | None = None
    problem: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Aborted(Message):
    """06 1E (3.3): the command ended without success."""

    CONTROL: ClassVar[int] = 0x061E
    result_code: int
    currency: str | None = None
    receipt: str | None = None
    tlv: Objects | None = None
    problem: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class PrintLine(Message):
    """06 D1 (3.5)."""

    CONTROL: ClassVar[int] = 0x06D1
    attribute: int
    text: str = ""
    tlv: Objects | None = None
    problem: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class PrintTextBlock(Message):
    """06 D3 (3.6): several lines, as tags 07 and 09 in tag 25."""

    CONTROL: ClassVar[int] = 0x06D3
    tlv: Objects | None = None
    problem: str = field(default="", compare=False)


MESSAGES: dict[int, type[Message]] = {
    kind.CONTROL: kind
    for kind in (
        *(Registration, Authorisation, LogOff, BookTip, TurnoverTotals, RepeatReceipt, Reversal, Refund),
        *(EndOfDay, StatusEnquiry, AbortCommand, Diagnosis, Initialisation, SetTime, StatusInformation),
        *(IntermediateStatus, Completion, Aborted, PrintLine, PrintTextBlock),
    )
}


def read_message(apdu: Apdu, charset: str = charsets.DEFAULT) -> Message | None:
    """The message, None if it is of a kind that has no class here. Raises :class:`CodecError`."""
    kind = MESSAGES.get(apdu.control)
    return None if kind is None else kind.from_apdu(apdu, charset)
