"""``kassd scanner pair`` with scanners on a pty and on FIFOs in place of the kernel's nodes."""

import json
import os
import threading
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import zxingcpp
from devices.support import Keyboard
from PIL import Image

from kassd import settings
from kassd.cli import main, scanner
from kassd.devices.scanner.attached import Attached
from kassd.devices.scanner.pairing import CALIBRATION
from kassd.settings_devices import ScannerSection
from kassd.sim.scanner import ScannerSim

WAIT = ["--wait", "30"]


class Fifo:
    """A keyboard's node, with udev's name for its socket."""

    def __init__(self, folder: Path, number: int, known: bool) -> None:
        self.node = folder / f"event{number}"
        os.mkfifo(self.node)
        self.fd = os.open(self.node, os.O_RDWR)
        path = folder / f"scanner-usb-0:{number}:1.0"
        path.symlink_to(self.node)
        self.device = Attached("evdev", self.node, path, f"Voyager {number}", known)

    def type(self, data: bytes) -> None:
        os.write(self.fd, data)

    def close(self) -> None:
        os.close(self.fd)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Fifo]]:
    """A keyboard, and two scanners of one kind."""
    fifos = [Fifo(tmp_path, number, known) for number, known in ((1, False), (2, True), (3, True))]
    monkeypatch.setattr(scanner, "attached", lambda: [fifo.device for fifo in fifos])
    yield fifos
    for fifo in fifos:
        fifo.close()


def pair(tmp_path: Path, *more: str) -> int:
    return main(["--config", str(tmp_path / "kassd.toml"), "scanner", "pair", *WAIT, *more])


def section(text: str) -> ScannerSection:
    """As the configuration's own reader has it."""
    (values,) = tomllib.loads(text)["scanner"]
    return ScannerSection.model_validate(values)


def test_the_scanner_that_was_meant_among_others(
    box: list[Fifo], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box[0].type(Keyboard(step_ns=50_000_000).code(CALIBRATION))  # somebody types it
    box[2].type(Keyboard("de").code(f"#]C0{CALIBRATION}"))
    assert pair(tmp_path, "--json") == 0
    found = section(json.loads(capsys.readouterr().out)["section"])
    assert (found.name, found.driver, found.device) == ("scanner", "evdev", str(box[2].device.path))
    assert (found.layout, found.end, found.prefix, found.suffix) == ("de", "suffix", "#", "")


def test_what_is_configured_is_not_listened_to_and_its_name_is_taken(
    box: list[Fifo], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    used = ScannerSection.model_validate(
        {"name": "scanner", "driver": "evdev", "device": str(box[1].device.path)}
    )
    (tmp_path / "kassd.toml").write_text(settings.EXAMPLE, encoding="utf-8")
    loaded = settings.load(tmp_path / "kassd.toml", {}).model_copy(update={"scanner": (used,)})
    monkeypatch.setattr(settings, "load", lambda _: loaded)
    box[1].type(Keyboard().code("111"))
    box[2].type(Keyboard().code(CALIBRATION, None))
    assert pair(tmp_path) == 0
    told = capsys.readouterr().out
    assert str(box[1].device.path) not in told
    found = section(told[told.index("[[scanner]]") : told.index("\n! ")])
    assert (found.name, found.end) == ("scanner-2", "gap")
    assert "Suffix" in told
    assert "AIM-ID" in told


def test_a_serial_scanner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "attached", list)
    over = threading.Event()
    with ScannerSim(tmp_path / "ttyACM0") as sim:

        def scan_until_heard() -> None:
            while not over.wait(0.5):
                sim.scan("]C0" + CALIBRATION)

        person = threading.Thread(target=scan_until_heard)
        person.start()
        try:
            assert pair(tmp_path, "--port", str(sim.path)) == 0
        finally:
            over.set()
            person.join()
    told = capsys.readouterr().out
    found = section(told[told.index("[[scanner]]") :])
    assert (found.driver, found.port, found.end) == ("serial", str(sim.path), "suffix")


def test_a_scanner_of_another_country(
    box: list[Fifo], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box[1].type(Keyboard().code("K6yW>)&"))
    assert pair(tmp_path, "--wait", "0.6") == 75
    assert "„Deutschland“" in capsys.readouterr().out


@pytest.mark.parametrize("there", [True, False])
def test_nothing_comes(
    box: list[Fifo],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    there: bool,
) -> None:
    if not there:
        monkeypatch.setattr(scanner, "attached", list)
    assert pair(tmp_path, "--wait", "0.2", "--json") == 75
    said = capsys.readouterr()
    assert json.loads(said.out)["ok"] is False
    assert ("anstecken" in said.err) is not there


def test_a_scanner_that_is_pulled_out_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Fifo(tmp_path, 1, True)) as fifo:
        monkeypatch.setattr(scanner, "attached", lambda: [fifo.device])
        null = os.open(os.devnull, os.O_RDWR)
        pull = threading.Timer(0.2, os.dup2, (null, fifo.fd))
        pull.start()
        assert pair(tmp_path) == 75
        pull.join()
        os.close(null)


def test_the_picture_can_be_scanned(box: list[Fifo], tmp_path: Path) -> None:
    box[1].type(Keyboard().code(CALIBRATION))
    assert pair(tmp_path, "--png", str(tmp_path / "code.png")) == 0
    (read,) = zxingcpp.read_barcodes(Image.open(tmp_path / "code.png"))
    assert read.text == CALIBRATION


def test_on_the_terminal_it_is_the_same_picture(
    box: list[Fifo], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box[1].type(Keyboard().code(CALIBRATION))
    assert pair(tmp_path) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "█" in line)
    assert len(line) <= 80
    light = {"█": "11", "▌": "10", "▐": "01", " ": "00"}
    row = "".join(light[char] for char in line)
    picture = Image.new("L", (len(row), 1))
    picture.putdata([255 * int(module) for module in row])
    (read,) = zxingcpp.read_barcodes(picture.resize((len(row) * 3, 120), Image.Resampling.NEAREST))
    assert read.text == CALIBRATION


def test_what_cannot_be_meant_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        pair(tmp_path, "--wait", "soon")
    assert "Sekunden" in capsys.readouterr().err
    assert pair(tmp_path, "--printer", "bon") == 78


def test_control_characters_and_quotes_can_be_read_again() -> None:
    learnt = scanner.Learnt("", True, prefix='\x02"\\ä', suffix="\t")
    device = Attached("serial", Path("/dev/x"), Path("/dev/x"), "x", False)
    found = section(scanner.proposal(device, learnt, set()))
    assert (found.prefix, found.suffix) == ('\x02"\\ä', "\t")
