"""A shop with vouchers and returns: cards of two kinds, exchanges, customers on account, a delivery note.

Frau Vogel sells alone. What goes wrong: a voucher that is used up, another that is paid out, a return
without its receipt, a customer who pays only part of a bill.
"""

from tests.scenarios.shops.day import Day

BUSINESS = {
    "name": "Vogel Wohnen & Schenken",
    "street": "Alaunstraße 40",
    "postal_code": "01099",
    "city": "Dresden",
    "tax_number": "202/269/04430",
    "vat_id": "DE811234567",
    "vouchers.refund": True,
    "coupon.herbst.name": "herbst",
    "coupon.herbst.code": "HERBST5",
    "coupon.herbst.title": "Herbstgruß",
    "coupon.herbst.amount": 500,
    "coupon.herbst.min_total": 3000,
}
GOODS = (
    {"id": "kanne", "name": "Teekanne Gusseisen 1,2 l", "price": 6_490, "vat": 1, "codes": ["4006381333931"]},
    {"id": "becher", "name": "Keramikbecher", "price": 1_450, "vat": 1},
    {"id": "tee", "name": "Darjeeling First Flush 100 g", "price": 1_290, "vat": 2},
    {"id": "kochbuch", "name": "Kochbuch Tee & Gebäck", "price": 2_800, "vat": 2, "reducible": False},
    {"id": "stoff", "name": "Leinenstoff", "price": 1_890, "vat": 1, "unit": "m"},
    {
        "id": "karte",
        "name": "Grußkarte",
        "price": 390,
        "vat": 1,
        "bundles": [{"quantity": "3", "price": 1_000}],
    },
)


def play() -> Day:
    """Ten to seven."""
    day = Day(BUSINESS, GOODS)
    day.at("09:55")
    day.do("operator.login", operator="Vogel")
    day.opens(20_000, source="transit", reason="Wechselgeld von der Bank")

    day.at("10:15")  # a voucher over 50 €, one for a tea tasting whose tax is known
    multi = day.do("voucher.sell", kind="multi", value=5_000)["code"]
    day.cash(5000)
    day.keep("01-gutschein-verkauf", "Wertgutschein", "TSE")
    day.keep("02-gutschein", "Gültig bis", "50,00")
    single = day.do("voucher.sell", kind="single", value=2_800, vat=1, text="Teeprobe für zwei")["code"]
    day.card(brand="girocard", reference="TA-Nr. 30071")
    day.keep("03-einzweckgutschein", "Teeprobe", "TSE")

    day.at("11:00")  # redeemed in part, in another part, and then there is nothing left
    day.ring("becher", "tee")
    day.do("sale.pay", type="voucher", code=multi)
    day.keep("04-teileinloesung", "Restwert")
    day.ring("kanne")
    day.do("sale.pay", type="voucher", code=multi)
    day.cash(5000)
    day.keep("05-rest-und-bar", "Restwert 0,00")
    pot = day.number()
    day.ring("karte")
    day.no("voucher_used", "sale.pay", type="voucher", code=multi)
    day.cash(500)
    day.do("sale.add", text="Teeprobe für zwei", price=2_800, vat=1)
    day.do("sale.pay", type="voucher", code=single)
    day.keep("06-einzweck-eingeloest", "Teeprobe")

    day.at("12:20")  # a mix of reductions: three cards, ten per cent on the fabric, a coupon on all
    day.ring("3 karte", "2.5 stoff", "kochbuch")
    day.do("sale.discount", line=3, percent="10", reason="Reststück")
    day.do("sale.discount", coupon="HERBST5")
    day.card(brand="Visa", reference="TA-Nr. 30080")
    day.keep("07-rabatte", "Herbstgruß")

    day.at("13:30")  # the pot comes back with its receipt, for two mugs: one receipt, money back
    day.do("receipt.return", receipt=pot, lines={"1": "1"}, reason="Geschenk doppelt")
    day.ring("2 becher")
    day.cash()
    day.keep("08-umtausch", "Geschenk doppelt")
    day.do("sale.return", article="becher", reason="ohne Kassenbon, Sprung")
    day.cash()
    day.keep("09-rueckgabe-ohne-bon", "Sprung")

    day.at("14:10")  # a regular buys on account, and pays part of the old bill
    day.ring("6 becher", "kanne")
    claim = day.do("sale.pay", type="account", customer="Café Lindenhof")
    day.keep("10-auf-rechnung", "Lindenhof")
    numbers = [item.number for item in day.book.state.credit.items.values() if item.kind == "receivable"]
    day.do("account.settle", number=numbers[0], amount=10_000)
    day.card(brand="girocard", reference="TA-Nr. 30091")
    day.keep("11-rechnung-bezahlt", "Lindenhof", "girocard")

    day.at("15:00")  # goods leave on a delivery note and are billed later
    day.ring("4 tee")
    note = day.do("delivery.issue", customer="Café Lindenhof")
    day.keep("12-lieferschein", "Lieferschein")
    day.do("delivery.bill", number=note["number"])
    day.card(brand="girocard", reference="TA-Nr. 30092")
    day.keep("13-lieferschein-berechnet", "Lieferschein")

    day.at("16:45")  # a voucher that nobody wants any more is paid out
    other = day.do("voucher.sell", kind="multi", value=2_500)["code"]
    day.cash(3000)
    day.do("voucher.refund", code=other, reason="Umzug ins Ausland")
    day.cash()
    day.keep("14-gutschein-ausgezahlt", "Umzug")
    day.ring("kochbuch", "tee")
    day.do("sale.subsidy", kind="echt", amount=500, payer="Leseförderung e. V.", reason="Bücherscheck")
    day.cash(5000)
    day.keep("15-zuschuss", "Bücherscheck")
    assert claim["sale"]

    day.at("18:30")  # above 250 € the firm needs its name on the invoice
    day.ring("5 kanne")
    day.do("sale.customer", name="Kanzlei Roth & Partner", street="Königstraße 11", postal_code="01097",
           city="Dresden", vat_id="DE812345678")  # fmt: skip
    day.card(brand="Mastercard", reference="TA-Nr. 30111")
    day.keep("16-rechnung-firma", "Kanzlei")

    day.at("19:05")
    counted = day.expected
    day.do("till.close", count=day.counts(counted), skim=counted - 15_000)
    day.keep("17-abschoepfung", "Abschöpfung beim")
    day.keep("18-z-bericht", "Z-Bericht")
    return day
