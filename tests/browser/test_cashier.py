"""The cashier's page in real Chromium: what it draws, what it sends, when it hides."""

import re
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
import zxingcpp
from PIL import Image
from selenium.webdriver.common.keys import Keys
from stage import BASE, CLIENT, LINES, NO_SALE, SALE, Broker, Page, PlayedRegister, wait

from kassd.app.handover import Handover
from kassd.app.transfer_codes import draw
from kassd.core.codec import encode
from kassd.core.receipts.state import Offer
from kassd.core.transfers.epc import epc_text
from kassd.mqtt.documents import ReceiptOffer, SaleLine, SalePayment, TransferCode
from kassd.receipt.compact import LIMIT, text_for_code
from tests.receipt.samples import SALE as RECEIPT

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_line_is_on_the_glass_within_a_second(page: Page, register: PlayedRegister) -> None:
    page.shows("#empty", "Bereit")
    took = []
    for _ in range(3):  # the machine may be busy with other things once
        began = time.monotonic()
        register.sale()
        page.shows("#lines", "Bauernbrot 1 kg")
        took.append(time.monotonic() - began)
        if took[-1] < 1.0:
            break
        register.state("state/sale/main", encode(NO_SALE))
        page.shows("#empty", "Bereit")
    assert min(took) < 1.0
    assert page.text("#big") == "4,70 €"
    assert "2 × 0,40 €" in page.text("#lines")
    assert page.text("#sale-status") == "Verkauf läuft"


def test_pay_cash_exact(page: Page, register: PlayedRegister) -> None:
    register.sale(rev=41)
    page.shows("#lines", "Brezel")
    page.press("Bar passend")
    name, command, message = register.command()
    assert name == f"{CLIENT}/sale.pay"
    assert command == {
        "v": 1,
        "id": command["id"],
        "args": {"station": "main", "type": "cash"},
        "if": {"rev": 41},
    }
    assert UUID7.fullmatch(command["id"])
    assert message.qos == 1
    assert not message.retain
    assert message.properties is not None
    assert 1 <= message.properties.MessageExpiryInterval <= 10
    assert message.properties.ResponseTopic == f"{BASE}/res/{CLIENT}"
    register.reply(command, "accepted")
    given = (SalePayment("Bar", "Bar", 470, 1000),)
    register.sale(status="done", paid=470, due=0, change=530, receipt="17", payments=given)
    page.shows("#sale-status", "Bezahlt · Bon 17")
    assert page.text("#parts").split("\n") == ["Summe", "4,70 €", "Bar gegeben", "10,00 €"]
    assert page.text("#big-label") == "Rückgeld"
    assert page.text("#big") == "5,30 €"
    assert not page.find("#pay-card").is_enabled()


def test_pay_cash_given_by_note_and_by_typing(page: Page, register: PlayedRegister) -> None:
    register.sale()
    page.shows("#lines", "Brezel")
    page.press("Bar gegeben")
    page.shows("#dialog", "Zu zahlen 4,70 €")
    page.press("20 €")
    assert register.command()[1]["args"] == {"station": "main", "type": "cash", "given": 2000}
    page.press("Bar gegeben")
    for key in ("1", "00", "0"):
        page.press(key)
    assert page.text(".amount-value") == "10,00 €"
    page.press("Kassieren")
    assert register.command()[1]["args"]["given"] == 1000


def test_pay_by_card(page: Page, register: PlayedRegister) -> None:
    register.sale(rev=9)
    page.shows("#lines", "Brezel")
    page.press("Karte")
    _, command, _ = register.command()
    assert command["args"] == {"station": "main", "type": "card"}
    assert command["if"] == {"rev": 9}
    register.sale(status="signing", paid=470, due=0)
    page.shows("#sale-status", "Beleg wird signiert")


