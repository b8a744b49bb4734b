"""Sections of the configuration about devices."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from kassd.devices.config import DOUBLE_MAX_MS, DrawerConfig, PrinterConfig, ScannerConfig
from kassd.errors import ConfigError
from kassd.settings_base import Name, Section

LAST_PIN = 27


def checked(config: type, values: dict[str, Any]) -> None:
    """What a driver wants of its section, before anything is started."""
    try:
        config(**values)
    except ConfigError as error:
        raise ValueError(str(error)) from error


def _pin(number: int) -> int:
    if number > LAST_PIN:
        raise ValueError(f"die BCM-Nummern der Stiftleiste gehen von 0 bis {LAST_PIN}, z. B. pin = 17")
    return number


class ScannerSection(Section):
    """``[[scanner]]``: a barcode scanner."""

    RAW = frozenset(("prefix", "suffix", "gs_substitutes"))

    name: Name = Field(description="shown in state/dev/<name>")
    station: Name = Field("main", description="whose sale it scans for")
    driver: Literal["serial", "hidpos", "evdev"] = Field(
        description="serial: CDC-ACM or RS-232; hidpos: USB HID-POS; evdev: keyboard wedge"
    )
    port: str = Field("", description="serial: device file, e.g. /dev/ttyACM0")
    baud: int = Field(9600, gt=0, description="serial: baud rate")
    beep: Literal["none", "bel"] = Field("none", description="serial: how to make the scanner beep")
    device: str = Field("", description="evdev, hidpos: path, usb:VID:PID or name:…")
    layout: Literal["us", "de"] = Field("us", description="evdev: keyboard layout the scanner is set to")
    end: Literal["suffix", "gap", "auto"] | None = Field(None, description="what ends a code")
    gap_ms: int | None = Field(None, gt=0, description="pause that ends a code")
    prefix: str = Field("", description="taken off each code")
    suffix: str = Field("", description="taken off each code")
    gs_substitutes: str = Field("", description="characters sent in place of GS")
    double_ms: int = Field(
        0,
        ge=0,
        le=DOUBLE_MAX_MS,
        description="the same code again within this time is not counted; 0: every scan counts",
    )

    @model_validator(mode="after")
    def _suits_its_driver(self) -> "ScannerSection":
        checked(ScannerConfig, self.model_dump())
        return self


NOT_THE_DRIVERS = {"station", "fallback", "profile", "code_page", "columns"}


class PrinterSection(Section):
    """``[[printer]]``: a receipt printer. Of several of one station the first in the file prints; the others
    stand in for it while it cannot, except those of kitchen and bar (`[[ticket]]`), for which the receipt
    printer stands in. What waits moves on, also from a printer that is no longer in the file; what has begun
    to print stays. A station that sells should have one, or `[receipt_link]`: a receipt must be offered to
    every customer (§ 146a Abs. 2 AO); `kassd config check` says where none is."""

    name: Name = Field(description="shown in state/dev/<name>")
    station: Name = Field("main", description="whose receipts it prints")
    fallback: str = Field("", description="the [[printer]] that stands in for it before all others")
    driver: Literal["tcp", "usb", "serial", "file"] = Field(description="way to the printer")
    host: str = Field("", description="tcp: address")
    port: int = Field(9100, ge=1, le=65535, description="tcp: port")
    path: str = Field("", description="usb: /dev/usb/lp0; serial: port; file: path")
    baud: int = Field(19200, gt=0, description="serial: baud rate")
    flow: Literal["none", "xonxoff", "rtscts"] = Field("none", description="serial: flow control")
    profile: str = Field(
        "default", description="python-escpos profile, e.g. TM-T88V; auto: by the USB printer's name"
    )
    code_page: str = Field(
        "",
        pattern=r"^((CP1252|CP858|CP437):(\d{1,2}|1\d\d|2[0-4]\d|25[0-5]))?$",
        description='code page and its slot where the profile is wrong, e.g. "CP1252:16": '
        "see `kassd printer test`",
    )
    columns: int = Field(42, ge=24, le=64, description="characters per line")
    confirm: Literal["process_id", "status", "none"] = Field(
        "process_id", description="how it confirms a slip"
    )
    confirm_timeout_s: float = Field(
        10.0, gt=0, allow_inf_nan=False, description="then the slip's fate is unknown"
    )
    stall_timeout_s: float = Field(
        5.0, gt=0, allow_inf_nan=False, description="without progress its status is asked"
    )
    connect_timeout_s: float = Field(5.0, gt=0, allow_inf_nan=False, description="tcp: connecting")

    @model_validator(mode="after")
    def _suits_its_driver(self) -> "PrinterSection":
        checked(PrinterConfig, self.model_dump(exclude=NOT_THE_DRIVERS))
        return self


NOT_THE_DRAWERS = {"station", "open_within_ms", "left_open_s"}


class DrawerSection(Section):
    """``[[drawer]]``: a cash drawer."""

    name: Name = Field(description="shown in state/dev/<name>")
    station: Name = Field("main", description="whose cash lies in it")
    driver: Literal["printer", "gpio"] = Field(description="kick through a printer, or a GPIO pin")
    printer: str = Field("", description="printer: its name")
    pin: Annotated[int, AfterValidator(_pin)] = Field(-1, description="gpio: BCM number, 0 to 27")
    pulse_ms: int = Field(
        100,
        ge=50,
        le=510,
        description="length of the pulse; a printer rounds it down to 2, without paper to 100 (and no less)",
    )
    pin_factory: Literal["lgpio", "mock"] = Field("lgpio", description="gpio: gpiozero's pin factory")
    sensor: bool = Field(False, description="its contact tells whether it is open (docs/wiring.md)")
    sensor_pin: Annotated[int, AfterValidator(_pin)] = Field(
        -1, description="gpio: BCM number of the contact, 0 to 27"
    )
    open_level: Literal["high", "low"] = Field("high", description="level of the contact of an open drawer")
    bounce_ms: int = Field(20, ge=0, le=500, description="gpio: shorter changes of the contact are none")
    open_within_ms: int | None = Field(
        None, ge=100, le=30_000, description="after a kick, else it is jammed; none: gpio 1000, printer 4000"
    )
    left_open_s: int = Field(120, ge=0, le=86_400, description="open for longer is an alert; 0: never")

    @model_validator(mode="after")
    def _suits_its_driver(self) -> "DrawerSection":
        checked(DrawerConfig, self.model_dump(exclude=NOT_THE_DRAWERS))
        return self
