"""What was counted, on paper: the Zählprotokoll (not required, but it eases proof: AEAO zu § 146 Nr. 3.3)."""

from kassd.core.cash.accounts import label
from kassd.core.cash.state import EUR, Count
from kassd.core.decision import Draft
from kassd.core.document import Document, Row, Section
from kassd.core.master import is_test, issuer, register_id
from kassd.core.money import euros


def count_rows(count: Count) -> tuple[Row, ...]:
    """The pieces of a count, largest first."""
    mark = "€" if count.currency == EUR else count.currency
    return tuple(
        Row(f"  {euros(cents)} {mark}", count=pieces, amount=cents * pieces)
        for cents, pieces in sorted(count.pieces.items(), reverse=True)
        if pieces
    )


def protocol(
    d: Draft, station: str, count: Count, to: str, reason: str, *, blind: bool, booked: bool
) -> Document:
    """The Zählprotokoll; a blind one does not tell what was expected."""
    state, name = d.state, label(d.state.config, count.account)
    rows = [*count_rows(count), Row("Gezählt (Ist)", amount=count.counted)]
    if not blind:
        rows += [Row("Soll-Bestand", amount=count.expected), Row("Differenz", amount=count.difference)]
    if booked:
        rows.append(Row("Die Differenz wird gebucht (DifferenzSollIst)."))
    title = f"Bestand {name}" if count.currency == EUR else f"Bestand {name}, {count.currency}"
    names = [Row(f"Gezählt von {d.operator(station)}"), Row("_" * 20)]
    if to:
        names += [Row(f"Übernommen von {to}"), Row("_" * 20)]
    return Document(
        id=f"C{d.stamp.seq}",
        kind="report",
        title="Zählprotokoll",
        number="",
        register=register_id(state.config),
        issuer=issuer(state.config),
        issued_at=d.at,
        station=station,
        operator=d.operator(station),
        test=is_test(state.config),
        reason=reason,
        sections=(Section(title, tuple(rows)), Section("Unterschrift", tuple(names))),
    )
