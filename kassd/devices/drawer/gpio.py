"""A drawer's solenoid on a GPIO pin, through a MOSFET, and its contact on another.

gpiozero owns the pin with the factory that the configuration names and no other. The pulse begins at once; a
thread ends it, with a real pin lgpio's own thread in C behind it: an event loop that is busy must not hold a
solenoid of 24 ohms under power. Software is not the only protection: docs/wiring.md has the pull-down and
the one-shot.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from kassd.clock import Clock
from kassd.core.status import DeviceState, Known
from kassd.devices.config import DrawerConfig
from kassd.devices.drawer.duty import Duty
from kassd.devices.drawer.sensor import Contact
from kassd.devices.link import Backoff, Health
from kassd.devices.port import KickOutcome, Report

LONGEST_PAUSE_S = 30.0
CLOSING_S, POLL_S = 1.0, 0.005  # the longest pulse takes half a second
BEHIND_MS = 5  # it counts from when it should have looked, and may be late
LATEST_S = 0.05  # after a pulse, for what watches its end to be done
SWITCH_S = 0.001  # so long a busy thread may keep the interpreter from one that ends a pulse, not 5 ms
DEV = Path("/dev")


class Pin(Protocol):
    """An output pin that gives pulses and is low otherwise. ``factory``: gpiozero's, for another pin."""

    factory: Any

    def pulse(self, on_ms: int) -> None:
        """High for ``on_ms``; returns at once. Raises what the library raises."""
        ...

    def close(self) -> None:
        """Low, and given back."""
        ...


class LgpioPin:
    """A line of ``/dev/gpiochip*``, which rises at once.

    A thread of ours ends the pulse. Before the line rises lgpio's thread, in C, has been told to end it too
    (``tx_wave``): it looks for work fifty times a second, so 5 to 25 ms later, whoever holds the
    interpreter. Left alone it would begin a pulse so late; ``tx_pulse`` up to 200 ms.
    """

    _watched_until = 0.0  # lgpio 0.2.2 loses its way with two things at a time, of whichever pin

    def __init__(self, number: int) -> None:
        """Raises what gpiozero and lgpio raise."""
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory

        sys.setswitchinterval(SWITCH_S)
        self._lgpio = lgpio
        self._line = number
        self._timer: threading.Timer | None = None
        self.factory = LGPIOFactory()
        try:
            self.device = _claim(number, self.factory)
        except Exception:
            self.factory.close()
            raise

    def pulse(self, on_ms: int) -> None:
        """See :class:`Pin`."""
        now = time.monotonic()
        if now >= LgpioPin._watched_until:
            rest, low = self._lgpio.pulse(0, 0, (on_ms + BEHIND_MS) * 1000), self._lgpio.pulse(0, 1, 0)
            # gpiozero has no public name for the chip it holds open.
            self._lgpio.tx_wave(self.factory._handle, self._line, [rest, low])
            LgpioPin._watched_until = now + on_ms / 1000 + LATEST_S
        self._timer = _high_for(on_ms, self.device)

    def close(self) -> None:
        """See :class:`Pin`. A pulse that was asked for ends first: lgpio cannot be called back, and the line
        must be there for its end."""
        if self._timer is not None:
            self._timer.join()
        until = time.monotonic() + CLOSING_S
        while self._is_busy() and time.monotonic() < until:
            time.sleep(POLL_S)
        self.device.off()
        self.device.close()
        self.factory.close()

    def _is_busy(self) -> bool:
        busy: int = self._lgpio.tx_busy(self.factory._handle, self._line, self._lgpio.TX_WAVE)
        return busy > 0


class MockPin:
    """gpiozero's mock pin; ``device.pin.states`` shows the pulses."""

    def __init__(self, number: int) -> None:
        from gpiozero.pins.mock import MockFactory

        self.factory = MockFactory()
        self.device = _claim(number, self.factory)
        self._timer: threading.Timer | None = None

    def pulse(self, on_ms: int) -> None:
        """See :class:`Pin`."""
        self._stop_timer()
        self._timer = _high_for(on_ms, self.device)

    def close(self) -> None:
        """See :class:`Pin`."""
        self._stop_timer()
        self.device.off()
        self.device.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()


