"""What a generated trade contains, counted from what was decided; and what must hold while it is made."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from kassd.core import facts as f
from kassd.core.decision import Decision
from kassd.core.entry import Line
from kassd.core.state import Sale, State

GV_TYP: Final = (
    *("Umsatz", "Pfand", "PfandRueckzahlung", "Rabatt", "Aufschlag", "ZuschussEcht", "ZuschussUnecht"),
    *("TrinkgeldAG", "TrinkgeldAN", "EinzweckgutscheinKauf", "EinzweckgutscheinEinloesung"),
    *("MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung", "Forderungsentstehung"),
    *("Forderungsaufloesung", "Anzahlungseinstellung", "Anzahlungsaufloesung", "Anfangsbestand"),
    *("Privatentnahme", "Privateinlage", "Geldtransit", "Lohnzahlung", "Einzahlung", "Auszahlung"),
    "DifferenzSollIst",
)
BON_TYP: Final = (
    *("Beleg", "AVRechnung", "AVTransfer", "AVBestellung", "AVTraining", "AVBelegabbruch", "AVSachbezug"),
    "AVSonstige",
)
ZAHLART_TYP: Final = (
    *("Bar", "Unbar", "Keine", "ECKarte", "Kreditkarte", "ElZahlungsdienstleister", "Guthabenkarte"),
)
IMPOSSIBLE: Final = ("AVBelegstorno", "P_STORNO=1")  # nothing may make them (FISCAL 11)


EVENTS: Final = (
    *("outage_before_start", "outage_before_payment", "outage_at_finish", "outage_idle"),
    *(
        "clock_change",
        "rate_taken",
        "rate_closing",
        "parked_over_closing",
        "closed_past_midnight",
        "closed_late",
    ),
)


class Untrue(AssertionError):
    """Something that must always hold does not."""


@dataclass(slots=True)
class Coverage:
    """Counts by table: ``GV_TYP``, ``BON_TYP``, ``ZAHLART_TYP``, ``UST_SCHLUESSEL``, ``fact``, ``command``
    (accepted ones), ``flow``, ``event`` (:data:`EVENTS`)."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _period: int = 0  # Σ of the receipts of the open period
    _cards: int = 0  # of the payments that name a terminal, less its ends of day
    _number: int = 0
    _offset: timedelta | None = None  # of local time to UTC

    def see(self, before: State, decision: Decision, after: State) -> None:
        """Count a decision and check it."""
        if self._offset not in (None, offset := decision.stamp.at.utcoffset()):
            self.counts["event", "clock_change"] += 1
        self._offset = offset
        for fact in decision.facts:
            self.counts["fact", fact.kind] += 1
            self.counts.update(("event", name) for name in _events(before, fact))
            match fact:
                case Line():
                    self.counts["GV_TYP", fact.case] += 1
                    self.counts["UST_SCHLUESSEL", str(fact.vat)] += 1
                case f.SaleOpened() if fact.case:
                    self.counts["GV_TYP", fact.case] += 1
                case f.PaymentAdded():
                    self.counts["ZAHLART_TYP", fact.type] += 1
                    self._cards += fact.amount if fact.card is not None else 0
                case f.SaleNumbered():
                    _hold(fact.number == self._number + 1, f"Beleg {fact.number} nach {self._number}")
                    self._number = fact.number
                case f.SaleFinished():
                    self._finished(fact)
                case f.CardDayEnded(done=True):
                    agreed = fact.terminal_amount == fact.amount == fact.booked
                    told = f"{fact.terminal_amount}, {fact.amount}, in Belegen {fact.booked}"
                    _hold(agreed, f"Kassenschnitt {fact.terminal}: {told}")
                    self._cards -= fact.amount - fact.before
                case f.TillClosed():
                    _hold(fact.total == self._period, f"Z {fact.number}: {fact.total} statt {self._period}")
                    self._period = 0
                    _hold(after.cards.batches or not self._cards, f"Z {fact.number}: Karten {self._cards}")
                    self._cards = 0
        if before.cash is not after.cash:
            _hold(all(h.amount >= 0 for h in after.cash.held.values()), f"Bestand {after.cash.held}")

    def _finished(self, fact: f.SaleFinished) -> None:
        d = fact.document
        self.counts["BON_TYP", fact.bon_type] += 1
        where = f"Beleg {fact.number}"
        _hold(sum(p.amount for p in d.positions) == d.total, f"{where}: Σ Positionen")
        _hold(sum(v.gross for v in d.vat) == d.total, f"{where}: Σ Steuersätze")
        if fact.bon_type == "Beleg":
            _hold(sum(p.amount for p in d.payments) == d.total, f"{where}: Σ Zahlungen")
            self._period += d.total
        if not d.payments:
            self.counts["ZAHLART_TYP", "Keine"] += 1

    def table(self) -> Mapping[str, Mapping[str, int]]:
        """Everything, also what did not occur."""
        found: dict[str, dict[str, int]] = {
            "GV_TYP": dict.fromkeys(GV_TYP, 0),
            "BON_TYP": dict.fromkeys(BON_TYP, 0),
            "ZAHLART_TYP": dict.fromkeys(ZAHLART_TYP, 0),
            "event": dict.fromkeys(EVENTS, 0),
        }
        for (kind, name), n in sorted(self.counts.items()):
            found.setdefault(kind, {})[name] = n
        return found

    def text(self) -> str:
        """The table for people."""
        rows = [(kind, name, n) for kind, names in self.table().items() for name, n in names.items()]
        return "\n".join(f"{kind:16}{name:32}{n:>9}" for kind, name, n in rows)

    def add(self, other: "Coverage") -> None:
        """Add another shop's counts."""
        self.counts.update(other.counts)


def _events(before: State, fact: f.Fact) -> Iterator[str]:
    """What a fact means that no fact says by itself."""
    match fact:
        case f.OutageBegan():
            yield _phase([sale for sale in before.sales.values() if sale.kind == "sale"])
        case f.ConfigChanged(how="valid_from") if fact.old is not None:
            yield "rate_taken"
        case f.TillClosed():
            if fact.automatic:
                yield "rate_closing"
            if before.orders.groups:
                yield "parked_over_closing"
            if fact.at[:10] != fact.business_day:
                yield "closed_late" if fact.late else "closed_past_midnight"


def _phase(sales: list[Sale]) -> str:
    if any(sale.status in ("signing", "aborting") for sale in sales):
        return "outage_at_finish"
    if any(sale.transaction is None for sale in sales):
        return "outage_before_start"
    return "outage_before_payment" if sales else "outage_idle"


def _hold(true: Any, what: str) -> None:
    if not true:
        raise Untrue(what)
