"""The kernel's own power supplies (``/sys/class/power_supply``): laptops, and most battery HATs by their
driver (ABI/testing/sysfs-class-power). Values are read every half minute; nothing else wakes anybody."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from kassd.devices.power.driver import SourceLost
from kassd.devices.power.levels import Alarm, Reading

ALARMS: dict[str, Alarm] = {"Critical": "critical", "Low": "low"}
MAINS = ("Mains", "USB", "Wireless")
BATTERIES = ("Battery", "UPS")


class SysfsSource:
    """All supplies of the machine together, or the one battery called ``name``."""

    def __init__(self, folder: Path, name: str = "", poll_s: float = 30.0) -> None:
        self._folder = folder
        self._name = name
        self._poll_s = poll_s

    async def watch(self, tell: Callable[[Reading], None]) -> None:
        """See :class:`kassd.devices.power.driver.Source`."""
        while True:
            tell(await asyncio.to_thread(read, self._folder, self._name))
            await asyncio.sleep(self._poll_s)


def read(folder: Path, name: str = "") -> Reading:
    """What the supplies in ``folder`` say together. Raises :class:`SourceLost` where none is a battery."""
    try:
        supplies = [one for one in sorted(folder.iterdir()) if _value(one, "scope") != "Device"]  # a mouse's
        batteries = [one for one in supplies if _value(one, "type") in BATTERIES and name in ("", one.name)]
        batteries = [one for one in batteries if _value(one, "present") != "0"]
        if not batteries:
            raise SourceLost(
                "no_battery",
                f"Unter {folder} ist {f'kein Akku {name}' if name else 'kein Akku'}. Den Treiber des Akkus "
                "einrichten (dtoverlay in config.txt) oder [power] berichtigen.",
            )
        mains = [_value(one, "online") == "1" for one in supplies if _value(one, "type") in MAINS]
        discharging = any(_value(one, "status") == "Discharging" for one in batteries)
        charges = [int(text) for one in batteries if (text := _value(one, "capacity"))]
        seconds = [int(text) for one in batteries if (text := _value(one, "time_to_empty_now"))]
        words = {ALARMS.get(_value(one, "capacity_level"), "") for one in batteries}
    except (OSError, ValueError) as error:
        message = f"Der Akku ist unter {folder} nicht lesbar: {error}. Verkabelung und Treiber prüfen."
        raise SourceLost("unreadable", message) from error
    online = any(mains) if mains else not discharging
    alarm: Alarm = "critical" if "critical" in words else "low" if "low" in words else ""
    return Reading(
        online,
        min(charges, default=None),
        None if online or not seconds else min(seconds) // 60,
        "" if online else alarm,
    )


def _value(supply: Path, name: str) -> str:
    """A property's text, '' where the supply has none."""
    try:
        return (supply / name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
