"""From "fully paid" to the slip: TSE start and finish, the 3 s deadline, outages and late answers.

The rules are FISCAL 2 and 3: start at the first line; finish with the number in the same line; past the
deadline the receipt is issued as outage and stays one; nothing is signed afterwards except the finish of
a transaction that was already started.
"""

from collections.abc import Iterable
from datetime import datetime

from kassd.core import facts as f
from kassd.core.codec import json_size
from kassd.core.decision import Draft
from kassd.core.entry import BonType, Line
from kassd.core.facts import Wish
from kassd.core.inputs import TseAnswered, TseOpened, TseSurveyed, TseUnavailable
from kassd.core.master import DEFAULT_STATION, tse_deadline_ns, vat_keys
from kassd.core.numbers.resume import from_tse
from kassd.core.orders.state import unsecured
from kassd.core.process_data import ORDER, RECEIPT, order_process_data, receipt_process_data
from kassd.core.receipts.exemption import hand_out
from kassd.core.slips import sale_document, seal_of
from kassd.core.state import Sale, State
from kassd.core.totals import payment_rows, vat_rows
from kassd.core.vouchers.slip import print_vouchers
from kassd.core.wording import outage_sentence

ENDING = ("signing", "aborting")
PRINTED = ("Beleg", "AVRechnung", "AVTransfer", "AVTraining", "AVSachbezug", "AVSonstige")
CALLS = ("tse.start", "tse.finish")
NOT_CONFIGURED = "not_configured"  # reason of an outage: there is no device to be asked
PROBE_FIRST_S, PROBE_MAX_S = 5, 300
MAX_LINE_WEIGHT = 40_000  # a journal line has 64 KiB; what does not fit is issued with the next tick
SLIP_WEIGHT = 1_500  # bytes of a slip without its positions, and of the facts and wish that go with it
VOUCHER_WEIGHT = 1_000  # bytes of the slip that a sold voucher gets besides the receipt
MAX_ORDER_WEIGHT = 54_000  # of an order; the rest of its line are the TSE's values, issuer, head and hash
POSITION_WEIGHT = 170  # bytes of a slip's position besides its text and note
LINE_WEIGHT = 200  # bytes of the fact of an entered line more than of its position
MAX_ORPHANS = 20  # ended in one line
MAX_CALLS = 64  # wished in one line; the first answers bring the rest


def outstanding(state: State, sale: str, kind: str) -> str:
    """Id of the unanswered wish of ``kind`` for a sale, '' if none."""
    for wish in state.outbox.values():
        if wish.kind == kind and wish.args["sale"] == sale:
            return wish.id
    return ""


def usable(d: Draft) -> bool:
    """Whether the TSE may be asked to sign; an expired certificate is an outage (L-040)."""
    if d.state.tse.outage is None and certificate_expired(d.state, d.stamp.at):
        begin_outage(d, "certificate_expired")
    return d.state.tse.outage is None


def ask_start(d: Draft, sale_id: str) -> None:
    """Start the transaction of a Vorgang that has just begun, unless the TSE is in outage."""
    if usable(d):
        d.wish("tse.start", sale=sale_id)


def is_aborted(sale: Sale) -> bool:
    """Whether the Vorgang ends, or has ended, without a receipt."""
    return sale.status in ("aborting", "aborted")


def bon_type(sale: Sale) -> BonType:
    """BON_TYP of a Vorgang by the way it ends."""
    practised = sale.bon_type == "AVTraining"
    return "AVBelegabbruch" if is_aborted(sale) and not practised else sale.bon_type


def _number(d: Draft, sale: Sale) -> Sale:
    """Give the Vorgang its number and the process data it is finished with."""
    if sale.number:
        return sale
    d.fact(f.SaleNumbered(sale.id, d.state.receipt + 1, d.at, *_process(d.state, sale)))
    return d.state.sales[sale.id]


def _process(state: State, sale: Sale) -> tuple[str, str]:
    """Process type and data of a Vorgang by the way it ends; only a Beleg has payments (Anhang I)."""
    kind = bon_type(sale)
    if kind == "AVBestellung":
        return ORDER, order_process_data((line.quantity, line.text, line.unit_price) for line in sale.lines)
    rows = [] if is_aborted(sale) else [(vat, gross) for vat, gross, _, _ in vat_rows(sale.lines)]
    payments = payment_rows(kind, sale.payments)
    return RECEIPT, receipt_process_data(kind, rows, payments, vat_keys(state.config))


