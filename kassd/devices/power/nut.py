"""Network UPS Tools: what ``upsd`` says of one UPS (RFC 9271, TCP 3493).

Reading needs no login. upsd tells nothing by itself: it is asked every half minute, on battery every ten
seconds.
"""

import asyncio
from collections.abc import Callable

from kassd.devices.power.driver import SourceLost
from kassd.devices.power.levels import Alarm, Reading

ANSWER_S = 5.0
POLL_S, ON_BATTERY_S = 30.0, 10.0
LINE_MAX = 1024
STATUS, CHARGE, RUNTIME = "ups.status", "battery.charge", "battery.runtime"
POWERED = {"OL", "OB", "FSD"}  # without one of these nobody knows where the power comes from
# What upsd answers in place of a value (RFC 9271, 4.3).
UNSUPPORTED = ("VAR-NOT-SUPPORTED",)
REASONS = {
    "UNKNOWN-UPS": ("unknown_ups", "upsd kennt keine USV mit diesem Namen. Namen nachsehen: upsc -l"),
    "DATA-STALE": ("stale", "Die USV antwortet ihrem Treiber nicht. Ihr Kabel prüfen."),
    "DRIVER-NOT-CONNECTED": ("no_driver", "Der Treiber der USV läuft nicht: upsdrvctl start"),
    "ACCESS-DENIED": ("permission", "upsd erlaubt den Zugriff nicht. In upsd.conf LISTEN prüfen."),
}


class NutSource:
    """The UPS ``ups`` of the ``upsd`` at ``host``."""

    def __init__(self, ups: str, host: str, port: int, poll_s: float = POLL_S) -> None:
        self._ups, self._host, self._port = ups, host, port
        self._poll_s = poll_s

    async def watch(self, tell: Callable[[Reading], None]) -> None:
        """See :class:`kassd.devices.power.driver.Source`."""
        where = f"{self._host}:{self._port}"
        try:
            async with asyncio.timeout(ANSWER_S):
                reader, writer = await asyncio.open_connection(self._host, self._port, limit=LINE_MAX)
        except OSError as error:  # TimeoutError is one
            message = f"upsd antwortet nicht ({where}). Läuft NUT? systemctl status nut-server"
            raise SourceLost("unreachable", message) from error
        try:
            while True:
                reading = await self._read(reader, writer)
                tell(reading)
                await asyncio.sleep(self._poll_s if reading.online else min(self._poll_s, ON_BATTERY_S))
        except asyncio.LimitOverrunError as error:
            message = f"Unter {where} antwortet etwas anderes als upsd. host und port in [power] prüfen."
            raise SourceLost("unreachable", message) from error
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            why = "upsd hat aufgelegt" if isinstance(error, asyncio.IncompleteReadError) else str(error)
            message = f"Die Verbindung zu upsd ({where}) ist gestört: {why or 'keine Antwort'}. NUT prüfen."
            raise SourceLost("io", message) from error
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Reading:
        told: dict[str, str] = {}
        for name in (STATUS, CHARGE, RUNTIME):
            writer.write(f"GET VAR {self._ups} {name}\n".encode())
            async with asyncio.timeout(ANSWER_S):
                line = await reader.readuntil(b"\n")
            value = answer(line.decode("utf-8", "replace"), self._ups, name)
            if value is not None:
                told[name] = value
        if not POWERED & set(told.get(STATUS, "").split()):  # WAIT: upsd has just connected to its driver
            raise SourceLost("no_status", f"Die USV {self._ups} sagt nicht, ob sie am Netz ist.")
        return reading_of(told)


def answer(line: str, ups: str, name: str) -> str | None:
    """The value of ``VAR <ups> <name> "<value>"``; None where the UPS has no such variable. Raises
    :class:`SourceLost` for what upsd refuses, ``ValueError`` for what is no answer to this."""
    words = line.strip().split(" ", 3)
    if words[0] == "ERR":
        code = words[1] if len(words) > 1 else ""
        if code in UNSUPPORTED:
            return None
        reason, message = REASONS.get(code, ("refused", f"upsd lehnt ab: {code}. NUT prüfen."))
        raise SourceLost(reason, f"USV {ups}: {message}")
    quoted = words[3] if len(words) == 4 else ""
    if words[:3] != ["VAR", ups, name] or len(quoted) < 2 or quoted[0] + quoted[-1] != '""':
        raise ValueError(f"unverständliche Antwort {line.strip()[:60]!r}")
    return quoted[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def reading_of(told: dict[str, str]) -> Reading:
    """``ups.status`` is a list of words: OL on line, OB on battery, LB low battery, FSD forced shutdown. LB
    means to NUT that it is time to shut down."""
    words = told[STATUS].split()
    online = "OB" not in words
    alarm: Alarm = "critical" if "FSD" in words or ("LB" in words and not online) else ""
    seconds = _number(told.get(RUNTIME, ""))
    minutes = None if online or seconds is None else seconds // 60
    return Reading(online and "FSD" not in words, _number(told.get(CHARGE, "")), minutes, alarm)


def _number(text: str) -> int | None:
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return None
