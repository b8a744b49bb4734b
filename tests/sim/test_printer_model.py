from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kassd.errors import ConfigError
from kassd.sim.escpos import CLEAR
from kassd.sim.printer_model import BUFFER, Printer
from kassd.sim.printer_paper import Paper


class Bench:
    """A printer on the table: what it answered and reported."""

    def __init__(self, out_dir: Path, profile: str = "TM-T88V", columns: int = 42) -> None:
        self.answers: list[bytes] = []
        self.events: list[dict[str, Any]] = []
        self.paper = Paper(out_dir, columns)
        self.printer = Printer(self.paper, profile, self.answers.append, self.events.append)

    def send(self, data: bytes) -> "Bench":
        self.printer.receive(data)
        return self

    def change(self, **state: Any) -> None:
        before = self.printer.asb_bytes()
        for name, value in state.items():
            setattr(self.printer, name, value)
        self.printer.changed(before)

    @property
    def text(self) -> tuple[str, ...]:
        self.printer.errors.clear()
        return self.printer.tear().text


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Bench]:
    return lambda *args: Bench(tmp_path, *args)


def test_it_wakes_up_on_code_page_437(bench: Bench) -> None:
    assert bench.send(b"\x84\x80\n").text == ("äÇ",)


@pytest.mark.parametrize(("slot", "byte"), [(16, b"\x80"), (19, b"\xd5")])
def test_code_pages_by_slot(bench: Bench, slot: int, byte: bytes) -> None:
    assert bench.send(b"\x1bt" + bytes((slot,)) + byte + b"\n").text == ("€",)


def test_reset_takes_the_code_page_and_all_styles_away(bench: Bench) -> None:
    """The trap of ESC @: without a new ESC t the euro comes out as a box drawing."""
    bench.send(b"\x1bt\x13\x1bE\x01\x1d!\x11\x1ba\x01\x1da\xff\x1b@\xd5\n")
    modes = bench.printer.modes
    assert (modes.bold, modes.wide, modes.tall, modes.align, modes.asb) == (False, False, False, "left", 0)
    assert bench.text == ("╒",)


@pytest.mark.parametrize(("profile", "good", "bad"), [("NT-80-V-UL", 71, 16), ("SP2000", 32, 16)])
def test_slots_differ_by_model(make: Callable[..., Bench], profile: str, good: int, bad: int) -> None:
    bench = make(profile)
    bench.send(b"\x1b@\x1c.\x1bt" + bytes((good,)) + b"\x80\n")
    assert bench.printer.errors == []
    bench.send(b"\x1bt" + bytes((bad,)))
    assert len(bench.printer.errors) == 1


