import json
from pathlib import Path

from kassd.tse.soft.model import State
from tests.tse.soft.helpers import CLIENT, active


def test_snapshot_restores_everything_but_the_messages(tmp_path: Path) -> None:
    device = active(tmp_path)
    device.transaction("start", 0, CLIENT, "", b"")
    device.transaction("start", 0, CLIENT, "", b"")
    device.transaction("finish", 1, CLIENT, "t", b"d")
    state = device.signer.state
    restored = State()
    restored.apply(json.loads(json.dumps(state.snapshot())))
    for name in State.__slots__:
        if name != "stored":
            assert getattr(restored, name) == getattr(state, name), name
    device.signer.store.close()
