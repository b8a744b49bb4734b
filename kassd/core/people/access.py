"""Whether an input is let in: a locked station, a missing login, a second person's approval."""

from datetime import datetime, timedelta

from kassd.core import facts as f
from kassd.core.arguments import Approval, Arguments, Right
from kassd.core.decision import Draft, Rejected
from kassd.core.inputs import CommandReceived
from kassd.core.master import client_rights, lock_after_ns
from kassd.core.people.args import OperatorLock, OperatorLogin, OperatorLogout
from kassd.core.people.rights import (
    PERSONAL,
    client_only_reads,
    has_operators,
    is_operator,
    only_reads,
    rights_at,
    role_rights,
)
from kassd.core.people.state import Tries
from kassd.core.state import State

MAX_TRIES = 5
BLOCKED = timedelta(minutes=5)
FREE = (OperatorLogin, OperatorLogout, OperatorLock)


def admit(d: Draft, station: str, command: CommandReceived, args: Arguments) -> None:
    """Give the draft its rights, or reject what may not be asked for here and now."""
    d.rights = rights_at(d.state, station, command.client)
    d.command, d.place, d.proven = command.name, station, command.proven
    if isinstance(args, FREE):
        _require_of_client(d, command.client, args.right)
        return
    if d.state.station(station).locked:
        raise Rejected("mode_locked")
    right = args.right
    if right in PERSONAL and has_operators(d.state.config) and not d.state.station(station).operator:
        raise Rejected("operator_required")
    if args.approval is not None:
        _approve(d, station, command.client, args.approval, right)
    d.require(right)


def _require_of_client(d: Draft, client: str, right: Right) -> None:
    """Who logs in or out, or locks, has no rights of their own yet, or none any more: the client's count."""
    if right not in client_rights(d.state.config, client):
        raise Rejected("unauthorized", {"right": right})


def _approve(d: Draft, station: str, client: str, approval: Approval, right: Right) -> None:
    """Let ``approval``'s rights count, if the PIN was right and it is another person; what the client may not
    do (a customers' display) nobody does there. Who is there to read gets nobody's: what is entered under an
    auditor's name would be the auditor's."""
    operator = d.state.station(station).operator
    if approval.operator == operator:
        raise Rejected("second_person_required")
    if only_reads(d.state.config, operator) or client_only_reads(d.state.config, client):
        raise Rejected("unauthorized", {"right": right})
    check_pin(d, station, approval.operator)
    rights = role_rights(d.state.config, approval.operator)
    d.approver, d.approver_rights = (
        approval.operator,
        rights.intersection(client_rights(d.state.config, client)),
    )


def check_pin(d: Draft, station: str, operator: str) -> None:
    """Reject unless ``operator``'s PIN came with the command and is right; count wrong ones."""
    if not is_operator(d.state.config, operator):
        raise Rejected("unknown_operator")
    tries = d.state.people.tries.get(operator, Tries())
    if tries.until and d.stamp.at < datetime.fromisoformat(tries.until):
        raise Rejected("operator_blocked", {"until": tries.until})
    if operator in d.proven:
        return
    until = ""
    if tries.count + 1 >= MAX_TRIES:
        until = (d.stamp.at + BLOCKED).isoformat(timespec="seconds")
    refused = f.OperatorRefused(station, operator, d.actor, d.at, until)
    raise Rejected("unknown_operator", facts=(refused,))


def admit_scan(d: Draft, station: str, right: Right) -> None:
    """The same for a scanner: it has the rights of whoever is logged in at its station, and what is scanned
    needs one of them."""
    d.rights = rights_at(d.state, station, None)
    d.place = station
    if d.state.station(station).locked:
        raise Rejected("mode_locked")
    if has_operators(d.state.config) and not d.state.station(station).operator:
        raise Rejected("operator_required")
    d.require(right)


def end_sessions(d: Draft) -> None:
    """Log out who may no longer work here, and who has not shown the PIN that counts now: nobody goes on
    with a login that would be refused."""
    config = d.state.config
    if not has_operators(config):
        return
    changed = {fact.key for fact in d.facts if isinstance(fact, f.ConfigChanged)}
    for name, station in d.state.stations.items():
        own = f"operator.{station.operator}."
        if station.operator and (
            not is_operator(config, station.operator) or not changed.isdisjoint((own + "name", own + "pin"))
        ):
            d.fact(f.OperatorChanged(name, "", d.at, why="dismissed"))


def used(d: Draft, station: str) -> None:
    """Somebody is there: the idle time begins anew."""
    if lock_after_ns(d.state.config):
        d.fact(f.StationUsed(station))


def lock_idle(d: Draft) -> None:
    """Lock each station whose operator has entered nothing for ``register.lock_after_s``."""
    for name, due in _locks(d.state):
        if d.stamp.mono >= due:
            d.fact(f.StationLocked(name, d.at, "idle"))


def next_lock(state: State) -> int | None:
    """Monotonic ns at which the next station is to be locked."""
    return min((due for _, due in _locks(state)), default=None)


def _locks(state: State) -> list[tuple[str, int]]:
    limit = lock_after_ns(state.config)
    if not limit:
        return []
    return [
        (name, station.used + limit)
        for name, station in state.stations.items()
        if station.operator and not station.locked
    ]
