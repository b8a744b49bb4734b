"""The edge: drivers for scanners, printers and drawers. They move bytes and report; they decide nothing."""

from kassd.devices.build import build_drawer, build_printer, build_scanner
from kassd.devices.config import DrawerConfig, PrinterConfig, ScannerConfig

__all__ = [
    "DrawerConfig",
    "PrinterConfig",
    "ScannerConfig",
    "build_drawer",
    "build_printer",
    "build_scanner",
]
