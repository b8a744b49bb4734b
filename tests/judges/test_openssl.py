"""OpenSSL's command line as a judge: it has never heard of kassd and must agree about every signature."""

import base64
import subprocess
from pathlib import Path

import pytest

from kassd.tse.log.messages import parse
from kassd.tse.log.tar import TarReader
from kassd.tse.soft import Model, SoftTse, default_secrets
from tests.judges.slips import prepare
from tests.tse import unnoted


def openssl(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=False, timeout=30)


def der(plain: bytes) -> bytes:
    """The plain ``r‖s`` of TR-03111 as the SEQUENCE that OpenSSL wants."""

    def integer(part: bytes) -> bytes:
        body = part.lstrip(b"\0") or b"\0"
        body = b"\0" + body if body[0] & 0x80 else body
        return bytes((2, len(body))) + body

    body = integer(plain[: len(plain) // 2]) + integer(plain[len(plain) // 2 :])
    head = bytes((0x30, len(body))) if len(body) < 128 else bytes((0x30, 0x81, len(body)))
    return head + body


@pytest.mark.parametrize("curve", ["brainpoolP384r1", "brainpoolP256r1", "secp256r1", "secp384r1"])
async def test_every_log_message_verifies_with_openssl(tmp_path: Path, curve: str) -> None:
    tse = SoftTse(tmp_path / "tse", model=Model(curve=curve), latency_s=0)  # type: ignore[arg-type]
    await tse.open()
    info = await tse.provision(default_secrets(tmp_path / "tse"), "KASSE-1", unnoted)
    await prepare(tse)
    signed = await tse.start("KASSE-1")
    data = b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar"
    await tse.finish(signed.transaction_number, "KASSE-1", "Kassenbeleg-V1", data)
    archive = b"".join([chunk async for chunk in tse.export()])
    await tse.close()

    certificate = tmp_path / "leaf.cer"
    certificate.write_bytes(base64.b64decode(info.certificates[0]))
    key = openssl("x509", "-inform", "DER", "-in", str(certificate), "-noout", "-pubkey").stdout
    (tmp_path / "key.pem").write_bytes(key)
    digest = "-sha384" if "384" in curve else "-sha256"
    judged = 0
    for member in TarReader().feed(archive):
        if not member.name.endswith(".log"):
            continue
        message = parse(member.data)
        (tmp_path / "signature").write_bytes(der(message.signature))
        arguments = ["dgst", digest, "-verify", str(tmp_path / "key.pem")]
        arguments += ["-signature", str(tmp_path / "signature")]
        assert openssl(*arguments, stdin=message.signed).stdout == b"Verified OK\n"
        assert openssl(*arguments, stdin=message.signed + b"x").returncode != 0
        judged += 1
    assert judged >= 5
