"""The six shops, as data. What they are, what they sell, what happens there how often a year."""

from collections.abc import Mapping
from typing import Any, Final

from kassd.sim.trade.shop import Good, Shop

EVERYWHERE: Final = {
    **{"void_line": 40, "walks_away": 24, "forgets": 14, "drawer_change": 24, "x_report": 50, "reprint": 20},
    **{"tse_gone": 3, "tse_gone_mid": 3, "tse_silent": 3, "tse_late": 3, "no_paper": 6, "power_cut": 4},
    **{"old_card": 2, "price_change": 12, "price_check": 20},
}


def _good(id_: str, name: str, price: int, vat: int = 1, **more: Any) -> Good:
    return {"id": id_, "name": name, "price": price, "vat": vat, **more}


def _week(days: str, begin: float, end: float) -> dict[int, tuple[int, int]]:
    return {int(day): (int(begin * 60), int(end * 60)) for day in days}


PIN: Final = "scrypt$14$8$1$xny0L4ufApsP1Rnf7NV1hQ==$tMU3NB4KGvih+3MJIu7ISN/ieSyiqIn72iYbODej4LA="  # 4711

FOOD: Final[Mapping[str, Any]] = {
    "vat_in_house": 1,
    "vat_take_away": 2,
    "vat_changes": [{"day": "2026-01-01", "vat": 2, "vat_in_house": 2}],
}
"""Food: on site at the full rate until the end of 2025 (§ 12 Abs. 2 Nr. 15 UStG)."""

BAKERY: Final = Shop(
    name="bakery",
    title="Backhaus Muster",
    hours={**_week("01234", 6, 18), **_week("5", 6, 13), **_week("6", 7.5, 11)},
    rush={6: 1.5, 7: 3, 8: 2.5, 9: 1.5, 12: 2, 16: 1.6, 17: 1.8},
    customers=260,
    basket=5,
    goods=(
        _good("brot", "Bauernbrot 1 kg", 390, 2, codes=["4006381333931"], category="brot"),
        _good("brezel", "Laugenbrezel", 85, 2, codes=["4000417025005"], category="brot"),
        _good("broetchen", "Brötchen", 45, 2, bundles=[{"quantity": "10", "price": 400}], category="brot"),
        _good("kuchen", "Käsekuchen, Stück", 260, 2, **FOOD, category="kuchen"),
        _good("suppe", "Tagessuppe", 590, 2, **FOOD, category="kueche"),
        _good("kaffee", "Kaffee, Becher", 280, 1, category="getraenke"),
        _good("pfand", "Pfand Flasche", 25, 1, kind="deposit"),
        _good("saft", "Apfelsaft 0,5 l", 220, 1, codes=["4008400404127"], deposit=[{"article": "pfand"}]),
        _good("zeitung", "Tageszeitung", 310, 2, reducible=False, codes=["4190059202503"]),
        _good(
            "fruehstueck",
            "Frühstück",
            690,
            2,
            split="prices",
            parts=[{"article": "kaffee"}, {"article": "brezel"}, {"article": "kuchen"}],
        ),
        _good("kaese", "Bergkäse", 2290, 2, unit="kg", weighed=True),
    ),
    liked={
        "brot": 4,
        "brezel": 6,
        "broetchen": 10,
        "kuchen": 2,
        "kaffee": 5,
        "saft": 1,
        "zeitung": 1,
        "suppe": 1,
        "fruehstueck": 0.7,
    },
    flows={
        **EVERYWHERE,
        "empties": 60,
        "empties_only": 24,
        "in_house": 60,
        "weighed": 50,
        "ten_rolls": 40,
        "down_payment": 40,
        "fetch_cake": 18,
        "down_payment_refund": 14,
        "waste": 50,
        "operator_changes": 40,
        "wages": 14,
        "private_out": 20,
        "private_in": 14,
        "expense": 16,
        "payment_in": 14,
        "safe": 30,
        "change_money": 16,
        "cancel": 14,
        "correct_payment": 12,
        "return_receipt": 14,
        "undo": 24,
        "training": 14,
        "benefit": 24,
        "locked": 14,
        "approved_void": 14,
        "every_rate": 20,
        "scans": 30,
        "price_list": 14,
    },
    toml=f"""
[[operator]]
name = "anna"
text = "Anna Bäcker"
roles = ["owner"]
pin = "{PIN}"

[[operator]]
name = "mehmet"
text = "Mehmet Yildiz"
pin = "{PIN}"
""",
)

