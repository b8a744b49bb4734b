"""What a day at the bakery sells: every kind of entry and payment once, as a table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

BREAD, PRETZEL, CAKE, COFFEE = "4006381333931", "4000417025005", "4012345678901", "4305615418926"
JUICE, BAG, PAPER, DEPOSIT = "4008400404127", "4311501688359", "4190059202503", "29012343"
MISREAD, STRANGER = "4006381333932", "9783161484100"


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold a code before the scanner: an article, a control code, or nothing we know."""

    code: str


@dataclass(frozen=True, slots=True)
class Command:
    """Press a button on the display."""

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PullTse:
    """Pull the TSE out."""


Action = Scan | Command | PullTse


@dataclass(frozen=True, slots=True)
class Sale:
    """One customer. ``total``, ``change`` and ``cash`` (what stays in the drawer) are reckoned by hand, in
    cents, so that the register is checked against something else than itself. ``words`` must stand on the
    slip; ``aborted``: ends without one."""

    title: str
    actions: tuple[Action, ...]
    total: int
    cash: int = 0
    change: int = 0
    words: tuple[str, ...] = ()
    outage: bool = False
    late: bool = False
    aborted: bool = False


def _item(code: str, quantity: str = "1", **more: int) -> Command:
    return Command("sale.add", {"code": code, "quantity": quantity, **more})


def _open(text: str, price: int, vat: int, quantity: str = "1") -> Command:
    return Command("sale.add", {"text": text, "price": price, "vat": vat, "quantity": quantity})


def _cash(given: int | None = None) -> Command:
    return Command("sale.pay", {"type": "cash"} | ({} if given is None else {"given": given}))


def _card(amount: int | None = None) -> Command:
    return Command("sale.pay", {"type": "card"} | ({} if amount is None else {"amount": amount}))


MORNING: Final = (
    Sale("Ein Brot, bar passend per Steuerbarcode", (Scan(BREAD), Scan("KASSDBAR")), 390, 390),
    Sale(
        "Frühstück, 20 € per Steuerbarcode",
        (Scan(BREAD), Scan(PRETZEL), Scan(PRETZEL), Scan(COFFEE), Scan("KASSDBAR20")),
        total=840,
        cash=840,
        change=1160,
        words=("Gegeben", "20,00 €", "11,60 €"),
    ),
    Sale("Vier Stück Kuchen", (_item(CAKE, "4"), _cash(2000)), 1040, 1040, 960, ("4 × 2,60",)),
    Sale("Geschenkkorb von Hand, Karte", (_open("Geschenkkorb", 2499, 1), _card()), 2499, words=("Karte",)),
    Sale("Käse nach Gewicht", (_open("Bergkäse, kg", 2290, 2, "0.384"), _cash()), 879, 879, 0, ("0,384 ×",)),
    Sale(
        "Position storniert",
        (_item(PRETZEL, "2"), _item(JUICE), Command("sale.void_line", {"line": 2}), _cash(200)),
        total=170,
        cash=170,
        change=30,
        words=("Storno Apfelsaft",),
    ),
    Sale(
        "Geteilt: 5 € bar, Rest Karte",
        (_item(BAG), _item(PAPER), _cash(500), _card()),
        total=760,
        cash=500,
        words=("Bar", "5,00 €", "Karte", "2,60 €"),
    ),
    Sale(
        "Letzte Position storniert und Karte, per Steuerbarcode",
        (Scan(COFFEE), Scan("KASSDSTORNO"), Scan(CAKE), Scan("KASSDKARTE")),
        total=260,
        words=("Storno Kaffee", "Karte"),
    ),
    Sale(
        "Drei Steuersätze",
        (_item(COFFEE), _item(BREAD), _open("Briefmarke", 95, 6), _cash(1000)),
        total=765,
        cash=765,
        change=235,
        words=("A 19 %", "B 7 %"),
    ),
    Sale("Brot vom Vortag zum halben Preis", (_item(BREAD, price=195), _cash()), 195, 195),
    Sale("Strichcode falsch gelesen, neu gescannt", (Scan(MISREAD), Scan(BREAD), Scan("KASSDBAR")), 390, 390),
    Sale("Fremder Strichcode, dann Zeitung", (Scan(STRANGER), Scan(PAPER), Scan("KASSDKARTE")), 310),
    Sale(
        "Kunde überlegt es sich anders",
        (_item(BAG), _item(COFFEE, "2"), Command("sale.abort")),
        total=1010,
        aborted=True,
    ),
    Sale("Abbruch per Steuerbarcode", (Scan(JUICE), Scan("KASSDABBRUCH")), 220, aborted=True),
)

OUTAGE: Final = (
    Sale(
        "TSE mitten im Verkauf abgezogen",
        (Scan(BREAD), PullTse(), _cash(500)),
        total=390,
        cash=390,
        change=110,
        words=("TSE-Ausfall",),
        outage=True,
    ),
    Sale("Noch einer im Ausfall", (_item(COFFEE, "2"), _card()), 560, words=("TSE-Ausfall",), outage=True),
)

SIGNED_AGAIN: Final = (
    Sale("Zehn Brezeln, wieder mit TSE", (_item(PRETZEL, "10"), _cash(1000)), 850, 850, 150),
)

NO_PAPER: Final = (
    Sale("Ohne Papier, bar", (_item(BREAD), _item(PRETZEL), _cash(500)), 475, 475, 25, late=True),
    Sale("Ohne Papier, Karte", (_item(JUICE), _item(DEPOSIT), _card()), 245, late=True),
)

AFTERNOON: Final = (
    Sale("Saft mit Pfand", (Scan(JUICE), Scan(DEPOSIT), Scan("KASSDBAR5")), 245, 245, 255, ("Pfand",)),
    Sale(
        "Einmal alles",
        (
            *(Scan(code) for code in (BREAD, PRETZEL, CAKE, COFFEE, JUICE, BAG, PAPER, DEPOSIT)),
            Scan("KASSDBAR50"),
        ),
        total=2020,
        cash=2020,
        change=2980,
        words=("29,80 €",),
    ),
    Sale("Stofftasche, Karte", (_item(BAG), _card()), 450, words=("Stofftasche",)),
    Sale(
        "Geteilt: 3 € Karte, Rest bar",
        (_item(PAPER), _item(COFFEE), _card(300), _cash(500)),
        total=590,
        cash=290,
        change=210,
        words=("Karte", "3,00 €", "2,10 €"),
    ),
    Sale("Letzte Brezel", (_item(PRETZEL), _cash()), 85, 85),
)
