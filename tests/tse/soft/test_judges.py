"""An outside judge: Debian's openssl checks chain and signature of what the soft TSE exports."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from kassd.tse.log.messages import parse
from kassd.tse.soft import Model
from tests.tse.soft.helpers import CLIENT, collect, ready


@pytest.mark.parametrize(("curve", "digest"), [("brainpoolP384r1", "sha384"), ("secp256r1", "sha256")])
async def test_openssl_accepts_chain_and_signatures(tmp_path: Path, curve: str, digest: str) -> None:
    tse = await ready(tmp_path / "tse", model=Model(curve=curve))
    number = (await tse.start(CLIENT)).transaction_number
    await tse.finish(number, CLIENT, "Kassenbeleg-V1", b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar")
    info, raw = await tse.info(), await collect(tse.export())
    await tse.close()

    def openssl(*arguments: str) -> str:
        command = ["openssl", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    logs = []
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        for member in archive.getmembers():
            handle = archive.extractfile(member)
            assert handle is not None
            data = handle.read()
            if member.name.endswith(".cer"):
                (tmp_path / "x.der").write_bytes(data)
                index = len(list(tmp_path.glob("*.pem")))
                openssl("x509", "-inform", "der", "-in", "x.der", "-out", f"{index}.pem")
            elif member.name.endswith(".log"):
                logs.append(data)
    assert "0.pem: OK" in openssl("verify", "-CAfile", "2.pem", "-untrusted", "1.pem", "0.pem")
    assert info.serial_number in openssl("x509", "-in", "0.pem", "-noout", "-subject")
    (tmp_path / "key.pem").write_text(openssl("x509", "-in", "0.pem", "-noout", "-pubkey"))
    assert len(logs) == info.signature_counter
    for log in logs:
        message = parse(log)
        size = len(message.signature) // 2
        r, s = (int.from_bytes(part, "big") for part in (message.signature[:size], message.signature[size:]))
        (tmp_path / "sig").write_bytes(encode_dss_signature(r, s))
        (tmp_path / "data").write_bytes(message.signed)
        assert "OK" in openssl("dgst", f"-{digest}", "-verify", "key.pem", "-signature", "sig", "data")
