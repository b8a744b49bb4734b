"""German for every code, and a next step for the cashier."""

from kassd.devices.terminal.zvt import meanings


def test_every_result_has_words_and_a_next_step() -> None:
    for code in range(256):
        meaning = meanings.result(code)
        assert meaning.what, code
        assert bool(meaning.next) == (code not in (0x00, 0x9D)), code
        assert meaning.next.endswith((".", "!")) or not meaning.next, code


def test_codes_of_the_network_operator_are_decimal() -> None:
    assert meanings.result(0x05).what == "Zahlung abgelehnt (Netzbetreiber 05)"
    assert meanings.result(0x37).what == "Geheimzahl falsch (Netzbetreiber 55)"
    assert meanings.result(0x63).what.endswith("(Netzbetreiber 99)")
    assert "Netzbetreiber" not in meanings.result(0x64).what


def test_intermediate_states_as_table_17_has_them() -> None:
    assert meanings.intermediate(0x0A) == "Karte einstecken"
    assert meanings.intermediate(0x4A) == "Bitte Anzeige des Terminals beachten"  # not defined
    assert meanings.intermediate(0x4B) == "Bitte Karte entnehmen!"
    assert meanings.intermediate(0x55) == "Geheimzahl falsch Bitte Karte entnehmen!"
    assert meanings.intermediate(0x67).endswith("Mobilfunknummer Bitte Karte entnehmen!")
    assert meanings.intermediate(0x68) == "Terminal hat Einstecken der Kundenkarte erkannt"


def test_every_code_has_words() -> None:
    for code in range(256):
        assert meanings.intermediate(code), code
        assert meanings.attribute(code), code
        assert meanings.payment(code), code


def test_how_lines_are_printed() -> None:
    assert meanings.attribute(0x00) == "üblich"
    assert meanings.attribute(0x74) == "zentriert, doppelt breit, doppelt hoch, um 4 eingerückt"
    assert meanings.attribute(0x80) == "üblich"  # reserved, and not the end
    assert meanings.attribute(0x81) == "Ende des Belegs"
    assert meanings.attribute(0xFF) == "Zeilenvorschub"
