"""The current sale becomes a benefit in kind, or what the owner takes."""

from kassd.core import facts as f
from kassd.core.benefits.args import SaleBenefit
from kassd.core.decision import Draft, Rejected, bad_args, one_line
from kassd.core.entry import BonType, Customer
from kassd.core.goods.age import require_age
from kassd.core.perform import Answer, performs
from kassd.core.selling import current, require_no_return, require_open_till

CASES = ("Umsatz", "Pfand", "Rabatt", "Aufschlag")
MAX_NAME = 50
TAKEN = "Sachentnahme"


@performs(SaleBenefit)
def _benefit(d: Draft, station: str, args: SaleBenefit) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    require_no_return(sale)
    person = _person(args)
    standing = sale.standing()
    goods = all(line.case in CASES and not (line.voucher or line.account) for line in standing)
    if not standing or not goods or sale.paid or sale.total < 0 or sale.id in d.state.orders.bills:
        raise Rejected("not_a_benefit")
    require_age(d, sale)
    kind: BonType = "AVSachbezug" if args.employee else "AVSonstige"
    reason = one_line(args.reason, "reason", 100)
    name = "" if args.employee else TAKEN
    d.fact(f.CustomerSet(sale.id, d.at, person, d.operator(station)))
    d.fact(f.SaleTyped(sale.id, d.at, kind, name, reason))
    d.fact(f.SalePaid(sale.id, d.at))
    return "accepted", {"sale": sale.id, "total": sale.total}


def _person(args: SaleBenefit) -> Customer:
    owner = one_line(args.owner, "owner", MAX_NAME)
    if (args.employee is None) == (not owner):
        raise bad_args("expected one of employee and owner", "(Mitarbeiter oder Inhaber angeben.)")
    if args.employee is None:
        return Customer(owner, type="Inhaber")
    name = one_line(args.employee.name, "name", MAX_NAME)
    if not name:
        raise Rejected("person_required")
    return Customer(name, id=one_line(args.employee.id, "id", MAX_NAME), type="Mitarbeiter")
