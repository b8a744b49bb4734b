"""``kassd notification``: what the tax office must still be told of the registers (§ 146a Abs. 4 AO), what it
was told, and recording that it was."""

import argparse
import asyncio

from kassd import settings
from kassd.cli.export_elster import current
from kassd.cli.link import command
from kassd.cli.output import print_json
from kassd.core.codec import encode
from kassd.core.master import is_test
from kassd.core.notification.due import changes, next_due
from kassd.core.notification.sheet import sheets
from kassd.core.state import State
from kassd.errors import DataError
from kassd.fiscal.elster import german_day, missing
from kassd.fiscal.elster_sheet import TEST, due_rows


def execute(arguments: argparse.Namespace) -> int:
    """Show, or record what was sent."""
    loaded = settings.load(arguments.config)
    if arguments.action == "sent":
        args = {"sheet": arguments.sheet, "day": arguments.day.isoformat(), "ticket": arguments.ticket}
        reply = asyncio.run(command(loaded, "notification.record", args))
        if reply["status"] != "ok":
            raise DataError(f"Nicht vermerkt: {reply.get('message')} {reply.get('next', '')}".rstrip())
        result = reply["result"]
        print(f"Vermerkt: {result['place']}, mitgeteilt am {german_day(arguments.day.isoformat())}.")
        return 0
    state = current(loaded)
    if arguments.json:
        print_json(as_json(state))
    else:
        for line in lines(state):
            print(line)
    return 0


def as_json(state: State) -> dict[str, object]:
    """Every place with what is to be notified, and what was."""
    places = [
        {
            "place": encode(sheet.place),
            "sheet": sheet.mark,
            "former": sheet.former,
            "due": next_due(found),
            "changes": encode(found),
            "missing": list(missing(sheet)),
            "systems": encode(sheet.systems),
        }
        for sheet in sheets(state)
        for found in [changes(sheet)]
    ]
    return {"places": places, "sent": encode(state.notices)}


def lines(state: State) -> list[str]:
    """The same as German text."""
    out = [TEST] if is_test(state.config) else []
    for sheet in sheets(state):
        count = "1 System" if len(sheet.systems) == 1 else f"{len(sheet.systems)} Systeme"
        out += [f"{sheet.place.name}, {sheet.place.city} ({count})", *(f"  {row}" for row in due_rows(sheet))]
        out += [f"  fehlt: {gap}" for gap in missing(sheet)]
    for notice in state.notices:
        ticket = f", Transferticket {notice.ticket}" if notice.ticket else ""
        out.append(f"Mitgeteilt am {german_day(notice.day)}: {notice.place.name}{ticket}")
    return out
