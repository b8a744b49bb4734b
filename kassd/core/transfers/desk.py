"""What people say of a credit transfer."""

from typing import Literal

from kassd.core.decision import Draft, Rejected
from kassd.core.paying import book_transfer
from kassd.core.perform import Answer, performs
from kassd.core.selling import require_open_till
from kassd.core.transfers.args import TransferSettle
from kassd.core.transfers.asking import end_transfer


@performs(TransferSettle)
def _settle(d: Draft, station: str, args: TransferSettle) -> Answer:
    require_open_till(d.state)
    sale = d.state.current(station)
    if sale is None or sale.transfer is None:
        raise Rejected("no_transfer")
    transfer = sale.transfer
    if not args.paid:
        end_transfer(d, sale, "dropped")
    else:
        result: Literal["received", "accepted"] = "received" if args.received else "accepted"
        book_transfer(d, end_transfer(d, sale, result), result, transfer)
    return "accepted" if args.paid else "ok", {"sale": sale.id, "paid": args.paid}
