"""Print jobs: queued → sending → confirmed, or unknown and repeated once as KOPIE.

``print.sending`` is durable before the first byte leaves: after a crash a job that was not sending is
printed as the original, one that was is repeated as a copy. What waits for a printer that is known not to
print goes to one that does (:func:`kassd.core.master.stand_ins`); what was being sent stays where it is: it
may still come out. What waits for a printer that is no longer configured goes to its station's.
"""

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected
from kassd.core.document import Document
from kassd.core.drawers.fold import is_open
from kassd.core.drawers.watching import JAMMED, RESTING, UNKNOWN, on_seen
from kassd.core.inputs import Kicked, Printed
from kassd.core.master import DEFAULT_STATION, drawers_of, printers_of, stand_ins
from kassd.core.slips import copy_of
from kassd.core.state import PrintJob, State, is_original
from kassd.core.status import DeviceStatus

# All bytes were taken and nothing went wrong: this printer merely does not answer.
SILENT = ("unconfirmed", "timeout")
USABLE = ("ready", "busy", "degraded")
AWAY = ("absent", "error")
MAX_WAITING = 200  # slips of one printer
MAX_MOVED = 50  # slips in one line


def print_document(d: Draft, document: Document, station: str = "", *, late: bool = False) -> bool:
    """Wish the slip on its own printer, or that of its or another station; False if there is none. ``late``:
    it is an original whose time has passed."""
    printer = document.printer or printer_of(d.state, station or document.station)
    if not printer:
        return False
    args: dict[str, object] = {"printer": printer, "document": document.id}
    waits = not _way(d.state, printer, document)
    if (late or waits) and is_original(document):
        args["late"] = True
    if waits:
        _tell_kitchen_waits(d, printer, document)
    d.wish("print", **args)
    return True


def printer_of(state: State, station: str) -> str:
    """The station's first receipt printer that can print now, else the first; '' if it has none."""
    printers = printers_of(state.config, station)
    return next((name for name in printers if is_usable(state, name)), next(iter(printers), ""))


def prints_now(state: State, document: Document) -> bool:
    """Whether a slip that is issued now comes out at once, at its station's printer or another's."""
    printer = printer_of(state, document.station)
    return bool(printer and _way(state, printer, document))


def _way(state: State, printer: str, document: Document) -> str:
    """The printer, or the first that stands in for it, that can print now; '' if none can."""
    ways = (printer, *stand_ins(state.config, printer, document.station))
    return next((name for name in ways if is_usable(state, name)), "")


def _tell_kitchen_waits(d: Draft, printer: str, document: Document) -> None:
    """Nobody cooks what nobody reads."""
    if document.kind == "ticket" and is_away(d.state, printer) and not _way(d.state, printer, document):
        text = f"Drucker {printer} druckt nicht: bitte „{_name(document)}“ ansagen. Der Bon folgt."
        d.fact(f.MessageShown(document.station, text))


def _name(document: Document) -> str:
    """What people call a slip: ``Rechnung 17``, ``Küche Tisch 5``."""
    return f"{document.title} {document.number or next(iter(document.notes), '')}".strip()


def copy_document(d: Draft, document: Document, why: str, station: str = "") -> None:
    """Print ``document`` once more, marked KOPIE, where it was made or at another station."""
    copy = copy_of(document, d.stamp.seq, d.at)
    d.fact(f.ReceiptCopied(document.number, d.at, why, copy))
    print_document(d, copy, station)


def on_printed(d: Draft, outcome: Printed) -> None:
    """End of a job as the printer tells it."""
    job = d.state.jobs.get(outcome.job)
    if job is None or job.status != "sending":
        return
    if outcome.result == "failed" and job.document.kind == "test":  # it has told what it was to tell
        d.fact(f.PrintDone(job.id, "skipped", outcome.reason))
        return
    if outcome.result == "failed":
        d.fact(f.PrintReturned(job.id, outcome.reason))
        _tell_kitchen_waits(d, job.printer, job.document)
        return
    d.fact(f.PrintDone(job.id, outcome.result, outcome.reason))
    if outcome.result == "unknown" and outcome.reason not in SILENT:
        repeat_unknown(d, job.document)


