"""Connections end with their test."""

from collections.abc import Iterator

import pytest

from tests.devices.terminal.zvt.kit import close_all


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_all()
