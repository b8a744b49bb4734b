"""Old receipts: cancelled, paid otherwise, returned, printed again; paper slips; training."""

from kassd.sim.trade.acts import Command, Flow, Look
from kassd.sim.trade.scene import Scene, do, issued, pay, sell


def _fresh(s: Scene, how: str = "card") -> Flow:
    """A sale of its own to correct; its number is the newest one in the wallet."""
    yield from sell(s)
    yield from pay(s, how)


def cancel(s: Scene) -> Flow:
    """All of it was a mistake."""
    yield from _fresh(s)
    yield do("receipt.cancel", receipt=s.wallet["receipt"].pop(), reason="falscher Kunde", card_reversed=True)
    yield from issued(s, "")


def correct_payment(s: Scene) -> Flow:
    """It was cash."""
    yield from _fresh(s)
    yield do("receipt.correct_payment", receipt=s.wallet["receipt"].pop(), type="cash", reason="vertippt")
    yield from issued(s, "")


def return_receipt(s: Scene) -> Flow:
    """With the receipt, some days later."""
    yield from _bring_back(s)
    yield from pay(s, "card")


def exchange(s: Scene) -> Flow:
    """Back, and something else instead."""
    yield from _bring_back(s)
    yield from sell(s)
    yield from pay(s, "card")


def _bring_back(s: Scene) -> Flow:
    yield from sell(s, [next(iter(s.shop.liked))])
    yield from pay(s, "card")
    s.keep("returns", s.wallet["receipt"].pop())
    number = s.take("returns") if len(s.wallet["returns"]) > 3 else s.wallet["returns"].pop()
    yield do("receipt.return", receipt=number, lines={"1": "1"}, reason="passt nicht")


def return_no_receipt(s: Scene) -> Flow:
    """The receipt is lost."""
    yield do("sale.return", article=next(iter(s.shop.liked)), quantity="1", reason="defekt")
    yield from pay(s, "card")


def reprint(s: Scene) -> Flow:
    """Once more, please."""
    yield from sell(s)
    yield from pay(s)
    yield do("receipt.reprint")
    yield do("receipt.reprint", receipt=s.wallet["receipt"][0])


def invoice(s: Scene) -> Flow:
    """A guest wants an invoice afterwards."""
    number = s.wallet.get("receipt", [""])[-1]
    if number:
        yield do("receipt.invoice", receipt=number, name="Muster GmbH", street="Weg 1", postal_code="01067",
                 city="Dresden")  # fmt: skip


def hospitality(s: Scene) -> Flow:
    """A business meal."""
    yield from sell(s)
    yield from pay(s)
    yield do("receipt.reprint", receipt=s.wallet["receipt"][-1], hospitality=True)


def business_meal(s: Scene) -> Flow:
    """The host says before paying that it is one."""
    yield from sell(s)
    yield do("sale.hospitality", on=True)
    yield from pay(s)


def asks_for_receipt(s: Scene) -> Flow:
    """Nobody gets a receipt unasked (§ 146a Abs. 2 Satz 2 AO); one asks at once, another one days later."""
    for _ in range(2):
        yield from sell(s)
        yield from pay(s)
        s.keep("withheld", s.wallet["receipt"].pop())
    yield do("receipt.print")
    s.wallet["withheld"].pop()
    yield do("receipt.print", receipt=s.take("withheld"))


def paper_slips(s: Scene) -> Flow:
    """What was written by hand while the register was down."""
    lines = [{"article": s.basket()[0]}, {"text": "Suppe", "price": 590, "vat": 2}]
    slip = f"{s.day:%y%m%d}-1"
    yield do("paper.capture", slip=slip, at=f"{s.day}T10:00:00+01:00", lines=lines, payment="cash")
    yield from issued(s, "")
    yield do("paper.capture", slip=slip, at=f"{s.day}T10:00:00+01:00", lines=lines, refused="slip_captured")


def spoilt_slip(s: Scene) -> Flow:
    """Coffee on the pad."""
    yield do("paper.void", slip=f"{s.day:%y%m%d}-2", reason="verschrieben")


def training(s: Scene) -> Flow:
    """Somebody new practises."""
    yield do("mode.training", on=True)
    yield from sell(s)
    yield do("sale.pay", type="cash")
    yield from issued(s, "")
    yield do("mode.training", on=False)


def locked(s: Scene) -> Flow:
    """Away for a moment."""
    yield do("operator.lock")
    yield do("sale.add", article="brot", refused="mode_locked")
    yield Command("operator.login", {"operator": "anna"}, pin_of=("anna",))


def approved_void(s: Scene) -> Flow:
    """A cashier may not void: a second person approves."""
    yield Command("operator.login", {"operator": "mehmet"}, pin_of=("mehmet",))
    yield from sell(s)
    shown = yield Look()
    if shown["lines"]:
        yield do("sale.void_line", refused="unauthorized")
        yield Command("sale.void_line", {"approval": {"operator": "anna"}}, pin_of=("anna",))
    yield from sell(s)
    yield from pay(s)
    yield Command("operator.login", {"operator": "anna"}, pin_of=("anna",))


FLOWS = {
    "cancel": cancel,
    "correct_payment": correct_payment,
    "return_receipt": return_receipt,
    "exchange": exchange,
    "return_no_receipt": return_no_receipt,
    "reprint": reprint,
    "invoice": invoice,
    "hospitality": hospitality,
    "business_meal": business_meal,
    "asks_for_receipt": asks_for_receipt,
    "paper_slips": paper_slips,
    "spoilt_slip": spoilt_slip,
    "training": training,
    "locked": locked,
    "approved_void": approved_void,
}
