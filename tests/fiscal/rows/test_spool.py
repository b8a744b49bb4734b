"""What waits for its closing does not grow in memory."""

import pytest

from kassd.fiscal.rows.spool import Spool


@pytest.mark.parametrize("count", [0, 1, 3, 4, 11])
def test_everything_comes_back_in_order_as_often_as_wanted(count: int) -> None:
    spool: Spool[dict[str, int]] = Spool(in_memory=4)
    for n in range(count):
        spool.append({"n": n})
    for _ in range(2):
        assert [item["n"] for item in spool] == list(range(count))
    assert len(spool) == count
    spool.close()
    assert list(spool) == []
