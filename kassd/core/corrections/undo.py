"""The newest entry of the open sale is taken back, whatever it was."""

from kassd.core import facts as f
from kassd.core.cards.charging import reverse, undone_by_hand
from kassd.core.commands import SaleVoidLine
from kassd.core.corrections.args import SaleUndo
from kassd.core.corrections.rewrite import payment_fact, require_stock, reversed_payments
from kassd.core.decision import Draft, Rejected
from kassd.core.entry import money_of, standing_payments
from kassd.core.goods.changing import void_line
from kassd.core.perform import Answer, performs
from kassd.core.printing import kick_drawer
from kassd.core.selling import current, require_open_till
from kassd.core.state import Sale


@performs(SaleUndo)
def undo(d: Draft, station: str, args: SaleUndo) -> Answer:
    """Give the newest part payment back if nothing came after it, else void the last line that stands."""
    require_open_till(d.state)
    sale = current(d.state, station)
    if sale.newest == "payment":
        _give_back(d, sale, args)
    else:
        void_line(d, station, SaleVoidLine())
    sale = d.state.sales[sale.id]
    return "ok", {"sale": sale.id, "total": sale.total, "due": sale.due}


def _give_back(d: Draft, sale: Sale, args: SaleUndo) -> None:
    taken = standing_payments(sale.payments)[-1]
    payments = reversed_payments(taken, undone=True)
    money, card = money_of(payments), taken[0].card
    if card is not None and not args.card_reversed:
        reverse(d, sale.station, [card], sale=sale)
        return
    if money["card"] and not args.card_reversed:
        raise Rejected("card_not_reversed", money)
    require_stock(d, payments)
    undone_by_hand(d, sale.station, taken, sale=sale.id)
    for payment in payments:
        d.fact(payment_fact(d, sale.id, payment, d.operator(sale.station)))
    if not standing_payments(d.state.sales[sale.id].payments):
        d.fact(f.SaleReopened(sale.id, d.at, d.operator(sale.station)))
    if any(money["currencies"].values()):
        kick_drawer(d, sale.station, "sale")
