"""Reductions as they are given: of a line or of the whole sale, by hand or by coupon; subsidies."""

from decimal import Decimal

from kassd.core import facts as f
from kassd.core.catalog import MAX_PRICE
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of
from kassd.core.entry import Line, Share
from kassd.core.goods.changing import rest
from kassd.core.goods.multibuy import is_multibuy, settle
from kassd.core.money import decimal_point, euros, round_cents, split
from kassd.core.perform import Answer, performs
from kassd.core.reductions.args import SaleDiscount, SaleSubsidy, SaleSurcharge
from kassd.core.reductions.counting import COUPON, FREE
from kassd.core.reductions.coupons import Coupon, require_coupon
from kassd.core.reductions.judging import require_right
from kassd.core.reductions.settling import can_be_reduced, settle_reductions, what_is_left
from kassd.core.reductions.state import Reduction, ReductionCase
from kassd.core.selling import append_line, current, require_open_till
from kassd.core.state import Sale
from kassd.core.vat import NOT_TAXABLE
from kassd.deferred import dataclass

MAX_NAME, MAX_REASON, MAX_TEXT, MAX_REDUCTIONS = 40, 100, 255, 20
MAX_SURCHARGE = Decimal(1000)
PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Terms:
    """``percent`` or ``amount`` cents, and what receipts and records call it."""

    case: ReductionCase
    text: str
    percent: Decimal | None
    amount: int
    reason: str = ""

    def of(self, base: int) -> int:
        """Cents of ``base``."""
        return self.amount if self.percent is None else round_cents(base * self.percent / 100)


def _terms(case: ReductionCase, args: SaleDiscount | SaleSurcharge, reason: str) -> Terms:
    if (args.percent is None) == (args.amount is None):
        raise bad_args("expected one of percent and amount", "(Prozent oder Betrag angeben.)")
    if args.percent is not None:
        most = Decimal(100) if case == "Rabatt" else MAX_SURCHARGE
        if not (0 < args.percent <= most and args.percent == args.percent.quantize(PLACES)):
            raise Rejected("amount_invalid", detail=f"(über 0 bis {most} Prozent)")
    elif not 0 < (args.amount or 0) <= MAX_PRICE:
        raise Rejected("amount_invalid")
    share = "" if args.percent is None else f"{decimal_point(args.percent).replace('.', ',')} % "
    text = f"{share}Rabatt" if case == "Rabatt" else f"{reason} {share}".strip()
    return Terms(case, text, args.percent, args.amount or 0, reason if case == "Rabatt" else "")


def _current(d: Draft, station: str) -> Sale:
    require_open_till(d.state)
    sale = current(d.state, station)
    if len(sale.reductions) >= MAX_REDUCTIONS:
        raise Rejected("sale_too_long")
    return sale


@performs(SaleDiscount)
def _discount(d: Draft, station: str, args: SaleDiscount) -> Answer:
    if args.coupon is not None:
        if args.percent is not None or args.amount is not None or args.line is not None:
            raise bad_args("coupon: expected without line, percent and amount")
        sale, taken = use_coupon(d, station, args.coupon)
        return "ok", {"sale": sale.id, "amount": taken, "total": sale.total}
    sale = _current(d, station)
    terms = _terms("Rabatt", args, one_line(args.reason, "reason", MAX_REASON))
    after, taken = _give(d, sale, args.line, terms)
    require_right(d, after, args.line)
    return "ok", {"sale": after.id, "amount": taken, "total": after.total}


@performs(SaleSurcharge)
def _surcharge(d: Draft, station: str, args: SaleSurcharge) -> Answer:
    sale = _current(d, station)
    reason = one_line(reason_of(args.reason), "reason", MAX_NAME)
    after, added = _give(d, sale, args.line, _terms("Aufschlag", args, reason))
    return "ok", {"sale": after.id, "amount": -added, "total": after.total}


def _give(d: Draft, sale: Sale, n: int | None, terms: Terms) -> tuple[Sale, int]:
    """The sale with the reduction of line ``n``, else of all of it, and the cents it makes it cheaper now."""
    after = _of_sale(d, sale, terms) if n is None else _of_line(d, sale, n, terms)
    return rest(d, sale, after), sale.total - after.total


def _of_line(d: Draft, sale: Sale, n: int, terms: Terms) -> Sale:
    """A line that belongs to line ``n``, under its tax keys."""
    line = _line(sale, n)
    base = _left_of(sale, line)
    whole = sum(share.amount for share in base)
    amount = terms.of(whole)
    sign = 1 if terms.case == "Aufschlag" else -1
    if sign < 0 and amount > whole:
        raise Rejected("discount_too_high", {"most": whole}, f"(höchstens {euros(whole)} €)")
    if amount <= 0:
        raise Rejected("amount_invalid", detail="(Der Nachlass ergibt keinen Cent.)")
    free = sign < 0 and amount == whole
    if free and not terms.reason:
        raise Rejected("reason_required")
    parts = split(sign * amount, [share.amount for share in base])
    shares = tuple(Share(s.vat, s.rate, part) for s, part in zip(base, parts, strict=True))
    sale = append_line(
        d,
        sale,
        text=f"{'Gratis:' if free else f'{terms.text} auf'} {line.text}"[:MAX_TEXT],
        quantity=Decimal(sign),
        unit_price=amount,
        vat=line.vat,
        rate=line.rate,
        shares=shares if line.shares else (),
        case=terms.case,
        name=FREE if free else "",
        of=line.n,
        in_house=line.in_house,
        group=line.group,
        group_name=line.group_name,
        agency=line.agency,
        reducible=False,
        note=terms.reason,
    )
    return settle_reductions(d, settle(d, sale, line.article))


