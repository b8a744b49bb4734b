"""The sets of fiscal rules, dated: which law this program follows, and which it will not follow yet.

A set is in force from its first day on, but only once it has been promulgated; what is planned stands here to
be seen. Neither the clock nor the configuration brings it into force: promulgation is a fact about the world,
so a new version of the program says it. Dated rules that are law already come into force by date.
"""

from decimal import Decimal

from kassd.core.money import euros
from kassd.core.notification.due import DEADLINES
from kassd.core.tender.cash_limit import LIMITS
from kassd.core.vat import KEYS
from kassd.deferred import dataclass

EVER = "1968-01-01"  # first day of what has always been so


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule from its first day on; ``text`` German, ``norm`` where it stands."""

    first_day: str
    text: str
    norm: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """``promulgated``: where it was published; '' = it is a plan, whatever the date."""

    name: str
    first_day: str
    promulgated: str
    rules: tuple[Rule, ...]


def _current() -> tuple[Rule, ...]:
    """What the program does by law, each from where it is done."""
    rules = [
        Rule("2020-01-01", "Jeder Vorgang wird von einer zertifizierten TSE abgesichert", "§ 146a Abs. 1 AO"),
        Rule("2020-01-01", "Zu jedem Geschäftsvorfall wird ein Beleg ausgegeben", "§ 146a Abs. 2 AO"),
        Rule("2020-01-01", "Export nach DSFinV-K für jeden Zeitraum", "§ 4 KassenSichV"),
    ]
    for limit in LIMITS:
        cap = "" if limit.cap is None else f"; mehr als {euros(limit.cap)} € werden nicht angenommen"
        text = f"Ab {euros(limit.identify_from)} € bar wird der Kunde identifiziert{cap}"
        rules.append(Rule(limit.first_day, text, "§ 10 Abs. 6a GwG, VO (EU) 2024/1624 Art. 80"))
    for rule in DEADLINES:
        text = f"{rule.months} Monat nach dem Ereignis" if rule.months else f"bis {rule.until}"
        rules.append(Rule(rule.first_day, f"Mitteilung der Kassen {text}", "§ 146a Abs. 4 AO"))
    for key in KEYS.values():
        dated = [(day, rate) for day, rate in key.rates if day > EVER]
        rules += [Rule(day, f"{key.name}: {comma(rate)} %", "UStG") for day, rate in dated]
    return tuple(sorted(rules, key=lambda rule: rule.first_day))


def comma(rate: Decimal) -> str:
    """A rate as Germans write it."""
    return f"{rate:f}".replace(".", ",")


RULE_SETS = (
    RuleSet("current", "2020-01-01", "BGBl. I 2016 S. 3152", _current()),
    RuleSet(
        "planned_2028",
        "2028-01-01",
        "",
        (
            Rule("2028-01-01", "Kassenpflicht ab 100.000 € Jahresumsatz", "Entwurf 2026"),
            Rule(
                "2028-01-01",
                "Belege werden elektronisch bereitgestellt, auf Wunsch auf Papier",
                "Entwurf 2026",
            ),
            Rule("2028-01-01", "Mitteilung auch des TSE-Wechsels, mit beiden Seriennummern", "Entwurf 2026"),
        ),
    ),
)


def in_force(day: str) -> RuleSet:
    """The set a register follows on ``day`` (ISO): the newest one that is law."""
    return [found for found in RULE_SETS if found.promulgated and found.first_day <= day][-1]


def planned() -> tuple[RuleSet, ...]:
    """What is not law: to be seen, never followed."""
    return tuple(found for found in RULE_SETS if not found.promulgated)
