"""Goods of an agency: sold in another's name and for its account, no turnover of this business (AGENTUR_ID,
Stamm_Agenturen; durchlaufende Posten, § 10 Abs. 1 UStG)."""

from kassd.core.catalog import MAX_PRICE
from kassd.core.credit.args import AgencySell
from kassd.core.decision import Draft, Rejected, bad_args, one_line, shown
from kassd.core.goods.entering import ON_BEHALF
from kassd.core.master import rate_of
from kassd.core.perform import Answer, performs
from kassd.core.selling import MAX_QUANTITY, PLACES, add_line, require_open_till
from kassd.core.vat import KEYS


@performs(AgencySell)
def _sell(d: Draft, station: str, args: AgencySell) -> Answer:
    require_open_till(d.state)
    config = d.state.config
    agency = config.get(f"agency.{args.agency}.id")
    if agency is None:
        raise Rejected("agency_unknown", detail=f"({shown(args.agency)})")
    text = one_line(args.text, "text", 255)
    if not text:
        raise bad_args("text: must not be empty", "(Eine handelsübliche Bezeichnung fehlt.)")
    if not 0 <= args.price <= MAX_PRICE:
        raise Rejected("amount_invalid")
    if not (0 < args.quantity <= MAX_QUANTITY and args.quantity == args.quantity.quantize(PLACES)):
        raise Rejected("quantity_invalid")
    if args.vat not in KEYS:
        raise Rejected("unknown_vat")
    sale = add_line(
        d,
        station,
        text=text,
        quantity=args.quantity,
        unit_price=args.price,
        vat=args.vat,
        rate=rate_of(config, d.state.rates, args.vat),  # § 19 UStG exempts own turnover only
        agency=int(agency),
        reducible=False,
        note=f"{ON_BEHALF} {config[f'agency.{args.agency}.text']}",
    )
    return "ok", {"sale": sale.id, "line": len(sale.lines), "total": sale.total}
