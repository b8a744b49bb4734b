"""The kernel's own power supplies (``/sys/class/power_supply``): laptops, and most battery HATs by their
driver (ABI/testing/sysfs-class-power). Values are read every half minute; nothing else wakes anybody.

A HAT that has nothing but a pin for its mains (``gpio-charger``) is a supply of type Mains without a battery
beside it: it tells whether there are mains, and nothing of the charge."""

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
        self._battery = False

    async def watch(self, tell: Callable[[Reading], None]) -> None:
        """See :class:`kassd.devices.power.driver.Source`."""
        while True:
            reading = await asyncio.to_thread(read, self._folder, self._name)
            if (
                reading.mains_only and self._battery
            ):  # its driver has gone: mains alone do not stand in for it
                raise _no_battery(self._folder, self._name)
            self._battery = not reading.mains_only
            tell(reading)
            await asyncio.sleep(self._poll_s)


def read(folder: Path, name: str = "") -> Reading:
    """What the supplies in ``folder`` say together; mains alone where there is no battery at all. Raises
    :class:`SourceLost` where there is neither, or a battery that is not present."""
    try:
        supplies = [one for one in sorted(folder.iterdir()) if _value(one, "scope") != "Device"]  # a mouse's
        batteries = [one for one in supplies if _value(one, "type") in BATTERIES and name in ("", one.name)]
        if not batteries and (told := _mains_alone(supplies, name)):
            return Reading(any(told), mains_only=True)
        batteries = [one for one in batteries if _value(one, "present") != "0"]
        if not batteries:
            raise _no_battery(folder, name)
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


def _mains_alone(supplies: list[Path], name: str) -> list[bool]:
    """Whether each has mains. A socket of USB-C is a supply, too, and off when nothing charges at it: it
    counts only by its name."""
    kinds = MAINS if name else MAINS[:1]
    meant = [one for one in supplies if _value(one, "type") in kinds and name in ("", one.name)]
    return [text == "1" for one in meant if (text := _value(one, "online"))]


def _no_battery(folder: Path, name: str) -> SourceLost:
    return SourceLost(
        "no_battery",
        f"Unter {folder} ist {f'kein Akku {name}' if name else 'kein Akku'}. Den Treiber des Akkus "
        "einrichten (dtoverlay in config.txt) oder [power] berichtigen.",
    )


def _value(supply: Path, name: str) -> str:
    """A property's text, '' where the supply has none."""
    try:
        return (supply / name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
