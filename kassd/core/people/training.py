"""Training mode: the same way through the register, without money (FISCAL 12, DSFinV-K 4.2.6).

What is entered becomes AVTraining: signed, on no report's turnover, without a payment row; the drawer stays
shut. Whatever would last beyond the sale is refused.
"""

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected
from kassd.core.people.args import ModeTraining, OperatorLock, OperatorLogin, OperatorLogout
from kassd.core.perform import Answer, performs

ALLOWED = ("sale.", "transfer.", "operator.", "mode.training", "article.", "print.", "tse.")
# What only tells is told at any moment, with the figures of the real till (AEAO zu § 146b Nr. 1).
READING = ("cash.expected", "till.report", "tip.balance", "voucher.balance")
LASTING = ("sale.park", "sale.recall", "sale.benefit", "sale.identify")
LASTING_TENDERS = ("voucher", "account", "down_payment")


def check_training(d: Draft, station: str, name: str, args: object) -> None:
    """Refuse what has no place in training."""
    if not d.state.station(station).training:
        return
    if isinstance(args, (ModeTraining, OperatorLogin, OperatorLogout, OperatorLock)):
        return
    lasting = name in LASTING or getattr(args, "type", None) in LASTING_TENDERS
    if lasting or not (name in READING or name.startswith(ALLOWED)):
        raise Rejected("training_mode")


@performs(ModeTraining)
def _switch(d: Draft, station: str, args: ModeTraining) -> Answer:
    if d.state.current(station) is not None:
        raise Rejected("sale_open")
    if args.on and not d.state.till.open:
        raise Rejected("till_closed")
    if args.on and d.state.till.procedure is not None:
        raise Rejected("till_closing")
    if args.on != d.state.station(station).training:
        d.fact(f.TrainingSwitched(station, args.on, d.operator(station), d.at))
    return "ok", {"training": args.on}


def end_training(d: Draft) -> None:
    """A closing ends the training of every station."""
    for name, station in d.state.stations.items():
        if station.training:
            d.fact(f.TrainingSwitched(name, False, d.operator(name), d.at, "closing"))
