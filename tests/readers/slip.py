"""A slip's text taken apart: what a person with a pencil finds on it. Amounts are integer cents.

Slips are those of 32 to 48 columns, as printed or with the TSE's values in clear. Nothing of the register is
imported: a number that the register holds wrongly is read here as it stands on the paper.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

AMOUNT = r"-?\d{1,3}(?:\.\d{3})*,\d\d"
QUANTITY = r"-?\d+(?:[,/]\d+)?"
POSITION = re.compile(
    rf"(?:^|^.*?\s\s)\s*(?P<times>{QUANTITY})(?: [^\s×]+)* × (?P<price>{AMOUNT})\s+(?P<amount>{AMOUNT})"
    r"(?: (?P<code>[A-Z]+))?$"
)
PAIR = re.compile(rf"^(?P<label>.*?)\s*(?<![\d.,-])(?P<amount>{AMOUNT}) €$")
ROW = re.compile(rf"^(?P<label>.*?)\s\s*(?<![\d.,-])(?P<amount>{AMOUNT})$")
TAXED = re.compile(
    rf"^(?P<code>[A-Z]) (?P<rate>[\d,]+) %\s+(?P<net>{AMOUNT})\s+(?P<tax>{AMOUNT})\s+(?P<gross>{AMOUNT})$"
)
NARROW_RATE = re.compile(r"^MwSt\s+(?P<code>[A-Z]) (?P<rate>[\d,]+) %$")
EXEMPT = re.compile(rf"^(?P<code>[A-Z]) (?P<text>[^%]*?)\s+(?P<gross>{AMOUNT})$")
FOREIGN = re.compile(rf"(?P<amount>{AMOUNT}) (?P<currency>[A-Z]{{3}})\b")
NUMBER = re.compile(r"^(?!Zu ).*?Beleg-Nr\. (\d+)$")
REPORT = re.compile(r"^([XZ])-Bericht(?: Nr\. (\d+))?")
PROCESS = re.compile(r"(\w+)\^((?:-?\d+\.\d\d_){4}-?\d+\.\d\d)\^([-\d.:_A-Za-z]*)")
FACTOR = re.compile(r"^\s*Preis je ([\d,]+)")


def cents(text: str) -> int:
    """``-1.234,56`` → ``-123456``."""
    return int(text.replace(".", "").replace(",", ""))


def fraction(text: str) -> Fraction:
    """``0,384`` or ``1/3`` exactly."""
    return Fraction(text.replace(",", "."))


@dataclass(slots=True)
class Position:
    """A line: quantity × price, the amount, its tax letters (none on what was settled without money)."""

    quantity: Fraction
    price: int
    amount: int
    codes: str
    factor: Fraction = Fraction(1)


@dataclass(slots=True)
class Paid:
    """A line between sum and tax table. ``given``: what the customer handed over, None if it was exact."""

    label: str
    amount: int
    given: int | None = None

    @property
    def foreign(self) -> bool:
        """Whether it is cash of another currency."""
        return FOREIGN.search(self.label) is not None

    @property
    def tender(self) -> str:
        """What X and Z call it."""
        return "Bar" if self.label == "Rückgeld" else FOREIGN.sub("", self.label).strip()


@dataclass(slots=True)
class Tax:
    """A row of the tax table; an exempt one has neither rate nor net nor tax."""

    code: str
    gross: int
    rate: Fraction | None = None
    net: int = 0
    tax: int = 0


@dataclass(slots=True)
class Slip:
    """What stands on it. ``kind``: ``sale``, ``cash``, ``report`` or ``other``; ``books``: it is a Beleg;
    ``ordered``: it bills an order or is one, whose parts share the rest of a cent; ``process``: type, sums,
    payments of the process data; ``sections`` of a report: title → rows (label, amount)."""

    kind: str = "other"
    name: str = "slip"
    number: int = 0
    books: bool = False
    copy: bool = False
    ordered: bool = False
    total: int | None = None
    change: int | None = None
    positions: list[Position] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    taxes: list[Tax] = field(default_factory=list)
    process: tuple[str, list[int], dict[str, int]] | None = None
    title: str = ""
    texts: list[str] = field(default_factory=list)
    sections: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def section(self, title: str) -> list[str]:
        """Lines of a section as they stand."""
        blocks = _blocks("\n".join(self.lines))
        return next((block[1:] for block in blocks if block[:1] == [title]), [])

    @property
    def columns(self) -> int:
        """How wide the paper is: amounts stand at its right edge."""
        return max((len(line) for line in self.lines if line and not line.strip("-")), default=0)


def read(text: str) -> Slip:
    """The slip of a text."""
    blocks = _blocks(text)
    slip = Slip(lines=text.splitlines(), process=_process(text))
    slip.copy = any(line.strip() == "KOPIE" for line in slip.lines)
    head = [line.strip() for line in slip.lines]
    if report := next((found for line in head if (found := REPORT.match(line))), None):
        return _report(slip, report, blocks)
    numbers = [found for line in head if (found := NUMBER.match(line))]
    if not numbers:
        return slip
    slip.number = int(numbers[0][1])
    slip.ordered = any(line.startswith("Bestellung ") for line in head)
    slip.title = numbers[0][0].partition("Beleg-Nr.")[0].strip()
    slip.name = f"{slip.title} {slip.number}".strip()
    no_receipt = {line for line in head if line.endswith("kein Beleg")} - {"TEST - kein Beleg"}
    billed_later = "Kein Kassenbeleg" in text
    slip.books = slip.process[0] == "Beleg" if slip.process else not (no_receipt or billed_later)
    if "Eigenbeleg" in head:
        _cash(slip, blocks)
    else:
        _sale(slip, blocks)
    return slip


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line and not line.strip("-"):
            blocks.append([])
        elif line.strip():
            blocks[-1].append(line)
    return blocks


def _process(text: str) -> tuple[str, list[int], dict[str, int]] | None:
    """Type, five sums and payments by kind of the process data, in clear or in the QR code's text."""
    joined = text
    if (at := text.find("Prozessdaten:")) >= 0:
        joined = text[at:].partition("Signaturalgorithmus")[0].replace("\n", "")
    found = PROCESS.search(joined)
    if found is None:
        return None
    sums = [int(part.replace(".", "")) for part in found[2].split("_")]
    payments: dict[str, int] = {}
    for part in filter(None, found[3].split("_")):
        amount, _, kind = part.partition(":")
        payments[kind] = int(amount.replace(".", ""))
    return found[1], sums, payments


