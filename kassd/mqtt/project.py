"""From the register's state to the documents that displays draw. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from kassd.core import facts as f
from kassd.core.cards import words
from kassd.core.cards.state import charge_of
from kassd.core.cash.accounts import countable, drawer_account, expected_json, holding, is_blind, label
from kassd.core.decision import Decision
from kassd.core.drawers.state import has_sensor
from kassd.core.entry import Line
from kassd.core.goods.age import born_before, required_age
from kassd.core.goods.pricing import base_price
from kassd.core.master import issuer, register_id, stations
from kassd.core.people.rights import has_operators, rights_at
from kassd.core.power.wording import power_sentence
from kassd.core.receipts.form import by_default
from kassd.core.receipts.handover import is_unprintable
from kassd.core.state import Sale, State, shown_offer
from kassd.core.status import DeviceState, DeviceStatus
from kassd.core.wording import outage_sentence, outage_step
from kassd.mqtt.documents import (
    AgeCheck,
    CardCharge,
    CashStock,
    ClosingFinished,
    CodeUnknown,
    CountPlace,
    CustomerLine,
    CustomerView,
    DeviceDocument,
    Document,
    DrawerOpened,
    Info,
    Mode,
    ReceiptFinished,
    ReceiptOffer,
    SaleDocument,
    SaleLine,
    SalePayment,
    SaleView,
    StockMoved,
    TillDocument,
    TransferCode,
    VatTotal,
)

API = 1
STATUS: dict[str, SaleView] = {
    "open": "open",
    "paying": "paying",
    "signing": "signing",
    "done": "done",
    "aborting": "signing",
    "aborted": "aborted",
}
HEADLINES: dict[SaleView, str] = {
    "none": "Willkommen",
    "open": "Ihr Einkauf",
    "paying": "Bitte bezahlen",
    "signing": "Einen Moment bitte",
    "done": "Vielen Dank",
    "aborted": "Vorgang abgebrochen",
}


def shown_sale(state: State, station: str) -> Sale | None:
    """The current sale, else the newest one that has left the slot (also while it is being signed)."""
    return state.current(station) or state.station(station).last


def sale_document(state: State, station: str) -> SaleDocument:
    """``state/sale/<station>``."""
    here, sale = state.station(station), shown_sale(state, station)
    if sale is None:
        return SaleDocument(
            *("", "none", (), 0, 0, 0, 0, "", here.message),
            operator=here.operator,
            unprintable=is_unprintable(state, station, None),
            offer=receipt_offer(state, station),
        )
    voided = {line.voids for line in sale.lines if line.voids}
    lines = tuple(sale_line(state, line, line.n in voided) for line in sale.lines)
    done = sale.status == "done"
    return SaleDocument(
        id=sale.id,
        status=STATUS[sale.status],
        lines=lines,
        total=sale.total,
        paid=sale.paid,
        due=_due(sale),
        change=sale.change,
        receipt=str(sale.number) if done else "",
        message=here.message,
        payments=tuple(
            SalePayment(p.type, p.name, p.amount, p.given, p.currency, p.foreign) for p in sale.payments
        ),
        operator=here.operator,
        age_check=_age_check(state, sale),
        next_quantity=here.next_quantity,
        group=sale.group,
        hospitality=by_default(state.config, station) if sale.hospitality is None else sale.hospitality,
        withheld=done and here.withheld == str(sale.number),
        unprintable=is_unprintable(state, station, sale),
        outage=done
        and here.document is not None
        and here.document.number == str(sale.number)
        and here.document.outage,
        hand_over=sale.hand_over if sale.status in ("open", "paying") else "",
        offer=receipt_offer(state, station),
        card=_card(state, sale),
        transfer=_transfer(sale),
    )


def _card(state: State, sale: Sale) -> CardCharge | None:
    charge = charge_of(state.cards, sale.id)
    if charge is None:
        return None
    told = (charge.id, charge.terminal, charge.operation, charge.amount)
    return CardCharge(*told, charge.status, words.told(charge))


def _transfer(sale: Sale) -> TransferCode | None:
    one = sale.transfer
    if one is None:
        return None
    return TransferCode(
        one.amount, one.reference, one.content, "unconfirmed", one.edge, one.bits, message=one.told
    )


def receipt_offer(state: State, station: str) -> ReceiptOffer | None:
    """What a station offers to be fetched."""
    one = shown_offer(state, station)
    if one is None:
        return None
    number = one.document.number
    return ReceiptOffer(number, one.by, one.status, one.content, one.edge, one.bits, one.expires_at)


def _due(sale: Sale) -> int:
    """What is still to be paid. Nothing once it has left the slot: it is paid, aborted, or never will be (a
    delivery note, what an employee gets)."""
    return sale.due if sale.status in ("open", "paying") else 0


def sale_line(state: State, line: Line, voided: bool) -> SaleLine:
    """One line of ``state/sale``."""
    base = _base_price(state, line)
    return SaleLine(
        n=line.n,
        text=line.text,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        vat=line.vat,
        voids=line.voids,
        voided=voided,
        case=line.case,
        voucher=line.voucher,
        of=line.of,
        unit=line.unit,
        in_house=line.in_house,
        age=line.age,
        list_price=line.list_price,
        lowest_price=line.lowest_price,
        price_why=line.price_why,
        base_price=base[0] if base else None,
        base_unit=base[1] if base else "",
    )


def _base_price(state: State, line: Line) -> tuple[int, str] | None:
    """Of what is sold by the catalogue's unit; a piece with its price on a label says it itself."""
    article = state.catalog.articles.get(line.article)
    if article is None or line.case != "Umsatz" or (article.weighed and not line.unit):
        return None
    return base_price(article, line.unit_price)


