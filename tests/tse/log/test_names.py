import pytest

from kassd.tse.log import names
from kassd.tse.log.messages import AuditData, SystemData, parse
from tests.tse.log.samples import T0, shared_signer, start


def test_names_are_written_and_read_back() -> None:
    signer = shared_signer()
    for data, end in (
        (start(3, "KASSE-1"), "Log-Tra_No-3_Start_Client-KASSE-1"),
        (SystemData("updateTime", b""), "Log-Sys_UpdateTime"),
        (AuditData(b""), "Log-Aud"),
    ):
        message = parse(signer.message(data, 9))
        assert names.log_name(message) == f"Unixt_{T0 // 1000}_Sig-9_{end}.log"
        for collision in (0, 2):
            found = names.parse_log_name(names.log_name(message, collision))
            assert found is not None
            assert names.name_differs(found, message) == ""


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("Sig-9", "Sig-8", "Signaturzähler"),
        ("1790000000", "1790000001", "Zeit"),
        ("No-3", "No-4", "Vorgang"),
        ("Start", "Finish", "Vorgang"),
        ("KASSE-1", "KASSE-2", "Vorgang"),
    ],
)
def test_contradictions_are_named(old: str, new: str, field: str) -> None:
    message = parse(shared_signer().message(start(3), 9))
    found = names.parse_log_name(names.log_name(message).replace(old, new))
    assert found is not None
    assert names.name_differs(found, message) == field


def test_letter_case_of_system_operations_does_not_count() -> None:
    message = parse(shared_signer().message(SystemData("UpdateTime", b""), 9))
    found = names.parse_log_name("Unixt_1790000000_Sig-9_Log-Sys_updateTime.log")
    assert found is not None
    assert names.name_differs(found, message) == ""


@pytest.mark.parametrize("client", ["", "K_Fc-1", "Kasse Süd, 2.log", "x" * 128])
def test_any_client_name_is_found_again(client: str) -> None:
    message = parse(shared_signer().message(start(3, client), 9))
    for collision in (0, 7):
        found = names.parse_log_name(names.log_name(message, collision))
        assert found is not None
        assert names.name_differs(found, message) == ""


@pytest.mark.parametrize(
    "name", ["x.log", "Unixt_1_Sig-_Log-Aud.log", "Unixt_1_Sig-1_Log-Tra_No-1_Stop_Client-a.log"]
)
def test_other_names_are_none(name: str) -> None:
    assert names.parse_log_name(name) is None


def test_certificate_names() -> None:
    digest = "AB" * 32
    for end in ("X509.cer", "X509.crt", "X509.pem", "X509.der", "X509_Fc-1.crt"):
        assert names.parse_certificate_name(f"{digest}_{end}") == (digest.lower(), "X509")
    assert names.parse_certificate_name(f"{digest}_CVC.cer") == (digest.lower(), "CVC")
    assert names.parse_certificate_name("readme.cer") is None
    assert names.certificate_name("ab" * 32) == "ab" * 32 + "_X509.cer"
