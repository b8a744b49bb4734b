"""The sums of an end of day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.apdu import CodecError
from kassd.devices.terminal.zvt.totals import SCHEMES, SIZE, Totals
from tests.devices.terminal.zvt.samples import RELAXED

numbers = st.integers(0, 9999).map(lambda number: f"{number:04d}")
sums = st.tuples(st.integers(0, 255), st.integers(0, 10**12 - 1))
totals = st.builds(
    Totals, numbers, numbers, st.lists(sums, min_size=len(SCHEMES), max_size=len(SCHEMES)).map(tuple)
)


@RELAXED
@given(totals)
def test_what_is_written_is_read(day: Totals) -> None:
    assert len(day.to_bytes()) == SIZE
    assert Totals.from_bytes(day.to_bytes()) == day
    assert day.amount == sum(amount for _, amount in day.sums)
    assert day.count == sum(count for count, _ in day.sums)


def test_sums_that_are_none() -> None:
    with pytest.raises(CodecError, match="52 statt 53"):
        Totals.from_bytes(bytes(52))
    with pytest.raises(CodecError, match="kein Betrag"):
        Totals.from_bytes(b"\xff" * SIZE)