def test_a_typed_code_is_added_with_its_quantity(page: Page, register: PlayedRegister) -> None:
    entry = page.find("#entry")
    entry.send_keys("4006381333931", Keys.ENTER)
    name, command, _ = register.command()
    assert name == f"{CLIENT}/sale.add"
    assert command["args"] == {"station": "main", "code": "4006381333931", "quantity": "1"}
    assert "if" not in command
    entry.send_keys("2,5*")
    page.shows("#quantity", "2,5 ×")
    entry.send_keys("77", Keys.ENTER)
    assert register.command()[1]["args"] == {"station": "main", "code": "77", "quantity": "2.5"}
    assert not page.find("#quantity").is_displayed()


def test_the_keys_on_the_glass_type_a_code(page: Page, register: PlayedRegister) -> None:
    for key in ("3", "×", "4", "0", "5", "⌫", "⏎"):
        page.press(key)
    assert register.command()[1]["args"] == {"station": "main", "code": "40", "quantity": "3"}


def test_an_item_by_price(page: Page, register: PlayedRegister) -> None:
    page.press("Preis")
    for key in ("3", "5", "0"):
        page.press(key)
    page.press("Ware 7 %")
    args = register.command()[1]["args"]
    assert args == {"station": "main", "text": "Ware 7 %", "price": 350, "vat": 2, "quantity": "1"}


def test_a_refusal_is_shown_with_its_next_step(page: Page, register: PlayedRegister) -> None:
    page.find("#entry").send_keys("123", Keys.ENTER)
    command = register.command()[1]
    register.reply(
        command,
        "rejected",
        code="unknown_article",
        message="Dieser Artikel ist nicht bekannt.",
        next="Bitte neu scannen.",
    )
    page.shows("#notice", "Dieser Artikel ist nicht bekannt. Bitte neu scannen.")
    assert page.find("#notice").get_attribute("data-kind") == "bad"


def test_void_the_chosen_line_then_the_last(page: Page, register: PlayedRegister) -> None:
    register.sale(rev=12)
    page.shows("#lines", "Brezel")
    page.find('.line[data-n="1"] button').click()
    page.press("Zeile stornieren")
    _, command, _ = register.command()
    assert command["args"] == {"station": "main", "line": 1}
    assert command["if"] == {"rev": 12}
    page.find('.line[data-n="1"] button').click()
    page.press("Zeile stornieren")
    assert register.command()[1]["args"] == {"station": "main"}


def test_abort_asks_first_and_can_be_left_by_keyboard(page: Page, register: PlayedRegister) -> None:
    register.sale(rev=12)
    page.shows("#lines", "Brezel")
    page.press("Abbrechen")
    page.find("#dialog").send_keys(Keys.ESCAPE)
    wait(lambda: not page.find("#dialog").is_displayed())
    page.press("Abbrechen")
    page.press("Verkauf abbrechen")
    name, command, _ = register.command()
    assert name == f"{CLIENT}/sale.abort"
    assert command["if"] == {"rev": 12}


def test_abort_of_a_part_paid_sale_says_what_was_given_back(page: Page, register: PlayedRegister) -> None:
    register.sale(status="paying", paid=200, due=270)
    page.shows("#big-label", "Noch zu zahlen")
    page.press("Abbrechen")
    for key in ("2", "00"):
        page.press(key)
    page.press("Verkauf abbrechen")
    assert register.command()[1]["args"] == {"station": "main", "cash_returned": 200}


def test_open_the_till_and_explain_a_difference(page: Page, register: PlayedRegister) -> None:
    register.till(open=False, business_day="")
    page.shows("#empty", "Kasse geschlossen")
    page.press("Kasse öffnen")
    for key in ("1", "00", "00"):
        page.press(key)
    page.press("Öffnen")
    name, command, _ = register.command()
    assert name == f"{CLIENT}/till.open"
    assert command["args"] == {"station": "main", "counted": 10000}
    register.reply(
        command,
        "conflict",
        code="float_differs",
        message="Der Anfangsbestand weicht ab.",
        result={"expected": 9000, "counted": 10000},
    )
    page.shows("#dialog", "90,00 €")
    page.press("Geldtransit (Tresor, Bank)")
    args = register.command()[1]["args"]
    assert args == {"station": "main", "counted": 10000, "source": "transit"}


