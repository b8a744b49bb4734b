"""What is said of scanners that no running register speaks for, and of those nobody reads."""

import errno
from pathlib import Path

import pytest

from kassd import settings
from kassd.cli import doctor_scanners
from kassd.settings import Settings
from kassd.settings_devices import ScannerSection


@pytest.fixture
def minimal(tmp_path: Path) -> Settings:
    (tmp_path / "kassd.toml").write_text(settings.EXAMPLE, encoding="utf-8")
    return settings.load(tmp_path / "kassd.toml", {})


def section(**more: str) -> ScannerSection:
    return ScannerSection.model_validate({"name": "hand", **more})


@pytest.mark.parametrize(
    ("number", "level", "said"), [(errno.ENODEV, "warning", "fehlt"), (errno.ENOTUNIQ, "error", "mehrmals")]
)
@pytest.mark.parametrize(("driver", "finder"), [("evdev", "find_node"), ("hidpos", "find_hidraw")])
def test_one_that_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, driver: str, finder: str, number: int, level: str, said: str
) -> None:
    def find(device: str) -> str:
        raise OSError(number, "", device)

    monkeypatch.setattr(doctor_scanners, finder, find)
    check, found, message, remedy = doctor_scanners.look(
        section(driver=driver, device="usb:05e0:1200"), running=False
    )
    assert (check, found) == ("scanner hand", level)
    assert said in message
    assert "kassd scanner pair" in remedy


@pytest.mark.parametrize(("driver", "key"), [("serial", "port"), ("evdev", "device"), ("hidpos", "device")])
@pytest.mark.parametrize("running", [False, True])
def test_a_file_is_no_scanner(tmp_path: Path, driver: str, key: str, running: bool) -> None:
    (tmp_path / "node").touch()
    given = section(driver=driver, **{key: str(tmp_path / "node")})
    check, level, message, remedy = doctor_scanners.look(given, running)
    assert (check, level) == ("scanner hand", "error")
    assert "ist eine gewöhnliche Datei, erwartet wird" in message
    assert "berichtigen" in remedy


@pytest.mark.parametrize("driver", ["evdev", "hidpos"])
def test_another_device_is_no_scanner(driver: str) -> None:
    _, level, message, remedy = doctor_scanners.look(
        section(driver=driver, device="/dev/null"), running=False
    )
    assert level == "error"
    assert "/dev/null ist ein anderes Gerät" in message
    assert "kassd scanner pair" in remedy


def test_one_that_nobody_reads(tmp_path: Path, minimal: Settings) -> None:
    for number in (1, 2):
        device = tmp_path / f"sys/input/event{number}/device"
        (device / "capabilities").mkdir(parents=True)
        (device / "name").write_text("Voyager\n")
        (device / "capabilities/key").write_text("fffffffffffffffe\n")
        (tmp_path / "dev/input").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"dev/input/event{number}").touch()
    links = tmp_path / "dev/kassd/by-path"
    links.mkdir(parents=True)
    (links / "scanner-usb-0:1:1.0").symlink_to(tmp_path / "dev/input/event1")
    rows = list(doctor_scanners.strays(minimal, tmp_path / "sys", tmp_path / "dev"))
    assert [(check, level) for check, level, _, _ in rows] == [("scanner", "warning")], "no mere keyboard"
    assert str(links / "scanner-usb-0:1:1.0") in rows[0][2]
    used = section(driver="evdev", device=str(tmp_path / "dev/input/event1"))
    taken = minimal.model_copy(update={"scanner": (used,)})
    assert list(doctor_scanners.strays(taken, tmp_path / "sys", tmp_path / "dev")) == []
