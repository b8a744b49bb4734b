"""What a Swissbit TSE needs to be told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SwissbitConfig:
    """``path``: where the volume is mounted. ``worm_library``: the vendor's ``libWormAPI.so``, for what the
    mailbox has no command for (delete, decommission, unblock). ``credential_seed``: what a factory-new
    TSE's PUK and PINs are derived from; some dealers have their own. Times in seconds: one command, the
    self test (up to 60 s on the device)."""

    path: Path
    worm_library: Path | None = None
    credential_seed: str = "SwissbitSwissbit"
    timeout_s: float = 10.0
    self_test_s: float = 90.0
