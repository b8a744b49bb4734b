"""The connection over peers that behave badly; TLS by fingerprint."""

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.sim.tse.core import Core
from kassd.sim.tse.epson import KINDS, EpsonSim
from kassd.tse.epson import EpsonConfig, EpsonTse, link
from kassd.tse.epson.codec import MAX_FRAME, BadAnswer, Element
from tests.tse.epson.kit import FAST, SECRETS, bring_up, sale

GREETING = b"<connect><data><client_id>s1</client_id></data></connect>\0"
LONG = b"x" * (MAX_FRAME + 2)
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(peer: Peer) -> AsyncIterator[EpsonConfig]:
    """A host that behaves as ``peer`` says; hung up at the end."""
    writers: list[asyncio.StreamWriter] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await peer(reader, writer)
            await writer.drain()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    try:
        yield EpsonConfig("127.0.0.1", server.sockets[0].getsockname()[1], connect_s=0.3)
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def any_answer(element: Element) -> str:
    return element.name


@asynccontextmanager
async def answering(*pieces: bytes) -> AsyncIterator[link.Link]:
    """A connection whose host greets, hears one question, and answers; unfinished answers end it."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        await reader.readuntil(b"\0")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.002)
        if pieces and not pieces[-1].endswith(b"\0"):
            writer.close()

    async with listening(peer) as config:
        made = await link.connect(config)
        yield made
        made.abort()
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"<a/>\0",),
        (b"<a", b"/>", b"\0"),
        tuple(bytes([byte]) for byte in b"<a/>\0"),
        (b'<a/>"', b'\0"', b"\0"),
        (b'"<a/>\0',),
    ],
)
async def test_an_answer_in_any_pieces(pieces: tuple[bytes, ...]) -> None:
    async with answering(*pieces) as made:
        assert await made.ask(b"<q/>", any_answer, 1.0) == "a"


async def test_stale_answers_are_passed_over() -> None:
    async with answering(b"<old/>\0<old/>\0<new/>\0") as made:
        assert await made.ask(b"<q/>", lambda e: e.name if e.name == "new" else None, 1.0) == "new"


async def test_what_nobody_asked_for_is_dropped() -> None:
    async with answering(b"<a/>\0<late/>\0") as made:
        assert await made.ask(b"<q/>", any_answer, 1.0) == "a"
        await asyncio.sleep(0.05)
        with pytest.raises(TseSilent):
            await made.ask(b"<q/>", any_answer, 0.05)


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ((b"<a",), TseGone),
        ((b"<a></b>\0",), BadAnswer),
        ((LONG,), TseGone),
        ((), TseSilent),
    ],
)
async def test_after_a_failure_the_connection_is_thrown_away(
    pieces: tuple[bytes, ...], error: type[Exception]
) -> None:
    async with answering(*pieces) as made:
        with pytest.raises(error):
            await made.ask(b"<q/>", any_answer, 0.3)
        assert not made.alive
        with pytest.raises(TseGone):
            await made.ask(b"<q/>", any_answer, 0.3)


async def test_a_cancelled_question_leaves_no_answer_behind() -> None:
    async with answering() as made:
        task = asyncio.create_task(made.ask(b"<q/>", any_answer, 5.0))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not made.alive


async def test_nobody_there() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(mute) as config:
        with pytest.raises(TseGone, match="kein Epson"):
            await link.connect(config)
    with pytest.raises(TseGone, match="nicht erreichbar"):
        await link.connect(config)
    with pytest.raises(TseGone, match="nicht erreichbar"):
        await link.connect(EpsonConfig("printer.invalid", connect_s=5.0))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """What a printer makes for itself: context of the server, SHA-256 of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "EPSON")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context, hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()


async def test_tls_by_fingerprint(tmp_path: Path, certificate: tuple[ssl.SSLContext, str]) -> None:
    context, fingerprint = certificate
    sim = EpsonSim(Core(tmp_path / "tse", FAST, latency_s=0.0, kinds=KINDS), tls=context)
    sim.start()
    colons = ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
    tse = EpsonTse(EpsonConfig("127.0.0.1", sim.port, tls=True, fingerprint=colons), SECRETS)
    await bring_up(tse)
    assert await sale(tse) == 1
    await tse.close()
    other = EpsonTse(EpsonConfig("127.0.0.1", sim.port, tls=True, fingerprint="00" * 32))
    with pytest.raises(TseRefused, match=fingerprint):
        await other.open()
    unpinned = EpsonTse(EpsonConfig("127.0.0.1", sim.port, tls=True))
    with pytest.raises(TseRefused, match="Fingerabdruck"):
        await unpinned.open()
    sim.stop()


def test_the_vendor_s_ports() -> None:
    assert [EpsonConfig("printer", tls=tls).tcp_port for tls in (False, True)] == [8009, 8143]
    assert EpsonConfig("printer", 9, tls=True).tcp_port == 9
