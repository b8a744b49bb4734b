"""What is said of the open sale's slip: the lines for a business meal; that it becomes an offer."""

from kassd.core import facts as f
from kassd.core.credit.common import day_of, german
from kassd.core.decision import Draft, Rejected, bad_args, one_line
from kassd.core.entry import Customer
from kassd.core.perform import Answer, performs
from kassd.core.receipts.args import OfferIssue, SaleHospitality
from kassd.core.selling import current, require_open_till
from kassd.core.slips import OFFER
from kassd.core.state import Sale


@performs(SaleHospitality)
def _hospitality(d: Draft, station: str, args: SaleHospitality) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    if sale.hospitality != args.on:
        d.fact(f.HospitalitySet(sale.id, d.at, args.on, d.operator(station)))
    return "ok", {"sale": sale.id, "hospitality": args.on}


@performs(OfferIssue)
def _offer(d: Draft, station: str, args: OfferIssue) -> Answer:
    """An offer is secured like every other process (AEAO zu § 146a Nr. 1.11.1); nothing is sold by it."""
    require_open_till(d.state)
    sale = current(d.state, station)
    require_goods_only(d, sale)
    name, until = one_line(args.name, "name", 50), day_of(args.valid_until, "valid_until")
    if until and until < d.stamp.at.date().isoformat():
        raise bad_args("valid_until: lies in the past", "(Das Datum ist schon vorbei.)")
    if name:
        d.fact(f.CustomerSet(sale.id, d.at, Customer(name), d.operator(station)))
    reason = f"gültig bis {german(until)}" if until else ""
    d.fact(f.SaleTyped(sale.id, d.at, "AVSonstige", OFFER, reason))
    d.fact(f.SalePaid(sale.id, d.at))
    return "accepted", {"sale": sale.id, "total": sale.total}


def require_goods_only(d: Draft, sale: Sale) -> None:
    """Nothing paid, nothing settled, nothing taken back, no bill of orders: only what is sold."""
    if not sale.standing():
        raise Rejected("nothing_due")
    if sale.paid:
        raise Rejected("sale_part_paid")
    used = any(line.account or line.voucher or line.takes_back for line in sale.standing())
    if used or sale.corrects or sale.id in d.state.orders.bills:
        raise Rejected("not_on_delivery")
    if sale.total < 0:
        raise Rejected("amount_invalid")
