"""Every field of a message with its name and meaning, for technicians. Pure; never raises for odd bytes."""

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt import charset as charsets
from kassd.devices.terminal.zvt import forms
from kassd.devices.terminal.zvt.apdu import Apdu, CodecError
from kassd.devices.terminal.zvt.commands import bitmap, command, command_name
from kassd.devices.terminal.zvt.fields import Field
from kassd.devices.terminal.zvt.forms import AnyForm
from kassd.devices.terminal.zvt.layout import CONTAINER, Layout, read_layout
from kassd.devices.terminal.zvt.masking import MASK, hidden_bytes, hidden_text
from kassd.devices.terminal.zvt.tags import TAGS, Tag
from kassd.devices.terminal.zvt.tlv import Tlv, first, scan_tlv, walk
from kassd.devices.terminal.zvt.totals import SCHEMES, Totals

CHARSET_TAG, TOTALS = 0x14, 0x60
_TEXTS = (forms.TEXT, forms.ENDED_TEXT)
_FREE = (*_TEXTS, forms.SEVEN_BIT)  # where anything may stand, a card number as well
_UNKNOWN = Tag("unknown", "unbekannter Tag")


@dataclass(frozen=True, slots=True)
class Item:
    """One field. ``id``: its number as the specification writes it, '' in the head; ``raw`` empty where the
    bytes are secret; ``value``: number or text; ``text``: as a person reads it."""

    id: str
    key: str
    label: str
    raw: bytes = b""
    value: int | str | None = None
    text: str = ""
    parts: "tuple[Item, ...]" = ()

    def render(self) -> dict[str, Any]:
        """JSON."""
        values: dict[str, Any] = {"id": self.id, "key": self.key, "label": self.label}
        values |= {"raw": self.raw.hex().upper(), "value": self.value, "text": self.text}
        return values | ({"parts": [part.render() for part in self.parts]} if self.parts else {})


@dataclass(frozen=True, slots=True)
class Explained:
    """A message: ``way`` says who sends it; ``problems`` (German): what could not be read."""

    apdu: Apdu
    name: str
    way: str
    charset: str
    items: tuple[Item, ...]
    problems: tuple[str, ...] = field(default=())

    def render(self) -> dict[str, Any]:
        """JSON."""
        values: dict[str, Any] = {"control": self.apdu.name, "name": self.name, "way": self.way}
        values |= {"length": len(self.apdu.data), "charset": self.charset}
        return values | {"fields": [item.render() for item in self.items]}


def explain(apdu: Apdu, charset: str = "") -> Explained:
    """All that can be said of a message. Without ``charset``: what it says itself, else a guess."""
    layout = read_layout(apdu)
    problems = [layout.problem] if layout.problem else []
    name = charset or _charset(layout)
    items = [_item("", part.key, part.label, part.form, raw, name, problems) for part, raw in layout.head]
    items += [_field(apdu.control, item, name, problems) for item in layout.fields]
    known = command(apdu.control)
    told = tuple(hidden_text(problem) for problem in problems)
    return Explained(apdu, command_name(apdu.control), known.way, name, tuple(items), told)


def _item(
    number: str, key: str, label: str, form: AnyForm, raw: bytes, charset: str, problems: list[str]
) -> Item:
    try:
        value = form.decode(raw, charset)
    except CodecError as error:
        problems.append(f"{number} {label}: {error}".strip())
        hidden = hidden_bytes(raw)
        if MASK in hidden:
            return Item(number, key, label, value=hidden, text=hidden)
        return Item(number, key, label, raw)
    text = plain_text = charsets.visible(form.speak(value))
    if form is forms.HEX and MASK in (hidden := hidden_bytes(raw)):
        text = hidden
    elif form in _FREE:
        text = hidden_text(plain_text)
    if form.secret or text != plain_text:
        return Item(number, key, label, value=text, text=text)
    plain = value.hex().upper() if isinstance(value, bytes) else value
    return Item(number, key, label, raw, plain, text)


def _field(control: int, found: Field, charset: str, problems: list[str]) -> Item:
    kind, number = bitmap(control, found.number), f"{found.number:02X}"
    if found.number == CONTAINER:
        objects, inner = scan_tlv(found.raw)
        problems += inner
        parts = tuple(_object(item, charset, problems) for item in objects)
        hidden = any(map(_hides, parts)) or (inner and MASK in hidden_bytes(found.raw))
        open_raw = b"" if hidden or _any_secret(objects) else found.raw
        return Item(number, kind.key, kind.label, open_raw, parts=parts)
    item = _item(number, kind.key, kind.label, kind.form, found.raw, charset, problems)
    if found.number != TOTALS:
        return item
    try:
        parts = tuple(_totals(Totals.from_bytes(found.raw)))
    except CodecError as error:
        problems.append(f"{number} {kind.label}: {error}")
        return item
    return Item(number, kind.key, kind.label, found.raw, parts=parts)


def _object(found: Tlv, charset: str, problems: list[str]) -> Item:
    kind = TAGS.get(found.tag, _UNKNOWN)
    if not found.parts:
        return _item(found.name, kind.key, kind.label, kind.form, found.value, charset, problems)
    parts = tuple(_object(part, charset, problems) for part in found.parts)
    return Item(found.name, kind.key, kind.label, parts=parts)


def _hides(item: Item) -> bool:
    """Whether something in it is told in part only: it has a text and no bytes then."""
    return bool(item.text and not item.raw) or any(map(_hides, item.parts))


def _any_secret(objects: list[Tlv]) -> bool:
    return any(TAGS.get(item.tag, _UNKNOWN).form.secret for item in walk(objects))


def _totals(totals: Totals) -> Iterator[Item]:
    yield Item("", "first", "erste Belegnummer", value=totals.first, text=totals.first)
    yield Item("", "last", "letzte Belegnummer", value=totals.last, text=totals.last)
    for scheme, (count, amount) in zip(SCHEMES, totals.sums, strict=True):
        text = f"{count} Zahlungen, {forms.AMOUNT.speak(amount)}"
        yield Item("", scheme, scheme, value=amount, text=text)


def _charset(layout: Layout) -> str:
    objects = [
        item for found in layout.fields if found.number == CONTAINER for item in scan_tlv(found.raw)[0]
    ]
    said = first(objects, CHARSET_TAG)
    if said and said[0] in charsets.BY_CODE:
        return charsets.BY_CODE[said[0]]
    samples = [item.value for item in walk(objects) if TAGS.get(item.tag, _UNKNOWN).form in _TEXTS]
    samples += [raw for part, raw in layout.head if part.form in _TEXTS]
    samples += [found.raw for found in layout.fields if bitmap(0, found.number).form in _TEXTS]
    return charsets.guess(samples)
