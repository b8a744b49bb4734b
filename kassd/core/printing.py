"""Print jobs: queued → sending → confirmed, or unknown and repeated once as KOPIE.

``print.sending`` is durable before the first byte leaves: after a crash a job that was not sending is
printed as the original, one that was is repeated as a copy.
"""

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected
from kassd.core.document import Document
from kassd.core.inputs import Kicked, Printed
from kassd.core.master import drawers_of, printers_of
from kassd.core.slips import copy_of

USABLE = ("ready", "busy", "degraded")


def print_document(d: Draft, document: Document) -> bool:
    """Wish the slip on the station's first printer; False if it has none."""
    printers = printers_of(d.state.config, document.station)
    if not printers:
        return False
    device = d.state.devices.get(printers[0])
    args: dict[str, object] = {"printer": printers[0], "document": document.id}
    if device is None or device.state not in USABLE:
        args["late"] = True
    d.wish("print", **args)
    return True


def reprint(d: Draft, station: str, why: str) -> None:
    """Last receipt again as KOPIE (L-073)."""
    document = d.state.station(station).document
    if document is None:
        raise Rejected("no_receipt")
    copy_document(d, document, why)


def copy_document(d: Draft, document: Document, why: str) -> None:
    """Print ``document`` once more, marked KOPIE."""
    copies = d.state.station(document.station).copies + 1
    copy = copy_of(document, copies, d.at)
    d.fact(f.ReceiptCopied(document.number, d.at, why, copy))
    print_document(d, copy)


def on_printed(d: Draft, outcome: Printed) -> None:
    """End of a job as the printer tells it."""
    job = d.state.jobs.get(outcome.job)
    if job is None:
        return
    if outcome.result == "failed":
        if job.status == "sending":
            d.fact(f.PrintReturned(job.id, outcome.reason))
        return
    d.fact(f.PrintDone(job.id, outcome.result, outcome.reason))
    if outcome.result == "unknown":
        repeat_unknown(d, job.document)


def repeat_unknown(d: Draft, document: Document) -> None:
    """A slip of unknown fate is repeated once; a repetition never is."""
    if document.copy_at:
        message = f"Beleg {document.number}: bitte prüfen, ob er gedruckt wurde."
        d.fact(f.MessageShown(document.station, message))
    else:
        copy_document(d, document, "unknown")


def settle_printing(d: Draft) -> None:
    """Let each usable printer that has nothing in hand begin its oldest job."""
    busy = {job.printer for job in d.state.jobs.values() if job.status == "sending"}
    for job in tuple(d.state.jobs.values()):
        device = d.state.devices.get(job.printer)
        if job.printer in busy or device is None or device.state not in USABLE:
            continue
        busy.add(job.printer)
        d.fact(f.PrintSending(job.id))


def kick_drawer(d: Draft, station: str) -> None:
    """Wish the station's first drawer open."""
    for drawer in drawers_of(d.state.config, station)[:1]:
        d.wish("drawer", drawer=drawer, station=station)


def on_kicked(d: Draft, outcome: Kicked) -> None:
    """End of a drawer kick."""
    wish = d.state.outbox.get(outcome.job)
    if wish is None:
        return
    d.fact(f.DrawerDone(outcome.job, outcome.result, outcome.reason))
    if outcome.result != "kicked":
        station = str(wish.args["station"])
        d.fact(f.MessageShown(station, "Die Kassenlade ist nicht aufgegangen. Bitte von Hand öffnen."))


def skip_jobs(d: Draft, printer: str) -> None:
    """Give up the waiting slips of a printer."""
    for job in tuple(d.state.jobs.values()):
        if job.printer == printer and job.status == "queued":
            d.fact(f.PrintDone(job.id, "skipped", "operator"))
