"""kassd.core.wording: no sentence is glued to the next one, none is without its reason."""

from dataclasses import replace

import pytest

from kassd.core import inputs as i
from kassd.core.wording import OTHER, OUTAGES, outage_sentence, outage_step, sentence
from kassd.mqtt.alerts import alerts
from kassd.mqtt.project import tse_status
from tests.core.playbook import OPENED, Playbook, add, cash, device


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Die TSE ist abgezogen.", "Die TSE ist abgezogen."),
        ("nicht erreichbar ([Errno 111])", "nicht erreichbar ([Errno 111])."),
        ("Die Verbindung ist abgerissen: ", "Die Verbindung ist abgerissen."),
        ("Steckt sie?", "Steckt sie?"),
        (" ", "sonst."),
        (": ", "sonst."),
    ],
)
def test_a_sentence_is_whole(text: str, whole: str) -> None:
    assert sentence(text, "sonst.") == whole


def test_every_reason_of_an_outage_has_a_sentence_and_a_step() -> None:
    for reason, (message, step) in OUTAGES.items():
        assert (outage_sentence(reason, ""), outage_step(reason)) == (message, step)
        assert message.endswith(".")
        assert step.endswith(".")
    assert outage_step("refused:TimeNotSet") == OUTAGES["refused"][1]
    assert (outage_sentence("failed", ""), outage_step("failed")) == OTHER


@pytest.mark.parametrize("message", ["", "Die Verbindung zur TSE ist abgerissen: ", "weg"])
def test_an_outage_says_why_and_what_to_do(message: str) -> None:
    book = Playbook().ready() >> i.TseUnavailable("gone", message)
    text = dict(alerts(book.state))["tse-outage"].text_de
    shown = tse_status(book.state, "", True).message
    said = outage_sentence("gone", message)
    assert text == (
        f"TSE-Ausfall: {said} Verkauft wird ohne Signatur weiter, jeder Beleg vermerkt es. "
        "Stecker, Strom und Kabel der TSE prüfen."
    )
    assert shown == f"{said} Stecker, Strom und Kabel der TSE prüfen."


def test_the_registers_own_outages_are_told_once() -> None:
    book = Playbook().ready() >> add() >> cash()
    book.sign_one().wait(4).tick()
    text = dict(alerts(book.state))["tse-outage"].text_de
    assert text.startswith("TSE-Ausfall: Die TSE antwortet nicht. Verkauft wird ohne Signatur weiter, ")
    book = Playbook().ready() >> replace(OPENED, serial_number="cd" * 32)
    assert "soll eine neue an ihre Stelle treten" in dict(alerts(book.state))["tse-outage"].text_de


def test_a_printer_without_a_word_of_its_own() -> None:
    book = Playbook().ready() >> device("printer", "absent") >> add() >> cash()
    text = dict(alerts(book.sign().state))["printer-printer"].text_de
    assert text == "Drucker printer: er druckt nicht. Strom, Kabel und Papier prüfen. Ein Beleg wartet."
