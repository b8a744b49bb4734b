"""The drivers every contract test runs against. A factory builds a driver on a folder that keeps its state,
so that a second one on the same folder is the same device after a power cycle."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kassd.tse.port import Secrets, Tse
from kassd.tse.soft import SoftTse

Factory = Callable[[Path], Tse]
SECRETS = Secrets("11111", "22222", "3333333333", "4444444444")


def soft(folder: Path) -> Tse:
    return SoftTse(folder, secrets=SECRETS, latency_s=0.0)


DRIVERS: dict[str, Factory] = {"soft": soft}


@pytest.fixture(params=DRIVERS.values(), ids=DRIVERS.keys())
def make(request: pytest.FixtureRequest) -> Factory:
    """Builds one driver; called again with the same folder it finds the same device."""
    factory: Factory = request.param
    return factory
