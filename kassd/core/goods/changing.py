"""Lines taken back, and lines that become another: what belongs to a line goes with it."""

from typing import Literal, cast

from kassd.core import facts as f
from kassd.core.codec import encode, json_size
from kassd.core.commands import SaleVoidLine
from kassd.core.credit.state import WHOLE
from kassd.core.decision import Draft, Rejected
from kassd.core.entry import Line, Share
from kassd.core.former import with_same_day
from kassd.core.goods.args import SaleSetInHouse
from kassd.core.goods.article import Article
from kassd.core.goods.combos import shares_of
from kassd.core.goods.deposits import is_deposit
from kassd.core.goods.multibuy import is_multibuy, settle
from kassd.core.goods.pricing import key_of
from kassd.core.master import rate_of
from kassd.core.money import split
from kassd.core.reductions.settling import end_reduction, follows, is_of_sale, settle_reductions
from kassd.core.selling import LineFields, append_line, current, require_open_till
from kassd.core.state import Sale
from kassd.core.tips.giving import settle_tips
from kassd.core.vat import SMALL_BUSINESS
from kassd.deferred import replace

MAX_FACTS = 50_000  # bytes of one command; a journal line has 64 KiB
FIELDS = tuple(LineFields.__annotations__)


def void_line(d: Draft, station: str, args: SaleVoidLine) -> Sale:
    """Void a line, and what belongs to it, by negative counter-lines; what was entered stays recorded."""
    require_open_till(d.state)
    sale = current(d.state, station)
    line = _chosen(sale, args.line)
    _require_not_billed(d, line)
    if is_of_sale(line):
        return rest(d, sale, end_reduction(d, sale, line))
    _take_back(d, sale, line)
    for one in _belonging(sale, line):
        _take_back(d, sale, one, "belongs")
    goods = _parent(sale, line).article if line.of else line.article  # without its reduction
    after = settle_reductions(d, settle(d, d.state.sales[sale.id], goods))
    return rest(d, sale, after, settling=line.settles)


def _require_not_billed(d: Draft, line: Line) -> None:
    """A delivery note or invoice is billed as it was issued; what comes back is returned after that."""
    if number := _bills(d, line):
        raise Rejected("billed_whole", {"number": number}, f"({number})")


def _bills(d: Draft, line: Line) -> str:
    """Number of the delivery note or invoice that a line bills, '' if none."""
    item = d.state.credit.items.get(line.account)
    return item.number if item is not None and item.kind in WHOLE and line.origin is None else ""


def _require_not_supplied(d: Draft, lines: list[Line]) -> None:
    """Where goods of a delivery note or invoice went was settled when they were supplied (§ 13 Abs. 1 Nr. 1
    Buchst. a UStG)."""
    if number := next(filter(None, (_bills(d, line) for line in lines)), ""):
        raise Rejected("billed_as_supplied", {"number": number}, f"({number})")


def _parent(sale: Sale, line: Line) -> Line:
    return sale.lines[line.of - 1]


def _chosen(sale: Sale, n: int | None) -> Line:
    """Line ``n``, else the last that stands and follows from no other."""
    standing = sale.standing()
    if n is None:
        own = [line for line in standing if not (_follows(line) or follows(sale, line))]
        if not own:
            raise Rejected("line_not_found")
        return own[-1]
    found = next((line for line in sale.lines if line.n == n and not line.voids), None)
    if found is None:
        raise Rejected("line_not_found")
    if found not in standing:
        raise Rejected("already_voided")
    if _follows(found):
        raise Rejected("line_follows", {"of": found.of})
    return found


def _follows(line: Line) -> bool:
    return is_deposit(line) or is_multibuy(line) or (line.of > 0 and line.origin is not None)


def _belonging(sale: Sale, line: Line) -> tuple[Line, ...]:
    """Deposit and reductions of a line; what its quantity takes off is settled by itself."""
    return tuple(one for one in sale.standing() if one.of == line.n and not is_multibuy(one))


def _take_back(d: Draft, sale: Sale, line: Line, why: Literal["", "belongs", "in_house"] = "") -> None:
    n = len(d.state.sales[sale.id].lines) + 1
    d.fact(f.LineVoided(sale.id, n, line.n, d.at, d.operator(sale.station), why))


def rest(d: Draft, before: Sale, sale: Sale, *, settling: bool = False) -> Sale:
    """What was paid, or settled without money, is not more than what is left; nothing due any more ends the
    sale. ``settling``: what settled is itself taken back."""
    settled = before.settled
    if (sale.paid or settled) and not settling and sale.total < sale.paid:
        raise Rejected("sale_part_paid" if sale.paid else "settled_first")
    if (sale.paid or settled) and sale.due == 0 and sale.standing():
        settle_tips(d, sale)
        d.fact(f.SalePaid(sale.id, d.at))
    return d.state.sales[sale.id]


