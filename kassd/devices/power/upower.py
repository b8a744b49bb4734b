"""UPower on the system's D-Bus: laptops, and UPSs at USB. It tells each change by itself."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from kassd.devices.power.driver import SourceLost
from kassd.devices.power.levels import Alarm, Reading

NAME = ROOT = "org.freedesktop.UPower"
ROOT_PATH = "/org/freedesktop/UPower"
DEVICE = "org.freedesktop.UPower.Device"
DISPLAY = "DisplayDevice"  # all batteries together
PROPERTIES, BUS, BUS_PATH = "org.freedesktop.DBus.Properties", "org.freedesktop.DBus", "/org/freedesktop/DBus"
# UPower's WarningLevel: 3 low, 4 critical, 5 action.
ALARMS: dict[int, Alarm] = {3: "low", 4: "critical", 5: "critical"}
RULES = (
    f"type='signal',sender='{NAME}',interface='{PROPERTIES}',member='PropertiesChanged'",
    f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{NAME}'",
)
ANSWER_S = 10.0
LOOK_S = 60.0  # whether the bus is still there

UNKNOWN = "org.freedesktop.DBus.Error.Unknown"  # …Object, …Interface, …Method: of who is there


class UpowerSource:
    """``device``: the last part of an object path (``upower -e``), '' for all batteries together; ``address``
    of the bus, '' for the system's."""

    def __init__(self, device: str = "", address: str = "", look_s: float = LOOK_S) -> None:
        self._path = f"{ROOT_PATH}/devices/{device or DISPLAY}"
        self._address = address
        self._look_s = look_s

    async def watch(self, tell: Callable[[Reading], None]) -> None:
        """See :class:`kassd.devices.power.driver.Source`."""
        try:
            from dbus_fast.errors import AuthError, DBusError, InvalidAddressError
        except ImportError as error:
            message = "Für UPower fehlt die Bibliothek dbus-fast: kassd mit dem Zusatz upower installieren."
            raise SourceLost("library", message) from error
        try:
            await self._serve(tell)
        except (OSError, EOFError, InvalidAddressError, AuthError) as error:
            message = f"D-Bus ist nicht erreichbar: {error or 'beendet'}. Läuft er? systemctl status dbus"
            raise SourceLost("bus", message) from error
        except DBusError as error:
            if error.type.startswith(UNKNOWN):
                message = f"UPower kennt {self._path} nicht. device in [power] nachsehen: upower -e"
                raise SourceLost("unknown_device", message) from error
            message = f"UPower antwortet nicht: {error}. Läuft es? systemctl status upower"
            raise SourceLost("unreachable", message) from error

    async def _serve(self, tell: Callable[[Reading], None]) -> None:
        from dbus_fast import BusType, Message, MessageType
        from dbus_fast.aio import MessageBus

        changed = asyncio.Event()

        def heard(message: Message) -> None:
            if message.message_type is MessageType.SIGNAL:
                changed.set()

        async with asyncio.timeout(ANSWER_S):
            bus = await MessageBus(self._address or None, BusType.SYSTEM).connect()
        try:
            bus.add_message_handler(heard)
            for rule in RULES:
                await _call(bus, BUS, BUS_PATH, BUS, "AddMatch", rule)
            while bus.connected:
                changed.clear()
                tell(await self._read(bus))
                try:
                    async with asyncio.timeout(self._look_s):
                        await changed.wait()
                except TimeoutError:
                    continue
        finally:
            bus.disconnect()
            with contextlib.suppress(EOFError, OSError, TimeoutError):  # why it ended is told by now
                async with asyncio.timeout(1):
                    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # the library's
        raise EOFError

    async def _read(self, bus: Any) -> Reading:
        root = await _call(bus, NAME, ROOT_PATH, PROPERTIES, "GetAll", ROOT)
        device = await _call(bus, NAME, self._path, PROPERTIES, "GetAll", DEVICE)
        return reading_of(_plain(root), _plain(device))


def _plain(properties: Any) -> dict[str, Any]:
    return {name: variant.value for name, variant in properties.items()}


def reading_of(root: dict[str, Any], device: dict[str, Any]) -> Reading:
    """From UPower's properties. ``TimeToEmpty`` 0 and a percentage of what is not present are no values."""
    online = not root.get("OnBattery", False)
    present = bool(device.get("IsPresent", False))
    seconds = int(device.get("TimeToEmpty", 0))
    return Reading(
        online,
        _percent(device.get("Percentage")) if present else None,
        seconds // 60 if seconds and not online else None,
        "" if online else ALARMS.get(int(device.get("WarningLevel", 0)), ""),
    )


def _percent(told: Any) -> int | None:
    return round(told) if isinstance(told, float) and 0 <= told <= 100 else None


async def _call(bus: Any, name: str, path: str, interface: str, member: str, argument: str) -> Any:
    """Call a method with one string; its first value. Raises ``DBusError``, ``EOFError``."""
    from dbus_fast import Message, MessageType
    from dbus_fast.errors import DBusError

    message = Message(
        destination=name, path=path, interface=interface, member=member, signature="s", body=[argument]
    )
    try:
        async with asyncio.timeout(ANSWER_S):
            reply = await bus.call(message)
    except TimeoutError:
        raise DBusError("org.freedesktop.DBus.Error.NoReply", "no reply") from None
    if reply is None:
        raise EOFError
    if reply.message_type is MessageType.ERROR:
        raise DBusError(reply.error_name, str(reply.body[0] if reply.body else ""), reply)
    return reply.body[0] if reply.body else None
