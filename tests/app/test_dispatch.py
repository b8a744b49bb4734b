"""kassd.app.dispatch: what has been decided reaches worker, printer, drawer and displays."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kassd.app.anchors import Anchors
from kassd.app.dispatch import Dispatcher, tse_call
from kassd.app.seams import Seams
from kassd.app.troubles import Troubles
from kassd.app.wiring import build_worker
from kassd.clock import Clock
from kassd.core import inputs as i
from kassd.core.cards.inputs import CardAnswered, CardOutcome
from kassd.core.document import Document
from kassd.core.facts import Wish
from kassd.core.status import DeviceStatus
from kassd.devices.port import ChargeRequest
from kassd.journal import read_lines
from kassd.mqtt.publisher import Publisher
from kassd.receipt.escpos import Encoder
from kassd.settings import Settings
from kassd.tse.soft import Fault, SoftTse
from tests.app.kit import CONFIG, ORIGIN, Bench, Disk, process
from tests.app.stage import BOOT, Paper, Stage, stage

DRAWER = CONFIG | {
    "drawer.drawer.name": "drawer",
    "drawer.drawer.driver": "printer",
}


def settings(folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "register": {"id": ORIGIN, "mode": "test"},
            "business": {
                "name": "Backhaus Muster",
                "street": "Marktplatz 1",
                "postal_code": "01067",
                "city": "Dresden",
                "tax_number": "203/123/12345",
            },
            "journal": {"dir": folder / "journal"},
            "tse": {"driver": "soft", "path": folder / "tse", "latency_ms": 0, "curve": "secp256r1"},
        }
    )


class House:
    """Register, dispatcher, window, soft TSE, a printer and a drawer."""

    def __init__(self, bench: Bench, scene: Stage, dispatcher: Dispatcher, paper: Paper, box: Paper) -> None:
        self.bench, self.scene, self.dispatcher, self.paper, self.box = bench, scene, dispatcher, paper, box
        self.topics = scene.topics

    @property
    def tse(self) -> SoftTse:
        assert self.dispatcher.worker is not None
        found = self.dispatcher.worker.tse
        assert isinstance(found, SoftTse)
        return found

    async def shown(self) -> None:
        await self.bench.until(lambda: self.bench.register._ahead is self.bench.register.state)
        await self.scene.settled()

    async def document(self, topic: str, **values: Any) -> dict[str, Any]:
        """Wait until the document there says this."""

        def there() -> bool:
            seen = self.scene.seen(topic)
            return bool(seen) and seen[-1] is not None and values.items() <= seen[-1].items()

        await self.bench.until(there)
        last: dict[str, Any] = self.scene.last(topic)
        return last

    async def open(self) -> None:
        """Configured, TSE set up, printer ready, till open."""
        post = self.bench.register.post
        post(i.Started(DRAWER, "h1", "kassd 1", "b1"))
        await self.document(self.topics.device("tse"), state="ready")
        post(i.DeviceChanged(DeviceStatus("printer", "ready")))
        post(i.DeviceChanged(DeviceStatus("drawer", "ready")))
        self.bench.command("till.open", counted=10_000, source="transit")
        await self.document(self.topics.till("main"), open=True, cash_expected=10_000)
        await self.bench.until(lambda: not self.bench.register.state.sales)

    async def sell(self) -> dict[str, Any]:
        self.bench.command("sale.add", text="Brot", price=350, vat=2)
        self.bench.command("sale.pay", type="cash", given=500)
        return await self.document(self.topics.sale("main"), status="done")


@asynccontextmanager
async def built(folder: Path, *, encoder: bool = True, disk: Disk | None = None) -> AsyncIterator[House]:
    clock = Clock()
    troubles = Troubles(clock)
    dispatcher = Dispatcher(clock, "Prüfstand", troubles)
    async with stage() as scene, process(folder / "journal", disk, hands=dispatcher, clock=clock) as bench:  # type: ignore[arg-type] # the real hands
        register = bench.register
        worker = build_worker(settings(folder), clock, Seams(), register.post, lambda: register.state)
        assert worker is not None
        paper, box = Paper(), Paper("drawer")
        dispatcher.worker, dispatcher.window = worker, scene.window
        dispatcher.publisher = Publisher(scene.window, BOOT)
        dispatcher.printers, dispatcher.drawers = {"printer": paper}, {"drawer": box}
        if encoder:
            dispatcher.encoders = {"printer": Encoder("TM-T88V", 42, folder / "escpos")}
            await asyncio.to_thread(dispatcher.encoders["printer"].load)
        troubles.changed = lambda: dispatcher.publish(None, None, register.state)
        task = asyncio.create_task(worker.run())
        try:
            yield House(bench, scene, dispatcher, paper, box)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with built(tmp_path) as made:
        yield made


async def test_what_is_drawn_while_the_disk_writes_is_shown_only_then(tmp_path: Path) -> None:
    disk = Disk()
    async with built(tmp_path, disk=disk) as house:
        await house.open()
        topic = house.topics.sale("main")
        before = house.scene.seen(topic)
        disk.slow()
        house.bench.command("sale.add", text="Brot", price=350, vat=2)
        await house.bench.until(disk.blocked.is_set)
        await house.bench.until(lambda: house.dispatcher._drawn)
        house.dispatcher.publish(None, None, house.bench.register.state)  # another reason to show all
        await house.scene.settled()
        assert house.scene.seen(topic) == before
        disk.fast()
        shown = await house.document(topic, status="open", total=350)
        assert [document["n"] for document in house.scene.seen(topic)] == list(range(1, shown["n"] + 1))


async def test_nothing_is_drawn_where_the_tse_waits_for_the_line(tmp_path: Path) -> None:
    disk = Disk()
    async with built(tmp_path, disk=disk) as house:
        await house.open()
        house.bench.command("sale.add", text="Brot", price=350, vat=2)
        await house.document(house.topics.sale("main"), status="open", total=350)
        register = house.bench.register
        await house.bench.until(lambda: all(w.kind != "tse.start" for w in register.state.outbox.values()))
        disk.slow()
        house.bench.command("sale.pay", type="cash", given=500)
        await house.bench.until(disk.blocked.is_set)
        await asyncio.sleep(0.1)
        assert not house.dispatcher._drawn
        disk.fast()
        await house.document(house.topics.sale("main"), status="done")


async def test_a_slip_is_encoded_while_the_disk_writes_and_sent_only_then(tmp_path: Path) -> None:
    disk = Disk()
    async with built(tmp_path, disk=disk) as house:
        await house.open()
        for job, _ in house.paper.jobs:
            house.bench.register.post(i.Printed(job, "confirmed"))
        await house.bench.until(lambda: not house.bench.register.state.jobs)
        sent = len(house.paper.jobs)
        disk.slow()
        house.bench.command("till.report")
        await house.bench.until(lambda: house.dispatcher._slips)
        ((job, data),) = house.dispatcher._slips.items()
        assert data
        assert len(house.paper.jobs) == sent
        disk.fast()
        await house.bench.until(lambda: len(house.paper.jobs) > sent)
        assert house.paper.jobs[sent:] == [(job, data)]
        assert not house.dispatcher._slips


async def test_a_station_that_is_gone_is_shown_until_its_sale_has_ended(house: House) -> None:
    await house.open()
    bench, at_two = house.bench, {"station": "zwei"}
    two = DRAWER | {"client.theke-2.name": "theke-2", "client.theke-2.station": "zwei"}
    bench.register.post(i.Started(two, "h2", "kassd 1", "b1"))
    bench.command("sale.add", text="Brot", price=350, vat=2, **at_two)
    bench.command("sale.pay", type="cash", amount=100, **at_two)
    bench.register.post(i.Started(DRAWER, "h3", "kassd 1", "b1"))
    alert = await house.document(house.topics.alert("station-zwei"), severity="warning")
    assert "1,00 € von 3,50 €" in alert["text_de"]
    bench.command("sale.add", text="Brot", price=350, vat=2, **at_two)
    await house.document(house.topics.sale("zwei"), status="paying", due=600)
    bench.command("sale.pay", type="cash", **at_two)
    await house.document(house.topics.sale("zwei"), status="done")
    await house.shown()
    assert house.scene.last(house.topics.alert("station-zwei")) is None


async def test_a_sale_reaches_everyone(house: House) -> None:
    await house.open()
    done = await house.sell()
    job, data = await printed(house, b"Brot")
    assert data.startswith(b"\x1b@"), "a job begins with a reset"
    assert house.bench.register.state.jobs[job].status == "sending"
    house.bench.register.post(i.Printed(job, "confirmed"))
    assert len(house.box.kicks) == 1
    house.bench.register.post(i.Kicked(house.box.kicks[0], "kicked"))
    (opened,) = await wait_for(house, house.topics.event("drawer.opened"))
    assert (opened["drawer"], opened["why"]) == ("drawer", "sale")
    (finished,) = await wait_for(house, house.topics.event("receipt.finished"))
    assert (finished["receipt"], finished["total"]) == (done["receipt"], 350)
    assert "outage" not in finished
    assert done["change"] == 150
    await house.bench.until(lambda: not outbox(house, "drawer"))
    assert len(house.box.kicks) == 1
    assert house.tse.path.exists()


def outbox(house: House, kind: str) -> list[str]:
    return [wish.id for wish in house.bench.register.state.outbox.values() if wish.kind == kind]


async def printed(house: House, text: bytes) -> tuple[str, bytes]:
    """Confirm every slip until the one that contains ``text``."""
    confirmed = 0
    while True:
        await house.bench.until(lambda: len(house.paper.jobs) > confirmed)  # noqa: B023 - asked at once
        job, data = house.paper.jobs[confirmed]
        if text in data:
            return job, data
        house.bench.register.post(i.Printed(job, "confirmed"))
        confirmed += 1


async def wait_for(house: House, topic: str) -> list[Any]:
    await house.bench.until(lambda: house.scene.seen(topic))
    return house.scene.seen(topic)


async def test_documents_are_published_only_when_they_change(house: House) -> None:
    await house.open()
    await house.sell()
    await house.shown()
    for topic in dict.fromkeys(house.scene.link.topics()):
        if "/state/" not in topic and "/view/" not in topic:
            continue
        seen = house.scene.seen(topic)
        bare = [{k: v for k, v in d.items() if k not in ("n", "rev", "ts")} for d in seen]
        assert all(a != b for a, b in pairwise(bare)), topic
        assert all(a["n"] < b["n"] for a, b in pairwise(seen)), topic
    count = len(house.scene.link.sent)
    house.bench.register.post(i.Tick())
    house.bench.register.post(i.DeviceChanged(DeviceStatus("printer", "ready")))
    house.dispatcher.publish(None, None, house.bench.register.state)
    await house.shown()
    assert len(house.scene.link.sent) == count


async def test_rev_is_the_line_that_last_changed_the_document(house: House) -> None:
    await house.open()
    await house.sell()
    await house.shown()
    station = house.bench.register.state.station("main")
    assert house.scene.last(house.topics.sale("main"))["rev"] == station.sale_rev
    assert house.scene.last(house.topics.customer("main"))["rev"] == station.sale_rev
    assert house.scene.last(house.topics.till("main"))["rev"] == station.till_rev
    reply = await house.bench.ask("sale.add", text="Brot", price=100, vat=2)
    shown = await house.document(house.topics.sale("main"), status="open", total=100)
    assert shown["rev"] >= reply["rev"] or shown["rev"] == house.bench.register.state.station("main").sale_rev


async def test_an_outage_raises_an_alert_and_its_end_clears_it(house: House) -> None:
    await house.open()
    ready = house.scene.last(house.topics.device("tse"))
    house.tse.faults.set(Fault("gone"))
    done = await house.sell()
    assert done["outage"] is True
    alert, device = house.topics.alert("tse-outage"), house.topics.device("tse")
    (raised,) = await wait_for(house, alert)
    assert raised["severity"] == "critical"
    assert (await house.document(device, state="error"))["reason"] == "gone"
    house.tse.faults.set()
    assert house.dispatcher.worker is not None
    house.dispatcher.worker.probe()
    again = await house.document(device, state="ready")
    await house.bench.until(lambda: house.scene.last(alert) is None)
    assert again["since"] > raised["since"], "ready since now, not since the outage began"
    assert again["since"] > ready["since"]
    assert again["message"] == ""


class SilentTerminal:
    """It is there, and never answers."""

    def __init__(self) -> None:
        self.charges: list[str] = []
        self.asked: list[str] = []

    def charge(self, request: ChargeRequest) -> None:
        self.charges.append(request.charge)

    def ask(self, charge: str) -> None:
        self.asked.append(charge)

    def go_on(self, charge: str) -> None:
        raise AssertionError(f"{charge}: nothing was reported")

    def abort(self, charge: str) -> None:
        raise AssertionError(f"{charge}: nobody aborts it")


async def test_a_card_payment_in_doubt_is_an_alert_at_once_though_nothing_else_moves(house: House) -> None:
    await house.open()
    silent, bench = SilentTerminal(), house.bench
    house.dispatcher.terminals = {"karte": silent}
    with_card = DRAWER | {"terminal.karte.name": "karte", "terminal.karte.station": "main"}
    bench.register.post(i.Started(with_card, "h2", "kassd 1", "b2"))
    bench.register.post(i.DeviceChanged(DeviceStatus("karte", "ready")))
    bench.command("sale.add", text="Brot", price=350, vat=2)
    bench.command("sale.pay", type="card")
    await bench.until(lambda: silent.charges)
    (charge,) = silent.charges
    register = bench.register
    await bench.until(lambda: all(wish.kind != "tse.start" for wish in register.state.outbox.values()))
    await house.shown()
    bench.register.post(CardOutcome(charge, "unclear", "unplugged"))
    (raised,) = await wait_for(house, house.topics.alert(f"card-{charge}"))
    assert raised["severity"] == "critical"
    assert "Nicht noch einmal kassieren" in raised["text_de"]
    assert silent.asked == [charge]
    bench.register.post(CardAnswered(charge, "none"))
    await bench.until(lambda: house.scene.last(house.topics.alert(f"card-{charge}")) is None)


async def test_troubles_of_the_daemon_are_alerts_too(house: House) -> None:
    await house.open()
    troubles = house.dispatcher.troubles
    troubles.journal("mirror", "No such file or directory")
    assert (await wait_for(house, house.topics.alert("journal-mirror")))[0]["text_de"].startswith(
        "Der Spiegel"
    )
    assert (await house.document(house.topics.device("journal"), state="degraded"))["reason"] == "mirror"
    troubles.journal("mirror", "")
    await house.document(house.topics.device("journal"), state="ready")
    assert house.scene.last(house.topics.alert("journal-mirror")) is None


async def test_a_slip_that_cannot_be_encoded_is_not_lost_silently(tmp_path: Path) -> None:
    async with built(tmp_path, encoder=False) as house:
        await house.open()
        await house.sell()
        await house.bench.until(lambda: not house.bench.register.state.jobs)
        acted = [fact for line in _lines(house) for fact in line.facts if fact["kind"] == "print.done"]
        assert acted[0]["data"]["result"] == "unknown"
        assert not house.paper.jobs


def _lines(house: House) -> list[Any]:
    from kassd.journal import read_lines

    return list(read_lines(house.bench.folder))


async def test_the_tses_calls_are_told_with_what_they_need(house: House) -> None:
    wish = Wish(
        "7.0", "tse.finish", {"sale": "1-5", "transaction": 9, "process_type": "T", "process_data": "D"}
    )
    call = tse_call(wish)
    assert (call.wish, call.kind, call.transaction, call.process_type, call.process_data, call.late) == (
        "7.0",
        "tse.finish",
        9,
        "T",
        "D",
        False,
    )
    assert tse_call(Wish("8.0", "tse.start", {"sale": "1-5"})).transaction == 0
    assert tse_call(Wish("9.0", "tse.finish", {"sale": "1-5", "transaction": 9, "late": True})).late


async def test_a_self_test_is_asked_of_the_worker(house: House) -> None:
    await house.open()
    assert house.dispatcher.worker is not None
    before = house.dispatcher.worker._tested_at
    reply = await house.bench.ask("tse.self_test")
    assert reply["status"] in ("ok", "accepted")
    await house.bench.until(lambda: house.dispatcher.worker._tested_at > before)  # type: ignore[union-attr]


async def test_without_window_tse_and_drawer_it_still_works(tmp_path: Path) -> None:
    clock = Clock()
    dispatcher = Dispatcher(clock, "Prüfstand", Troubles(clock))
    async with process(tmp_path, hands=dispatcher) as bench:  # type: ignore[arg-type] # the real hands
        bench.register.post(i.Started(CONFIG, "h1", "kassd 1", "b1"))
        reply = await bench.ask("till.open", counted=0)
        assert reply["code"] == "tse_not_commissioned"


async def test_a_restarted_process_introduces_itself_again(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        await house.open()
        first = house.scene.last(house.topics.info)
        assert first["software"]
    async with built(tmp_path) as house:
        house.bench.register.post(i.Started(DRAWER, "h1", "kassd 1", "b1"))
        again = await house.document(house.topics.info)
        assert again["software"] == first["software"]
        assert [alert for alert in house.scene.link.topics() if "/evt/" in alert] == []


async def test_a_step_of_the_clock_reaches_the_tse(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.open()
    assert house.dispatcher.worker is not None
    await house.bench.until(lambda: house.dispatcher.worker.idle)  # type: ignore[union-attr] # it stays there
    told: list[int] = []
    set_time = house.tse.set_time

    async def watched(unix_s: int, *args: Any) -> None:
        told.append(unix_s)
        await set_time(unix_s, *args)

    monkeypatch.setattr(house.tse, "set_time", watched)
    step, time_ns = 3600 * 1_000_000_000, time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: time_ns() + step)
    house.bench.register.post(i.Tick())
    await house.bench.until(lambda: told)
    assert abs(told[0] - time_ns() // 1_000_000_000 - 3600) <= 2
    (step_told,) = (
        fact["data"]
        for line in read_lines(house.bench.folder)
        for fact in line.facts
        if fact["kind"] == "clock.stepped"
    )
    assert 3598 <= step_told["seconds"] <= 3600
    assert step_told["uncertain"] is False


async def test_a_leap_of_the_clock_is_an_alert_and_the_tse_is_not_set(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    assert house.dispatcher.worker is not None
    await house.bench.until(lambda: house.dispatcher.worker.idle)  # type: ignore[union-attr] # it stays there
    told: list[int] = []

    async def watched(unix_s: int, *_: Any) -> None:
        told.append(unix_s)

    monkeypatch.setattr(house.tse, "set_time", watched)
    monkeypatch.setattr("kassd.clock.synchronised", lambda: False)
    leap, time_ns = [30 * 365 * 86_400 * 1_000_000_000], time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: time_ns() + leap[0])
    house.bench.register.post(i.Tick())
    shown = await house.document(house.topics.device("clock"), state="degraded", reason="ahead")
    assert shown["since"][:4] == shown["ts"][:4] != str(datetime.now(UTC).year + 30)
    alert = house.scene.last(house.topics.alert("clock"))
    assert alert["severity"] == "warning"
    assert "Bitte die Uhr richtig stellen" in alert["text_de"]
    await house.sell()
    assert not told
    leap[0] = 0
    house.bench.register.post(i.Tick())
    await house.document(house.topics.device("clock"), state="ready")
    assert house.scene.last(house.topics.alert("clock")) is None


async def test_the_broker_remembers_what_the_journal_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start, after a closing, and when a line has waited long enough for its checkpoint."""
    monkeypatch.setattr("kassd.journal.store.CHECKPOINT_S", 0.5)
    async with built(tmp_path) as house:
        anchors = Anchors(house.bench.journal, "x", house.bench.register.post)
        house.dispatcher.checkpoint = anchors.document

        def anchor() -> None:
            house.dispatcher.anchor_due = True
            house.bench.register.post(i.Tick())

        house.bench.journal.signing = anchor
        began = time.monotonic()
        await house.open()
        await house.sell()
        journal, state = house.bench.journal, lambda: house.bench.register.state
        seen = partial(house.scene.seen, house.topics.checkpoint)
        await house.bench.until(lambda: seen() and seen()[-1]["size"] == journal.next_seq)
        assert seen()[-1]["receipt"] == state().receipt > 0
        count = len(house.scene.seen(house.topics.checkpoint))
        assert count <= 2 + (time.monotonic() - began) / 0.5, "not with every line"
        await asyncio.sleep(1.2)
        assert len(house.scene.seen(house.topics.checkpoint)) == count, "nothing new, nothing said"


