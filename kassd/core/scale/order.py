"""What the register asks a scale for."""

from kassd.deferred import dataclass

# Why a weighing has shown the scale as broken. It is there all the same: the next one tells more.
ENDED_BY_WEIGHING = ("timeout", "garbled", "authentication", "fault")


@dataclass(frozen=True, slots=True)
class WeighOrder:
    """Weigh ``article`` for the sale ``sale`` ('' : the next one) of ``station``. ``unit_price`` in cents per
    kg, ``tare`` in grams, ``text`` what the scale shows."""

    station: str
    article: str
    sale: str
    unit_price: int
    tare: int = 0
    text: str = ""