def test_close_the_till_with_a_count(page: Page, register: PlayedRegister) -> None:
    register.till(rev=33, operator="Berta")
    page.shows("#till-info", "Berta")
    page.press("Menü")
    page.press("Kasse abschließen")
    fields = wait(lambda: page.driver.find_elements("css selector", ".count-grid input"))
    assert len(fields) == 15 + 13, "euro and francs of the drawer; the purse is empty"
    fields[3].send_keys("1")
    fields[7].click()
    page.press("3")
    page.press("0")
    page.press("⌫")
    fields[15 + 3].send_keys("2")
    assert [
        one.text.replace("\u00a0", " ")
        for one in page.driver.find_elements("css selector", ".counted output")
    ] == [
        "56,00 €",
        "100,00 CHF",
    ]
    page.click("#dialog button[type=submit]")
    name, command, _ = register.command()
    assert name == f"{CLIENT}/till.close"
    counts = {"drawer": {"5000": 1, "200": 3}, "drawer/CHF": {"5000": 2}}
    assert command["args"] == {"station": "main", "counts": counts}
    assert command["if"] == {"rev": 33}

    more = {"expected": 5700, "counted": 5600, "drawer": "drawer", "currency": "EUR"}
    register.reply(
        command, "rejected", code="reason_required", message="Dafür ist eine Begründung nötig.", result=more
    )
    page.shows("#dialog", "drawer: gezählt 56,00 €, Soll 57,00 €.")
    page.press("Zählfehler")
    page.click("#dialog button[type=submit]")
    again = register.command()[1]
    assert again["args"] == {"station": "main", "counts": counts, "reason": "Zählfehler"}, "still filled in"


def test_reprint_and_report(page: Page, register: PlayedRegister) -> None:
    page.press("Letzter Bon")
    assert register.command()[0] == f"{CLIENT}/receipt.reprint"
    page.press("Menü")
    page.press("Zwischenbericht (X)")
    assert register.command()[0] == f"{CLIENT}/till.report"


def test_an_older_document_is_not_drawn(page: Page, register: PlayedRegister) -> None:
    register.sale()
    register.sale(total=999)
    page.shows("#big", "9,99 €")
    register.state("state/sale/main", encode(replace(SALE, total=1)), n=2)
    register.device("printer", "error", "Papier ist leer.")
    page.shows("#devices", "Drucker")
    assert page.text("#big") == "9,99 €"
    register.boot = "another-life"
    register.state("state/sale/main", encode(replace(SALE, total=111)), n=1)
    page.shows("#big", "1,11 €")


def test_a_voided_line_and_its_counter_line(page: Page, register: PlayedRegister) -> None:
    counter = SaleLine(3, "Brezel", Decimal(-2), 40, -80, 2, voids=2)
    register.sale(lines=(LINES[0], replace(LINES[1], voided=True), counter), total=390, due=390)
    page.shows("#lines", "Storno: Brezel")
    assert "struck" in str(page.find('.line[data-n="2"]').get_attribute("class"))
    assert "−0,80 €" in page.text('.line[data-n="3"]')


def test_what_the_operator_should_know_is_shown(page: Page, register: PlayedRegister) -> None:
    register.sale(message="4006381333931: bitte neu scannen")
    page.shows("#sale-message", "bitte neu scannen")
    register.state("state/sale/main", encode(NO_SALE))
    register.till(open=False, message="Es ist keine TSE in Betrieb genommen.")
    page.shows("#empty", "Es ist keine TSE in Betrieb genommen.")
    register.till(closing=True)
    page.shows("#till-state", "Abschluss läuft")
    register.state("info", {"mode": "test"})
    page.shows("#badge", "TEST")