TRUCK: Final = Shop(
    name="truck",
    title="Burgerwagen Elbe",
    hours=_week("23456", 11, 20),
    rush={11: 1.5, 12: 3, 13: 2.5, 18: 2.5, 19: 2},
    customers=140,
    basket=3,
    goods=(
        _good("burger", "Burger", 890, 2, **FOOD),
        _good("pommes", "Pommes frites", 390, 2, **FOOD),
        _good("becher", "Pfand Becher", 200, 1, kind="deposit"),
        _good("limo", "Limonade 0,4 l", 350, 1, deposit=[{"article": "becher"}]),
        _good("bier", "Pils 0,4 l", 420, 1, age=16, deposit=[{"article": "becher"}]),
        _good("kapseln", "Sahnekapseln 10 Stück", 690, 1, nitrous_oxide=10),
    ),
    liked={"burger": 5, "pommes": 4, "limo": 4, "bier": 2},
    flows={
        **EVERYWHERE,
        "empties": 200,
        "empties_only": 80,
        "place": 80,
        "too_young": 14,
        "francs": 30,
        "paper_slips": 14,
        "spoilt_slip": 14,
        "no_paper_today": 14,
        "count": 24,
        "cheque": 16,
        "purse": 30,
        **{"giro_received": 20, "giro_accepted": 20, "giro_dropped": 14},
    },
    staff=("Nina", "Ole"),
    card=0.55,
    float_=20_000,
    toml="""
[girocode]
name = "Burgerwagen Elbe"
iban = "DE89 3704 0044 0532 0130 00"

[[currency]]
code = "CHF"
rate = "1.04"

[[purse]]
name = "ole"
operator = "Ole"
""",
)

BAR: Final = Shop(
    name="bar",
    title="Zur blauen Stunde",
    hours={**_week("0123", 17, 24.5), **_week("45", 17, 27), **_week("6", 16, 23)},
    rush={18: 1.5, 20: 2, 21: 2.5, 22: 2.5, 23: 2},
    customers=40,
    basket=3,
    goods=(
        _good("pils", "Pils 0,5 l", 480, 1, age=16, category="bar"),
        _good("wein", "Weißwein 0,2 l", 690, 1, age=16, category="bar"),
        _good("cola", "Cola 0,4 l", 390, 1, category="bar"),
        _good("steak", "Rumpsteak", 2490, 2, **FOOD, category="kueche"),
        _good("salat", "Salatteller", 1190, 2, **FOOD, category="kueche"),
    ),
    liked={"cola": 3, "salat": 1, "steak": 0.5},
    flows={
        **EVERYWHERE,
        "table": 500,
        "table_split": 90,
        "table_moved": 60,
        "sent_back": 30,
        "walkout": 14,
        "tab_overnight": 24,
        "hospitality": 20,
        "business_meal": 20,
        "paypal": 40,
        "tip_staff": 100,
        "tip_owner": 24,
        "tip_payout": 30,
        "keep_change": 60,
        "surcharge": 20,
        "invoice": 14,
        **{"card_declined": 20, "card_in_part": 14, "card_tipped": 40, "card_broken": 14, "card_unknown": 14},
        **{"card_not_believed": 14, "card_given_up": 14, "card_aborted": 14, "card_undone": 14},
        **{"card_cancelled": 14, "card_refunded": 14, "card_repeated": 20, "card_day_ended": 14},
        "card_by_hand": 14,
    },
    staff=("Tom", "Jule", "Kim"),
    card=0.5,
    toml="""
[[terminal]]
name = "karte"
driver = "tcp"
host = "127.0.0.3"

[[tender]]
name = "paypal"
type = "ElZahlungsdienstleister"
text = "PayPal"

[[printer]]
name = "kueche"
driver = "tcp"
host = "127.0.0.2"

[[ticket]]
name = "kueche"
printer = "kueche"
categories = ["kueche"]

[cash]
day_ends = "06:00"

""",
)

