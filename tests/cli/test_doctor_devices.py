"""What is said of a drawer on a pin that no running register speaks for."""

import socket
from pathlib import Path

import pytest

from kassd.cli import doctor_devices
from kassd.settings_devices import DrawerSection
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
