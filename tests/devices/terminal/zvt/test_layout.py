"""Heads that the bytes themselves do not tell apart."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.commands import COMMANDS, bitmap, command, command_name
from kassd.devices.terminal.zvt.layout import read_layout
from tests.devices.terminal.zvt.samples import RELAXED


def parts(raw: str) -> dict[str, str]:
    apdu = Apdu.from_bytes(bytes.fromhex(raw))
    layout = read_layout(apdu)
    assert not layout.problem
    head = {part.key: value.hex().upper() for part, value in layout.head}
    return head | {bitmap(apdu.control, f.number).key: f.raw.hex().upper() for f in layout.fields}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("0600061234560809 78", {"password": "123456", "config": "08", "currency": "0978"}),
        ("06000A12345608060426020A00", {"password": "123456", "config": "08", "tlv": "26020A00"}),
        ("060004123456BE", {"password": "123456", "config": "BE"}),
        ("04FF010A", {"intermediate": "0A"}),
        ("04FF020A06", {"intermediate": "0A", "minutes": "06"}),
        ("04FF0917 06061F7303000002", {"intermediate": "17", "tlv": "1F7303000002"}),
        ("04FF060A0106022400", {"intermediate": "0A", "minutes": "01", "tlv": "2400"}),
        ("060F00", {}),
        ("060F0100", {"terminal_status": "00"}),
        ("060F01E2", {"terminal_status": "E2"}),
        ("060F0227E0", {"result_code": "E0"}),
        ("060F021900", {"status_byte": "00"}),
        ("060F07F0F0F3312E3000", {"version": "312E30", "terminal_status": "00"}),
        ("060F04F0F0F000", {"version": "", "terminal_status": "00"}),
        (
            "060F08F0F0F0000C101500",
            {"version": "", "terminal_status": "00", "time": "101500"},
        ),
        ("061E016C", {"result_code": "6C"}),
        ("061E036F0978", {"result_code": "6F", "currency": "0978"}),
        ("061E046F490978", {"result_code": "6F", "currency": "0978"}),
        ("061E04B7870012", {"result_code": "B7", "receipt": "0012"}),
        ("841E017D", {"result_code": "7D"}),
        ("841E036F0978", {"result_code": "6F", "currency": "0978"}),
        ("849D0704000000000100", {"amount": "000000000100"}),
        ("050100", {}),
        ("0501051234560302", {"password": "123456", "service_byte": "02"}),
        ("06200512345603 03", {"password": "123456", "service_byte": "03"}),
        ("0612051234560470", {"password": "123456", "from_receipt": "0470"}),
        ("06120712345604700472", {"password": "123456", "from_receipt": "0470", "to_receipt": "0472"}),
        ("06C0011E", {"seconds": "1E"}),
        ("06C0031E1901", {"seconds": "1E", "card_kind": "01"}),
        ("06D10100", {"attribute": "00", "text": ""}),
        ("06D103004142", {"attribute": "00", "text": "4142"}),
        ("06D10900414206041F070101", {"attribute": "00", "text": "4142", "tlv": "1F070101"}),
        ("06D105004106 0642", {"attribute": "00", "text": "41060642"}),
    ],
)
def test_the_parts_of_a_message(raw: str, found: dict[str, str]) -> None:
    assert parts(raw) == found


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("06000212 34", "Passwort. hat 2 statt 3 Byte"),
        ("061E00", "Ergebnis. hat 0 statt 1 Byte"),
        ("06D100", "Druckattribut. hat 0 statt 1 Byte"),
        ("04FF020A99", ""),
        ("04FF040A040001", "unbekannt"),
    ],
)
def test_what_cannot_be_read(raw: str, told: str) -> None:
    problem = read_layout(Apdu.from_bytes(bytes.fromhex(raw))).problem
    assert re.search(told, problem)
    assert bool(problem) == bool(told)


@RELAXED
@given(st.sampled_from([*COMMANDS, 0x8401, 0x0FFE, 0x1234]), st.binary(max_size=80))
def test_no_message_is_too_odd(control: int, data: bytes) -> None:
    layout = read_layout(Apdu(control, data))
    size = sum(len(raw) for _, raw in layout.head) + sum(len(field.raw) for field in layout.fields)
    assert size <= len(data)
    assert layout.problem or size >= len(data) - 8 * (len(layout.head) + len(layout.fields))


def test_every_command_has_a_name() -> None:
    assert command_name(0x0601) == "Autorisierung (Zahlung)"
    assert command_name(0x8483) == "Ablehnung 83"
    assert command_name(0x0FCA) == "herstellereigenes Kommando"
    assert command_name(0x1234) == "unbekanntes Kommando"
    assert all(known.label for known in COMMANDS.values())
    assert command(0x8483).others
