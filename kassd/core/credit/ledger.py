"""What is left of each open item: the sum of its lines on finished receipts, by tax key."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from kassd.core.credit.facts import ItemClosed, ItemOpened, ReferenceAdded, TaxPostponed
from kassd.core.credit.state import LETTERS, WHOLE, Credit, Item
from kassd.core.entry import Line, Share, untaxed
from kassd.core.fold import on, with_sale
from kassd.core.former import base_key
from kassd.core.inputs import Stamp
from kassd.core.state import Sale, State
from kassd.core.totals import counted
from kassd.deferred import replace

KEEP_DAYS = 90  # a settled item stays known so long (the sale may be cancelled), then leaves with a closing
KEEP_SLIPS_DAYS = 180
MAX_ITEMS = 1_000
SLIP = "PfandRueckzahlung"
CLAIM = "Forderungsentstehung"
UNFINISHED = ("open", "paying", "signing")


def shares_of(lines: Iterable[Line], number: str) -> dict[int, Share]:
    """The lines of an item summed up by tax key, a former rate's under the key it had then."""
    sums: dict[int, Share] = {}
    for line in lines:
        if line.account == number:
            for share in line.by_vat():
                share = replace(share, vat=base_key(share.vat))
                known = sums.get(share.vat)
                sums[share.vat] = (
                    share if known is None else replace(known, amount=known.amount + share.amount)
                )
    return sums


