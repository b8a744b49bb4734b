"""Sales begun at a station that the configuration no longer names: they are brought to their end there.

The money is taken already, or the goods are entered; nobody else's station may finish them, and the till is
not closed before (FISCAL 3 of the house).
"""

from collections.abc import Iterator

from kassd.core.master import Config, stations
from kassd.core.money import euros
from kassd.core.state import Sale, State


def abandoned(state: State, config: Config | None = None) -> Iterator[Sale]:
    """Current sales of stations that ``config`` does not name, else the one in force."""
    known = stations(state.config if config is None else config)
    for name in state.stations:
        if name not in known and (sale := state.current(name)) is not None:
            yield sale


def working_stations(state: State) -> tuple[str, ...]:
    """Stations that commands may act on: those of the configuration, others while their sale lasts."""
    return (*stations(state.config), *(sale.station for sale in abandoned(state)))


def so_far(sale: Sale) -> str:
    """``Kassenplatz terrasse: 1,00 € von 3,90 € bezahlt``."""
    return f"Kassenplatz {sale.station}: {euros(sale.paid)} € von {euros(sale.total)} € bezahlt"


def abandoned_sentence(sale: Sale) -> str:
    """What is the matter with it and what to do, in German."""
    return (
        f"Der Kassenplatz {sale.station} steht nicht mehr in der Konfiguration, hat aber einen angefangenen "
        f"Verkauf ({euros(sale.paid)} € von {euros(sale.total)} € bezahlt). Ihn dort kassieren oder "
        f"abbrechen (Anzeige mit ?station={sale.station}), oder den Kassenplatz wieder eintragen und kassd "
        "neu starten."
    )
