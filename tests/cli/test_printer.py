"""``kassd printer test`` at the product's own simulator."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from kassd.journal.files import OsFiles
from kassd.receipt.selftest import LETTERS
from kassd.sim.printer import PrinterSim
from tests.cli.kit import Done, kassd

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
    assert sim.kicks == 1


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


def test_a_logo_that_cannot_be_printed_is_told_before(tmp_path: Path) -> None:
    file = config(tmp_path)
    file.write_text(file.read_text() + f'[receipt]\nlogo = "{tmp_path}/logo.png"\n', encoding="utf-8")
    done = kassd("config", "check", config=file)
    assert (done.returncode, "ist kein lesbares PNG" in done.stderr) == (78, True)
