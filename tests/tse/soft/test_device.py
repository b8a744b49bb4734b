from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.port import Secrets
from kassd.tse.soft import Model
from kassd.tse.soft.device import MAX_PROCESS_DATA, Device
from tests.tse.soft.helpers import CLIENT, NOW, SECRETS, Time, active, power_up


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def device(tmp_path: Path, time: Time) -> Iterator[Device]:
    made = active(tmp_path, time)
    yield made
    made.signer.store.close()


def code(action: Callable[[], object]) -> str:
    with pytest.raises(TseRefused) as caught:
        action()
    return caught.value.code


def start(device: Device, client: str = CLIENT) -> int:
    return device.transaction("start", 0, client, "", b"").transaction_number


def admin(device: Device) -> Device:
    device.authenticate("Admin", SECRETS.admin_pin)
    return device


def test_life_cycle(tmp_path: Path) -> None:
    device = power_up(tmp_path)
    assert device.life_cycle == "factory"
    assert device.info().signature_counter == 0
    assert code(device.initialize) == codes.NOT_AUTHENTICATED
    assert code(lambda: device.authenticate("Admin", "1")) == codes.USER_UNKNOWN
    device.set_secrets(SECRETS)
    admin(device)
    assert code(lambda: device.register_client(CLIENT)) == codes.NOT_INITIALIZED
    device.initialize()
    assert device.life_cycle == "no_time"
    assert code(device.initialize) == codes.ALREADY_INITIALIZED
    assert code(lambda: device.set_secrets(SECRETS)) == codes.ALREADY_INITIALIZED
    device.update_time(NOW)
    assert device.life_cycle == "active"
    device.disable()
    assert device.life_cycle == "disabled"
    assert code(lambda: start(device)) == codes.DISABLED
    assert code(device.self_test) == codes.DISABLED
    assert code(lambda: admin(device)) == codes.DISABLED
    device.signer.store.close()
    again = power_up(tmp_path)
    assert again.life_cycle == "disabled"
    again.signer.store.close()


def test_power_up_loses_time_and_self_test(device: Device, tmp_path: Path) -> None:
    start(device)
    device.signer.store.close()
    again = power_up(tmp_path)
    assert again.life_cycle == "no_time"
    assert again.self_test_due
    assert again.open_transactions(None) == (1,)
    assert code(lambda: start(again)) == codes.SELF_TEST_DUE
    again.self_test()
    assert code(lambda: start(again)) == codes.TIME_NOT_SET
    again.authenticate("TimeAdmin", SECRETS.time_admin_pin)
    again.update_time(NOW + 60)
    assert start(again) == 2
    again.signer.store.close()


def test_self_test_is_due_after_25_hours(device: Device, time: Time) -> None:
    time.pass_s(25 * 3600 - 1)
    assert not device.self_test_due
    time.pass_s(1)
    assert device.self_test_due
    assert code(lambda: start(device)) == codes.SELF_TEST_DUE
    device.self_test()
    assert start(device) == 1


def test_wrong_pins_block_and_the_puk_unblocks(device: Device) -> None:
    for left in (2, 1, 0):
        with pytest.raises(TseRefused, match=f"noch {left} Versuche") as caught:
            device.authenticate("Admin", "99999")
        assert caught.value.code == codes.WRONG_PIN
    assert code(lambda: admin(device)) == codes.PIN_BLOCKED
    assert code(lambda: device.unblock("Admin", "0000000000", "55555")) == codes.WRONG_PIN
    device.unblock("Admin", SECRETS.admin_puk, "55555")
    assert code(lambda: admin(device)) == codes.WRONG_PIN
    device.authenticate("Admin", "55555")


def test_tries_survive_a_power_cycle_and_a_right_pin_restores_them(device: Device, tmp_path: Path) -> None:
    assert code(lambda: device.authenticate("Admin", "9")) == codes.WRONG_PIN
    device.signer.store.close()
    again = power_up(tmp_path)
    assert again.signer.state.users["Admin"].pin_tries == 2
    admin(again)
    assert again.signer.state.users["Admin"].pin_tries == 3
    again.signer.store.close()


def test_ten_wrong_puks_scrap_the_user(device: Device) -> None:
    for _ in range(10):
        assert code(lambda: device.unblock("TimeAdmin", "0000000000", "55555")) == codes.WRONG_PIN
    right = SECRETS.time_admin_puk
    assert code(lambda: device.unblock("TimeAdmin", right, "55555")) == codes.PUK_BLOCKED
    assert code(lambda: device.unblock("Nobody", right, "55555")) == codes.USER_UNKNOWN
    assert code(lambda: device.unblock("Admin", SECRETS.admin_puk, "x")) == codes.PARAMETER


def test_rights(device: Device) -> None:
    assert code(lambda: device.update_time(NOW)) == codes.NOT_AUTHENTICATED
    device.authenticate("TimeAdmin", SECRETS.time_admin_pin)
    assert code(lambda: device.register_client("X")) == codes.NOT_AUTHORIZED
    assert code(device.disable) == codes.NOT_AUTHORIZED
    device.log_out("TimeAdmin")
    device.log_out("TimeAdmin")
    assert code(lambda: device.register_client("X")) == codes.NOT_AUTHENTICATED


@pytest.mark.parametrize("bad", ["1234", "123456789", "abcde", ""])
def test_secrets_have_a_form(tmp_path: Path, bad: str) -> None:
    device = power_up(tmp_path)
    assert code(lambda: device.set_secrets(Secrets(bad, "22222", "3" * 10, "4" * 10))) == codes.PARAMETER
    device.signer.store.close()


