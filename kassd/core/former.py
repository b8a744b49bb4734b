"""Lines of another day in a Vorgang of today: a former rate has a key of its own (DSFinV-K Anlage 2).

What was ordered, delivered, sold or captured before a change of rates keeps the rate of its day (§ 27 Abs. 1
UStG). Under today's key it would be summed up with today's rate; so it is entered under the historic key,
and within a period each key means one rate.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from kassd.core.entry import Line, Share
from kassd.core.master import SMALL_BUSINESS_KEY, is_small_business, rate_of, vat_keys
from kassd.core.state import State
from kassd.core.vat import HISTORIC, SMALL_BUSINESS
from kassd.deferred import replace


def key_then(state: State, vat: int, rate: Decimal) -> int:
    """The UST_SCHLUESSEL under which ``rate`` is known today."""
    if rate_of(state.config, state.rates, vat) == rate:
        return vat
    slot = vat_keys(state.config)[vat].slot
    former = (key.key for key in HISTORIC.values() if key.slot == slot and key.rates[0][1] == rate)
    return next(former, vat if rate else SMALL_BUSINESS)  # sold without tax: under § 19 UStG


def share_then(state: State, share: Share) -> Share:
    """``share`` under the key that means its rate today."""
    return replace(share, vat=key_then(state, share.vat, share.rate))


def with_keys_then(state: State, line: Line) -> Line:
    """``line`` of another day with the keys that mean its rates today."""
    shares = tuple(share_then(state, share) for share in line.shares)
    return replace(line, vat=key_then(state, line.vat, line.rate), shares=shares)


def config_then(state: State, at: datetime) -> Mapping[str, Any]:
    """The configuration with § 19 UStG as it applied at ``at``: turnover stays taxed, or free, as it was when
    the goods were supplied."""
    now = is_small_business(state.config)
    known = sorted((datetime.fromisoformat(since), small) for since, small in state.regimes.items() if since)
    then = state.regimes.get("", not known[0][1] if known else now)
    for since, small in known:
        then = small if since <= at else then
    return state.config if then == now else {**state.config, SMALL_BUSINESS_KEY: then}


def base_key(vat: int) -> int:
    """The key in use today that a historic one is a former rate of; any other is its own."""
    return vat % 10 if vat in HISTORIC else vat


def with_same_day(vat: int, rate: Decimal, like: int) -> tuple[int, Decimal]:
    """Key and rate ``vat`` had in the time of the historic key ``like``; as given where that is none."""
    then = HISTORIC.get(like - like % 10 + vat) if like in HISTORIC else None
    return (vat, rate) if then is None else (then.key, then.rates[0][1])
