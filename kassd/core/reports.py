"""X and Z reports as data: the period's sums in sections, every event with count and sum (BFH 29.07.2025).

A section is a function of the state; :data:`SECTIONS` has them in print order.
"""

from collections.abc import Callable

from kassd.core.cards.closing import card_sums
from kassd.core.cash.accounts import holdings, label
from kassd.core.cash.protocol import count_rows
from kassd.core.cash.state import EUR
from kassd.core.counters import COUNTERS
from kassd.core.credit.report import open_money
from kassd.core.document import Document, Row, Section
from kassd.core.master import agencies, is_small_business, is_test, issuer, rate_of, register_id, vat_keys
from kassd.core.orders.report import open_orders
from kassd.core.people.turnover import warning
from kassd.core.receipts.exemption import exemption
from kassd.core.state import State
from kassd.core.tips.ledger import tips_kept
from kassd.core.totals import payment_key, read_key
from kassd.core.wording import day_of

# Why an outage began, as :class:`kassd.core.state.Outage` names it.
REASONS = {
    "gone": "nicht erreichbar",
    "silent": "keine Antwort",
    "failed": "Fehler",
    "start_failed": "Beginn fehlgeschlagen",
    "wrong_tse": "falsche TSE",
    "certificate_expired": "Zertifikat abgelaufen",
    "not_configured": "nicht konfiguriert",
}


def _cases(state: State) -> Section:
    """Geschäftsvorfälle by tax key: gross, and where there is tax net and tax."""
    rows = []
    for key, (gross, net, tax) in sorted(state.till.totals.cases.items()):
        case, vat, name, agency = read_key(key)
        title = f"{case} ({name})" if name else case
        if agency:  # no turnover of this business
            title += f" für {agencies(state.config).get(agency, f'Agentur {agency}')},"
        known = vat_keys(state.config)[vat]
        rate = "" if known.text else f" ({rate_of(state.config, state.rates, vat):f} %)"
        rows.append(Row(f"{title} {known.code}{rate}", amount=gross))
        if tax:
            rows += [Row("  netto", amount=net), Row("  USt", amount=tax)]
    return Section("Geschäftsvorfälle", tuple(rows))


def _payments(state: State) -> Section:
    """Payments by ZAHLART_TYP and ZAHLART_NAME, those of cash movements by themselves."""
    rows = []
    for key, amount in sorted(state.till.totals.payments.items()):
        rows.append(Row(_tender(key), amount=amount))
    return Section("Zahlungsarten", tuple(rows))


def _tender(key: str) -> str:
    """What a key of :attr:`Totals.payments` is called."""
    kind, name, *movement = key.split("|")
    return " ".join([name if name == kind else f"{name} ({kind})", *movement])


def _part_paid(state: State) -> Section:
    """What the till holds, or a terminal has booked, of Vorgänge that are not finished yet: an X can fall in
    between. With it the payments above are what has moved."""
    sums: dict[str, int] = {}
    for sale in state.sales.values():
        if sale.bon_type != "AVTraining":
            for payment in sale.payments:
                key = payment_key(payment.type, payment.name, movement=sale.kind == "cash")
                sums[key] = sums.get(key, 0) + payment.amount
    rows = (Row(_tender(key), amount=amount) for key, amount in sorted(sums.items()) if amount)
    return Section("Zahlungen offener Vorgänge", tuple(rows))


def _period(state: State) -> Section:
    """Which business day, from when to when, which receipts, by which program."""
    till, procedure = state.till, state.till.procedure
    rows = [Row("Geschäftstag", text=day_of(till.business_day)), Row("Geöffnet", text=_short(till.opened_at))]
    if till.day_over:
        rows.append(Row("Nach dem Geschäftstag noch offen", text=_short(till.day_over)))
        if procedure is not None and procedure.kind == "close":
            rows.append(Row("  Grund", text=procedure.reason))
    if till.first_receipt:
        rows.append(Row("Belege", text=f"{till.first_receipt} bis {state.receipt}"))
    return Section("Zeitraum", (*rows, Row("Programm", text=f"{state.software} ({state.build})")))


def _operators(state: State) -> Section:
    rows = [Row(who or "-", amount=sum_) for who, sum_ in sorted(state.till.totals.operators.items())]
    return Section("Belege je Bediener", tuple(rows))


def _short(at: str) -> str:
    """``21.11. 20:45`` of an RFC 3339 time."""
    return f"{at[8:10]}.{at[5:7]}. {at[11:16]}"


def _cash(state: State) -> Section:
    return Section("Bargeld", _cash_rows(state))


def _cash_rows(state: State) -> tuple[Row, ...]:
    """Soll of every account and currency, and at a closing the count and what was booked because of it."""
    found = list(holdings(state))
    rows: list[Row] = []
    for account, currency, stock in found:
        if len(found) > 1:
            name = label(state.config, account)
            rows.append(Row(name if currency == EUR else f"{name}, {currency}"))
        rows += _account_rows(state, account, currency, stock.amount)
    if len(found) > 1:
        rows.append(Row("Bargeld in Euro gesamt", amount=state.till.expected_cash))
    return tuple(rows)


