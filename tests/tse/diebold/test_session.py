"""The conversation, over a link that is a script: (sent, answered)."""

from collections.abc import Callable

import pytest

from kassd.errors import TseRefused, TseSilent
from kassd.tse.diebold.codec import END, Answer, CodecError, Command, Request
from kassd.tse.diebold.config import DieboldConfig
from kassd.tse.diebold.session import Session

CONFIG = DieboldConfig(answer_s=0.02, status_s=0.02, buffer_s=0.05)
Reply = Callable[[Request], bytes]


def said(*values: bytes) -> Reply:
    return lambda request: Answer(request.command, values, request.id).to_bytes()


def silence(request: Request) -> bytes:
    return b""


class Script:
    """Expects these commands in this order; each is answered by its reply. ``ends``: how often the rest of
    a request was ended that somebody may have left half told."""

    def __init__(self, *steps: tuple[Command, Reply]) -> None:
        self.steps = list(steps)
        self.heard: list[Request] = []
        self.ends = 0
        self._out = b""

    def send(self, data: bytes) -> None:
        if data == END:
            self.ends += 1
            return
        request = Request.from_bytes(data)
        command, reply = self.steps.pop(0)
        assert request.command == command
        self.heard.append(request)
        self._out += reply(request)

    def receive(self, timeout_s: float) -> bytes:
        out, self._out = self._out, b""
        return out

    def close(self) -> None:
        assert not self.steps


def session(*steps: tuple[Command, Reply]) -> tuple[Session, Script]:
    script = Script(*steps)
    made = Session(script, CONFIG)
    made.settled = True
    return made, script


def test_an_answer() -> None:
    made, script = session((Command.MEMORY_INFO, said(b"8", b"5")))
    assert made.ask(Command.MEMORY_INFO) == (b"8", b"5")
    script.close()


def test_answers_with_other_ids_are_dropped() -> None:
    old = Answer(102, (b"1", b"1"), "00000000-0000-4000-8000-000000000000").to_bytes()
    made, script = session((Command.MEMORY_INFO, lambda request: old + said(b"8", b"5")(request) + old))
    assert made.ask(Command.MEMORY_INFO) == (b"8", b"5")
    script.steps = [(Command.MEMORY_INFO, said(b"8", b"4"))]
    assert made.ask(Command.MEMORY_INFO) == (b"8", b"4")
    script.close()


def test_silence_with_an_error_is_a_refusal() -> None:
    made, script = session((Command.START_END, silence), (Command.MFC_STATUS, said(b"0117", b"03")))
    with pytest.raises(TseRefused) as caught:
        made.ask(Command.START_END)
    assert caught.value.code == "ErrorTooManyTransactions"
    assert not made.settled
    script.steps = [
        (Command.MFC_STATUS, said(b"0117", b"03")),
        (Command.COUNTRY_INFO, said(b"2", b"2", b"23", b"64")),
        (Command.MFC_STATUS, said(b"0000", b"03")),
        (Command.TRANSACTION_VOID, said()),
        (Command.RESET_EXPORT, said()),
    ]
    made.settle()
    made.settle()
    assert script.ends == 1
    script.close()


def test_silence_without_an_error_is_silence() -> None:
    made, script = session((Command.START_END, silence), (Command.MFC_STATUS, said(b"0000", b"01")))
    with pytest.raises(TseSilent):
        made.ask(Command.START_END)
    script.close()


def test_a_dead_device_is_silence() -> None:
    made, script = session((Command.START_END, silence), (Command.MFC_STATUS, silence))
    with pytest.raises(TseSilent):
        made.ask(Command.START_END)
    script.close()


def test_a_late_answer_counts_while_its_silence_is_asked_about() -> None:
    made, script = session((Command.MEMORY_INFO, silence))
    script.steps.append((Command.MFC_STATUS, lambda _: said(b"8", b"5")(script.heard[0])))
    assert made.ask(Command.MEMORY_INFO) == (b"8", b"5")
    script.close()


