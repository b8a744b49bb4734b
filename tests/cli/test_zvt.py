"""``kassd zvt decode``: for technicians, for programs, and for whatever was pasted."""

import argparse
import contextlib
import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.cli import zvt
from kassd.cli.main import ZVT_CHARSETS, main
from kassd.devices.terminal.zvt import charset
from kassd.devices.terminal.zvt.block import to_block
from tests.devices.terminal.zvt.samples import COMPLETION, FUZZ, PAID, VECTORS, recorded


def decode(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["zvt", "decode", *arguments])
    return code, capsys.readouterr().out


def decode_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out = decode(capsys, *arguments, "--json")
    return code, json.loads(out)


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = decode(capsys, PAID.hex())
    assert code == 0
    assert out.startswith("04 0F  Statusinformation (PT → ECR), 148 Byte Daten\n")
    assert "  04   Betrag                               20,40\n" in out
    assert "    1F12 Kartentechnik                      02: kontaktlos (NFC)\n" in out
    assert out.endswith("ZVT: in Ordnung (1 geprüft)\n")


def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = decode_json(capsys, COMPLETION.hex())
    assert (code, out["ok"], out["kind"], out["checked"], out["framing"]) == (0, True, "zvt", 1, "tcp")
    (message,) = out["messages"]
    assert (message["control"], message["name"], message["length"]) == ("06 0F", "Abschluss", 10)
    assert message["fields"][1] == {
        **{"id": "29", "key": "terminal_id", "label": "Terminal-ID", "raw": "30010207"},
        **{"value": "30010207", "text": "30010207"},
    }


def test_digits_with_blanks_are_one_recording(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = decode(capsys, *["80", "00", "00", "06", "0F", "00"])
    assert (code, out.count("Byte Daten")) == (0, 2)


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("06 0F\n00\n"))
    assert decode(capsys)[0] == 0


def test_a_serial_block(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = decode_json(capsys, (b"\x06" + to_block(b"\x80\x00\x00")).hex())
    assert (code, out["framing"], out["signs"], out["checked"]) == (0, "serial", 1, 2)
    code, text = decode(capsys, (b"\x06" + to_block(b"\x80\x00\x00")).hex())
    assert text.startswith("1 × ACK oder NAK")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hello", "[hex] „h“ ist keine Hexziffer"),
        ("060", "[hex] 3 Hexziffern"),
        ("040F03", "[length] Byte 0: Die Länge sagt 3 Byte"),
        ("040F0199", "[field] 1. Nachricht (04 0F): Byte 0: Die Bitmap 99 ist unbekannt"),
        ("123400", "[unknown_command] 1. Nachricht (12 34)"),
        ("10028000001003F51E", "[checksum]"),
    ],
)
def test_bad_input_gets_a_sentence(text: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = decode(capsys, text)
    assert code == 65
    assert f"FEHLER {told}" in out
    assert decode_json(capsys, text)[1]["ok"] is False


def test_what_a_manufacturer_added_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = decode(capsys, "0FCA0101")
    assert code == 0
    assert "Warnung [unknown_command]" in out
    assert "    01\n" in out


def printed(text: str) -> str:
    """A printed line as a recording."""
    return (b"\x06\xd1" + bytes((len(text) + 1, 0)) + text.encode()).hex()


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        ("04 0F 0E C1 01 22 F0 F8 67 26 12 34 56 78 90 12 00", "    C* ** "),  # behind an unknown bitmap
        ("04 0F 0A 22 F0 F9 67 26 12 34 56 78 90", "    ** ** "),  # it breaks off
        ("04 0F 0F 23 F1 F9 67 26 12 34 56 78 90 12 D2 51 20 10", "    ** ** "),  # so does the track
        ("04 0F 0B 27 00 22 F0 F9 67 26 12 34 56 78 90 12", "Ergebnis"),  # in what is readable else
        ("04 0F 09 27 00 22 F0 F4 67 26 12 34 56 78 90 12", "672612**"),  # a length that is too short
        ("04 0F 09 27 00 04 F6 72 61 23 45 67", "„************“ ist kein Betrag"),
        ("0F CA 0B 67 26 12 34 56 78 90 12 D2 51 20", "    ** ** "),
        ("0F CA 19" + b"%B6726123456789012^DOE/J^".hex(), "    ** ** "),
        ("04 0F 0D 06 0B 1F 7E 08 67 26 12 34 56 78 90 12", "unbekannter Tag"),
        ("04 0F 0D 06 0B 1F 7E 09 67 26 12 34 56 78 90 12", "TLV-Container"),
        (printed("PAN 6726123456789012"), "PAN 672612******9012"),
        (printed("PAN 6726 1234 5678 9012 ."), "PAN 6726 12** **** 9012 ."),
        (printed("6726.1234.5678.9012"), "6726.12**.****.9012"),
        (printed("3726 123456 78901"), "3726 12**** *8901"),
        (printed(";6726123456789012=2512201"), "|;************************"),
        (printed("6726123456789012^DOE/J"), "**********************"),
    ],
)
def test_card_numbers_and_tracks_are_nobodys_business(
    recorded: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, rendered = decode(capsys, recorded)[1], decode(capsys, recorded, "--json")[1]
    assert told.removeprefix("|") in text
    for out in (text, rendered):
        digits = re.sub(r"[\s:.-]", "", out).upper()
        assert "26123" not in digits
        assert b"26123".hex() not in digits
        assert not {"2512", "DOE", b"DOE".hex().upper()} & set(re.findall("2512|DOE|444F45", digits))


@pytest.mark.parametrize(
    "line",
    [
        "672612******9012",
        "EUR 12.345,67 Beleg 0042",
        "TID 30010207 22.11.2026 19:31:05",
        "20261122 193105 000123",
        "AID A0000003591010028001",
        "VU-Nr. 100746992",
    ],
)
def test_what_else_is_printed_stays_readable(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert line in decode(capsys, printed(line))[1]
    (message,) = decode_json(capsys, printed(line))[1]["messages"]
    assert message["fields"][1]["raw"] == line.encode().hex().upper()


def test_the_set_of_the_texts_can_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert "AÖ" in decode(capsys, "06D1030041D6", "--charset", "iso8859-1")[1]
    assert "A╓" in decode(capsys, "06D1030041D6", "--charset", "cp437")[1]
    assert set(ZVT_CHARSETS) <= set(charset.NAMES)


def decoded(text: str) -> tuple[int, str]:
    """Without the command line's parser, which takes longer than the work."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = zvt.execute(argparse.Namespace(hex=[text], charset=None, json=False))
    return code, out.getvalue()


@FUZZ
@given(st.binary(min_size=1, max_size=120).map(bytes.hex) | st.text(max_size=20))
def test_nothing_crashes(text: str) -> None:
    code, out = decoded(text)
    assert code in (0, 65)
    assert out.rstrip().endswith("geprüft)")


@pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")
def test_nothing_recorded_crashes() -> None:
    codes = [decoded(raw.hex())[0] for raw in recorded()]
    assert set(codes) == {0, 65}
    assert codes.count(0) > 60  # the others are pieces of messages


def test_the_example_of_the_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "devices.md").read_text(encoding="utf-8")
    ((command, expected),) = re.findall(r"```console\n\$ kassd (zvt .*)\n([^`]*)```", page)
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == expected
