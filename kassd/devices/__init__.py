"""The edge: drivers for scanners, printers, drawers, card terminals, the power supply. They move bytes and
report; they decide nothing."""

from kassd.devices.build import build_drawer, build_printer, build_scanner, build_terminal
from kassd.devices.config import DrawerConfig, PrinterConfig, ScannerConfig, TerminalConfig

__all__ = [
    "DrawerConfig",
    "PrinterConfig",
    "ScannerConfig",
    "TerminalConfig",
    "build_drawer",
    "build_printer",
    "build_scanner",
    "build_terminal",
]
