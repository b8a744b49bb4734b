"""What is said of devices that no running register speaks for."""

import socket
from datetime import date, timedelta
from pathlib import Path

import pytest

from kassd.cli import doctor_devices
from kassd.settings_devices import DrawerSection
from kassd.settings_power import PowerSection
from kassd.settings_scale import ScaleSection
from kassd.settings_terminals import TerminalSection

DRAWER = DrawerSection.model_validate({"name": "lade", "driver": "gpio", "pin": 17})


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Raspberry Pi as far as it is looked at."""
    (tmp_path / "gpiochip0").touch()
    monkeypatch.setattr(doctor_devices, "GPIO_CHIP", str(tmp_path / "gpiochip0"))
    monkeypatch.setattr(doctor_devices, "MODULES", tmp_path)
    return tmp_path


def keeps(box: Path, module: str, answer: str) -> None:
    folder = box / module / "parameters"
    folder.mkdir(parents=True)
    (folder / "persist_gpio_outputs").write_text(f"{answer}\n")


@pytest.mark.parametrize("module", ["pinctrl_bcm2835", "pinctrl_rp1"])
def test_a_kernel_that_keeps_the_pin_high_is_an_error(box: Path, module: str) -> None:
    keeps(box, module, "Y")
    check, level, message, remedy = doctor_devices.drawer(DRAWER, running=False)
    assert (check, level) == ("drawer lade", "error")
    assert "Spule" in message
    assert remedy.startswith("dtparam=strict_gpiod")
    assert "docs/wiring.md" in remedy


def test_a_kernel_that_lets_go_is_fine(box: Path) -> None:
    keeps(box, "pinctrl_bcm2835", "N")
    assert doctor_devices.drawer(DRAWER, running=False)[1] == "ok"
    (box / "gpiochip0").unlink()
    assert doctor_devices.drawer(DRAWER, running=False)[1] == "warning"


def test_a_terminal_that_answers_and_one_that_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        section = TerminalSection.model_validate(
            {"name": "karte", "driver": "tcp", "host": "127.0.0.1", "port": port}
        )
        assert doctor_devices.terminal(section, running=False)[1] == "ok"
    check, level, message, remedy = doctor_devices.terminal(section, running=False)
    assert (check, level) == ("terminal karte", "warning")
    assert "antwortet nicht" in message
    assert "ZVT" in remedy
    assert doctor_devices.terminal(section, running=True)[1] == "ok"


@pytest.mark.parametrize(("days", "level"), [(-1, "error"), (30, "warning"), (400, "ok")])
def test_a_coupled_scale_is_only_for_certified_combinations(days: int, level: str) -> None:
    until = date.today() + timedelta(days=days)
    values = {"name": "waage", "driver": "dialog06", "port": "/dev/null", "certificate": "DE-18-0001"}
    section = ScaleSection.model_validate(values | {"serial_number": "4711", "valid_until": until})
    check, found, message, remedy = doctor_devices.coupling(section)
    assert (check, found) == ("coupling waage", level)
    if level == "error":
        assert "Eichfrist" in message
    else:
        assert "Nur mit Baueinheitenzertifikat" in message
    assert bool(remedy) == (level != "ok")


def test_the_source_of_power_is_looked_at(tmp_path: Path) -> None:
    def looked(**values: object) -> tuple[str, str]:
        return doctor_devices.power(PowerSection.model_validate(values))[1:3]

    assert looked()[0] == "ok"
    assert looked(source="sysfs", folder=tmp_path)[0] == "warning"
    for name, value in (("type", "Battery"), ("status", "Discharging"), ("capacity", "42")):
        (tmp_path / "BAT0").mkdir(exist_ok=True)
        (tmp_path / "BAT0" / name).write_text(f"{value}\n")
    assert looked(source="sysfs", folder=tmp_path) == ("ok", "Akkubetrieb, Akku 42 %")
    mains = tmp_path / "mains" / "gpio-charger"
    mains.mkdir(parents=True)
    for name, value in (("type", "Mains"), ("online", "1")):
        (mains / name).write_text(f"{value}\n")
    found = looked(source="sysfs", folder=mains.parent)
    assert found == ("ok", "am Netz, vom Akku sagt dieses Gerät nichts")
    level, message = looked(source="nut", device="usv", port=1)
    assert level == "warning"
    assert "upsd 127.0.0.1:1" in message
    assert looked(source="upower", bus="unix:path=/x")[0] == "ok"
