"""Selling vouchers, and what else happens to one besides redeeming."""

from datetime import date
from decimal import Decimal

from kassd.core.catalog import MAX_PRICE
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of, shown
from kassd.core.goods.lookup import by_id
from kassd.core.goods.pricing import keys_of
from kassd.core.master import own_key, rate_of
from kassd.core.perform import Answer, performs
from kassd.core.selling import add_line, append_line, current_or_new, require_open_till
from kassd.core.vat import KEYS, NOT_TAXABLE
from kassd.core.vouchers.args import (
    VoucherBalance,
    VoucherKind,
    VoucherRefund,
    VoucherSell,
    VoucherTakeOver,
    VoucherWithdraw,
)
from kassd.core.vouchers.facts import VoucherIssued, VoucherTakenOver, VoucherWithdrawn
from kassd.core.vouchers.ledger import MAX_VOUCHERS, available
from kassd.core.vouchers.number import new_number
from kassd.core.vouchers.redeem import CASES, find, require_valid, require_worth
from kassd.core.vouchers.spent import is_full, is_spent

MAX_CODE = 40
DEFAULT_YEARS = 3


@performs(VoucherSell)
def _sell(d: Draft, station: str, args: VoucherSell) -> Answer:
    require_open_till(d.state)
    text, vat, value = _what(d, args)
    number = _free_number(d, args.code or new_number(d))
    expiry = _expiry(d, args.expiry)
    sale = current_or_new(d, station)
    rate, operator = _rate(d, vat), d.operator(station)
    d.fact(VoucherIssued(sale.id, number, args.kind, value, vat, rate, text, expiry, d.at, operator))
    sale = append_line(
        d,
        sale,
        text=text,
        quantity=Decimal(1),
        unit_price=value,
        vat=vat,
        case=CASES[args.kind][0],
        voucher=number,
        article=args.article,
        reducible=False,
        note=f"Nr. {number}, gültig bis {_german(expiry)}",
    )
    result = {"sale": sale.id, "line": len(sale.lines), "code": number, "expiry": expiry, "total": sale.total}
    return "ok", result


def _what(d: Draft, args: VoucherSell) -> tuple[str, int, int]:
    """Text, tax key and value of a new voucher."""
    text, vat, value = one_line(args.text, "text", 60), args.vat, args.value
    if args.article:
        day = d.stamp.at.date().isoformat()
        article = by_id(d.state, args.article, day)
        if article.agency:  # its sale would be taxed as this business's supply
            raise Rejected("voucher_agency", {"article": article.id}, f"({article.name[:40]})")
        if args.kind == "multi":
            raise bad_args("article: expected only with kind single")
        text, vat = text or article.name, _one_key(keys_of(d.state, article, day), article.name)
        value = article.price if value is None else value
    if value is None or not 0 < value <= MAX_PRICE:
        raise Rejected("amount_invalid")
    vat = _vat(args.kind, vat)
    return (f"Gutschein {text}".strip() if args.kind == "single" else text or "Wertgutschein"), vat, value


def _one_key(keys: frozenset[int], name: str) -> int:
    """The tax is known when a single-purpose voucher is sold (§ 3 Abs. 14 UStG), whatever becomes of it."""
    if len(keys) != 1:
        raise Rejected("voucher_single_rate", {"vat": sorted(keys)}, f"({shown(name)})")
    return next(iter(keys))


def _vat(kind: VoucherKind, vat: int | None) -> int:
    """The key a voucher is taxed with; a value for several rates is multi-purpose (§ 3 Abs. 15 UStG)."""
    if kind == "multi":
        if vat not in (None, NOT_TAXABLE):
            raise bad_args(
                "vat: expected only with kind single", "(Ein Mehrzweckgutschein hat keinen Steuersatz.)"
            )
        return NOT_TAXABLE
    if vat is None or vat not in KEYS or vat == NOT_TAXABLE:
        raise Rejected("unknown_vat")
    return vat


def _rate(d: Draft, vat: int) -> Decimal:
    """At which a voucher for goods of ``vat`` is taxed now; 0 of a taxed key says: sold under § 19 UStG."""
    return rate_of(d.state.config, d.state.rates, own_key(d.state.config, vat))


