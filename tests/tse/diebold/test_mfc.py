"""Error pairs and state bits."""

import pytest

from kassd.tse import codes
from kassd.tse.diebold.codec import CodecError
from kassd.tse.diebold.mfc import ERRORS, State, Status, refusal


@pytest.mark.parametrize("pair", ERRORS)
def test_every_error_has_a_name_and_a_sentence(pair: tuple[int, int]) -> None:
    error = refusal(pair)
    assert error.code == (ERRORS[pair][1] or ERRORS[pair][0])
    assert str(error).endswith(".") or ")" in str(error)


def test_errors_that_the_worker_reacts_to() -> None:
    assert refusal((1, 1)).code == codes.TIME_NOT_SET
    assert refusal((1, 0x0C)).code == codes.SELF_TEST_DUE
    assert refusal((1, 2)).code == codes.CERTIFICATE_EXPIRED
    assert refusal((1, 8)).code == codes.NO_TRANSACTION
    assert refusal((1, 0x15)).code == codes.CLIENT_UNKNOWN
    assert refusal((0, 3)).code == "E_UNKNOWN_CMD"


def test_an_unknown_pair_keeps_its_number() -> None:
    assert refusal((7, 0xAB)).code == "ERROR_07_AB"


def test_status() -> None:
    status = Status.of((b"0115", b"07"))
    assert status == Status((1, 0x15), State.FISCAL | State.COMMAND_OPEN | State.TRANSACTIONS)
    assert Status.of((b"rest", b"0000", b"01")) == Status((0, 0), State.FISCAL)
    for bad in ((), (b"0000",), (b"00", b"01"), (b"0000", b"zz")):
        with pytest.raises(CodecError):
            Status.of(bad)
