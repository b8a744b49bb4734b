"""A till with a card terminal that does what the test says."""

from typing import Any

from kassd.core import facts as f
from kassd.core.cards import inputs
from kassd.core.cards.data import CardData
from kassd.core.cards.state import Charge
from kassd.core.corrections.found import Found
from kassd.core.corrections.recall import find
from tests.core.playbook import CONFIG, Lines, Playbook, device

TERMINAL = {
    "terminal.karte.name": "karte",
    "terminal.karte.station": "main",
    "terminal.karte.end_of_day": True,
}


class CardTill(Playbook):
    """``data``: what the terminal's next transaction is called."""

    def __init__(self, **config: Any) -> None:
        super().__init__()
        self.config = {**CONFIG, **TERMINAL, **config}
        self.number = 0

    def ready(self, float_: int = 0) -> "CardTill":
        super().ready(float_)
        self >> device("karte", "ready")
        return self

    @property
    def charge(self) -> Charge:
        """What the terminal has to do."""
        (one,) = self.state.cards.charges.values()
        return one

    def data(self, amount: int, **values: Any) -> CardData:
        self.number += 1
        receipt, trace, at = f"{self.number:04d}", f"{self.number:06d}", f"1122 1230{self.number:02d}"
        told = {"at": at, **values}
        return CardData("karte", amount, receipt, trace, "30010207", 5, "girocard", "4711", **told)

    def approve(self, amount: int | None = None) -> CardData:
        """04 0F with result 00."""
        data = self.data(self.charge.amount if amount is None else amount)
        self >> inputs.CardHeard(self.charge.id, data)
        return data

    def done(self, amount: int | None = None) -> "CardTill":
        """From 04 0F to 06 0F."""
        data = self.approve(amount)
        self.outcome("done", data=data)
        return self

    def outcome(self, result: Any, code: str = "", message: str = "", **values: Any) -> "CardTill":
        self >> inputs.CardOutcome(self.charge.id, result, code, message, **values)
        return self

    def answer(self, found: Any, last: CardData | None = None) -> "CardTill":
        """What the terminal says when it is asked."""
        self >> inputs.CardAnswered(self.charge.id, found, last)
        return self

    def settled(self) -> "CardTill":
        """TSE and printers have done everything."""
        self.sign().paper()
        return self

    def payments(self) -> list[int]:
        return [fact.amount for fact in self.facts(f.PaymentAdded)]

    def charge_free(self) -> bool:
        return not self.state.cards.charges and not any(w.kind == "card" for w in self.state.outbox.values())

    def find(self, receipt: str) -> Found:
        found = find(Lines(self.lines), receipt)
        assert found is not None
        return found
