import json
from pathlib import Path

from kassd.tse.soft.model import State
from tse.soft.helpers import CLIENT, active


def test_snapshot_restores_everything_but_the_messages(tmp_path: Path) -> None:
    device = active(tmp_path)
    device.transaction("start", 0, CLIENT, "", b"")
    device.transaction("start", 0, CLIENT, "", b"")
    device.transaction("finish", 1, CLIENT, "t", b"d")
    state = device.signer.state
    restored = State()
    restored.apply(json.loads(json.dumps(state.snapshot())), (0, 0))
    for name in State.__slots__:
        if name not in ("index", "stored"):
            assert getattr(restored, name) == getattr(state, name), name
    assert restored.index == []
    device.signer.store.close()
