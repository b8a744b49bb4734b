"""Adds up again what stands on receipts, X and Z, from their printed text alone, and says what does not fit.

    findings = check(texts)

``texts`` are all slips of a register in the order of their numbers and reports, those included that nobody is
handed (Anfangsbestand, Belegabbruch). Copies, orders, training and kitchen tickets are looked at and not
added; vouchers' slips are passed over.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from tests.readers.slip import ROW, Slip, cents, read

NOT_TAXABLE = "E"  # the letter cash movements stand under on X and Z
MOVED = "Bar (Geldbewegungen)"
CASES, PAYMENTS, CASH, EVENTS = "Geschäftsvorfälle", "Zahlungsarten", "Bargeld", "Vorgänge"


@dataclass(slots=True)
class Period:
    """What the receipts since the last Z come to."""

    taxes: Counter[str] = field(default_factory=Counter)
    tenders: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    numbers: list[int] = field(default_factory=list)
    euro: int = 0
    floats: int = 0


def check(texts: Iterable[str]) -> list[str]:
    """One sentence for each sum that is not what its parts come to; none: everything agrees."""
    slips = [read(text) for text in texts]
    tenders = _tenders(slips)
    found: list[str] = []
    if slips and slips[-1].kind != "report":
        found.append("the last slip is neither X nor Z: what its tenders are is not known")
    period, stock = Period(), None
    for slip in slips:
        if slip.kind in ("sale", "cash"):
            found += (f"{slip.name}: {finding}" for finding in _slip(slip, tenders))
            if not slip.copy:
                _add(period, slip, tenders)
        elif slip.kind == "report":
            found += (f"{slip.name}: {finding}" for finding in _report(slip, period))
            if slip.title == "Z":
                if stock is not None and period.floats != stock:
                    found.append(
                        f"{slip.name}: began with {euro(period.floats)}, the last Z left {euro(stock)}"
                    )
                stock, period = _stock(slip), Period()
    return found


def euro(amount: int) -> str:
    """``-1.50`` of cents."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"


def _differ(what: str, sum_: int, says: int) -> Iterator[str]:
    if sum_ != says:
        yield f"{what} come to {euro(sum_)}, it says {euro(says)}"


def _tenders(slips: Iterable[Slip]) -> frozenset[str]:
    """Names of payments: what else stands between sum and tax table was settled without money."""
    rows = (label for slip in slips for label, _ in slip.sections.get(PAYMENTS, ()))
    return frozenset({"Bar", *(_tender(label) for label in rows)})


def _tender(label: str) -> str:
    """``Karte (Unbar)`` → ``Karte``; the row of cash movements stays itself."""
    return label if label == MOVED or "(" not in label else label.rpartition(" (")[0]


# -- one slip ---------------------------------------------------------------------------------------


def _slip(slip: Slip, tenders: frozenset[str]) -> Iterator[str]:
    if slip.total is None:
        if slip.books:
            yield "has no sum"
        return
    if slip.kind == "cash":
        yield from _differ("payments", sum(paid.amount for paid in slip.paid), slip.total)
    else:
        yield from _sale(slip, tenders)
    if slip.process is not None and slip.books:
        yield from _process(slip, tenders)


def _sale(slip: Slip, tenders: frozenset[str]) -> Iterator[str]:
    assert slip.total is not None
    for n, line in enumerate(slip.positions, 1):
        # A part of an order: its quantity is rounded to three places, the parts' sums are equal.
        exact = 1 + Fraction(abs(line.price), 1000) if slip.ordered else Fraction(1, 2)
        if abs(line.quantity / line.factor * line.price - line.amount) > exact:
            yield f"position {n}: quantity × price is not {euro(line.amount)}"
    yield from _differ("lines", sum(line.amount for line in slip.positions), slip.total)
    settled = sum(paid.amount for paid in slip.paid if paid.tender not in tenders)
    if slip.books:
        yield from _differ("payments", sum(paid.amount for paid in slip.paid), slip.total)
        given = [paid.given - paid.amount for paid in slip.paid if paid.given is not None]
        yield from _differ("what was given less what was due", sum(given), slip.change or 0)
    if slip.taxes:
        yield from _differ("tax rows", sum(row.gross for row in slip.taxes), slip.total - settled)
    elif slip.books:
        yield from _differ("tax rows", 0, slip.total - settled)
    for row in slip.taxes:
        if row.rate is not None:
            yield from _differ(f"{row.code}: net and tax", row.net + row.tax, row.gross)
            if abs(row.gross * row.rate / (100 + row.rate) - row.tax) > Fraction(1, 2):
                yield f"{row.code}: {euro(row.tax)} is not the tax in {euro(row.gross)}"
    if not settled and all(len(line.codes) == 1 for line in slip.positions):
        by_code: Counter[str] = Counter()
        for line in slip.positions:
            by_code[line.codes] += line.amount
        for tax in slip.taxes:
            yield from _differ(f"lines with {tax.code}", by_code[tax.code], tax.gross)


