"""Bytes of §1.6 of the wire's description (a real device's), both ways."""

import pytest

from kassd.errors import TseRefused, TseSilent
from kassd.tse.cryptovision.codec import (
    Code,
    Config,
    Export,
    Mode,
    Status,
    answer,
    byte_array,
    command,
    export,
    frame,
    long,
    missing,
    short,
    string,
    values,
)
from tests.tse.cryptovision.kit import answered, read, written

FULL = (
    "5c54000d002d040000020004ffffffff02000400000000020004ffffffff02000400000000020004ffffffff02000400000000"
)


@pytest.mark.parametrize(
    ("built", "golden"),
    [
        (command(Code.START), "5c5400000000"),
        (command(Code.UPDATE_TIME, long(0x5EC14360)), "5c54000700070200045ec14360"),
        (
            command(Code.AUTHENTICATE_USER, string("TimeAdmin"), byte_array(b"22222222")),
            "5c54000300170400 09 54696d6541646d696e 020008 3232323232323232",
        ),
        (command(Code.LOG_OUT, string("TimeAdmin")), "5c540005000c04000954696d6541646d696e"),
        (command(Code.GET_STATUS, short(4)), "5c5400120005 0300020004"),
        (command(Code.GET_STATUS, short(Status.CLIENTS)), "5c5400120005 0300020000"),
        (command(Code.GET_CONFIG_DATA, short(Config.UPDATE_VARIANT)), "5c5400110005 0300020002"),
        (command(Code.ERASE), "5c5400100000"),
        (command(Code.DEACTIVATE), "5c5400130000"),
        (command(Code.ACTIVATE), "5c5400140000"),
        (command(Code.GET_WEAR_INDICATOR), "5c5400190000"),
        (command(Code.UPDATE_CERTIFICATE, byte_array(b"\x30\x00")), "5c54001a0005 0200023000"),
        (command(Code.UPDATE_FIRMWARE, byte_array(b"\x01")), "5c5400630004 02000101"),
        (
            command(
                Code.EXPORT_DATA,
                string(""),
                *map(long, (0xFFFFFFFF, 0, 0xFFFFFFFF, 0, 0xFFFFFFFF, 0)),
            ),
            FULL,
        ),
    ],
)
def test_commands(built: bytes, golden: str) -> None:
    assert built == bytes.fromhex(golden)
    assert frame(built) == written(golden)


def test_every_command_of_the_wire_is_named() -> None:
    assert {int(code) for code in Code} == {*range(0x1C), 0x63, 0xFF}
    assert {int(each) for each in Status} == set(range(7))
    assert {int(each) for each in Config} == {1, 2, 4, 5, 6, 7, 8}


def test_a_suspend_mode_is_a_command_of_two_zeros() -> None:
    assert frame(b"\0\0", Mode.DISABLE_SUSPEND) == written("0000", 0x5344)
    assert frame(b"\0\0", Mode.ENABLE_SUSPEND) == written("0000", 0x5345)


def test_a_long_command_takes_more_sectors() -> None:
    assert len(frame(bytes(476))) == 512
    assert len(frame(bytes(477))) == 1024
    assert len(frame(bytes(8156))) == 8192
    assert len(frame(bytes(8160))) == 8704


@pytest.mark.parametrize(
    "build",
    [
        lambda: frame(bytes(8161)),
        lambda: byte_array(bytes(70_000)),
        lambda: long(1 << 32),
        lambda: long(-1),
        lambda: string("Käse"),
    ],
)
def test_what_the_wire_cannot_carry_is_refused_before_it_is_sent(build: object) -> None:
    with pytest.raises(TseRefused) as caught:
        build()  # type: ignore[operator]  # parametrized lambdas
    assert caught.value.code == "ErrorParameterMismatch"


def test_an_answer_lies_behind_header_token_and_length() -> None:
    assert answer(answered("000901000100030002 0003")) == bytes.fromhex("0009010001000300020003")
    assert answer(read(0, b"\x53\x44")) == b""
    assert answer(read(8158, bytes(range(256)) * 31 + bytes(222))) == bytes(range(256)) * 31 + bytes(222)


@pytest.mark.parametrize(
    "mailbox",
    [
        written("5c5400000000").ljust(8192, b"\0"),  # our own token: not looked at yet
        read(0xFFFF, bytes.fromhex("00005c540000")),
        bytes(8192),
    ],
)
def test_not_answered_yet(mailbox: bytes) -> None:
    assert answer(mailbox) is None


@pytest.mark.parametrize(
    ("mailbox", "told"),
    [
        (read(0xFF45), "FF45"),
        (read(0xFF00), "FF00"),
        (read(0xFFFE), "FFFE"),
        (read(8159), "1FDF"),
        (b"x" * 8192, "Kopf"),
    ],
)
def test_no_answer_at_all(mailbox: bytes, told: str) -> None:
    with pytest.raises(TseSilent, match=told):
        answer(mailbox)


def test_values() -> None:
    assert values(bytes.fromhex("010001000300020003")) == (0, 3)
    start = bytes.fromhex("04001b") + b"462076 Dec 18 2019 00:11:50" + bytes.fromhex("020010") + bytes(16)
    assert values(start) == ("462076 Dec 18 2019 00:11:50", bytes(16))
    assert values(bytes.fromhex("0500080000000100000002")) == ((1, 2),)
    assert values(bytes.fromhex("0300020051")) == (81,)
    assert values(b"") == ()


@pytest.mark.parametrize("raw", ["0200050102", "0200", "02", "7700010a"])
def test_values_cut_off_or_of_no_type(raw: str) -> None:
    with pytest.raises(TseSilent):
        values(bytes.fromhex(raw))


FOUR = bytes.fromhex("00000001 00000002 00000003 00000007")


@pytest.mark.parametrize(
    ("announced", "body"),
    [
        (19, b"\x05\x00\x10" + FOUR),  # as it should be
        (23, b"\x05\x00\x10" + FOUR),  # 21 bytes on the wire, 23 announced
        (19, b"\x05\x00\x17" + FOUR),  # the array's length is the wrong one
        (23, b"\x05\x00\x15" + FOUR),
    ],
)
def test_the_list_of_open_transactions_with_its_lengths_exchanged(announced: int, body: bytes) -> None:
    assert missing(announced, body) == 0
    assert values(body[:announced]) == ((1, 2, 3, 7),)


def test_a_list_in_fragments_is_fetched_whole() -> None:
    assert missing(23, b"\x05\x00\x10" + FOUR[:9]) == 7
    assert missing(19, b"\x05\x00") == 17


def test_what_is_missing_of_other_values() -> None:
    assert missing(9, bytes.fromhex("010001000300020003")) == 0
    assert missing(9, bytes.fromhex("0100010003")) == 4


def test_the_head_of_an_export() -> None:
    assert export(bytes.fromhex("0000000000004e00") + b"info.csv") == Export(19968, b"info.csv")
    for raw in (bytes(7), b"\x80" + bytes(7)):
        with pytest.raises(TseSilent):
            export(raw)
