"""What holds for every device on its wire."""

import pytest


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs are short here: a simulated device does not wait for a disk that others keep busy."""
    monkeypatch.setattr("os.fdatasync", lambda _handle: None)
    monkeypatch.setattr("os.fsync", lambda _handle: None)
