"""The terminal's own receipts on paper: kept in the journal in any case, printed as configured."""

from kassd.core.cards.facts import CardSlipPrinted
from kassd.core.cards.state import Charge, TerminalSlip
from kassd.core.decision import Draft
from kassd.core.document import Document
from kassd.core.master import is_test, issuer, items, register_id
from kassd.core.printing import print_document

TITLES = {"merchant": "Händlerbeleg", "customer": "Kundenbeleg", "admin": "Kassenschnitt"}
REPEATED = "Wiederholung des letzten Belegs"
SIGNED = "nterschrift"
MAX_ROWS, MAX_WIDTH = 120, 64


def fitting(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Lines as there is room for them in a journal line and on paper."""
    return tuple(line[:MAX_WIDTH] for line in lines[:MAX_ROWS])


def print_copies(d: Draft, charge: Charge) -> None:
    """Print what the customer gets, and what somebody must sign; the merchant's copy where it is wanted. What
    was asked for again comes whole, and marked."""
    again = charge.operation == "repeat"
    wanted = again or bool(items(d.state.config, "terminal").get(charge.terminal, {}).get("merchant_copy"))
    for n, slip in enumerate(charge.slips):
        if slip.copy == "merchant" and not (wanted or _to_be_signed(slip)):
            continue
        document = Document(
            id=f"C{charge.id}-{n + 1}",
            kind="card",
            title=TITLES.get(slip.copy, "Kartenbeleg"),
            number="",
            register=register_id(d.state.config),
            issuer=issuer(d.state.config),
            issued_at=d.at,
            station=charge.station,
            operator=charge.operator,
            test=is_test(d.state.config),
            notes=(REPEATED, *slip.lines) if again else slip.lines,
            copy_at=d.at if again else "",
        )
        d.fact(CardSlipPrinted(charge.id, d.at, document))
        print_document(d, document)


def _to_be_signed(slip: TerminalSlip) -> bool:
    return any(SIGNED in line or SIGNED.upper() in line.upper() for line in slip.lines)
