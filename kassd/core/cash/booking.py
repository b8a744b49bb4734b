"""The Vorgang of a cash movement: opened, filled and paid in one line; the TSE's answers end it."""

from decimal import Decimal

from kassd.core import facts as f
from kassd.core.cash.accounts import label
from kassd.core.cash.state import EUR, Movement
from kassd.core.decision import Draft
from kassd.core.entry import Reference
from kassd.core.money import euros
from kassd.core.signing import ask_start
from kassd.core.vat import NOT_TAXABLE


def begin(d: Draft, station: str, operator: str, movement: Movement) -> None:
    """Open, fill and pay the Vorgang; the TSE's answers end it."""
    m, sale = movement, d.new_sale_id()
    references = (Reference("ExterneSonstige", m.voucher, name="Fremdbeleg"),) if m.voucher else ()
    d.fact(
        f.SaleOpened(
            sale,
            "cash",
            station,
            operator,
            d.at,
            m.case,
            m.reason,
            m.person or operator,
            name=m.name,
            references=references,
        )
    )
    _line(d, sale, 1, m, m.amount, _text(d, m, m.account, "von"))
    if m.to is not None:
        _line(d, sale, 2, m, -m.amount, _text(d, m, m.to, "an"))
    legs = [(m.account, m.amount, m.foreign)] + ([(m.to, -m.amount, -m.foreign)] if m.to is not None else [])
    for account, amount, foreign in legs:
        if amount or foreign:
            d.fact(
                f.PaymentAdded(
                    sale=sale,
                    at=d.at,
                    type="Bar",
                    name="Bar",
                    amount=amount,
                    currency=m.currency,
                    foreign=foreign,
                    rate=None if m.currency == EUR else (Decimal(amount) / foreign).quantize(_RATE),
                    drawer=account,
                )
            )
    d.fact(f.SalePaid(sale, d.at))
    ask_start(d, sale)


_RATE = Decimal("0.000001")


def _text(d: Draft, movement: Movement, account: str, way: str) -> str:
    """The line's text: the case, and where there are several accounts or currencies, which one."""
    text = f"{movement.case} ({movement.name})" if movement.name else movement.case
    if movement.to is not None:
        return f"{movement.case} {way} {label(d.state.config, account)}: {euros(abs(movement.amount))} €"
    if movement.currency != EUR:
        text += f" {euros(movement.foreign)} {movement.currency}"
    return f"{text}, {account}" if account else text


def _line(d: Draft, sale: str, n: int, movement: Movement, amount: int, text: str) -> None:
    d.fact(
        f.LineAdded(
            sale=sale,
            n=n,
            at=d.at,
            text=text,
            quantity=Decimal(1),
            unit_price=amount,
            amount=amount,
            vat=NOT_TAXABLE,
            rate=Decimal(0),
            case=movement.case,
            name=movement.name,
        )
    )