class Slow:
    """A TSE that answers a finish when it is told to."""

    def __init__(self, tse: SoftTse, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = asyncio.Event()
        finish = tse.finish

        async def later(*args: Any) -> Any:
            await self.go.wait()
            return await finish(*args)

        monkeypatch.setattr(tse, "finish", later)


async def test_while_the_tse_signs_the_slip_is_laid_out_to_its_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with built(tmp_path) as house:
        await house.open()
        for job, _ in house.paper.jobs:
            house.bench.register.post(i.Printed(job, "confirmed"))
        await house.bench.until(lambda: not house.bench.register.state.jobs)
        slips: list[Document] = []
        encoder = house.dispatcher.encoders["printer"]
        real = encoder.document

        def document(slip: Document, *, late: bool = False) -> bytes:
            slips.append(slip)
            return real(slip, late=late)

        monkeypatch.setattr(encoder, "document", document)
        tse, sent = Slow(house.tse, monkeypatch), len(house.paper.jobs)
        house.bench.command("sale.add", text="Brot", price=350, vat=2)
        house.bench.command("sale.pay", type="cash", given=500)
        await house.bench.until(lambda: slips)
        assert [slip.seal for slip in slips] == [None]
        assert len(house.paper.jobs) == sent, "nothing of it is printed"
        tse.go.set()
        await house.bench.until(lambda: len(house.paper.jobs) > sent)
        ahead, issued = slips
        assert issued.seal is not None
        assert not issued.outage
        assert issued.positions is ahead.positions, "what was made of the lines is kept"
        assert house.paper.jobs[-1][1] == real(issued)


async def test_a_slip_that_cannot_be_laid_out_ahead_keeps_no_sale(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await house.open()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("kassd.app.dispatch.sale_document", broken)
    assert (await house.sell())["change"] == 150
    assert "cannot be laid out ahead" in caplog.text
