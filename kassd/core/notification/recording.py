"""Recording that a notification was sent. ELSTER is used by a person; the register only remembers."""

from datetime import date

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected, bad_args, one_line, shown
from kassd.core.notification.args import NotificationRecord
from kassd.core.notification.sheet import sheets
from kassd.core.perform import Answer, performs

MAX_TICKET = 60


@performs(NotificationRecord)
def _record(d: Draft, station: str, args: NotificationRecord) -> Answer:
    """What is recorded is what the register would export now; else ``sheet_differs``: what has changed since
    would never be notified."""
    day, ticket = _day(d, args.day), one_line(args.ticket, "ticket", MAX_TICKET)
    found = [sheet for sheet in sheets(d.state) if sheet.mark == args.sheet.strip()]
    if not found:
        raise Rejected("sheet_differs", detail=f"({shown(args.sheet)})")
    place, systems = found[0].place, found[0].systems
    sent = (day, ticket, found[0].mark, place, systems)
    d.fact(f.NotificationSent(d.at, d.at_home(), *sent, client=d.actor))
    return "ok", {"systems": len(systems), "place": place.name}


def _day(d: Draft, text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise bad_args("day: expected YYYY-MM-DD", "(Tag: erwartet JJJJ-MM-TT)") from None
    if day > d.stamp.at.date():
        raise bad_args("day: lies in the future", "(Der Tag liegt in der Zukunft.)")
    return day.isoformat()
