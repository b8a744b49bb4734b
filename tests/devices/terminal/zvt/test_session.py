"""Every way a command can go, as a transcript: each row of the session's table, each way to fail."""

import asyncio
from pathlib import Path

import pytest

from kassd.devices.terminal.zvt.apdu import Apdu, CodecError, refusal
from kassd.devices.terminal.zvt.link import LinkSilent
from kassd.devices.terminal.zvt.messages import (
    EURO,
    Authorisation,
    EndOfDay,
    LogOff,
    Refund,
    Registration,
    RepeatReceipt,
    Reversal,
    StatusEnquiry,
)
from kassd.devices.terminal.zvt.session import SESSION_TABLE, NotSent, OutcomeUnknown, Refused, Session
from kassd.devices.terminal.zvt.wire import WireGone
from tests.devices.terminal.zvt.kit import Transcript

PAY = Authorisation(1000).to_apdu()
ASKED = (">", "06 01 07 04 00 00 00 00 10 00")
OK_IN, OK_OUT = ("<", "80 00 00"), (">", "80 00 00")
PAID = ("<", "04 0F 09 27 00 04 00 00 00 00 10 00")
DONE, ABORTED = ("<", "06 0F 00"), ("<", "06 1E 01 6C")
QUICK = {"t3_s": 0.05, "t4_s": 0.05}


class Listener:
    """Remembers what it heard and answers as it is told."""

    def __init__(self, **answers: Apdu) -> None:
        self.heard: list[str] = []
        self._answers = answers

    async def __call__(self, apdu: Apdu) -> Apdu | None:
        self.heard.append(apdu.name)
        return self._answers.get(f"x{apdu.control:04X}")


async def test_a_payment() -> None:
    link, listener = (
        Transcript(ASKED, OK_IN, ("<", "04 FF 01 0A"), OK_OUT, PAID, OK_OUT, DONE, OK_OUT),
        Listener(),
    )
    session = Session(link)
    assert (await session.run(PAY, listener)).name == "06 0F"
    assert listener.heard == ["04 FF", "04 0F", "06 0F"]
    assert (session.state, link.left(), link.closed) == ("idle", [], False)


async def test_a_declined_payment_ends_with_an_abort() -> None:
    link = Transcript(ASKED, OK_IN, ("<", "04 0F 02 27 05"), OK_OUT, ("<", "06 1E 01 05"), OK_OUT)
    ended = await Session(link).run(PAY, Listener())
    assert (ended.name, ended.data) == ("06 1E", b"\x05")
    assert link.left() == []


async def test_a_command_that_is_over_with_its_answer() -> None:
    link = Transcript((">", "06 02 00"), OK_IN)
    session = Session(link)
    assert (await session.run(LogOff().to_apdu(), Listener())).positive
    assert session.state == "idle"


async def test_84_00_means_yes() -> None:
    link = Transcript(ASKED, ("<", "84 00 00"), DONE, OK_OUT)
    assert (await Session(link).run(PAY, Listener())).name == "06 0F"


async def test_what_the_terminal_refuses_was_not_done() -> None:
    session = Session(Transcript(ASKED, ("<", "84 9C 00"), ASKED, OK_IN, DONE, OK_OUT))
    with pytest.raises(Refused) as caught:
        await session.run(PAY, Listener())
    assert (caught.value.code, caught.value.reason, caught.value.advice) == (0x9C, "refused", "operator")
    assert str(caught.value) == "Das Kartenterminal lehnt ab: bitte warten. Kurz warten und wiederholen."
    assert (await session.run(PAY, Listener())).name == "06 0F"  # the session goes on


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ("84 37 00", 0x37, "Passwort falsch. Passwort des Terminals"),
        ("84 1E 01 7D", 0x7D, "Verbindungsfehler im Terminal"),
        ("84 1E 03 6F 09 78", 0x6F, "Währung falsch"),
        ("84 1E 00", 0x1E, "Formatfehler"),
    ],
)
async def test_why_it_refuses(answer: str, code: int, told: str) -> None:
    with pytest.raises(Refused, match=told) as caught:
        await Session(Transcript(ASKED, ("<", answer))).run(PAY, Listener())
    assert caught.value.code == code


