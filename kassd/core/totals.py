"""Sums of the open period: what X and Z show, kept while selling (never recomputed from history)."""

from collections.abc import Mapping
from dataclasses import replace

from kassd.core.money import net_and_tax
from kassd.core.state import Sale, Totals

MOVEMENTS = "(Geldbewegungen)"


def _added(mapping: Mapping[str, int], key: str, amount: int) -> dict[str, int]:
    return {**mapping, key: mapping.get(key, 0) + amount}


def counted(totals: Totals, what: str, amount: int) -> Totals:
    """Count one event ``what`` and add its amount."""
    return replace(totals, counts=_added(totals.counts, what, 1), sums=_added(totals.sums, what, amount))


def vat_rows(sale: Sale) -> tuple[tuple[int, int, int, int], ...]:
    """(UST_SCHLUESSEL, gross, net, tax) of a Vorgang as printed, ascending by key (transactions_vat)."""
    gross: dict[int, int] = {}
    rates = {}
    for line in sale.lines:
        gross[line.vat] = gross.get(line.vat, 0) + line.amount
        rates[line.vat] = line.rate
    return tuple((vat, amount, *net_and_tax(amount, rates[vat])) for vat, amount in sorted(gross.items()))


def with_sale(totals: Totals, sale: Sale) -> Totals:
    """Add a finished Vorgang of BON_TYP Beleg."""
    cases, payments = dict(totals.cases), dict(totals.payments)
    gross: dict[tuple[str, int], int] = {}
    for line in sale.lines:
        key = (line.case, line.vat)
        gross[key] = gross.get(key, 0) + line.amount
    rates = {line.vat: line.rate for line in sale.lines}
    for (case, vat), amount in gross.items():
        net, tax = net_and_tax(amount, rates[vat])
        old = cases.get(f"{case}|{vat}", (0, 0, 0))
        cases[f"{case}|{vat}"] = (old[0] + amount, old[1] + net, old[2] + tax)
    for payment in sale.payments:
        name = payment.type if sale.kind == "sale" else f"{payment.type} {MOVEMENTS}"
        payments[name] = payments.get(name, 0) + payment.amount
    kind = "sales" if sale.kind == "sale" else "movements"
    return counted(replace(totals, cases=cases, payments=payments), kind, sale.total)
