"""A Vorgang while its facts are read: raw journal objects, in their order."""

from collections.abc import Callable
from typing import Any

from kassd.core.vat import NOT_TAXABLE

Json = dict[str, Any]


class Bon:
    """What the facts have said of one Vorgang so far. ``lines`` and ``payments`` are the facts' data,
    counter- lines spelt out; ``transaction``: number and log time of the TSE's start, None before; ``asked``:
    the TSE was asked to start one."""

    __slots__ = (
        "aborted", "asked", "bon_type", "customer", "group", "lines", "name", "numbered", "opened",
        "operator_name", "payments", "reason", "references", "transaction", "voided", "written_at",
    )  # fmt: skip

    def __init__(self, opened: Json, operator_name: str) -> None:
        self.opened = opened
        self.operator_name = operator_name
        self.lines: list[Json] = []
        self.voided: set[int] = set()
        self.payments: list[Json] = []
        self.references: list[Json] = list(opened.get("references", ()))
        self.customer: Json | None = None
        self.bon_type: str = opened.get("bon_type", "Beleg")
        self.name: str = opened.get("name", "")
        self.reason: str = opened.get("reason", "")
        self.group: str = opened.get("group", "")
        self.numbered: Json = {}
        self.aborted = ""
        self.transaction: tuple[int, str] | None = None
        self.asked = False
        self.written_at = ""

    def standing(self) -> list[Json]:
        """Lines that are neither voided nor counter-lines."""
        return [line for line in self.lines if not line.get("voids") and line["n"] not in self.voided]

    def final_lines(self) -> list[Json]:
        """The lines as they are exported: an abort has a counter-line for each that stands."""
        if not self.aborted:
            return self.lines
        n, counters = len(self.lines), []
        for offset, line in enumerate(self.standing(), 1):
            counters.append(counter(line, n + offset))
        return [*self.lines, *counters]


def counter(line: Json, n: int) -> Json:
    """Line ``n``, which takes ``line`` back (as :func:`kassd.core.entry.counter_line`)."""
    quantity = line["quantity"]
    taken = {
        **line,
        "n": n,
        "quantity": quantity[1:] if quantity.startswith("-") else f"-{quantity}",
        "amount": -line["amount"],
        "voids": line["n"],
    }
    if "shares" in line:
        taken["shares"] = [{**share, "amount": -share["amount"]} for share in line["shares"]]
    return taken


def _line_added(bon: Bon, data: Json) -> None:
    bon.lines.append(data)


def _line_voided(bon: Bon, data: Json) -> None:
    voids = data["voids"]
    line = next(line for line in bon.lines if line["n"] == voids)
    bon.lines.append(counter(line, data["n"]))
    bon.voided.add(voids)


def _payment(bon: Bon, data: Json) -> None:
    bon.payments.append(data)


def _untaxed(bon: Bon, data: Json) -> None:
    plain = ({k: v for k, v in line.items() if k != "shares"} for line in bon.lines)
    bon.lines = [{**line, "vat": NOT_TAXABLE, "rate": "0"} for line in plain]


def _customer(bon: Bon, data: Json) -> None:
    bon.customer = data.get("customer")


def _typed(bon: Bon, data: Json) -> None:
    bon.bon_type, bon.name = data["bon_type"], data["name"]
    bon.reason = data.get("reason") or bon.reason


def _parked(bon: Bon, data: Json) -> None:
    bon.bon_type, bon.group = "AVBestellung", data["group"]


def _abort(bon: Bon, data: Json) -> None:
    bon.aborted = data["why"]


def _numbered(bon: Bon, data: Json) -> None:
    bon.numbered = data


def _referenced(bon: Bon, data: Json) -> None:
    if data["reference"] not in bon.references:
        bon.references.append(data["reference"])


def _captured(bon: Bon, data: Json) -> None:
    bon.written_at = data["written_at"]


def _started(bon: Bon, data: Json) -> None:
    bon.transaction = (data["transaction_number"], data["log_time"])


# kind → what it does to the Vorgang that its data names as ``sale``
FOLDS: dict[str, Callable[[Bon, Json], None]] = {
    "sale.line_added": _line_added,
    "sale.line_voided": _line_voided,
    "sale.payment_added": _payment,
    "sale.tax_postponed": _untaxed,
    "sale.customer_set": _customer,
    "sale.typed": _typed,
    "sale.parked": _parked,
    "sale.abort_asked": _abort,
    "sale.numbered": _numbered,
    "reference.added": _referenced,
    "receipt.corrected": _referenced,
    "paper.captured": _captured,
    "tse.started": _started,
}
