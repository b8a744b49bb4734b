"""Weighing on the station's coupled scale.

Only with a certified combination of scale and register (MessEG, MessEV; WELMEC 2.2, 7.2): what the scale
weighs and computes goes into the line unchanged, or the line is not sold. Goods with labels of a labelling
scale, and weights typed in from a scale that stands alone, need nothing of this.
"""

from decimal import Decimal

from kassd.core import facts as f
from kassd.core.codes import CODES
from kassd.core.decision import Draft, Rejected, bad_args
from kassd.core.goods.args import SaleAdd
from kassd.core.goods.entering import add
from kassd.core.goods.lookup import look_up
from kassd.core.goods.pricing import price_now
from kassd.core.inputs import Weighed
from kassd.core.master import DEFAULT_STATION, Config, items
from kassd.core.power.running_low import require_power
from kassd.core.printing import is_usable
from kassd.core.scale.order import ENDED_BY_WEIGHING, WeighOrder
from kassd.core.selling import require_open_till
from kassd.core.state import State

MAX_TARE = 9999  # grams: four digits on the wire
AGAIN = "Bitte noch einmal wiegen."


def scale_of(config: Config, station: str) -> str:
    """Name of the station's scale, '' if it has none."""
    found = (
        name for name, one in items(config, "scale").items() if one.get("station", DEFAULT_STATION) == station
    )
    return next(found, "")


def is_weighed(d: Draft, station: str, args: SaleAdd) -> bool:
    """Whether the station's scale is to be asked: goods by weight, and nobody has named one."""
    scale = scale_of(d.state.config, station)
    if not scale or args.quantity is not None or args.text is not None or not (args.code or args.article):
        return False
    if d.state.station(station).next_quantity is not None or not _is_there(d.state, scale):
        return False
    try:
        found = look_up(d, args.code, args.aim, args.article)
    except Rejected:
        return False  # entering it says why
    return found.article.weighed and found.price is None and found.measure is None


def _is_there(state: State, scale: str) -> bool:
    """Whether it can be asked: it works, or only its last weighing went wrong."""
    device = state.devices.get(scale)
    broken = device is not None and device.state == "error" and device.reason in ENDED_BY_WEIGHING
    return broken or is_usable(state, scale)


def ask_scale(d: Draft, station: str, args: SaleAdd) -> WeighOrder:
    """Ask the station's scale; the line comes with its answer (:func:`on_weighed`)."""
    require_open_till(d.state)
    scale = scale_of(d.state.config, station)
    if args.price is not None or args.note:
        raise bad_args("price, note: not for goods that the scale weighs", "(Die Waage rechnet den Preis.)")
    if not 0 <= args.tare <= MAX_TARE:
        raise bad_args(f"tare: expected 0 to {MAX_TARE} grams", f"(Tara: 0 bis {MAX_TARE} g)")
    if str(items(d.state.config, "scale")[scale]["valid_until"]) < d.stamp.at.date().isoformat():
        raise Rejected("scale_expired", detail=f"({scale})")
    article = look_up(d, args.code, args.aim, args.article).article
    sale = d.state.current(station)
    price = price_now(d.state, article, d.stamp.at).unit_price
    order = WeighOrder(
        station, article.id, "" if sale is None else sale.id, price, args.tare, article.name[:13]
    )
    d.ask("scale.weigh", scale=scale, order=order)
    return order


def on_weighed(d: Draft, weighed: Weighed) -> None:
    """The scale's answer becomes a line, or a sentence at the station."""
    station = weighed.order.station
    if weighed.reason:
        d.fact(f.MessageShown(station, weighed.message, "scale"))
        return
    fresh = Draft(d.state, d.stamp)
    detail = ""
    try:
        refused = _enter(fresh, weighed)
    except Rejected as rejection:
        refused, detail = rejection.code, rejection.detail
    if refused:
        text = f"{CODES[refused].message} {detail} {CODES[refused].next}".replace("  ", " ")
        d.fact(f.MessageShown(station, text, refused))
        return
    d.facts.extend(fresh.facts)
    d.volatile.extend(fresh.volatile)
    d.wishes.extend(fresh.wishes)
    d.asks.extend(fresh.asks)
    d.state, d.tse = fresh.state, fresh.tse


def _enter(d: Draft, weighed: Weighed) -> str:
    """The line with its proof; the code of what stands against it, else ''."""
    order = weighed.order
    before = d.state.current(order.station)
    if ("" if before is None else before.id) != order.sale:
        return "weighed_in_vain"
    note = f"gewogen, Tara {order.tare} g" if order.tare else "gewogen"
    quantity = Decimal(weighed.grams) / 1000
    sale, n = add(d, order.station, SaleAdd(article=order.article, quantity=quantity, note=note))
    line = d.state.sales[sale.id].lines[n - 1]
    told = (weighed.unit_price, weighed.amount)
    if told != (order.unit_price, line.amount) or line.unit_price != order.unit_price:
        return "scale_differs"
    own = items(d.state.config, "scale")[weighed.scale]
    proof = (str(own.get("serial_number", "")), str(own.get("certificate", "")))
    weights = (weighed.grams, order.tare, *told)
    operator = d.operator(order.station)
    d.fact(f.LineWeighed(sale.id, n, d.at, operator, weighed.scale, *weights, *proof))
    require_power(d)
    return ""
