"""Place and time of use of a mobile register (BMF 26.11.2010; the slip keeps the business' address)."""

from kassd.core import facts as f
from kassd.core.decision import Draft, bad_args, one_line
from kassd.core.people.args import PlaceSet
from kassd.core.perform import Answer, performs

LIMITS = {"name": 60, "street": 60, "postal_code": 10, "city": 62}


@performs(PlaceSet)
def _set(d: Draft, station: str, args: PlaceSet) -> Answer:
    values = {key: one_line(getattr(args, key), key, limit) for key, limit in LIMITS.items()}
    if not values["name"]:
        raise bad_args("name: must not be empty", "(Der Name des Ortes fehlt.)")
    before = d.state.people.place
    same = before is not None and all(getattr(before, key) == value for key, value in values.items())
    if not same:
        d.fact(f.PlaceChanged(d.at, d.operator(station), station, **values))
    place = d.state.people.place
    assert place is not None
    return "ok", {"name": place.name, "since": place.since}
