"""A second-hand stall on the flea market, small business (§ 19 UStG): no tax on anything.

Greta sells alone, without a card terminal. What goes wrong: an hour of rain without the register (numbered
paper slips), a lamp that does not work, an invoice that somebody wants later; and the year's turnover passes
the limit of next year's exemption.
"""

from tests.scenarios.shops.day import Day

BUSINESS = {
    "name": "Gretas Fundstücke",
    "street": "Rosenstraße 21",
    "postal_code": "01159",
    "city": "Dresden",
    "tax_number": "203/240/11117",
    "small_business": True,
}
GOODS = (
    {
        "id": "buch",
        "name": "Buch gebraucht",
        "price": 200,
        "vat": 2,
        "steps": [{"quantity": "5", "price": 150}],
    },
    {"id": "platte", "name": "Schallplatte", "price": 500, "vat": 1},
    {"id": "kleid", "name": "Kleid", "price": 0, "vat": 1, "open": True},
)


def item(day: Day, text: str, price: int) -> None:
    """A piece there is only one of."""
    day.do("sale.add", text=text, price=price, vat=1)


def play() -> Day:
    """Saturday, eight to four."""
    day = Day(BUSINESS, GOODS)
    day.at("07:50")
    day.do("operator.login", operator="Greta")
    day.do(
        "place.set", name="Elbeflohmarkt", street="Käthe-Kollwitz-Ufer", postal_code="01307", city="Dresden"
    )
    day.opens(5_000, source="private", reason="Wechselgeld")
    day.keep("01-privateinlage", "Privateinlage")

    day.at("08:20")
    day.ring("6 buch", "2 platte")
    day.cash(2000)
    day.keep("02-verkauf", "Kleinunternehmer")
    item(day, "Stehlampe 1962, Messing", 8_500)
    day.do("sale.discount", line=1, amount=1_000, reason="verhandelt")
    day.cash(10_000)
    day.keep("03-verhandelt", "Stehlampe")
    lamp = day.number()
    day.do("sale.add", article="kleid", price=1_800)
    day.do("sale.pay", type="cash", given=2000, keep_change=True, tip="owner")
    day.keep("04-stimmt-so", "Trinkgeld")

    day.at("10:30")  # the lamp flickers
    day.do("receipt.return", receipt=lamp, lines={"1": "1"}, reason="Wackelkontakt")
    day.cash()
    day.keep("05-rueckgabe", "Wackelkontakt")

    day.at("12:00")  # after an hour of rain: what stood on paper comes in
    day.do("paper.capture", slip="1", at="2026-11-21T11:05:00+01:00",
           lines=[{"article": "platte", "quantity": "3"},
                  {"text": "Kaffeemühle", "price": 1_200, "vat": 1}])  # fmt: skip
    day.do("receipt.reprint", receipt=day.number())
    day.keep("06-papierbeleg", "1")
    day.do("paper.void", slip="2", reason="verschrieben")

    day.at("13:10")  # a collector, the piece of the year; he wants an invoice afterwards
    item(day, "Biedermeier-Sekretär, Nussbaum, um 1830", 2_600_000)
    day.do("sale.identify", reference="GwG-2026-01")
    day.do("sale.pay", type="cheque", reference="Scheck Nr. 4711008")
    day.keep("07-sekretaer", "Scheck")
    day.do("receipt.invoice", receipt=day.number(), name="Dr. Albrecht Sommer", street="Weißer Hirsch 4",
           postal_code="01324", city="Dresden")  # fmt: skip
    day.keep("08-rechnung", "Albrecht Sommer")

    day.at("15:55")
    day.ring("2 buch")
    day.do("sale.void_line")
    day.do("sale.abort")
    day.do("till.report")
    day.keep("09-x-bericht", "X-Bericht")
    day.do("till.close", count=day.counts(day.expected + 20), reason="Trinkgeld in der Dose")
    day.keep("10-z-bericht", "Z-Bericht")
    return day
