"""Configuration to drivers; nothing heavy is loaded before it is needed."""

import subprocess
import sys

import pytest

from devices.support import Recorder
from kassd.devices import (
    DrawerConfig,
    PrinterConfig,
    ScannerConfig,
    build_drawer,
    build_printer,
    build_scanner,
)
from kassd.devices.port import Drawer, KickOutcome, Printer, Scanner
from kassd.errors import ConfigError


def test_every_driver_is_built_under_its_name() -> None:
    seen = Recorder()
    printer = build_printer(PrinterConfig("bon", host="127.0.0.1"), seen)
    scanners: list[Scanner] = [
        build_scanner(ScannerConfig("a", port="/dev/x"), seen),
        build_scanner(ScannerConfig("b", "evdev", device="/dev/y"), seen),
        build_scanner(ScannerConfig("h", "hidpos", device="/dev/z"), seen),
    ]
    drawers: list[Drawer] = [
        build_drawer(DrawerConfig("c", printer="bon"), seen, {"bon": printer}),
        build_drawer(DrawerConfig("d", "gpio", pin=17, pin_factory="mock"), seen, {}),
    ]
    port: Printer = printer
    assert [d.name for d in (*scanners, *drawers, port)] == ["a", "b", "h", "c", "d", "bon"]


def test_drawer_behind_a_missing_printer() -> None:
    with pytest.raises(ConfigError, match="„bon“ fehlt"):
        build_drawer(DrawerConfig("c", printer="bon"), Recorder(), {})


async def test_drawer_needs_no_run_to_fail_a_kick() -> None:
    seen = Recorder()
    build_drawer(DrawerConfig("d", "gpio", pin=17, pin_factory="mock"), seen, {}).kick("k")
    assert seen.of(KickOutcome) == [KickOutcome("d", "k", "failed", "absent")]


def test_room_loads_no_hardware_library() -> None:
    check = (
        "import sys, kassd.devices;"
        "print([m for m in ('serial', 'gpiozero', 'lgpio', 'evdev', 'escpos') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
