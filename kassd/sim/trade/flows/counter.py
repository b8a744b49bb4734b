"""At the counter: selling, changing one's mind, deposit, weighing, discounts, tips."""

from dataclasses import replace
from functools import partial

from kassd.sim.trade.acts import Articles, Flow, Look, Scan, Wait
from kassd.sim.trade.scene import Scene, add, approve_age, do, grams, issued, pay, result, sell


def customer(s: Scene) -> Flow:
    """Somebody buys something."""
    yield from sell(s)
    yield from pay(s)


def void_line(s: Scene) -> Flow:
    """One line too many."""
    yield from sell(s)
    yield from sell(s)
    yield do("sale.void_line")
    yield from pay(s)


def undo(s: Scene) -> Flow:
    """Typed wrong and taken back."""
    yield from sell(s)
    yield from sell(s)
    yield do("sale.undo")
    yield from pay(s)


def walks_away(s: Scene) -> Flow:
    """A customer thinks better of it."""
    yield from sell(s)
    yield do("sale.abort")


def forgets(s: Scene) -> Flow:
    """A customer has left without a word: the sale ends by itself."""
    yield from sell(s)
    yield Wait(1900)


def scans(s: Scene) -> Flow:
    """Everything by barcode, also the payment; one code is nobody's."""
    codes = [good["codes"][0] for good in s.shop.goods if good.get("codes")]
    yield Scan("9783161484100")
    for code in s.random.choices(codes, k=3):
        yield Wait(2)
        yield Scan(code)
    yield Scan("KASSDKARTE")
    yield from issued(s)


def empties(s: Scene) -> Flow:
    """Bottles or cups back, and something bought."""
    yield do("deposit.return", article=_deposit(s), quantity=str(s.random.randint(1, 4)))
    yield from sell(s)
    shown = yield Look()
    yield from pay(s, "cash" if shown["due"] <= 0 else "")


def empties_only(s: Scene) -> Flow:
    """Bottles or cups back for cash."""
    yield do("deposit.return", article=_deposit(s), quantity=str(s.random.randint(1, 3)))
    yield from pay(s, "cash")


def _deposit(s: Scene) -> str:
    return next(str(good["id"]) for good in s.shop.goods if good.get("kind") == "deposit")


def in_house(s: Scene) -> Flow:
    """Eaten here; in the middle they think of it, or of the opposite."""
    articles = [str(good["id"]) for good in s.shop.goods if "vat_in_house" in good]
    yield add(s.random.choice(articles), in_house=True)
    yield add(s.random.choice(articles))
    yield do("sale.set_in_house", in_house=s.random.random() < 0.7)
    yield from pay(s)


def weighed(s: Scene) -> Flow:
    """By weight."""
    yield add("kaese", grams(s))
    yield from pay(s)


def ten_rolls(s: Scene) -> Flow:
    """So many that they are cheaper; one is given back before paying."""
    yield do("sale.quantity", quantity="10")
    yield do("sale.add", article="broetchen")
    yield add("broetchen")
    yield do("sale.void_line")
    yield from pay(s)


def every_rate(s: Scene) -> Flow:
    """An open item of a rarer tax key."""
    for vat in (6, 7):
        yield do("sale.add", text="Briefmarke" if vat == 6 else "Sammelgut", price=95, vat=vat)
    yield from sell(s)
    yield from pay(s)


def price_check(s: Scene) -> Flow:
    """What does it cost?"""
    yield do("article.price", article=s.random.choice(list(s.shop.liked)))


def price_change(s: Scene) -> Flow:
    """One article gets dearer or cheaper."""
    good = s.random.choice([g for g in s.shop.goods if not g.get("parts") and g.get("kind") != "deposit"])
    args = {key: value for key, value in good.items() if key != "price"}
    price = int(good["price"]) * s.random.choice((95, 100, 105, 110)) // 100
    yield do("catalog.put", price=price, **args)


