"""A code is shown; what became of it is said by a person. The register never believes by itself."""

from typing import Literal

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected
from kassd.core.document import Document
from kassd.core.entry import standing_payments
from kassd.core.master import Config, is_test, issuer, register_id
from kassd.core.printing import print_document
from kassd.core.state import Sale
from kassd.core.tender.means import Means
from kassd.core.transfers.epc import REFERENCE, epc_text, grouped
from kassd.core.transfers.inputs import TransferDrawn

GIROCODE = "girocode"
TITLE = "Überweisung per GiroCode - kein Beleg"
# ZAHLART_NAME: whoever reads receipt, Z or export sees what is not certain.
NAMES = {"received": "Überweisung", "accepted": "Überweisung, unbestätigt"}


def means_of_transfer(result: Literal["received", "accepted"]) -> Means:
    """The means of payment of a transfer that was settled so."""
    return Means("Unbar", NAMES[result])


def ask_transfer(d: Draft, sale: Sale, amount: int) -> Sale:
    """Show the customer a code for ``amount`` cents; the sale waits until somebody says what came of it."""
    config = d.state.config
    if not has_girocode(config):
        raise Rejected("payment_type_unknown", detail=f"({GIROCODE})")
    if amount <= 0:
        raise Rejected("amount_invalid")
    reference = f"{register_id(config)} {sale.id}"
    account = (str(config["girocode.name"]), str(config["girocode.iban"]))
    content = epc_text(*account, amount, reference[:REFERENCE], str(config.get("girocode.bic") or ""))
    d.fact(f.TransferAsked(sale.id, d.at, amount, reference, content, d.operator(sale.station)))
    if config.get("girocode.slip"):
        document = _slip(d, sale, amount, content, account)
        d.fact(f.TransferPrinted(sale.id, d.at, document))
        print_document(d, document)
    return d.state.sales[sale.id]


def has_girocode(config: Config) -> bool:
    """Whether ``[girocode]`` names an account."""
    return bool(config.get("girocode.iban"))


def drop_transfer(d: Draft, station: str) -> None:
    """The current sale waits no longer: it is paid otherwise, or not at all."""
    sale = d.state.current(station)
    if sale is not None and sale.transfer is not None:
        end_transfer(d, sale, "dropped")


def end_transfer(d: Draft, sale: Sale, result: Literal["received", "accepted", "dropped"]) -> Sale:
    """Somebody has said so; unpaid, the sale goes on as if no code had been shown."""
    d.fact(f.TransferEnded(sale.id, d.at, result, d.operator(sale.station)))
    if result == "dropped" and not standing_payments(sale.payments):
        d.fact(f.SaleReopened(sale.id, d.at, d.operator(sale.station)))
    return d.state.sales[sale.id]


def on_drawn(d: Draft, drawn: TransferDrawn) -> None:
    """The code can be shown on displays, as long as it is waited for."""
    sale = d.state.sales.get(drawn.sale)
    if sale is not None and sale.transfer is not None and sale.transfer.content == drawn.content:
        d.fact(f.TransferShown(drawn.sale, drawn.content, drawn.edge, drawn.bits))


def _slip(d: Draft, sale: Sale, amount: int, content: str, account: tuple[str, str]) -> Document:
    name, iban = account
    return Document(
        id=f"G{d.stamp.seq}",
        kind="transfer",
        title=TITLE,
        number="",
        register=register_id(d.state.config),
        issuer=issuer(d.state.config),
        issued_at=d.at,
        station=sale.station,
        operator=sale.operator,
        test=is_test(d.state.config),
        total=amount,
        notes=(name, grouped(iban), f"{register_id(d.state.config)} {sale.id}"),
        code=content,
    )
