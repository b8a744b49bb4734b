"""The terminals' ends of day belong to the closing: their sums beside the register's own (GoBD Rz 55)."""

from collections.abc import Iterator, Mapping

from kassd.core.cards import inputs
from kassd.core.cards.charging import ABSENT, charge
from kassd.core.cards.facts import CardDayEnded
from kassd.core.cards.state import BY_HAND, Batch
from kassd.core.decision import Draft, Rejected
from kassd.core.document import Row, Section
from kassd.core.master import items
from kassd.core.printing import is_usable
from kassd.core.state import State

WORDS = {
    "payment": "Zahlungen",
    "reversal": "Stornos",
    "refund": "Gutschriften",
    BY_HAND: "von Hand storniert",
}


def require_settled(state: State) -> None:
    """No closing while a terminal works, or money may have moved of which nobody knows."""
    for one in state.cards.charges.values():
        raise Rejected("payment_unknown" if one.in_doubt else "sale_paying", {"charge": one.id})


def ends_days(d: Draft) -> bool:
    """Let each terminal end its day once; whether one still does. One that is away is noted so: its batch
    goes on."""
    procedure = d.state.till.procedure
    station = procedure.station if procedure is not None else ""
    for name, item in items(d.state.config, "terminal").items():
        busy = any(one.terminal == name for one in d.state.cards.charges.values())
        if busy or not _is_due(d.state, name) or not item.get("end_of_day", True):
            continue
        if is_usable(d.state, name):
            charge(d, name, "end_of_day", 0, station)
        else:
            note_day(d, name, None, ABSENT)
    return any(one.operation == "end_of_day" for one in d.state.cards.charges.values())


def _is_due(state: State, terminal: str) -> bool:
    """Whether it has not ended its day since it last did something; what failed is tried once a closing."""
    days = state.cards.ended.get(terminal, ())
    return not days or (terminal in state.cards.batches and (days[-1].done or not days[-1].closing))


def note_day(d: Draft, terminal: str, done: inputs.CardOutcome | None, message: str = "") -> None:
    """What the closing says of a terminal's day; ``done``: its end, None if there was none."""
    batch, procedure = d.state.cards.batches.get(terminal, Batch()), d.state.till.procedure
    d.fact(
        CardDayEnded(
            terminal=terminal,
            at=d.at,
            count=batch.count,
            amount=batch.amount,
            done=done is not None,
            terminal_count=done.count if done else None,
            terminal_amount=done.amount if done else None,
            terminal_id=batch.terminal_id,
            receipts=f"{batch.first}-{batch.last}" if batch.first else "",
            message=message,
            counts=batch.counts,
            sums=batch.sums,
            booked=batch.booked,
            before_count=batch.before_count,
            before=batch.before,
            closing=procedure is not None and procedure.kind == "close",
        )
    )


def card_sums(state: State) -> Section:
    """The period's ends of day, and what terminals have done since: Z has it where one could not end."""
    rows: list[Row] = []
    for name in sorted({*state.cards.batches, *state.cards.ended}):
        days, batch = state.cards.ended.get(name, ()), state.cards.batches.get(name)
        for day in days:
            rows += _ended(day)
        if batch is not None and (not days or days[-1].done):
            rows += _open(name, batch)
    return Section("Kartenterminals", tuple(rows))


def _open(name: str, batch: Batch) -> list[Row]:
    rows = [Row(f"{name}: offen", count=batch.count, amount=batch.amount)]
    rows += _kinds(batch.counts, batch.sums)
    return [*rows, *_before(batch.before_count, batch.before), *_unlike(batch.booked, batch.amount)]


def _kinds(counts: Mapping[str, int], sums: Mapping[str, int]) -> Iterator[Row]:
    for key, word in WORDS.items():
        if count := counts.get(key, 0):
            sign = 1 if key == "payment" else -1
            yield Row(f"  {word}", count=count, amount=sign * sums[key])


def _before(count: int, amount: int) -> list[Row]:
    return [Row("  davon schon im Abschluss davor", count=count, amount=amount)] if count or amount else []


def _unlike(booked: int | None, amount: int) -> list[Row]:
    """What receipts say was paid or given back there, where that is not the sum of its transactions."""
    return [] if booked in (None, amount) else [Row("  in Belegen gebucht", amount=booked)]


def _ended(day: CardDayEnded) -> list[Row]:
    rows = [Row(f"{day.terminal}: laut Kasse", count=day.count, amount=day.amount)]
    if set(day.counts) - {"payment"}:
        rows += _kinds(day.counts, day.sums)
    rows += _before(day.before_count, day.before)
    rows += _unlike(day.booked, day.amount)
    if not day.done:
        return [*rows, Row("  Kassenschnitt nicht gemacht", text=day.message)]
    if day.terminal_amount is None:
        rows.append(Row("  Terminal nennt keine Summe"))
    else:
        rows.append(Row("  laut Terminal", count=day.terminal_count, amount=day.terminal_amount))
        if difference := day.terminal_amount - day.amount:
            rows.append(Row("  Differenz", amount=difference))
    if day.terminal_id:
        rows.append(Row("  Terminal-ID", text=day.terminal_id))
    if day.receipts:
        rows.append(Row("  Belege des Terminals", text=day.receipts))
    return rows
