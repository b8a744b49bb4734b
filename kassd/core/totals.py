"""Sums of the open period: what X and Z show, kept while selling (never recomputed from history)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from kassd.core.entry import Line, Payment
from kassd.core.money import net_and_tax, rounded_to
from kassd.core.newest import newest
from kassd.core.state import Sale, Totals
from kassd.deferred import replace

MOVEMENTS = "(Geldbewegungen)"


def _added(mapping: Mapping[str, int], key: str, amount: int) -> dict[str, int]:
    return {**mapping, key: mapping.get(key, 0) + amount}


def counted(totals: Totals, what: str, amount: int, times: int = 1) -> Totals:
    """Count one event ``what`` and add its amount; ``times`` 0: it belongs to one counted before."""
    return replace(totals, counts=_added(totals.counts, what, times), sums=_added(totals.sums, what, amount))


@newest
def vat_rows(lines: tuple[Line, ...]) -> tuple[tuple[int, int, int, int], ...]:
    """(UST_SCHLUESSEL, gross, net, tax) of a Vorgang as printed, ascending by key (transactions_vat)."""
    gross: dict[int, int] = {}
    rates = {}
    for line in lines:
        for share in line.by_vat():
            gross[share.vat] = gross.get(share.vat, 0) + share.amount
            rates[share.vat] = share.rate
    return tuple((vat, amount, *net_and_tax(amount, rates[vat])) for vat, amount in sorted(gross.items()))


def payment_rows(bon_type: str, payments: Iterable[Payment]) -> tuple[tuple[str, int, str], ...]:
    """(ZAHLART_TYP, hundredths, currency) of datapayment. A Beleg without a payment (0.00) and an order have
    one of ``Keine``; only a Beleg has others (Anhang B, C)."""
    if bon_type not in ("Beleg", "AVBestellung"):
        return ()
    rows = tuple((p.type, p.amount if p.currency == "EUR" else p.foreign, p.currency) for p in payments)
    return rows if rows and bon_type == "Beleg" else (("Keine", 0, "EUR"),)


def case_key(case: str, vat: int, name: str = "", agency: int = 0) -> str:
    """Key of :attr:`Totals.cases`: GV_TYP, UST_SCHLUESSEL, and where there is one GV_NAME or AGENTUR_ID."""
    return f"{case}|{vat}|{name}|{agency}" if name or agency else f"{case}|{vat}"


def read_key(key: str) -> tuple[str, int, str, int]:
    """Inverse of :func:`case_key`; a name may contain the separator."""
    case, vat, *more = key.split("|")
    return (case, int(vat), "|".join(more[:-1]), int(more[-1])) if more else (case, int(vat), "", 0)


def payment_key(type_: str, name: str, *, movement: bool = False) -> str:
    """Key of :attr:`Totals.payments`: ZAHLART_TYP and ZAHLART_NAME; cash movements stand by themselves."""
    return f"{type_}|{name}|{MOVEMENTS}" if movement else f"{type_}|{name}"


def _by_case(sale: Sale) -> dict[str, tuple[int, int]]:
    """Gross and tax of a Vorgang by business case: the tax that is printed for a key, shared by its cases, so
    that a closing's tax is the sum of its receipts' to the cent."""
    gross: dict[int, dict[str, int]] = {}
    rates: dict[int, Decimal] = {}
    for line in sale.lines:
        for share in line.by_vat():
            key = case_key(line.case, share.vat, line.name, line.agency)
            cases = gross.setdefault(share.vat, {})
            cases[key] = cases.get(key, 0) + share.amount
            rates[share.vat] = share.rate
    found = {}
    for vat, cases in gross.items():
        _, tax = net_and_tax(sum(cases.values()), rates[vat])
        exact = [amount * rates[vat] / (100 + rates[vat]) for amount in cases.values()]
        shares = rounded_to(tax, exact)
        found.update({key: (cases[key], part) for key, part in zip(cases, shares, strict=True)})
    return found


def with_sale(totals: Totals, sale: Sale, *, by_operator: bool = False) -> Totals:
    """Add a finished Vorgang of BON_TYP Beleg."""
    cases, payments = dict(totals.cases), dict(totals.payments)
    for key, (amount, tax) in _by_case(sale).items():
        old = cases.get(key, (0, 0, 0))
        cases[key] = (old[0] + amount, old[1] + amount - tax, old[2] + tax)
    for payment in sale.payments:
        name = payment_key(payment.type, payment.name, movement=sale.kind == "cash")
        payments[name] = payments.get(name, 0) + payment.amount
    if by_operator and sale.kind != "cash":
        totals = replace(totals, operators=_added(totals.operators, sale.operator, sale.total))
    totals = replace(totals, cases=cases, payments=payments)
    if sale.kind != "cash":
        return counted(totals, "sales", sale.total)
    return counted(counted(totals, "movements", sale.total), movement_key(sale), sale.total)


def movement_key(sale: Sale) -> str:
    """What a cash movement is counted as, besides being one: its GV_TYP; of Geldtransit which way it went. A
    cancellation is one more of what it cancels."""
    if sale.case != "Geldtransit":
        return f"movements.{sale.case}"
    if len(sale.lines) > 1:
        return "movements.transfer"  # between own accounts
    cancels = any(one.how == "cancel" for one in sale.corrects)
    return f"movements.Geldtransit.{'out' if (sale.total < 0) != cancels else 'in'}"
