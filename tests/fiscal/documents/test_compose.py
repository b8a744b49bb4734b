"""What the register knows of itself stands in its documents, and nothing that is not so."""

import re
from zoneinfo import ZoneInfo

import pytest

from kassd.core import facts as f
from kassd.core.annex import annex_hash
from kassd.core.commands import COMMANDS
from kassd.core.notification.state import Notice
from kassd.core.notification.state import Place as NoticePlace
from kassd.core.people.state import People, Place
from kassd.fiscal.documents.compose import fill
from kassd.fiscal.documents.markup import moment
from tests.fiscal.documents.conftest import Shop, Written

AT = "2026-11-05T20:00:00+01:00"


def version(sha256: str, *facts: f.Fact) -> list[f.Fact]:
    return [*facts, f.ConfigAnnex(AT, sha256)]


def changed(key: str, old: object, new: object, who: str = "operator", how: str = "file") -> f.Fact:
    return f.ConfigChanged(key, old, new, who, how)


def test_company_register_people_and_devices_are_those_in_force(bakery: Shop) -> None:
    procedure, sheet = bakery.texts["procedure"], bakery.texts["datasheet"]
    for text in (procedure, sheet):
        assert "Backhaus Muster" in text
        assert "`TEST-BAKERY`" in text
        assert "| Bondrucker | `printer` | `main` | tcp |" in text
    assert "| `anna` | Anna Bäcker | `owner` |" in procedure
    assert "fünf falschen PINs" in procedure
    when = moment(bakery.record.newest, ZoneInfo("Europe/Berlin"))
    assert bakery.documents["procedure"].stand == f"Fassung 2, Stand {when}"


def test_the_tse_stands_with_every_certificate(bakery: Shop) -> None:
    bound = bakery.state.tse.bound
    assert bound is not None
    for name in ("procedure", "datasheet"):
        text = bakery.texts[name]
        assert f"`{bound.serial_number}`" in text
        assert f"`{bound.public_key}`" in text
        assert text.count("kassd TEST Root") >= 2, "issuer and subject of the chain"
    assert len(bound.certificates) == 3


def test_the_annex_is_the_one_whose_hash_is_in_the_journal(bakery: Shop) -> None:
    text = bakery.texts["procedure"]
    assert [version.proven for version in bakery.record.versions] == [True, True]
    assert text.count("| stimmt |") == 2
    assert annex_hash(bakery.state) == bakery.state.annex == bakery.record.versions[-1].sha256
    assert text.count(f"`{bakery.state.annex}`") == 2
    for key, value in bakery.state.config.items():
        assert f"| `{key}` |" in text, (key, value)


def test_each_change_says_what_old_new_who_and_when(written: Written) -> None:
    first = version("a" * 64, changed("business.name", None, "Alt"), changed("cash.blind", None, False))
    second = version("b" * 64, changed("business.name", "Alt", "Backhaus Muster"))
    again = [f.ConfigAnnex(AT, "b" * 64)]  # a closing says it again
    waiting: list[f.Fact] = [f.ConfigDeferred("business.city", "Dresden", "Pirna", "operator", "file")]
    text = written(None, first, second, again, waiting, pending={"business.city": "Pirna"})["procedure"]
    when = "05.11.2026 20:00:00 +0100"
    assert f"| 1 | {when} | erste Einrichtung | `{'a' * 16}…` | weicht ab |" in text
    assert f"| 2 | {when} | `business.name` | `{'b' * 16}…` | weicht ab |" in text
    assert f"| 3 | {when}" not in text.split("### 5.2")[0]
    row = f"| 2 | {when} | `business.name` | `Alt` | `Backhaus Muster` | Betreiber | Konfigurationsdatei |"
    assert row in text
    assert "| `business.city` | `Dresden` | `Pirna` | Betreiber | vorgemerkt bis zum Abschluss |" in text
    assert "| `business.city` | `Pirna` |" in text


def test_articles_are_counted_by_day_and_source(written: Written) -> None:
    def article(number: int, who: str) -> f.Fact:
        return changed(f"catalog.article.{number}", None, {"price": 100}, who, "import preise.csv")

    text = written(None, [article(1, "anna"), article(2, "anna"), article(3, "ben")])["procedure"]
    assert "| 05.11.2026 | 2 | anna | import preise.csv |" in text
    assert "| 05.11.2026 | 1 | ben | import preise.csv |" in text
    assert "`catalog.article.1`" not in text


def test_skipped_numbers_are_explained(written: Written) -> None:
    skip = f.CountersSkipped(AT, "anna", "alte Karte eingesetzt", 2, ("broker", "tse"), 18, 25, 3, 4, 90)
    text = written(None, [skip], epoch=2)["procedure"]
    assert "| 18–25 | 3–4 | 2 | alte Karte eingesetzt | broker, tse | anna |" in text
    assert "Derzeitige Epoche: 2." in text
    assert "gibt es keine solche Lücke" not in text
    assert "gibt es keine solche Lücke" in written()["procedure"]


