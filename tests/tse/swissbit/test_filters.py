import pytest

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.log.tar import Member
from kassd.tse.port import ExportFilter
from kassd.tse.swissbit.filters import Row, Selection, row, start_number

ROWS = [
    Row(1, 100),
    Row(2, 110, 1, "A"),
    Row(3, 120, 1, "A"),
    Row(4, 130),
    Row(5, 140, 2, "B"),
    Row(6, 150),
    Row(7, 160, 2, "B"),
    Row(8, 170),
    Row(9, 180, 3, "A"),
]


def kept(**chosen: object) -> list[int]:
    selection = Selection(ExportFilter(**chosen))  # type: ignore[arg-type]
    selection.see(ROWS)
    selection.conclude()
    assert selection.keeps(None)
    return [one.counter for one in ROWS if selection.keeps(one)]


@pytest.mark.parametrize(
    ("chosen", "counters"),
    [
        ({"transaction_number": 2}, [5, 7]),
        ({"first_transaction": 1, "last_transaction": 2}, [2, 3, 4, 5, 6, 7]),
        ({"first_transaction": 2}, [5, 6, 7, 8, 9]),
        ({"last_transaction": 1}, [2, 3]),
        ({"start_time": 130, "end_time": 150}, [4, 5, 6]),
        ({"start_time": 170}, [8, 9]),
        ({"client_id": "B"}, [1, 4, 5, 6, 7, 8]),
        ({"client_id": "A", "start_time": 130}, [4, 6, 8, 9]),
        ({"client_id": "B", "transaction_number": 2}, [5, 7]),
        ({"after_counter": 6}, [7, 8, 9]),
        ({"after_counter": 9}, []),
    ],
)
def test_what_is_kept(chosen: dict[str, object], counters: list[int]) -> None:
    assert kept(**chosen) == counters


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ({"transaction_number": 4}, codes.TRANSACTION_NOT_FOUND),
        ({"first_transaction": 4}, codes.TRANSACTION_NOT_FOUND),
        ({"client_id": "C"}, codes.NOT_FOUND),
        ({"start_time": 181}, codes.NO_DATA),
        ({"client_id": "A", "transaction_number": 2}, codes.TRANSACTION_NOT_FOUND),
    ],
)
def test_nothing_found(chosen: dict[str, object], code: str) -> None:
    with pytest.raises(TseRefused) as caught:
        kept(**chosen)
    assert caught.value.code == code


def test_rows_of_names() -> None:
    assert row(Member("Unixt_160_Sig-7_Log-Tra_No-2_Finish_Client-B_1.log", b"")) == Row(7, 160, 2, "B_1")
    assert row(Member("Unixt_160_Sig-8_Log-Sys_UpdateTime.log", b"")) == Row(8, 160)
    assert row(Member("info.csv", b"")) is None


def test_start_numbers() -> None:
    assert start_number("Unixt_160_Sig-7_Log-Tra_No-2_Start_Client-B.log") == 2
    assert start_number("Unixt_160_Sig-7_Log-Tra_No-2_Finish_Client-B_Start_Client-.log") is None
    assert start_number("Unixt_160_Sig-8_Log-Sys_UpdateTime.log") is None
    assert start_number("info.csv") is None
