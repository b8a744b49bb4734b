"""The bitmaps (BMPs) of PA00P015 chapter 13: number, name, size, form."""

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt import forms
from kassd.devices.terminal.zvt.forms import AnyForm

LL, LLL, CONTAINER = -2, -3, -1  # two or three length digits ``Fx``; the TLV container's own length field


@dataclass(frozen=True, slots=True)
class Bmp:
    """``key``: its name in code and JSON; ``label``: its German name; ``size``: bytes, or how it varies."""

    key: str
    label: str
    size: int
    form: AnyForm


def _lines(first: int, name: str, label: str) -> dict[int, Bmp]:
    """Eight lines of a display."""
    return {
        first + at: Bmp(f"{name}_line_{at + 1}", f"{label}, Zeile {at + 1}", LL, forms.SEVEN_BIT)
        for at in range(8)
    }


BMPS: dict[int, Bmp] = {
    0x01: Bmp("timeout", "Wartezeit in Sekunden", 1, forms.NUMBER),
    0x02: Bmp("max_status_infos", "höchstens so viele Statusinformationen", 1, forms.NUMBER),
    0x03: Bmp("service_byte", "Service-Byte", 1, forms.FLAGS),
    0x04: Bmp("amount", "Betrag", 6, forms.AMOUNT),
    0x05: Bmp("pump", "Zapfsäule", 1, forms.NUMBER),
    0x06: Bmp("tlv", "TLV-Container", CONTAINER, forms.HEX),
    0x0B: Bmp("trace", "Tracenummer", 3, forms.DIGITS),
    0x0C: Bmp("time", "Uhrzeit", 3, forms.TIME),
    0x0D: Bmp("date", "Datum", 2, forms.MONTH_DAY),
    0x0E: Bmp("expiry", "Verfallsdatum der Karte", 2, forms.YEAR_MONTH),
    0x17: Bmp("card_sequence", "Folgenummer der Karte", 2, forms.DIGITS),
    0x19: Bmp("payment_type", "Zahlungsart", 1, forms.PAYMENT_TYPE),
    0x22: Bmp("pan", "Kartennummer", LL, forms.PAN),
    0x23: Bmp("track_2", "Spur 2", LL, forms.SECRET),
    0x24: Bmp("track_3", "Spur 3", LLL, forms.SECRET),
    0x27: Bmp("result_code", "Ergebnis", 1, forms.RESULT),
    0x29: Bmp("terminal_id", "Terminal-ID", 4, forms.DIGITS),
    0x2A: Bmp("merchant_number", "Vertragsnummer (VU-Nr.)", 15, forms.SPACE_PADDED),
    0x2D: Bmp("track_1", "Spur 1", LL, forms.TRACK_TEXT),
    0x2E: Bmp("chip_data", "Daten einer synchronen Chipkarte", LLL, forms.SECRET),
    0x37: Bmp("original_trace", "Tracenummer des stornierten Vorgangs", 3, forms.DIGITS),
    0x3A: Bmp("card_code", "Kartenprüfnummer", 2, forms.SECRET),
    0x3B: Bmp("authorisation", "Autorisierungsmerkmal (AID)", 8, forms.ZERO_PADDED),
    0x3C: Bmp("additional_text", "Zusatztext", LLL, forms.TEXT),
    0x3D: Bmp("new_password", "Passwort", 3, forms.SECRET),
    0x49: Bmp("currency", "Währung", 2, forms.CURRENCY),
    0x4C: Bmp("blocked_goods", "gesperrte Warengruppen", LL, forms.DIGITS),
    0x60: Bmp("totals", "Einzelsummen", LLL, forms.HEX),
    0x70: Bmp("image_request", "Nummer der Bildanzeige", 4, forms.NUMBER),
    0x71: Bmp("image_size", "Größe des Bildes", 4, forms.NUMBER),
    0x72: Bmp("image_type", "Art des Bildes", 1, forms.NUMBER),
    0x73: Bmp("image_encoding", "Kodierung des Bildes", 1, forms.NUMBER),
    0x74: Bmp("image_chunks", "Zahl der Bildteile", 1, forms.NUMBER),
    0x75: Bmp("image_chunk", "Nummer des Bildteils", 1, forms.NUMBER),
    0x87: Bmp("receipt", "Belegnummer", 2, forms.DIGITS),
    0x88: Bmp("turnover", "Umsatznummer", 3, forms.DIGITS),
    0x8A: Bmp("card_type", "Kartenart", 1, forms.CARD_TYPE),
    0x8B: Bmp("card_name", "Name der Karte", LL, forms.ENDED_TEXT),
    0x8C: Bmp("operator_card_type", "Kartenart des Netzbetreibers", 1, forms.NUMBER),
    0x9A: Bmp("geldkarte_record", "GeldKarte-Datensatz", LLL, forms.HEX),
    0xA0: Bmp("host_result", "Ergebnis des Autorisierungssystems", 1, forms.FLAGS),
    0xA7: Bmp("chip_id", "Kartenkennung (EF_ID)", LL, forms.SECRET),
    0xAA: Bmp("full_date", "Datum", 3, forms.DATE),
    0xAF: Bmp("chip_info", "EF_Info", LLL, forms.HEX),
    0xBA: Bmp("authorisation_parameter", "AID-Parameter", 5, forms.HEX),
    0xD0: Bmp("algorithm", "Algorithmus", 1, forms.NUMBER),
    0xD1: Bmp("pin_data", "PIN-Daten", LL, forms.SECRET),
    0xD2: Bmp("card_output", "Richtung der Kartenausgabe", 1, forms.NUMBER),
    0xD3: Bmp("dukpt_key", "DUKPT-Schlüssel", 1, forms.NUMBER),
    0xE0: Bmp("input_min", "kleinste Eingabelänge", 1, forms.NUMBER),
    **_lines(0xE1, "second", "zweiter Text"),
    0xE9: Bmp("input_max", "größte Eingabelänge", 1, forms.NUMBER),
    0xEA: Bmp("input_echo", "Eingabe zeigen", 1, forms.NUMBER),
    0xEB: Bmp("text_mac", "Prüfsumme der Texte", 8, forms.HEX),
    0xF0: Bmp("display_seconds", "Anzeigedauer in Sekunden", 1, forms.NUMBER),
    **_lines(0xF1, "display", "Text"),
    0xF9: Bmp("beeps", "Signaltöne", 1, forms.NUMBER),
    0xFA: Bmp("reader", "Kartenleser", 1, forms.FLAGS),
    0xFB: Bmp("confirm_input", "Eingabe mit OK bestätigen", 1, forms.NUMBER),
    0xFC: Bmp("dialog_control", "Dialogsteuerung", 1, forms.NUMBER),
    0xFD: Bmp("display_device", "Anzeigegerät", 1, forms.NUMBER),
}
NUMBERS: dict[str, int] = {bmp.key: number for number, bmp in BMPS.items()}
