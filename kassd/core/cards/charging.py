"""A terminal is asked for something: the wish that is durable before the first byte leaves."""

from collections.abc import Iterable, Sequence
from typing import Literal

from kassd.core.cards.data import CardData
from kassd.core.cards.facts import CardAsked, CardUndone, ChargeKind
from kassd.core.cards.state import Charge
from kassd.core.decision import Draft, Rejected
from kassd.core.entry import Payment, standing_charges
from kassd.core.facts import MessageShown
from kassd.core.master import terminals_of
from kassd.core.printing import is_usable
from kassd.core.state import Sale, State
from kassd.core.wording import sentence

ABSENT = "Das Kartenterminal ist nicht erreichbar. Strom, Kabel und Netz prüfen."


def has_terminal(state: State, station: str) -> bool:
    """Whether cards are charged through a terminal here; else the cashier says what a separate one did."""
    return station in terminals_of(state.config)


def terminal_at(d: Draft, station: str) -> str:
    """The station's terminal that can be asked now. :class:`Rejected` says why none can."""
    why = Rejected("terminal_absent")
    for name in terminals_of(d.state.config).get(station, ()):
        try:
            require_free(d, name)
        except Rejected as rejection:
            why = rejection
        else:
            return name
    raise why


def require_free(d: Draft, terminal: str) -> None:
    """It is there, does nothing else, and owes no answer; one that owes a person's does not wait for it."""
    device = d.state.devices.get(terminal)
    if not is_usable(d.state, terminal):
        raise Rejected("terminal_absent", detail=f"({sentence(device.message if device else '', ABSENT)})")
    for charge in d.state.cards.charges.values():
        if charge.terminal == terminal and charge.status != "unknown":
            doubt = charge.status == "unclear"
            raise Rejected("payment_unknown" if doubt else "terminal_busy", {"charge": charge.id})


def charge(
    d: Draft,
    terminal: str,
    operation: ChargeKind,
    amount: int,
    station: str,
    *,
    sale: Sale | None = None,
    original: CardData | None = None,
    then: Literal["", "abort", "cancel", "stray"] = "",
    receipt: str = "",
    reason: str = "",
    rest: Sequence[CardData] = (),
    back: Sequence[CardData] = (),
) -> Charge:
    """Wish ``amount`` cents (positive) from a terminal. What comes of it is decided when it answers."""
    charge_id = f"{d.stamp.seq}.{len(d.wishes)}"  # as the wish will be called
    d.fact(
        CardAsked(
            charge=charge_id,
            at=d.at,
            terminal=terminal,
            operation=operation,
            amount=amount,
            sale=sale.id if sale is not None else "",
            station=station,
            operator=d.operator(station),
            known=d.state.cards.last.get(terminal),
            sure=terminal not in d.state.cards.unsure,
            original=original,
            then=then,
            receipt=receipt,
            reason=reason,
            rest=tuple(rest),
            back=tuple(back),
        )
    )
    number = {"receipt": original.receipt} if original is not None else {}
    d.wish("card", terminal=terminal, operation=operation, amount=amount, **number)
    return d.state.cards.charges[charge_id]


def reverse(
    d: Draft,
    station: str,
    payments: Sequence[CardData],
    *,
    sale: Sale | None = None,
    then: Literal["", "abort", "cancel", "stray"] = "",
    receipt: str = "",
    reason: str = "",
    back: Sequence[CardData] = (),
) -> Charge:
    """Undo the first of ``payments`` at the terminal that took it; the others follow when it is done."""
    first, rest = payments[0], payments[1:]
    require_free(d, first.terminal)
    return charge(
        *(d, first.terminal, "reversal", first.amount, station),
        sale=sale,
        original=first,
        then=then,
        receipt=receipt,
        reason=reason,
        rest=rest,
        back=back,
    )


def undone_by_hand(
    d: Draft, station: str, payments: Iterable[Payment], sale: str = "", receipt: str = "", reason: str = ""
) -> None:
    """Somebody says that what stands of ``payments`` was undone at the terminals themselves. What a terminal
    denies to have booked was not."""
    denied = {stray.charge.sale for stray in d.state.cards.strays.values() if stray.paid}
    for payment in standing_charges(payments):
        if payment.card is not None and sale not in denied:
            who = d.operator(station)
            d.fact(CardUndone(payment.card.terminal, d.at, -payment.amount, sale, receipt, who, reason))


def say(d: Draft, station: str, message: str) -> None:
    """Tell the station's operator."""
    if station and message:
        d.fact(MessageShown(station, message))
