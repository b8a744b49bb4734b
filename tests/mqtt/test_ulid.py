"""kassd.mqtt.ulid: ids that the register takes, in order of time."""

from kassd.mqtt.commands import is_id
from kassd.mqtt.ulid import ulid


def test_ids_are_ulids_in_order_of_time() -> None:
    ids = [ulid() for _ in range(100)]
    assert all(is_id(value) for value in ids)
    assert len(set(ids)) == 100
    assert ids[0][:8] <= ids[-1][:8]
