import io
from collections.abc import Iterator

import pytest

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.log import verify_tar
from kassd.tse.log.tar import END
from kassd.tse.port import ExportFilter
from kassd.tse.soft import archive
from kassd.tse.soft.device import Device
from tests.tse.soft.helpers import CLIENT, NOW, SECRETS, Time, active


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    time = Time()
    made = active(tmp_path_factory.mktemp("tse"), time)
    made.authenticate("Admin", SECRETS.admin_pin)
    made.register_client("B")
    for client in (CLIENT, "B", CLIENT):
        time.pass_s(100)
        number = made.transaction("start", 0, client, "", b"").transaction_number
        time.pass_s(10)
        made.transaction("finish", number, client, "t", b"d")
        made.self_test()
    yield made
    made.signer.store.close()


def chosen(device: Device, **what: object) -> list[tuple[int, str]]:
    found = archive.select(device.signer, ExportFilter(**what))  # type: ignore[arg-type]
    return [(entry.number, entry.client) for entry in found]


def test_filters(device: Device) -> None:
    assert len(chosen(device)) == device.signer.state.counter
    assert chosen(device, transaction_number=2) == [(2, "B")] * 2
    assert {n for n, _ in chosen(device, client_id="B")} == {2, -1}
    ranged = chosen(device, first_transaction=2, last_transaction=3)
    assert [n for n, _ in ranged] == [2, 2, -1, 3, 3]
    assert [n for n, _ in chosen(device, last_transaction=1)] == [1, 1]
    period = chosen(device, start_time=NOW + 200, end_time=NOW + 230)
    assert [n for n, _ in period] == [2, 2, -1]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"transaction_number": 9}, codes.TRANSACTION_NOT_FOUND),
        ({"first_transaction": 9}, codes.TRANSACTION_NOT_FOUND),
        ({"transaction_number": 1, "client_id": "B"}, codes.TRANSACTION_NOT_FOUND),
        ({"client_id": "nobody"}, codes.NOT_FOUND),
        ({"end_time": 5}, codes.NO_DATA),
    ],
)
def test_nothing_found_is_refused(device: Device, what: dict[str, object], code: str) -> None:
    with pytest.raises(TseRefused) as caught:
        chosen(device, **what)
    assert caught.value.code == code


def test_archives_verify(device: Device) -> None:
    signer = device.signer
    entries = archive.select(signer, ExportFilter())
    raw = archive.head(signer) + b"".join(archive.log_members(signer, entries)) + END
    verdict = verify_tar(io.BytesIO(raw), roots=[signer.identity.chain[2]])
    assert (verdict.ok, verdict.checked) == (True, len(entries))
    assert [finding.id for finding in verdict.findings] == ["info_unsigned", "counter_range"]
    assert verify_tar(io.BytesIO(archive.certificate_archive(signer))).ok
