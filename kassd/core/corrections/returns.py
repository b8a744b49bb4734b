"""Goods come back: with their receipt at the price, the tax and the reductions of then, and to what settled
them then; without it at today's price. Both are lines of the current sale, so that an exchange is one receipt
(DSFinV-K 4.2.5)."""

from dataclasses import fields
from decimal import Decimal

from kassd.core import facts as f
from kassd.core.corrections.args import ReceiptReturn, SaleReturn
from kassd.core.corrections.found import Recalled
from kassd.core.corrections.old import receipt_of, reference_to
from kassd.core.corrections.portion import GOODS, NOTHING, returned_lines
from kassd.core.corrections.state import Correction, Taken
from kassd.core.credit.ledger import CLAIM, available
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of
from kassd.core.entry import Line
from kassd.core.goods.args import SaleAdd
from kassd.core.goods.article import MAX_TEXT
from kassd.core.goods.deposits import add_deposits
from kassd.core.goods.entering import enter_article, price_of_label, quantity_of, require_price
from kassd.core.goods.lookup import Found, look_up
from kassd.core.goods.pricing import PriceNow, price_now
from kassd.core.master import sales_keys
from kassd.core.perform import Answer, performs
from kassd.core.selling import PLACES, append_line, current_or_new, require_open_till, require_quantity
from kassd.core.state import Sale
from kassd.core.vat import NOT_TAXABLE
from kassd.deferred import replace

MAX_REASON = 80  # it stands below each line that comes back


@performs(ReceiptReturn)
def return_goods(d: Draft, station: str, args: ReceiptReturn) -> Answer:
    """Add what comes back of an old receipt to the current sale."""
    require_open_till(d.state)
    receipt, done = receipt_of(d)
    old, note = receipt.sale, _note(args.reason)
    if any(c.how == "cancel" for c in done):
        raise Rejected("already_cancelled")
    if old.bon_type != "Beleg" or any(one.how == "cancel" for one in old.corrects):
        raise Rejected("not_cancellable")
    before = _before(done)
    _check(receipt, args, before)
    _require_taxed(old)
    sale = current_or_new(d, station)
    if not any((one.receipt, one.how) == (str(old.number), "return") for one in sale.corrects):
        reference, operator = reference_to(d, receipt), d.operator(station)
        fact = f.ReceiptCorrected(
            sale.id, str(old.number), "return", d.at, reference, reason_of(args.reason), operator
        )
        d.fact(fact)
    numbers: dict[int, int] = {}  # old line → the line that takes it back
    for line in returned_lines(old, args.lines, before, _mixes(old), _open_claims(d, old)):
        _require_known(d, line)
        sale = _append(d, d.state.sales[sale.id], line, numbers, note)
    return "ok", {"sale": sale.id, "total": sale.total, "due": sale.due}


def _note(reason: str) -> str:
    reason_of(reason)
    return f"Rückgabe: {one_line(reason, 'reason', MAX_REASON)}"


def _before(done: tuple[Correction, ...]) -> dict[int, Taken]:
    """What of each line is back already, over all returns that hold."""
    found: dict[int, Taken] = {}
    for correction in done:
        for n, taken in correction.lines.items():
            found[n] = found.get(n, NOTHING) + taken
    return found


def _check(receipt: Recalled, args: ReceiptReturn, before: dict[int, Taken]) -> None:
    goods = {line.n: line for line in receipt.sale.standing() if line.case == GOODS and line.quantity > 0}
    if not args.lines:
        raise Rejected("line_not_found")
    for n, quantity in args.lines.items():
        if n not in goods:
            raise Rejected("line_not_found", {"line": n})
        if quantity <= 0 or quantity != quantity.quantize(PLACES):
            raise Rejected("quantity_invalid", {"line": n})
        left = goods[n].quantity - before.get(n, NOTHING).quantity
        if quantity > left:
            raise Rejected("return_too_much", {"line": n, "left": left})


