"""What the tax office is told of the register (§ 146a Abs. 4 AO), for its documents: where it belongs, since
when, and what has been notified."""

from collections.abc import Iterator

from kassd.core.notification.sheet import Sheet, sheets
from kassd.core.state import State
from kassd.fiscal.documents.markup import plain, table
from kassd.fiscal.elster import german_day
from kassd.fiscal.elster_sheet import ACQUISITIONS, site_line

BY_HAND = ("Händler", "Ansprechperson für Störungen, Telefon")  # nobody else knows


def values(state: State) -> dict[str, str]:
    """Marks of the texts → Markdown."""
    known = dict(_facts(sheets(state)[0]))
    found = [(title, plain(text)) for title, text in known.items() if text]
    missing = [title for title, text in known.items() if not text]
    return {
        "site": plain(site_line(state.config) or "wie Unternehmen"),
        "notified": table(("Angabe", "Wert"), found) if found else "",
        "by_hand": table(("Angabe", "Wert"), [(title, " ") for title in (*missing, *BY_HAND)]),
    }


def _facts(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Title and text of what is notified of this register; '' = not known."""
    own = sheet.systems[0]
    how = f" ({ACQUISITIONS[own.acquisition]})"
    yield "Hersteller", own.manufacturer
    yield "Datum der Anschaffung", f"{german_day(own.acquired)}{how}" if own.acquired else ""
    yield "Datum der Inbetriebnahme", german_day(own.commissioned) if own.commissioned else ""
    if own.decommissioned:
        yield "Außerbetriebnahme", f"{german_day(own.decommissioned)}: {own.reason}"
    told = ""
    if sheet.notice is not None:
        ticket = f", Transferticket {sheet.notice.ticket}" if sheet.notice.ticket else ""
        told = f"{german_day(sheet.notice.day)}{ticket}"
    yield "Mitteilung nach § 146a Abs. 4 AO vom", told
