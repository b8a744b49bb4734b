"""Section of the configuration about mains and battery."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from kassd.devices.config import PowerConfig
from kassd.settings_base import Section
from kassd.settings_devices import checked

NOT_THE_SOURCES = {"grace_s", "shutdown"}


class PowerSection(Section):
    """``[power]``: what tells whether there are mains, and what an all but empty battery leads to. At
    `low_percent` no sale is begun any more, what was begun is paid and signed; at `critical_percent`, or when
    the UPS itself says so, the register ends in good order and shuts the computer down."""

    source: Literal["none", "upower", "nut", "sysfs"] = Field(
        "none",
        description="upower: D-Bus; nut: Network UPS Tools; sysfs: the kernel, as with most battery HATs; "
        "one that tells only of its mains (`gpio-charger`) leads to `battery` at most, "
        "never to `low` or `critical`",
    )
    device: str = Field(
        "",
        description="nut: name of the UPS (`upsc -l`); upower, sysfs: one battery, none: all together; "
        "sysfs: or one supply that tells only of its mains",
    )
    bus: str = Field("", description="upower: address of the bus; none: the system's")
    host: str = Field("127.0.0.1", description="nut: where upsd runs")
    port: int = Field(3493, ge=1, le=65535, description="nut: port")
    folder: Path = Field(Path("/sys/class/power_supply"), description="sysfs: the kernel's supplies")
    poll_s: float = Field(30.0, ge=0.1, le=600, description="nut, sysfs: seconds between two looks")
    low_percent: int = Field(30, ge=2, le=95, description="charge at which no sale is begun any more")
    critical_percent: int = Field(10, ge=1, le=90, description="charge at which the register ends")
    grace_s: int = Field(60, ge=5, le=600, description="so long a sale that was begun may hold that up")
    shutdown: tuple[str, ...] = Field(
        ("systemctl", "poweroff"),
        description="then run (`systemd/kassd-poweroff.rules` lets kassd); []: nothing",
    )
    voltage: str = Field(
        "auto", description="file that tells of undervoltage; auto: the Raspberry Pi's; none: not watched"
    )

    @model_validator(mode="after")
    def _suits_its_source(self) -> "PowerSection":
        checked(PowerConfig, self.model_dump(mode="json", exclude=NOT_THE_SOURCES))
        return self