KIOSK: Final = Shop(
    name="kiosk",
    title="Hofladen am Deich",
    hours=_week("0123456", 6.1, 29.9),
    rush={7: 2, 8: 2, 12: 2, 17: 3, 18: 3, 21: 0.4, 22: 0.2, 23: 0.1, 0: 0.1, 1: 0.1, 2: 0.1, 3: 0.1, 4: 0.1},
    customers=60,
    basket=3,
    goods=(
        _good("eier", "Eier, 10 Stück", 350, 3, codes=["4012345678901"]),
        _good("milch", "Milch 1 l", 140, 3, codes=["4305615418926"]),
        _good("holz", "Brennholz, Bund", 590, 4, codes=["4311501688359"]),
        _good("honig", "Honig 500 g", 690, 2, codes=["4008400404127"]),
        _good("strom", "Balkonkraftwerk", 49_900, 8, codes=["4190059202503"]),
    ),
    liked={"eier": 4, "milch": 4, "holz": 1, "honig": 2},
    flows={
        **{k: v for k, v in EVERYWHERE.items() if k not in ("drawer_change", "price_check")},
        "parked": 24,
        "agency_fare": 24,
        "prepaid": 40,
        "empties_slip": 14,
    },
    staff=(),
    card=1.0,
    float_=0,
    holidays=True,
    toml="""
[[station]]
name = "main"
attended = false

[[agency]]
name = "bus"
id = 1
text = "Verkehrsverbund"
street = "Bahnhofstraße 2"
postal_code = "01067"
city = "Dresden"
tax_number = "203/124/54321"

[cash]
day_ends = "06:30"

[empties]
pattern = "981NNNNPPPPPC"

[[tender]]
name = "chip"
type = "Guthabenkarte"
text = "Dorfkarte"
""",
)

FLEA: Final = Shop(
    name="flea",
    title="Zweite Liebe",
    hours=_week("56", 9, 16),
    rush={10: 2, 11: 2, 14: 1.5},
    customers=45,
    basket=2,
    goods=(
        _good("buch", "Buch, gebraucht", 200, 6),
        _good("kleid", "Kleidung, gebraucht", 0, 6, open=True),
        _good("platte", "Schallplatte", 500, 6),
    ),
    liked={"buch": 4, "platte": 2},
    flows={
        **EVERYWHERE,
        "haggle": 40,
        "free_item": 14,
        "owner_takes": 24,
        "place": 40,
        "return_no_receipt": 14,
        "asks_for_receipt": 30,
    },
    staff=("Greta",),
    card=0.2,
    float_=5_000,
    small_business=True,
    toml="""
[receipt_exemption]
file_number = "S 0319/12"
scope = "Verkauf gebrauchter Waren auf dem Markt"
valid_from = 2015-01-01
valid_until = 2049-12-31
""",
)

BOUTIQUE: Final = Shop(
    name="boutique",
    title="Modehaus Lindner",
    hours={**_week("01234", 10, 19), **_week("5", 10, 16)},
    rush={12: 1.5, 16: 2, 17: 2.5},
    customers=55,
    basket=3,
    goods=(
        _good("hemd", "Hemd", 4990, 1),
        _good("hose", "Hose", 7990, 1),
        _good("socken", "Socken", 690, 1, steps=[{"quantity": "3", "price": 590}]),
        _good("bildband", "Bildband", 3900, 2, reducible=False),
        _good("tasche", "Tasche", 12_900, 1),
        _good("ring", "Goldring 585", 249_000, 1),
    ),
    liked={"hemd": 3, "hose": 2, "socken": 4, "bildband": 1, "tasche": 1},
    flows={
        **EVERYWHERE,
        "voucher_multi": 40,
        "voucher_redeem": 40,
        "voucher_single": 24,
        "single_redeem": 24,
        "voucher_refund": 14,
        "voucher_taken_over": 20,
        "voucher_lost": 14,
        "much_cash": 14,
        "account": 24,
        "account_settle": 24,
        "delivery": 16,
        "delivery_bill": 14,
        "invoice_paid": 14,
        "offer": 14,
        "invoice_later": 24,
        "invoice_comes_back": 14,
        "invoice_transferred": 20,
        "girocard": 60,
        "visa": 40,
        "return_receipt": 40,
        "return_no_receipt": 20,
        "exchange": 24,
        "discount": 60,
        "discount_all": 40,
        "coupon": 30,
        "subsidy_real": 20,
        "subsidy_price": 20,
        "cancel": 20,
        "correct_payment": 16,
        "customer_named": 16,
        "split_payment": 24,
        "invoice": 16,
        "wages": 14,
        "payment_in": 14,
    },
    staff=("Frau Lindner", "Herr Sommer"),
    card=0.7,
    toml="""
[vouchers]
refund = true
foreign = "take_over"

[cash]
identify_from = 200000

[[coupon]]
name = "herbst"
code = "HERBST10"
title = "Herbst"
percent = "10"
""",
)

SHOPS: Final[Mapping[str, Shop]] = {s.name: s for s in (BAKERY, TRUCK, BAR, KIOSK, FLEA, BOUTIQUE)}