def _process(slip: Slip, tenders: frozenset[str]) -> Iterator[str]:
    """What the TSE has signed is what is printed."""
    assert slip.process is not None
    assert slip.total is not None
    _, sums, payments = slip.process
    settled = sum(paid.amount for paid in slip.paid if paid.tender not in tenders)
    yield from _differ("process data's sums", sum(sums), slip.total - settled)
    if any(paid.foreign for paid in slip.paid) or _foreign(slip):
        return
    real = [paid for paid in slip.paid if paid.tender in tenders]
    cash = sum(paid.amount for paid in real if paid.tender == "Bar")
    yield from _differ("process data's cash payments", payments.get("Bar", 0), cash)
    rest = sum(paid.amount for paid in real) - cash
    yield from _differ("process data's other payments", payments.get("Unbar", 0), rest)


def _foreign(slip: Slip) -> bool:
    """Whether a cash movement is of another currency."""
    words = " ".join(slip.texts).replace(",", " ").split()
    return any(len(word) == 3 and word.isalpha() and word.isupper() for word in words)


def _add(period: Period, slip: Slip, tenders: frozenset[str]) -> None:
    period.numbers.append(slip.number)
    if slip.total is None:
        return
    settled = sum(paid.amount for paid in slip.paid if paid.tender not in tenders)
    total = slip.total - (settled if slip.kind == "sale" else 0)
    if not slip.books:
        return
    what = "Geldbewegungen" if slip.kind == "cash" else "Belege"
    period.counts[what] += 1
    period.sums[what] += total
    for row in slip.taxes:
        period.taxes[row.code] += row.gross
    if slip.kind == "cash":
        period.taxes[NOT_TAXABLE] += total
        period.floats += total if slip.title == "Anfangsbestand" and not _foreign(slip) else 0
    for paid in slip.paid:
        if paid.tender in tenders:
            period.tenders[MOVED if slip.kind == "cash" else paid.tender] += paid.amount
            if paid.tender == "Bar" and not paid.foreign and not (slip.kind == "cash" and _foreign(slip)):
                period.euro += paid.amount


# -- X and Z ----------------------------------------------------------------------------------------


def _report(slip: Slip, period: Period) -> Iterator[str]:
    yield from _cases(slip, period)
    payments: Counter[str] = Counter()
    for label, amount in slip.sections.get(PAYMENTS, ()):
        payments[_tender(label)] += amount
    for name in sorted(payments.keys() | period.tenders.keys()):
        yield from _differ(f"payments by {name} on the receipts", period.tenders[name], payments[name])
    events = {label.rpartition(" (")[0]: (label, amount) for label, amount in slip.sections.get(EVENTS, ())}
    for what in ("Belege", "Geldbewegungen"):
        label, amount = events.get(what, (f"{what} (0)", 0))
        yield from _differ(f"sums of {what}", period.sums[what], amount)
        if f"{what} ({period.counts[what]})" != label:
            yield f"there are {period.counts[what]} {what}, it says {label}"
    yield from _kinds(slip)
    yield from _numbers(slip, period)
    yield from _cash(slip, period)


def _kinds(slip: Slip) -> Iterator[str]:
    """The kinds of cash movement below their sum are all of it."""
    rows = slip.sections.get(EVENTS, ())
    kinds = [(label, amount) for label, amount in rows if label.startswith(" ")]
    whole = [(label, amount) for label, amount in rows if label.startswith("Geldbewegungen (")]
    (kind_count, kind_sum), (count, total) = (
        (sum(int(label.rpartition("(")[2].rstrip(")")) for label, _ in part), sum(a for _, a in part))
        for part in (kinds, whole)
    )
    if kind_count != count:
        yield f"{count} Geldbewegungen, by kind {kind_count}"
    yield from _differ("Geldbewegungen by kind", total, kind_sum)


