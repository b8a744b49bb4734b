"""Through the card terminal, and what comes of it; transfers by GiroCode."""

from collections.abc import Callable, Generator

from kassd.sim.trade.acts import Act, Answer, Fate, Flow, Look, Terminal, Wait
from kassd.sim.trade.scene import Scene, do, issued, pay, sell

MOST_S = 120


def _charged(s: Scene, fate: Fate = "pays", amount: int | None = None) -> Flow:
    """Goods, and a card held to the terminal; ``amount`` is all that is due unless it is named."""
    yield from sell(s)
    yield Terminal(fate)
    yield do("sale.pay", type="card", amount=amount)


def _until(found: Callable[[Answer], object]) -> Generator[Act, Answer, Answer]:
    """Look at the display until it says so."""
    for _ in range(MOST_S):
        shown = yield Look()
        if found(shown):
            return shown
        yield Wait(1)
    raise AssertionError("the terminal does not come to an end")


def _free() -> Flow:
    """The terminal has ended what it did."""
    yield from _until(lambda shown: not shown.get("card"))


def declined(s: Scene) -> Flow:
    """No money on it: cash."""
    yield from _charged(s, "declines")
    yield from _free()
    yield from pay(s, "cash")


def in_part(s: Scene) -> Flow:
    """A part is approved, the rest is paid in cash."""
    yield from _charged(s, "part")
    yield from _free()
    yield from pay(s, "cash")


def tipped(s: Scene) -> Flow:
    """The guest adds something at the terminal."""
    yield from _charged(s, "tip")
    yield from issued(s)


def broken(s: Scene) -> Flow:
    """The cable, after it was approved: the terminal is asked, and it was paid."""
    yield from _charged(s, "breaks")
    yield from issued(s)


def unknown(s: Scene) -> Flow:
    """It cannot say: somebody reads the merchant's receipt."""
    yield from _charged(s, "mute")
    yield from _until(lambda shown: (shown.get("card") or {}).get("status") == "unknown")
    yield do("card.settle", paid=True, reason="Händlerbeleg gesehen")
    yield from issued(s)
    yield Wait(400)


def not_believed(s: Scene) -> Flow:
    """It is silent, somebody says that nothing was paid, cash is taken; then it says that it was, and gives
    it back."""
    yield from _charged(s, "silent")
    yield from _until(lambda shown: (shown.get("card") or {}).get("status") == "unclear")
    yield do("card.settle", paid=False, reason="Terminal zeigt Abbruch")
    yield from pay(s, "cash")
    yield Wait(400)


def given_up(s: Scene) -> Flow:
    """The card is in another coat."""
    yield from _charged(s, "waits")
    yield Wait(20)
    yield do("card.abort")
    yield from _free()
    yield from pay(s, "cash")


def aborted(s: Scene) -> Flow:
    """A part was charged, then nothing is wanted: it goes back."""
    yield from _charged(s, amount=100)
    yield from _free()
    yield do("sale.abort")
    yield from issued(s, "")


def undone(s: Scene) -> Flow:
    """A part was charged, the rest is not: rather all in cash."""
    yield from _charged(s, amount=100)
    yield from _free()
    yield do("sale.undo")
    yield from _free()
    yield from pay(s, "cash")


def cancelled(s: Scene) -> Flow:
    """All of it was a mistake: the terminal gives back first."""
    yield from _charged(s)
    yield from issued(s)
    yield do("receipt.cancel", receipt=s.wallet["receipt"].pop(), reason="falscher Kunde")
    yield Wait(30)


def by_hand(s: Scene) -> Flow:
    """The guest stands there with the card: it is given back at the terminal at once, the receipt follows."""
    yield from _charged(s)
    yield from issued(s)
    yield Terminal("undone")
    receipt = s.wallet["receipt"].pop()
    yield do("receipt.cancel", receipt=receipt, reason="falscher Betrag", card_reversed=True)
    yield Wait(30)


def refunded(s: Scene) -> Flow:
    """Money back to the card."""
    yield do("sale.return", article=next(iter(s.shop.liked)), quantity="1", reason="defekt")
    yield do("sale.pay", type="card")
    yield from issued(s)


def repeated(s: Scene) -> Flow:
    """The guest wants the terminal's receipt once more."""
    yield from _charged(s)
    yield from issued(s)
    yield do("card.repeat")
    yield Wait(20)


def day_ended(s: Scene) -> Flow:
    """The terminal's day is ended in between."""
    yield do("card.end_of_day")
    yield Wait(20)


def _code(s: Scene) -> Flow:
    yield from sell(s)
    yield do("sale.pay", type="girocode")
    yield Wait(20 + 40 * s.random.random())


def giro_received(s: Scene) -> Flow:
    """The money is seen on the account."""
    yield from _code(s)
    yield do("transfer.settle", paid=True, received=True)
    yield from issued(s)


def giro_accepted(s: Scene) -> Flow:
    """The order is seen on the customer's phone."""
    yield from _code(s)
    yield do("transfer.settle", paid=True)
    yield from issued(s)


def giro_dropped(s: Scene) -> Flow:
    """The app does not want to."""
    yield from _code(s)
    if s.random.random() < 0.5:
        yield do("transfer.settle", paid=False)
    yield from pay(s, "cash")


FLOWS = {
    "card_declined": declined,
    "card_in_part": in_part,
    "card_tipped": tipped,
    "card_broken": broken,
    "card_unknown": unknown,
    "card_not_believed": not_believed,
    "card_given_up": given_up,
    "card_aborted": aborted,
    "card_undone": undone,
    "card_cancelled": cancelled,
    "card_by_hand": by_hand,
    "card_refunded": refunded,
    "card_repeated": repeated,
    "card_day_ended": day_ended,
    "giro_received": giro_received,
    "giro_accepted": giro_accepted,
    "giro_dropped": giro_dropped,
}
