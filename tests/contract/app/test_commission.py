"""Setting a TSE up, for each family on its wire: interrupted, refused, never with a secret not on disk."""

import asyncio
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import astuple
from pathlib import Path

import pytest

from kassd.app.seams import Seams
from kassd.app.tse_secrets import load_sealed
from kassd.app.wiring import build_worker
from kassd.cli.tse import _ask_device
from kassd.core.inputs import Input, TseUnavailable
from kassd.errors import ConfigError, JournalLocked, KassdError, TseGone, TseRefused, TseWrong
from kassd.sim.tse.stand import KINDS, stand
from kassd.supervise import Supervisor
from kassd.tse.soft import Model
from kassd.tse.soft.device import Device
from kassd.tse.soft.signer import Signer
from kassd.tse.wire import Way, listening
from tests.app.commissioning import BY, Bench, Cut, cut_at, watch
from tests.cli.kit import kassd
from tests.tse.recording import driver

FIRST_STEPS = ("tse.step_taken", "tse.bound")


@pytest.fixture
def benches(tmp_path: Path) -> Iterator["Benches"]:
    with ExitStack() as open_:
        yield Benches(tmp_path, open_)


class Benches:
    """Registers with simulated TSEs, factory-new."""

    def __init__(self, folder: Path, open_: ExitStack) -> None:
        self.folder, self._open, self._made = folder, open_, 0

    def make(self, kind: str) -> Bench:
        self._made += 1
        folder = self.folder / str(self._made)
        running = self._open.enter_context(stand(kind, folder / "sim", latency_s=0.0))
        return Bench(folder, running.settings)