def _free_number(d: Draft, code: str) -> str:
    """A number that is not known: one that is used up could be taken over and spent a second time, and what
    comes back of its old sales would become money of the new one."""
    number = one_line(code, "code", MAX_CODE)
    known = d.state.vouchers.keys() & {number, number.upper()} or is_spent(d.state.spent, number)
    if not number or number in d.state.catalog.by_code or known:
        raise Rejected("voucher_exists")
    if len(d.state.vouchers) >= MAX_VOUCHERS or is_full(d.state.spent):
        raise Rejected("vouchers_full")
    return number


def _expiry(d: Draft, text: str) -> str:
    """Last day: what was agreed, else the end of the years in which the claim lapses (§§ 195, 199 BGB)."""
    today = d.stamp.at.date()
    if not text:
        return f"{today.year + int(d.state.config.get('vouchers.years') or DEFAULT_YEARS)}-12-31"
    try:
        last = date.fromisoformat(text)
    except ValueError:
        raise bad_args("expiry: expected YYYY-MM-DD", "(Gültig bis: ein Datum.)") from None
    if last < today:
        raise bad_args("expiry: expected a day to come", "(Gültig bis: ein künftiger Tag.)")
    return last.isoformat()


def _german(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}"


@performs(VoucherBalance)
def _balance(d: Draft, station: str, args: VoucherBalance) -> Answer:
    voucher = find(d, args.code)
    problem = ""
    try:
        require_valid(d.state, voucher, d.stamp.at.date().isoformat())
    except Rejected as reason:
        problem = reason.code
    return "ok", {
        "code": voucher.number,
        "kind": voucher.kind,
        "text": voucher.text,
        "value": voucher.value,
        "balance": available(d.state, voucher),
        "expiry": voucher.expiry,
        "receipt": voucher.receipt,
        "problem": problem,
    }


@performs(VoucherRefund)
def _refund(d: Draft, station: str, args: VoucherRefund) -> Answer:
    """The sale of the voucher is taken back as far as it was not used; ``sale.pay`` pays it out."""
    require_open_till(d.state)
    reason = reason_of(args.reason)
    if not d.state.config.get("vouchers.refund"):
        raise Rejected("voucher_not_refundable")
    voucher = find(d, args.code)
    left = require_worth(d.state, voucher)
    sale = add_line(
        d,
        station,
        text=f"{voucher.text} zurückgezahlt",
        quantity=Decimal(-1),
        unit_price=left,
        vat=voucher.vat,
        rate=voucher.rate,
        case=CASES[voucher.kind][0],
        voucher=voucher.number,
        reducible=False,
        note=f"Nr. {voucher.number}, {reason}",
    )
    return "ok", {"sale": sale.id, "line": len(sale.lines), "total": sale.total}


@performs(VoucherTakeOver)
def _take_over(d: Draft, station: str, args: VoucherTakeOver) -> Answer:
    if d.state.config.get("vouchers.foreign") != "take_over":
        raise Rejected("voucher_unknown", detail="(Gutscheine anderer Kassen werden hier nicht übernommen.)")
    number, vat = _free_number(d, args.code), _vat(args.kind, args.vat)
    if not 0 < args.value <= MAX_PRICE:
        raise Rejected("amount_invalid")
    text = one_line(args.text, "text", 60) or "Gutschein"
    issuer = one_line(args.issuer, "issuer", 60)
    if not issuer:
        raise bad_args("issuer: must not be empty", "(Wer hat den Gutschein ausgegeben?)")
    d.fact(
        VoucherTakenOver(
            number,
            args.kind,
            args.value,
            vat,
            _rate(d, vat),
            text,
            _expiry(d, args.expiry),
            issuer,
            reason_of(args.reason),
            d.at,
            d.operator(station),
        )
    )
    return "ok", {"code": number, "balance": args.value}


@performs(VoucherWithdraw)
def _withdraw(d: Draft, station: str, args: VoucherWithdraw) -> Answer:
    reason, voucher = reason_of(args.reason), find(d, args.code)
    left = require_worth(d.state, voucher)
    if left != voucher.balance:
        raise Rejected("sale_open", detail="(Der Gutschein ist Teil eines offenen Verkaufs.)")
    d.fact(VoucherWithdrawn(voucher.number, left, reason, d.at, d.operator(station)))
    return "ok", {"code": voucher.number, "balance": left}