def _mixes(old: Sale) -> dict[str, str]:
    """Article → what it shares quantity prices with, of the articles of a receipt."""
    return {line.article: line.terms.key for line in old.lines if line.article and line.terms}


def _open_claims(d: Draft, old: Sale) -> dict[str, int]:
    """What is still owed of each claim that a receipt made; what was paid since was paid in money."""
    numbers = {line.account for line in old.standing() if line.case == CLAIM and line.account}
    items = {number: d.state.credit.items.get(number) for number in numbers}
    return {
        number: sum(share.amount for share in available(d.state, item).values()) if item else 0
        for number, item in items.items()
    }


def _require_taxed(old: Sale) -> None:
    """What was sold on account and is taxed when it is paid (§ 20 UStG) stands there without its tax: only
    the whole receipt can be undone."""
    standing = old.standing()
    untaxed = any(line.case == GOODS and line.vat == NOT_TAXABLE for line in standing)
    if untaxed and any(line.case == CLAIM for line in standing):
        raise Rejected("paid_otherwise", detail="(Ihre Steuer entsteht mit der Zahlung der Forderung.)")


def _require_known(d: Draft, line: Line) -> None:
    """What settled the goods can only be given back where it is known."""
    if line.settles and line.voucher and line.voucher not in d.state.vouchers:
        raise Rejected("paid_otherwise", {"voucher": line.voucher}, f"({line.voucher})")
    if line.settles and line.account and line.account not in d.state.credit.items:
        raise Rejected("paid_otherwise", {"number": line.account}, f"({line.account})")


def _append(d: Draft, sale: Sale, line: Line, numbers: dict[int, int], note: str) -> Sale:
    n = len(sale.lines) + 1
    numbers[line.n] = n
    notes = " · ".join(part for part in (line.note, note) if part)
    below = line.note if line.settles else note if line.of else notes
    line = replace(line, of=numbers.get(line.of, 0), note=below, voids=0)
    values = {
        field.name: getattr(line, field.name) for field in fields(Line) if field.name not in ("n", "voids")
    }
    return append_line(d, sale, **values)


@performs(SaleReturn)
def return_without_receipt(d: Draft, station: str, args: SaleReturn) -> Answer:
    """Take goods back whose receipt is not there; a person with the right answers for price and tax."""
    require_open_till(d.state)
    note = _note(args.reason)
    sale = current_or_new(d, station)
    n = len(sale.lines) + 1
    if args.text is None:
        found = look_up(d, args.code, "", args.article, comes_back=True)
        quantity = quantity_of(args.quantity, found)
        sale = enter_article(d, sale, found, -quantity, _price(d, found, args.price), SaleAdd(note=note))
        sale = add_deposits(d, sale, found.article, -quantity, n)
    else:
        sale = _open_item(d, sale, args, note)
    return "ok", {"sale": sale.id, "line": n, "total": sale.total}


def _price(d: Draft, found: Found, said: int | None) -> PriceNow:
    """What is given back for one unit: as said, else as the label says, else today's price."""
    if said is not None:
        return PriceNow(require_price(said))
    if found.price is not None:
        return price_of_label(found)
    if found.article.open:
        raise Rejected("price_required", {"article": found.article.id})
    return PriceNow(price_now(d.state, found.article, d.stamp.at).unit_price)


def _open_item(d: Draft, sale: Sale, args: SaleReturn, note: str) -> Sale:
    text = one_line(args.text or "", "text", MAX_TEXT)
    if not text:
        raise bad_args("text: must not be empty", "(Eine handelsübliche Bezeichnung fehlt.)")
    if args.price is None:
        raise Rejected("price_required")
    if args.vat is None or args.vat not in sales_keys(d.state.config):
        raise Rejected("unknown_vat")
    price = require_price(args.price)
    quantity = require_quantity(Decimal(1) if args.quantity is None else args.quantity)
    return append_line(d, sale, text=text, quantity=-quantity, unit_price=price, vat=args.vat, note=note)