async def test_the_listener_decides_what_is_answered() -> None:
    link = Transcript(ASKED, OK_IN, PAID, (">", "84 9C 00"), PAID, (">", "84 9C 00"), ABORTED, OK_OUT)
    listener = Listener(x040F=refusal(0x9C))
    assert (await Session(link).run(PAY, listener)).name == "06 1E"
    assert listener.heard == ["04 0F", "04 0F", "06 1E"]


async def test_what_a_register_cannot_do_is_refused_for_it() -> None:
    link = Transcript(ASKED, OK_IN, ("<", "06 D8 00"), (">", "84 83 00"), DONE, OK_OUT)
    await Session(link).run(PAY, Listener())
    assert link.left() == []


async def test_a_listener_that_fails_leaves_the_report_unanswered() -> None:
    """The disk is full: what was not written down must not become final at the terminal."""

    async def full(apdu: Apdu) -> Apdu | None:
        if apdu.control == 0x040F:
            raise OSError("no space left")
        return None

    link = Transcript(ASKED, OK_IN, PAID)
    session = Session(link)
    with pytest.raises(OSError, match="no space"):
        await session.run(PAY, full)
    assert (session.state, link.closed, link.left()) == ("lost", True, [])


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([ASKED, ("!", "")], "timeout"),
        ([ASKED, ("<", WireGone("cut"))], "unplugged"),
        ([(">", WireGone("cut", sent=True))], "unplugged"),
        ([(">", LinkSilent("no ACK"))], "timeout"),
        ([ASKED, ("<", CodecError("odd"))], "protocol"),
        ([ASKED, PAID], "protocol"),  # of an older command: not ours to acknowledge
        ([ASKED, OK_IN, ("!", "")], "timeout"),
        ([ASKED, OK_IN, ("<", WireGone("cut"))], "unplugged"),
        ([ASKED, OK_IN, ("<", LinkSilent("half"))], "timeout"),
        ([ASKED, OK_IN, ("<", CodecError("odd"))], "protocol"),
        ([ASKED, OK_IN, PAID, (">", WireGone("cut", sent=True))], "unplugged"),
        ([ASKED, OK_IN, PAID, OK_OUT, ("!", "")], "timeout"),
    ],
)
async def test_after_the_first_byte_the_outcome_is_unknown(
    steps: list[tuple[str, str | Exception]], reason: str
) -> None:
    link = Transcript(*steps)
    session = Session(link, **QUICK)
    with pytest.raises(OutcomeUnknown, match="nicht noch einmal kassieren") as caught:
        await session.run(PAY, Listener())
    assert (caught.value.reason, caught.value.advice) == (reason, "operator")
    assert (session.state, link.closed, link.left()) == ("lost", True, [])
    with pytest.raises(NotSent, match="neu aufgebaut"):
        await session.run(PAY, Listener())


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (PAY, "Ob gezahlt wurde, ist ungewiss: nicht noch einmal kassieren, erst das Terminal fragen."),
        (
            Reversal("123456", "0001").to_apdu(),
            "Ob zurückgebucht wurde, ist ungewiss: nicht noch einmal stornieren, erst das Terminal fragen.",
        ),
        (
            Refund("123456", 350, EURO).to_apdu(),
            "Ob gutgeschrieben wurde, ist ungewiss: nicht noch einmal auszahlen, erst das Terminal fragen.",
        ),
        (
            EndOfDay("123456").to_apdu(),
            "Ob der Kassenschnitt gemacht ist, ist ungewiss: am Terminal nachsehen.",
        ),
        (RepeatReceipt("123456").to_apdu(), ""),
        (StatusEnquiry("123456").to_apdu(), ""),
        (Registration("123456", 0xBE, EURO).to_apdu(), ""),
    ],
)
async def test_what_is_told_is_of_the_command(command: Apdu, told: str) -> None:
    sent = (">", command.to_bytes().hex(" ").upper())
    with pytest.raises(OutcomeUnknown) as caught:
        await Session(Transcript(sent, ("<", WireGone("Weg.")))).run(command, Listener())
    assert str(caught.value) == f"Weg. {told}".strip()


async def test_what_was_not_sent_may_be_tried_again() -> None:
    session = Session(Transcript((">", WireGone("refused"))))
    with pytest.raises(NotSent) as caught:
        await session.run(PAY, Listener())
    assert caught.value.advice == "retry"


