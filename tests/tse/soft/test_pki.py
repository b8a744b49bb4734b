import stat
from pathlib import Path

import pytest

from kassd.errors import TseRefused
from kassd.tse.log.algorithms import verify
from kassd.tse.log.certificates import check_chain, load
from kassd.tse.soft import pki
from tests.tse.soft.helpers import NOW


@pytest.mark.parametrize("curve", pki.ALGORITHM_OF_CURVE)
def test_identity_signs_and_its_chain_holds(tmp_path: Path, curve: str) -> None:
    pki.create(tmp_path, curve, NOW, 100)
    identity = pki.load(tmp_path, curve)
    assert verify(identity.public, identity.algorithm, b"data", identity.sign(b"data"))
    chain = [load(der) for der in identity.chain]
    assert chain[0].key == identity.public
    assert list(check_chain(chain[0], chain[:2], [chain[2].der])) == []
    assert identity.expiry == NOW + 100 * 86_400


def test_a_host_in_1970_makes_no_expired_tse(tmp_path: Path) -> None:
    pki.create(tmp_path, "secp256r1", 5, 10)
    assert pki.load(tmp_path, "secp256r1").expiry == pki.EARLIEST_S + 10 * 86_400


def test_an_interrupted_attempt_is_replaced_and_the_key_is_private(tmp_path: Path) -> None:
    (tmp_path / "pki.new").mkdir()
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki" / "tse.key").write_bytes(b"half")
    pki.create(tmp_path, "secp256r1", NOW, 1)
    assert pki.load(tmp_path, "secp256r1").expiry == NOW + 86_400
    assert stat.S_IMODE((tmp_path / "pki" / "tse.key").stat().st_mode) == 0o600


def test_foreign_key_is_another() -> None:
    assert pki.foreign_key("secp256r1") != pki.foreign_key("secp256r1")


@pytest.mark.parametrize("name", [pki.KEY, "tse.cer"])
@pytest.mark.parametrize("content", [bytes(range(256)), None])
def test_a_damaged_or_lost_key_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    pki.create(tmp_path, "secp256r1", NOW, 100)
    file = tmp_path / pki.FOLDER / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TseRefused, match="beschädigt"):
        pki.load(tmp_path, "secp256r1")
