"""ELSTER's XML and the sheet for its form."""

import re
from dataclasses import replace
from xml.etree import ElementTree

from kassd.core.notification.sheet import Sheet
from kassd.core.notification.state import Notice, Place, System
from kassd.fiscal.elster import NAMESPACE, missing, xml
from kassd.fiscal.elster_sheet import Taxpayer, site_line, text

PLACE = Place("Backhaus & Café", "Marktplatz 1", "01067", "Dresden")
OURS = System(
    *("KASSE-1", "Muster & Söhne", "Pi <5>", "kassd", "1.0", "ab" * 32, "2026-11-21", "0415-2021", "usb"),
    *("2026-11-02", "2026-11-21"),
)
GONE = replace(
    *(OURS,),
    serial="ALT-1",
    acquired="2024-03-01",
    commissioned="2024-03-02",
    decommissioned="2026-11-20",
    reason="verkauft",
    acquisition="lease",
)
SHEET = Sheet(PLACE, (OURS, GONE), False, None, OURS.serial)
TAXPAYER = Taxpayer("Backhaus & Café GmbH", "203/123/12345", "")
ORDER = [
    *("Art", "Software", "SoftwareVersion", "SeriennummerAS", "Hersteller", "Modell", "SeriennummerTSE"),
    *("InbetriebnahmeTSE", "BSIID", "ArtTSE", "AnschaffungAS", "InbetriebnahmeAS"),
]
GOLDEN = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<Aufzeichnung146a xmlns="http://finkonsens.de/elster/elsternachricht/aufzeichnung146a/v1" version="1">
  <Aufzeichnung146a>
    <AngabenAufzeichnungssystem>
      <Art>1</Art>
      <Software>kassd</Software>
      <SoftwareVersion>1.0</SoftwareVersion>
      <SeriennummerAS>KASSE-1</SeriennummerAS>
      <Hersteller>Muster &amp; Söhne</Hersteller>
      <Modell>Pi &lt;5&gt;</Modell>
      <SeriennummerTSE>{serial}</SeriennummerTSE>
      <InbetriebnahmeTSE>21.11.2026</InbetriebnahmeTSE>
      <BSIID>0415-2021</BSIID>
      <ArtTSE>2</ArtTSE>
      <AnschaffungAS>02.11.2026</AnschaffungAS>
      <InbetriebnahmeAS>21.11.2026</InbetriebnahmeAS>
    </AngabenAufzeichnungssystem>
  </Aufzeichnung146a>
</Aufzeichnung146a>
"""


def test_the_document_is_what_elster_takes() -> None:
    assert xml(replace(SHEET, systems=(OURS,))) == GOLDEN.replace("{serial}", "ab" * 32)


def test_every_system_has_its_elements_in_order() -> None:
    root = ElementTree.fromstring(xml(SHEET))
    (body,) = root
    systems = [[child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in system] for system in body]
    assert systems == [ORDER, [*ORDER, "AusserbetriebnahmeAS", "GrundAusserbetriebnahme"]]
    assert [child.text for child in body[1]][-2:] == ["20.11.2026", "verkauft"]
    assert not re.search(r"=\s*'", xml(SHEET)), "ELSTER wants double quotes"


def test_what_is_missing_is_said_of_each_system() -> None:
    assert missing(SHEET) == ()
    half = replace(OURS, tse_form="", acquired="")
    assert missing(replace(SHEET, systems=(half, GONE))) == (
        "KASSE-1: die Art der TSE (tse_form)",
        "KASSE-1: die Anschaffung (acquired)",
    )


def test_the_sheet_tells_what_to_type_and_until_when() -> None:
    notice = Notice("2025-07-30", PLACE, "et0815", 1)
    shown = text(SHEET, TAXPAYER, (notice,), test=False)
    for row in (
        "Steuerpflichtiger: Backhaus & Café GmbH",
        "Steuernummer: 203/123/12345",
        "Anschrift: Marktplatz 1, 01067 Dresden, DEU",
        "Anzahl der Aufzeichnungssysteme: 2",
        "TSE: USB-Stick, BSI-K-TR-0415-2021",
        "Anschaffung: 01.03.2024 (Leasing)",
        "Außerbetriebnahme: 20.11.2026, Grund: verkauft",
        "Fällig: bis 31.07.2025",
        "- KASSE-1 ist neu am 02.11.2026, mitzuteilen bis 02.12.2026",
        "- ALT-1 ist außer Betrieb am 20.11.2026, mitzuteilen bis 20.12.2026",
        "- 30.07.2025: Backhaus & Café, 1 System, Transferticket et0815",
        f"  kassd notification sent --sheet {SHEET.mark} --on JJJJ-MM-TT --ticket TRANSFERTICKET",
    ):
        assert row in shown.splitlines(), row
    assert "BETA" in shown
    assert "NICHT EINREICHEN" not in shown
    assert "NICHT EINREICHEN" in text(SHEET, TAXPAYER, (), test=True)


def test_what_is_known_already_is_nothing_to_notify() -> None:
    told = Notice("2026-11-21", PLACE, "", 2, (OURS, GONE))
    shown = text(replace(SHEET, notice=told), TAXPAYER, (told,), test=False)
    assert "Nichts: seit der letzten Mitteilung" in shown
    assert "USt-IdNr." not in shown


def test_the_mark_is_that_of_what_is_said() -> None:
    assert SHEET.mark == replace(SHEET, notice=Notice("2026-11-21", PLACE, "", 2)).mark
    assert SHEET.mark != replace(SHEET, systems=(OURS,)).mark
    assert re.fullmatch(r"[0-9a-f]{8}", SHEET.mark)


def test_the_place_of_business_is_named_where_it_is_not_the_business_own_address() -> None:
    shop = {"business.name": "Backhaus", "business.street": "Markt 1", "business.city": "Dresden"}
    assert site_line(shop | {"business.postal_code": "01067", "place.vat_id": "DE1"}) == ""
    moved = {"place.street": "Altmarkt 5", "place.since": "2026-11-01"}
    assert site_line(shop | moved) == "Backhaus, Altmarkt 5, Dresden, seit 01.11.2026"
