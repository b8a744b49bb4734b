"""kassd.mqtt.project: every document a display draws, from states that the core itself has made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kassd.core import inputs as i
from kassd.core.catalog import Article
from kassd.core.decide import decide
from kassd.core.decision import Decision
from kassd.core.evolve import apply, evolve
from kassd.core.inputs import CommandReceived, Input, Stamp
from kassd.core.notification.facts import NotificationSent
from kassd.core.notification.sheet import sheets
from kassd.core.state import Archive, State, Swap, Warned
from kassd.core.status import DeviceStatus, Known
from kassd.mqtt import project
from kassd.mqtt.alerts import alerts
from kassd.mqtt.documents import (
    ClosingFinished,
    CustomerLine,
    Document,
    DrawerOpened,
    ReceiptFinished,
    StockMoved,
)
from tests.app.kit import CONFIG, OPENED, SERIAL, Signer

DRAWER = CONFIG | {"drawer.drawer.name": "drawer", "drawer.drawer.driver": "printer"}
BREAD = Article(id="brot", codes=("4006381333931",), name="Bauernbrot", price=390, vat=2)


class Till:
    """The core, driven by hand; keeps every decision with what was before and after."""

    def __init__(self, config: dict[str, Any] = DRAWER) -> None:
        self.state, self.signer, self.n = State(), Signer(), 0
        self.at, self.mono = datetime(2026, 11, 21, 11, tzinfo=UTC), 0
        self.steps: list[tuple[Decision, State, State]] = []
        self.put(i.Started(config, "h1", "kassd 1", "b1"))

    def put(self, *inputs: Input) -> "Till":
        for input in inputs:
            self.at, self.mono = self.at + timedelta(seconds=1), self.mono + 1_000_000_000
            before = self.state
            decision = decide(before, input, Stamp(before.seq + 1, self.at, self.mono))
            self.state = evolve(before, decision)
            self.steps.append((decision, before, self.state))
        return self

    def do(self, name: str, /, **args: Any) -> "Till":
        self.n += 1
        self.put(CommandReceived("anzeige", f"c{self.n}", name, args))
        reply = self.steps[-1][0].reply
        assert reply is not None
        assert reply.status in ("ok", "accepted"), reply
        return self

    def sign(self) -> "Till":
        while calls := [w for w in self.state.outbox.values() if w.kind.startswith("tse.")]:
            self.put(self.signer.answer(calls[0]))
        return self

    def ready(self) -> "Till":
        self.put(OPENED, i.TseSurveyed(()), i.CatalogOffered((BREAD,), (), "c1"))
        self.put(
            i.DeviceChanged(DeviceStatus("printer", "ready")),
            i.DeviceChanged(DeviceStatus("drawer", "ready")),
        )
        return self.do("till.open", counted=10_000, source="transit").sign()

    def bread(self, **args: Any) -> "Till":
        return self.do("sale.add", code="4006381333931", **args)

    def sale(self) -> Any:
        return project.sale_document(self.state, "main")

    def customer(self) -> Any:
        return project.customer_view(self.state, "main")

    def till(self) -> Any:
        return project.till_document(self.state, "main")

    def events(self) -> list[tuple[str, Document]]:
        return [event for step in self.steps for event in project.events(*step)]

    def alerts(self) -> dict[str, Any]:
        return dict(alerts(self.state))


@pytest.fixture
def till() -> Till:
    return Till().ready()


# -- the sale -----------------------------------------------------------------------------------------


def test_no_sale(till: Till) -> None:
    shown = till.sale()
    assert (shown.status, shown.id, shown.lines, shown.total, shown.due) == ("none", "", (), 0, 0)
    assert (till.customer().status, till.customer().headline) == ("none", "Willkommen")
    assert till.customer().test


def test_an_open_sale(till: Till) -> None:
    shown = till.bread(quantity="2").do("sale.add", text="Blumen", price=500, vat=2).sale()
    assert shown.status == "open"
    assert shown.id
    assert [(n.n, n.text, n.quantity, n.unit_price, n.amount, n.vat) for n in shown.lines] == [
        (1, "Bauernbrot", Decimal(2), 390, 780, 2),
        (2, "Blumen", Decimal(1), 500, 500, 2),
    ]
    assert (shown.total, shown.paid, shown.due, shown.change, shown.receipt) == (1280, 0, 1280, 0, "")
    assert (till.customer().status, till.customer().headline, till.customer().due) == (
        "open",
        "Ihr Einkauf",
        1280,
    )


def test_a_voided_line_stays_on_the_cashiers_screen_and_leaves_the_customers(till: Till) -> None:
    shown = till.bread().do("sale.add", text="Blumen", price=500, vat=2).do("sale.void_line", line=1).sale()
    assert [(n.n, n.amount, n.voids, n.voided) for n in shown.lines] == [
        (1, 390, 0, True),
        (2, 500, 0, False),
        (3, -390, 1, False),
    ]
    assert shown.total == 500
    assert till.customer().lines == (CustomerLine("Blumen", Decimal(1), 500, 500),)
    assert till.customer().total == 500


def test_part_paid(till: Till) -> None:
    shown = till.bread().do("sale.pay", type="cash", given=200).sale()
    assert (shown.status, shown.paid, shown.due, shown.change) == ("paying", 200, 190, 0)
    assert [(p.type, p.amount) for p in shown.payments] == [("Bar", 200)]
    assert till.customer().headline == "Bitte bezahlen"


def test_signing_then_done_then_the_next(till: Till) -> None:
    till.bread().sign().do("sale.pay", type="cash", given=500)
    signing = till.sale()
    assert (signing.status, signing.receipt, signing.due, signing.change) == ("signing", "", 0, 110)
    assert till.customer().headline == "Einen Moment bitte"
    done = till.sign().sale()
    assert (done.status, done.id, done.change, done.outage) == ("done", signing.id, 110, False)
    assert done.receipt == str(till.state.receipt)
    assert till.customer().headline == "Vielen Dank"
    after = till.do("sale.add", text="Blumen", price=500, vat=2).sale()
    assert (after.status, after.total) == ("open", 500)
    assert after.id != done.id


def test_aborted(till: Till) -> None:
    till.bread().sign().do("sale.abort")
    assert (till.sale().status, till.sale().due) == ("signing", 0)
    till.sign()
    assert (till.sale().status, till.sale().due, till.sale().receipt) == ("aborted", 0, "")
    assert till.customer().headline == "Vorgang abgebrochen"
    assert till.customer().due == 0


def test_nothing_is_due_of_what_is_never_paid(till: Till) -> None:
    till.bread().sign().do("sale.benefit", employee={"name": "Kim"})
    assert (till.sale().status, till.sale().total, till.sale().due) == ("signing", 390, 0)
    till.sign()
    assert (till.sale().status, till.sale().due, till.customer().due) == ("done", 0, 0)


def test_an_outage_is_said_on_the_finished_sale(till: Till) -> None:
    till.put(i.TseUnavailable("gone", "Die TSE ist weg."))
    assert till.bread().do("sale.pay", type="cash").sale().outage


def test_every_status_of_a_sale_is_shown() -> None:
    from kassd.core.state import SALE_TABLE

    assert set(project.STATUS) == {status for status, _ in SALE_TABLE} | set(SALE_TABLE.values())
    assert set(project.HEADLINES) == {*project.STATUS.values(), "none"}


# -- till and info ------------------------------------------------------------------------------------


def test_the_till_closed_open_closed(till: Till) -> None:
    fresh = Till()
    assert (fresh.till().open, fresh.till().float_expected, fresh.till().last_receipt) == (False, 0, "")
    assert "TSE" in fresh.till().message
    shown = till.till()
    assert (shown.open, shown.business_day, shown.cash_expected, shown.float_expected) == (
        True,
        "2026-11-21",
        10_000,
        None,
    )
    till.bread().sign().do("sale.pay", type="cash").sign()
    assert till.till().cash_expected == 10_390
    assert till.till().last_receipt == str(till.state.receipt)
    till.do("till.close", count={"1": 10_390}).sign()
    shown = till.till()
    assert (shown.open, shown.business_day, shown.last_closing, shown.float_expected) == (
        False,
        "",
        "1",
        10_390,
    )


def test_a_closing_on_its_way(till: Till) -> None:
    till.do("till.close", count={"1": 10_000}, skim=5_000)
    assert (till.till().open, till.till().closing) == (True, True)
    till.sign()
    assert (till.till().open, till.till().closing) == (False, False)


def test_master_data_that_wait_for_the_closing(till: Till) -> None:
    till.put(i.Started(DRAWER | {"business.name": "Neu"}, "h2", "kassd 1", "b1"))
    assert "1 Stammdaten" in till.till().message
    assert "business.name" in till.alerts()["config-pending"].text_de
    assert project.info_document(till.state, "Pi").business == "Backhaus Muster"


def test_info(till: Till) -> None:
    info = project.info_document(till.state, "Raspberry Pi 4")
    assert (info.register, info.mode, info.software, info.build) == ("KASSE-1", "test", "kassd 1", "b1")
    assert (info.tse_serial_number, info.stations, info.hardware) == (SERIAL, ("main",), "Raspberry Pi 4")
    assert project.info_document(Till().state, "x").tse_serial_number == ""


# -- devices, TSE, alerts -----------------------------------------------------------------------------


def test_a_device() -> None:
    said: dict[str, Known] = {"paper_end": "yes", "cutter": "unknown"}
    status = DeviceStatus("printer", "error", "paper_end", "Papier einlegen.", "2026-11-21T11:00:00Z", said)
    shown = project.device_document(status)
    assert shown.conditions == said
    assert (shown.name, shown.state, shown.reason, shown.message, shown.since) == (
        "printer",
        "error",
        "paper_end",
        "Papier einlegen.",
        "2026-11-21T11:00:00Z",
    )


def test_the_tse_in_every_state(till: Till) -> None:
    assert project.tse_status(Till().state, "", False) == DeviceStatus(
        "tse",
        "absent",
        "not_commissioned",
        "Keine TSE eingerichtet. Verkaufen ist erst mit einer TSE möglich.",
    )
    assert project.tse_status(Till().state, "s", True) == DeviceStatus("tse", "opening", since="s")
    assert project.tse_status(till.state, "s", True) == DeviceStatus("tse", "ready", since="s")
    till.put(i.TseUnavailable("gone", "Die TSE ist weg."))
    lost = project.tse_status(till.state, "s", True)
    assert (lost.state, lost.reason) == ("error", "gone")
    assert lost.message == "Die TSE ist weg. Stecker, Strom und Kabel der TSE prüfen."
    assert lost.since == till.state.tse.outage.since  # type: ignore[union-attr]
    till.put(OPENED, i.TseSurveyed(()))
    assert project.tse_status(till.state, "", True).state == "ready"


def test_another_tse_is_an_error(till: Till) -> None:
    till.put(replace(OPENED, serial_number="cd" * 32))
    assert project.tse_status(till.state, "", True).reason == "wrong_tse"


def test_alerts_come_and_go(till: Till) -> None:
    assert till.alerts() == {}
    till.put(i.TseUnavailable("gone", "Die TSE ist weg."))
    alert = till.alerts()["tse-outage"]
    assert alert.severity == "critical"
    assert "ohne Signatur" in alert.text_de
    assert "gone" in alert.text_en
    till.put(OPENED, i.TseSurveyed(()))
    assert till.alerts() == {}


def test_a_notification_that_is_due_is_an_alert_in_production_only() -> None:
    made = CONFIG | {"notification.acquired": "2026-11-20", "notification.tse_form": "usb"}
    assert Till(made).ready().alerts() == {}
    rights = {"client.anzeige.name": "anzeige", "client.anzeige.rights": ["till"]}
    till = Till(made | {"register.mode": "production"} | rights)
    assert till.alerts() == {}, "no TSE, nothing to notify"
    alert = till.ready().alerts()["notification"]
    assert (alert.severity, "bis 20.12.2026" in alert.text_de) == ("warning", True)
    sheet = sheets(till.state)[0]
    sent = NotificationSent("", "", "2026-11-21", "", sheet.mark, sheet.place, sheet.systems)
    assert dict(alerts(apply(till.state, sent, Stamp(0, till.at, 0)))) == {}


def test_the_archive_says_what_is_wrong_with_it(till: Till) -> None:
    def shown(**archive: Any) -> dict[str, Any]:
        tse = replace(till.state.tse, archive=Archive(**archive))
        return dict(alerts(replace(till.state, tse=tse)))

    assert shown(last=9, file="x/1-9.tar", read_at="2026-11-21T12:00:00+01:00") == {}
    failed = shown(failed="Die TSE lehnt ab: busy")["tse-archive"]
    assert (failed.severity, "lehnt ab" in failed.text_de) == ("warning", True)
    found = shown(findings=("Beleg 3: fehlt", "Beleg 4: fehlt"))["tse-archive-findings"]
    assert (found.severity, "(2 Befunde)" in found.text_de) == ("critical", True)
    assert "Beleg 3" in found.text_en
    unread = shown(unread="Zähler 7 fehlt.", read_at="2026-11-21T12:00:00+01:00")["tse-read-back"]
    assert (unread.severity, unread.since[:10]) == ("critical", "2026-11-21")


@pytest.mark.parametrize(
    ("what", "level", "severity", "english"),
    [
        ("expiry", 14, "warning", "TSE expiry: 14 days left"),
        ("expiry", 7, "critical", "TSE expiry: 7 days left"),
        ("memory", 90, "warning", "TSE memory: 90 % used"),
        ("signatures", 95, "critical", "TSE signatures: 95 % used"),
    ],
)
def test_the_end_of_a_tse_is_announced(
    till: Till, what: str, level: int, severity: str, english: str
) -> None:
    warned = {what: Warned(level, "Die TSE geht zu Ende.", "2026-11-21T12:00:00+01:00")}
    shown = dict(alerts(replace(till.state, tse=replace(till.state.tse, warnings=warned))))
    assert set(shown) == {f"tse-{what}"}
    alert = shown[f"tse-{what}"]
    assert (alert.severity, alert.text_de, alert.text_en) == (severity, "Die TSE geht zu Ende.", english)
    assert alert.since == "2026-11-21T12:00:00+01:00"


def test_a_swap_on_its_way_is_shown(till: Till) -> None:
    swap = Swap(SERIAL, "2026-11-21T12:00:00+01:00", "anna", "Tausch")
    shown = dict(alerts(replace(till.state, tse=replace(till.state.tse, swap=swap))))
    assert set(shown) == {"tse-swap"}
    assert "kassd tse swap zu Ende führen" in shown["tse-swap"].text_de
    assert shown["tse-swap"].since == swap.since


def test_a_printer_that_is_away_says_how_many_receipts_wait(till: Till) -> None:
    till.put(i.DeviceChanged(DeviceStatus("printer", "absent", "unplugged", "Kabel prüfen.")))
    till.bread().sign().do("sale.pay", type="cash").sign()
    text = till.alerts()["printer-printer"].text_de
    assert "Kabel prüfen." in text
    assert "Belege warten" in text
    till.put(i.DeviceChanged(DeviceStatus("drawer", "error", "pin")))
    assert set(till.alerts()) == {"printer-printer"}, "a drawer is no printer"
    till.put(i.DeviceChanged(DeviceStatus("printer", "ready")))
    assert till.alerts() == {}


def test_a_rollback_is_critical(till: Till) -> None:
    till.put(i.RollbackFound("broker", "Der Broker kennt 90 Zeilen."))
    first = till.alerts()["journal-rollback"]
    till.put(i.RollbackFound("mirror", "Der Spiegel kennt 91 Zeilen."))
    till.put(i.RollbackFound("broker", "Der Broker kennt 92 Zeilen."))
    alert = till.alerts()["journal-rollback"]
    assert alert.severity == "critical"
    assert "90 Zeilen" in alert.text_de
    assert "91 Zeilen" in alert.text_de
    assert "Zeilen" not in alert.text_en
    assert alert.text_en.endswith("(broker, mirror).")
    assert datetime.fromisoformat(alert.since)
    assert alert.since == first.since


# -- events -------------------------------------------------------------------------------------------


def test_events_of_a_day(till: Till) -> None:
    till.steps.clear()
    till.bread(quantity="2").do("sale.add", text="Blumen", price=500, vat=2).sign()
    till.do("sale.pay", type="cash", given=2000)
    (kick,) = [w for w in till.state.outbox.values() if w.kind == "drawer"]
    till.put(i.Kicked(kick.id, "kicked")).sign()
    till.do("till.close", count={"1": 11_280}).sign()
    kinds = [kind for kind, _ in till.events()]
    assert kinds == ["drawer.opened", "receipt.finished", "stock.moved", "till.closed"]
    drawer, receipt, stock, closing = (document for _, document in till.events())
    assert isinstance(drawer, DrawerOpened)
    assert (drawer.drawer, drawer.station, drawer.why) == ("drawer", "main", "sale")
    assert isinstance(receipt, ReceiptFinished)
    assert (receipt.total, receipt.outage, receipt.test) == (1280, False, True)
    assert [(v.vat, v.gross, v.net + v.tax) for v in receipt.vat] == [(2, 1280, 1280)]
    assert sum(p.amount for p in receipt.payments) == 1280
    assert stock == StockMoved("brot", "Bauernbrot", Decimal(-2), receipt.receipt)
    assert isinstance(closing, ClosingFinished)
    assert (closing.closing, closing.cash, closing.business_day) == ("1", 11_280, "2026-11-21")


def test_a_refused_kick_opened_nothing(till: Till) -> None:
    till.steps.clear()
    till.do("drawer.open", reason="Wechselgeld")
    (kick,) = [w for w in till.state.outbox.values() if w.kind == "drawer"]
    till.put(i.Kicked(kick.id, "refused", "duty"), i.Kicked(kick.id, "kicked"), i.Kicked("99.9", "kicked"))
    assert till.events() == []


def test_aborts_and_cash_movements_are_no_receipts(till: Till) -> None:
    till.steps.clear()
    till.bread().sign().do("sale.abort").sign()
    till.do("cash.in", kind="private", amount=500, reason="Wechselgeld").sign()
    assert till.events() == []


def test_voided_goods_did_not_leave(till: Till) -> None:
    till.steps.clear()
    till.bread().bread().do("sale.void_line", line=1).sign().do("sale.pay", type="cash").sign()
    assert [d.quantity for k, d in till.events() if k == "stock.moved"] == [Decimal(-1)]  # type: ignore[attr-defined]


def test_receipts_that_an_outage_issues_together_all_move_their_stock(till: Till) -> None:
    """Two sales wait for a silent TSE; one line issues both."""
    till.bread().sign().do("sale.pay", type="cash")
    till.bread(quantity="3").do("sale.pay", type="cash")
    till.steps.clear()
    till.put(i.TseUnavailable("gone", "Die TSE ist weg."))
    assert [kind for kind, _ in till.events()].count("receipt.finished") == 2
    assert [d.quantity for k, d in till.events() if k == "stock.moved"] == [Decimal(-1), Decimal(-3)]  # type: ignore[attr-defined]


def test_an_unknown_code_is_told(till: Till) -> None:
    till.steps.clear()
    till.put(i.Scanned("scanner", "main", "4000417025005"))
    assert [(kind, document.code) for kind, document in till.events()] == [  # type: ignore[attr-defined]
        ("code.unknown", "4000417025005")
    ]