def _sale(slip: Slip, blocks: list[list[str]]) -> None:
    slip.kind = "sale"
    at = next((n for n, block in enumerate(blocks) if block and block[0].startswith("Summe ")), 0)
    if not at:
        return
    for line in blocks[at - 1]:
        if found := POSITION.match(line):
            slip.positions.append(
                Position(
                    fraction(found["times"]),
                    cents(found["price"]),
                    cents(found["amount"]),
                    found["code"] or "",
                )
            )
        elif (found := FACTOR.match(line)) and slip.positions:
            slip.positions[-1].factor = fraction(found[1])
    _voided_factors(slip.positions)
    _payments(slip, blocks[at])
    if at + 1 < len(blocks):
        _taxes(slip, blocks[at + 1])


def _voided_factors(positions: list[Position]) -> None:
    """A line that is taken back is printed without its note: its price is for as much as the line's was."""
    known = {(line.quantity, line.price, line.amount): line.factor for line in positions}
    for line in positions:
        if line.factor == 1:
            line.factor = known.get((-line.quantity, line.price, -line.amount), Fraction(1))


def _payments(slip: Slip, block: list[str]) -> None:
    for line in block:
        found = PAIR.match(line)
        if found is None or len(line) < slip.columns or re.match(r"\s*1 [A-Z]{3} = ", line):
            continue
        label, amount = found["label"].strip(), cents(found["amount"])
        if slip.total is None:
            slip.total = amount
        elif label == "Gegeben" and slip.paid:
            slip.paid[-1].given = amount
        elif label == "Rückgeld" and line.startswith(" "):
            slip.change = amount
        else:
            slip.paid.append(Paid(label, amount))


def _taxes(slip: Slip, block: list[str]) -> None:
    for line in block:
        if found := TAXED.match(line):
            net, tax, gross = (cents(found[key]) for key in ("net", "tax", "gross"))
            slip.taxes.append(Tax(found["code"], gross, fraction(found["rate"]), net, tax))
        elif found := NARROW_RATE.match(line):
            slip.taxes.append(Tax(found["code"], 0, fraction(found["rate"])))
        elif (found := ROW.match(line)) and found["label"].strip() in ("Netto", "Steuer", "Brutto"):
            key = {"Netto": "net", "Steuer": "tax", "Brutto": "gross"}[found["label"].strip()]
            setattr(slip.taxes[-1], key, cents(found["amount"]))
        elif found := EXEMPT.match(line):
            slip.taxes.append(Tax(found["code"], cents(found["gross"])))


def _cash(slip: Slip, blocks: list[list[str]]) -> None:
    slip.kind = "cash"
    at = next(n for n, block in enumerate(blocks) if block and block[0].startswith("Betrag "))
    slip.texts = [line.strip() for line in blocks[at - 1]]
    _payments(slip, blocks[at])


def _report(slip: Slip, head: re.Match[str], blocks: list[list[str]]) -> Slip:
    slip.kind, slip.title, slip.number = "report", head[1], int(head[2] or 0)
    slip.name = f"{head[1]}-Bericht {head[2] or ''}".strip()
    for title, *lines in filter(None, blocks[1:]):
        rows = slip.sections.setdefault(title.strip(), [])
        room = 0
        for line in lines:
            if found := ROW.match(line):
                rows.append((found["label"].rstrip(), cents(found["amount"])))
                room = len(line) - len(found["amount"]) - 1
            elif rows and _continues(rows[-1][0], line, room):
                rows[-1] = (f"{rows[-1][0]} {line.strip()}", rows[-1][1])
            else:
                room = len(line)
    return slip


def _continues(label: str, line: str, room: int) -> bool:
    """Whether ``line`` is the rest of a label for which there was no room beside its amount."""
    words = line.split()
    return "  " not in line.strip() and len(label) + 1 + len(words[0]) > room
