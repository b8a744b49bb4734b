"""Every family beside this file (``rig_<family>.py``) stands the same tests."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.tse.rig import Rig

FAMILIES = sorted(file.stem.removeprefix("rig_") for file in Path(__file__).parent.glob("rig_*.py"))


@pytest.fixture(params=FAMILIES)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A factory-new device of one family on its wire."""
    module = importlib.import_module(f"tests.contract.tse.rig_{request.param}")
    with module.rig(tmp_path) as made:
        yield made
