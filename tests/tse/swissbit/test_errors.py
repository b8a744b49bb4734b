import pytest

from kassd.tse import codes
from kassd.tse.swissbit.errors import OWN, STANDARD, refusal


@pytest.mark.parametrize("status", sorted({**STANDARD, **OWN}))
def test_every_status_has_a_code_and_a_german_sentence(status: int) -> None:
    error = refusal(status)
    assert error.code == STANDARD.get(status, OWN.get(status, ("",))[0])
    assert str(error).endswith(".")
    assert "TSE" in str(error) or "Kasse" in str(error) or "PIN" in str(error) or "Signaturen" in str(error)


@pytest.mark.parametrize(("status", "left"), [(0x1102, 2), (0x1101, 1), (0x1100, 0)])
def test_a_wrong_pin_tells_what_is_left(status: int, left: int) -> None:
    error = refusal(status)
    assert error.code == codes.WRONG_PIN
    assert f"noch {left} Versuche" in str(error)
    assert "PUK falsch" in str(refusal(status, puk=True))


def test_a_blocked_pin_is_no_blocked_puk() -> None:
    assert refusal(0x1201).code == codes.PIN_BLOCKED
    assert refusal(0x1201, puk=True).code == codes.PUK_BLOCKED


def test_an_unknown_status_keeps_its_number() -> None:
    error = refusal(0x1ABC)
    assert error.code == "WORM_ERROR_1ABC"
    assert "1ABC" in str(error)
