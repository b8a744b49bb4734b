import pytest

from kassd.tse.log import der
from kassd.tse.log.messages import SystemData, parse
from kassd.tse.log.system import Events
from tests.tse.log.samples import T0, shared_signer


def _all(events: Events) -> list[SystemData]:
    return [
        events.initialize("Test"),
        events.update_time(T0, T0 + 5000, "TimeAdmin"),
        events.authenticate_user("Admin", 0, 2, 1),
        events.log_out("Admin"),
        events.unblock_user("Admin", 0),
        events.self_test(True, T0),
        events.register_client("K1"),
        events.deregister_client("K1"),
        events.delete_logs("Admin"),
        events.disable(T0),
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_every_event_is_well_formed(version: int) -> None:
    for data in _all(Events(version)):
        message = parse(shared_signer().message(data, 1, T0, version))
        assert message.data == data
        der.children(data.event, 0, len(data.event))


def test_update_time_of_version_2() -> None:
    event = Events().update_time(1_589_712_778_000, 1_589_712_808_000, "TimeAdmin").event
    assert event.hex() == "81045ec1178a82045ec117a8"


def test_update_time_of_version_3_names_the_user() -> None:
    data = Events(3, "utcTimeWithSeconds").update_time(1_589_712_778_000, 1_589_712_808_000, "TimeAdmin")
    assert data.triggered_by == "TimeAdmin"
    assert data.event.hex() == "170d3230303531373130353235385a170d3230303531373130353332385a"


def test_authenticate_user_of_version_2() -> None:
    event = Events().authenticate_user("TimeAdmin", 1, 0, 3).event
    assert event == b"\x81\x09TimeAdmin\x82\x01\x01\x83\x01\xff\x84\x01\x03"


def test_names_of_version_3() -> None:
    events = Events(3)
    assert events.unblock_user("Admin", 1).operation == "unblockPin"
    assert events.delete_logs("Admin").operation == "deleteLogMessages"
