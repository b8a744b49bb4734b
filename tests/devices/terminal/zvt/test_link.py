"""APDUs over wires that are perfect, slow, in crumbs, lossy or cut; what serial acknowledgements are for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from kassd.devices.terminal.zvt.apdu import ACKNOWLEDGED, Apdu, CodecError
from kassd.devices.terminal.zvt.block import to_block
from kassd.devices.terminal.zvt.link import REPEATS, LinkSilent, SerialLink, TcpLink
from kassd.devices.terminal.zvt.wire import Wire, WireGone, connect_serial, connect_tcp
from tests.devices.terminal.zvt.kit import QUALITIES, BadWire, pair

ANY = Apdu(0x040F, bytes(range(256)) * 2 + b"\x10\x10\x03\x10\x02")
SERIAL = {"t1_s": 2.0, "t2_s": 5.0}
LOSSY = {"t1_s": 0.1, "t2_s": 0.3}


@contextlib.asynccontextmanager
async def meanwhile(work: Callable[[], object]) -> AsyncIterator[asyncio.Task[None]]:
    async def run() -> None:
        result = work()
        assert asyncio.iscoroutine(result)
        await result

    task = asyncio.create_task(run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def ends(serial: bool, quality: str, seed: int = 1) -> tuple[TcpLink | SerialLink, TcpLink | SerialLink]:
    one, other = pair(quality, seed)
    if serial:
        times = LOSSY if quality == "lossy" else SERIAL
        return SerialLink(one, **times), SerialLink(other, **times)
    return TcpLink(one), TcpLink(other)


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("serial", [False, True], ids=["tcp", "serial"])
async def test_messages_arrive_over_any_wire(serial: bool, quality: str) -> None:
    register, terminal = ends(serial, quality)
    got: list[Apdu] = []

    async def answer() -> None:
        for _ in range(3):
            got.append(await terminal.receive())
            await terminal.send(ACKNOWLEDGED)

    async with meanwhile(answer):
        for number in range(3):
            await register.send(Apdu(ANY.control, ANY.data + bytes((number,))))
            async with asyncio.timeout(60):
                assert await register.receive() == ACKNOWLEDGED
    assert [apdu.data[-1] for apdu in got] == [0, 1, 2]
    assert all(apdu.data[:-1] == ANY.data for apdu in got)


@pytest.mark.parametrize("seed", range(6))
async def test_a_lossy_serial_line_delivers_each_message_once_or_says_that_it_cannot(seed: int) -> None:
    register, terminal = ends(True, "lossy", seed)
    got: list[Apdu] = []

    async def hear() -> None:
        while True:
            got.append(await terminal.receive())

    sent: list[Apdu] = []
    async with meanwhile(hear):
        for number in range(6):
            apdu = Apdu(0x04FF, bytes((number, number)))
            with contextlib.suppress(LinkSilent):
                await register.send(apdu)
                sent.append(apdu)
    assert set(sent) <= set(got)
    assert len(got) == len(set(got))


async def test_a_message_that_stops_halfway_over_tcp_is_not_waited_for() -> None:
    one, other = pair()
    link = TcpLink(one, t3_s=0.05)
    await other.write(ANY.to_bytes()[:20])
    with pytest.raises(LinkSilent, match="mitten in einer Nachricht"):
        await link.receive()


@pytest.mark.parametrize("serial", [False, True], ids=["tcp", "serial"])
async def test_a_cut_is_noticed(serial: bool) -> None:
    register, terminal = ends(serial, "perfect")
    terminal.close()
    with pytest.raises(WireGone):
        await register.receive()
    with pytest.raises(WireGone):
        await register.send(ANY)


@pytest.mark.parametrize("serial", [False, True], ids=["tcp", "serial"])
async def test_waiting_may_be_interrupted_without_losing_a_byte(serial: bool) -> None:
    one, other = pair()
    link = SerialLink(one, **SERIAL) if serial else TcpLink(one)
    raw = to_block(ANY.to_bytes()) if serial else ANY.to_bytes()
    for at in range(0, len(raw), 40):
        await other.write(raw[at : at + 40])
        if at + 40 < len(raw):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.002):
                    await link.receive()
    assert await link.receive() == ANY


async def test_what_came_unasked_is_stale() -> None:
    one, other = pair()
    link = TcpLink(one)
    assert link.stale() == []
    await other.write(ACKNOWLEDGED.to_bytes() * 2 + b"\x04")
    assert link.stale() == [ACKNOWLEDGED, ACKNOWLEDGED]
    serial = SerialLink(other)
    await one.write(b"\x06" + to_block(b"\x80\x00\x00") + to_block(b"\x80"))
    assert serial.stale() == [ACKNOWLEDGED]
    assert other.written == ACKNOWLEDGED.to_bytes() * 2 + b"\x04"  # and not acknowledged


async def sent_to(wire: BadWire, answers: list[bytes]) -> int:
    """Play the other side of a block: how often it came."""
    block, count = to_block(ANY.to_bytes()), 0
    for answer in answers:
        got = b""
        while len(got) < len(block):
            got += await wire.read()
        assert got == block
        count += 1
        await wire.write(answer)
    return count


@pytest.mark.parametrize(
    "answers",
    [
        [b"\x06"],
        [b"\x15", b"\x06"],
        [b"\x15", b"\x15", b"\x06"],
        [b"", b"\x06"],  # T2
        [b"\xff\xff", b"\x06"],  # noise is no answer
        [to_block(b"\x80\x00\x00")],  # the acknowledgement was lost, and here is what it announced
    ],
)
async def test_a_block_is_sent_until_it_is_acknowledged(answers: list[bytes]) -> None:
    one, other = pair()
    silent = answers[0] in (b"", b"\xff\xff")
    link = SerialLink(one, t1_s=2.0, t2_s=0.3 if silent else 10.0)
    async with meanwhile(lambda: link.send(ANY)) as sending:
        assert await sent_to(other, answers) == len(answers)
        async with asyncio.timeout(20):
            await sending


@pytest.mark.parametrize("answer", [b"", b"\x15"], ids=["no answer", "to be repeated"])
async def test_a_line_cut_before_the_acknowledgement_may_have_carried_the_block(answer: bytes) -> None:
    """Else a command that the terminal has would count as never given."""
    one, other = pair()
    link = SerialLink(one, **SERIAL)
    async with meanwhile(lambda: link.send(ANY)) as sending:
        await sent_to(other, [answer])
        other.close()
        with pytest.raises(WireGone) as caught:
            await sending
    assert caught.value.sent
    assert link.framed(ANY, 0) in bytes(one.written)


async def test_nothing_has_left_over_a_line_that_was_gone_before() -> None:
    one, other = pair()
    other.close()
    with pytest.raises(WireGone) as caught:
        await TcpLink(one).send(ANY)
    assert not caught.value.sent


async def test_an_acknowledgement_that_comes_too_late_is_not_taken_for_the_next_one() -> None:
    one, other = pair()
    link = SerialLink(one, t1_s=0.05, t2_s=0.05)
    await other.write(b"\x06")
    with pytest.raises(LinkSilent):
        await link.send(ANY)


async def test_two_repetitions_are_enough() -> None:
    one, other = pair()
    link = SerialLink(one, t1_s=0.05, t2_s=0.05)
    with pytest.raises(LinkSilent, match="bestätigt nichts"):
        await link.send(ANY)
    assert one.written == to_block(ANY.to_bytes()) * (1 + REPEATS)
    other.close()


async def test_a_broken_block_is_refused_and_the_repetition_taken() -> None:
    one, other = pair()
    link = SerialLink(one, t1_s=0.05)
    good = to_block(ANY.to_bytes())
    async with meanwhile(link.receive):
        await other.write(good[:-1] + bytes((good[-1] ^ 1,)))
        assert await other.read() == b"\x15"
        await other.write(good[:30])  # and then nothing for T1
        assert await other.read() == b"\x15"
        await other.write(good)
        assert await other.read() == b"\x06"


async def test_a_block_that_comes_again_is_acknowledged_and_delivered_once() -> None:
    one, other = pair()
    link = SerialLink(one)
    await other.write(to_block(ANY.to_bytes()) * 2)
    assert await link.receive() == ANY
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await link.receive()
    assert one.written == b"\x06\x06"


async def test_the_same_message_after_an_answer_is_another_one() -> None:
    """Two empty lines of a receipt are the same bytes."""
    register, terminal = ends(True, "perfect")
    line = Apdu(0x06D1, b"\x00")

    async def printing() -> None:
        for _ in range(2):
            await terminal.send(line)
            await terminal.receive()

    async with meanwhile(printing) as task:
        for _ in range(2):
            assert await register.receive() == line
            await register.send(ACKNOWLEDGED)
        await task


async def test_a_good_block_with_no_message_inside() -> None:
    one, other = pair()
    link = SerialLink(one)
    await other.write(to_block(b"\x80\x00\x05"))
    with pytest.raises(CodecError, match="sagt 5 Byte"):
        await link.receive()


async def test_what_does_not_exist_is_not_reachable() -> None:
    with pytest.raises(WireGone, match="nicht erreichbar") as caught:
        connect_serial("/dev/absent-terminal")
    assert not caught.value.sent
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(WireGone, match="Netz prüfen"):
        await connect_tcp("127.0.0.1", port, 1.0)


async def test_a_full_wire_is_waited_for() -> None:
    one, other = pair()
    big = bytes(4_000_000)
    async with meanwhile(lambda: Wire.write(one, big)) as writing:
        got = 0
        while got < len(big):
            got += len(await other.read())
        await writing
    assert got == len(big)
