"""Every field has a name; what is secret stays so; odd bytes are told and do no harm."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.apdu import Apdu, cut
from kassd.devices.terminal.zvt.commands import COMMANDS
from kassd.devices.terminal.zvt.explain import Explained, Item, explain
from kassd.devices.terminal.zvt.messages import PrintTextBlock
from kassd.devices.terminal.zvt.tags import TAGS
from kassd.devices.terminal.zvt.tlv import Tlv
from kassd.devices.terminal.zvt.totals import Totals
from tests.devices.terminal.zvt.samples import FUZZ, PAID, VECTORS, objects, recorded


def texts(items: tuple[Item, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        found |= {item.key: item.text} | texts(item.parts)
    return found


def raw(text: str) -> Explained:
    return explain(Apdu.from_bytes(bytes.fromhex(text)))


def test_a_payment_field_by_field() -> None:
    told = explain(Apdu.from_bytes(PAID))
    assert (told.name, told.way, told.problems) == ("Statusinformation", "PT → ECR", ())
    shown = texts(told.items)
    assert shown["result_code"] == "00: in Ordnung"
    assert shown["amount"] == "20,40"
    assert shown["card_type"] == "5: girocard"
    assert shown["pan"] == "************4711"
    assert shown["application_id"] == "A0000003591010"
    assert shown["cardholder"] == "02: Online-PIN"
    assert shown["technology"] == "02: kontaktlos (NFC)"
    assert shown["text_line"] == "GEN.NR.:611804"


@FUZZ
@given(st.sampled_from([*COMMANDS, 0x8401, 0x1234]), st.binary(max_size=150))
def test_nothing_is_too_odd_to_be_told(control: int, data: bytes) -> None:
    told = explain(Apdu(control, data))
    json.dumps(told.render())
    assert all(problem.strip().endswith(".") for problem in told.problems)


@settings(max_examples=40, deadline=None)
@given(st.lists(objects, max_size=3))
def test_any_container_is_told_whole(items: list[Tlv]) -> None:
    told = explain(PrintTextBlock(tuple(items)).to_apdu())
    assert told.problems == () or all("Betrag" in problem for problem in told.problems)


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ("0601 13 04000000001000 22F0F8 4711471147114711", "4711471147114711"),
        ("0601 0D 23F0F8 47114711D2512201", "47114711"),
        ("0601 05 3A1234 0600", "1234"),
        ("040F 0D 060B 1F0908 47114711D2512201", "47114711"),
    ],
)
def test_secrets_are_in_no_output(message: str, secret: str) -> None:
    data = bytes.fromhex(message)
    told = explain(Apdu.from_bytes(data[:2] + bytes((len(data) - 3,)) + data[3:]))
    assert not told.problems
    assert secret not in json.dumps(told.render())
    assert secret not in "".join(texts(told.items).values())


def test_sums_of_a_day() -> None:
    day = Totals("0001", "0042", ((3, 4242), (0, 0), (1, 999), (0, 0), (0, 0), (0, 0), (0, 0)))
    told = explain(Apdu(0x040F, b"\x27\x00\x60\xf0\xf5\xf3" + day.to_bytes()))
    shown = texts(told.items)
    assert (shown["first"], shown["last"]) == ("0001", "0042")
    assert shown["girocard"] == "3 Zahlungen, 42,42"
    broken = explain(Apdu(0x040F, b"\x60\xf0\xf0\xf1\x00"))
    assert "1 statt 53" in broken.problems[0]


def test_texts_are_read_as_the_terminal_meant_them() -> None:
    latin = raw("06D3 0E 060C 250A 0708 48C44E444C455220")
    assert (latin.charset, texts(latin.items)["text_line"]) == ("iso8859-1", "HÄNDLER ")
    said = raw("06D3 0E 060C 1401FE 2507 0705 48C3844E44")
    assert (said.charset, texts(said.items)["text_line"]) == ("utf-8", "HÄND")
    assert explain(Apdu(0x06D1, b"\x00H\xc4"), "cp437").items[1].text == "H─"


def test_a_terminal_cannot_speak_to_the_screen() -> None:
    assert raw("06D1 06 00 1B5B326D41").items[1].text == "␛[2mA"


def test_the_same_number_in_another_command_has_another_name() -> None:
    assert raw("060F 02 1902").items[0].key == "status_byte"
    assert raw("0601 02 1940").items[0].key == "payment_type"


def test_names_of_tags() -> None:
    assert all(tag.key and tag.label for tag in TAGS.values())
    (container,) = raw("040F 05 0603 5A0141").items
    assert container.parts[0].label == "unbekannter Tag"
    assert container.parts[0].text == "41"


@pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")
def test_recorded_messages_are_told_without_a_problem() -> None:
    told = [explain(apdu) for raw in recorded() if (found := cut(raw)) for apdu in found[:1]]
    good = [message for message in told if message.items and not message.problems]
    assert len(good) > 60
