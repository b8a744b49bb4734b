"""``kassd printer test`` at the product's own simulator."""

import argparse
import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kassd.cli import printer
from kassd.core.inputs import DeviceChanged
from kassd.core.status import DeviceStatus
from kassd.errors import JournalLocked
from kassd.journal import read_lines
from kassd.journal.files import OsFiles
from kassd.receipt.selftest import LETTERS
from kassd.sim.printer import PrinterSim
from tests.app.kit import ORIGIN
from tests.broker.mosquitto import NODE, Mosquitto
from tests.cli.kit import Done, kassd
from tests.cli.test_link import Shop, broker, shop

__all__ = ["broker", "shop"]

TOML = """
[register]
id = "KASSE-1"
mode = "test"
[business]
name = "Backhaus Muster"
street = "Marktplatz 1"
postal_code = "01067"
city = "Dresden"
tax_number = "203/123/12345"
[journal]
dir = "{folder}/journal"
[[printer]]
name = "bon"
driver = "{driver}"
host = "127.0.0.1"
port = {port}
path = "{folder}/lp0"
profile = "TM-T88V"

[[drawer]]
name = "lade"
driver = "printer"
printer = "bon"
pulse_ms = 160
"""


def config(folder: Path, driver: str = "tcp", port: int = 1) -> Path:
    file = folder / "kassd.toml"
    file.write_text(TOML.format(folder=folder, driver=driver, port=port), encoding="utf-8")
    return file


@pytest.mark.parametrize("driver", ["tcp", "usb"])
async def test_the_page_comes_out_and_the_printer_says_how_it_is(driver: str, tmp_path: Path) -> None:
    sim = PrinterSim(tmp_path / "slips", pictures=False)
    await sim.start(node=tmp_path / "lp0" if driver == "usb" else None)
    file = config(tmp_path, driver, sim.port or 1)
    try:
        done = await asyncio.to_thread(kassd, "printer", "test", "bon", "--drawer", "--json", config=file)
    finally:
        await sim.stop()
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["ok"], said["result"], said["conditions"]["paper_end"]) == (True, "confirmed", "no")
    (slip,) = sim.slips
    assert any(LETTERS in row and row.startswith(" 16<") for row in slip.text)
    assert sim.printer.kicks == [(2, 160, 510)]


async def test_without_paper_it_says_what_to_do(tmp_path: Path) -> None:
    sim = PrinterSim(tmp_path / "slips", pictures=False)
    await sim.start()
    sim.control(paper="out")
    try:
        done = await asyncio.to_thread(waits, config(tmp_path, port=sim.port))
    finally:
        await sim.stop()
    assert done.returncode == 75
    assert "Bonpapier ist leer" in done.stdout
    assert "paper_end: yes" in done.stdout
    assert not sim.slips


def waits(file: Path) -> Done:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("kassd.cli.printer.CONNECT_S", 1.5)
        return kassd("printer", "test", "bon", config=file)


def test_nobody_there_is_told_in_german(tmp_path: Path) -> None:
    done = waits(config(tmp_path))
    assert (done.returncode, "nicht gedruckt. Der Drucker ist nicht erreichbar" in done.stdout) == (75, True)


def test_an_unknown_name_and_a_running_register(tmp_path: Path) -> None:
    done = kassd("printer", "test", "kueche", config=config(tmp_path))
    assert (done.returncode, "vorhanden: bon" in done.stderr) == (78, True)
    (tmp_path / "journal").mkdir()
    lock = OsFiles().lock(tmp_path / "journal")
    done = kassd("printer", "test", "bon", config=config(tmp_path))
    os.close(lock)
    assert (done.returncode, "Die laufende Kasse benutzt den Drucker" in done.stderr) == (75, True)


LOCAL = """
[[printer]]
name = "printer"
driver = "file"
path = "/nowhere"
[mqtt.local]
node = "{node}"
port = {port}
"""


def asking(folder: Path, port: int) -> Callable[..., int]:
    """``kassd printer test`` beside the register of ``shop``."""
    file = config(folder)
    text = file.read_text("utf-8").replace('"KASSE-1"', f'"{ORIGIN}"')
    file.write_text(text + LOCAL.format(node=NODE, port=port), encoding="utf-8")

    def test(name: str, **options: bool) -> int:
        given = {"json": False, "drawer": False, **options}
        return printer.execute(argparse.Namespace(config=file, name=name, **given))

    return test


async def test_a_running_register_prints_the_page_itself(
    tmp_path: Path, broker: Mosquitto, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    test = asking(tmp_path, broker.port)
    assert await asyncio.to_thread(test, "printer") == 0
    assert "printer: die laufende Kasse druckt die Seite" in capsys.readouterr().out
    kinds = [fact["kind"] for line in read_lines(tmp_path / "journal") for fact in line.facts]
    assert kinds[-3:-1] == ["printer.tested", "print.sending"]
    shop.bench.register.post(DeviceChanged(DeviceStatus("printer", "error", message="Papier einlegen.")))
    assert await asyncio.to_thread(test, "printer", json=True) == 75
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["result"], said["reply"]["code"]) == (False, "failed", "printer_away")
    assert await asyncio.to_thread(test, "bon") == 75
    assert "bon: nicht gedruckt. Diesen Drucker gibt es hier nicht." in capsys.readouterr().out
    with pytest.raises(JournalLocked, match="sudo systemctl stop kassd"):
        await asyncio.to_thread(test, "printer", drawer=True)
    broker.kill()
    with pytest.raises(JournalLocked, match=r"benutzt den Drucker, und: Der Broker .* systemctl stop kassd"):
        await asyncio.to_thread(test, "printer")


def test_a_logo_that_cannot_be_printed_is_told_before(tmp_path: Path) -> None:
    file = config(tmp_path)
    file.write_text(file.read_text() + f'[receipt]\nlogo = "{tmp_path}/logo.png"\n', encoding="utf-8")
    done = kassd("config", "check", config=file)
    assert (done.returncode, "ist kein lesbares PNG" in done.stderr) == (78, True)