def moves_of(item: Item, lines: Iterable[Line]) -> dict[int, Share]:
    """The lines of an open item by tax key; a claim that is taxed when it is paid stands at the keys it was
    made of, not at the one of its line."""
    if not item.owed:
        return shares_of(lines, item.number)
    lines, whole = tuple(lines), sum(share.amount for share in item.owed)
    claimed = sum(line.amount for line in lines if line.account == item.number and line.case == CLAIM)
    sums = shares_of((line for line in lines if line.case != CLAIM), item.number)
    for share in item.owed:  # claims are made and cancelled whole
        old = sums.get(share.vat, replace(share, amount=0))
        sums[share.vat] = replace(old, amount=old.amount + share.amount * claimed // whole)
    return sums


def available(state: State, item: Item) -> dict[int, Share]:
    """What of an open item no unfinished sale has taken yet, by tax key; of one that is billed whole also
    what makes it lower (deposits that came back with it)."""
    left = {share.vat: share for share in item.left if share.amount}
    for sale in state.sales.values():
        if sale.status in UNFINISHED:
            for vat, taken in moves_of(item, sale.lines).items():
                if vat in left:
                    left[vat] = replace(left[vat], amount=left[vat].amount + _sign(item) * taken.amount)
    whole = item.kind in WHOLE
    return {vat: share for vat, share in left.items() if share.amount > 0 or (whole and share.amount)}


def _sign(item: Item) -> int:
    """Negative lines use a down payment up; positive ones pay a receivable and bill a delivery."""
    return 1 if item.kind == "downpayment" else -1


def billed_by(state: State, number: str) -> str:
    """Id of the unfinished sale that bills a delivery note, '' if there is none."""
    for sale in state.sales.values():
        if sale.status in UNFINISHED and any(line.account == number for line in sale.lines):
            return sale.id
    return ""


def invoice_paid(sale: Sale) -> str:
    """Number of the invoice whose lines a Vorgang begins with because it is paid now, '' if there is none."""
    own = (line.account for line in sale.lines[:1] if line.origin is None)
    return next((number for number in own if number.startswith(LETTERS["invoice"])), "")


def lacking(state: State, sale: Sale) -> Item | None:
    """The delivery note or invoice whose lines a bill does not have yet: a long one takes several journal
    lines."""
    if not sale.lines or sale.kind != "sale" or sale.status != "open" or sale.lines[0].origin is not None:
        return None
    item = state.credit.items.get(sale.lines[0].account)
    whole = item is not None and item.kind in WHOLE
    return item if whole and item is not None and len(sale.lines) < len(item.lines) else None


def linked_items(items: Mapping[str, Item], sale: Sale) -> tuple[Item, ...]:
    """What the money of a sale is paid towards besides its goods: claims it pays, down payments it deducts,
    and, where it takes one, those of the same order."""
    numbers = dict.fromkeys(line.account for line in sale.standing() if line.account)
    own = [items[number] for number in numbers if number in items and items[number].kind not in WHOLE]
    born = {(item.customer, item.what) for item in own if item.kind == "downpayment" and item.sale == sale.id}
    same = (
        item
        for item in items.values()
        if born and item.kind == "downpayment" and (item.customer, item.what) in born and not item.settled
    )
    return tuple({item.number: item for item in (*own, *same)}.values())


def _with_cash(items: dict[str, Item], before: Mapping[str, Item], sale: Sale) -> None:
    """Each item knows the cash paid towards it: its share of this sale's; what is left to be paid of a sale
    (a new claim) is linked with all that was paid for it."""
    cash = sum(payment.amount for payment in sale.payments if payment.type == "Bar")
    linked = linked_items(before, sale)
    for item in linked:
        if item.number not in items or not any(line.account == item.number for line in sale.standing()):
            continue
        paid = sum(line.amount for line in sale.standing() if line.account == item.number)
        if item.sale == sale.id and item.kind == "receivable":
            part = cash + sum(other.cash for other in linked)
        else:
            part = max(-abs(paid), min(cash, abs(paid)))
        items[item.number] = replace(items[item.number], cash=item.cash + part)


@on(ItemOpened)
def _opened(state: State, fact: ItemOpened, stamp: Stamp) -> State:
    item = Item(fact.number, fact.kind_of, fact.customer, fact.what, fact.at, fact.pickup, sale=fact.sale)
    return _with_items(state, {**state.credit.items, item.number: item})


@on(TaxPostponed)
def _postponed(state: State, fact: TaxPostponed, stamp: Stamp) -> State:
    sale, item = state.sales[fact.sale], state.credit.items[fact.number]
    lines = tuple(untaxed(line) for line in sale.lines)
    state = with_sale(state, sale, lines=lines, touched=stamp.mono)
    return _with_items(state, {**state.credit.items, item.number: replace(item, owed=fact.owed)})


@on(ItemClosed)
def _closed(state: State, fact: ItemClosed, stamp: Stamp) -> State:
    item = state.credit.items[fact.number]
    state = _with_items(state, {**state.credit.items, item.number: replace(item, settled=fact.at[:10])})
    totals = counted(state.till.totals, "invoices_closed", item.balance)
    return replace(state, till=replace(state.till, totals=totals))


@on(ReferenceAdded)
def _referenced(state: State, fact: ReferenceAdded, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    return with_sale(state, sale, references=(*sale.references, fact.reference), touched=stamp.mono)


def _with_items(state: State, items: dict[str, Item]) -> State:
    return replace(state, credit=replace(state.credit, items=items))


def settled_items(state: State, sale: Sale, day: str) -> State:
    """The open items after a Vorgang has ended; an abort leaves no trace of it."""
    born = [item for item in state.credit.items.values() if item.sale == sale.id]
    numbers = dict.fromkeys(line.account for line in sale.lines if line.account)
    if not born and not numbers:
        return state
    done = sale.status == "done"
    items = dict(state.credit.items)
    for item in born:
        made = any(share.amount for share in shares_of(sale.lines, item.number).values())
        if done and (item.kind in WHOLE or made):
            items[item.number] = _begun(state, item, sale)
        else:
            del items[item.number]
    if done and sale.bon_type == "Beleg":
        for number in numbers:
            if number in items:
                items[number] = _moved(items[number], sale, day)
        _with_cash(items, state.credit.items, sale)
        state = _with_slips(state, sale, day)
    return _with_items(state, items)


def _begun(state: State, item: Item, sale: Sale) -> Item:
    lines = sale.standing() if item.kind in WHOLE else ()
    own = (replace(line, account=item.number) for line in lines)
    left = tuple(shares_of(own, item.number).values())
    return replace(item, sale="", receipt=sale.number, closing=state.closing + 1, lines=lines, left=left)


def _moved(item: Item, sale: Sale, day: str) -> Item:
    """An item after a receipt with lines of it."""
    if item.kind in WHOLE:
        return _billed(item, sale, day)
    sums = moves_of(item, sale.lines)
    left = {share.vat: share for share in item.left}
    for vat, share in sums.items():
        known = left.get(vat, replace(share, amount=0))
        left[vat] = replace(known, amount=known.amount + _sign(item) * share.amount)
    whole = tuple(left[vat] for vat in sorted(left))
    return replace(item, left=whole, settled="" if any(share.amount for share in whole) else day)


def _billed(item: Item, sale: Sale, day: str) -> Item:
    """A delivery note or invoice is billed whole, and open again once no bill of it stands. Goods that come
    back of a bill are no bill; of one that is written again the new one counts, whichever ends first."""
    gone = {one.receipt for one in sale.corrects if one.how == "cancel"}
    bills = tuple(number for number in item.bills if str(number) not in gone)
    if not gone and any(line.account == item.number and line.origin is None for line in sale.standing()):
        bills = (*bills, sale.number)
    return replace(item, bills=bills, settled=(item.settled or day) if bills else "")


def _with_slips(state: State, sale: Sale, day: str) -> State:
    lines = [line for line in sale.standing() if line.account and line.case == SLIP]
    if not lines:
        return state
    # what a cancelled receipt took is valid again, but not what the one written instead of it has taken
    back = {(line.account, line.origin.receipt) for line in lines if line.amount > 0 and line.origin}
    slips = {
        key: {c: n for c, n in codes.items() if (c, str(n)) not in back}
        for key, codes in state.credit.slips.items()
    }
    taken = {line.account: sale.number for line in lines if line.amount < 0}
    slips[day] = {**slips.get(day, {}), **taken}
    return replace(state, credit=replace(state.credit, slips=slips))


def closed_items(state: State, number: int, at: str) -> State:
    """A closing: items made before it can be referred to; what was settled long ago is forgotten."""
    today = date.fromisoformat(at[:10])
    oldest = (today - timedelta(days=KEEP_DAYS)).isoformat()
    items = {
        key: replace(item, closed_at=at) if item.closing == number else item
        for key, item in state.credit.items.items()
        if not item.settled or item.settled >= oldest
    }
    since = (today - timedelta(days=KEEP_SLIPS_DAYS)).isoformat()
    slips = {day: codes for day, codes in state.credit.slips.items() if day >= since}
    return replace(state, credit=Credit(items, slips))