def _issue(d: Draft, sale: Sale, answer: TseAnswered | None) -> None:
    bound = d.state.tse.bound
    seal = seal_of(bound, sale, answer) if answer is not None and bound is not None else None
    outage = d.state.tse.outage.id if seal is None and d.state.tse.outage else ""
    document = sale_document(d.state, sale, d.at, seal)
    d.fact(f.SaleFinished(sale.id, sale.number, bon_type(sale), d.at, outage, document))
    own_slip = sale.case == "Anfangsbestand" or sale.slip  # nobody gets one, or has it on paper already
    if not is_aborted(sale) and sale.bon_type in PRINTED and not own_slip:
        hand_out(d, sale, document)
        print_vouchers(d, sale)


def issue_unsigned(d: Draft, sale: Sale) -> None:
    """Issue as outage; its call, if the TSE has one, may still answer late."""
    sale = _number(d, sale)
    for kind in ("tse.start", "tse.finish"):
        wish = outstanding(d.state, sale.id, kind)
        if wish:
            d.fact(f.TseWithdrawn(wish))
    _issue(d, sale, None)


def begin_outage(d: Draft, reason: str, message: str = "") -> None:
    """Open the outage record (AEAO zu § 146a Nr. 1.14); what waits for the TSE is issued by settling."""
    if d.state.tse.outage is None:
        serial = d.state.tse.bound.serial_number if d.state.tse.bound else ""
        why = outage_sentence(reason, message)
        d.fact(f.OutageBegan(f"A{d.stamp.seq}", d.at, reason, why, serial))
        _schedule_probe(d)


def _schedule_probe(d: Draft) -> None:
    outage = d.state.tse.outage
    if outage is not None:
        pause = min(outage.pause_s * 2, PROBE_MAX_S) or PROBE_FIRST_S
        d.fact(f.ProbeAsked(d.stamp.mono + pause * 1_000_000_000, pause))


def _end_outage(d: Draft) -> None:
    outage = d.state.tse.outage
    if outage is not None:
        d.fact(f.OutageEnded(outage.id, d.at, outage.unsigned, outage.unsigned_sum))


def certificate_expired(state: State, at: datetime) -> bool:
    """Whether the bound TSE's certificate has ended; it is never signed with again (L-040)."""
    bound = state.tse.bound
    return bound is not None and 0 < bound.certificate_expiry <= at.timestamp()


def bind(d: Draft, info: TseOpened) -> None:
    """This TSE signs for this register from now on."""
    d.fact(
        f.TseBound(
            info.serial_number,
            info.public_key,
            info.algorithm,
            info.time_format,
            info.client_id,
            info.certificates,
            info.certificate_expiry,
            info.certification_id,
            info.description,
            d.at,
        )
    )


def on_opened(d: Draft, info: TseOpened) -> None:
    """The TSE answers: bind it the first time, refuse another one, end the outage, resolve what is open."""
    bound = d.state.tse.bound
    if bound is None:
        bind(d, info)
    elif (bound.serial_number, bound.public_key) != (info.serial_number, info.public_key):
        begin_outage(d, "wrong_tse", "Falsche TSE: bitte die zur Kasse gehörende TSE einsetzen.")
        return
    if certificate_expired(d.state, d.stamp.at):
        usable(d)
        return
    _end_outage(d)
    d.fact(f.TseSeen(True, False))
    d.ask("tse.resume")


def on_surveyed(d: Draft, survey: TseSurveyed) -> None:
    """Transactions that nobody owns end as AVBelegabbruch; outage receipts whose transaction is not open
    have nothing left to finish. A survey that an outage has overtaken says nothing."""
    tse = d.state.tse
    if tse.bound is None or tse.outage is not None:
        return
    for late in tse.late:
        pending = any(outstanding(d.state, late.sale, kind) for kind in CALLS)
        if late.number not in survey.open_transactions and not pending:
            d.fact(f.TseDropped("", late.sale, "not_open", "Die Transaktion ist auf der TSE nicht offen."))
    owned = {s.transaction.number for s in d.state.sales.values() if s.transaction}
    owned |= {late.number for late in tse.late}
    orphans = [number for number in dict.fromkeys(survey.open_transactions) if number not in owned]
    if len(orphans) > MAX_ORPHANS:
        d.ask("tse.resume")  # the next survey brings the rest
    for number in orphans[:MAX_ORPHANS]:
        sale = d.new_sale_id()
        d.fact(f.SaleOpened(sale, "orphan", DEFAULT_STATION, "", d.at, reason="unread_start"))
        d.fact(f.TseStarted(sale, "", number, 0, "", tse.bound.serial_number, ""))
        d.fact(f.AbortAsked(sale, d.at, "unread_start"))
    d.fact(f.TseSeen(True, True))
    known = d.state.tse.newest
    if survey.newest is not None and survey.newest > known and len(orphans) <= MAX_ORPHANS:
        message = f"Die TSE kennt Transaktion {survey.newest}, das Journal nur bis {known}."
        receipt = from_tse(d.state, survey.newest)
        d.fact(f.RollbackSeen(d.at, "tse", message, receipt=receipt, transaction=survey.newest))