def set_in_house(d: Draft, station: str, args: SaleSetInHouse) -> Sale:
    """Consumed on site or taken away; the tax rate follows (§ 12 Abs. 2 Nr. 1, 15 UStG), the price stays."""
    require_open_till(d.state)
    sale = current(d.state, station)
    if args.line is None:
        chosen = [line for line in sale.standing() if line.case == "Umsatz" and not (line.of or line.origin)]
        if sale.in_house != args.in_house:
            d.fact(f.InHouseSet(sale.id, d.at, args.in_house, d.operator(station)))
    else:
        chosen = [_chosen(sale, args.line)]
        if chosen[0].case != "Umsatz" or chosen[0].origin:  # what comes back keeps the tax of then
            raise Rejected("line_not_found")
    changed = [line for line in chosen if line.in_house != args.in_house]
    _require_not_supplied(d, changed)
    for line in changed:
        _enter_anew(d, sale, line, args.in_house)
    if sum(60 + json_size(encode(fact)) for fact in d.facts) > MAX_FACTS:
        raise Rejected("sale_too_long", detail="(Bitte die Positionen einzeln ändern.)")
    for article in dict.fromkeys(line.article for line in changed):
        settle(d, d.state.sales[sale.id], article)
    return rest(d, sale, settle_reductions(d, sale))


def _enter_anew(d: Draft, sale: Sale, line: Line, in_house: bool) -> None:
    belonging = _belonging(sale, line)
    for one in (line, *belonging):
        _take_back(d, sale, one, "in_house")
    new = _with_rate(d, line, in_house)
    n = len(_append(d, sale, new).lines)
    for one in belonging:
        follows = replace(one, of=n, in_house=in_house)
        _append(d, sale, follows if is_deposit(one) else _as_its_line(follows, new))


def _append(d: Draft, sale: Sale, line: Line) -> Sale:
    fields = cast(LineFields, {name: getattr(line, name) for name in FIELDS})
    return append_line(d, d.state.sales[sale.id], **fields)


def _with_rate(d: Draft, line: Line, in_house: bool) -> Line:
    """The line under the tax key that follows; without an article its key stays."""
    article, day = d.state.catalog.articles.get(line.article), d.stamp.at.date().isoformat()
    before, line = line, replace(line, in_house=in_house)
    if article is None:
        return line
    if not line.parts:
        vat = _key_of_its_day(d, article, line.vat, day, before, in_house)
        vat, rate = with_same_day(vat, rate_of(d.state.config, d.state.rates, vat), line.vat)
        return replace(line, vat=vat, rate=rate)
    parts = []
    for part in line.parts:
        of_part = d.state.catalog.articles.get(part.article)
        vat = part.vat if of_part is None else _key_of_its_day(d, of_part, part.vat, day, before, in_house)
        parts.append(replace(part, vat=vat))
    rates = {part.vat: rate_of(d.state.config, d.state.rates, part.vat) for part in parts}
    shares = (
        shares_of(article, parts, line.amount, rates) if len(article.parts) == len(parts) else line.shares
    )
    shares = tuple(_of_its_day(share, line.vat) for share in shares)
    vat = shares[0].vat if shares else parts[0].vat
    rate = shares[0].rate if shares else rates.get(vat, line.rate)
    return replace(line, parts=tuple(parts), shares=shares, vat=vat, rate=rate)


def _key_of_its_day(d: Draft, article: Article, vat: int, day: str, line: Line, in_house: bool) -> int:
    """The key that follows for an article of ``line``; what was ordered under ``vat`` before a change to
    § 19 UStG, or from it, stays taxed, or free, as it was."""
    if vat == SMALL_BUSINESS != key_of(d.state, article, day, line.in_house):
        return vat
    return key_of(d.state, article, day, in_house)


def _of_its_day(share: Share, vat: int) -> Share:
    key, rate = with_same_day(share.vat, share.rate, vat)
    return replace(share, vat=key, rate=rate)


def _as_its_line(reduction: Line, line: Line) -> Line:
    """A reduction under the tax keys of the line it belongs to."""
    if not line.shares:
        return replace(reduction, vat=line.vat, rate=line.rate, shares=())
    amounts = split(reduction.amount, [abs(share.amount) for share in line.shares])
    pairs = zip(line.shares, amounts, strict=True)
    shares = tuple(Share(share.vat, share.rate, amount) for share, amount in pairs)
    return replace(reduction, vat=shares[0].vat, rate=shares[0].rate, shares=shares)
