"""Other ways to pay, vouchers, accounts, down payments, delivery notes, agencies."""

from collections.abc import Generator
from functools import partial

from kassd.sim.trade.acts import Act, Answer, Flow, Look
from kassd.sim.trade.scene import Scene, add, do, issued, pay, result, sell


def paid_by(s: Scene, how: str, **args: str) -> Flow:
    """A basket paid in a certain way."""
    yield from sell(s)
    yield from pay(s, how, **args)


def split_payment(s: Scene) -> Flow:
    """Part cash, the rest by card."""
    yield from sell(s, [next(iter(s.shop.liked))])
    yield do("sale.pay", type="cash", given=500)
    yield from pay(s, "card")


def francs(s: Scene) -> Flow:
    """Notes of the neighbours; the change is in euro."""
    yield from sell(s)
    shown = yield Look()
    given = next(note for note in (2000, 5000, 10_000, 20_000) if note * 1.04 >= int(shown["due"]))
    yield do("sale.pay", type="cash", currency="CHF", given=given)
    yield from issued(s)


def voucher_multi(s: Scene) -> Flow:
    """A voucher for anything."""
    reply = yield do("voucher.sell", kind="multi", value=s.random.choice((1000, 2500, 5000)))
    yield from pay(s)
    s.keep("multi", result(reply)["code"])


def voucher_single(s: Scene) -> Flow:
    """A voucher for one thing: taxed now."""
    reply = yield do("voucher.sell", kind="single", article=next(iter(s.shop.liked)))
    yield from pay(s)
    s.keep("single", result(reply)["code"])


def redeem(s: Scene, kind: str) -> Flow:
    """A voucher comes back; more is paid in money."""
    code = s.take(kind)
    if code is None:
        return
    yield from sell(s, [next(iter(s.shop.liked))])
    yield do("sale.pay", type="voucher", code=code)
    shown = yield Look()
    if shown["due"] > 0:
        yield from pay(s)
    yield from issued(s)
    balance = result((yield do("voucher.balance", code=code)))["balance"]
    if balance > 0:
        s.keep(kind, code)


def voucher_taken_over(s: Scene) -> Flow:
    """One of the old till's vouchers: known here from now on, and redeemed another day."""
    code = f"ALT-{s.day:%y%m%d}-{s.random.randint(1000, 9999)}"
    value = s.random.choice((1000, 2500))
    yield do(
        "voucher.take_over", code=code, kind="multi", value=value, issuer="alte Kasse", reason="Kassenwechsel"
    )
    s.keep("multi", code)


def voucher_lost(s: Scene) -> Flow:
    """The card is lost: its number is given up, a new one takes its place."""
    code = s.take("multi")
    if code is None:
        yield from voucher_multi(s)
        code = s.wallet["multi"].pop()
    left = result((yield do("voucher.withdraw", code=code, reason="Karte verloren")))["balance"]
    new = f"ERSATZ-{s.day:%y%m%d}-{s.random.randint(1000, 9999)}"
    yield do(
        "voucher.take_over",
        code=new,
        kind="multi",
        value=left,
        issuer=s.shop.title,
        reason=f"Ersatz für {code}",
    )
    s.keep("multi", new)


def much_cash(s: Scene) -> Flow:
    """A ring for cash: who pays is written down first (§ 10 GwG)."""
    yield add("ring")
    yield do("sale.pay", type="cash", refused="identify_required")
    yield do("sale.identify", reference=f"Ordner GwG {s.day:%Y-%m-%d}")
    yield from pay(s, "cash")


def voucher_refund(s: Scene) -> Flow:
    """Bought by mistake: the balance is paid out."""
    yield from voucher_multi(s)
    yield do("voucher.refund", code=s.wallet["multi"].pop(), reason="Kulanz")
    yield from pay(s, "card")


def account(s: Scene) -> Flow:
    """Krone pays at the end of the month."""
    yield from sell(s)
    reply = yield do("sale.pay", type="account", customer="Hotel Krone")
    yield from issued(s, "")
    s.keep("account", reply)


def account_settle(s: Scene) -> Flow:
    """Krone pays."""
    items = result((yield do("account.list", customer="Hotel Krone")))["items"]
    if items:
        yield do("account.settle", number=items[0]["number"])
        yield from pay(s, "card")


def down_payment(s: Scene) -> Flow:
    """A wedding cake is ordered."""
    pickup = s.day.replace(day=28).isoformat()
    order = {"customer": "Wald", "what": "Torte, 3 Etagen", "pickup": pickup}
    yield do("downpayment.take", amount=300, vat=2, **order)
    yield from pay(s)