def on_unavailable(d: Draft, input: TseUnavailable) -> None:
    """A probe or opening failed, or there is nobody to ask: that is another outage than that of a device."""
    outage = d.state.tse.outage
    if outage is not None and (outage.reason == NOT_CONFIGURED) != (input.error == NOT_CONFIGURED):
        _end_outage(d)
    if d.state.tse.bound is not None:
        begin_outage(d, input.error, input.message)


def on_answered(d: Draft, answer: TseAnswered) -> None:
    """End of a start or finish call, in time, late, or not at all."""
    wish = d.state.outbox.get(answer.wish)
    if wish is None or wish.kind not in CALLS:
        return
    sale_id = str(wish.args["sale"])
    if answer.error:
        _on_error(d, wish, answer)
        return
    values = (
        answer.transaction_number,
        answer.signature_counter,
        answer.log_time,
        answer.serial_number,
        answer.signature,
    )
    d.tse = {
        "serial": answer.serial_number,
        "transaction": answer.transaction_number,
        "counter": answer.signature_counter,
        "time": answer.log_time,
    }
    sale = d.state.sales.get(sale_id)
    in_time = sale is not None and (wish.kind == "tse.start" or sale.status in ENDING)
    if not in_time:
        operation = wish.kind.removeprefix("tse.")
        d.fact(f.TseLate(sale_id, wish.id, operation, *values))
    elif wish.kind == "tse.start":
        d.fact(f.TseStarted(sale_id, wish.id, *values))
    else:
        d.fact(f.TseFinished(sale_id, wish.id, *values))
    if d.state.tse.outage is not None and not certificate_expired(d.state, d.stamp.at):
        _end_outage(d)
        d.ask("tse.resume")
    if in_time and sale is not None and wish.kind == "tse.finish":
        _issue(d, sale, answer)


def _on_error(d: Draft, wish: Wish, answer: TseAnswered) -> None:
    """A call without a signature. Where its outcome is unknown it stays on the to-do list."""
    refused = answer.error.startswith("refused")
    not_wanted = not answer.begun and wish.id in d.state.tse.withdrawn
    if refused or not answer.begun:
        d.fact(f.TseDropped(wish.id, str(wish.args["sale"]), answer.error, answer.message))
    # The TSE answers and refuses to finish an outage receipt: that receipt is as complete as it will be.
    hopeless = refused and bool(wish.args.get("late"))
    if not (not_wanted or hopeless):
        begin_outage(d, answer.error, answer.message)


def settle_signing(d: Draft) -> None:
    """Deadlines, starts, finishes, late finishes and probes: what follows from the state alone."""
    if any(due <= d.stamp.mono for due in _deadlines(d.state)):
        begin_outage(d, "silent")
    for sale in tuple(d.state.sales.values()):
        _next_step(d, sale)
    outage = d.state.tse.outage
    if outage is None:
        _finish_late(d)
    elif outage.probe_at == 0:
        _schedule_probe(d)
    elif d.stamp.mono >= outage.probe_at:
        d.ask("tse.probe")
        _schedule_probe(d)


def _next_step(d: Draft, sale: Sale) -> None:
    """Start, finish or issue one Vorgang, unless a call of it is outstanding."""
    ending = sale.status in ENDING and not _waits(d.state, sale)
    if d.state.tse.outage is not None:
        if ending and _fits(d, sale):
            issue_unsigned(d, sale)
    elif outstanding(d.state, sale.id, "tse.start"):
        return
    elif sale.transaction is None and ending:  # after payment no new start, ever
        begin_outage(d, "start_failed")
    elif sale.transaction is None:
        ask_start(d, sale.id)
    elif sale.kind == "check" and not ending:  # that a new TSE signs is all it is for
        d.fact(f.AbortAsked(sale.id, d.at, sale.reason))
    elif ending and not outstanding(d.state, sale.id, "tse.finish") and usable(d):
        if d.wishes and _crowded(d, _process(d.state, sale)[1]):
            return
        sale = _number(d, sale)
        d.wish(
            "tse.finish",
            sale=sale.id,
            transaction=sale.transaction.number if sale.transaction else 0,
            process_type=sale.process_type,
            process_data=sale.process_data,
        )