def _age_check(state: State, sale: Sale) -> AgeCheck | None:
    age = required_age(sale)
    if age <= sale.age_approved or sale.status not in ("open", "paying"):
        return None
    return AgeCheck(age, born_before(date.fromisoformat(sale.opened_at[:10]), age))


def till_document(state: State, station: str) -> TillDocument:
    """``state/till/<station>``."""
    till, here = state.till, state.station(station)
    closing = till.procedure is not None and till.procedure.kind == "close"
    blind = is_blind(state.config)
    mode: Mode = "locked" if here.locked else "training" if here.training else "normal"
    message = ""
    if state.tse.bound is None:
        message = "Es ist keine TSE in Betrieb genommen."
    elif state.remembered is not None:
        message = "Nach einem Rücksprung ist offen, wie die Nummern weiterzählen. Verkaufen wartet."
    elif state.pending:
        message = f"{len(state.pending)} Stammdatenänderungen gelten ab dem nächsten Abschluss."
    return TillDocument(
        open=till.open,
        closing=closing,
        operator=here.operator,
        operator_name=here.operator_name,
        rights=tuple(sorted(rights_at(state, station, None))) if has_operators(state.config) else (),
        mode=mode,
        business_day=till.business_day,
        last_receipt=str(state.receipt) if state.receipt else "",
        last_closing=str(state.closing) if state.closing else "",
        message=message,
        cash_expected=None if blind else till.expected_cash,
        float_expected=None if till.open else holding(state, drawer_account(state.config, station)).amount,
        cash=() if blind else tuple(CashStock(**stock) for stock in expected_json(state)),
        counting=tuple(
            CountPlace(label(state.config, account), currency, due)
            for account, currency, due in countable(state, station)
        ),
    )


def customer_view(state: State, station: str) -> CustomerView:
    """``view/customer/<station>``."""
    sale, test = shown_sale(state, station), state.config.get("register.mode") == "test"
    offer = receipt_offer(state, station)
    code = offer.content if offer is not None else ""
    if sale is None:
        name = issuer(state.config).name
        return CustomerView("none", HEADLINES["none"], name, (), 0, 0, 0, 0, code, test, offer)
    view = STATUS[sale.status]
    lines = tuple(
        CustomerLine(
            line.text,
            line.quantity,
            line.unit_price,
            line.amount,
            line.unit,
            *(_base_price(state, line) or (None, "")),
        )
        for line in sale.standing()
    )
    charge = charge_of(state.cards, sale.id)
    return CustomerView(
        status=view,
        headline=HEADLINES[view],
        message=words.for_customer(charge) if charge is not None else _asks(sale),
        lines=lines,
        total=sale.total,
        paid=sale.paid,
        due=_due(sale),
        change=sale.change,
        receipt_code=code,
        test=test,
        offer=offer,
        transfer=_transfer_for_customer(sale),
    )


def _asks(sale: Sale) -> str:
    return sale.transfer.for_customer if sale.transfer is not None else ""


def _transfer_for_customer(sale: Sale) -> TransferCode | None:
    one = _transfer(sale)
    return replace(one, message=_asks(sale)) if one is not None else None


def info_document(state: State, hardware: str) -> Info:
    """``info``."""
    bound = state.tse.bound
    return Info(
        register=register_id(state.config),
        mode="test" if state.config.get("register.mode") == "test" else "production",
        software=state.software,
        build=state.build,
        api=API,
        hardware=hardware,
        business=issuer(state.config).name,
        tse_serial_number=bound.serial_number if bound else "",
        stations=stations(state.config),
    )


def device_document(status: DeviceStatus) -> DeviceDocument:
    """``state/dev/<name>``."""
    s = status
    return DeviceDocument(s.name, s.state, s.reason, s.message, s.since, s.conditions)