def test_outages_and_replacements_of_the_tse_are_listed(written: Written) -> None:
    began = f.OutageBegan("o1", AT, "silent", "Die TSE antwortet nicht.", "ab" * 32)
    ended = f.OutageEnded("o1", "2026-11-05T20:30:00+01:00", 4, 1250)
    lasting = f.OutageBegan("o2", "2026-11-06T08:00:00+01:00", "gone", "Die TSE fehlt.", "ab" * 32)
    text = written(None, [began], [ended], [lasting])["procedure"]
    assert "| 05.11.2026 20:00:00 +0100 | 05.11.2026 20:30:00 +0100 | Die TSE antwortet nicht. | 4 |" in text
    assert "| 06.11.2026 08:00:00 +0100 | dauert an | Die TSE fehlt. | – |" in text

    def bound(serial: str) -> f.Fact:
        return f.TseBound(serial, "cGs=", "ecdsa", "unixTime", "KASSE-7", ("bm8=",), 0, "BSI-K-TR-0001", "x")

    swap = f.TseReplaced("ab" * 32, "cd" * 32, AT, "anna", "Zertifikat läuft ab", 7)
    text = written(None, [bound("ab" * 32)], [bound("cd" * 32), swap])["datasheet"]
    assert f"`{'ab' * 32}` | BSI-K-TR-0001 | erste TSE |" in text
    assert f"`{'cd' * 32}` | BSI-K-TR-0001 | Wechsel: Zertifikat läuft ab (anna) |" in text
    assert "| 1 | nicht lesbar |" in text


def test_what_the_tse_has_signed_late_is_said(written: Written) -> None:
    began = f.OutageBegan("o1", AT, "silent", "Die TSE antwortet nicht.", "ab" * 32)
    ended = f.OutageEnded("o1", "2026-11-05T20:30:00+01:00", 4, 1250)
    late = [
        f.TseLate(sale, "", operation, 9, 20, "2026-11-05T19:31:00.000Z", "ab" * 32, "c2ln")
        for sale in ("1-7", "1-9")
        for operation in ("start", "finish")
    ]
    text = written(None, [began], [ended], list(late))["procedure"]
    assert "Vorgänge ohne Signatur ausgegeben" in text
    assert "Nachträglich signiert hat die TSE davon 2," in text
    assert "abgesichert wird nichts" not in text
    assert "Nachträglich signiert" not in written()["procedure"]


PLACE = {
    "place.name": "Filiale Altmarkt",
    "place.street": "Altmarkt 5",
    "place.since": "2026-11-01",
    "notification.manufacturer": "Backhaus Kassenbau",
    "notification.acquired": "2026-11-02",
    "notification.acquisition": "lease",
    "notification.commissioned": "2026-11-03",
}


def test_place_of_business_acquisition_and_notification_stand_where_they_are_known(written: Written) -> None:
    there = NoticePlace("Filiale Altmarkt", "Altmarkt 5", "01067", "Dresden", since="2026-11-01")
    texts = written(PLACE, notices=(Notice("2026-11-04", there, "et123", 1),))
    line = "| Betriebsstätte | Filiale Altmarkt, Altmarkt 5, 01067 Dresden, seit 01.11.2026 |"
    assert line in texts["procedure"]
    sheet = texts["datasheet"]
    assert line in sheet
    for row in (
        "| Hersteller | Backhaus Kassenbau |",
        "| Datum der Anschaffung | 02.11.2026 (Leasing) |",
        "| Datum der Inbetriebnahme | 03.11.2026 |",
        "| Mitteilung nach § 146a Abs. 4 AO vom | 04.11.2026, Transferticket et123 |",
    ):
        assert row in sheet, row
    by_hand = sheet.split("## Von Hand zu ergänzen")[1]
    assert re.findall(r"^\| ([^|]+?) \|\s+\|$", by_hand, re.MULTILINE) == [
        "Händler",
        "Ansprechperson für Störungen, Telefon",
    ]


def test_what_nobody_has_told_is_left_to_be_written(written: Written) -> None:
    texts = written()
    assert "| Betriebsstätte | wie Unternehmen |" in texts["procedure"]
    by_hand = texts["datasheet"].split("## Von Hand zu ergänzen")[1]
    assert "## Anschaffung" not in texts["datasheet"]
    for title in (
        "Hersteller",
        "Datum der Anschaffung",
        "Datum der Inbetriebnahme",
        "Mitteilung nach § 146a Abs. 4 AO vom",
    ):
        assert re.search(rf"^\| {title} \|\s+\|$", by_hand, re.MULTILINE), title


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "nach 60 Sekunden"), (90, "nach 90 Sekunden"), (0, "nicht von selbst gedruckt")],
)
def test_what_becomes_of_a_receipt_that_nobody_fetches(
    written: Written, seconds: int | None, said: str
) -> None:
    link = {"receipt_link.valid_hours": 24}
    texts = written(link if seconds is None else link | {"receipt_link.print_after_s": seconds})
    assert said in texts["procedure"]
    assert said in texts["manual"]


