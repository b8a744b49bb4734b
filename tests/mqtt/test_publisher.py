import dataclasses
from decimal import Decimal
from typing import Any

from kassd.core.codec import decode
from kassd.mqtt.documents import EVENTS, STATES, AlertDocument, Document, SaleDocument, SaleLine, StockMoved
from kassd.mqtt.publisher import Publisher
from kassd.mqtt.topics import TOPICS

NONE = SaleDocument("", "none", (), 0, 0, 0, 0, "", "")
OPEN = SaleDocument(
    "1-5", "open", (SaleLine(1, "Käse", Decimal("0.250"), 1999, 500, 2),), 500, 0, 500, 0, "", ""
)
ALERT = AlertDocument("warning", "Papier fast leer.", "Paper low.", "2026-11-21T08:00:00.000000Z")
TS = "2026-11-21T08:00:00.000000Z"


class Glass:
    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []

    def show(self, topic: str, document: dict[str, Any]) -> None:
        self.said.append((topic, document))

    def clear(self, topic: str) -> None:
        self.said.append((topic, None))

    def event(self, topic: str, document: dict[str, Any]) -> bool:
        self.said.append((topic, document))
        return False


def test_stamps_and_skips_what_is_shown_already() -> None:
    glass = Glass()
    publisher = Publisher(glass, "b")
    assert publisher.publish("s", NONE, 4, TS)
    assert not publisher.publish("s", dataclasses.replace(NONE), 5, "later")
    assert publisher.publish("s", OPEN, 6, TS)
    assert publisher.publish("t", NONE, 6, TS)
    heads = [(t, d["n"], d["rev"], d["status"]) for t, d in glass.said]
    assert heads == [("s", 1, 4, "none"), ("s", 2, 6, "open"), ("t", 1, 6, "none")]
    assert glass.said[1][1] == {
        "v": 1,
        "boot": "b",
        "n": 2,
        "rev": 6,
        "ts": TS,
        "cur": "EUR",
        "id": "1-5",
        "status": "open",
        "lines": [{"n": 1, "text": "Käse", "quantity": "0.250", "unit_price": 1999, "amount": 500, "vat": 2}],
        "total": 500,
        "paid": 0,
        "due": 500,
        "change": 0,
        "receipt": "",
        "message": "",
    }


def test_what_is_drawn_ahead_is_sent_when_it_is_published() -> None:
    glass = Glass()
    publisher = Publisher(glass, "b")
    publisher.draw("s", OPEN, 6, TS)
    assert not glass.said
    assert publisher.publish("s", OPEN, 6, "later")
    assert [(t, d["n"], d["rev"], d["ts"], d["status"]) for t, d in glass.said] == [("s", 1, 6, TS, "open")]
    assert len(glass.said[0][1]["lines"]) == 1
    assert not publisher.publish("s", OPEN, 6, TS)


def test_what_was_drawn_ahead_gives_way_to_anything_else() -> None:
    glass = Glass()
    publisher = Publisher(glass, "b")
    publisher.draw("s", OPEN, 6, TS)
    publisher.publish("s", NONE, 5, TS)  # comes first after all
    publisher.publish("s", OPEN, 6, "later")
    publisher.draw("s", NONE, 7, TS)
    publisher.event("s", NONE, 7, TS)
    publisher.publish("s", NONE, 7, "later")
    heads = [(d["n"], d["rev"], d["ts"], d["status"]) for _, d in glass.said]
    assert heads == [(1, 5, TS, "none"), (2, 6, "later", "open"), (3, 7, TS, "none"), (4, 7, "later", "none")]


def test_clearing_and_showing_again_goes_on_counting() -> None:
    glass = Glass()
    publisher = Publisher(glass, "b")
    assert not publisher.clear("a")
    publisher.publish("a", ALERT, 1, TS)
    assert publisher.clear("a")
    assert publisher.publish("a", ALERT, 2, TS)
    assert [document and document["n"] for _, document in glass.said] == [1, None, 2]
    assert "cur" not in glass.said[0][1]


def test_the_same_event_twice_is_two_events() -> None:
    glass = Glass()
    publisher = Publisher(glass, "b")
    moved = StockMoved("A1", "Käse", Decimal("-1"), "17")
    assert publisher.event("e", moved, 3, TS) is False
    publisher.event("e", moved, 4, TS)
    assert [document["n"] for _, document in glass.said] == [1, 2]


def test_what_is_sent_can_be_read_with_the_same_model() -> None:
    glass = Glass()
    Publisher(glass, "b").publish("s", OPEN, 6, TS)
    assert decode(SaleDocument, glass.said[0][1], lenient=True) == OPEN


def test_every_document_has_a_topic_and_no_key_of_the_envelope() -> None:
    assert set(STATES) <= set(TOPICS)
    for model in (*STATES.values(), *EVENTS.values()):
        assert issubclass(model, Document)
        assert dataclasses.is_dataclass(model)
        names = {field.name for field in dataclasses.fields(model)}
        assert not names & {"v", "boot", "n", "rev", "ts", "cur"}, model
        amounts = names & {"total", "paid", "due", "amount", "cash", "cash_expected"}
        assert model.money == bool(amounts), model