def power_document(state: State) -> DeviceDocument | None:
    """``state/dev/power``; None where nothing watches it."""
    power, watched = state.power, state.devices.get("power")
    if watched is None:
        return None
    document = device_document(watched)
    if watched.state != "ready":
        return replace(document, percent=power.percent, minutes=power.minutes)
    worse = power.level not in ("", "mains")
    shown: DeviceState = "degraded" if worse or power.weak else "ready"
    reason = power.level if worse else "undervoltage" if power.weak else ""
    return replace(
        document,
        state=shown,
        reason=reason,
        message=power_sentence(power) if reason else "",
        since=power.since or power.weak or watched.since,
        percent=power.percent,
        minutes=power.minutes,
    )


def place_status(state: State) -> DeviceStatus | None:
    """The place of use as ``state/dev/place``; None if nobody has told one."""
    place = state.people.place
    if place is None:
        return None
    text = f"{place.name}, {place.address}" if place.address else place.name
    return DeviceStatus("place", "ready", "", text, place.since)


def tse_status(state: State, since: str, configured: bool) -> DeviceStatus:
    """The TSE as a device."""
    tse = state.tse
    if tse.outage is not None:
        reason = tse.outage.reason
        message = f"{outage_sentence(reason, tse.outage.message)} {outage_step(reason)}"
        return DeviceStatus("tse", "error", reason, message, tse.outage.since)
    if not configured:
        message = "Keine TSE eingerichtet. Verkaufen ist erst mit einer TSE möglich."
        return DeviceStatus("tse", "absent", "not_commissioned", message, since)
    found: DeviceState = "ready" if tse.ready else "opening"
    return DeviceStatus("tse", found, "", "", since)


def unknown_code(decision: Decision) -> Iterator[tuple[str, Document]]:
    """``evt/code.unknown`` of a scan that was no article."""
    for fact in decision.volatile:
        if isinstance(fact, f.MessageShown) and fact.scanned:
            yield "code.unknown", CodeUnknown(fact.station, fact.scanned)


def events(decision: Decision, before: State, after: State) -> Iterator[tuple[str, Document]]:
    """``evt/<kind>`` of one decision."""
    yield from unknown_code(decision)
    for fact in decision.facts:
        if isinstance(fact, f.SaleFinished) and fact.bon_type == "Beleg" and fact.document.kind == "sale":
            yield "receipt.finished", _receipt_finished(fact)
            yield from _stock_moved(before, fact)
        elif isinstance(fact, f.StockWasted):
            yield "stock.moved", StockMoved(fact.article, fact.name, -fact.quantity, "", fact.reason)
        elif isinstance(fact, f.TillClosed):
            yield (
                "till.closed",
                ClosingFinished(str(fact.number), fact.business_day, fact.at, fact.total, fact.cash),
            )
        elif isinstance(fact, f.DrawerDone) and fact.result == "kicked":
            yield from _kicked(before, after, fact)
        elif isinstance(fact, f.DrawerOpened):
            yield "drawer.opened", DrawerOpened(fact.drawer, fact.station, fact.operator, fact.why)


def _kicked(before: State, after: State, fact: f.DrawerDone) -> Iterator[tuple[str, Document]]:
    """A drawer without a sensor is open once it is kicked, as far as anybody can tell."""
    args = before.outbox[fact.job].args
    drawer, station = str(args["drawer"]), str(args["station"])
    if not has_sensor(after.config, drawer):
        operator = after.station(station).operator
        yield "drawer.opened", DrawerOpened(drawer, station, operator, str(args["why"]))


def _receipt_finished(fact: f.SaleFinished) -> ReceiptFinished:
    document = fact.document
    return ReceiptFinished(
        receipt=document.number,
        sale=fact.sale,
        station=document.station,
        operator=document.operator,
        at=fact.at,
        total=document.total,
        vat=tuple(VatTotal(v.vat, v.rate, v.net, v.tax, v.gross) for v in document.vat),
        payments=tuple(
            SalePayment(p.type, p.name, p.amount, p.given, p.currency, p.foreign) for p in document.payments
        ),
        outage=document.outage,
        test=document.test,
    )


def _stock_moved(before: State, fact: f.SaleFinished) -> Iterator[tuple[str, Document]]:
    """Of every receipt of the line: an outage may issue several at once."""
    sale = before.sales.get(fact.sale)
    for line in sale.standing() if sale is not None else ():
        if line.article:
            yield "stock.moved", StockMoved(line.article, line.text, -line.quantity, fact.document.number)
        for part in line.parts:
            moved = -line.quantity * part.quantity
            yield "stock.moved", StockMoved(part.article, part.text, moved, fact.document.number)
