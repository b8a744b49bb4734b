"""Facts about weighing."""

from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LineWeighed(Fact):
    """Line ``n`` of ``sale`` was weighed by a coupled scale, which computed its ``amount`` itself: ``net``
    and ``tare`` in grams, ``unit_price`` cents per kg. ``serial_number`` of the scale, ``certificate`` of the
    combination (Baueinheitenzertifikat), as configured then."""

    kind = "sale.line_weighed"
    sale: str
    n: int
    at: str
    operator: str
    scale: str
    net: int
    tare: int
    unit_price: int
    amount: int
    serial_number: str
    certificate: str
