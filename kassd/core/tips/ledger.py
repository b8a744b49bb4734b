"""Whose tips the register keeps: what receipts have brought and movements have taken."""

from kassd.core.document import Row, Section
from kassd.core.state import Sale, State
from kassd.deferred import replace

STAFF, OWNER = "TrinkgeldAN", "TrinkgeldAG"
SHOWN = 30


def with_tips(state: State, sale: Sale) -> State:
    """A finished Beleg's tips for the staff, collected or paid out; who has got everything is not kept."""
    if sale.status != "done" or sale.bon_type != "Beleg":
        return state
    tips = [line for line in sale.lines if line.case == STAFF]
    if not tips:
        return state
    held = dict(state.tips)
    for line in tips:
        held[line.name] = held.get(line.name, 0) + line.amount
    return replace(state, tips={name: cents for name, cents in held.items() if cents})


def kept(state: State, operator: str) -> int:
    """Cents that can still be paid out; what is just being paid out is gone."""
    lines = [line for sale in state.sales.values() if sale.kind == "cash" for line in sale.lines]
    leaving = sum(line.amount for line in lines if (line.case, line.name) == (STAFF, operator))
    planned = state.till.procedure.movements if state.till.procedure else ()
    leaving += sum(m.amount for m in planned if (m.case, m.name) == (STAFF, operator))
    return state.tips.get(operator, 0) + min(leaving, 0)


def tips_kept(state: State) -> Section:
    """What X and Z say of tips that wait to be paid out."""
    rows = [Row(name or "ohne Namen", amount=cents) for name, cents in sorted(state.tips.items())]
    if rows[SHOWN:]:
        rows = [*rows[:SHOWN], Row("weitere", count=len(rows) - SHOWN)]
    if len(rows) > 1:
        rows.append(Row("Gesamt", amount=sum(state.tips.values())))
    return Section("Trinkgeld des Personals in der Kasse", tuple(rows))
