"""A drawer's contact on a GPIO pin, between the pin and ground.

The kernel debounces it (lgpio) and holds it high while the contact is open; gpiozero calls from a thread of
its own. The level is read anew each time: what counts is how it stands, not which edge was seen last.
"""

import asyncio
from collections.abc import Callable
from typing import Any


class Contact:
    """An input pin with pull-up. ``changed`` is called in the loop of who makes it, after each change that
    has lasted ``bounce_ms``. Raises what gpiozero and lgpio raise."""

    def __init__(self, number: int, bounce_ms: int, factory: Any, changed: Callable[[], None]) -> None:
        from gpiozero import DigitalInputDevice

        loop = asyncio.get_running_loop()

        def tell() -> None:
            loop.call_soon_threadsafe(changed)

        bounce_s = bounce_ms / 1000 or None
        self.device = DigitalInputDevice(number, pull_up=True, bounce_time=bounce_s, pin_factory=factory)
        self.device.when_activated = tell
        self.device.when_deactivated = tell

    @property
    def high(self) -> bool:
        """Whether the contact is open at this moment, or not there."""
        return not self.device.value

    def close(self) -> None:
        """Give the pin back."""
        self.device.close()