def test_a_right_is_described_by_what_needs_it(written: Written) -> None:
    text = written()["procedure"]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", text, re.MULTILINE))
    assert COMMANDS["export.record"].right == "export"
    assert "vermerken" in rows["export"]
    assert "vermerken" not in rows["report"]


def test_programs_are_listed_once_each(written: Written) -> None:
    def start(build: str) -> list[f.Fact]:
        return [f.Started("kassd 0.1.0", build, "hash", 1)]

    text = written(None, start("aaaa"), start("aaaa"), start("bbbb"))["procedure"]
    chapter = text.split("### 3.7")[1].split("## 4")[0]
    assert (chapter.count("`aaaa`"), chapter.count("`bbbb`")) == (1, 1)


OWN_KEY = {
    "vat.differenz.name": "differenz",
    "vat.differenz.key": 1000,
    "vat.differenz.rate": "0",
    "vat.differenz.title": "Differenzbesteuerung § 25a UStG",
    "vat.differenz.text": "Gebrauchtgegenstände/Sonderregelung",
}
EXEMPT = {
    "receipt_exemption.file_number": "S 0316-17",
    "receipt_exemption.scope": "Kiosk",
    "receipt_exemption.valid_from": "2026-01-01",
    "receipt_exemption.valid_until": "2026-12-31",
}
TENDER = {
    "tender.paypal.name": "paypal",
    "tender.paypal.type": "ElZahlungsdienstleister",
    "tender.paypal.text": "PayPal",
}
AGENCY = {"agency.lotto.name": "lotto", "agency.lotto.id": 1, "agency.lotto.text": "Lotto GmbH"}


@pytest.mark.parametrize(
    ("config", "name", "there", "else_"),
    [
        (
            OWN_KEY,
            "procedure",
            "| 1000 | Q | 0 % | Differenzbesteuerung § 25a UStG |",
            "sind nicht eingerichtet",
        ),
        (EXEMPT, "cashier", "Befreiung von der Belegausgabepflicht", "wird von selbst nachgedruckt"),
        ({"business.small_business": True}, "procedure", "§ 19 UStG", ""),
        ({"register.mode": "test"}, "manual", "Testbetrieb", ""),
        ({"operator.anna.name": "anna"}, "cashier", "deiner PIN", "keine Anmeldung eingerichtet"),
        (
            {"cash.blind": True},
            "cashier",
            "Den Soll-Bestand zeigt die Kasse beim Zählen nicht",
            "Erst zählen",
        ),
        ({"register.lock_after_s": 120}, "procedure", "nach 120 Sekunden", ""),
        ({"journal.mirror": "/media/stick"}, "procedure", "`/media/stick`", ""),
        (AGENCY, "procedure", "| 1 | Lotto GmbH |", ""),
        (TENDER, "manual", "| paypal | ElZahlungsdienstleister | PayPal |", ""),
        ({"currency.CHF.code": "CHF", "currency.CHF.rate": "1.05"}, "manual", "| CHF | 1.05 |", ""),
        ({"discount.free_percent": "5"}, "cashier", "bis 5 %", "Jeder Rabatt von Hand"),
        ({"receipt_link.valid_hours": 48}, "procedure", "endet nach 48 Stunden", ""),
        ({"cash.remind_at": "22:00"}, "procedure", "Um 22:00 Uhr erinnert", ""),
    ],
)
def test_what_is_configured_is_said_and_what_is_not_is_not(
    written: Written, config: dict[str, object], name: str, there: str, else_: str
) -> None:
    with_it, without = written(config)[name], written()[name]
    assert there in with_it
    assert there not in without
    assert else_ in without
    assert not else_ or else_ not in with_it


def test_the_place_of_use_is_named(written: Written) -> None:
    place = Place("Wochenmarkt", "2026-11-05T08:00:00+01:00", "anna", city="Pirna")
    text = written(None, people=People(place=place))["datasheet"]
    assert "Einsatzort: Wochenmarkt, Pirna, seit 05.11.2026 08:00:00 +0100." in text


def test_before_the_first_start_it_is_a_draft(written: Written) -> None:
    texts = written()
    assert "noch keine TSE in Betrieb" in texts["procedure"]
    assert "Noch nicht gestartet." in texts["datasheet"]


def test_parts_and_values_of_a_text() -> None:
    text = "a {{x}}\n{{#x}}\nwith {{x}}\n{{/x}}\n{{^x}}\nwithout\n{{/x}}\nend\n"
    assert fill(text, {"x": "1"}) == "a 1\nwith 1\nend\n"
    assert fill(text, {"x": ""}) == "a \nwithout\nend\n"
    with pytest.raises(KeyError):
        fill("{{y}}", {"x": ""})
