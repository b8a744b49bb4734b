"""kassd.cli.doctor_daemon: doctor and status say what the register itself asks people for."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from kassd.cli import config, doctor, status
from kassd.cli.doctor_daemon import LAST, device, look, told
from kassd.cli.link import Shown
from kassd.cli.locks import is_running
from kassd.core.codes import CODES
from kassd.core.inputs import RollbackFound, Started, TseUnavailable
from kassd.settings import Settings
from tests.app.kit import CONFIG, process
from tests.app.test_dispatch import settings as bare
from tests.broker.mosquitto import Mosquitto
from tests.cli.test_link import Shop, asking, broker, shop, until

__all__ = ["broker", "shop"]

OUTAGE = {"severity": "critical", "text_de": "TSE-Ausfall: sie steckt nicht. TSE einstecken."}
PENDING = {"severity": "info", "text_de": "Stammdaten warten."}
PAPER = {"severity": "warning", "text_de": "Drucker bon: Papier einlegen. 3 Belege warten."}
SHOWN: dict[str, Any] = {
    "online": {"online": True},
    "info": {"register": "K1", "software": "kassd 1", "mode": "test", "tse_serial_number": "ab"},
    "alert/config-pending": PENDING,
    "alert/tse-outage": OUTAGE,
    "alert/printer-bon": PAPER,
    "state/dev/bon": {"state": "error", "reason": "paper_out", "message": "Papier einlegen."},
    "state/dev/lade": {"state": "ready", "reason": "", "message": ""},
    "state/sale/main": {"status": "signing", "total": 350},
}


CALM = {key: value for key, value in SHOWN.items() if key != "alert/tse-outage"}


def levels(rows: Any) -> dict[str, str]:
    return {check: level for check, level, _, _ in rows}


def test_alerts_come_the_worst_first_and_count_as_bad_as_they_are() -> None:
    assert list(told(SHOWN)) == [
        ("alert tse-outage", "error", OUTAGE["text_de"], ""),
        ("alert config-pending", "ok", PENDING["text_de"], ""),
    ]


def test_a_device_is_as_the_register_sees_it() -> None:
    assert device(SHOWN, "printer", "bon") == (
        "printer bon",
        "warning",
        "Störung (sagt die laufende Kasse)",
        PAPER["text_de"],
    )
    assert device(SHOWN, "drawer", "lade") == ("drawer lade", "ok", "bereit (sagt die laufende Kasse)", "")
    assert device(SHOWN, "scanner", "s") is None


def test_what_an_earlier_process_has_left_at_the_broker_is_not_believed(tmp_path: Path) -> None:
    gone = SHOWN | {"online": {"online": False}}
    assert levels(look(bare(tmp_path), False, gone)) == {"daemon": "ok"}
    assert levels(look(bare(tmp_path), True, gone)) == {"daemon": "warning"}
    assert levels(look(bare(tmp_path), True, None)) == {"daemon": "ok"}
    assert levels(look(bare(tmp_path), False, SHOWN))["daemon"] == "warning", "with another journal?"
    assert levels(look(bare(tmp_path), True, SHOWN))["alert tse-outage"] == "error"


def test_status_speaks_german_and_shows_the_worst_first() -> None:
    text = "\n".join(status.lines(SHOWN, True))
    assert "bon: Störung (paper_out) Papier einlegen." in text
    assert "Verkauf main: wird signiert, 3,50 €" in text
    assert text.endswith(f"  ✘ {OUTAGE['text_de']}\n  ! {PAPER['text_de']}\n  i {PENDING['text_de']}")


def test_status_says_that_no_tse_is_in_service() -> None:
    text = "\n".join(status.lines({"info": SHOWN["info"] | {"tse_serial_number": ""}}, True))
    assert "✘ Es kann nicht verkauft werden. Es ist keine TSE in Betrieb genommen. kassd tse setup" in text


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (SHOWN, 65),
        (SHOWN | {"online": {"online": False}}, 75),
        (CALM, 0),
        (CALM | {"info": SHOWN["info"] | {"tse_serial_number": ""}}, 65),
    ],
)
def test_status_ends_as_bad_as_it_is(
    shown: dict[str, Any],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def retained(_: Settings) -> Shown:
        return Shown(shown, ("alert/x",))

    monkeypatch.setattr(status, "retained", retained)
    monkeypatch.setattr(status.settings, "load", lambda _: bare(tmp_path))
    assert status.execute(argparse.Namespace(config=None, json=False)) == code
    assert "Nicht von dieser Kasse, bleibt außer Acht: alert/x" in capsys.readouterr().err


async def test_status_of_a_register_that_the_broker_does_not_have(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def retained(_: Settings) -> Shown:
        return Shown({}, ())

    def said() -> str:
        assert status.execute(argparse.Namespace(config=None, json=False)) == 75
        return capsys.readouterr().out

    monkeypatch.setattr(status, "retained", retained)
    monkeypatch.setattr(status.settings, "load", lambda _: bare(tmp_path))
    async with process(tmp_path / "journal"):
        beside = await asyncio.to_thread(said)
    assert beside.startswith("Kasse KASSE-1 läuft\n")
    assert "am Broker ist sie nicht zu sehen" in beside
    assert "sudo systemctl restart kassd" in beside
    assert "läuft NICHT" in await asyncio.to_thread(said)


async def test_without_a_broker_the_journal_tells(tmp_path: Path) -> None:
    loaded = bare(tmp_path)
    async with process(tmp_path / "journal") as bench:
        await bench.commissioned()
        assert levels(look(loaded, True, None)) == {"daemon": "ok"}
        bench.register.post(TseUnavailable("wrong_tse", "Falsche TSE"))
        await bench.until(lambda: bench.register.state.tse.outage)
        await bench.quiet()
        rows = list(look(loaded, is_running(loaded.journal.dir), None))
    (alert,) = [row for row in rows if row[0] == "alert tse-outage"]
    assert alert[1] == "error"
    assert "Falsche TSE. " in alert[2]
    assert "kassd tse swap" in alert[2]


async def test_a_register_that_must_not_sell_is_an_error(tmp_path: Path) -> None:
    loaded = bare(tmp_path)
    async with process(tmp_path / "journal") as bench:
        await bench.commissioned()
        bench.register.post(RollbackFound("broker", "Der Broker weiß mehr.", 1, 7))
        await bench.until(lambda: bench.register.state.remembered)
        await bench.quiet()
    rows = list(look(loaded, False, None))
    assert ("selling", "error", "Es kann nicht verkauft werden.", CODES["rollback_undecided"].next) in rows
    (alert,) = [row for row in rows if row[0] == "alert journal-rollback"]
    assert (alert[1], alert[3]) == ("error", LAST)


async def test_a_station_that_the_next_start_will_not_find(tmp_path: Path) -> None:
    loaded = bare(tmp_path)
    async with process(tmp_path / "journal") as bench:
        await bench.commissioned()
        two = CONFIG | {"client.theke-2.name": "theke-2", "client.theke-2.station": "zwei"}
        bench.register.post(Started(two, "h2", "kassd 1", "b1"))
        await bench.ok("till.open", counted=0)
        await bench.ok("sale.add", text="Brot", price=350, vat=2, station="zwei")
        await bench.ok("sale.pay", type="cash", amount=100, station="zwei")
        await bench.quiet()
        assert "alert station-zwei" not in levels(look(loaded, True, None))
    (row,) = [row for row in look(loaded, False, None) if row[0] == "alert station-zwei"]
    assert (row[1], "1,00 € von 3,50 €" in row[2]) == ("warning", True)


async def test_what_open_orders_need_and_the_file_has_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = bare(tmp_path)
    lotto = {"agency.lotto.name": "lotto", "agency.lotto.id": 3, "agency.lotto.text": "Lotto"}
    async with process(tmp_path / "journal") as bench:
        await bench.commissioned(CONFIG | lotto)
        await bench.ok("till.open", counted=0)
        await bench.ok("agency.sell", agency="lotto", text="Los", price=500, vat=5)
        await bench.ok("sale.park", table="7")
        await bench.quiet()
    (row,) = [row for row in look(loaded, False, None) if row[0] == "alert config-held"]
    assert (row[1], "[[agency]] lotto" in row[2], "(Tisch 7)" in row[2]) == ("warning", True, True)
    file, name = tmp_path / "kassd.toml", loaded.register.id
    text = f"[register]\nid = '{name}'\nmode = 'test'\n[journal]\ndir = '{loaded.journal.dir}'\n"
    keys = ("name", "street", "postal_code", "city", "tax_number")
    business = "".join(f"{key} = '{getattr(loaded.business, key)}'\n" for key in keys)
    file.write_text(f"{text}[business]\n{business}")
    assert config.execute(argparse.Namespace(action="check", config=file)) == 0
    said = capsys.readouterr().out
    assert f"Achtung: {file}: {row[2]}" in said
    assert said.endswith("Die Konfiguration geht so, aber siehe oben.\n")


async def test_doctor_beside_a_running_register(tmp_path: Path, broker: Mosquitto, shop: Shop) -> None:
    loaded = asking(tmp_path, broker.port)
    shop.window.show(shop.window.topics.alert("tse-outage"), {**OUTAGE, "text_en": "", "since": ""})
    await until(lambda: not shop.window.waiting)
    found = {check.id: check for check in await asyncio.to_thread(lambda: list(doctor.examine(loaded)))}
    assert found["daemon"].message == "kassd läuft"
    assert (found["alert tse-outage"].level, found["mqtt"].level) == ("error", "ok")
    shop.window.show(shop.window.topics.alert("fake"), {"v": 1, "id": "fake"})
    await until(lambda: not shop.window.waiting)
    found = {check.id: check for check in await asyncio.to_thread(lambda: list(doctor.examine(loaded)))}
    assert (found["alert tse-outage"].level, found["mqtt"].level) == ("error", "warning")
    assert found["mqtt"].message.endswith("nicht von dieser Kasse ist: alert/fake")


@pytest.mark.parametrize("hidden", ["journal", ""])
def test_a_user_who_may_not_look_is_told_to_be_another(
    hidden: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "journal").mkdir()

    def access(path: Path, mode: int) -> bool:
        if not hidden:
            raise PermissionError
        return path != tmp_path / hidden

    monkeypatch.setattr(os, "access", access)  # the tests may run as root
    *_, last = doctor.examine(bare(tmp_path))
    assert (last.id, last.level, last.remedy) == ("journal", "error", "sudo -u kassd kassd doctor")


def test_a_journal_that_cannot_be_written_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "journal").write_text("in the way")
    *_, last = doctor.examine(bare(tmp_path))
    assert (last.level, last.message.endswith("kein Journal liegen")) == ("error", True)
    assert last.remedy == "[journal] dir berichtigen"
    assert doctor.unusable(tmp_path / "journal" / "below") is not None
    (tmp_path / "journal").unlink()
    assert doctor.unusable(tmp_path / "journal") is None
    found = os.statvfs(tmp_path)
    shut = os.statvfs_result((*found[:8], found.f_flag | os.ST_RDONLY, found[9]))
    monkeypatch.setattr(os, "statvfs", lambda _: shut)
    rows = [check for check in doctor.examine(bare(tmp_path)) if check.id == "journal"]
    assert rows[0].level == "error"
    assert "schreibgeschützt" in rows[0].message


def test_without_a_tse_doctor_does_not_end_well(tmp_path: Path) -> None:
    file = tmp_path / "k.toml"
    file.write_text("")
    loaded = bare(tmp_path).model_copy(update={"tse": None})
    found = {check.message: check.level for check in doctor.advised(loaded, file)}
    (level,) = [level for message, level in found.items() if message.startswith(f"{file}: Ohne [tse] kann")]
    assert level == "error"
