"""What the simulated terminal remembers: its transactions since the last end of day, and its numbers.

With a file it survives being switched off, as the real one does.
"""

import json
import os
from dataclasses import asdict, field
from pathlib import Path
from typing import Literal

from kassd.deferred import dataclass

NUMBER_MAX = 9999


@dataclass(slots=True)
class Transaction:
    """One payment, reversal or refund. ``status``: ``open`` until the register has acknowledged everything;
    ``report``: hex of 04 0F; ``slips``: kind and lines of each receipt."""

    kind: Literal["payment", "reversal", "refund"]
    receipt: int
    trace: int
    amount: int
    card: str
    status: Literal["open", "stored", "reversed"] = "open"
    report: str = ""
    slips: list[tuple[str, list[str]]] = field(default_factory=list)


@dataclass(slots=True)
class Memory:
    """``last``: the transaction that 06 20 repeats."""

    receipt: int = 0
    trace: int = 0
    config: int = 0x86
    tlv: bool = False
    blocks: bool = False
    columns: int = 24
    charset: str = ""
    transactions: list[Transaction] = field(default_factory=list)
    last: Transaction | None = None

    def begin(self, kind: Literal["payment", "reversal", "refund"], amount: int, card: str) -> Transaction:
        """A new transaction with the next numbers."""
        self.receipt = self.receipt % NUMBER_MAX + 1
        self.trace = self.trace % 999_999 + 1
        made = Transaction(kind, self.receipt, self.trace, amount, card)
        self.transactions.append(made)
        return made

    def store(self, transaction: Transaction) -> None:
        """It is final: the register has acknowledged it."""
        transaction.status = "stored"
        self.last = transaction

    def drop(self, transaction: Transaction) -> None:
        """It is taken back: nobody is charged."""
        transaction.status = "reversed"

    def find(self, receipt: int) -> Transaction | None:
        """The newest payment with this receipt number."""
        return next((t for t in reversed(self.transactions) if t.receipt == receipt), None)

    @property
    def stored(self) -> list[Transaction]:
        """What counts at the end of day."""
        return [t for t in self.transactions if t.status == "stored"]

    @property
    def charged(self) -> int:
        """Cents that cards were charged, less what was given back."""
        return sum(t.amount if t.kind == "payment" else -t.amount for t in self.stored)


def save(memory: Memory, path: Path) -> None:
    """Durable when it returns."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(memory), file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(path: Path) -> Memory:
    """What was saved; a new memory where nothing was."""
    if not path.exists():
        return Memory()
    values = json.loads(path.read_text(encoding="utf-8"))
    values["transactions"] = [_transaction(item) for item in values["transactions"]]
    values["last"] = _transaction(values["last"]) if values["last"] else None
    return Memory(**values)


def _transaction(values: dict[str, object]) -> Transaction:
    return Transaction(**values)  # type: ignore[arg-type]  # written by save