def test_half_an_answer_does_not_spoil_the_next() -> None:
    def half(request: Request) -> bytes:
        return said(b"8", b"5")(request)[:20]

    made, script = session((Command.MEMORY_INFO, half), (Command.MFC_STATUS, said(b"0000", b"01")))
    with pytest.raises(TseSilent):
        made.ask(Command.MEMORY_INFO)
    script.steps = [(Command.MEMORY_INFO, said(b"8", b"5"))]
    assert made.ask(Command.MEMORY_INFO) == (b"8", b"5")
    script.close()


def test_an_error_that_lasts_does_not_refuse_what_comes_later() -> None:
    made, script = session((Command.MFC_STATUS, said(b"0104", b"01")))
    made.settled = False
    script.steps += [
        (Command.COUNTRY_INFO, said(b"2", b"2", b"23", b"64")),
        (Command.MFC_STATUS, said(b"0104", b"01")),
        (Command.RESET_EXPORT, silence),
        (Command.MFC_STATUS, said(b"0003", b"01")),
        (Command.CLIENTS, silence),
        (Command.MFC_STATUS, said(b"0104", b"01")),
    ]
    made.settle()
    inner: list[bytes] = []

    def packet(request: Request) -> bytes:
        inner.append(Answer(502, (b"A", b""), script.heard[-3].id).to_bytes())
        return said(b"1", b"0", b"01", b"%d" % len(inner[0]), inner[0])(request)

    script.steps.append((Command.COMMAND_RESPONSE, packet))
    assert made.collect(Command.CLIENTS, 1) == [b"A", b""]
    script.close()


def buffered(script: Script, size: int, *values: bytes, spoil: int = -1) -> None:
    """Let the script answer a buffered command in packets of ``size``."""

    def packet(number: int) -> Reply:
        def reply(request: Request) -> bytes:
            asked = next(one for one in script.heard if one.buffer is not None)
            whole = Answer(asked.command, values, asked.id).to_bytes()
            piece = whole[number * size : (number + 1) * size]
            more = b"00" if (number + 1) * size < len(whole) else b"01"
            sequence = b"9" if number == spoil else b"%d" % (number % 256)
            return said(b"1", sequence, more, b"%d" % len(piece), piece)(request)

        return reply

    length = len(Answer(300, values, "x" * 36).to_bytes())
    script.steps += [(Command.COMMAND_RESPONSE, packet(n)) for n in range(-(-length // size))]


@pytest.mark.parametrize("size", [1, 2, 5, 4096])
def test_a_buffered_answer_in_packets(size: int) -> None:
    made, script = session((Command.EXPORT_ALL, silence), (Command.MFC_STATUS, said(b"0000", b"01")))
    values = b"QUJD" * 100, b"", b"REVG"
    buffered(script, size, *values)
    assert made.collect(Command.EXPORT_ALL, 1) == list(values)
    sequences = [int(one.parameters[1]) for one in script.heard if one.command == 4]
    assert sequences == [n % 256 for n in range(len(sequences))]
    script.close()


def test_a_packet_out_of_sequence_ends_the_answer() -> None:
    made, script = session((Command.EXPORT_ALL, silence), (Command.MFC_STATUS, said(b"0000", b"01")))
    buffered(script, 10, b"QUJDREVG", spoil=2)
    with pytest.raises(CodecError):
        made.collect(Command.EXPORT_ALL, 1)


def test_the_buffer_of_another_request_is_not_taken() -> None:
    other = Answer(300, (b"QUJD",), "00000000-0000-4000-8000-000000000000").to_bytes()
    made, script = session((Command.EXPORT_ALL, silence), (Command.MFC_STATUS, said(b"0000", b"01")))
    script.steps.append((Command.COMMAND_RESPONSE, said(b"1", b"0", b"01", b"%d" % len(other), other)))
    with pytest.raises(CodecError):
        made.collect(Command.EXPORT_ALL, 1)


def test_a_refused_buffered_command_is_known_at_once() -> None:
    made, script = session((Command.EXPORT_ALL, silence), (Command.MFC_STATUS, said(b"010B", b"01")))
    with pytest.raises(TseRefused) as caught:
        made.collect(Command.EXPORT_ALL, 1)
    assert caught.value.code == "ErrorNoDataAvailable"
    script.close()
