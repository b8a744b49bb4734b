"""``kassd tse setup|swap``: what is asked and shown; the steps are :mod:`kassd.app.commission`'s."""

import argparse
import asyncio
import getpass
import sys

from kassd.app.commission import Farewell, NotThere, set_up, take_leave, welcome
from kassd.app.workshop import workshop
from kassd.errors import KassdError
from kassd.settings import Settings
from kassd.tse.port import Secrets, TseInfo


class Declined(KassdError):
    """The person said no; nothing was changed."""

    exit_code = 75


def setup(loaded: Settings, arguments: argparse.Namespace) -> dict[str, str]:
    """Make a factory-new TSE this register's."""
    _ask(arguments, "Die angeschlossene TSE wird für diese Kasse eingerichtet. Das ist nicht umkehrbar.")

    async def work() -> TseInfo:
        async with workshop(loaded) as shop:
            return await set_up(shop, _who(), lambda secrets: _show(arguments, secrets))

    info = asyncio.run(work())
    return {
        "serial_number": info.serial_number,
        "life_cycle": info.life_cycle,
        "hint": "Die TSE ist in Betrieb. Bitte die Kasse binnen eines Monats dem Finanzamt melden.",
    }


def swap(loaded: Settings, arguments: argparse.Namespace) -> dict[str, str]:
    """Replace the TSE; called again it goes on where it was interrupted."""
    last = "wird nicht außer Betrieb gesetzt" if arguments.keep else "wird endgültig außer Betrieb gesetzt"
    _ask(arguments, f"Die TSE dieser Kasse wird getauscht; die alte wird archiviert und {last}.")
    farewell = Farewell(arguments.reason, tuple(arguments.copy), arguments.defective, arguments.keep)

    async def work() -> str:
        async with workshop(loaded) as shop:
            archive = await take_leave(shop, _who(), farewell)
            if archive is not None:
                print(f"Archiv der alten TSE, geprüft: {archive}", file=sys.stderr)
            while True:
                try:
                    return await welcome(shop, _who(), lambda secrets: _show(arguments, secrets))
                except NotThere as error:
                    if arguments.yes or not sys.stdin.isatty():
                        raise
                    await asyncio.to_thread(input, f"{error}\nHier weiter mit der Eingabetaste: ")

    return {
        "serial_number": asyncio.run(work()),
        "hint": "Der Tausch ist abgeschlossen, die neue TSE signiert. Bitte ihn binnen eines Monats dem "
        "Finanzamt melden und die alte TSE zehn Jahre aufbewahren.",
    }


def _who() -> str:
    return f"console:{getpass.getuser()}"


def _ask(arguments: argparse.Namespace, what: str) -> None:
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise Declined("Ohne Terminal bitte mit --yes bestätigen.")
    if input(f"{what} Fortfahren? [j/N] ").strip().lower() not in ("j", "ja"):
        raise Declined("Abgebrochen, nichts wurde geändert.")


def _show(arguments: argparse.Namespace, secrets: Secrets) -> None:
    """Once, for the safe; nothing has been told to the device yet."""
    rows = (
        ("Admin-PIN", secrets.admin_pin),
        ("Admin-PUK", secrets.admin_puk),
        ("TimeAdmin-PIN", secrets.time_admin_pin),
        ("TimeAdmin-PUK", secrets.time_admin_puk),
    )
    print(
        "PINs und PUKs der TSE. Sie werden nur jetzt gezeigt: bitte notieren und wegschließen.",
        file=sys.stderr,
    )
    for label, value in rows:
        print(f"  {label:<15}{value}", file=sys.stderr)
    if not arguments.yes:
        input("Notiert? Weiter mit der Eingabetaste: ")