def _line(sale: Sale, n: int) -> Line:
    found = next((line for line in sale.lines if line.n == n and not line.voids), None)
    if found is None:
        raise Rejected("line_not_found")
    if found not in sale.standing():
        raise Rejected("already_voided")
    if not can_be_reduced(found):
        raise Rejected("not_reducible", {"line": n}, f"({found.text[:40]})")
    return found


def _left_of(sale: Sale, line: Line) -> tuple[Share, ...]:
    """What former reductions of the line have left of it, by tax key."""
    amounts = {share.vat: share.amount for share in line.by_vat()}
    for one in sale.standing():
        if one.of == line.n and one.case in ("Rabatt", "Aufschlag") and not is_multibuy(one):
            for share in one.by_vat():
                amounts[share.vat] += share.amount
    left = tuple(Share(share.vat, share.rate, amounts[share.vat]) for share in line.by_vat())
    if sum(share.amount for share in left) <= 0:
        raise Rejected("discount_too_high", {"most": 0}, "(Die Position kostet schon nichts mehr.)")
    return left


def _of_sale(d: Draft, sale: Sale, terms: Terms, name: str = "", coupon: Coupon | None = None) -> Sale:
    """From now on the whole sale is reduced; goods that must not be are left out."""
    now = settle_reductions(d, sale)
    left = what_is_left(now)
    before, lines = now.total, len(now.lines)
    if left.total <= 0:
        raise Rejected("not_reducible", detail="" if now.standing() else "(Zuerst Ware erfassen.)")
    free = terms.case == "Rabatt" and terms.percent == 100 and coupon is None
    if free and not terms.reason:
        raise Rejected("reason_required")
    reduction = Reduction(
        id=f"{sale.id}/{lines + 1}",
        case=terms.case,
        text=terms.text[:MAX_TEXT],
        after=lines,
        percent=terms.percent,
        amount=terms.amount,
        name=FREE if free else name,
        reason=terms.reason,
        coupon=coupon.code if coupon else "",
        articles=coupon.articles if coupon else (),
        categories=coupon.categories if coupon else (),
        min_total=coupon.min_total if coupon else 0,
        once=coupon.once if coupon else False,
    )
    d.fact(f.SaleReduced(sale.id, d.at, reduction, d.operator(sale.station)))
    after = settle_reductions(d, now, left)
    changed = abs(after.total - before)
    if changed == 0:
        raise Rejected("coupon_not_for_these" if coupon else "amount_invalid")
    if terms.percent is None and coupon is None and changed < terms.amount:
        raise Rejected("discount_too_high", {"most": changed}, f"(höchstens {euros(changed)} €)")
    if terms.case == "Rabatt" and left.total <= 0 and not (coupon or terms.reason):
        raise Rejected("reason_required")
    return after


def use_coupon(d: Draft, station: str, code: str) -> tuple[Sale, int]:
    """Reduce the current sale by a coupon; the sale, and the cents it takes off."""
    sale = _current(d, station)
    coupon = require_coupon(d, sale, code, what_is_left(sale).total)
    terms = Terms("Rabatt", f"Coupon {coupon.title}", coupon.percent, coupon.amount)
    after = _of_sale(d, sale, terms, COUPON, coupon)
    return rest(d, sale, after), sale.total - after.total


@performs(SaleSubsidy)
def _subsidy(d: Draft, station: str, args: SaleSubsidy) -> Answer:
    """DSFinV-K Anhang C: a genuine one leaves the tax on the full price (UStAE 14.10 Abs. 1), so it is a line
    under key 5; the other is a reduction of the price."""
    sale = _current(d, station)
    payer, reason = one_line(args.payer, "payer", MAX_NAME), reason_of(args.reason)
    if not payer:
        raise Rejected("person_required")
    if args.amount <= 0:
        raise Rejected("amount_invalid")
    if args.amount > sale.due:
        raise Rejected("amount_too_high", {"due": sale.due})
    text, note = f"Zuschuss {payer}", one_line(reason, "reason", MAX_REASON)
    if args.kind == "unecht":
        after = _of_sale(d, sale, Terms("ZuschussUnecht", text, None, args.amount, note), payer)
    else:
        after = append_line(
            d,
            sale,
            text=text,
            quantity=Decimal(-1),
            unit_price=args.amount,
            vat=NOT_TAXABLE,
            case="ZuschussEcht",
            name=payer,
            reducible=False,
            note=note,
        )
    after = rest(d, sale, after)
    return "ok", {"sale": after.id, "amount": args.amount, "total": after.total}
