"""Certificate chains as PEM or DER; what is no chain of this TSE."""

import io
from pathlib import Path

import pytest

from kassd.tse.epson.chain import archive, read_chain
from kassd.tse.epson.codec import BadAnswer
from kassd.tse.log import verify_tar
from kassd.tse.log.certificates import load
from kassd.tse.soft import pki


@pytest.fixture
def chain(tmp_path: Path) -> tuple[bytes, ...]:
    pki.create(tmp_path, "brainpoolP384r1", 1_790_000_000, 1826)
    return pki.load(tmp_path, "brainpoolP384r1").chain


def pem(der: bytes) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def test_pem_and_der_in_any_order(chain: tuple[bytes, ...]) -> None:
    serial = load(chain[0]).serial
    assert read_chain(b"".join(map(pem, chain)), serial) == chain
    assert read_chain(b"".join(chain), serial) == chain
    assert read_chain(b"".join(reversed(chain)), serial)[0] == chain[0]
    assert read_chain(chain[0], serial) == chain[:1]
    verdict = verify_tar(io.BytesIO(archive(chain)))
    assert (verdict.ok, verdict.checked) == (True, 0)


def test_no_chain_of_this_tse(chain: tuple[bytes, ...]) -> None:
    for raw in (b"", b"hello", chain[0][:-1], pem(chain[0])[:200], *chain[1:]):
        with pytest.raises(BadAnswer):
            read_chain(raw, load(chain[0]).serial)