def _waits(state: State, sale: Sale) -> bool:
    """A bill that was changed is finished after the orders that secure the changes (FISCAL 7)."""
    bill = state.orders.bills.get(sale.id)
    if bill is None or sale.status == "aborting":
        return False
    return bool(unsecured(sale, bill)) or any(order in state.sales for order in bill.orders)


def _fits(d: Draft, sale: Sale) -> bool:
    """Whether this line still has room for the slip; the first always fits."""
    issued = [fact.document for fact in d.facts if isinstance(fact, f.SaleFinished)]
    entered = [fact.text + fact.below for fact in d.facts if isinstance(fact, f.LineAdded)]
    texts = [item.text + item.note for document in issued for item in document.positions]
    weight = line_weight(texts) + SLIP_WEIGHT * len(issued)
    weight += sum(json_size(fact.process_data) for fact in d.facts if isinstance(fact, f.SaleNumbered))
    ordered = bon_type(sale) == "AVBestellung"
    weight += order_weight(sale.lines) if ordered else line_weight(one.text + one.below for one in sale.lines)
    weight += line_weight(entered) + LINE_WEIGHT * len(entered) + vouchers_weight(sale.lines)
    return not (issued or entered[1:]) or weight <= MAX_LINE_WEIGHT


def line_weight(texts: Iterable[str]) -> int:
    """About how many bytes these lines take in a slip."""
    together = tuple(texts)
    return 100 * len(together) + json_size("".join(together))


def order_weight(lines: Iterable[Line]) -> int:
    """At most how many bytes these lines of an order take where the TSE has answered: in the slip, and in the
    process data of its seal and of its QR code; fact and wish that ask for it take less."""
    together = tuple(lines)
    rows = ((line.quantity, line.text, line.unit_price) for line in together)
    slip = POSITION_WEIGHT * len(together) + json_size("".join(line.text + line.below for line in together))
    return slip + 2 * json_size(order_process_data(rows))


def vouchers_weight(lines: Iterable[Line]) -> int:
    """About how many bytes the slips of the vouchers take that these lines sell."""
    return VOUCHER_WEIGHT * sum(bool(line.voucher) and line.amount > 0 for line in lines)


def late_waits(state: State) -> bool:
    """Transactions of outage receipts are finished before a closing, while the TSE answers (FISCAL 2)."""
    return state.tse.outage is None and any(not late.refused for late in state.tse.late)


def _finish_late(d: Draft) -> None:
    if not d.state.tse.surveyed or certificate_expired(d.state, d.stamp.at):
        return
    for late in d.state.tse.late:
        if _crowded(d, late.process_data):
            return
        if late.number and not late.refused and not outstanding(d.state, late.sale, "tse.finish"):
            d.wish(
                "tse.finish",
                sale=late.sale,
                transaction=late.number,
                process_type=late.process_type,
                process_data=late.process_data,
                late=True,
            )


def _crowded(d: Draft, process_data: str) -> bool:
    """Whether one more finish is too much for this line; the answers to what it wishes bring the rest."""
    wished = [str(wish.args["process_data"]) for wish in d.wishes if wish.kind == "tse.finish"]
    weight = sum(json_size(data) for data in (*wished, process_data))
    return len(d.wishes) >= MAX_CALLS or (bool(wished) and 2 * weight > MAX_LINE_WEIGHT)


def _deadlines(state: State) -> list[int]:
    """Monotonic ns after which the TSE counts as silent."""
    if state.tse.outage is not None or not state.config:
        return []
    limit = tse_deadline_ns(state.config)
    # A TSE that answers is not silent, however many Vorgänge wait for it.
    heard = state.tse.heard
    times = [max(s.deadline, heard) + limit for s in state.sales.values() if s.status in ENDING]
    procedure = state.till.procedure
    if procedure is not None and procedure.kind == "close" and not state.sales and late_waits(state):
        times.append(max(procedure.touched, heard) + limit)
    return times


def next_deadline(state: State) -> int | None:
    """Monotonic ns of the next thing this module waits for."""
    times = _deadlines(state)
    outage = state.tse.outage
    if outage is not None:
        times += [s.deadline for s in state.sales.values() if s.status in ENDING]
        times += [outage.probe_at] if outage.probe_at else []
    return min(times, default=None)
