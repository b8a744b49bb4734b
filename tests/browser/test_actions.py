"""The sheet of actions in real Chromium: what is filled in becomes a command, what is answered is shown."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from stage import CLIENT, Page, PlayedRegister, wait

from kassd.core.codec import encode
from kassd.displays import DisplayConfig, serve
from kassd.mqtt.documents import OrderedLine, OrderGroup, OrdersDocument
from kassd.sim.world import World
from kassd.sim.world_config import CATALOG, NODE

SLOW_S = 60.0  # a machine that does much else at once


def choose(page: Page, title: str) -> None:
    """Open the sheet and press an action; it stands further down perhaps."""
    page.press("Aktionen")
    page.shows("#dialog", "Aktionen", SLOW_S)
    page.press(title)


FIELD = """
const field = [...document.querySelectorAll('#dialog .field')]
  .find((f) => f.firstChild.textContent.replace(' *', '') === arguments[0]);
return field?.querySelector('input, select');
"""


def fill(page: Page, label: str, text: str) -> None:
    """Type into the field with this label."""
    box = wait(lambda: page.driver.execute_script(FIELD, label))
    if box.tag_name == "select":
        box.find_element(By.XPATH, f"option[contains(., '{text}')]").click()
    else:
        box.clear()
        box.send_keys(text)


def sent(register: PlayedRegister) -> tuple[str, dict[str, Any]]:
    """Name and arguments of the next command, without the station."""
    name, command, _ = register.command()
    return name.removeprefix(f"{CLIENT}/"), {k: v for k, v in command["args"].items() if k != "station"}


def submit(page: Page) -> None:
    page.click("#dialog button[type=submit]")


def test_a_discount_of_the_selected_line(page: Page, register: PlayedRegister, tmp_path: Path) -> None:
    register.sale(rev=41)
    page.shows("#lines", "Brezel")
    page.click('.line[data-n="2"] button')
    page.press("Aktionen")
    page.shows("#dialog", "Rückgängig")
    page.picture(tmp_path / "sheet.png")
    page.press("Rabatt")
    page.shows("#dialog", "Rabatt")
    fill(page, "Prozent", "12,5")
    page.press("Stammkunde")
    page.picture(tmp_path / "discount.png")
    submit(page)
    name, command, _ = register.command()
    assert name == f"{CLIENT}/sale.discount"
    args = {"station": "main", "line": 2, "percent": "12.5", "reason": "Stammkunde"}
    assert command["args"] == args
    assert command["if"] == {"rev": 41}, "of the sale that was seen"
    register.reply(command)


def test_the_keys_on_the_glass_fill_in_an_amount(page: Page, register: PlayedRegister) -> None:
    choose(page, "Gutschein verkaufen")
    page.shows("#dialog-title", "Gutschein verkaufen", SLOW_S)  # the page behind it has a "2", too
    for key in ("2", "5", ",", "5", "5", "⌫", "0"):
        page.press(key)
    submit(page)
    assert sent(register) == ("voucher.sell", {"kind": "multi", "value": 2550})


def test_nothing_is_sent_that_is_no_answer(page: Page, register: PlayedRegister) -> None:
    choose(page, "Einlage")
    fill(page, "Grund", "Bank")
    script = "return document.querySelector('#dialog [data-typed]').validationMessage === arguments[0]"
    wrong = "Das ist keine gültige Angabe."
    for text, complaint in (("", "Bitte ausfüllen."), ("12,345", wrong), ("zehn", wrong)):
        fill(page, "Betrag", text)
        submit(page)
        wait(lambda said=complaint: page.driver.execute_script(script, said))
    fill(page, "Betrag", "1200,5")
    fill(page, "Art", "Wechselgeld")
    submit(page)
    assert sent(register) == ("cash.in", {"kind": "change", "amount": 120_050, "reason": "Bank"})
    assert register.commands.empty(), "nothing was sent before"


def test_an_action_without_questions_is_sent_at_once(page: Page, register: PlayedRegister) -> None:
    choose(page, "Training beginnen")
    assert sent(register) == ("mode.training", {"on": True})
    page.find("#entry").send_keys(Keys.F3)
    page.shows("#dialog", "Aktionen")


def test_a_table_is_billed_and_lines_come_back(page: Page, register: PlayedRegister) -> None:
    lines = (OrderedLine(1, "Pils", Decimal("2"), 480, 960, 1),)
    group = OrderGroup("T5-000001", 1, "5", "Anna", "2026-03-02T18:00:00+01:00", 960, lines)
    register.state("state/orders", encode(OrdersDocument((group,), 960)))
    wait(lambda: "Tisch 5 (9,60 €)" in _options(page, "Rechnung"))  # the document may come after the dialog
    fill(page, "Positionen, z. B. 1×2, 3", "1×1,5 3")
    submit(page)
    assert sent(register) == ("order.bill", {"group": "T5-000001", "lines": {"1": "1.5", "3": "1"}})
    register.sale(status="done", receipt="17")
    choose(page, "Ware zurück mit Bon")
    fill(page, "Positionen, z. B. 1×2, 3", "2")
    page.press("defekt")
    submit(page)
    returned = {"receipt": "17", "lines": {"2": "1"}, "reason": "defekt"}
    assert sent(register) == ("receipt.return", returned), "of the receipt on the screen"


def _options(page: Page, title: str) -> str:
    if not page.find("#dialog").is_displayed():
        choose(page, title)
    text = page.text("#dialog select")
    if "Tisch" not in text:
        page.press("Zurück")
    return text


def test_a_count_by_denomination(page: Page, register: PlayedRegister, tmp_path: Path) -> None:
    choose(page, "Zählen")
    boxes = wait(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#dialog .count-grid input"))
    boxes[3].send_keys("3")
    boxes[14].send_keys("7")
    page.click("#dialog .check input")
    fill(page, "Grund", "Übergabe")
    page.picture(tmp_path / "count.png")
    submit(page)
    counted = {"drawer": "drawer", "currency": "EUR", "count": {"5000": 3, "1": 7}}
    assert sent(register) == ("till.count", counted | {"book": True, "reason": "Übergabe"})


def test_a_count_of_another_purse_or_currency(page: Page, register: PlayedRegister) -> None:
    for place, drawer, currency in (("drawer · CHF", "drawer", "CHF"), ("berta", "berta", "EUR")):
        choose(page, "Zählen")
        fill(page, "Schublade oder Geldbörse", place)
        shown = wait(
            lambda: [
                b for b in page.driver.find_elements(By.CSS_SELECTOR, ".count-grid input") if b.is_displayed()
            ]
        )
        shown[2].send_keys("x")
        submit(page)
        shown[2].clear()
        shown[2].send_keys("2")
        submit(page)
        count = {"10000": 2}
        assert sent(register) == ("till.count", {"drawer": drawer, "currency": currency, "count": count})
        assert register.commands.empty(), "nothing was sent with nonsense in it"


def test_what_was_asked_for_is_shown(page: Page, register: PlayedRegister, tmp_path: Path) -> None:
    choose(page, "Guthaben")
    fill(page, "Code oder Nummer", "G-77")
    submit(page)
    _, command, _ = register.command()
    result = {"code": "G-77", "balance": 1250, "expiry": "2029-12-31", "problem": ""}
    register.reply(command, result=result)
    page.shows("#dialog", "12,50 €")
    assert page.text("#dialog .device-table").split("\n") == [
        "Code oder Nummer G-77",
        "Guthaben 12,50 €",
        "gültig bis 31.12.2029",
    ]
    page.press("Gut")
    choose(page, "Trinkgelder")
    _, command, _ = register.command()
    register.reply(command, result={"tips": [{"operator": "Anna", "kept": 350}]})
    page.shows("#dialog", "3,50 €")
    assert page.text("#dialog .device-table").split("\n") == ["Bediener bewahrt", "Anna 3,50 €"]
    page.picture(tmp_path / "tips.png")


def test_a_second_person_approves(page: Page, register: PlayedRegister, tmp_path: Path) -> None:
    register.till(**{"rights": ("sell",), "operator": "mehmet"})
    page.press("Aktionen")
    wait(lambda: "mit Freigabe" in page.text("#dialog"))
    page.press("Schublade öffnen mit Freigabe")
    page.press("Wechseln")
    submit(page)
    _, command, _ = register.command()
    refusal = {"code": "unauthorized", "message": "Dafür fehlt das Recht.", "next": "Freigeben lassen."}
    register.reply(command, "rejected", **refusal)
    page.shows("#dialog", "Freigeben")
    page.shows("#dialog", "Dafür fehlt das Recht.")
    fill(page, "Wer gibt frei", "anna")
    fill(page, "PIN", "4711")
    page.picture(tmp_path / "approval.png")
    submit(page)
    again = {"reason": "Wechseln", "approval": {"operator": "anna", "pin": "4711"}}
    assert sent(register) == ("drawer.open", again)


def test_a_refusal_is_told_on_the_page(page: Page, register: PlayedRegister) -> None:
    choose(page, "Rückgängig")
    _, command, _ = register.command()
    register.reply(command, "rejected", code="no_sale", message="Es ist kein Verkauf offen.", next="Scannen.")
    page.shows("#notice", "Es ist kein Verkauf offen. Scannen.")


def test_the_sheet_fits_a_phone(page: Page, register: PlayedRegister, tmp_path: Path) -> None:
    page.load(360, 740, phone=True)
    wait(lambda: not page.is_covered())
    choose(page, "Anzahlung")
    page.shows("#dialog-title", "Anzahlung")
    assert page.driver.execute_script("return document.documentElement.scrollWidth") == 360
    assert page.driver.execute_script(
        "const d = document.querySelector('#dialog'); return d.scrollWidth <= d.clientWidth"
    )
    page.picture(tmp_path / "phone.png")
    page.press("Zurück")
    page.picture(tmp_path / "phone-page.png")


BREAD = str(CATALOG[0]["codes"][0])


async def test_a_day_of_actions_at_a_real_register(driver: Chrome, tmp_path: Path) -> None:
    """A voucher sold and redeemed, a table, a discount, a return: everything by the sheet."""
    async with World(tmp_path / "world", tse_latency_ms=50) as world:
        assert world.broker is not None
        await world.command("till.open", {"counted": 10_000, "source": "transit"})
        await world.wait("state/till/main", lambda d: bool(d.get("open")))
        served = serve("127.0.0.1", 0, DisplayConfig(NODE, "cashier-1", port=world.broker.ws_port))
        page = Page(driver, served.url)
        try:
            await asyncio.to_thread(_the_day, page, world, tmp_path)
        finally:
            await asyncio.to_thread(driver.get, "about:blank")
            await asyncio.to_thread(served.close)
        cases = {fact.get("case", "Umsatz") for fact in world.facts("sale.line_added")}
        assert cases >= {"MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung", "Rabatt", "Umsatz"}
        assert len(world.facts("order.placed")) == 1
        assert [fact["how"] for fact in world.facts("receipt.corrected")] == ["return"]
        assert world.verify().ok


def _the_day(page: Page, world: World, tmp_path: Path) -> None:
    page.load()
    page.shows("#empty", "Bereit", SLOW_S)
    choose(page, "Gutschein verkaufen")
    fill(page, "Wert", "10,00")
    submit(page)
    page.shows("#lines", "Wertgutschein", SLOW_S)
    page.press("Bar passend")
    page.shows("#sale-status", "Bezahlt", SLOW_S)
    code = str(world.facts("voucher.issued")[0]["number"])

    page.find("#entry").send_keys(BREAD, Keys.ENTER)
    page.shows("#lines", "Bauernbrot", SLOW_S)
    choose(page, "Rabatt")
    fill(page, "Prozent", "10")
    submit(page)
    page.shows("#lines", "Rabatt", SLOW_S)
    choose(page, "Parken / auf Tisch")
    fill(page, "Tisch", "5")
    submit(page)
    page.shows("#empty", "Bereit", SLOW_S)
    wait(lambda: "Tisch 5" in _options(page, "Rechnung"), SLOW_S)
    page.picture(tmp_path / "bill.png")
    submit(page)
    page.shows("#lines", "Bauernbrot", SLOW_S)
    choose(page, "Gutschein einlösen")
    fill(page, "Code oder Nummer", code)
    submit(page)
    page.shows("#sale-status", "Bezahlt", SLOW_S)

    page.find("#entry").send_keys(BREAD, Keys.ENTER)
    page.shows("#sale-status", "Verkauf läuft", SLOW_S)  # the same goods were in the sale before
    page.press("Bar passend")
    page.shows("#sale-status", "Bezahlt · Bon", SLOW_S)
    choose(page, "Ware zurück mit Bon")
    fill(page, "Positionen, z. B. 1×2, 3", "1")
    page.press("passt nicht")
    submit(page)
    page.shows("#big", "−3,90", SLOW_S)
    page.picture(tmp_path / "return.png")
    page.press("Bar passend")
    page.shows("#sale-status", "Bezahlt", SLOW_S)
