"""A code from a scanner stands for a command and asks for the same right: an article, a voucher, a slip for
empties, or one of the printed control codes.

What cannot be done is said at the station; only commands and devices write what was refused.
"""

from decimal import Decimal

from kassd.core.arguments import Arguments
from kassd.core.barcodes.control import ControlAction, control_action
from kassd.core.codes import CODES
from kassd.core.commands import COMMANDS, SaleAbort, SalePay, SaleVoidLine, TillReport
from kassd.core.corrections.args import ReceiptReprint
from kassd.core.credit.args import EmptiesRedeem
from kassd.core.credit.empties import value_of
from kassd.core.decision import Draft, Rejected, require_tse, shown
from kassd.core.facts import MessageShown
from kassd.core.goods.args import SaleAdd, SaleApproveAge, SaleQuantity, SaleSetInHouse
from kassd.core.inputs import Scanned
from kassd.core.judging import carry_out
from kassd.core.master import control_prefix, is_attended
from kassd.core.numbers.resume import require_decided
from kassd.core.people import access
from kassd.core.people.login import login_by_card
from kassd.core.people.training import check_training
from kassd.core.power.running_low import require_power
from kassd.core.room import reason, require_room
from kassd.core.state import State

NAMES = {cls: name for name, cls in COMMANDS.items()}
# What customers may do by themselves: whoever holds the sheet of codes is one of them.
SELF_SERVICE: tuple[ControlAction, ...] = ("quantity", "in_house", "take_away")


def on_scanned(d: Draft, scan: Scanned) -> Draft:
    """Carry the code out; refused, or broken off by a defect, it is a message and nothing else."""
    fresh = Draft(d.state, d.stamp)
    try:
        scanned(d, scan)
    except Rejected as rejection:
        rejection = reason(rejection, d.stamp)
        tell(fresh, scan, rejection.code, rejection.detail)
        return fresh
    except Exception as fault:  # noqa: BLE001 - a code must not stop the register
        tell(fresh, scan, "internal_error")
        fresh.faults.append(fault)
        return fresh
    return d


def tell(d: Draft, scan: Scanned, name: str, detail: str = "") -> None:
    """Say at the station why a code was not carried out: ``name`` of :mod:`kassd.core.codes`."""
    code = CODES[name]
    text = f"{code.message} {detail} {code.next}".replace("  ", " ")
    d.fact(MessageShown(scan.station, text, name, shown(scan.text)))


def scanned(d: Draft, scan: Scanned) -> None:
    """What the code asks for. :class:`~kassd.core.decision.Rejected` where it is not to be had."""
    if login_by_card(d, scan.station, scan.text):
        return
    require_tse(d.state)
    require_decided(d.state)
    args = _command(d.state, scan)
    access.admit_scan(d, scan.station, args.right)
    check_training(d, scan.station, NAMES[type(args)], args)
    access.used(d, scan.station)
    carry_out(d, scan.station, args)
    require_room(d, NAMES[type(args)])
    require_power(d)


def _command(state: State, scan: Scanned) -> Arguments:
    """A voucher of the shop pays, a slip for empties is taken, the rest is goods or a coupon."""
    found = control_action(scan.text, control_prefix(state.config))
    if found is not None:
        if found[0] not in SELF_SERVICE and not is_attended(state.config, scan.station):
            raise Rejected("attended_only")
        return _control(*found)
    if scan.text in state.vouchers:
        return SalePay(type="voucher", code=scan.text)
    if value_of(state, scan.text) is not None:
        return EmptiesRedeem(code=scan.text)
    return SaleAdd(code=scan.text, aim=scan.aim)


def _control(action: ControlAction, number: int | None) -> Arguments:
    match action:
        case "cash":
            return SalePay(type="cash", given=number)
        case "card":
            return SalePay(type="card")
        case "void_last":
            return SaleVoidLine()
        case "abort":
            return SaleAbort()
        case "reprint":
            return ReceiptReprint()
        case "report":
            return TillReport()
        case "quantity":
            return SaleQuantity(quantity=Decimal(number or 1))
        case "in_house" | "take_away":
            return SaleSetInHouse(in_house=action == "in_house")
        case "approve_age":
            return SaleApproveAge()
