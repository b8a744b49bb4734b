"""What the journal says happened, told anew from its facts alone and without the register's own code."""

from dataclasses import dataclass, field
from typing import Any

from kassd.journal import Line

Data = dict[str, Any]
SLOTS = {1: 0, 2: 1, 5: 4}  # tax keys of the plays → place in the process data


@dataclass(slots=True)
class Sale:
    """One Vorgang. ``calls``: the kinds of its unanswered TSE wishes by wish."""

    id: str
    kind: str
    lines: list[Data] = field(default_factory=list)
    payments: list[Data] = field(default_factory=list)
    paid: bool = False
    aborting: bool = False
    starts: list[Data] = field(default_factory=list)
    finishes: list[Data] = field(default_factory=list)
    late: list[Data] = field(default_factory=list)
    numbered: list[Data] = field(default_factory=list)
    ends: list[Data] = field(default_factory=list)

    @property
    def is_current(self) -> bool:
        return self.kind == "sale" and not self.paid and not self.aborting

    @property
    def total(self) -> int:
        return sum(line["amount"] for line in self.lines)

    @property
    def paid_sum(self) -> int:
        return sum(payment["amount"] for payment in self.payments)

    @property
    def process_data(self) -> str:
        """What the TSE must have signed, from lines and payments."""
        if self.aborting:
            return "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^"
        sums = [0] * 5
        for line in self.lines:
            sums[SLOTS[line["vat"]]] += line["amount"]
        tenders = [
            (sum(p["amount"] for p in self.payments if (p["type"] == "Bar") == (kind == "Bar")), kind)
            for kind in ("Bar", "Unbar")
        ]
        paid = "_".join(f"{amount / 100:.2f}:{kind}" for amount, kind in tenders if amount)
        return f"Beleg^{'_'.join(f'{cents / 100:.2f}' for cents in sums)}^{paid}"


@dataclass(slots=True)
class Book:
    """``wishes``: those without an outcome; ``replies`` by (client, id), with the facts of their line;
    ``touched``: Vorgänge that changed since somebody looked."""

    next_seq: int = 0
    sales: dict[str, Sale] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    wishes: dict[str, Data] = field(default_factory=dict)
    replies: dict[tuple[str, str], tuple[Data, list[Data]]] = field(default_factory=dict)
    drawer_wishes: int = 0
    cash_payments: int = 0
    prints: dict[str, list[str]] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Enter the next line."""
        assert line.seq == self.next_seq, f"line {line.seq} follows {self.next_seq - 1}"
        self.next_seq += 1
        if line.cmd is not None:
            key = line.cmd["client"], line.cmd["id"]
            assert key not in self.replies, f"line {line.seq}: {key} was decided twice"
            self.replies[key] = line.cmd["reply"], line.facts
        for wish in line.wishes:
            self.wishes[wish["id"]] = wish
            self.drawer_wishes += wish["kind"] == "drawer"
        for fact in line.facts:
            self._fact(fact["kind"], fact["data"], line)

    def _fact(self, kind: str, data: Data, line: Line) -> None:
        if kind == "sale.opened":
            self.sales[data["sale"]] = Sale(data["sale"], data["kind_of"])
        outcome = data.get("wish") or data.get("job") or (data["charge"] if kind == "card.ended" else "")
        if outcome and kind not in ("print.sending", "print.returned", "tse.withdrawn", "tse.archive_failed"):
            assert outcome in self.wishes, f"line {line.seq}: {kind} without its wish"
            wish = self.wishes.pop(outcome)
            if wish["kind"] == "print":
                self.prints.setdefault(wish["document"], []).append(data["result"])
        sale = self.sales.get(data.get("sale", ""))
        if sale is not None:
            self.touched.add(sale.id)
            self._of_sale(sale, kind, data)

    def _of_sale(self, sale: Sale, kind: str, data: Data) -> None:
        match kind:
            case "sale.line_added":
                sale.lines.append(data)
            case "sale.line_voided":
                voided = next(line for line in sale.lines if line["n"] == data["voids"])
                sale.lines.append({**voided, "n": data["n"], "amount": -voided["amount"]})
            case "sale.payment_added":
                sale.payments.append(data)
                self.cash_payments += data["type"] == "Bar"
            case "sale.paid":
                sale.paid = True
            case "sale.abort_asked":
                sale.aborting = True
            case "tse.started":
                sale.starts.append(data)
            case "tse.finished":
                sale.finishes.append(data)
            case "tse.late":
                sale.late.append(data)
            case "sale.numbered":
                sale.numbered.append(data)
            case "sale.finished":
                sale.ends.append(data)

    @property
    def current(self) -> Sale | None:
        """The sale that is being entered; there is at most one station."""
        open_ = [sale for sale in self.sales.values() if sale.is_current]
        assert len(open_) <= 1, [sale.id for sale in open_]
        return open_[0] if open_ else None

    @property
    def settled(self) -> bool:
        """Whether nothing is under way: all Vorgänge have ended, nothing waits for a device. The archive may
        wait: its quiet moment comes when the day is over."""
        waiting = [wish for wish in self.wishes.values() if wish["kind"] != "archive"]
        return not waiting and all(sale.ends for sale in self.sales.values())
