"""What terminals do otherwise than the specification, as data.

Nothing of it was tried on a device: it is what operators' papers and other register makers' reports say.
"""

from typing import Literal

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.charset import DEFAULT

LINES, BLOCKS = 0x06D1, 0x06D3


@dataclass(frozen=True, slots=True)
class Quirks:
    """How to treat a terminal.

    ``charset``: of its texts, whatever tag 14 says. ``prints``: print commands that it sends.
    ``tlv_after_line``: with a container behind the text of a line. ``abort``: 06 B0 ends a running command.
    ``repeat_wants``: bits of the config byte without which 06 20 repeats nothing. ``reverses``: any payment
    since the end of day, or only the last. ``partial_goods``: it understands 84 9D. ``waits``: how often it
    takes 84 9C if BMP 02 does not say, None: without end. ``signature_menu``: register 06 D0, or the customer
    is not asked to sign. ``source``: who says so.
    """

    name: str
    charset: str = DEFAULT
    prints: tuple[int, ...] = (LINES, BLOCKS)
    tlv_after_line: bool = False
    abort: bool = True
    repeat_wants: int = 0
    reverses: Literal["any", "last"] = "any"
    partial_goods: bool = True
    waits: int | None = None
    signature_menu: bool = False
    source: str = ""


GENERIC = "generic"
MODELS: dict[str, Quirks] = {
    GENERIC: Quirks("wie in der Spezifikation", source="PA00P015 13.08"),
    "card-complete": Quirks(
        "card complete (Ingenico iWL250, Worldline VALINA)",
        charset="iso8859-15",
        tlv_after_line=True,
        partial_goods=False,
        waits=3,
        source="card complete: ZVT-Präzisierungen, Ausgabe 22; Portalum.Zvt, README",
    ),
    "hobex": Quirks(
        "Hobex (Ingenico Desk/3500)",
        prints=(BLOCKS,),
        partial_goods=False,
        source="Portalum.Zvt, README",
    ),
    "global-payments-a80": Quirks(
        "Global Payments (PAX A80)",
        abort=False,
        repeat_wants=0x30,
        reverses="last",
        source="Portalum.Zvt, README, Meldungen 24 und 26",
    ),
    "telecash-clover": Quirks(
        "Telecash (Clover Flex)",
        signature_menu=True,
        source="Portalum.Zvt, Meldung 55",
    ),
}


def quirks(model: str) -> Quirks:
    """The quirks of a model. Raises KeyError for one that is not in the table."""
    return MODELS[model]
