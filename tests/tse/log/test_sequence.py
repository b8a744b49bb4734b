import pytest

from kassd.tse.log.messages import AuditData, SystemData, parse
from kassd.tse.log.sequence import Row, check_sequence, row
from tests.tse.log.samples import T0, shared_signer, start


def make(counter: int, operation: str = "", number: int = -1, time: int | None = None, **more: object) -> Row:
    base = Row(
        counter, T0 + counter if time is None else time, f"m{counter}", 2, "unixTime", operation, number, "K"
    )
    return base._replace(**more)  # type: ignore[arg-type]


def ids(*rows: Row) -> list[tuple[str, str, str]]:
    return [(f.id, f.severity, f.where) for f in check_sequence(rows)]


GOOD = (
    make(1, "start", 1),
    make(2, "start", 2),
    make(3, "update", 1),
    make(4, "finish", 1),
    make(5, "finish", 2),
)


def test_good_in_any_order_and_none() -> None:
    assert ids() == []
    assert ids(*GOOD) == [("counter_range", "info", "m1")]
    assert ids(*reversed(GOOD)) == [("counter_range", "info", "m1"), ("members_unordered", "info", "m4")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((make(5), make(6)), ("counter_range", "info", "m5")),
        ((make(1), make(3), make(2)), ("members_unordered", "info", "m2")),
        ((make(1), make(1, "x")), ("counter_duplicate", "error", "m1")),
        ((make(1), make(3)), ("counter_gap", "warning", "m3")),
        ((make(1), make(2, time=5)), ("time_backwards", "error", "m2")),
        ((make(1), make(3, time=5)), ("time_backwards", "warning", "m3")),
        ((make(1), make(2, version=3)), ("version_changed", "warning", "m2")),
        ((make(1), make(2, time_format="utcTime")), ("time_format_changed", "warning", "m2")),
        ((make(1, "finish", 1),), ("transaction_no_start", "error", "m1")),
        ((make(4, "finish", 1),), ("transaction_no_start", "warning", "m4")),
        ((*GOOD, make(6, "finish", 2)), ("transaction_after_finish", "error", "m6")),
        ((*GOOD, make(6, "update", 1)), ("transaction_after_finish", "error", "m6")),
        ((*GOOD[:3], make(4, "finish", 1, client="X"), GOOD[4]), ("transaction_client", "warning", "m4")),
        ((*GOOD, make(6, "start", 2)), ("transaction_duplicate", "error", "m6")),
        ((make(1, "start", 5), make(2, "start", 3)), ("transaction_order", "warning", "m2")),
        ((make(1, "start", 1), make(2, "start", 3)), ("transaction_gap", "warning", "m2")),
        ((make(1, "start", 1),), ("transaction_open", "info", "m1")),
    ],
)
def test_each_finding(rows: tuple[Row, ...], expected: tuple[str, str, str]) -> None:
    assert expected in ids(*rows)


def test_numbers_that_began_out_of_order_are_not_missing() -> None:
    swapped = ids(make(1, "start", 1), make(2, "start", 3), make(3, "start", 2))
    assert [found for found in swapped if found[1] != "info"] == [("transaction_order", "warning", "m3")]


def test_time_may_go_back_with_an_update_of_the_time() -> None:
    found = ids(make(1), make(2, "updatetime", time=T0 - 9000), make(3, time=T0 - 8000))
    assert [id_ for id_, _, _ in found] == ["counter_range"]


def test_rows_of_messages() -> None:
    signer = shared_signer()
    found = row(parse(signer.message(start(3), 9)), "w")
    assert found == Row(9, T0, "w", 2, "unixTime", "start", 3, "KASSE-1")
    assert row(parse(signer.message(SystemData("UpdateTime", b""), 9)), "w").operation == "updatetime"
    assert row(parse(signer.message(AuditData(b""), 9)), "w").operation == ""
