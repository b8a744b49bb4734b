"""``kassd config rules``: the law the register follows, by date, and what is planned and has no effect."""

from collections.abc import Iterator

from kassd.clock import Clock
from kassd.core.rulesets import Rule, in_force, planned
from kassd.fiscal.layout import layouts


def lines(today: str = "") -> Iterator[str]:
    """The set in force on ``today`` (ISO; default: this day), then the plans."""
    day = today or Clock().now().date().isoformat()
    current = in_force(day)
    yield f"In Kraft am {day}: {current.name} ({current.promulgated})"
    versions = (
        Rule(layout.first_day, f"Abschlüsse werden nach DSFinV-K {layout.version} exportiert", "DSFinV-K")
        for layout in layouts()
    )
    for rule in sorted((*current.rules, *versions), key=lambda rule: rule.first_day):
        later = " (noch nicht)" if rule.first_day > day else ""
        yield f"  ab {rule.first_day}{later}: {rule.text} [{rule.norm}]"
    for plan in planned():
        yield f"Geplant, ohne Wirkung bis zur Verkündung: {plan.name}"
        yield from (f"  ab {rule.first_day}: {rule.text} [{rule.norm}]" for rule in plan.rules)
