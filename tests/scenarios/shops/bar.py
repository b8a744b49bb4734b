"""A bar with tables on a Friday night: two waiters with purses, tickets for kitchen and bar, a walk-out.

Lea and Tom serve, Mona runs the bar and closes. Tables are moved, merged, split and taken back; one group
leaves without paying, one stays on over the closing. It ends after midnight.
"""

from datetime import timedelta

from tests.scenarios.shops.day import SATURDAY, Day

BUSINESS = {
    "name": "Bar Blaue Stunde",
    "street": "Görlitzer Straße 7",
    "postal_code": "01099",
    "city": "Dresden",
    "tax_number": "202/144/07731",
    "register.in_house": True,
    "tips.to": "staff",
    "cash.day_ends": "05:00",
    "reports.operators": True,
    "station.saal.name": "saal",
    "station.garten.name": "garten",
    "printer.kueche.name": "kueche",
    "printer.kueche.station": "kueche",
    "ticket.kueche.name": "kueche",
    "ticket.kueche.title": "Küche",
    "ticket.kueche.printer": "kueche",
    "ticket.kueche.categories": ["essen"],
    "ticket.theke.name": "theke",
    "ticket.theke.title": "Theke",
    "ticket.theke.printer": "printer",
    "ticket.theke.categories": ["trinken"],
    "purse.lea.name": "lea",
    "purse.lea.operator": "Lea",
    "purse.tom.name": "tom",
    "purse.tom.operator": "Tom",
    "price_list.happy.name": "happy",
    "price_list.happy.title": "Happy Hour",
    "price_list.happy.lowest_price": False,  # meals and drinks, not goods
    "price_list.happy.begin": "18:00",
    "price_list.happy.end": "20:00",
    "price_list.happy.prices.moscow": 650,
    "price_list.happy.prices.spritz": 550,
}
FOOD = {"vat": 2, "category": "essen", "category_name": "Speisen"}
DRINK = {"vat": 1, "category": "trinken", "category_name": "Getränke"}
GOODS = (
    {"id": "pils", "name": "Pils 0,4 l", "price": 420, **DRINK, "age": 16},
    {"id": "wein", "name": "Grauburgunder 0,2 l", "price": 690, **DRINK, "age": 16},
    {"id": "moscow", "name": "Moscow Mule", "price": 950, **DRINK, "age": 18},
    {"id": "spritz", "name": "Aperol Spritz", "price": 790, **DRINK, "age": 18},
    {"id": "wasser", "name": "Mineralwasser 0,75 l", "price": 590, **DRINK},
    {"id": "burger", "name": "Burger mit Ziegenkäse", "price": 1490, **FOOD},
    {"id": "flammkuchen", "name": "Flammkuchen Elsässer Art", "price": 1290, **FOOD},
    {"id": "oliven", "name": "Marinierte Oliven", "price": 490, **FOOD},
)  # fmt: skip


def lines(*goods: str, note: str = "") -> list[dict[str, str]]:
    """``"2 pils"`` as lines of an order; ``note`` on the first."""
    rows = []
    for text in goods:
        quantity, _, article = text.rpartition(" ")
        rows.append({"article": article, "quantity": quantity or "1"})
    if note:
        rows[0]["note"] = note
    return rows


