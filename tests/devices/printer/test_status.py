"""The bits a printer answers with, in three values, from bytes cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.printer.status import (
    Automatic,
    PaperReply,
    PrinterState,
    Realtime,
    Reply,
    Response,
    StatusParser,
    describe,
    realtime_fields,
    realtime_state,
)

FINE = {
    "offline": False,
    "cover_open": False,
    "drawer_high": False,
    "cutter": False,
    "fatal": False,
    "overheated": False,
    "near_end": False,
    "paper_end": False,
}


def parse(data: bytes) -> list[Reply]:
    return StatusParser().feed(data)


@pytest.mark.parametrize(
    ("n", "byte", "known"),
    [
        (1, 0x12, {"offline": False}),
        (1, 0x1E, {"offline": True}),
        (2, 0x12, {"cover_open": False, "paper_end": False}),
        (2, 0x16, {"cover_open": True, "paper_end": False}),
        (2, 0x32, {"cover_open": False, "paper_end": True}),
        (3, 0x1A, {"cutter": True, "fatal": False, "overheated": False}),
        (3, 0x32, {"cutter": False, "fatal": True, "overheated": False}),
        (3, 0x52, {"cutter": False, "fatal": False, "overheated": True}),
        (4, 0x12, {"near_end": False, "paper_end": False}),
        (4, 0x1E, {"near_end": True, "paper_end": False}),
        (4, 0x7E, {"near_end": True, "paper_end": True}),
    ],
)
def test_realtime(n: int, byte: int, known: dict[str, bool]) -> None:
    assert parse(bytes((byte,))) == [Realtime(byte)]
    assert realtime_state(n, byte) == PrinterState(**known)


@pytest.mark.parametrize(
    ("data", "worse"),
    [
        ("10 00 00 00", {}),
        ("14 00 00 00", {"drawer_high": True}),
        ("18 00 00 00", {"offline": True}),
        ("38 00 00 00", {"offline": True, "cover_open": True}),
        ("10 08 00 00", {"cutter": True}),
        ("10 20 00 00", {"fatal": True}),
        ("10 40 00 00", {"overheated": True}),
        ("10 00 03 00", {"near_end": True}),
        ("18 00 0F 0F", {"offline": True, "near_end": True, "paper_end": True}),
    ],
)
def test_automatic(data: str, worse: dict[str, bool]) -> None:
    assert parse(bytes.fromhex(data)) == [Automatic(PrinterState(**{**FINE, **worse}))]


@pytest.mark.parametrize(("byte", "near", "end"), [(0, 0, 0), (3, 1, 0), (12, 0, 1), (15, 1, 1)])
def test_paper_reply(byte: int, near: int, end: int) -> None:
    assert parse(bytes((byte,))) == [PaperReply(PrinterState(near_end=bool(near), paper_end=bool(end)))]


def test_process_id_response() -> None:
    assert parse(b"\x37\x220042\x00") == [Response(b"\x37\x220042")]


def test_noise_is_dropped() -> None:
    assert parse(b"\x11\x13\xff\x12") == [Realtime(0x12)]
    assert parse(b"\x37" + b"x" * 200 + b"\x12")[-1] == Realtime(0x12)


def test_cut_automatic_status_gives_way_to_the_next_message() -> None:
    assert parse(bytes.fromhex("18 00 16")) == [Realtime(0x16)]
    assert parse(bytes.fromhex("18 00 10 00 03 00")) == [
        Automatic(PrinterState(**{**FINE, "near_end": True}))
    ]


MESSAGES = [
    (b"\x10\x00\x00\x00", Automatic(PrinterState(**FINE))),
    (b"\x12", Realtime(0x12)),
    (b"\x16", Realtime(0x16)),
    (b"\x03", PaperReply(PrinterState(near_end=True, paper_end=False))),
    (b"\x37\x220001\x00", Response(b"\x37\x220001")),
    (b"\x5fTM-T88V\x00", Response(b"\x5fTM-T88V")),
]


@given(st.lists(st.sampled_from(MESSAGES), max_size=12), st.data())
def test_any_messages_cut_anywhere(messages: list[tuple[bytes, Reply]], data: st.DataObject) -> None:
    stream = b"".join(raw for raw, _ in messages)
    cut = data.draw(st.integers(0, len(stream)))
    parser = StatusParser()
    assert parser.feed(stream[:cut]) + parser.feed(stream[cut:]) == [reply for _, reply in messages]


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    parser = StatusParser()
    parser.feed(data)
    parser.feed(bytes(100))
    assert parser.feed(b"\x12")[-1:] == [Realtime(0x12)]


def test_forgotten_is_unknown() -> None:
    state = PrinterState(paper_end=True, offline=True, near_end=False)
    assert state.known == {"paper_end", "offline", "near_end"}
    assert state.forget(realtime_fields((2, 4))) == PrinterState(offline=True)
    assert realtime_fields(()) == set()


def test_merge_keeps_what_is_not_mentioned() -> None:
    old = PrinterState(paper_end=True, offline=True)
    assert old.merge(PrinterState(offline=False)) == PrinterState(paper_end=True, offline=False)


@pytest.mark.parametrize(
    ("known", "state", "reason"),
    [
        ({}, "ready", ""),
        (FINE, "ready", ""),
        ({"drawer_high": True}, "ready", ""),
        ({"near_end": True}, "degraded", "near_end"),
        ({"offline": True}, "error", "offline"),
        ({"overheated": True, "offline": True}, "error", "overheated"),
        ({"fatal": True}, "error", "fatal"),
        ({"cutter": True}, "error", "cutter"),
        ({"paper_end": True, "near_end": True, "offline": True}, "error", "paper_end"),
        ({"cover_open": True, "paper_end": True, "offline": True}, "error", "cover_open"),
    ],
)
def test_describe(known: dict[str, bool], state: str, reason: str) -> None:
    printer = PrinterState(**known)
    got = describe(printer)
    assert got[:2] == (state, reason)
    assert bool(got[2]) == (state != "ready")
    assert printer.blocked == (state == "error")


def test_what_a_printer_has_not_said_is_unknown() -> None:
    known = realtime_state(2, 0x16)
    said = PrinterState().merge(known).conditions()
    assert (said["cover_open"], said["paper_end"], said["cutter"]) == ("yes", "no", "unknown")
    assert set(PrinterState().conditions().values()) == {"unknown"}
