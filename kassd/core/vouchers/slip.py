"""The slip of a sold voucher: what it is worth, until when, and its number to be scanned."""

from kassd.core.decision import Draft
from kassd.core.document import Document
from kassd.core.master import is_test, issuer, register_id
from kassd.core.printing import print_document
from kassd.core.state import Sale, State
from kassd.core.vouchers.facts import VoucherPrinted
from kassd.core.vouchers.state import Voucher


def print_vouchers(d: Draft, sale: Sale) -> None:
    """Print a slip for each voucher that a finished sale has sold."""
    for line in sale.standing():
        voucher = d.state.vouchers.get(line.voucher)
        if voucher is not None and line.amount > 0 and voucher.receipt == str(sale.number):
            document = voucher_document(d.state, sale, voucher, d.at)
            d.fact(VoucherPrinted(voucher.number, d.at, document))
            print_document(d, document)


def voucher_document(state: State, sale: Sale, voucher: Voucher, at: str) -> Document:
    """The slip; it is no receipt, that is the one of the sale it names."""
    return Document(
        id=f"V{sale.number}-{voucher.number}",
        kind="voucher",
        title=voucher.text,
        number=str(sale.number),
        register=register_id(state.config),
        issuer=issuer(state.config),
        issued_at=at,
        station=sale.station,
        operator=sale.operator,
        test=is_test(state.config),
        total=voucher.value,
        code=voucher.number,
        valid_until=voucher.expiry,
    )
