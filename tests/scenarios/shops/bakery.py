"""A bakery on a Saturday: a queue, an apprentice in training, a cake ordered ahead, paper out, an outage.

Anna opens, Ben takes over at noon. What goes wrong: a bread too many, a card payment that was cash, a
Stollen that comes back, the paper roll, the TSE for twenty minutes, 50 cents in the drawer.
"""

from tests.scenarios.shops.day import Day

BUSINESS = {
    "name": "Backhaus Muster",
    "street": "Marktplatz 1",
    "postal_code": "01067",
    "city": "Dresden",
    "tax_number": "203/123/12345",
    "reports.operators": True,
    "coupon.fruehaufsteher.name": "fruehaufsteher",
    "coupon.fruehaufsteher.code": "GUTENMORGEN",
    "coupon.fruehaufsteher.title": "Frühaufsteher",
    "coupon.fruehaufsteher.percent": "10",
    "price_list.feierabend.name": "feierabend",
    "price_list.feierabend.title": "Feierabendpreis",
    "price_list.feierabend.lowest_price": False,  # marked as of today, it would not sell tomorrow
    "price_list.feierabend.begin": "17:30",
    "price_list.feierabend.end": "18:30",
    "price_list.feierabend.percent": "50",
    "price_list.feierabend.categories": ["backwaren"],
}
BAKED = {"vat": 2, "category": "backwaren", "category_name": "Backwaren"}
GOODS = (
    {
        "id": "broetchen",
        "name": "Brötchen",
        "price": 45,
        **BAKED,
        "bundles": [{"quantity": "10", "price": 400}],
    },
    {"id": "brezel", "name": "Laugenbrezel", "price": 110, **BAKED},
    {"id": "bauernbrot", "name": "Bauernbrot 1 kg", "price": 490, **BAKED, "codes": ["4006381333931"]},
    {"id": "stollen", "name": "Dresdner Christstollen 1000 g", "price": 2190, **BAKED},
    {"id": "kuchen", "name": "Pflaumenkuchen vom Blech", "price": 1490, **BAKED, "weighed": True},
    {"id": "torte", "name": "Schwarzwälder Kirschtorte", "price": 3800, **BAKED},
    {"id": "kaffee", "name": "Kaffee Crema", "price": 280, "vat": 1, "category": "getraenke"},
    {"id": "latte", "name": "Latte macchiato", "price": 390, "vat": 1, "vat_take_away": 2, "vat_in_house": 1},
    {"id": "saft", "name": "Apfelsaft 0,5 l", "price": 195, "vat": 1, "deposit": [{"article": "pfand"}]},
    {"id": "pfand", "name": "Einwegpfand 0,25", "price": 25, "vat": 1, "kind": "deposit"},
)


def play() -> Day:
    """The day, from the float to the closing."""
    day = Day(BUSINESS, GOODS)
    day.at("06:30")
    day.do("operator.login", operator="Anna")
    day.opens(15_000, source="transit", reason="Wechselgeld aus dem Tresor")
    day.keep("01-wechselgeld", "Wechselgeld")

    day.at("06:41")  # rolls by the bag, and one bread too many
    day.ring("12 broetchen", "2 bauernbrot", "kaffee")
    day.do("sale.void_line", line=3)
    day.scan("4006381333931")
    day.cash(2000)
    day.keep("02-barverkauf", "Bauernbrot")
    day.ring("4 brezel", "latte", in_house=False)
    day.do("sale.discount", coupon="GUTENMORGEN")
    day.card(brand="girocard", reference="TA-Nr. 004711")
    day.keep("03-coupon-karte", "Frühaufsteher")
    day.ring("0.730 kuchen", "latte", "saft", in_house=True)
    day.cash(5000)
    day.keep("04-gewogen-pfand", "Pflaumenkuchen")
    day.do("deposit.return", article="saft", quantity="3")
    day.cash()
    day.keep("05-pfand-zurueck", "-0,75")

    day.at("08:05")  # the apprentice learns on the register, nothing of it counts
    day.do("mode.training", on=True)
    day.buys("5 broetchen", given=500)
    day.keep("06-training", "TRAINING")
    day.do("mode.training", on=False)

    day.at("08:30")  # a cake for Sunday week, half of it paid now
    down = day.do(
        "downpayment.take", customer="Frau Wald", what="Schwarzwälder Kirschtorte", amount=1900, vat=2,
        pickup="2026-11-21",
    )  # fmt: skip
    day.cash(2000)
    day.keep("07-anzahlung", "Anzahlung")

    day.at("09:10")  # wrong tender
    day.buys("stollen", "2 kaffee")
    day.do("receipt.correct_payment", receipt=day.number(), type="card", brand="girocard", reason="war Karte")
    day.keep("08-storno-zahlart", "Storno")
    stollen = day.number()

    day.at("09:40")  # the paper roll is empty; the customer gets it later
    day.printer("out")
    day.buys("6 broetchen", given=1000)
    day.printer("ready")
    day.keep("09-nachgedruckt", "nachträglich")

    day.at("10:15")  # the Stollen comes back, an X in between
    day.do("receipt.return", receipt=stollen, lines={"1": "1"}, reason="Verpackung beschädigt")
    day.cash()
    day.keep("10-rueckgabe", "Verpackung")
    day.do("till.report")
    day.keep("11-x-bericht", "X-Bericht")

    day.at("11:00")  # the TSE is gone for twenty minutes
    day.tse("gone")
    day.buys("bauernbrot", "3 brezel", given=1000)
    day.keep("12-tse-ausfall", "TSE-Ausfall")
    day.at("11:20")
    day.tse("back")
    day.buys("2 broetchen")

    day.at("12:00")  # Anna hands over to Ben, counted together
    day.do("till.count", count=day.counts(day.expected), to="Ben")
    day.keep("13-zaehlprotokoll", "Zählprotokoll")
    day.do("operator.login", operator="Ben")
    day.do("cash.out", amount=5_000, kind="transit", reason="Zwischenabschöpfung in den Tresor", person="Ben")
    day.do("cash.out", amount=1_290, kind="expense", reason="Reinigungsmittel", voucher="RE-4711")
    day.keep("14-auslage", "RE-4711")

    day.at("14:00")  # the cake is fetched
    day.ring("torte", "kaffee")
    day.do("downpayment.release", number=down["number"])
    day.cash(5000)
    day.keep("15-anzahlung-verrechnet", "Kirschtorte")
    day.do("receipt.reprint")
    day.keep("16-kopie", "KOPIE")

    day.at("15:30")  # a receipt that nobody wanted
    day.buys("2 latte", "2 brezel", in_house=True)
    day.do("receipt.cancel", receipt=day.number(), reason="Gast hatte schon bezahlt")
    day.keep("17-storno", "Storno")
    day.ring("3 broetchen")
    day.do("sale.abort")

    day.at("17:45")  # half price at the end of the day
    day.buys("3 brezel", "stollen", given=5000)
    day.keep("18-feierabend", "Feierabendpreis")
    day.do("stock.waste", article="brezel", quantity="7", reason="Ladenschluss")

    day.at("18:10")
    counted = day.expected - 50
    day.do("till.close", count=day.counts(counted), skim=counted - 12_000, reason="Wechselfehler")
    day.keep("19-differenz", "(DifferenzSollIst)")
    day.keep("20-z-bericht", "Z-Bericht")
    return day
