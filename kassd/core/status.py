"""Device status as every room speaks of it (DESIGN: ``R/state/dev/<name>``)."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from kassd.deferred import dataclass

DeviceState = Literal["absent", "opening", "ready", "busy", "degraded", "error"]
Known = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """State of one device.

    ``reason`` is a short code (``paper_end``, ``cover_open``, ``unplugged``, ``timeout``, …), empty when
    ready; ``message`` a German sentence with the next step for the operator, empty when none is needed;
    ``since`` RFC 3339 UTC of the last change of ``state`` or ``reason``. ``conditions``: what the device
    has said of itself (a printer: ``cover_open``, ``paper_end``, …); what it has not said is ``unknown``.
    """

    name: str
    state: DeviceState
    reason: str = ""
    message: str = ""
    since: str = ""
    conditions: Mapping[str, Known] = field(default_factory=dict)