FACTORIES: dict[str, Callable[[int], Pin]] = {"lgpio": LgpioPin, "mock": MockPin}


def _high_for(on_ms: int, device: Any) -> threading.Timer:
    timer = threading.Timer(on_ms / 1000, device.off)
    timer.daemon = True
    device.on()
    try:
        timer.start()
    except RuntimeError:  # there can be no more threads
        device.off()
        raise
    return timer


def _claim(number: int, factory: Any) -> Any:
    from gpiozero import OutputDevice

    return OutputDevice(number, initial_value=False, pin_factory=factory)


class GpioDrawer:
    """Opens by a pulse of ``config.pulse_ms``, at most a fifth of the time (:class:`Duty`); its contact, if
    it has one, tells whether it is open."""

    def __init__(self, config: DrawerConfig, report: Report, mono_ns: Callable[[], int] = Clock.mono) -> None:
        self.name = config.name
        self.pin: Pin | None = None
        self.contact: Contact | None = None
        self._config = config
        self._report = report
        self._health = Health(config.name, report)
        self._duty = Duty(mono_ns)

    async def run(self) -> None:
        """Hold the pin, low, for ever; try again when it cannot be had."""
        backoff = Backoff(LONGEST_PAUSE_S)
        try:
            while not self._claim_pin():
                await backoff.pause()
            await asyncio.get_running_loop().create_future()
        finally:
            self.close()

    def kick(self, job: str) -> None:
        """One pulse: ``refused`` (duty) within five pulse lengths of the last one, ``failed`` without pin."""
        self._report(self._kick(job))

    def close(self) -> None:
        """Force the pin low and give it back."""
        contact, self.contact = self.contact, None
        if contact is not None:
            contact.close()
        if self.pin is not None:
            pin, self.pin = self.pin, None
            pin.close()

    def _kick(self, job: str) -> KickOutcome:
        if self.pin is None:
            return KickOutcome(self.name, job, "failed", self._health.status.reason or "absent")
        if self._duty.resting:
            return KickOutcome(self.name, job, "refused", "duty")
        self._duty.pulse(self._config.pulse_ms)
        try:
            self.pin.pulse(self._config.pulse_ms)
        except Exception as error:  # noqa: BLE001  # gpiozero and lgpio share no base class
            self._show("error", "gpio", f"Die Schublade reagiert nicht: {error}. Verkabelung prüfen.")
            return KickOutcome(self.name, job, "failed", "gpio")
        self._show("ready")
        return KickOutcome(self.name, job, "kicked")

    def _why_not(self, error: Exception) -> str:
        message = f"Die Schublade (GPIO {self._config.pin}) ist nicht verfügbar: "
        if self._config.pin_factory == "lgpio" and not any(DEV.glob("gpiochip*")):
            return (
                f"{message}dieser Rechner hat keine Pins (/dev/gpiochip* fehlt). Die Schublade an einen "
                'Raspberry Pi anschließen, oder an den Drucker (driver = "printer").'
            )
        return f"{message}{error}. pin und pin_factory prüfen; gehört kassd zur Gruppe gpio?"

    def _claim_pin(self) -> bool:
        wanted = self._config.pin_factory
        factory = FACTORIES.get(wanted)
        if factory is None:
            message = f"Die Schublade ist falsch eingerichtet: pin_factory „{wanted}“ gibt es nicht."
            self._health.set("error", "pin_factory", f"{message} Erlaubt: lgpio, mock.")
            return False
        self._health.opening()
        try:
            self.pin = factory(self._config.pin)
            if self._config.sensor:
                pins = (self._config.sensor_pin, self._config.bounce_ms)
                self.contact = Contact(*pins, self.pin.factory, self._moved)
        except Exception as error:  # noqa: BLE001  # gpiozero and lgpio share no base class
            self.close()
            self._health.set("error", "gpio", self._why_not(error))
            return False
        self._show("ready")
        return True

    def _moved(self) -> None:
        self._show(self._health.status.state, self._health.status.reason, self._health.status.message)

    def _show(self, state: DeviceState, reason: str = "", message: str = "") -> None:
        told: dict[str, Known] = {}
        if self.contact is not None:
            told["open"] = "yes" if self.contact.high == (self._config.open_level == "high") else "no"
        self._health.set(state, reason, message, told)
