"""Messages as dataclasses: written and read again, real ones byte for byte, odd ones without harm."""

import contextlib
import dataclasses
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt import forms
from kassd.devices.terminal.zvt.apdu import Apdu, CodecError
from kassd.devices.terminal.zvt.bmps import BMPS, LL, LLL
from kassd.devices.terminal.zvt.commands import bitmap, command
from kassd.devices.terminal.zvt.fields import Field
from kassd.devices.terminal.zvt.layout import read_layout
from kassd.devices.terminal.zvt.message import Message
from kassd.devices.terminal.zvt.messages import (
    EURO,
    MESSAGES,
    Aborted,
    Authorisation,
    Completion,
    IntermediateStatus,
    PrintLine,
    Registration,
    Reversal,
    StatusEnquiry,
    StatusInformation,
    read_message,
)
from kassd.devices.terminal.zvt.tlv import Tlv
from tests.devices.terminal.zvt.samples import (
    ABORTED,
    COMPLETION,
    FUZZ,
    PAID,
    REGISTRATION,
    VECTORS,
    objects,
    recorded,
)

LETTERS = st.text("ABCÄÖÜäöüß 0123", max_size=8).map(lambda text: text.rstrip(" 0"))


def value(form: forms.AnyForm, size: int) -> st.SearchStrategy[Any]:
    """Values that a form can hold."""
    if form in (forms.TEXT, forms.ENDED_TEXT, forms.ZERO_PADDED, forms.SPACE_PADDED, forms.SEVEN_BIT):
        return LETTERS
    if form is forms.AMOUNT:
        return st.integers(0, forms.AMOUNT_MAX)
    if form is forms.HEX:
        return st.binary(max_size=60)
    if isinstance(form.decode(b"\x01", ""), str):
        digits = 2 * size if size > 0 else 12
        return st.text("0123456789", min_size=digits, max_size=digits)
    return st.integers(0, 255)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Any message, each of its fields there or not."""
    kind = draw(st.sampled_from(list(MESSAGES.values())))
    known = command(kind.CONTROL)
    parts = {part.key: part for part in max((known.head, *known.others), key=len)}
    bmps = {bitmap(kind.CONTROL, number).key: bitmap(kind.CONTROL, number) for number in BMPS}
    values: dict[str, Any] = {}
    for item in dataclasses.fields(cast(Any, kind)):
        if item.name == "problem":
            continue
        if item.default is None and draw(st.booleans()):
            values[item.name] = None
        elif item.name == "tlv":
            values["tlv"] = tuple(draw(st.lists(objects, max_size=2)))
        elif item.name in parts:
            values[item.name] = draw(value(parts[item.name].form, parts[item.name].size))
        else:
            size = bmps[item.name].size
            values[item.name] = draw(value(bmps[item.name].form, 0 if size in (LL, LLL) else size))
    return kind(**values)


def has_a_reading(message: Message) -> bool:
    """Some combinations the specification does not know, and their bytes say something else."""
    match message:
        case Completion(version, status) if (version is None) != (status is None):
            return False
        case Completion(terminal_status=status) if status is not None:
            return message.status_byte is None  # of another command
        case StatusEnquiry(password=None):
            return message.service_byte is None and message.tlv is None
        case Registration(currency=None) if message.tlv is not None or message.service_byte is not None:
            return False
        case IntermediateStatus(minutes=None) | PrintLine() | Aborted():
            return message.tlv != () and not getattr(message, "currency", None)
        case _:
            return True


@FUZZ
@given(messages().filter(has_a_reading))
def test_what_is_written_is_read(message: Message) -> None:
    assert read_message(message.to_apdu()) == message


@FUZZ
@given(st.sampled_from(list(MESSAGES)), st.binary(max_size=120))
def test_any_bytes_are_a_message_or_refused(control: int, data: bytes) -> None:
    with contextlib.suppress(CodecError):
        assert isinstance(read_message(Apdu(control, data)), MESSAGES[control])


@pytest.mark.parametrize("raw", [REGISTRATION, COMPLETION, ABORTED, PAID])
def test_real_messages_come_back_byte_for_byte(raw: bytes) -> None:
    message = read_message(Apdu.from_bytes(raw))
    assert message is not None
    assert message.to_apdu().to_bytes() == raw


def parts(apdu: Apdu) -> tuple[int, list[bytes], list[Field]]:
    layout = read_layout(apdu)
    return apdu.control, [raw for _, raw in layout.head], sorted(layout.fields, key=lambda item: item.number)


@pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")
def test_recorded_messages_come_back_whatever_the_order_of_their_fields() -> None:
    counted = 0
    for raw in recorded():
        try:
            apdu = Apdu.from_bytes(raw)
            message = read_message(apdu, "iso8859-1")
        except CodecError:
            continue  # half a message, or no message at all
        if message is None or getattr(message, "problem", ""):
            continue
        counted += 1
        assert parts(message.to_apdu("iso8859-1")) == parts(apdu)
    assert counted > 60


def test_a_payment() -> None:
    paid = StatusInformation.from_apdu(Apdu.from_bytes(PAID))
    assert (paid.result_code, paid.amount, paid.receipt, paid.trace) == (0, 2040, "0470", "000470")
    assert (paid.card_name, paid.pan, paid.terminal_id) == ("girocard", "EEEEEEEEEEEE4711", "30010207")
    assert (paid.additional_text, paid.problem) == ("GEN.NR.:611804", "")


def test_the_registration_of_the_reference() -> None:
    wished = Registration("123456", 0xBE, EURO, tlv=(Tlv(0x26, parts=(Tlv(0x0A, b"\x06\xd3"),)),))
    assert wished.to_apdu().to_bytes() == REGISTRATION


def test_an_empty_container_is_not_none() -> None:
    assert Authorisation(1000, EURO, tlv=()).to_apdu().data.endswith(b"\x49\x09\x78\x06\x00")
    assert Authorisation.from_apdu(Authorisation(1000, tlv=()).to_apdu()).tlv == ()
    assert Authorisation.from_apdu(Authorisation(1000).to_apdu()).tlv is None


def test_an_odd_field_costs_only_itself_and_is_named() -> None:
    odd = StatusInformation.from_apdu(Apdu(0x040F, bytes.fromhex("27000400000000EEEE870470FF8A05")))
    assert (odd.result_code, odd.amount, odd.receipt, odd.card_type) == (0, None, "0470", None)
    assert "Betrag" in odd.problem
    assert "Bitmap FF" in odd.problem


def test_a_status_without_result_is_not_taken_for_good() -> None:
    assert StatusInformation.from_apdu(Apdu(0x040F)).result_code is None


def test_what_must_be_there() -> None:
    with pytest.raises(CodecError, match="Ergebnis"):
        Aborted.from_apdu(Apdu(0x061E))
    with pytest.raises(CodecError, match="Passwort"):
        Reversal.from_apdu(Apdu(0x0630, b"\x12"))
    with pytest.raises(CodecError, match="fehlen Angaben"):
        Reversal.from_apdu(Apdu(0x0630, b"\x12\x34\x56"))
    with pytest.raises(CodecError, match="keine Nachricht der Art"):
        Aborted.from_apdu(Apdu(0x060F))


def test_other_messages_have_no_class() -> None:
    assert read_message(Apdu(0x06D8)) is None


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="no amount"):
        Authorisation(-1).to_apdu()
    with pytest.raises(ValueError, match="does not fit"):
        Registration("1234567", 0xBE).to_apdu()
