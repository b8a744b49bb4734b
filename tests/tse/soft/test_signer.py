from base64 import b64decode
from pathlib import Path

import pytest

from kassd.errors import TseGone, TseRefused
from kassd.tse import codes
from kassd.tse.log.messages import AuditData, parse
from kassd.tse.log.times import TIME_FORMATS, TimeFormat, to_iso
from kassd.tse.soft import Model
from kassd.tse.soft.signer import Signer
from kassd.tse.soft.store import FILE
from tests.tse.soft.helpers import CLIENT, FAST, NOW, Time, active, power_up


def stored(signer: Signer) -> list[bytes]:
    return [b64decode(signer.store.read(entry.span)["m"]) for entry in signer.entries()]


@pytest.mark.parametrize("time_format", TIME_FORMATS)
def test_answer_time_is_the_time_in_the_message(tmp_path: Path, time_format: TimeFormat) -> None:
    signer = Signer(tmp_path, Model(curve="secp256r1", time_format=time_format), NOW, Time())
    signed = signer.log(AuditData(b"x"))
    signer.commit()
    message = parse(stored(signer)[0])
    assert to_iso(message.time) == signed.log_time
    assert message.time_format == time_format
    signer.store.close()


def test_time_runs_and_never_goes_back(tmp_path: Path) -> None:
    time = Time()
    signer = Signer(tmp_path, FAST, NOW, time)
    made = NOW // 60 * 60
    assert signer.now() == made * 1000
    time.pass_s(90)
    assert signer.now() == (made + 90) * 1000
    signer.log(AuditData(b"x"))
    signer.commit()
    signer.set_clock(made * 1000)
    assert signer.now() == (made + 90) * 1000
    signer.store.close()


def test_the_same_store_gives_the_same_tse(tmp_path: Path) -> None:
    first = power_up(tmp_path)
    serial = first.signer.state.serial
    with pytest.raises(TseGone):
        power_up(tmp_path)
    first.signer.store.close()
    again = power_up(tmp_path, model=Model(curve="secp384r1"))
    assert (again.signer.state.serial, again.signer.state.model) == (serial, FAST)
    again.signer.store.close()


def test_a_lost_log_means_another_serial(tmp_path: Path) -> None:
    first = power_up(tmp_path)
    first.signer.store.close()
    (tmp_path / FILE).unlink()
    second = power_up(tmp_path)
    assert second.signer.state.serial != first.signer.state.serial
    second.signer.store.close()


def test_failure_to_start_releases_the_lock(tmp_path: Path) -> None:
    power_up(tmp_path).signer.store.close()
    key = tmp_path / "pki" / "tse.key"
    hidden = key.rename(key.with_suffix(".away"))
    with pytest.raises(TseRefused):
        power_up(tmp_path)
    hidden.rename(key)
    power_up(tmp_path).signer.store.close()


def test_limits(tmp_path: Path) -> None:
    device = active(tmp_path / "a", model=Model(curve="secp256r1", max_signatures=7))
    device.transaction("start", 0, CLIENT, "", b"")
    with pytest.raises(TseRefused) as caught:
        device.transaction("start", 0, CLIENT, "", b"")
    assert caught.value.code == codes.SIGNATURES_EXHAUSTED
    assert device.info().signatures_left == 0
    device.signer.store.close()
    device = active(tmp_path / "b", model=Model(curve="secp256r1", max_bytes=3000))
    while device.signer.state.stored < 3000:
        device.transaction("start", 0, CLIENT, "", b"x" * 200)
    with pytest.raises(TseRefused) as caught:
        device.transaction("start", 0, CLIENT, "", b"x" * 200)
    assert caught.value.code == codes.STORAGE
    assert device.info().memory_used == 100
    device.signer.store.close()


def test_nothing_is_signed_after_the_certificate(tmp_path: Path) -> None:
    time = Time()
    device = active(tmp_path, time, Model(curve="secp256r1", certificate_days=3))
    device.transaction("start", 0, CLIENT, "", b"")
    device.self_test()
    time.pass_s(4 * 86_400)
    with pytest.raises(TseRefused) as caught:
        device.self_test()
    assert caught.value.code == codes.CERTIFICATE_EXPIRED
    counter = device.signer.state.counter
    assert device.info().signature_counter == counter
    device.signer.store.close()


def test_forget_keeps_counters_and_later_messages(tmp_path: Path) -> None:
    device = active(tmp_path)
    upto = device.signer.state.counter
    device.transaction("start", 0, CLIENT, "", b"")
    device.signer.forget(upto)
    assert [entry.counter for entry in device.signer.entries()] == [upto + 1]
    assert device.signer.state.counter == upto + 1
    assert parse(stored(device.signer)[0]).signature_counter == upto + 1
    assert device.transaction("finish", 1, CLIENT, "", b"").signature_counter == upto + 2
    device.signer.store.close()


def test_a_tse_keeps_its_model_when_defaults_change(tmp_path: Path) -> None:
    power_up(tmp_path, model=Model()).signer.store.close()
    line = (tmp_path / FILE).read_bytes()
    assert b'"curve":"brainpoolP384r1"' in line
    assert b'"time_format":"unixTime"' in line
