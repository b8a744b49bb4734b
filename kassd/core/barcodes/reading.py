"""What reading a code gives, and the closed list of what can be wrong with one."""

from decimal import Decimal
from typing import Literal, get_args

from kassd.core.verdict import Finding, Severity
from kassd.deferred import dataclass

Kind = Literal[
    "gtin",
    "in_store",
    "press",
    "serial_publication",
    "book",
    "music",
    "coupon",
    "refund_receipt",
    "add_on",
    "element_string",
    "digital_link",
    "text",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

# id → severity, what an operator reads. An error is a code that cannot be relied on; a warning one that can,
# with something to look at. An id may be added, never renamed.
PROBLEMS: dict[str, tuple[Severity, str]] = {
    "empty": ("error", "Der Code ist leer. Bitte noch einmal scannen."),
    "check_digit": ("error", "Die Prüfziffer von {} ist falsch. Bitte noch einmal scannen oder eintippen."),
    "wrong_form": ("error", "{} passt nicht zu dieser Art von Strichcode. Bitte noch einmal scannen."),
    "value_check_digit": (
        "error",
        "Die Prüfziffer des Wertes {} ist falsch. Noch einmal scannen oder das Etikett neu drucken.",
    ),
    "add_on_alone": ("error", "Nur der Zusatzcode wurde gelesen. Bitte den ganzen Code scannen."),
    "no_table": ("error", "GS1-Codes kann diese Kasse nicht lesen. {}. Den Artikel von Hand eingeben."),
    "ai_unknown": ("error", "Bei „{}“ steht kein Datenfeld, das GS1 kennt. Den Artikel von Hand eingeben."),
    "ai_value": (
        "error",
        "({}) {}: „{}“ ist kein gültiger Wert, erlaubt ist {}. Den Artikel von Hand eingeben.",
    ),
    "ai_check_digit": (
        "error",
        "({}) {}: die Prüfziffer von {} ist falsch. Noch einmal scannen oder die Nummer eintippen.",
    ),
    "ai_excluded": (
        "error",
        "({}) und ({}) dürfen nicht in einem Code stehen. Den Artikel von Hand eingeben.",
    ),
    "ai_contradiction": (
        "error",
        "({}) steht mehrmals mit verschiedenen Werten im Code. Den Artikel von Hand eingeben.",
    ),
    "brackets": ("error", "Erwartet wird die Form (01)04006381333931(10)ABC; eine Klammer im Wert als \\(."),
    "link_form": ("error", "Die Internetadresse ist fehlerhaft ({}). Den Artikel von Hand eingeben."),
    "link_without_key": (
        "error",
        "Der Code ist eine Internetadresse ohne Artikelnummer. Den Strichcode scannen.",
    ),
    "link_compressed": (
        "error",
        "Der Code ist vermutlich ein komprimierter Digital Link, den diese Kasse nicht liest. "
        "Den Strichcode scannen.",
    ),
    "link_path": ("error", "In dieser Folge dürfen {} nicht im Pfad stehen. Den Strichcode scannen."),
    "link_attribute": ("error", "({}) darf nicht hinter dem Fragezeichen stehen. Den Strichcode scannen."),
    "link_twice": ("error", "({}) steht zweimal in der Internetadresse. Den Strichcode scannen."),
    "use_by_passed": (
        "warning",
        "Verbrauchsdatum {}: abgelaufen. Die Ware darf nicht verkauft werden.",
    ),
    "best_before_passed": ("warning", "Mindestens haltbar bis {}: abgelaufen. Die Ware prüfen."),
    "sell_by_passed": ("warning", "Zu verkaufen bis {}: abgelaufen. Die Ware prüfen."),
    "date_impossible": ("warning", "({}) {}: {} ist kein Datum. Das aufgedruckte Datum prüfen."),
    "ai_missing": ("warning", "Zu ({}) {} fehlt im Code {}. Die Angaben auf der Packung prüfen."),
    "no_article": ("warning", "Der Code nennt keinen Artikel."),
    "logistic_label": ("warning", "Etikett einer Versandeinheit mit {} Stück. Die Menge prüfen."),
    "measure_missing": ("warning", "Ware mit variabler Menge, doch der Code nennt keine. Bitte eingeben."),
    "price_unusable": ("warning", "Der Preis im Code ({}) ist kein Betrag in Euro und Cent. Bitte eingeben."),
    "gtin_short": ("warning", "Die GTIN {} steht ohne führende Nullen im Link."),
}


def problem(id: str, *words: object, where: str = "") -> Finding:
    """The finding ``id`` with ``words`` in its sentence; ``where`` is the AI it concerns, if any."""
    severity, sentence = PROBLEMS[id]
    return Finding(id, severity, where, sentence.format(*words))


@dataclass(frozen=True, slots=True)
class Element:
    """One GS1 element: Application Identifier, its data title in GS1's words, the value."""

    ai: str
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a code says. An absent value is '' or None; dates are ISO 8601, amounts cents.

    ``text`` is the code without its AIM id; ``keys`` what to look the article up by, most exact first, none
    if the code names no article. ``gtin`` has 14 digits. ``item`` is the item number of an in-store code, the
    object number of a press code, the number of a coupon. ``price`` is that of the whole piece; with
    ``price_bound`` the publisher has bound the trade to it (§ 30 GWB). ``use_by`` has a time where the code
    gives one.
    """

    text: str
    aim: str
    kind: Kind
    keys: tuple[str, ...] = ()
    gtin: str = ""
    item: str = ""
    weight: Decimal | None = None
    count: int | None = None
    price: int | None = None
    price_bound: bool = False
    vat: int | None = None
    deposit_refund: int | None = None
    coupon: int | None = None
    add_on: str = ""
    batch: str = ""
    serial: str = ""
    produced: str = ""
    packed: str = ""
    best_before: str = ""
    sell_by: str = ""
    use_by: str = ""
    elements: tuple[Element, ...] = ()
    problems: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing may be sold by this code."""
        return any(found.severity == "error" for found in self.problems)

    @property
    def expired(self) -> bool:
        """Whether the use-by date has passed: food is unsafe then and must not be sold (Art. 24 LMIV)."""
        return any(found.id == "use_by_passed" for found in self.problems)
