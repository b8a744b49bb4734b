"""A kiosk: press, tobacco, lottery, empties, a tourist with francs, a night surcharge, a hand-over.

Aylin has the early shift, Herr Krause the late one. What goes wrong: cigarettes for somebody too young, a
payment by phone that never arrived, the wrong magazine, a drawer with 2 € too much.
"""

from tests.scenarios.shops.day import Day

BUSINESS = {
    "name": "Kiosk am Bahnhof",
    "street": "Bahnhofstraße 2",
    "postal_code": "78462",
    "city": "Konstanz",
    "tax_number": "09/123/00451",
    "reports.operators": True,
    "agency.lotto.name": "lotto",
    "agency.lotto.id": 3,
    "agency.lotto.street": "Nordbahnhofstraße 201",
    "agency.lotto.postal_code": "70191",
    "agency.lotto.city": "Stuttgart",
    "agency.lotto.tax_number": "99000/00000",
    "agency.lotto.text": "Lotto Baden-Württemberg",
    "empties.pattern": "981NNNNPPPPPC",
    "empties.vat": 1,
    "currency.CHF.code": "CHF",
    "currency.CHF.rate": "1.05",
    "tender.paypal.name": "paypal",
    "tender.paypal.type": "ElZahlungsdienstleister",
    "tender.paypal.text": "PayPal",
    "discount.free_percent": "5",
}
DRINK = {"vat": 1, "category": "trinken"}
PRESS = {"vat": 2, "category": "presse", "reducible": False}
GOODS = (
    {"id": "zeitung", "name": "Südkurier Wochenende", "price": 290, **PRESS},
    {"id": "magazin", "name": "Der Spiegel 48/2026", "price": 690, **PRESS, "codes": ["4190700206904"]},
    {"id": "buch", "name": "Taschenbuch (preisgebunden)", "price": 1400, **PRESS},
    {"id": "zigaretten", "name": "Zigaretten 20 Stück", "price": 870, "vat": 1, "age": 18,
     "reducible": False},
    {"id": "pf25", "name": "Einwegpfand 0,25", "price": 25, "vat": 1, "kind": "deposit"},
    {"id": "pf8", "name": "Mehrwegpfand 0,08", "price": 8, "vat": 1, "kind": "deposit"},
    {"id": "cola", "name": "Cola 0,33 l Dose", "price": 149, **DRINK, "deposit": [{"article": "pf25"}],
     "codes": ["5449000000996"]},
    {"id": "bier", "name": "Helles 0,5 l", "price": 170, **DRINK, "age": 16, "deposit": [{"article": "pf8"}]},
    {"id": "kaffee", "name": "Kaffee to go", "price": 220, **DRINK},
    {"id": "riegel", "name": "Schokoriegel", "price": 120, "vat": 2,
     "bundles": [{"quantity": "3", "price": 300}]},
    {"id": "breze", "name": "Butterbreze", "price": 190, "vat": 2},
)  # fmt: skip


def play() -> Day:
    """From six in the morning to ten at night."""
    day = Day(BUSINESS, GOODS)
    day.at("05:50")
    day.do("operator.login", operator="Krause")
    day.opens(25_000, source="transit", reason="Wechselgeld aus dem Tresor")
    day.do("operator.login", operator="Aylin")

    day.at("06:10")  # the first train
    day.buys("zeitung", "kaffee", "breze", given=1000)
    day.scan("4190700206904")
    day.scan("5449000000996")
    day.cash(2000)
    day.keep("01-gescannt", "Spiegel")
    day.ring("4 riegel", "magazin")
    day.do("sale.discount", percent="5", reason="Pendlerrabatt")
    day.cash(2000)
    day.keep("02-rabatt-ohne-presse", "Pendlerrabatt")
    day.ring("buch")
    day.no("not_reducible", "sale.discount", percent="5", reason="Pendlerrabatt")
    day.card(brand="girocard", reference="TA-Nr. 20033")

    day.at("07:30")  # lottery is somebody else's turnover
    day.ring("zeitung")
    day.do("agency.sell", agency="lotto", text="Spielquittung 6aus49", price=1_260)
    day.cash(2000)
    day.keep("03-lotto", "Spielquittung")

    day.at("08:15")  # too young: the cigarettes go back on the shelf
    day.ring("zigaretten", "cola")
    day.no("age_check_required", "sale.pay", type="cash", given=2000)
    day.do("sale.void_line", line=1)
    day.cash(200)
    day.keep("04-alterskontrolle", "Storno")
    day.ring("zigaretten", "2 bier")
    day.do("sale.approve_age", age=18)
    day.cash(2000)

    day.at("10:00")  # a tourist from across the border
    day.ring("magazin", "2 riegel")
    day.do("sale.pay", type="cash", currency="CHF", given=2000)
    day.keep("05-franken", "CHF")

    day.at("11:20")  # empties: a slip of the machine, a crate by hand
    day.ring("kaffee")
    day.scan("9810001001255")
    day.cash(200)
    day.keep("06-leergutbon", "Leergut")
    day.do("deposit.return", article="pf8", quantity="20")
    day.cash()
    day.keep("07-pfand", "-1,60")

    day.at("12:00")  # a voided receipt, a payment that was another
    day.ring("2 kaffee")
    day.do("sale.pay", type="paypal", reference="8XN12345")
    day.do("receipt.correct_payment", receipt=day.number(), type="cash", reason="PayPal kam nicht an")
    day.keep("08-zahlart-berichtigt", "PayPal")
    day.ring("magazin")
    day.cash(5000)
    day.do("receipt.cancel", receipt=day.number(), reason="falsches Heft")
    day.keep("09-storno", "falsches Heft")

    day.at("14:00")  # hand-over: counted blind, 2 € too much, booked
    counted = day.expected + 200
    day.do("till.count", count=day.counts(counted), blind=True, book=True, reason="Zählung zur Übergabe",
           to="Krause")  # fmt: skip
    day.keep("10-zaehlprotokoll", "Zählprotokoll")
    day.keep("11-differenz", "Kassendifferenz")
    day.do("operator.login", operator="Krause")
    day.do("till.report")
    day.keep("12-x-bericht", "X-Bericht")
    day.do("cash.out", amount=8_000, kind="change", reason="Scheine gegen Rollengeld", person="Krause")
    day.do("cash.in", amount=8_000, kind="change", reason="Rollengeld von der Sparkasse", person="Krause")
    day.keep("13-wechselgeld", "Rollengeld")
    day.do("drawer.open", reason="Rollengeld einsortieren")

    day.at("16:30")  # a bill of the newspaper delivery is paid at the counter
    day.do("invoice.pay", number="AB-2026-1177", amount=4_350, customer="Pension Seeblick")
    day.cash(5000)
    day.keep("14-fremde-rechnung", "AB-2026-1177")

    day.at("21:30")  # after nine everything costs a little more
    day.ring("2 bier", "cola")
    day.do("sale.approve_age", age=16)
    day.do("sale.surcharge", percent="10", reason="Nachtzuschlag")
    day.cash(1000)
    day.keep("15-nachtzuschlag", "Nachtzuschlag")

    day.at("22:00")
    counted = day.expected
    day.do("till.close", count=day.counts(counted), skim=counted - 25_000, counts={"lade/CHF": {"2000": 1}})
    day.keep("16-z-bericht", "Z-Bericht")
    return day