def _account_rows(state: State, account: str, currency: str, stock: int) -> list[Row]:
    procedure = state.till.procedure
    if procedure is None or procedure.kind != "close":
        return [Row("Soll-Bestand jetzt", amount=stock)]
    skim = procedure.skim if (account, currency) == (procedure.account, EUR) else 0
    mine = [c for c in procedure.counts if (c.account, c.currency) == (account, currency)]
    before = mine[0].expected if mine else stock + skim
    rows = [Row("Soll-Bestand vor dem Abschluss", amount=before)]
    for count in mine:
        rows += count_rows(count)
        rows += [Row("Gezählt (Ist)", amount=count.counted), Row("Differenz", amount=count.difference)]
    if not mine:
        rows.append(Row("nicht gezählt"))
    elif mine[0].difference:
        rows.append(Row("Grund", text=procedure.reason))
    if (account, currency) == (procedure.account, EUR):
        rows.append(Row("Abschöpfung", amount=-skim))
    return [*rows, Row("Bestand nach dem Abschluss", amount=stock)]


def _events(state: State) -> Section:
    """Each event with count and sum, what never happened too (L-152)."""
    totals = state.till.totals
    rows = [
        Row(
            counter.label,
            count=totals.counts.get(counter.key, 0),
            amount=totals.sums.get(counter.key, 0) if counter.money else None,
        )
        for counter in COUNTERS
        if counter.always or totals.counts.get(counter.key)
    ]
    return Section("Vorgänge", tuple(rows))


def _tse(state: State) -> Section:
    """Outages of the period, the newest ones singly from when to when, and what the TSE warns of."""
    totals, now = state.till.totals, state.tse.outage
    rows = [
        row
        for o in [*totals.outages, *([now] if now else [])]
        for row in (
            Row(f"Ausfall {_short(o.since)}", text=REASONS.get(o.reason, o.reason)),
            Row("  bis", text=_short(o.until) if o.until else "dauert an"),
            Row("  ohne Signatur", count=o.unsigned, amount=o.unsigned_sum),
        )
    ] or [Row("keine Ausfälle")]
    if totals.counts.get("outages", 0) > len(totals.outages):
        count, amount = totals.counts["outages"], totals.sums["outages"]
        rows.append(Row("Ausfälle insgesamt, beendet", count=count, amount=amount))
    return Section("TSE", (*rows, *(Row(warned.message) for warned in state.tse.warnings.values())))


def _place(state: State) -> Section:
    place = state.people.place
    if place is None:
        return Section("Einsatzort", ())
    rows = [Row(place.name), *([Row(place.address)] if place.address else [])]
    return Section("Einsatzort", (*rows, Row("seit", text=_short(place.since))))


def _small_business(state: State) -> Section:
    """§ 19 UStG: what the year has brought so far, in sight of its limits."""
    if not is_small_business(state.config):
        return Section("Kleinunternehmer", ())
    rows = [Row(f"Umsatz {year}", amount=sum_) for year, sum_ in sorted(state.people.turnover.items())]
    warned = warning(state)
    return Section("Kleinunternehmer (§ 19 UStG)", (*rows, *([Row(warned[1])] if warned else [])))


def _skips(state: State) -> Section:
    """Numbers that were never used, and why (FISCAL 6)."""
    rows: list[Row] = []
    for skip in state.till.totals.skips:
        for what, first, last in (
            ("Belege", skip.first_receipt, skip.last_receipt),
            ("Abschlüsse", skip.first_closing, skip.last_closing),
        ):
            if last:
                rows.append(Row(f"{what} {first} bis {last}", count=last - first + 1))
        rows.append(Row("  Grund", text=skip.why))
    return Section("Ausgelassene Nummern", tuple(rows))


# A section without rows is not printed.
SECTIONS: tuple[Callable[[State], Section], ...] = (
    _period,
    _cases,
    _payments,
    _part_paid,
    card_sums,
    _operators,
    _cash,
    _small_business,
    _place,
    _events,
    exemption,
    open_orders,
    open_money,
    tips_kept,
    _skips,
    _tse,
)


def report_sections(state: State) -> tuple[Section, ...]:
    """The period's sums as an X or Z report shows them."""
    return tuple(section for make in SECTIONS if (section := make(state)).rows)


def report_document(
    state: State, at: str, document_id: str, title: str, station: str, operator: str
) -> Document:
    """An X or Z report as a slip."""
    return Document(
        id=document_id,
        kind="report",
        title=title,
        number="",
        register=register_id(state.config),
        issuer=issuer(state.config),
        issued_at=at,
        started_at=state.till.opened_at,
        station=station,
        operator=operator,
        test=is_test(state.config),
        sections=report_sections(state),
    )
