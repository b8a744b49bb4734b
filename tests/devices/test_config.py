"""Configuration no driver can work with is refused with section, key and what was expected."""

from typing import Any

import pytest

from kassd.devices import DrawerConfig, PrinterConfig, ScannerConfig
from kassd.errors import ConfigError


@pytest.mark.parametrize(
    ("kind", "fields", "key"),
    [
        (ScannerConfig, {"driver": "hid", "port": "/dev/x"}, "driver"),
        (ScannerConfig, {}, "port"),
        (ScannerConfig, {"driver": "evdev"}, "device"),
        (ScannerConfig, {"port": "/dev/x", "layout": "fr"}, "layout"),
        (ScannerConfig, {"port": "/dev/x", "gap_ms": 0}, "gap_ms"),
        (PrinterConfig, {"driver": "lpt"}, "driver"),
        (PrinterConfig, {}, "host"),
        (PrinterConfig, {"host": "a", "port": 0}, "port"),
        (PrinterConfig, {"driver": "usb"}, "path"),
        (PrinterConfig, {"host": "a", "confirm": "maybe"}, "confirm"),
        (DrawerConfig, {"driver": "magnet"}, "driver"),
        (DrawerConfig, {}, "printer"),
        (DrawerConfig, {"driver": "gpio"}, "pin"),
        (DrawerConfig, {"printer": "bon", "pulse_ms": 512}, "pulse_ms"),
        (DrawerConfig, {"driver": "gpio", "pin": 17, "pulse_ms": 49}, "pulse_ms"),
        (DrawerConfig, {"driver": "gpio", "pin": 17, "pulse_ms": 511}, "pulse_ms"),
    ],
)
def test_refused(kind: type[Any], fields: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"„x“: {key}: erwartet "):
        kind("x", **fields)


@pytest.mark.parametrize("pulse_ms", [50, 510])
def test_limits_are_allowed(pulse_ms: int) -> None:
    assert DrawerConfig("x", "gpio", pin=17, pulse_ms=pulse_ms).pulse_ms == pulse_ms


def test_defaults_follow_the_driver() -> None:
    serial, evdev = ScannerConfig("a", port="/dev/x"), ScannerConfig("b", "evdev", device="/dev/y")
    assert (serial.code_end, serial.gap) == ("auto", 30)
    assert (evdev.code_end, evdev.gap) == ("suffix", 150)
    assert ScannerConfig("c", port="/dev/x", end="gap", gap_ms=80).gap == 80