def test_alerts_come_and_go(page: Page, register: PlayedRegister) -> None:
    register.state(
        "alert/tse", {"severity": "critical", "text_de": "Die TSE ist ausgefallen.", "text_en": "x"}
    )
    page.shows("#alerts", "Die TSE ist ausgefallen.")
    register.publish("alert/tse", None)
    wait(lambda: page.text("#alerts") == "")


def test_no_broker_no_picture(page: Page, register: PlayedRegister, broker: Broker) -> None:
    register.sale()
    page.shows("#lines", "Brezel")
    broker.stop()
    wait(page.is_covered)
    assert page.text("#overlay-title") == "getrennt"
    broker.start()
    wait(register.client.is_connected)
    time.sleep(0.1)
    assert page.is_covered()  # a broker alone is no register
    register.online()
    register.sale(total=555)
    wait(lambda: not page.is_covered())
    page.shows("#big", "5,55 €")


def test_the_register_stops_and_an_old_death_is_ignored(page: Page, register: PlayedRegister) -> None:
    register.online(alive=False, why="lost", boot="an-earlier-life")
    register.sale()
    page.shows("#lines", "Brezel")
    assert not page.is_covered()
    register.online(alive=False, why="stop")
    wait(page.is_covered)
    assert "läuft gerade nicht" in page.text("#overlay-text")
    register.online()
    wait(lambda: not page.is_covered())


def test_what_comes_after_a_break_is_not_what_was_pressed_before(
    page: Page, register: PlayedRegister, broker: Broker
) -> None:
    register.sale()
    page.shows("#lines", "Brezel")
    broker.stop()
    page.driver.execute_script("document.getElementById('pay-card').click()")
    broker.start()
    wait(register.client.is_connected)
    register.client.subscribe(f"{BASE}/cmd/#", qos=1)
    register.online()
    wait(lambda: not page.is_covered())
    time.sleep(0.5)
    assert register.commands.empty()


def test_markup_in_a_name_stays_text(page: Page, register: PlayedRegister) -> None:
    bad = "<img src=x onerror=alert(1)>"
    register.sale(lines=(SaleLine(1, bad, Decimal(1), 1, 1, 1),))
    page.shows("#lines", bad)


def test_nothing_is_cut_off_on_a_panel_and_on_a_phone(page: Page, register: PlayedRegister) -> None:
    register.alert("printer", "warning", "Papier geht zur Neige.")
    register.state("info", {"mode": "test"})
    for name in ("printer", "scanner", "drawer", "tse", "terminal"):
        register.device(name)
    register.sale(unprintable=True)
    page.shows("#lines", "Brezel")
    misplaced = (
        "const box = (e) => e.getBoundingClientRect();"
        "const seen = [...document.querySelectorAll('main button, main input, .totals')]"
        ".filter((e) => e.checkVisibility() && !e.closest('.lines'));"
        "const keys = box(document.getElementById('keys').lastElementChild);"
        "return [...seen.filter((e) => box(e).left < 0 || box(e).right > innerWidth"
        " || box(e).bottom > innerHeight || (e.tagName === 'BUTTON' && box(e).height < 40))"
        ".map((e) => e.id || e.textContent),"
        "...(keys.bottom > box(document.getElementById('pay-card')).top ? ['keys over pay'] : []),"
        "...(document.documentElement.scrollWidth > innerWidth ? ['page wider than screen'] : []),"
        "...(box(document.getElementById('open-menu')).right > innerWidth ? ['menu'] : [])]"
    )
    for width, height, phone in ((800, 480, False), (390, 844, True), (1280, 800, False)):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        assert page.driver.execute_script(misplaced) == []


def test_the_address_line_wins_over_the_configuration(page: Page, register: PlayedRegister) -> None:
    register.state("state/sale/hatch", encode(replace(SALE, total=222)))
    page.url += "?station=hatch&client=cashier-2"
    page.load()
    wait(lambda: not page.is_covered())
    page.shows("#big", "2,22 €")
    page.press("Karte")
    name, command, message = register.command()
    assert name == "cashier-2/sale.pay"
    assert command["args"]["station"] == "hatch"
    assert message.properties is not None
    assert message.properties.ResponseTopic == f"{BASE}/res/cashier-2"


