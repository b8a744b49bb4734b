"""``kassd export elster``: for each place of business ELSTER's XML (beta) and the sheet for its form."""

import re
from pathlib import Path

from kassd.app.boot import in_force
from kassd.core.master import is_test, issuer
from kassd.core.notification.sheet import Sheet, sheets
from kassd.core.state import State
from kassd.errors import ConfigError, DataError
from kassd.fiscal.elster import missing, xml
from kassd.fiscal.elster_sheet import Taxpayer, text
from kassd.settings import Settings


def current(loaded: Settings) -> State:
    """What the journal says now; :class:`DataError` before the first start."""
    state = in_force(loaded)
    if state is None:
        raise DataError("Das Journal ist noch leer: die Kasse zuerst einmal starten (kassd run).")
    return state


def export_elster(loaded: Settings, part: Path) -> None:
    """Write two files for each place to the folder ``part``. Raises :class:`ConfigError` naming all that is
    missing: half a notification is none."""
    state = current(loaded)
    found = sheets(state)
    gaps = [gap for sheet in found for gap in missing(sheet)]
    if gaps:
        raise ConfigError(
            "Für die Mitteilung fehlen Angaben, bitte unter [notification] (andere Kassen: [[system]]) "
            "eintragen und kassd neu starten:\n  " + "\n  ".join(gaps)
        )
    head, test = issuer(state.config), is_test(state.config)
    taxpayer = Taxpayer(head.name, head.tax_number, head.vat_id)
    part.mkdir(parents=True)
    for sheet in found:
        name = file_name(sheet, test=test)
        (part / f"{name}.xml").write_text(xml(sheet), "utf-8")
        (part / f"{name}.txt").write_text(text(sheet, taxpayer, state.notices, test=test), "utf-8")


def file_name(sheet: Sheet, *, test: bool) -> str:
    """Of the files of a sheet: place and mark."""
    place = re.sub(r"\W+", "-", sheet.place.name).strip("-") or "Betriebsstaette"
    return f"{'TEST-' if test else ''}Mitteilung-{place}-{sheet.mark}"
