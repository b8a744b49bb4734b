"""The audit of a DSFinV-K export beside the export itself, and its signatures beside bare verify calls."""

import asyncio
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate

from kassd.tse.log.messages import LogMessage, parse
from tests.bench.bench_export import shop_with_trade
from tests.bench.figure import Figure

REPEATS = 2


async def audit(full: bool = False, shop: Path | None = None) -> list[Figure]:
    """Each a process of its own on the same trade, in turns; the best of each."""
    with tempfile.TemporaryDirectory(prefix="kassd-bench-") as folder:
        return await asyncio.to_thread(_measured, Path(folder), full, shop)


def _measured(folder: Path, full: bool, shop: Path | None) -> list[Figure]:
    shop = shop_with_trade(folder, full, shop).absolute()
    export, plain, signed = [], [], []
    for n in range(REPEATS):
        out = folder / f"export-{n}"
        exporting = "--config", "kassd.toml", "export", "dsfinvk", "--no-check", "--out", str(out)
        export.append(_seconds(shop, *exporting))
        plain.append(_seconds(shop, "audit", str(out), "--no-signatures"))
        signed.append(_seconds(shop, "audit", str(out)))
    told = [_bare(archive) for archive in sorted(shop.glob("*.tar"))]
    calls, count = sum(seconds for seconds, _ in told), sum(number for _, number in told)
    extra = min(signed) - min(plain)
    beside = {"audit_s": round(min(plain), 2), "export_s": round(min(export), 2)}
    against = {"signatures": count, "with_s": round(extra, 2), "bare_s": round(calls, 2)}
    return [
        Figure(
            "audit without signatures / export", round(min(plain) / min(export), 2), "x", 2, detail=beside
        ),
        Figure("signatures / bare verify calls", round(extra / calls, 2), "x", 1.2, detail=against),
    ]


def _seconds(folder: Path, *arguments: str) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "kassd", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=1800)
    return time.perf_counter() - began


def _bare(archive: Path) -> tuple[float, int]:
    """Seconds for nothing but the verify calls of the finished receipts, on every core; and how many."""
    with tarfile.open(archive) as tar:
        members = {member.name: member for member in tar}  # by name, a TAR is read from its end each time
        finished = [parse(_read(tar, member)) for name, member in members.items() if "Finish" in name]
        certificate = load_der_x509_certificate(_read(tar, members[f"{finished[0].serial.hex()}_X509.cer"]))
    key = certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    messages, cores = [_prepared(message) for message in finished], os.cpu_count() or 1
    with ProcessPoolExecutor(cores) as pool:
        list(pool.map(_verify, [messages[:cores]] * cores, [key] * cores))  # the processes are there
        began = time.perf_counter()
        list(pool.map(_verify, [messages[n::cores] for n in range(cores)], [key] * cores))
        return time.perf_counter() - began, len(messages)


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


def _prepared(message: LogMessage) -> tuple[bytes, bytes]:
    half = len(message.signature) // 2
    r, s = (int.from_bytes(part, "big") for part in (message.signature[:half], message.signature[half:]))
    return message.signed, encode_dss_signature(r, s)


def _verify(messages: list[tuple[bytes, bytes]], key: bytes) -> None:
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    for signed, signature in messages:
        try:
            public.verify(signature, signed, ec.ECDSA(SHA256()))
        except InvalidSignature as error:
            raise SystemExit("bench: a signature of the archive is wrong") from error


__all__ = ["audit"]