def test_clients(device: Device) -> None:
    admin(device)
    for bad in ("", "x" * 31, "Käse", "a;b", "a\n", "a/b"):
        assert code(lambda bad=bad: device.register_client(bad)) == codes.PARAMETER  # type: ignore[misc]
    device.register_client("x" * 30)
    counter = device.signer.state.counter
    device.register_client("x" * 30)
    assert device.signer.state.counter == counter
    number = start(device, "x" * 30)
    assert code(lambda: device.deregister_client("x" * 30)) == codes.CLIENT_IN_USE
    device.transaction("finish", number, "x" * 30, "", b"")
    device.deregister_client("x" * 30)
    assert code(lambda: device.deregister_client("x" * 30)) == codes.CLIENT_UNKNOWN
    assert code(lambda: start(device, "x" * 30)) == codes.CLIENT_UNKNOWN
    assert device.info().clients == (CLIENT,)


def test_limits_of_clients_and_transactions(tmp_path: Path) -> None:
    device = active(tmp_path, model=Model(curve="secp256r1", max_clients=1, max_open_transactions=2))
    admin(device)
    assert code(lambda: device.register_client("X")) == codes.TOO_MANY_CLIENTS
    start(device)
    start(device)
    assert code(lambda: start(device)) == codes.TOO_MANY_TRANSACTIONS
    device.transaction("finish", 1, CLIENT, "", b"")
    assert start(device) == 3
    device.signer.store.close()


def test_counters_go_up_by_one(device: Device) -> None:
    first = device.transaction("start", 0, CLIENT, "", b"")
    second = device.transaction("update", 1, CLIENT, "t", b"d")
    third = device.transaction("finish", 1, CLIENT, "t", b"d")
    numbers = [s.signature_counter for s in (first, second, third)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert start(device) == 2
    last = device.last_result(CLIENT)
    assert last is not None
    assert (last.operation, last.signed.transaction_number) == ("start", 2)
    assert device.last_result("nobody") is None


def test_transactions_that_are_not_there(device: Device) -> None:
    number = start(device)
    admin(device)
    device.register_client("OTHER")
    counter = device.signer.state.counter
    for operation, n, client in (("update", 9, CLIENT), ("finish", number, "OTHER"), ("finish", 0, CLIENT)):
        assert (
            code(lambda o=operation, n=n, c=client: device.transaction(o, n, c, "", b""))
            == codes.NO_TRANSACTION
        )  # type: ignore[misc]
    device.transaction("finish", number, CLIENT, "", b"")
    assert code(lambda: device.transaction("finish", number, CLIENT, "", b"")) == codes.NO_TRANSACTION
    assert device.signer.state.counter == counter + 1


def test_too_much_data(device: Device) -> None:
    for process_type, data in (("x" * 101, b""), ("", bytes(MAX_PROCESS_DATA + 1))):
        assert (
            code(lambda t=process_type, d=data: device.transaction("start", 0, CLIENT, t, d))  # type: ignore[misc]
            == codes.PARAMETER
        )


def test_time_can_be_set_back_but_not_to_nonsense(device: Device) -> None:
    admin(device)
    device.update_time(NOW - 500)
    assert device.transaction("start", 0, CLIENT, "", b"").log_time < "2026-09-21T14:13:20"
    assert code(lambda: device.update_time(0)) == codes.PARAMETER


def test_disable_needs_finished_transactions(device: Device) -> None:
    number = start(device)
    admin(device)
    assert code(device.disable) == codes.OPEN_TRANSACTIONS
    device.transaction("finish", number, CLIENT, "", b"")
    device.disable()


def test_delete_needs_a_full_export(device: Device) -> None:
    admin(device)
    assert code(device.delete_exported) == codes.UNEXPORTED
    device.mark_exported(device.signer.state.counter)
    start(device)
    assert code(device.delete_exported) == codes.UNEXPORTED
    device.mark_exported(device.signer.state.counter)
    device.delete_exported()
    assert [e.counter for e in device.signer.entries()] == [device.signer.state.counter]
    assert device.open_transactions(CLIENT) == (1,)
    assert device.open_transactions("OTHER") == ()


def test_delete_up_to_a_counter_that_was_exported(device: Device) -> None:
    start(device)
    newest = device.signer.state.counter
    start(device)
    assert code(lambda: device.delete_up_to(newest)) == codes.NOT_AUTHENTICATED
    admin(device)
    assert code(lambda: device.delete_up_to(newest)) == codes.UNEXPORTED
    device.mark_exported(newest)
    assert code(lambda: device.delete_up_to(newest + 1)) == codes.UNEXPORTED
    device.delete_up_to(newest)
    kept = [found.counter for found in device.signer.entries()]
    assert kept == list(range(newest + 1, device.signer.state.counter + 1))
    assert device.open_transactions(CLIENT) == (1, 2)


def test_a_puk_comes_before_the_pin(tmp_path: Path) -> None:
    device = power_up(tmp_path)
    assert code(lambda: device.set_puk("Nobody", SECRETS.admin_puk)) == codes.USER_UNKNOWN
    assert code(lambda: device.set_puk("Admin", "123")) == codes.PARAMETER
    device.set_puk("Admin", SECRETS.admin_puk)
    assert code(lambda: device.set_puk("Admin", SECRETS.admin_puk)) == codes.PARAMETER
    assert code(lambda: device.authenticate("Admin", "")) == codes.PIN_BLOCKED
    device.unblock("Admin", SECRETS.admin_puk, SECRETS.admin_pin)
    admin(device).initialize()
    device.signer.store.close()


def test_a_device_that_tests_itself_is_never_due(tmp_path: Path) -> None:
    device = power_up(tmp_path)
    assert device.self_test_due
    device.tests_itself = True
    assert not device.self_test_due
    device.signer.store.close()