def on_device(d: Draft, status: DeviceStatus) -> None:
    """A device tells its status; tickets that wait at a printer that goes away are announced."""
    working, before = not is_away(d.state, status.name), d.state.devices.get(status.name)
    s = status
    d.fact(f.DeviceSeen(s.name, s.state, s.reason, s.message, s.since, s.conditions))
    on_seen(d, before, status)
    for job in tuple(d.state.jobs.values()):
        if working and job.printer == status.name and job.status == "queued":
            _tell_kitchen_waits(d, job.printer, job.document)


def repeat_unknown(d: Draft, document: Document) -> None:
    """A slip of unknown fate is repeated once; a repetition never is, nor is a page that only tests, nor a
    GiroCode: no receipt, and a customer with two would pay twice."""
    if document.copy_at or document.kind in ("test", "transfer"):
        ask_to_look(d, document)
    else:
        copy_document(d, document, "unknown")


def ask_to_look(d: Draft, document: Document) -> None:
    """A person must see whether this slip lies in the tray."""
    message = f"{document.title} {document.number}".strip() + ": bitte prüfen, ob gedruckt wurde."
    d.fact(f.MessageShown(document.station, message))


def settle_printing(d: Draft) -> None:
    """Let each usable printer that has nothing in hand begin its oldest job; what waits is bounded."""
    _withdraw_codes(d)
    _give_up_oldest(d)
    _move_waiting(d)
    busy = {job.printer for job in d.state.jobs.values() if job.status == "sending"}
    for job in tuple(d.state.jobs.values()):
        if job.printer in busy or not is_usable(d.state, job.printer):
            continue
        busy.add(job.printer)
        if job.rest_until <= d.stamp.mono:
            d.fact(f.PrintSending(job.id))


def _withdraw_codes(d: Draft) -> None:
    """A GiroCode that no sale waits for any more is not handed to a customer: it would be paid twice."""
    for job in tuple(d.state.jobs.values()):
        if (
            job.status == "queued"
            and job.document.kind == "transfer"
            and not _is_asked(d.state, job.document)
        ):
            d.fact(f.PrintDone(job.id, "skipped", "transfer_over"))


def _is_asked(state: State, slip: Document) -> bool:
    shown = (sale.transfer for sale in state.sales.values())
    return any(one is not None and (one.content, one.at) == (slip.code, slip.issued_at) for one in shown)


def _move_waiting(d: Draft) -> None:
    """Slips whose printer is known not to print, or is gone, go to the first that does; the station is told
    where."""
    for job in stranded(d.state)[:MAX_MOVED]:
        station = job.document.station
        if way := printer_of(d.state, station) or printer_of(d.state, DEFAULT_STATION):
            d.fact(f.PrintMoved(job.id, way, "removed"))
            text = (
                f"Drucker {job.printer} ist nicht mehr eingerichtet: „{_name(job.document)}“ kommt aus {way}."
            )
            d.fact(f.MessageShown(station, text))
    for job in tuple(d.state.jobs.values()):
        if job.status != "queued" or not is_away(d.state, job.printer) or job.document.kind == "test":
            continue
        if way := _way(d.state, _home(d.state, job), job.document):
            here, document = d.state.devices[job.printer], job.document
            d.fact(f.PrintMoved(job.id, way, here.reason or here.state))
            text = f"Drucker {job.printer} druckt nicht: „{_name(document)}“ kommt aus dem Drucker {way}."
            d.fact(f.MessageShown(document.station, text))


def _home(state: State, job: PrintJob) -> str:
    """The printer that a slip was meant for, as long as it is configured."""
    meant = str(state.outbox[job.id].args["printer"])
    return meant if is_configured(state, meant) else job.printer


