"""Logging in and out, locking; the operator card."""

import hashlib

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected, bad_args, one_line
from kassd.core.master import items
from kassd.core.people.access import check_pin
from kassd.core.people.args import OperatorLock, OperatorLogin, OperatorLogout
from kassd.core.people.rights import display_name, has_operators, is_operator
from kassd.core.perform import Answer, performs

MAX_NAME = 50


@performs(OperatorLogin)
def _login(d: Draft, station: str, args: OperatorLogin) -> Answer:
    operator = one_line(args.operator, "operator", MAX_NAME)
    if not operator:
        raise bad_args("operator: must not be empty", "(Der Name fehlt.)")
    config = d.state.config
    if has_operators(config):
        check_pin(d, station, operator)
        d.fact(f.OperatorChanged(station, operator, d.at, display_name(config, operator), "login"))
    else:
        d.fact(f.OperatorChanged(station, operator, d.at, operator, "login"))
    return "ok", {"operator": operator, "name": d.state.station(station).operator_name}


def login_by_card(d: Draft, station: str, text: str) -> bool:
    """Log in whose card was scanned; False if it is nobody's."""
    operators = items(d.state.config, "operator")
    digest = card_hash(text) if operators else ""
    for operator, item in operators.items():
        if item.get("card") == digest and is_operator(d.state.config, operator):
            name = display_name(d.state.config, operator)
            d.fact(f.OperatorChanged(station, operator, d.at, name, "card"))
            return True
    return False


def card_hash(text: str) -> str:
    """What the journal knows of an operator card's code."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@performs(OperatorLogout)
def _logout(d: Draft, station: str, args: OperatorLogout) -> Answer:
    if d.state.station(station).locked:  # a lock ends with a login
        raise Rejected("mode_locked")
    d.fact(f.OperatorChanged(station, "", d.at, "", "logout"))
    return "ok", None


@performs(OperatorLock)
def _lock(d: Draft, station: str, args: OperatorLock) -> Answer:
    if not d.state.station(station).locked:
        d.fact(f.StationLocked(station, d.at, "operator"))
    return "ok", None