@pytest.fixture
def soft(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


# -- every family -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_no_secret_comes_into_force_before_it_and_its_step_are_on_the_disk(
    benches: Benches, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, noted, sent = benches.make(kind), list[str](), 0

    def heard(what: str) -> None:
        if what.startswith("noted"):
            noted.append(what.removeprefix("noted "))

    def tap(way: Way, data: bytes, where: str) -> None:
        nonlocal sent
        if way != "out" or not bench.shown:
            return
        secrets = [secret.encode() for secret in astuple(bench.shown[0])]
        if not any(secret in data or b64encode(secret) in data for secret in secrets):
            return
        sent += 1
        on_disk = [fact["step"] for fact in bench.facts("tse.step_taken")]
        assert on_disk == noted, "a step of which the journal does not know"
        sealed = load_sealed(bench.secrets)
        assert sealed is not None
        assert sealed.secrets == bench.shown[0]

    watch(monkeypatch, heard)
    with listening(tap):
        info = await bench.set_up()
    assert info.life_cycle == "active"
    assert info.time_valid
    assert sent
    assert len(bench.shown) == 1
    assert noted
    order = bench.kinds(*FIRST_STEPS)
    assert order == ["tse.step_taken"] * len(noted) + ["tse.bound"]
    assert {(step["serial_number"], step["by"]) for step in bench.facts("tse.step_taken")} == {
        (info.serial_number, BY)
    }
    (bound,) = bench.facts("tse.bound")
    assert (bound["serial_number"], bound["client_id"]) == (info.serial_number, bench.settings.register.id)
    assert bench.secrets.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", KINDS)
async def test_interrupted_at_each_step_it_goes_on_with_the_same_secrets_shown_once(
    benches: Benches, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in range(1, 20):
        bench = benches.make(kind)
        with monkeypatch.context() as patch:
            heard = cut_at(patch, step)
            try:
                await bench.set_up()
                break
            except Cut:
                before = load_sealed(bench.secrets)
        steps = len(bench.facts("tse.step_taken"))
        assert steps == step, "what was about to be done is on the disk"
        assert not bench.facts("tse.bound")
        info = await bench.set_up()
        assert info.life_cycle == "active"
        after = load_sealed(bench.secrets)
        assert before == after
        assert bench.shown == [before.secrets] if before is not None else False
        assert len(bench.facts("tse.bound")) == 1
        signing = driver(bench.settings, bench.shown[0])
        await signing.open()
        await signing.set_time(1_790_000_000)
        await signing.start(bench.settings.register.id)  # with the PINs in the file
        await signing.close()
    assert step == 1 + sum(one.startswith("noted") for one in heard)
    assert step > 1


@pytest.mark.parametrize("moment", ["after provision", "before set_time", "after set_time"])
async def test_interrupted_after_the_last_step_it_goes_on(
    benches: Benches, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches.make("cryptovision")
    with monkeypatch.context() as patch:
        cut_at(patch, moment)
        with pytest.raises(Cut):
            await bench.set_up()
    assert not bench.facts("tse.bound")
    assert (await bench.set_up()).life_cycle == "active"
    assert len(bench.shown) == 1


async def test_an_order_that_cannot_be_journalled_stops_the_set_up(
    benches: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches.make("epson")

    def hear(what: str) -> None:
        if what.startswith("note "):
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        watch(patch, hear)
        with pytest.raises(OSError, match="No space"):
            await bench.set_up()
    found = driver(bench.settings)
    assert (await found.open()).life_cycle == "factory"
    await found.close()


# -- refusals -----------------------------------------------------------------------------------------


async def test_one_tse_is_set_up_once(soft: Bench) -> None:
    info = await soft.set_up()
    with pytest.raises(ConfigError, match=f"{info.serial_number[:16]}… ist schon in Betrieb.*kassd tse swap"):
        await soft.set_up()


async def test_in_mode_test_the_soft_tse_needs_no_secrets_of_ours(soft: Bench) -> None:
    await soft.set_up()
    assert not soft.shown
    assert not soft.secrets.exists()
    assert soft.kinds(*FIRST_STEPS) == ["tse.step_taken", "tse.bound"]


async def test_without_tse_in_the_configuration(soft: Bench) -> None:
    soft.settings = soft.settings.model_copy(update={"tse": None})
    with pytest.raises(ConfigError, match=r"fehlt \[tse\]"):
        await soft.set_up()


async def test_an_expired_tse_is_not_bound(soft: Bench) -> None:
    Device(Signer(soft.stick, Model(certificate_days=10), 1_600_000_000, lambda: 0)).signer.store.close()
    with pytest.raises(TseRefused, match="abgelaufen; bitte die TSE tauschen") as caught:
        await soft.set_up()
    assert caught.value.code == "ErrorCertificateExpired"
    assert not soft.kinds(*FIRST_STEPS)


async def test_a_disabled_tse_is_not_set_up(benches: Benches) -> None:
    bench = benches.make("cryptovision")
    await bench.set_up()
    tse = driver(bench.settings, bench.shown[0])
    await tse.open()
    await tse.disable()
    await tse.close()
    other = Bench(bench.folder / "other", bench.settings.tse.model_dump(include={"driver", "path"}))  # type: ignore[union-attr]
    with pytest.raises(TseRefused, match="endgültig außer Betrieb") as caught:
        await other.set_up()
    assert caught.value.code == "ErrorSecureElementDisabled"
    assert not other.shown


async def test_somebody_elses_tse_is_left_alone_and_says_which_file_is_missing(
    benches: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches.make("diebold-serial")
    await bench.set_up()
    rows = bench.settings.tse.model_dump(include={"driver", "port"})  # type: ignore[union-attr]
    other = Bench(bench.folder / "other", rows)
    sent: list[bytes] = []
    with listening(lambda way, data, where: sent.append(data)), pytest.raises(TseRefused) as caught:
        await other.set_up()
    assert f"aber {other.secrets} enthält ihre PINs nicht" in str(caught.value)
    assert not any(secret.encode() in data for secret in astuple(bench.shown[0]) for data in sent)
    assert not other.secrets.exists()
    other.secrets.write_bytes(bench.secrets.read_bytes())  # what the sentence asks for
    other.secrets.chmod(0o600)
    assert (await other.set_up()).life_cycle == "active"
    assert not other.shown


@pytest.mark.parametrize("kind", KINDS)
async def test_no_pin_is_tried_on_another_registers_tse(benches: Benches, kind: str) -> None:
    """Neither in a set-up, nor by the daemon, nor at the console: three starts would block it."""
    theirs, ours = benches.make(kind), benches.make(kind)
    await theirs.set_up()
    await ours.set_up()
    secrets = [secret.encode() for secret in astuple(ours.shown[0])]
    rows = theirs.settings.tse.model_dump(exclude_unset=True, exclude={"secrets"})  # type: ignore[union-attr]
    wrong = Bench(benches.folder / "wrong", {key: str(v) if key == "path" else v for key, v in rows.items()})
    wrong.secrets.write_bytes(ours.secrets.read_bytes())
    wrong.secrets.chmod(0o600)
    told: list[Input] = []

    def tap(way: Way, data: bytes, where: str) -> None:
        assert not any(secret in data or b64encode(secret) in data for secret in secrets)

    with listening(tap):
        with pytest.raises(TseRefused, match="PINs nicht"):
            await wrong.set_up()
        async with ours.shop() as shop:
            worker = build_worker(wrong.settings, shop.clock, Seams(), told.append, lambda: shop.state)
            assert worker is not None
            tasks = Supervisor()
            tasks.start("tse", worker.run)
            while not told:
                await asyncio.sleep(0.01)
            worker.self_test()
            while len(told) < 2:
                await asyncio.sleep(0.01)
            await tasks.stop()
        with pytest.raises(TseWrong, match="andere TSE"):
            await _ask_device(wrong.settings, "self-test")
        assert (await _ask_device(wrong.settings, "info"))["life_cycle"] in ("active", "no_time")
    for event in told:
        assert isinstance(event, TseUnavailable)
        assert event.error == "wrong_tse"


async def test_a_tse_that_is_not_there(soft: Bench, benches: Benches) -> None:
    rows: dict[str, str | int] = {"driver": "diebold", "port": str(soft.folder / "ttyACM9")}
    bench = Bench(soft.folder / "register", rows)
    with pytest.raises(TseGone, match="nicht da"):
        await bench.set_up()
    assert not bench.secrets.exists()


async def test_beside_a_running_register_nothing_is_changed(soft: Bench) -> None:
    async with soft.shop():
        with pytest.raises(JournalLocked):
            await soft.set_up()


async def test_secrets_that_cannot_be_stored_are_not_used(
    benches: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches.make("swissbit")
    bench.secrets.mkdir()  # in the way
    with pytest.raises((ConfigError, OSError)):
        await bench.set_up()
    assert not bench.shown
    assert not bench.facts("tse.step_taken")
    found = driver(bench.settings)
    assert (await found.open()).life_cycle == "factory"
    await found.close()


async def test_waiting_has_an_end_that_names_what_was_waited_for(soft: Bench) -> None:
    async with soft.shop() as shop:
        with pytest.raises(KassdError, match=r"^Der Vorgang \(nach 0.05 s\)$"):
            await shop.until(lambda state: False, 0.05, "Der Vorgang")


# -- killed -------------------------------------------------------------------------------------------


def killed_at(bench: Bench, step: int) -> "subprocess.CompletedProcess[str]":
    """``kassd tse setup``, which ends itself by SIGKILL once so many steps are in the journal."""
    command = [sys.executable, "-m", "tests.app.killed_setup", "--config", str(bench.folder / "kassd.toml")]
    environment = os.environ | {"KILL_AT": str(step), "PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run(
        [*command, "tse", "setup", "--yes"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize("kind", ["swissbit", "diebold-serial"])
def test_killed_at_each_step_it_goes_on_with_the_same_secrets(benches: Benches, kind: str) -> None:
    for step in range(1, 10):
        bench = benches.make(kind)
        done = killed_at(bench, step)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert len(bench.facts("tse.step_taken")) == step
        before = load_sealed(bench.secrets)
        assert before is not None
        assert before.secrets.admin_puk in done.stderr, "shown before anything was changed"
        again = kassd("tse", "setup", "--yes", config=bench.folder / "kassd.toml")
        assert again.returncode == 0, again.stderr
        assert load_sealed(bench.secrets) == before
        assert "Admin-PIN" not in again.stderr, "shown once"
        assert len(bench.facts("tse.bound")) == 1
    assert step > 2
