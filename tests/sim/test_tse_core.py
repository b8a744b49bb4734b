"""The device behind every simulated wire, and the roof over all of them."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd.errors import TseRefused
from kassd.sim.tse.core import Core, Silence, Unplugged
from kassd.sim.tse.stand import KINDS, stand
from kassd.tse.soft import Fault, Model, write_faults
from kassd.tse.soft.device import Device
from tests.tse.recording import driver, settings_for
from tests.tse.soft.helpers import CLIENT, FAST, NOW, SECRETS


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    """A device that signs, its wire with a fault ``torn`` of its own."""
    made = Core(tmp_path / "device", FAST, latency_s=0.0, kinds=frozenset({"torn"}))
    made.call("provision", commissioned)
    yield made
    made.power_cycle()


def commissioned(device: Device) -> None:
    device.set_secrets(SECRETS)
    device.authenticate("Admin", SECRETS.admin_pin)
    device.initialize()
    device.register_client(CLIENT)
    device.self_test()
    device.update_time(NOW)
    device.log_out("Admin")


def start(device: Device) -> int:
    return device.transaction("start", 0, CLIENT, "", b"").transaction_number


def counter(core: Core) -> int:
    return core.device.signer.state.counter


def test_it_does_what_is_asked(core: Core) -> None:
    assert core.call("start", start) == 1
    assert core.call("info", Device.info).open_transactions == 1


def test_a_clock_that_jumps_back_and_a_counter_left_out(core: Core) -> None:
    before, known = counter(core), core.device.signer.now()
    core.faults.set(Fault("clock_back", ("start",), ms=60_000), Fault("counter_gap", ("start",)))
    core.call("start", start)
    assert counter(core) == before + 2
    assert core.device.signer.state.last_time <= known - 59_000


def test_a_plan_that_cannot_be_read_is_told_once_and_disturbs_nothing(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    for text in ('{"faults": [{"kind": "fire"}]}', '{"faults": ['):
        caplog.clear()
        (core.folder / "faults.json").write_text(text)
        assert core.call("start", start)
        assert core.plugged()
        assert core.wire("start") == []
        (told,) = caplog.messages
        assert "faults.json ist nicht lesbar" in told
        assert ("'fire' gibt es nicht, nur" in told) == ("fire" in text)
    write_faults(core.folder, Fault("torn"))
    assert [fault.kind for fault in core.wire("start")] == ["torn"]


def test_only_signatures_take_their_time(core: Core) -> None:
    core.latency_s = 30.0
    began = time.monotonic()
    core.call("info", Device.info)
    assert time.monotonic() - began < 20
    core.latency_s, began = 0.2, time.monotonic()
    core.call("start", start)
    assert time.monotonic() - began >= 0.2


def test_silent_has_not_acted_and_lost_has(core: Core) -> None:
    core.faults.set(Fault("silent", ("start",), times=1), Fault("lost", ("start",), skip=1, times=1))
    with pytest.raises(Silence):
        core.call("start", start)
    assert core.device.info().open_transactions == 0
    with pytest.raises(Silence):
        core.call("start", start)
    assert core.device.info().open_transactions == 1
    assert core.call("start", start) == 2


def test_late_is_done_at_once_and_told_later(core: Core) -> None:
    core.faults.set(Fault("late", ("start",), ms=1000, times=1))
    told: list[int] = []
    thread = threading.Thread(target=lambda: told.append(core.call("start", start)))
    before = counter(core)
    thread.start()
    deadline = time.monotonic() + 60
    while counter(core) == before and time.monotonic() < deadline:
        time.sleep(0.005)
    assert (counter(core), told) == (before + 1, []), "nobody else waits for it"
    thread.join()
    assert told == [1]


def test_a_refusal_is_the_vendors_to_answer(core: Core) -> None:
    core.faults.set(Fault("refuse", ("start",), "ErrorStorageFailure", times=1))
    with pytest.raises(TseRefused) as caught:
        core.call("start", start)
    assert caught.value.code == "ErrorStorageFailure"


def test_the_devices_own_refusal_can_be_late_and_lost(core: Core) -> None:
    def unknown(device: Device) -> int:
        return device.transaction("start", 0, "nobody", "", b"").transaction_number

    core.faults.set(Fault("late", ("start",), ms=150, times=1), Fault("lost", ("start",), skip=1, times=1))
    began = time.monotonic()
    with pytest.raises(TseRefused, match="nicht angemeldet"):
        core.call("start", unknown)
    assert time.monotonic() - began >= 0.15
    with pytest.raises(Silence):
        core.call("start", unknown)


def test_gone_has_no_power(core: Core) -> None:
    core.faults.set(Fault("gone"))
    with pytest.raises(Unplugged):
        core.call("info", Device.info)
    assert not core.plugged()
    core.faults.set()
    assert core.plugged()
    info = core.call("info", Device.info)
    assert (info.time_valid, info.self_test_due) == (False, True)
    assert info.clients == (CLIENT,), "what is stored is not lost"


def test_another_stick_in_its_place(core: Core) -> None:
    own = core.call("info", Device.info).serial_number
    core.faults.set(Fault("wrong", times=2))
    other = core.call("info", Device.info)
    assert other.serial_number != own
    assert other.life_cycle == "factory"
    assert core.call("info", Device.info).serial_number == other.serial_number, "the same other one"
    assert core.call("info", Device.info).serial_number == own


def test_a_lost_clock_an_expired_certificate_a_full_store(core: Core) -> None:
    for kind, code in (
        ("clock_lost", "ErrorTimeNotSet"),
        ("expired", "ErrorCertificateExpired"),
        ("full", "ErrorStorageFailure"),
    ):
        core.faults.set(Fault(kind, ("start",), times=1))
        with pytest.raises(TseRefused) as caught:
            core.call("start", start)
        assert caught.value.code == code
        if kind == "clock_lost":  # stays lost until it is set
            core.call("set_time", commission_time)
    assert core.call("start", start) == 1


def commission_time(device: Device) -> None:
    device.authenticate("TimeAdmin", SECRETS.time_admin_pin)
    device.update_time(NOW)
    device.log_out("TimeAdmin")


def test_faults_of_the_wire_are_the_front_ends(core: Core) -> None:
    core.faults.set(Fault("torn", ("start",), times=1), Fault("silent", ("start",), times=1))
    assert [fault.kind for fault in core.wire("start")] == ["torn"]
    assert core.wire("start") == []
    with pytest.raises(Silence):
        core.call("start", start)
    assert core.call("start", start) == 1


def test_one_device_for_all_threads(core: Core) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(core.call("start", start))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 9))


def test_the_model_counts_for_a_new_device_only(tmp_path: Path) -> None:
    first = Core(tmp_path, Model(curve="secp256r1"), latency_s=0.0)
    serial = first.device.signer.state.serial
    first.power_cycle()
    again = Core(tmp_path, Model(curve="secp384r1"), latency_s=0.0)
    assert (again.device.signer.state.serial, again.device.signer.state.model.curve) == (serial, "secp256r1")
    again.power_cycle()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stand_is_found_by_its_settings_and_keeps_its_memory(kind: str, tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        with stand(kind, tmp_path / "sim", latency_s=0.0) as running:
            tse = driver(settings_for(tmp_path, running.settings))
            found.append(await tse.open())
            await tse.close()
            running.power_cycle()
            again = await tse.open()
            await tse.close()
            assert (again.serial_number, again.life_cycle) == (found[0].serial_number, "factory")
    assert found[0].serial_number == found[1].serial_number
    assert found[0].serial_number == running.core.device.signer.state.serial
    running.core.power_cycle()


@pytest.mark.parametrize("kind", ["diebold-tcp", "diebold-service", "epson"])
async def test_who_listens_listens_where_it_is_told(kind: str, tmp_path: Path) -> None:
    with stand(kind, tmp_path / "one", latency_s=0.0) as running:
        address = str(running.settings.get("tcp_port", running.settings.get("service")))
    port = int(address.rstrip("/").rpartition(":")[2])
    with stand(kind, tmp_path / "two", latency_s=0.0, tcp_port=port) as running:
        assert str(running.settings.get("tcp_port", running.settings.get("service"))) == address


def test_three_wrong_puks_make_it_scrap(core: Core) -> None:
    for left in (2, 1, 0):
        with pytest.raises(TseRefused, match="PUK falsch"):
            core.call("unblock", lambda device: device.unblock("Admin", "0000000000", SECRETS.admin_pin))
        assert core.device.signer.state.users["Admin"].puk_tries == left
    with pytest.raises(TseRefused) as caught:
        core.call("unblock", lambda device: device.unblock("Admin", SECRETS.admin_puk, SECRETS.admin_pin))
    assert caught.value.code == "ErrorPukBlocked"