def stranded(state: State) -> list[PrintJob]:
    """What waits for a printer that is no longer configured."""
    jobs = state.jobs.values()
    return [job for job in jobs if job.status == "queued" and not is_configured(state, job.printer)]


def print_waiting(d: Draft, document: str, station: str) -> bool:
    """Whether the original of this slip (its id) still waits; then it is sent to the printer of the
    ``station`` that asks. Raises :class:`Rejected` where that would help nobody."""
    found = (job for job in d.state.jobs.values() if job.document.id == document and job.status == "queued")
    job = next(found, None)
    if job is None:
        return False
    way = printer_of(d.state, station)
    if not way:
        raise Rejected("printer_absent")
    if way == job.printer or (is_configured(d.state, job.printer) and not is_usable(d.state, way)):
        raise Rejected("print_waiting", {"receipt": job.document.number, "printer": job.printer})
    d.fact(f.PrintMoved(job.id, way, "asked"))
    return True


def _give_up_oldest(d: Draft) -> None:
    """A printer away for good must not fill the state: the oldest slips are given up, visibly."""
    waiting: dict[str, list[str]] = {}
    for job in d.state.jobs.values():
        if job.status == "queued":
            waiting.setdefault(job.printer, []).append(job.id)
    for jobs in waiting.values():
        for job_id in jobs[:-MAX_WAITING]:
            _give_up(d, d.state.jobs[job_id], "queue_full")


def next_try(state: State) -> int | None:
    """Monotonic ns at which a returned job may be tried again."""
    sending = {job.printer for job in state.jobs.values() if job.status == "sending"}
    rests = [
        job.rest_until
        for job in state.jobs.values()
        if job.rest_until and job.printer not in sending and is_usable(state, job.printer)
    ]
    return min(rests, default=None)


def is_usable(state: State, printer: str) -> bool:
    """Whether a device can take work now."""
    device = state.devices.get(printer)
    return device is not None and device.state in USABLE


def is_configured(state: State, printer: str) -> bool:
    """Whether the configuration in force has this printer."""
    return f"printer.{printer}.name" in state.config


def is_away(state: State, printer: str) -> bool:
    """Whether a printer is known not to print now; one that has said nothing yet is not."""
    device = state.devices.get(printer)
    return device is not None and device.state in AWAY


def kick_drawer(d: Draft, station: str, why: str) -> None:
    """Wish the station's first drawer open, but not in training. ``why``: sale or command."""
    if d.state.station(station).training:
        return
    for drawer in drawers_of(d.state.config, station)[:1]:
        d.wish("drawer", drawer=drawer, station=station, why=why)


def on_kicked(d: Draft, outcome: Kicked) -> None:
    """End of a drawer kick."""
    wish = d.state.outbox.get(outcome.job)
    if wish is None or wish.kind != "drawer":
        return
    d.fact(f.DrawerDone(outcome.job, outcome.result, outcome.reason))
    if outcome.result != "kicked" and is_open(d.state.devices.get(str(wish.args["drawer"]))) != "yes":
        message = {"unknown": UNKNOWN, "refused": RESTING}.get(outcome.result, JAMMED)
        d.fact(f.MessageShown(str(wish.args["station"]), message))


def skip_jobs(d: Draft, printer: str) -> None:
    """Give up the waiting slips of a printer."""
    for job in tuple(d.state.jobs.values()):
        if job.printer == printer and job.status == "queued":
            _give_up(d, job, "operator")


def _give_up(d: Draft, job: PrintJob, reason: str) -> None:
    """A slip comes no more by itself. An original that has not left otherwise may be asked for, once."""
    d.fact(f.PrintDone(job.id, "skipped", reason))
    document = job.document
    if is_original(document) and document.id not in d.state.offers:  # else it is taken from there
        d.fact(f.ReceiptUnprinted(document.number, d.at, document.station, document.id))