def test_without_settings_the_page_says_what_is_missing(page: Page) -> None:
    page.url += "?node="
    page.load()
    page.shows("#overlay-text", "fehlt die Angabe „node“")


def test_the_console_stays_clean(page: Page, register: PlayedRegister) -> None:
    page.driver.get_log("browser")
    page.load()
    register.sale()
    page.shows("#lines", "Brezel")
    assert page.driver.get_log("browser") == []


@pytest.mark.parametrize("by", ["link", "qr"])
def test_an_electronic_receipt_is_scanned_from_the_glass(
    by: Literal["link", "qr"], page: Page, register: PlayedRegister, tmp_path: Path
) -> None:
    made = Handover("KASSE-1", "http://192.168.4.1:8088", tmp_path, lambda _: None).make(
        Offer("7.0", RECEIPT, by)
    )
    offer = ReceiptOffer("1017", by, "offered", made.content, made.edge, made.bits)
    register.sale(status="done", paid=470, due=0, receipt="1017", offer=offer)
    page.shows("#offer-text", "Beleg 1017")
    page.picture(tmp_path / "page.png")
    assert zxingcpp.read_barcode(Image.open(tmp_path / "page.png")).text == made.content
    assert not page.find("#lines").is_displayed()
    register.sale(
        rev=8, status="done", paid=470, due=0, receipt="1017", offer=replace(offer, status="fetched")
    )
    page.shows("#sale-status", "Beleg abgerufen")
    assert not page.find("#offer").is_displayed()
    register.sale(rev=9)
    page.shows("#sale-status", "Verkauf läuft")
    assert not page.find("#offer").is_displayed()


def test_a_giro_code_is_scanned_from_the_glass(page: Page, register: PlayedRegister, tmp_path: Path) -> None:
    """And what is not certain is told beside it."""
    made = draw("1-7", epc_text("Backhaus Muster", "DE89370400440532013000", 470, "KASSE-1 1-7"))
    told = "der Geldeingang ist nicht bestätigt"
    code = TransferCode(470, "KASSE-1 1-7", made.content, "unconfirmed", made.edge, made.bits, message=told)
    register.sale(status="paying", transfer=code)
    page.shows("#offer-text", "KASSE-1 1-7")
    page.shows("#sale-message", told)
    page.picture(tmp_path / "page.png")
    assert zxingcpp.read_barcode(Image.open(tmp_path / "page.png")).text == made.content
    register.sale(rev=8, status="done", paid=470, due=0, receipt="1017")
    page.shows("#sale-status", "1017")
    assert not page.find("#offer").is_displayed()


