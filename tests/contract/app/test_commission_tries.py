"""Over any number of interrupted set-ups no wrong PIN or PUK is sent twice: counted at the device."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kassd.errors import TseRefused
from kassd.sim.tse.stand import KINDS, Stand, stand
from kassd.tse.soft.signer import Signer
from tests.app.commissioning import Bench, Cut, watch


class Tries:
    """Wrong tries by user, kind, and what was compared."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wrong: Counter[tuple[str, ...]] = Counter()
        hashed: list[str] = []
        hash_secret, record = Signer.hash_secret, Signer.record

        def hashing(signer: Signer, secret: str) -> str:
            hashed.append(secret)
            return hash_secret(signer, secret)

        def recording(signer: Signer, row: dict[str, Any]) -> Any:
            known = signer.state.users.get(row.get("user", ""))
            if row["t"] == "user" and known is not None:
                for kind in ("pin_tries", "puk_tries"):
                    if row["secrets"][kind] < getattr(known, kind):
                        self.wrong[row["user"], kind, *hashed] += 1
            hashed.clear()
            return record(signer, row)

        patch.setattr(Signer, "hash_secret", hashing)
        patch.setattr(Signer, "record", recording)

    def check(self, stand: Stand) -> None:
        assert max(self.wrong.values(), default=0) <= 1, self.wrong
        for user in stand.core.device.signer.state.users.values():
            assert user.pin_tries or not user.pin  # not set yet
            assert user.puk_tries


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tries]:
    with monkeypatch.context() as patch:
        yield Tries(patch)


async def run(bench: Bench, patch: pytest.MonkeyPatch, cut: int = 0, refusals: bool = False) -> bool:
    """A set-up, cut at the n-th moment around a note, or once a refusal is noted; whether it came through."""
    moments = 0

    def heard(what: str) -> None:
        nonlocal moments
        if what.startswith("note ") and what.endswith("_refused"):
            return  # killed here, one second try cannot be ruled out
        moments += what.startswith(("note ", "noted "))
        if moments == cut > 0 or (refusals and what.startswith("noted ") and what.endswith("_refused")):
            raise Cut

    with patch.context() as inner:
        watch(inner, heard)
        try:
            await bench.set_up()
        except Cut:
            return False
    return True


@pytest.mark.parametrize("kind", KINDS)
async def test_cut_at_every_moment_and_after_every_refusal(
    tmp_path: Path, kind: str, tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cut in range(1, 30):
        tries.wrong.clear()
        with stand(kind, tmp_path / str(cut) / "sim", latency_s=0.0) as device:
            bench = Bench(tmp_path / str(cut), device.settings)
            through = await run(bench, monkeypatch, cut)
            tries.check(device)
            if through:
                break
            await run(bench, monkeypatch, 3)
            for _ in range(6):
                done = bench.facts("tse.bound") or await run(bench, monkeypatch, refusals=True)
                tries.check(device)
                if done:
                    break
            assert done
            assert len(bench.facts("tse.bound")) == 1
    assert through
    assert cut > 2


@pytest.mark.parametrize("user", ["Admin", "TimeAdmin"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_pin_that_somebody_changed_meanwhile_is_tried_once(
    tmp_path: Path, kind: str, user: str, tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand(kind, tmp_path / "sim", latency_s=0.0) as device:
        bench = Bench(tmp_path, device.settings)
        with monkeypatch.context() as patch:
            watch(patch, lambda what: _cut(what == "after provision"))
            with pytest.raises(Cut):
                await bench.set_up()
        ours = bench.shown[0].admin_pin if user == "Admin" else bench.shown[0].time_admin_pin
        device.core.device.change_pin(user, ours, "00770")
        for _ in range(5):
            with pytest.raises(TseRefused) as caught:
                await bench.set_up()
            assert caught.value.code == "ErrorAuthenticationFailed"
        tries.check(device)
        assert device.core.device.signer.state.users[user].pin_tries == 2


def _cut(now: bool) -> None:
    if now:
        raise Cut


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("diebold")])
async def test_a_puk_that_is_neither_costs_two_tries_over_all_reruns(
    tmp_path: Path, kind: str, tries: Tries
) -> None:
    with stand(kind, tmp_path / "sim", latency_s=0.0) as device:
        bench = Bench(tmp_path, device.settings)
        for step in range(6):
            if step == 0:
                await _look(bench)
                device.core.device.change_puk("TimeAdmin", "000000", "777777")
            with pytest.raises(TseRefused, match="bitte eine andere TSE einsetzen"):
                await bench.set_up()
        tries.check(device)
        assert device.core.device.signer.state.users["TimeAdmin"].puk_tries == 1
        steps = [fact["step"] for fact in bench.facts("tse.step_taken")]
        assert steps == ["change_puk_2" if "serial" in kind or "tcp" in kind else "change_puk_02"] + [
            step for step in steps[1:] if step.endswith("_refused")
        ]


async def _look(bench: Bench) -> None:
    """The simulated device has its users once somebody has talked to it."""
    from tests.tse.recording import driver

    found = driver(bench.settings)
    await found.open()
    await found.close()
