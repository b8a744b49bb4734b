"""What ``kassd doctor`` looks at of devices that no running register speaks for."""

import socket
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kassd.cli.doctor_daemon import Row
from kassd.cli.doctor_nodes import SERIAL, USB, Kind, node
from kassd.devices.power.driver import SourceLost
from kassd.devices.power.sysfs import read
from kassd.settings_devices import DrawerSection, PrinterSection
from kassd.settings_power import PowerSection
from kassd.settings_scale import ScaleSection
from kassd.settings_terminals import TerminalSection

CONNECT_S = 1.0
GPIO = Kind(
    "ein GPIO-Chip",
    "gpio",
    "Pins hat nur ein Einplatinenrechner wie der Raspberry Pi (dort: ls -l /dev/gpiochip*); hängt die Lade "
    'am Drucker, gilt driver = "printer"',
)
WARN_DAYS = 60
VERIFY = "beim Eichamt eichen lassen (alle zwei Jahre), danach valid_until berichtigen"
COUPLED = (
    "Nur mit Baueinheitenzertifikat für diese Verbindung aus Waage und Kasse; kassd selbst hat keines "
    "(docs/devices.md)"
)
GPIO_CHIP = "/dev/gpiochip0"
SYSTEM_BUS = Path("/run/dbus/system_bus_socket")
MODULES = Path("/sys/module")
KEPT = "pinctrl_*/parameters/persist_gpio_outputs"
STRICT = "dtparam=strict_gpiod in /boot/firmware/config.txt, neu starten; Schaltung: docs/wiring.md"


def printer(section: PrinterSection, running: bool) -> Row:
    """Whether it answers; one on the network only where the register does not run."""
    check = f"printer {section.name}"
    if section.driver == "tcp":
        where = f"{section.host}:{section.port}"
        if running:  # many network printers accept one connection only
            return check, "ok", f"{where} gehört der laufenden Kasse", ""
        try:
            socket.create_connection((section.host, section.port), CONNECT_S).close()
        except OSError as error:
            remedy = "Drucker einschalten, Kabel und Adresse (host, port) prüfen"
            return check, "warning", f"Drucker {where} antwortet nicht ({error})", remedy
        return check, "ok", f"Drucker {where} antwortet", ""
    if section.driver == "file":
        folder = Path(section.path).parent
        if not folder.is_dir():
            return check, "warning", f"Der Ordner {folder} fehlt", f"mkdir -p {folder}, oder path berichtigen"
        return check, "ok", f"schreibt in {section.path}", ""
    return node(check, section.path, "Drucker", USB if section.driver == "usb" else SERIAL, running)


def drawer(section: DrawerSection, running: bool) -> Row:
    """Whether its pin can be had."""
    check = f"drawer {section.name}"
    if section.driver == "printer":
        return check, "ok", f"hängt am Drucker {section.printer}", ""
    if section.pin_factory == "mock":
        return check, "warning", "simulierter Pin (mock): die Lade öffnet nicht", 'pin_factory = "lgpio"'
    if any(file.read_text(encoding="ascii").strip() == "Y" for file in MODULES.glob(KEPT)):
        message = "stirbt kassd im Puls, hält dieser Kernel den Pin unter Strom, bis die Spule durchbrennt"
        return check, "error", message, STRICT
    return node(check, GPIO_CHIP, f"Für pin = {section.pin}:", GPIO, running)


def scale(section: ScaleSection, running: bool) -> Row:
    """Whether its port is there and may be used."""
    return node(f"scale {section.name}", section.port, "Waage", SERIAL, running)


def coupling(section: ScaleSection) -> Row:
    """Whether a coupled scale may be used at all; that only a certified combination may is said always."""
    check, until = f"coupling {section.name}", f"{section.valid_until:%d.%m.%Y}"
    left = (section.valid_until - date.today()).days  # noqa: DTZ011 - the box' own day
    if left < 0:
        return check, "error", f"Eichfrist seit {until} vorbei: die Waage wird nicht mehr gefragt", VERIFY
    message = f"Zertifikat {section.certificate}, geeicht bis {until}. {COUPLED}"
    return (check, "warning", message, VERIFY) if left < WARN_DAYS else (check, "ok", message, "")


def power(section: PowerSection) -> Row:
    """Whether the source of power answers."""
    check = "power"
    if section.source == "none":
        return check, "ok", "wird nicht überwacht ([power] source)", ""
    if section.source == "sysfs":
        try:
            found = read(section.folder, section.device)
        except SourceLost as lost:
            return check, "warning", str(lost), ""
        charge = "Akku ? %" if found.percent is None else f"Akku {found.percent} %"
        told = "vom Akku sagt dieses Gerät nichts" if found.mains_only else charge
        return check, "ok", f"{'am Netz' if found.online else 'Akkubetrieb'}, {told}", ""
    if section.source == "nut":
        where = f"{section.host}:{section.port}"
        try:
            socket.create_connection((section.host, section.port), CONNECT_S).close()
        except OSError as error:
            return check, "warning", f"upsd {where} antwortet nicht ({error})", "systemctl status nut-server"
        return check, "ok", f"upsd {where} antwortet", ""
    if find_spec("dbus_fast") is None:
        return check, "error", "für UPower fehlt dbus-fast", "pip install 'kassd[upower]'"
    if not section.bus and not SYSTEM_BUS.exists():
        return check, "warning", f"{SYSTEM_BUS} fehlt: es läuft kein D-Bus", "sudo apt install dbus upower"
    return check, "ok", "UPower wird beim Start gefragt", ""


def terminal(section: TerminalSection, running: bool) -> Row:
    """Whether it answers; where the register runs it has the only connection."""
    check = f"terminal {section.name}"
    if section.driver == "serial":
        return node(check, section.path, "Kartenterminal", SERIAL, running)
    where = f"{section.host}:{section.port}"
    if running:
        return check, "ok", f"{where} gehört der laufenden Kasse", ""
    try:
        socket.create_connection((section.host, section.port), CONNECT_S).close()
    except OSError as error:
        remedy = "Terminal einschalten, Netz und Adresse (host, port) prüfen, dort ZVT über Netz einschalten"
        return check, "warning", f"Kartenterminal {where} antwortet nicht ({error})", remedy
    return check, "ok", f"Kartenterminal {where} antwortet", ""


LOOK: dict[str, Callable[[Any, bool], Row]] = {
    "printer": printer,
    "drawer": drawer,
    "terminal": terminal,
    "scale": scale,
}
"""Section → its check; scanners: :mod:`kassd.cli.doctor_scanners`."""