def _open_order(s: Scene) -> Generator[Act, Answer, str]:
    """The oldest cake that is ordered; where there is none, somebody orders one."""
    if not result((yield do("downpayment.list")))["items"]:
        yield from down_payment(s)
    return str(result((yield do("downpayment.list")))["items"][0]["number"])


def fetch_cake(s: Scene) -> Flow:
    """It is fetched."""
    number = yield from _open_order(s)
    yield do("sale.add", text="Torte, 3 Etagen", price=18_000, vat=2)
    yield do("downpayment.release", number=number)
    yield from pay(s)


def down_payment_refund(s: Scene) -> Flow:
    """Or it is called off."""
    number = yield from _open_order(s)
    yield do("downpayment.refund", number=number, reason="abbestellt")
    yield from pay(s, "card")


def delivery(s: Scene) -> Flow:
    """Goods for the theatre, to be billed later."""
    yield from sell(s)
    yield do("delivery.issue", customer="Stadttheater")
    yield from issued(s, "")


def delivery_bill(s: Scene) -> Flow:
    """They are billed."""
    items = result((yield do("delivery.list")))["items"]
    if items:
        yield do("delivery.bill", number=items[0]["number"])
        yield do("sale.reference", type="ExternerLieferschein", number="T-1")
        yield from pay(s, "card")


def invoice_paid(s: Scene) -> Flow:
    """Somebody pays an invoice of the office."""
    yield do(
        "invoice.pay", number=f"R-{s.day:%y%m%d}", amount=s.random.randint(2000, 90_000), customer="Wald"
    )
    yield from pay(s, "card")
    s.wallet["receipt"].pop()  # nobody asks for a second invoice


def invoice_later(s: Scene) -> Flow:
    """The office pays by transfer in two weeks."""
    yield from sell(s)
    yield do("invoice.issue", customer="Kanzlei Wald", street="Weg 1", postal_code="01067", city="Dresden")
    yield from issued(s, "")


def _open_invoice(s: Scene) -> Generator[Act, Answer, str]:
    if not result((yield do("invoice.list")))["items"]:
        yield from invoice_later(s)
    return str(result((yield do("invoice.list")))["items"][0]["number"])


def invoice_comes_back(s: Scene) -> Flow:
    """They come to pay after all."""
    number = yield from _open_invoice(s)
    yield do("invoice.pay", number=number)
    yield from pay(s, "card")
    s.wallet["receipt"].pop()  # nobody asks for a second invoice


def invoice_transferred(s: Scene) -> Flow:
    """Or the transfer has arrived."""
    number = yield from _open_invoice(s)
    yield do("invoice.close", number=number, reason="überwiesen")


def offer(s: Scene) -> Flow:
    """What would it cost?"""
    yield from sell(s)
    yield do("offer.issue", name="Kanzlei Wald")
    yield from issued(s, "")


def agency_fare(s: Scene) -> Flow:
    """A bus ticket."""
    yield do("agency.sell", agency="bus", text="Einzelfahrt", price=270)
    yield from sell(s)
    yield from pay(s)


def empties_slip(s: Scene) -> Flow:
    """The machine's slip is handed in."""
    number = s.random.randint(0, 9999)
    digits = f"981{number:04d}{25 * s.random.randint(1, 8):05d}"
    weighted = sum(int(d) * (1, 3)[n % 2] for n, d in enumerate(digits))
    code = f"{digits}{-weighted % 10}"
    if code in s.wallet.setdefault("slips", []):
        return
    s.keep("slips", code)
    yield from sell(s, ["holz"])
    yield do("empties.redeem", code=code)
    yield from pay(s)


FLOWS = {
    "girocard": partial(paid_by, how="card", brand="girocard"),
    "visa": partial(paid_by, how="card", brand="visa"),
    "paypal": partial(paid_by, how="paypal"),
    "prepaid": partial(paid_by, how="chip"),
    "cheque": partial(paid_by, how="cheque", reference="4711"),
    "split_payment": split_payment,
    "francs": francs,
    "voucher_multi": voucher_multi,
    "voucher_single": voucher_single,
    "voucher_redeem": partial(redeem, kind="multi"),
    "single_redeem": partial(redeem, kind="single"),
    "voucher_refund": voucher_refund,
    "voucher_taken_over": voucher_taken_over,
    "voucher_lost": voucher_lost,
    "much_cash": much_cash,
    "account": account,
    "account_settle": account_settle,
    "down_payment": down_payment,
    "fetch_cake": fetch_cake,
    "down_payment_refund": down_payment_refund,
    "delivery": delivery,
    "delivery_bill": delivery_bill,
    "invoice_paid": invoice_paid,
    "invoice_later": invoice_later,
    "invoice_comes_back": invoice_comes_back,
    "invoice_transferred": invoice_transferred,
    "offer": offer,
    "agency_fare": agency_fare,
    "empties_slip": empties_slip,
}
