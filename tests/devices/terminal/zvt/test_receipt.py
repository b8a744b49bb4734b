"""Slips out of print commands: lines and blocks, ended or not, with and without their kind."""

import pytest

from kassd.devices.terminal.zvt.apdu import Apdu, CodecError
from kassd.devices.terminal.zvt.messages import PrintLine, PrintTextBlock
from kassd.devices.terminal.zvt.receipt import LINES_MAX, Slip, SlipCollector, SlipLine
from kassd.devices.terminal.zvt.tlv import Tlv
from tests.devices.terminal.zvt.samples import VECTORS

END = 0x81


def line(text: str, attribute: int = 0, kind: int = 0) -> Apdu:
    tlv = (Tlv(0x1F07, bytes((kind,))),) if kind else None
    return PrintLine(attribute, text, tlv).to_apdu()


def block(kind: int, *parts: tuple[int, bytes]) -> Apdu:
    return PrintTextBlock(
        (Tlv(0x1F07, bytes((kind,))), Tlv(0x25, parts=tuple(Tlv(*part) for part in parts)))
    ).to_apdu()


def slips(*apdus: Apdu, charset: str = "cp437") -> list[Slip]:
    collector = SlipCollector(charset)
    done = [slip for apdu in apdus for slip in collector.take(apdu)]
    return done + collector.finish()


def texts(slip: Slip) -> list[str]:
    return [item.text for item in slip.lines]


def test_lines_until_the_last_one() -> None:
    one, two = slips(line("A"), line(""), line("B", END), line("C"), line("", END))
    assert (one.kind, texts(one)) == ("unknown", ["A", "", "B"])
    assert texts(two) == ["C"]


def test_how_a_line_looks() -> None:
    (slip,) = slips(line("TITEL", 0x70), line("eingerückt", 0x04), line("üblich", 0x80))
    assert slip.lines == (
        SlipLine("TITEL", centred=True, wide=True, high=True),
        SlipLine("eingerückt", indent=4),
        SlipLine("üblich"),
    )


def test_feeding_lines() -> None:
    (slip,) = slips(line("A"), Apdu(0x06D1, b"\xff\x03"), Apdu(0x06D1, b"\xff"), line("B"))
    assert texts(slip) == ["A", "", "", "", "", "B"]


def test_the_kind_in_the_container_of_a_line() -> None:
    found = slips(line("H", 0, 1), line("H2", 0, 1), line("K", 0, 2), line("V", 0, 3))
    assert [(slip.kind, texts(slip)) for slip in found] == [
        ("merchant", ["H", "H2"]),
        ("customer", ["K"]),
        ("admin", ["V"]),
    ]


def test_a_block_and_its_end() -> None:
    (slip,) = slips(
        block(2, (0x09, b"\x40"), (0x07, b"H\x8eNDLER"), (0x09, b"\0"), (0x07, b"B"), (0x09, b"\x81"))
    )
    assert slip == Slip("customer", (SlipLine("HÄNDLER", centred=True), SlipLine("B")))


def test_several_blocks_of_one_slip() -> None:
    (slip,) = slips(block(1, (0x07, b"A")), block(1, (0x07, b"B"), (0x09, b"\x81")))
    assert (slip.kind, texts(slip)) == ("merchant", ["A", "B"])


def test_two_slips_in_one_block() -> None:
    one, two = slips(block(1, (0x07, b"A"), (0x09, b"\x81"), (0x07, b"B"), (0x09, b"\x81")))
    assert (texts(one), texts(two)) == (["A"], ["B"])


def test_the_set_of_the_terminal() -> None:
    (slip,) = slips(Apdu(0x06D1, b"\0H\xc4NDLER"), charset="iso8859-15")
    assert texts(slip) == ["HÄNDLER"]


def test_a_line_feed_inside_a_text_is_another_line() -> None:
    (slip,) = slips(block(1, (0x07, b"oben\nunten")))
    assert texts(slip) == ["oben", "unten"]


def test_a_terminal_that_never_ends_does_not_fill_the_memory() -> None:
    found = slips(*[line("x")] * (LINES_MAX + 1))
    assert [len(slip.lines) for slip in found] == [LINES_MAX, 1]


def test_other_messages_are_nothing_to_print() -> None:
    assert slips(Apdu(0x040F)) == []
    with pytest.raises(CodecError):
        SlipCollector().take(Apdu(0x06D1))


@pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")
def test_a_recorded_receipt() -> None:
    (slip,) = slips(Apdu.from_bytes((VECTORS / "data051327012.hex").read_bytes()), charset="iso8859-15")
    assert slip.kind == "merchant"
    assert slip.lines[0] == SlipLine("** HÄNDLERBELEG **", centred=True)
    assert "GEN.NR.:790498" in texts(slip)
