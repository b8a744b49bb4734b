"""Facts about paper and drawers."""

from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrintSending(Fact):
    """The first byte of this job may leave now."""

    kind = "print.sending"
    job: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrintDone(Fact):
    """``result``: confirmed, unknown, skipped."""

    kind = "print.done"
    job: str
    result: str
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrintReturned(Fact):
    """Known not to be printed at all: the job waits again, as the original."""

    kind = "print.returned"
    job: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrintMoved(Fact):
    """A waiting job goes to ``printer``: the one it waited for cannot print (``reason``)."""

    kind = "print.moved"
    job: str
    printer: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrinterTested(Fact):
    """Somebody wants to see what ``printer`` can do: a page that is no receipt."""

    kind = "printer.tested"
    at: str
    operator: str
    printer: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DrawerAsked(Fact):
    """The drawer was opened without a sale."""

    kind = "drawer.asked"
    at: str
    station: str
    operator: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DrawerDone(Fact):
    """``result``: kicked, refused, failed, unknown (the process ended in between, or the printer was pulled
    out: never repeated)."""

    kind = "drawer.done"
    job: str
    result: str
    reason: str = ""
