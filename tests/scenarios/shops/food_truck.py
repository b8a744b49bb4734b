"""A food truck: two markets in one day, cups on deposit, combos, tips, the power goes away in mid-sale.

Cem sells alone at noon on the market, in the evening at a concert. What goes wrong: the generator stops
between the order and the money, a guest pays by phone and the terminal is told twice, the TSE is gone for one
burger, the day before left two cups too many.
"""

from tests.scenarios.shops.day import Day

BUSINESS = {
    "name": "Cems Kumpir-Wagen",
    "street": "Hechtstraße 14",
    "postal_code": "01097",
    "city": "Dresden",
    "tax_number": "203/555/01928",
    "vat_id": "DE298765432",
    "tips.to": "staff",
    "register.in_house": False,
    "price_list.feierabend.name": "feierabend",
    "price_list.feierabend.title": "Happy Hour",
    "price_list.feierabend.lowest_price": False,  # meals and drinks, not goods
    "price_list.feierabend.begin": "21:00",
    "price_list.feierabend.end": "22:00",
    "price_list.feierabend.prices.limo": 200,
}
FOOD = {"vat": 2, "category": "essen", "category_name": "Speisen"}
DRINK = {"vat": 1, "category": "trinken", "category_name": "Getränke"}
GOODS = (
    {"id": "becher", "name": "Mehrwegbecher Pfand", "price": 200, "vat": 1, "kind": "deposit"},
    {"id": "kumpir", "name": "Kumpir mit Feta und Oliven", "price": 890, **FOOD},
    {"id": "halloumi", "name": "Halloumi-Wrap", "price": 750, **FOOD},
    {"id": "pommes", "name": "Süßkartoffel-Pommes", "price": 450, **FOOD},
    {"id": "ayran", "name": "Ayran 0,3 l", "price": 250, **FOOD},
    {"id": "limo", "name": "Rhabarberlimo 0,4 l", "price": 380, **DRINK, "deposit": [{"article": "becher"}]},
    {"id": "bier", "name": "Bier vom Fass 0,4 l", "price": 450, **DRINK, "age": 16,
     "deposit": [{"article": "becher"}]},
    {"id": "menue", "name": "Mittagsmenü", "price": 1090, **FOOD, "split": "70/30",
     "deposit": [{"article": "becher"}],
     "parts": [{"article": "kumpir"}, {"article": "limo"}]},
)  # fmt: skip


def play(*, by_the_clock: bool = True) -> Day:
    """Noon on the market, the evening at the concert. Not ``by_the_clock``: no prices of certain hours."""
    business = {key: value for key, value in BUSINESS.items() if by_the_clock or "price_list" not in key}
    day = Day(business, GOODS)
    day.at("10:45")
    day.do("operator.login", operator="Cem")
    day.do("place.set", name="Wochenmarkt", street="Lingnerallee 3", postal_code="01069", city="Dresden")
    day.opens(20_000, source="private", reason="Wechselgeld von zu Hause")
    day.keep("01-privateinlage", "Privateinlage")

    day.at("11:50")  # two menus with cups; the drinks' share of the price has its own rate
    day.buys("2 menue", "pommes", given=5000)
    day.keep("02-menue-70-30", "Mittagsmenü")
    day.ring("halloumi", "limo")
    day.do("sale.pay", type="cash", given=1500, keep_change=True)
    day.keep("03-stimmt-so", "Trinkgeld")
    day.do("deposit.return", article="becher", quantity="2")
    day.cash()
    day.keep("04-becher-zurueck", "Mehrwegbecher")

    day.at("12:30")  # one cup back, one drink out, the rest is paid
    day.ring("kumpir")
    day.do("deposit.return", article="becher", quantity="1")
    day.cash(1000)
    day.keep("05-becher-verrechnet", "Kumpir")

    day.at("12:41")  # the generator stops with the money on the counter
    day.ring("2 halloumi", "ayran")
    day.do("sale.pay", type="cash", amount=1000, given=1000)
    day.power_cut()
    assert day.due == 750, "the part payment is on disk"
    day.card(brand="girocard", reference="TA-Nr. 000213")
    day.keep("06-nach-stromausfall", "Halloumi")

    day.at("13:05")  # the TSE hangs, the queue does not wait
    day.tse("gone")
    day.buys("kumpir", "ayran", given=2000)
    day.keep("07-tse-ausfall", "TSE-Ausfall")
    day.at("13:20")
    day.tse("back")

    day.at("13:40")  # the guest thought better of it
    day.ring("kumpir", "pommes", "limo")
    day.do("sale.void_line")
    day.do("sale.undo")
    day.do("sale.abort")
    day.do("till.report")
    day.keep("08-x-bericht", "X-Bericht")

    day.at("18:30")  # the concert: another place, beer from 16
    day.do(
        "place.set",
        name="Garde-Konzert",
        street="Königsbrücker Straße 96",
        postal_code="01099",
        city="Dresden",
    )
    day.ring("2 bier", "menue")
    day.no("age_check_required", "sale.pay", type="cash", given=3000)
    day.do("sale.approve_age")
    day.do("sale.tip", to="staff", amount=210)
    day.card(brand="girocard", reference="TA-Nr. 000214")
    day.keep("09-karte-trinkgeld", "Trinkgeld", "Bier")

    day.at("21:15")  # happy hour for what is left; six cups come back from one table
    day.buys("4 limo", given=2000)
    if by_the_clock:
        day.keep("10-happy-hour", "Happy Hour")
    day.do("deposit.return", article="becher", quantity="6")
    day.cash()
    day.ring("halloumi")
    day.do("sale.discount", percent="100", reason="Tontechnik isst mit")
    day.cash()
    day.keep("11-aufs-haus", "Tontechnik")
    day.ring("kumpir", "ayran")
    day.do("sale.benefit", owner="Cem Yildiz", reason="Abendessen")
    day.keep("12-eigenverbrauch", "Cem Yildiz")

    day.at("22:40")
    day.do("tip.payout", operator="Cem")
    day.keep("13-trinkgeld-auszahlung", "Trinkgeld")
    day.do("cash.out", amount=10_000, kind="private", reason="Für den Großmarkt morgen", person="Cem Yildiz")
    day.keep("14-privatentnahme", "Privatentnahme")
    day.do("till.close", count=day.counts(day.expected))
    day.keep("15-z-bericht", "Z-Bericht")
    return day
