"""Log and journal compared: what fits gives nothing, and each contradiction is found by its name."""

from dataclasses import replace
from typing import Any

import pytest

from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.core.facts import SaleFinished, SaleNumbered, TseFinished, TseLate, TseStarted
from kassd.tse.log.messages import AuditData, LogMessage, TransactionData
from kassd.tse.reconcile import Logged, Period, logged, reconcile

SERIAL, OTHER, CLIENT = "ab" * 32, "cd" * 32, "KASSE-1"
TYPE, DATA = "Kassenbeleg-V1", "Beleg^0.00_3.50_0.00_0.00_0.00^3.50:Bar"
AT = "2026-11-21T11:00:00.000Z"


def started(counter: int, number: int, sale: str = "1-1", **more: Any) -> TseStarted:
    return replace(TseStarted(sale, "1.0", number, counter, AT, SERIAL, f"s{counter}"), **more)


def finished(counter: int, number: int, sale: str = "1-1", **more: Any) -> TseFinished:
    return replace(TseFinished(sale, "1.1", number, counter, AT, SERIAL, f"s{counter}"), **more)


def late(counter: int, number: int, operation: str = "finish", sale: str = "1-1") -> TseLate:
    return TseLate(sale, "1.1", operation, number, counter, AT, SERIAL, f"s{counter}")


def numbered(sale: str = "1-1", number: int = 1) -> SaleNumbered:
    return SaleNumbered(sale, number, AT, TYPE, DATA)


def over(sale: str = "1-1", outage: str = "") -> SaleFinished:
    document: Any = object.__new__(Document)  # its content is not looked at
    return SaleFinished(sale, 1, "Beleg", AT, outage, document)


def start(counter: int, number: int, **more: Any) -> Logged:
    return Logged(counter, "start", number, CLIENT, "", b"", AT, f"s{counter}")._replace(**more)


def finish(counter: int, number: int, **more: Any) -> Logged:
    return Logged(counter, "finish", number, CLIENT, TYPE, DATA.encode(), AT, f"s{counter}")._replace(**more)


SALE: tuple[Fact, ...] = (started(1, 1), numbered(), finished(2, 1), over())
LOG = (start(1, 1), finish(2, 1))


def compare(log: tuple[Logged, ...], facts: tuple[Fact, ...], **more: Any) -> list[str]:
    period = Period(SERIAL, CLIENT, 0, {entry.counter: entry for entry in log}, facts)
    found = list(reconcile(replace(period, **more)))
    assert all(finding.severity == "error" and finding.where and finding.message for finding in found)
    return [finding.id for finding in found]


def test_a_sale_that_was_logged_as_journalled_is_fine() -> None:
    assert compare(LOG, SALE) == []


def test_an_outage_receipt_needs_no_finish() -> None:
    assert compare((start(1, 1),), (started(1, 1), numbered(), over(outage="A4"))) == []
    assert compare((), (numbered(), over(outage="A4"))) == []


def test_an_outage_receipt_whose_transaction_was_finished_has_it_as_late() -> None:
    facts = (started(1, 1), numbered(), over(outage="A4"))
    assert compare(LOG, (*facts, late(2, 1))) == []
    assert compare(LOG, (numbered(), over(outage="A4"), late(1, 1, "start"), late(2, 1))) == []
    assert compare(LOG, facts) == ["finish_not_adopted"]


@pytest.mark.parametrize(
    ("id_", "change"),
    [
        ("operation_differs", {"operation": "update"}),
        ("number_differs", {"number": 7}),
        ("client_differs", {"client": "KASSE-2"}),
        ("time_differs", {"time": "2026-11-21T11:00:01.000Z"}),
        ("signature_differs", {"signature": "other"}),
        ("type_differs", {"process_type": "Bestellung-V1"}),
        ("data_differs", {"process_data": DATA.replace("3.50", "0.50").encode()}),
    ],
)
def test_each_field_of_a_finish_is_compared(id_: str, change: dict[str, Any]) -> None:
    assert compare((start(1, 1), finish(2, 1)._replace(**change)), SALE) == [id_]


def test_a_start_carries_no_process_data() -> None:
    assert compare((start(1, 1, process_type=" "), finish(2, 1)), SALE) == [], "as cryptovision writes it"
    assert compare((start(1, 1, process_data=b"x"), finish(2, 1)), SALE) == ["data_differs"]


def test_an_answer_that_the_tse_has_not_logged() -> None:
    assert compare((start(1, 1),), SALE) == ["message_missing"]
    assert compare((finish(2, 1),), SALE) == ["message_missing"]


def test_an_answer_with_another_counter() -> None:
    assert compare((start(1, 1), finish(3, 1)), SALE) == ["counter_differs", "finish_not_adopted"]


def test_a_finish_without_vorgang() -> None:
    assert compare((*LOG, start(3, 2), finish(4, 2)), SALE) == ["finish_without_vorgang"]


def test_a_vorgang_without_finish_and_without_error_text() -> None:
    assert compare((start(1, 1),), (started(1, 1), numbered(), over())) == ["vorgang_without_finish"]


def test_two_finishes_for_one_vorgang() -> None:
    facts = (*SALE[:3], finished(3, 2), over())
    assert compare((*LOG, finish(3, 2)), facts) == ["vorgang_finished_twice"]


def test_a_transaction_that_the_tse_finished_twice() -> None:
    found = compare((*LOG, finish(3, 1)), SALE)
    assert found == ["transaction_finished_twice"] * 2 + ["finish_not_adopted"]


def test_what_the_journal_still_waits_for_is_no_contradiction() -> None:
    facts = (started(1, 1), numbered(), over(outage="A4"))
    assert compare(LOG, facts, pending=(1,)) == []
    assert compare(LOG, facts, later=(2,)) == []


def test_messages_archived_earlier_serve_late_answers_only() -> None:
    log = (*LOG, finish(3, 9))
    assert compare(log, (numbered(), over(outage="A4"), late(2, 1)), after=3) == []


def test_other_clients_other_tses_and_other_journals_are_not_ours() -> None:
    assert compare((finish(4, 8, client="KASSE-2"),), ()) == []
    assert compare((finish(4, 8),), (), began="2026-11-21T11:00:00.500000Z") == []
    replaced = tuple(replace(f, serial_number=OTHER) if isinstance(f, TseFinished) else f for f in SALE[1:])
    assert compare((), replaced) == [], "signed by the TSE that was replaced since"


def test_an_orphans_start_was_never_read() -> None:
    facts = (started(0, 1, signature="", log_time=""), numbered(), finished(2, 1), over())
    assert compare(LOG, facts) == []


def test_only_transactions_are_compared() -> None:
    data = TransactionData("finish", CLIENT, DATA.encode(), TYPE, 1)
    message = LogMessage(2, data, b"", "", 2, 1_795_258_800_000, "unixTime", b"sig", b"")
    assert logged(message) == finish(2, 1, signature="c2ln", time="2026-11-21T11:00:00.000Z")
    assert logged(replace(message, data=AuditData(b""))) is None
