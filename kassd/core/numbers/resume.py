"""Selling waits after a rollback until a person decides how the numbers go on (never by itself)."""

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected, bad_args, reason_of
from kassd.core.numbers.args import CountersResume
from kassd.core.perform import Answer, performs
from kassd.core.state import State

MAX_NUMBER = 999_999_999


def require_decided(state: State) -> None:
    """Nothing is booked while it is open how the numbers go on."""
    if state.remembered is not None:
        raise Rejected("rollback_undecided", known(state))


def known(state: State) -> dict[str, int | None]:
    """The last numbers that the register or anybody else knows of; None: somebody must tell."""
    told = state.remembered
    receipt, closing = (told.receipt, told.closing) if told is not None else (None, None)
    return {
        "receipt": None if receipt is None else max(receipt, state.receipt),
        "closing": None if closing is None else max(closing, state.closing),
    }


def from_tse(state: State, newest: int) -> int:
    """At most how many receipts there were when the TSE had counted to ``newest``: each of its transactions
    after ours is a number, and so is each Vorgang that was open already."""
    return state.receipt + newest - state.tse.newest + len(state.sales)


@performs(CountersResume)
def resume(d: Draft, station: str, args: CountersResume) -> Answer:
    """Go on above the highest number, in a new epoch."""
    state = d.state
    if state.remembered is None:
        raise Rejected("no_rollback")
    last = {}
    for name, told in known(state).items():
        typed = getattr(args, name)
        if typed is not None and not (told or getattr(state, name)) <= typed <= MAX_NUMBER:
            german = f"({name}: schon bekannt ist {told or getattr(state, name)}.)"
            raise bad_args(f"{name}: expected no number below what is known", german)
        if typed is None and told is None:
            raise Rejected("counters_unknown", known(state))
        last[name] = typed if typed is not None else told
    receipt, closing = last["receipt"] or 0, last["closing"] or 0
    d.fact(
        f.CountersSkipped(
            at=d.at,
            operator=d.operator(station),
            why=reason_of(args.reason),
            epoch=max(state.epoch, state.remembered.epoch) + 1,
            sources=tuple(state.rollback_seen),
            first_receipt=state.receipt + 1 if receipt > state.receipt else 0,
            last_receipt=receipt if receipt > state.receipt else 0,
            first_closing=state.closing + 1 if closing > state.closing else 0,
            last_closing=closing if closing > state.closing else 0,
            transaction=state.remembered.transaction,
        )
    )
    return "ok", {"receipt": d.state.receipt, "closing": d.state.closing, "epoch": d.state.epoch}
