"""Sections about paying without cash: card terminals."""

from typing import Literal

from pydantic import Field, model_validator

from kassd.devices.config import TerminalConfig
from kassd.errors import ConfigError
from kassd.settings_base import Name, Section

# What the driver need not know.
NOT_THE_DRIVERS = {"station", "shared", "merchant_copy", "end_of_day"}


class TerminalSection(Section):
    """``[[terminal]]``: a card terminal that speaks ZVT. At its stations `sale.pay {"type": "card"}` goes
    through it; a station without one takes cards as before: paid on a terminal of its own, as the cashier
    says. It charges euro."""

    name: Name = Field(description="shown in state/dev/<name>")
    station: Name = Field("main", description="whose customers pay at it")
    shared: tuple[Name, ...] = Field((), description="further stations whose customers pay at it")
    driver: Literal["tcp", "serial"] = Field(description="way to the terminal")
    host: str = Field("", description="tcp: address")
    port: int = Field(20007, ge=1, le=65535, description="tcp: port")
    path: str = Field("", description="serial: device file, e.g. /dev/ttyUSB0")
    baud: int = Field(
        9600, gt=0, description="serial: baud rate, 8N2; 115200 where the terminal is set to it"
    )
    password: str = Field(
        "000000",
        exclude=True,
        description="its password for registers, six digits; stays out of the journal",
    )
    model: str = Field("generic", description="whose deviations from ZVT it has, see devices.md")
    printing: Literal["register", "terminal"] = Field(
        "register", description="who prints its receipts; kept in the journal only by the register"
    )
    columns: int = Field(40, ge=24, le=64, description="characters per line of its receipts")
    merchant_copy: bool = Field(
        False, description="print the merchant's copy too (it is in the journal anyway)"
    )
    partial: bool = Field(True, description="whether it may approve a part; the rest stays due")
    end_of_day: bool = Field(True, description="whether a closing ends its day (Kassenschnitt)")
    connect_timeout_s: float = Field(5.0, gt=0, description="tcp: connecting")
    answer_timeout_s: float = Field(5.0, gt=0, description="from a command to its answer (T3)")
    silence_timeout_s: float = Field(180.0, gt=0, description="from one report to the next (T4)")

    @model_validator(mode="after")
    def _suits_its_driver(self) -> "TerminalSection":
        try:
            self.to_config()
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return self

    def to_config(self) -> TerminalConfig:
        """What the driver is given."""
        return TerminalConfig(**self.model_dump(exclude=NOT_THE_DRIVERS), password=self.password)