async def test_an_end_that_cannot_be_acknowledged_is_an_end() -> None:
    """2.2.9: the payment counts, also if an error occurs with the completion."""
    link = Transcript(ASKED, OK_IN, PAID, OK_OUT, DONE, (">", WireGone("cut")))
    session = Session(link)
    assert (await session.run(PAY, Listener())).name == "06 0F"
    assert (session.state, link.closed) == ("lost", True)


async def test_every_report_begins_t4_anew_and_04_ff_sets_it() -> None:
    class Watched(Session):
        limits: tuple[float, ...] = ()

        async def _within(self, limit: float) -> Apdu | None:
            self.limits += (limit,)
            return await super()._within(limit)

    reports = [("<", "04 FF 01 17"), OK_OUT, ("<", "04 FF 02 17 15"), OK_OUT, ("<", "04 FF 01 17"), OK_OUT]
    session = Watched(Transcript(ASKED, OK_IN, *reports, DONE, OK_OUT, ASKED, OK_IN, DONE, OK_OUT))
    await session.run(PAY, Listener())
    assert session.limits == (5.0, 180.0, 180.0, 900.0, 900.0)
    await session.run(PAY, Listener())  # and for the next command as before
    assert session.limits[5:] == (5.0, 180.0)


RUNNING = [ASKED, OK_IN, ("<", "04 FF 01 0A"), OK_OUT]


async def test_a_running_command_can_be_aborted() -> None:
    class Waiting(Transcript):
        async def receive(self) -> Apdu:
            if self._steps[0][0] == "?":
                self._steps.pop(0)
                await asyncio.get_running_loop().create_future()
            return await super().receive()

    steps = [*RUNNING, ("?", ""), (">", "06 B0 00"), OK_IN, ABORTED, OK_OUT]
    link = Waiting(*steps)
    session = Session(link)

    async def hear(apdu: Apdu) -> Apdu | None:
        if apdu.control == 0x04FF:
            asyncio.get_running_loop().call_later(0.02, session.abort)
        return None

    assert (await session.run(PAY, hear)).name == "06 1E"
    assert (session.abort_refused, link.left()) == (None, [])


async def test_a_terminal_may_refuse_to_abort() -> None:
    session = Session(Transcript(*RUNNING, (">", "06 B0 00"), ("<", "84 83 00"), PAID, OK_OUT, DONE, OK_OUT))

    async def hear(apdu: Apdu) -> Apdu | None:
        if apdu.control == 0x04FF:
            session.abort()
            session.abort()  # asked once
        return None

    assert (await session.run(PAY, hear)).name == "06 0F"
    assert session.abort_refused == 0x83


async def test_aborting_nothing_does_nothing() -> None:
    session = Session(Transcript())
    session.abort()
    assert session.state == "idle"


async def test_a_stray_answer_is_ignored() -> None:
    link = Transcript(ASKED, OK_IN, OK_IN, DONE, OK_OUT)
    assert (await Session(link).run(PAY, Listener())).name == "06 0F"


async def test_what_came_before_is_not_answered(caplog: pytest.LogCaptureFixture) -> None:
    link = Transcript(ASKED, OK_IN, DONE, OK_OUT)
    link.old = [Apdu(0x040F, b"\x27\x00")]
    listener = Listener()
    await Session(link).run(PAY, listener)
    assert listener.heard == ["06 0F"]
    assert "04 0F came while nobody had asked" in caplog.text


async def test_one_command_at_a_time() -> None:
    session = Session(Transcript(ASKED, ("!", "")), t3_s=5)
    running = asyncio.create_task(session.run(PAY, Listener()))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="one command at a time"):
        await session.run(PAY, Listener())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert session.state == "lost"


def test_every_row_is_in_the_diagram() -> None:
    page = (Path(__file__).parents[4] / "docs" / "architecture.md").read_text(encoding="utf-8")
    diagram = page.split("<!-- diagram: session -->")[1].split("<!-- end -->")[0]
    assert all(event in diagram for _, event in SESSION_TABLE)


def test_the_table_names_its_states() -> None:
    before = {state for state, _ in SESSION_TABLE}
    assert set(SESSION_TABLE.values()) - before == {"lost"}
    assert before - set(SESSION_TABLE.values()) == set()
