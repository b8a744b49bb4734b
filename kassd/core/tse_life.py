"""The life of a TSE in a register: warnings before its end, its setting up, its replacement (law.md 5.2).

What ``kassd tse setup`` and ``kassd tse swap`` do to the device arrives here step by step, so that every
step that cannot be undone stands in the journal before it is taken, and a swap that was interrupted goes on.
"""

from datetime import datetime

from kassd.core import facts as f
from kassd.core.decision import Draft
from kassd.core.inputs import TseMeasured, TseOpened, TseStepAsked, TseSwapAsked, TseSwapped
from kassd.core.master import DEFAULT_STATION
from kassd.core.signing import ask_start, bind, late_waits
from kassd.core.state import State

DAYS = (1, 7, 14, 30, 60, 90, 180)  # L-039
PERCENT = (95, 90, 80)
DAY_S = 86_400
ADVICE = "Bitte eine neue TSE bestellen und mit kassd tse swap tauschen."


def on_measured(d: Draft, seen: TseMeasured | TseOpened) -> None:
    """Say once at each step down that the TSE's time, signatures or memory come to an end."""
    bound = d.state.tse.bound
    if bound is None or (isinstance(seen, TseOpened) and seen.serial_number != bound.serial_number):
        return
    if seen.certificate_expiry:
        _warn_days(d, seen.certificate_expiry)
    if seen.signatures_left is not None:
        used = 100 * seen.signature_counter // max(1, seen.signature_counter + seen.signatures_left)
        _warn_percent(d, "signatures", used, f"Die TSE hat {used} % ihrer Signaturen verbraucht. {ADVICE}")
    if seen.memory_used is not None:
        text = f"Der Speicher der TSE ist zu {seen.memory_used} % belegt. {ADVICE}"
        _warn_percent(d, "memory", seen.memory_used, text)


def _warn_days(d: Draft, expiry: int) -> None:
    days = max(0, int((expiry - d.stamp.at.timestamp()) // DAY_S))
    level = next((limit for limit in DAYS if days <= limit), 0)
    date = datetime.fromtimestamp(expiry, d.stamp.at.tzinfo).strftime("%d.%m.%Y")
    left = "1 Tag" if days == 1 else f"{days} Tage"
    _warn(d, "expiry", level, f"Das Zertifikat der TSE gilt noch {left}, bis {date}. {ADVICE}")


def _warn_percent(d: Draft, what: str, value: int, message: str) -> None:
    _warn(d, what, next((limit for limit in PERCENT if value >= limit), 0), message)


def _warn(d: Draft, what: str, level: int, message: str) -> None:
    known = d.state.tse.warnings.get(what)
    if level != (known.level if known else 0):
        d.fact(f.TseWarned(what, level, d.at, message if level else ""))


def on_step(d: Draft, step: TseStepAsked) -> None:
    """A command that changes or uses up a secret, or puts the device out of use, is about to be sent."""
    d.fact(f.TseStepTaken(step.serial_number, step.step, d.at, step.by))


def swap_refusal(state: State) -> str:
    """Why the TSE cannot be replaced now, in German; '' if it can."""
    if state.tse.bound is None:
        return "Es ist noch keine TSE in Betrieb: bitte kassd tse setup benutzen."
    if check_waits(state):
        return (
            "Die neue TSE hat ihren ersten Vorgang noch nicht signiert: bitte die Kasse kurz laufen lassen; "
            "bleibt die TSE stumm, die Kasse öffnen und abschließen."
        )
    if why := till_refusal(state):
        return why
    if late_waits(state):
        return "Eine Transaktion der alten TSE wird noch beendet: bitte die Kasse kurz laufen lassen."
    return ""


def till_refusal(state: State) -> str:
    """Why no other TSE can be bound now, in German; '' if it can. Between the halves of a swap the register
    may have sold (without signatures, if the old TSE is out of use)."""
    if state.till.open or state.sales:
        return "Die Kasse ist noch geöffnet: bitte zuerst den Kassenabschluss machen (till.close)."
    return ""


def check_waits(state: State) -> bool:
    """Whether a new TSE is bound and has not signed its first process yet."""
    return any(sale.kind == "check" for sale in state.sales.values())


def on_swap_asked(d: Draft, ask: TseSwapAsked) -> None:
    """The old TSE is archived, or known to be defective: the swap goes on until a new one signs."""
    bound = d.state.tse.bound
    if bound is not None and not swap_refusal(d.state) and d.state.tse.swap is None:
        d.fact(
            f.TseSwapBegan(
                bound.serial_number, d.at, ask.by, ask.reason, ask.archive, ask.sha256, ask.messages
            )
        )


def on_swapped(d: Draft, swapped: TseSwapped) -> None:
    """The new TSE is set up: it is bound, and its first process is signed and checked at once."""
    swap = d.state.tse.swap
    if swap is None or d.state.tse.bound is None or swapped.info.serial_number == swap.serial_number:
        return
    if till_refusal(d.state):
        return
    for late in d.state.tse.late:
        text = "Die TSE ist außer Betrieb; diese Transaktion wird nicht mehr beendet."
        d.fact(f.TseDropped("", late.sale, "tse_replaced", text))
    d.fact(
        f.TseReplaced(
            swap.serial_number,
            swapped.info.serial_number,
            d.at,
            swap.by,
            swap.reason,
            d.state.tse.newest,
        )
    )
    bind(d, swapped.info)
    sale = d.new_sale_id()
    d.fact(f.SaleOpened(sale, "check", DEFAULT_STATION, swap.by, d.at, reason="tse_replaced"))
    ask_start(d, sale)
