"""The edge: drivers for scanners, printers, drawers, the power supply. They move bytes and report; they
decide nothing."""

from kassd.devices.build import build_drawer, build_power, build_printer, build_scanner
from kassd.devices.config import DrawerConfig, PowerConfig, PrinterConfig, ScannerConfig

__all__ = [
    "DrawerConfig",
    "PowerConfig",
    "PrinterConfig",
    "ScannerConfig",
    "build_drawer",
    "build_power",
    "build_printer",
    "build_scanner",
]
