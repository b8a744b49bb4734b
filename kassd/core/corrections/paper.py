"""Numbered paper slips, written while the register was down, are captured later: once each, with the time
they were written and the TSE's time of now (AEAO zu § 146a Nr. 2.7; procedure for total failure)."""

from datetime import datetime
from decimal import Decimal

from kassd.core import facts as f
from kassd.core.cash.accounts import account_of
from kassd.core.codec import encode
from kassd.core.corrections.args import PaperCapture, PaperLine, PaperVoid
from kassd.core.corrections.found import standing
from kassd.core.corrections.old import looked_up
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of
from kassd.core.entry import Reference
from kassd.core.goods.args import SaleAdd
from kassd.core.goods.entering import enter
from kassd.core.perform import Answer, performs
from kassd.core.selling import require_open_till
from kassd.core.signing import ask_start
from kassd.core.state import Sale
from kassd.core.tender.means import means_of

MAX_SLIP = 40
CAPTURED = "Nacherfassung"  # BON_NAME and REF_NAME
MAX_PAPER_LINES = 60


@performs(PaperCapture)
def capture(d: Draft, station: str, args: PaperCapture) -> Answer:
    """Book a paper slip as a receipt of its own; the customer has the slip, nothing is printed."""
    require_open_till(d.state)
    slip, written_at = _slip(d, args.slip), _time(d, args.at)
    means = means_of(d.state.config, args.payment)
    if means is None:
        raise Rejected("payment_type_unknown", detail=f"({args.payment[:40]})")
    if not 0 < len(args.lines) <= MAX_PAPER_LINES:
        raise bad_args(f"lines: expected 1 to {MAX_PAPER_LINES}", "(Die Positionen des Belegs fehlen.)")
    sale_id, operator = d.new_sale_id(), d.operator(station)
    reference = Reference("ExterneSonstige", slip, name="Papierbeleg")
    d.fact(
        f.SaleOpened(
            sale_id, "other", station, operator, d.at, name=CAPTURED, references=(reference,),
            reason=f"{CAPTURED} Papierbeleg {slip} vom {datetime.fromisoformat(written_at):%d.%m.%Y %H:%M}",
        )
    )  # fmt: skip
    d.fact(f.PaperCaptured(sale_id, slip, written_at, d.at, operator))
    for line in args.lines:
        _enter(d, sale_id, line)
    sale = d.state.sales[sale_id]
    if sale.total < 0:
        raise Rejected("amount_invalid")
    if sale.total:
        drawer = account_of(d.state, station, operator) if means.type == "Bar" else ""
        d.fact(
            f.PaymentAdded(
                type=means.type, name=means.name, amount=sale.total, drawer=drawer, sale=sale_id, at=d.at,
                operator=operator,
            )
        )  # fmt: skip
    d.fact(f.SalePaid(sale_id, d.at))
    ask_start(d, sale_id)
    return "accepted", {"sale": sale_id, "total": sale.total}


def _enter(d: Draft, sale: str, line: PaperLine) -> Sale:
    """One line as written: the price on the slip counts, whatever the catalogue says today."""
    values = {key: value for key, value in encode(line).items() if key != "quantity"}
    return enter(d, d.state.sales[sale], SaleAdd(**values, quantity=Decimal(line.quantity)))


def _slip(d: Draft, number: str) -> str:
    """A slip that has been neither captured nor voided."""
    slip = one_line(number, "slip", MAX_SLIP)
    if not slip or slip != number:
        raise bad_args("slip: expected the number printed on it", "(Die Nummer des Papierbelegs fehlt.)")
    if standing(d.state, looked_up(d)):
        raise Rejected("slip_captured", {"slip": slip}, f"({slip})")
    return slip


def _time(d: Draft, text: str) -> str:
    """The time on the slip, RFC 3339; without an offset it is the register's. Never in the future."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad_args("at: expected RFC 3339", "(Zeit des Belegs: z. B. 2026-11-21T14:05)") from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=d.stamp.at.tzinfo)
    if at > d.stamp.at:
        raise bad_args("at: lies in the future", "(Die Zeit des Belegs liegt in der Zukunft.)")
    return at.isoformat(timespec="seconds")


@performs(PaperVoid)
def void(d: Draft, station: str, args: PaperVoid) -> Answer:
    """A spoilt slip: its number is used up, with the reason."""
    slip = _slip(d, args.slip)
    d.fact(f.PaperVoided(slip, d.at, reason_of(args.reason), d.operator(station)))
    return "ok", {"slip": slip}
