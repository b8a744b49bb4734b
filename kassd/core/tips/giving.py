"""A tip as a line of the sale: by hand, or as what a customer pays more than is due."""

from decimal import Decimal

from kassd.core.commands import SalePay
from kassd.core.decision import Draft, Rejected, bad_args, one_line
from kassd.core.entry import Share
from kassd.core.facts import LineVoided
from kassd.core.money import euros, split
from kassd.core.perform import Answer, performs
from kassd.core.selling import append_line, current, require_open_till
from kassd.core.state import Sale
from kassd.core.tips.args import SaleTip
from kassd.core.tips.ledger import OWNER, STAFF
from kassd.core.vat import NOT_TAXABLE

MAX_NAME = 40  # GV_NAME a40
MOST = 10_000  # cents: more than this and more than the bill is a typing error
GOODS = ("Umsatz", "Rabatt", "Aufschlag", "ZuschussUnecht")


@performs(SaleTip)
def _tip(d: Draft, station: str, args: SaleTip) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    if (args.amount is None) == (args.total is None):
        raise bad_args("expected one of amount and total", "(Betrag oder Gesamtbetrag angeben.)")
    amount = args.amount if args.amount is not None else (args.total or 0) - sale.due
    sale = add_tip(d, sale, args.to, amount, args.operator)
    return "ok", {"sale": sale.id, "tip": amount, "due": sale.due}


def add_tip(d: Draft, sale: Sale, to: str | None, amount: int, operator: str = "") -> Sale:
    """Add ``amount`` cents for the staff or the owner."""
    if not sale.standing():
        raise Rejected("nothing_due")
    most = max(MOST, sale.total)
    if not 0 < amount <= most:
        raise Rejected("amount_invalid", {"most": most}, f"(Trinkgeld: höchstens {euros(most)} €)")
    if (to or d.state.config.get("tips.to") or "staff") == "staff":
        whose = one_line(operator, "operator", MAX_NAME) or d.operator(sale.station)[:MAX_NAME]
        return _of_staff(d, sale, amount, whose)
    return _of_owner(d, sale, amount, _shares(sale, amount))


def tip_of_terminal(d: Draft, sale: Sale, amount: int) -> Sale:
    """What a customer has added at the card terminal (L-119): it is paid, so there is no limit to it; the
    owner's without goods to be taxed with is the staff's."""
    if d.state.config.get("tips.to") == "owner":
        try:
            return _of_owner(d, sale, amount, _shares(sale, amount), forced=True)
        except Rejected as rejection:
            if rejection.code != "tip_without_goods":
                raise
    return _of_staff(d, sale, amount, d.operator(sale.station)[:MAX_NAME], forced=True)


def _of_staff(d: Draft, sale: Sale, amount: int, whose: str, *, forced: bool = False) -> Sale:
    return append_line(
        d,
        sale,
        forced=forced,
        text="Trinkgeld",
        quantity=Decimal(1),
        unit_price=amount,
        vat=NOT_TAXABLE,
        case=STAFF,
        name=whose,
        reducible=False,
    )


def _of_owner(d: Draft, sale: Sale, amount: int, shares: tuple[Share, ...], *, forced: bool = False) -> Sale:
    return append_line(
        d,
        sale,
        forced=forced,
        text="Trinkgeld (Betrieb)",
        quantity=Decimal(1),
        unit_price=amount,
        vat=shares[0].vat,
        rate=shares[0].rate,
        shares=shares if len(shares) > 1 else (),
        case=OWNER,
        reducible=False,
    )


def settle_tips(d: Draft, sale: Sale) -> Sale:
    """The owner's tip is part of the price of the goods that stand when it is paid (§ 10 Abs. 1 UStG): what
    was split over others is entered anew."""
    for line in sale.standing():
        if line.case == OWNER and line.amount > 0 and line.origin is None:
            shares = _shares(sale, line.amount)
            if tuple(line.by_vat()) != shares:
                n = len(d.state.sales[sale.id].lines) + 1
                d.fact(LineVoided(sale.id, n, line.n, d.at, d.operator(sale.station), "follows"))
                _of_owner(d, d.state.sales[sale.id], line.amount, shares)
    return d.state.sales[sale.id]


def _shares(sale: Sale, amount: int) -> tuple[Share, ...]:
    """The tip by what the shop's own goods cost under each tax key; if they cost nothing, by their prices."""
    own = [line for line in sale.standing() if line.case in GOODS and not line.agency]
    for lines in (own, [line for line in own if line.case == "Umsatz"]):
        sums: dict[int, Share] = {}
        for share in (share for line in lines for share in line.by_vat()):
            known = sums[share.vat].amount if share.vat in sums else 0
            sums[share.vat] = Share(share.vat, share.rate, known + share.amount)
        goods = [share for _, share in sorted(sums.items()) if share.amount > 0]
        if goods:
            parts = split(amount, [share.amount for share in goods])
            found = (Share(s.vat, s.rate, part) for s, part in zip(goods, parts, strict=True))
            return tuple(share for share in found if share.amount)
    raise Rejected("tip_without_goods")


def tip_of_payment(d: Draft, sale: Sale, args: SalePay) -> Sale:
    """What is paid more than due is a tip, where the command says so (L-119): then it is due too."""
    if not args.keep_change and args.tip is None:
        return sale
    if args.currency != "EUR":
        raise bad_args("keep_change, tip: expected in euro", "(Trinkgeld nur in Euro.)")
    if args.keep_change:
        if args.type != "cash" or args.given is None or args.amount is not None:
            raise bad_args("keep_change: expected with type cash and given, without amount")
        if args.given < sale.due:
            raise Rejected("given_too_low")
        paid = args.given
    elif args.amount is None:
        raise bad_args("tip: expected with amount or keep_change", "(Der gezahlte Betrag fehlt.)")
    else:
        paid = args.amount
    return sale if paid <= sale.due else add_tip(d, sale, args.tip, paid - sale.due)