def largest() -> ReceiptOffer:
    """A whole receipt of as many bytes as one code may have."""
    spare = LIMIT - len(text_for_code(RECEIPT).encode())
    long = replace(RECEIPT, notes=("x" * 31,) * (spare // 32) + ("y" * (spare % 32 - 1),) * (spare % 32 > 1))
    made = Handover("KASSE-1", "", Path(), lambda _: None).make(Offer("7.0", long, "qr"))
    assert LIMIT - 1 <= len(made.content.encode()) <= LIMIT
    return ReceiptOffer("1017", "qr", "offered", made.content, made.edge, made.bits)


def read(picture: Path) -> list[str]:
    """What a reader finds in a picture as it is and in enlarged ones."""
    seen = Image.open(picture).convert("L")
    sizes = [
        (seen, 1, Image.Resampling.NEAREST),
        (seen, 2, Image.Resampling.NEAREST),
        (seen, 3, Image.Resampling.BICUBIC),
    ]
    found = (
        zxingcpp.read_barcode(image.resize((image.width * n, image.height * n), how))
        for image, n, how in sizes
    )
    return [code.text for code in found if code]


@pytest.mark.parametrize(
    ("width", "height", "phone", "least"),
    [
        (800, 480, False, 3),
        (1024, 600, False, 4),
        (1280, 1024, False, 4),
        (600, 1024, False, 4),
        (390, 760, True, 2),
    ],
)
def test_the_largest_code_gets_whole_pixels_enough_to_be_read(
    page: Page, register: PlayedRegister, tmp_path: Path, width: int, height: int, phone: bool, least: int
) -> None:
    page.load(width, height, phone)
    offer = largest()
    register.alert("tse.sooner", "warning", "Die TSE läuft in 30 Tagen ab.")
    given = (SalePayment("Bar", "Bar", 470, 1000),)
    register.sale(status="done", paid=470, due=0, change=530, receipt="1017", payments=given, offer=offer)
    page.shows("#offer-text", "Beleg 1017")
    page.shows("#alerts", "30 Tagen")
    box = page.find("#offer svg").rect
    module = box["width"] / (offer.edge + 8)
    assert module == int(module) >= least
    assert box["x"] + box["width"] <= width
    assert 0 <= box["y"] <= box["y"] + box["height"] <= height
    page.picture(tmp_path / "page.png")
    assert read(tmp_path / "page.png") == [offer.content] * 3
    assert page.text("#big") == "5,30 €"
    for selector in ("#alerts", "#big", "#open-actions", "#entry"):  # the till goes on beside it
        seen = page.find(selector).rect
        assert 0 < seen["width"] <= width - seen["x"]
        assert 0 < seen["height"] <= height - seen["y"]
        beside = box["x"] + box["width"] <= seen["x"] or seen["x"] + seen["width"] <= box["x"]
        assert beside or box["y"] + box["height"] <= seen["y"] or seen["y"] + seen["height"] <= box["y"]


def test_a_code_over_the_page_is_put_away_shown_again_and_gone_with_the_next_sale(
    page: Page, register: PlayedRegister
) -> None:
    done = {"status": "done", "paid": 470, "due": 0, "receipt": "1017"}
    register.sale(**done, offer=largest())
    page.press("Zurück zur Kasse")
    page.shows("#lines", "Brezel")
    assert page.find("#keys").is_displayed()
    assert not page.find("#offer svg").is_displayed()
    register.sale(**done, rev=8, offer=largest(), message="Schublade offen")
    page.shows("#sale-message", "Schublade offen")
    assert not page.find("#offer svg").is_displayed()  # it stays away
    page.press("Code zeigen")
    wait(lambda: page.find("#offer svg").is_displayed())
    assert not page.find("#keys").is_displayed()
    page.find("#entry").send_keys("4006381333931", Keys.ENTER)  # a scanner goes on as ever
    name, command, _ = register.command()
    assert (name, command["args"]["code"]) == (f"{CLIENT}/sale.add", "4006381333931")
    register.sale(rev=9)
    page.shows("#sale-status", "Verkauf läuft")
    assert page.find("#keys").is_displayed()
    assert not page.find("#offer").is_displayed()
    register.sale(rev=10, **done, offer=largest())  # another sale's stands over the page again
    wait(lambda: page.find("#offer svg").is_displayed())


def test_without_a_printer_the_receipt_is_offered_as_a_code(page: Page, register: PlayedRegister) -> None:
    register.sale(unprintable=True)
    page.shows("#sale-message", "Hier ist kein Drucker eingerichtet")
    page.press("Beleg als QR-Code")
    name, command, _ = register.command()
    assert (name, command["args"]["by"]) == (f"{CLIENT}/sale.hand_over", "qr")
    register.reply(command, "ok")
    register.sale(status="done", receipt="17", unprintable=True, message="Beleg Nr. 17: kein Drucker.")
    page.shows("#sale-message", "Beleg Nr. 17: kein Drucker.")
    page.press("Beleg als QR-Code")
    name, command, _ = register.command()
    assert (name, command["args"]) == (f"{CLIENT}/receipt.offer", {"station": "main", "by": "qr"})
