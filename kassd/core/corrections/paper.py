"""Numbered paper slips, written while the register was down, are captured later: once each, with the time
they were written and the TSE's time of now (AEAO zu § 146a Nr. 2.7; procedure for total failure)."""

from datetime import datetime
from decimal import Decimal

from kassd.core import facts as f
from kassd.core.cash.accounts import account_of
from kassd.core.codec import encode
from kassd.core.corrections.args import PaperCapture, PaperLine, PaperPayment, PaperVoid
from kassd.core.corrections.found import standing
from kassd.core.corrections.old import looked_up
from kassd.core.corrections.rewrite import payment_fact
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of, shown
from kassd.core.entry import Payment, Reference
from kassd.core.evolve_sale import line_of
from kassd.core.former import config_then, with_keys_then
from kassd.core.goods.args import SaleAdd
from kassd.core.goods.entering import enter
from kassd.core.perform import Answer, performs
from kassd.core.selling import require_open_till
from kassd.core.signing import ask_start
from kassd.core.state import Sale
from kassd.core.tender.cash_limit import check_taken
from kassd.core.tender.means import means_of
from kassd.core.till import change_rates
from kassd.core.vat import rates_on
from kassd.deferred import replace

MAX_SLIP = 40
CAPTURED = "Nacherfassung"  # BON_NAME and REF_NAME
MAX_PAPER_LINES, MAX_PAYMENTS = 60, 20


@performs(PaperCapture)
def capture(d: Draft, station: str, args: PaperCapture) -> Answer:
    """Book a paper slip as a receipt of its own; the customer has the slip, nothing is printed."""
    require_open_till(d.state)
    slip, written_at = _slip(d, args.slip), _time(d, args.at)
    if not 0 < len(args.lines) <= MAX_PAPER_LINES:
        raise bad_args(f"lines: expected 1 to {MAX_PAPER_LINES}", "(Die Positionen des Belegs fehlen.)")
    change_rates(d, station)
    sale_id, operator = d.new_sale_id(), d.operator(station)
    reference = Reference("ExterneSonstige", slip, name="Papierbeleg")
    at = written_at.isoformat(timespec="seconds")
    d.fact(
        f.SaleOpened(
            sale_id, "other", station, operator, d.at, name=CAPTURED, references=(reference,),
            reason=f"{CAPTURED} Papierbeleg {slip} vom {written_at:%d.%m.%Y %H:%M}",
            note=f"Papierbeleg {slip}, ausgestellt {at}",
        )
    )  # fmt: skip
    d.fact(f.PaperCaptured(sale_id, slip, at, d.at, operator))
    _enter(d, sale_id, args.lines, written_at)
    sale = d.state.sales[sale_id]
    if sale.total < 0:
        raise Rejected("amount_invalid")
    _pay(d, sale, args)
    d.fact(f.SalePaid(sale_id, d.at))
    ask_start(d, sale_id)
    return "accepted", {"sale": sale_id, "total": sale.total}


def _pay(d: Draft, sale: Sale, args: PaperCapture) -> None:
    """The tenders on the slip, each as it was taken then; together its sum."""
    given = args.payments or ((PaperPayment(args.payment, sale.total),) if sale.total else ())
    if len(given) > MAX_PAYMENTS:
        raise bad_args(f"payments: expected at most {MAX_PAYMENTS}")
    paid = [(one, means_of(d.state.config, one.type)) for one in given]
    if unknown := next((one.type for one, means in paid if means is None), ""):
        raise Rejected("payment_type_unknown", detail=f"({shown(unknown)})")
    if any(one.amount <= 0 for one in given) or sum(one.amount for one in given) != sale.total:
        raise Rejected("amount_invalid", {"total": sale.total})
    if cash := sum(one.amount for one, means in paid if means is not None and means.type == "Bar"):
        check_taken(d, sale, cash, args.identified)
    operator = d.operator(sale.station)
    for one, means in paid:
        assert means is not None
        drawer = account_of(d.state, sale.station, operator) if means.type == "Bar" else ""
        payment = Payment(means.type, means.name, one.amount, drawer=drawer)
        d.fact(payment_fact(d, sale.id, payment, operator))


def _enter(d: Draft, sale: str, lines: tuple[PaperLine, ...], written_at: datetime) -> None:
    """The lines as they were written: the price on the slip counts, else the price list of that time; the
    rates are those of that day (§ 27 Abs. 1 UStG), under the keys they have today; § 19 UStG counts as it
    applied at that time."""
    rates = {**d.state.rates, **rates_on(written_at.date())}
    then = replace(d.state, rates=rates, config=config_then(d.state, written_at))
    trial = Draft(then, replace(d.stamp, at=written_at), d.actor, rights=d.rights)
    for line in lines:
        values = {key: value for key, value in encode(line).items() if key != "quantity"}
        enter(trial, trial.state.sales[sale], SaleAdd(**values, quantity=Decimal(line.quantity)))
    for fact in trial.facts:
        if isinstance(fact, f.LineAdded):
            today = with_keys_then(d.state, line_of(fact))
            fact = replace(fact, at=d.at, vat=today.vat, shares=today.shares)
        elif isinstance(fact, f.LineVoided):
            fact = replace(fact, at=d.at)
        d.fact(fact)


def _slip(d: Draft, number: str) -> str:
    """A slip that has been neither captured nor voided."""
    slip = one_line(number, "slip", MAX_SLIP)
    if not slip or slip != number:
        raise bad_args("slip: expected the number printed on it", "(Die Nummer des Papierbelegs fehlt.)")
    if slip.isdecimal() and slip.startswith("0"):  # 017 is 17
        raise bad_args("slip: expected no leading zero", "(Die Nummer ohne führende Nullen eingeben.)")
    if standing(d.state, looked_up(d)):
        raise Rejected("slip_captured", {"slip": slip}, f"({slip})")
    return slip


def _time(d: Draft, text: str) -> datetime:
    """The time on the slip, RFC 3339; without an offset it is the register's. Never in the future."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad_args("at: expected RFC 3339", "(Zeit des Belegs: z. B. 2026-11-21T14:05)") from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=d.stamp.at.tzinfo)
    if at > d.stamp.at:
        raise bad_args("at: lies in the future", "(Die Zeit des Belegs liegt in der Zukunft.)")
    return at.replace(microsecond=0)


@performs(PaperVoid)
def void(d: Draft, station: str, args: PaperVoid) -> Answer:
    """A spoilt slip: its number is used up, with the reason."""
    slip = _slip(d, args.slip)
    d.fact(f.PaperVoided(slip, d.at, reason_of(args.reason), d.operator(station)))
    return "ok", {"slip": slip}