def test_a_clone_in_kanji_mode_swallows_umlauts(make: Callable[..., Bench]) -> None:
    bench = make("NT-80-V-UL").send(b"\x1bt\x47\xe4\n")
    assert "Kanji" in bench.printer.errors[0]


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_a_line_wraps_at_the_paper_s_edge(make: Callable[..., Bench], columns: int) -> None:
    bench = make("TM-T88V", columns).send(
        b"x" * (columns + 1) + b"\n\x1d!\x10" + b"w" * (columns // 2 + 1) + b"\n"
    )
    assert [len(line) for line in bench.text] == [columns, 1, columns // 2, 1]


@pytest.mark.parametrize(
    "data",
    [
        b"\x1bw",
        b"\x07",
        b"\x1bt\x0f",  # ISO-8859-7
        b"\x1bR\x02",
        b"A\x1ba\x01",  # alignment in mid-line
        b"A\x1dV\x00",
        b"\x1d!\x22",
        b"\x1bt\x10\x81",  # nothing on CP1252
        b"\x1d(k\x03\x001Q0",  # print a code that was not stored
        b"\x1d(k\x04\x001A9\x00",
        b"\x1dv0\x00\x50\x00\x01\x00" + bytes(0x50),  # 640 dots on 504
        b"\x1dr\x07",
    ],
)
def test_what_a_printer_would_not_understand_is_an_error(bench: Bench, data: bytes) -> None:
    bench.send(data)
    assert len(bench.printer.errors) == 1
    assert [event["event"] for event in bench.events] == ["error"]


def test_errors_belong_to_the_slip_they_happened_on(bench: Bench) -> None:
    bench.send(b"\x1bw\n\x1dV\x00ok\n\x1dV\x00")
    first, second = bench.paper.slips
    assert len(first.errors) == 1
    assert second.errors == ()


def code(data: bytes, dots: int = 4) -> bytes:
    return (
        b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C" + bytes((dots,)) + b"\x1d(k\x03\x001E1\x1d(k"
        + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data + b"\x1d(k\x03\x001Q0"
    )  # fmt: skip


def test_a_native_code(bench: Bench) -> None:
    bench.send(code(b"V0;x"))
    assert bench.printer.errors == []
    assert bench.printer.tear().qr == ("V0;x",)


def test_a_code_wider_than_the_paper_does_not_come_out(bench: Bench) -> None:
    bench.send(code(b"a" * 400, dots=7))
    assert "wider than the paper" in bench.printer.errors[0]
    assert bench.printer.tear().qr == ()


def test_a_model_without_codes(make: Callable[..., Bench]) -> None:
    bench = make("TM-U220B").send(code(b"V0;x"))
    assert len(bench.printer.errors) == 5


def test_real_time_status_has_the_fixed_bits(bench: Bench) -> None:
    for state in ("ok", "near_end", "out"):
        for cover in (False, True):
            bench.change(paper=state, cover_open=cover)
            bench.answers.clear()
            bench.send(b"".join(b"\x10\x04" + bytes((n,)) for n in (1, 2, 3, 4)))
            one, two, three, four = (answer[0] for answer in bench.answers)
            assert all(byte & 0x93 == 0x12 for byte in (one, two, three, four))
            assert bool(one & 0x08) == (cover or state == "out")
            assert bool(two & 0x04) == cover
            assert bool(two & 0x20) == (state == "out")
            assert three == 0x12
            assert bool(four & 0x0C) == (state != "ok")
            assert bool(four & 0x60) == (state == "out")


def test_asb_tells_at_once_and_at_each_change(bench: Bench) -> None:
    bench.send(b"\x1da\xff")
    assert bench.answers == [b"\x10\x00\x00\x00"]
    bench.change(paper="near_end")
    bench.change(paper="out")
    bench.change(paper="out")
    bench.change(cover_open=True)
    bench.change(paper="ok", cover_open=False)
    assert bench.answers[1:] == [
        b"\x10\x00\x03\x00",
        b"\x18\x00\x0f\x00",
        b"\x38\x00\x0f\x00",
        b"\x10\x00\x00\x00",
    ]
    assert all(answer[0] & 0x93 == 0x10 for answer in bench.answers)


def test_a_drawer_kick_opens_the_drawer_and_is_seen(bench: Bench) -> None:
    bench.send(b"\x1da\xff\x1bp\x00\x32\xc8")
    assert bench.printer.kicks == [(2, 100, 400)]
    assert bench.answers[-1] == b"\x14\x00\x00\x00"
    bench.send(b"\x1dr\x02\x10\x04\x01")
    assert bench.answers[-2:] == [b"\x16", b"\x01"]  # real time overtakes
    bench.send(b"\x10\x14\x01\x01\x02")
    assert bench.printer.kicks[1:] == [(5, 200, 200)]
    assert [event["event"] for event in bench.events] == ["kick", "kick"]


def test_answers_in_order_prove_what_was_printed(bench: Bench) -> None:
    bench.send(b"A\n\x1d(H\x06\x0000\x30\x30\x30\x31\x1dr\x01")
    assert bench.answers == [b"\x37\x22\x30\x30\x30\x31\x00", b"\x00"]


def test_at_paper_end_nothing_is_confirmed_until_paper_returns(bench: Bench) -> None:
    bench.change(paper="out")
    bench.send(b"A\n\x1d(H\x06\x00000001\x1dr\x01")
    assert bench.answers == []
    bench.change(paper="near_end")
    assert bench.answers == [b"\x37\x22" + b"0001\x00", b"\x03"]
    assert bench.text == ("A",)


def test_running_out_in_mid_receipt(bench: Bench) -> None:
    bench.printer.after_bytes(3, lambda: bench.change(paper="out"))
    bench.send(b"\x1da\xffAB\nCD\n\x1dV\x00")
    assert bench.printer.processed == 3
    assert bench.answers == [b"\x10\x00\x00\x00", b"\x18\x00\x0f\x00"]
    assert bench.paper.slips == []
    bench.change(paper="ok")
    assert bench.paper.slips[0].text == ("AB", "CD")


def test_the_buffer_is_limited_only_while_the_printer_halts(bench: Bench) -> None:
    bench.send(b"x" * 3 * BUFFER)
    assert not bench.printer.full
    bench.change(stuck=True)
    bench.send(b"x" * (BUFFER - 1))
    assert not bench.printer.full
    bench.send(b"x")
    assert bench.printer.full
    bench.change(stuck=False)
    assert not bench.printer.full


def test_a_stuck_printer_answers_nothing_a_silent_one_prints(bench: Bench) -> None:
    bench.change(stuck=True)
    bench.send(b"\x10\x04\x01A\n")
    assert bench.answers == []
    bench.change(stuck=False, silent=True)
    bench.send(b"\x10\x04\x01\x1dr\x01")
    assert bench.answers == []
    assert bench.text == ("A",)


def test_one_that_merges_answers_questions_that_come_together_once(bench: Bench) -> None:
    bench.send(b"\x1dr\x01\x1dr\x01")
    assert bench.answers == [b"\x00"] * 2
    bench.printer.merges = True
    bench.send(b"\x1dr\x01\x1dr\x01A\n\x1dr\x01")
    assert bench.answers == [b"\x00"] * 4
    bench.send(b"\x1dr\x01")
    assert bench.answers == [b"\x00"] * 5


def test_power_cycle_forgets_modes_and_buffer_but_not_the_paper(bench: Bench) -> None:
    bench.send(b"\x1bt\x10\x1bE\x01half\n")
    bench.change(paper="out")
    bench.send(b"never\n")
    bench.printer.power_cycle()
    bench.change(paper="ok")
    bench.send(b"\x80\n\x1dV\x00")
    (slip,) = bench.paper.slips
    assert slip.text == ("half", "Ç")
    assert slip.interrupted
    bench.send(b"next\n\x1dV\x00")
    assert not bench.paper.slips[1].interrupted


def test_a_power_cycle_between_slips_interrupts_nothing(bench: Bench) -> None:
    bench.send(b"A\n\x1dV\x00")
    bench.printer.power_cycle()
    bench.send(b"B\n\x1dV\x00")
    assert [slip.interrupted for slip in bench.paper.slips] == [False, False]


def test_an_unknown_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="TM-T88V"):
        Bench(tmp_path, "TM-X")


def test_clearing_the_buffers_forgets_half_a_command(make: Callable[..., Bench]) -> None:
    for profile, text in (("TM-T88V", ("Brot",)), ("NT-80-V-UL", ())):
        bench = make(profile).send(b"\x1dv0\x00\x05\x00\x10\x00half" + CLEAR + b"Brot\n")
        assert bench.text == text, profile
        assert (b"\x37\x25\x00" in bench.answers) == bool(text)


def test_nuls_end_half_a_command_and_are_nothing_else(make: Callable[..., Bench]) -> None:
    bench = make("NT-80-V-UL").send(b"\x1dv0\x00\x05\x00\x10\x00half" + bytes(4096) + b"Brot\n")
    assert bench.printer.errors == []
    assert bench.text == ("Brot",)