def _cases(slip: Slip, period: Period) -> Iterator[str]:
    by_code: Counter[str] = Counter()
    parts: list[tuple[str, int, dict[str, int]]] = []
    for label, amount in slip.sections.get(CASES, ()):
        if label.startswith(" "):
            parts[-1][2][label.strip()] = amount
        else:
            name = label.rpartition(" (")[0] if label.endswith("%)") else label
            by_code[name.split()[-1]] += amount
            parts.append((label, amount, {}))
    for label, gross, shares in parts:
        if shares:
            yield from _differ(f"{label}: net and tax", sum(shares.values()), gross)
    for code in sorted(by_code.keys() | period.taxes.keys()):
        yield from _differ(f"the receipts' sums under {code}", period.taxes[code], by_code[code])
    everything = sum(amount for _, amount in slip.sections.get(PAYMENTS, ()))
    yield from _differ("business cases", sum(by_code.values()), everything)


def _numbers(slip: Slip, period: Period) -> Iterator[str]:
    for line in slip.lines:
        words = line.split()
        if words[:1] == ["Belege"] and words[2:3] == ["bis"]:
            first, last = int(words[1]), int(words[3])
            skipped = _skipped(slip)
            wanted = [n for n in range(first, last + 1) if n not in skipped]
            have = sorted(period.numbers)
            missing = sorted(set(wanted) - set(have))
            strange = sorted(set(have) - set(wanted))
            if slip.title == "Z" and missing:
                yield f"receipts {missing} are missing"
            if strange:
                yield f"receipts {strange} are not among {first} to {last}"
            if len(have) != len(set(have)):
                yield "a receipt's number was used twice"
            return


def _skipped(slip: Slip) -> set[int]:
    skipped: set[int] = set()
    for line in slip.section("Ausgelassene Nummern"):
        words = line.split()
        if words[:1] == ["Belege"] and words[2:3] == ["bis"]:
            skipped |= set(range(int(words[1]), int(words[3]) + 1))
    return skipped


def _cash(slip: Slip, period: Period) -> Iterator[str]:
    rows = slip.sections.get(CASH, [])
    stock = _stock(slip)
    if stock is not None:
        yield from _differ("cash of the receipts", period.euro, stock)
        yield from _differ("drawers and purses", _accounts(slip), stock)
    expected, pieces, counted = 0, 0, False
    after, ist = 0, None
    for label, amount in rows:
        name = label.strip()  # beside a long one may stand the next line, where it had no room
        if name.startswith("Soll-Bestand vor dem"):
            expected, after, pieces, counted, ist = amount, amount, 0, False, None
        elif name.endswith(")") and "€ (" in name:
            value, count = name.split(" € (")
            yield from _differ(f"{count[:-1]} × {value} €", cents(value) * int(count[:-1]), amount)
            pieces, counted = pieces + amount, True
        elif name == "Gezählt (Ist)":
            ist = after = amount
            if counted:
                yield from _differ("counted pieces", pieces, amount)
        elif name == "Differenz" and ist is not None:
            yield from _differ("Ist less Soll", ist - expected, amount)
        elif name == "Abschöpfung":
            after += amount
        elif name.startswith("Bestand nach dem Abschluss") and slip.title == "Z":
            yield from _differ("what was there and what was taken", after, amount)


def _accounts(slip: Slip) -> int:
    """Euro cash of each drawer and purse, added up."""
    total, currency = 0, "EUR"
    for line in slip.section(CASH):
        if found := ROW.match(line):
            if found["label"].strip().startswith(("Soll-Bestand jetzt", "Bestand nach dem")):
                total += cents(found["amount"]) if currency == "EUR" else 0
                currency = "EUR"
        elif found := re.search(r", ([A-Z]{3})$", line):
            currency = found[1]
    return total


def _stock(slip: Slip) -> int | None:
    """Euro cash that X expects or Z leaves, all accounts together."""
    rows = slip.sections.get(CASH, [])
    names = ("Bargeld in Euro gesamt", "Soll-Bestand jetzt", "Bestand nach dem Abschluss")
    return next((amount for name in names for label, amount in rows if label.startswith(name)), None)


__all__ = ["check", "read"]
