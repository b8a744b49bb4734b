"""Selling on account and paying later; invoices of other systems paid at the till."""

from decimal import Decimal

from kassd.core.catalog import MAX_PRICE
from kassd.core.credit.args import AccountList, AccountSettle, InvoicePay, SaleReference
from kassd.core.credit.common import customer_of, find, listed, open_item, open_items, refer
from kassd.core.credit.facts import ReferenceAdded, TaxPostponed
from kassd.core.credit.ledger import CLAIM as MADE
from kassd.core.credit.ledger import available
from kassd.core.decision import Draft, Rejected, bad_args, one_line
from kassd.core.entry import Line, Reference, Share
from kassd.core.master import claim_key, claims_vat
from kassd.core.money import split
from kassd.core.perform import Answer, performs
from kassd.core.selling import add_line, append_line, current, require_open_till
from kassd.core.state import Sale, State

SETTLED = "Forderungsaufloesung"


def on_account(
    d: Draft, sale: Sale, who: str, amount: int | None, *, text: str = "Auf Rechnung", name: str = ""
) -> None:
    """What is due becomes a receivable (Forderungsentstehung): a negative line, ``name`` its GV_NAME. Where
    the tax arises with the payment, the whole sale is owed, untaxed."""
    customer = customer_of(d, who, sale)
    most = sale.due - _claims_paid(sale)
    wanted = most if amount is None else amount
    if wanted <= 0:
        raise Rejected("amount_invalid")
    if wanted > most:
        raise Rejected("amount_too_high", {"due": most})
    number = open_item(d, sale, "receivable", customer)
    if claims_vat(d.state.config) == "payment":
        sale = _postpone(d, sale, number, wanted)
    append_line(
        d,
        sale,
        text=text,
        quantity=Decimal(-1),
        unit_price=wanted,
        vat=claim_key(d.state.config),
        case=MADE,
        name=name,
        account=number,
        reducible=False,
        note=f"Nr. {number}, {customer}",
    )


def left_beside(state: State, sale: Sale, line: Line) -> int:
    """Cents of the sale that are left beside a claim made of it: none is made of older ones."""
    return sale.total - _claims_paid(sale)


def _claims_paid(sale: Sale) -> int:
    return sum(line.amount for line in sale.lines if line.case == SETTLED)


def _postpone(d: Draft, sale: Sale, number: str, wanted: int) -> Sale:
    if wanted != sale.total or any(line.settles or line.case == SETTLED for line in sale.standing()):
        raise Rejected("account_only_whole", {"total": sale.total})
    sums: dict[tuple[int, Decimal], int] = {}
    for line in sale.lines:
        for share in line.by_vat():
            key = share.vat, share.rate
            sums[key] = sums.get(key, 0) + share.amount
    if any(amount < 0 for amount in sums.values()):
        raise Rejected("account_only_whole", {"total": sale.total})
    owed = tuple(Share(vat, rate, amount) for (vat, rate), amount in sorted(sums.items()) if amount)
    d.fact(TaxPostponed(sale.id, number, d.at, owed))
    return d.state.sales[sale.id]


@performs(AccountSettle)
def _settle(d: Draft, station: str, args: AccountSettle) -> Answer:
    require_open_till(d.state)
    item = find(d, args.number, "receivable")
    open_now = available(d.state, item)
    left = sum(share.amount for share in open_now.values())
    amount = left if args.amount is None else args.amount
    if amount <= 0:
        raise Rejected("amount_invalid")
    if amount > left:
        raise Rejected("amount_too_high", {"due": left})
    open_by_key = [(share.vat, share.rate, share.amount) for _, share in sorted(open_now.items())]
    paid = split(amount, [share for *_, share in open_by_key])
    for (vat, rate, _), part in zip(open_by_key, paid, strict=True):
        if not part:
            continue
        sale = add_line(
            d,
            station,
            text=f"Zahlung zu Rechnung {item.number}",
            quantity=Decimal(1),
            unit_price=part,
            vat=vat,
            rate=rate,
            case=SETTLED,
            account=item.number,
            reducible=False,
            note=f"{item.customer}, Beleg-Nr. {item.receipt}",
        )
        refer(d, sale, item, len(sale.lines))
    return "ok", {"sale": sale.id, "line": len(sale.lines), "total": sale.total, "left": left - amount}


@performs(AccountList)
def _list(d: Draft, station: str, args: AccountList) -> Answer:
    items = open_items(d.state, "receivable")
    return "ok", listed(d.state, (i for i in items if args.customer in ("", i.customer)))


def pay_foreign(d: Draft, station: str, args: InvoicePay) -> Answer:
    """The receivable arose in another system; here it is only paid."""
    require_open_till(d.state)
    number, customer = one_line(args.number, "number", 40), one_line(args.customer, "customer", 50)
    if not number:
        raise bad_args("number: must not be empty", "(Die Rechnungsnummer fehlt.)")
    if args.amount is None:
        raise bad_args("amount: missing for an invoice of another system", "(Der Betrag fehlt.)")
    if not 0 < args.amount <= MAX_PRICE:
        raise Rejected("amount_invalid")
    sale = add_line(
        d,
        station,
        text=f"Zahlung zu Rechnung {number}",
        quantity=Decimal(1),
        unit_price=args.amount,
        vat=claim_key(d.state.config),
        case=SETTLED,
        reducible=False,
        note=customer,
    )
    reference = Reference("ExterneRechnung", number, line=len(sale.lines))
    d.fact(ReferenceAdded(sale.id, d.at, reference, d.operator(station)))
    return "ok", {"sale": sale.id, "line": len(sale.lines), "total": sale.total}


@performs(SaleReference)
def _refer(d: Draft, station: str, args: SaleReference) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    number, name = one_line(args.number, "number", 40), one_line(args.name, "name", 40)
    if not number or (args.type == "ExterneSonstige" and not name):
        raise bad_args("number, name: must not be empty", "(Nummer oder Bezeichnung fehlt.)")
    reference = Reference(args.type, number, name=name)
    d.fact(ReferenceAdded(sale.id, d.at, reference, d.operator(station)))
    return "ok", {"sale": sale.id}