def play() -> Day:
    """From the afternoon to half past one."""
    day = Day(BUSINESS, GOODS, begins=SATURDAY - timedelta(days=1))
    day.at("17:30")
    day.do("operator.login", operator="Mona")
    day.opens(30_000, source="transit", reason="Wechselgeld aus dem Tresor")
    for waiter in ("lea", "tom"):
        day.do("cash.transfer", amount=7_500, to=waiter, reason="Kellnerbörse")
    day.keep("01-kellnerboerse", "Kellnerbörse")
    day.do("operator.login", operator="Lea", station="saal")
    day.do("operator.login", operator="Tom", station="garten")

    day.at("18:20")  # happy hour, two tables at once
    day.do(
        "order.send", table="4", lines=lines("2 moscow", "oliven", note="ohne Gurke"), age=18, station="saal"
    )
    day.keep("02-thekenbon", "Theke", "Moscow")
    day.do("order.send", table="G2", lines=lines("2 pils", "burger", "flammkuchen"), age=16, station="garten")
    day.do("order.send", table="4", lines=lines("burger", note="medium, ohne Zwiebel"), station="saal")
    day.keep("03-kuechenbon", "Küche", "medium")

    day.at("19:05")  # wrong dish: taken back, and the kitchen is told
    day.do("order.send", table="4", lines=[{"article": "burger", "quantity": "-1"}, *lines("flammkuchen")],
           reason="falsch bestellt", station="saal")  # fmt: skip
    day.keep("04-kuechenstorno", "STORNO")
    day.do("order.interim", table="4", station="main")
    day.keep("05-zwischenrechnung", "Zwischenrechnung")

    day.at("20:30")  # table 4: she pays her drink by card with a tip, he the rest in cash, stimmt so
    day.do("order.bill", table="4", lines={"1": "1"}, station="main")
    day.do("sale.tip", total=800, operator="Lea")
    day.card(brand="Visa", reference="TA-Nr. 118213")
    day.keep("06-getrennt-karte", "Trinkgeld")
    day.do("operator.login", operator="Lea")
    day.do("order.bill", table="4")
    day.do("sale.pay", type="cash", given=3000, keep_change=True)
    day.keep("07-rest-bar", "Beginn der ersten Bestellung")

    day.at("21:10")  # G2 moves inside and joins friends at table 6; three equal parts
    day.do("order.send", table="6", lines=lines("3 wein", "wasser"), age=18, station="saal")
    day.do("order.transfer", table="G2", to_table="5", waiter="Lea")
    day.do("order.merge", table="5", into_table="6")
    for _ in range(3):
        day.do("order.bill", table="6", parts=3)
        day.cash()
    day.keep("08-ein-drittel", "Bestellung")

    day.at("22:00")  # a company party on one invoice
    day.do("order.send", table="1", lines=lines("8 pils", "6 burger", "4 flammkuchen", "10 spritz"), age=18,
           station="saal")  # fmt: skip
    day.do("order.bill", table="1")
    day.do("sale.discount", percent="10", reason="Firmenfeier")
    day.do("sale.customer", name="Elbtal Optik GmbH", street="Industriestr. 9", postal_code="01129",
           city="Dresden")  # fmt: skip
    day.card(brand="Mastercard", reference="TA-Nr. 118240")
    day.keep("09-rechnung-firma", "Elbtal")
    day.do("receipt.reprint", receipt=day.number(), hospitality=True)
    day.keep("10-bewirtungsbeleg", "Bewirt")

    day.at("23:15")  # on the house, and one group is gone
    day.ring("2 spritz")
    day.do("sale.approve_age")
    day.do("sale.discount", percent="100", reason="Geburtstag")
    day.cash()
    day.keep("11-aufs-haus", "Geburtstag")
    day.do("order.send", table="9", lines=lines("4 moscow"), age=18, station="saal")
    day.do("operator.login", operator="Mona")
    day.do("order.walkout", table="9", reason="gegangen, ohne zu zahlen")
    day.keep("12-zechprellerei", "ohne zu zahlen")

    day.at("00:20")  # the kitchen eats, the helper gets paid, tips are handed out
    day.ring("burger", "wasser")
    day.do("sale.benefit", employee={"name": "Jonas Beck", "id": "P-07"}, reason="Personalessen")
    day.keep("13-personalessen", "Jonas Beck")
    day.do(
        "cash.out", amount=6_000, kind="wages", reason="Aushilfe Spülküche, 4 Stunden", person="Jonas Beck"
    )
    day.keep("14-lohnzahlung", "Lohnzahlung")
    day.do("tip.payout", operator="Lea", reason="Schichtende")
    day.keep("15-trinkgeld-auszahlung", "Trinkgeld")
    day.do("order.send", table="2", lines=lines("2 wein"), age=16, station="saal")  # they stay on
    day.keep("16-bon-stammtisch", "Grauburgunder")

    day.at("01:30")  # Lea settles her purse
    day.do("cash.transfer", drawer="lea", amount=7_500, to="lade", reason="Abrechnung Lea")
    stock = {row["drawer"]: row["expected"] for row in day.do("cash.expected")["drawers"]}
    day.do("till.close", count=day.counts(stock["lade"]), skim=stock["lade"] - 12_000,
           counts={name: day.counts(stock[name]) for name in ("lea", "tom")})  # fmt: skip
    day.keep("17-z-bericht", "Z-Bericht")
    return day