def price_list(s: Scene) -> Flow:
    """The office has new prices, and the register reads them; what was changed at the till is as in the file
    again. Next time the old ones are back."""
    percent = 105 if s.take("price_list") in (None, 100) else 100
    s.keep("price_list", percent)
    goods = tuple(
        good if good.get("kind") == "deposit" else {**good, "price": int(good["price"]) * percent // 100}
        for good in s.shop.goods
    )
    yield Articles(replace(s.shop, goods=goods).catalog())
    yield do("catalog.reload", source="preise.xlsx", by="Büro")
    yield Wait(10)
    asked = result((yield do("article.price", article=str(goods[0]["id"]))))
    assert asked["price"] == goods[0]["price"], asked


def waste(s: Scene) -> Flow:
    """What was not sold."""
    quantity = str(s.random.randint(1, 5))
    yield do("stock.waste", article=s.random.choice(list(s.shop.liked)), quantity=quantity, reason="alt")


def haggle(s: Scene) -> Flow:
    """A price is agreed."""
    yield do("sale.add", article="kleid", price=s.random.randrange(200, 4000, 50))
    yield from pay(s)


def customer_named(s: Scene) -> Flow:
    """Somebody wants it made out."""
    yield from sell(s)
    yield do("sale.customer", name="Erika Muster", street="Weg 1", postal_code="01067", city="Dresden")
    yield from pay(s)


def discount(s: Scene) -> Flow:
    """A line cheaper."""
    yield add(next(iter(s.shop.liked)))
    yield do("sale.discount", line=1, percent="10", reason="kleiner Fehler")
    yield from pay(s)


def discount_all(s: Scene) -> Flow:
    """The whole sale cheaper; one line is void afterwards."""
    yield add(next(iter(s.shop.liked)))
    yield from sell(s)
    if s.random.random() < 0.5:
        yield do("sale.discount", percent="5", reason="Stammkundin")
    else:
        yield do("sale.discount", amount=100, reason="Stammkundin")
    yield from pay(s)


def coupon(s: Scene) -> Flow:
    """A coupon is scanned."""
    yield add(next(iter(s.shop.liked)))
    yield do("sale.discount", coupon="HERBST10")
    yield from pay(s)


def free_item(s: Scene) -> Flow:
    """A present: a receipt of 0.00."""
    yield add("buch")
    yield do("sale.discount", percent="100", reason="geschenkt")
    yield from pay(s, "cash")


def surcharge(s: Scene) -> Flow:
    """By night it costs more."""
    yield from sell(s)
    yield do("sale.surcharge", percent="10", reason="Nachtzuschlag")
    yield from pay(s)


def subsidy(s: Scene, kind: str) -> Flow:
    """Somebody else pays a part."""
    yield add(next(iter(s.shop.liked)))
    yield do("sale.subsidy", kind=kind, amount=200, payer="Stadtwerke", reason="Jobrad-Aktion")
    yield from pay(s)


def tip_staff(s: Scene) -> Flow:
    """For whoever serves."""
    yield from sell(s)
    yield do("sale.tip", to="staff", amount=s.random.choice((50, 100, 200)))
    yield from pay(s)


def tip_owner(s: Scene) -> Flow:
    """For the house."""
    yield from sell(s)
    yield do("sale.tip", to="owner", amount=100)
    yield from pay(s)


def tip_payout(s: Scene) -> Flow:
    """What was collected is handed out."""
    tips = result((yield do("tip.balance")))["tips"]
    cash = sum(stock["expected"] for stock in (yield Look("till"))["cash"])
    for tip in tips:
        if 0 < tip["kept"] <= cash:
            cash -= tip["kept"]
            yield do("tip.payout", operator=tip["operator"], amount=tip["kept"])


def keep_change(s: Scene) -> Flow:
    """Stimmt so."""
    yield from sell(s)
    due = int((yield Look())["due"])
    yield do("sale.pay", type="cash", given=due + 50, keep_change=True)
    yield from issued(s)


def owner_takes(s: Scene) -> Flow:
    """Something for home."""
    yield from sell(s)
    yield do("sale.benefit", owner="Greta", reason="privat")
    yield from issued(s, "")


def benefit(s: Scene) -> Flow:
    """Staff meal: no payment."""
    yield from sell(s)
    yield do("sale.benefit", employee={"name": "Kim", "id": "7"}, reason="Personalessen")
    yield from issued(s, "")


def too_young(s: Scene) -> Flow:
    """Beer without an identity card: refused, taken back."""
    yield from sell(s, ["limo"])
    yield add("bier")
    yield do("sale.pay", type="card", refused="age_check_required")
    yield do("sale.void_line")
    yield from approve_age()
    yield from pay(s)


FLOWS = {
    "customer": customer,
    "void_line": void_line,
    "undo": undo,
    "walks_away": walks_away,
    "forgets": forgets,
    "scans": scans,
    "empties": empties,
    "empties_only": empties_only,
    "in_house": in_house,
    "weighed": weighed,
    "ten_rolls": ten_rolls,
    "every_rate": every_rate,
    "price_check": price_check,
    "price_change": price_change,
    "price_list": price_list,
    "waste": waste,
    "haggle": haggle,
    "customer_named": customer_named,
    "discount": discount,
    "discount_all": discount_all,
    "coupon": coupon,
    "free_item": free_item,
    "surcharge": surcharge,
    "subsidy_real": partial(subsidy, kind="echt"),
    "subsidy_price": partial(subsidy, kind="unecht"),
    "tip_staff": tip_staff,
    "tip_owner": tip_owner,
    "tip_payout": tip_payout,
    "keep_change": keep_change,
    "owner_takes": owner_takes,
    "benefit": benefit,
    "too_young": too_young,
}
