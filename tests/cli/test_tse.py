"""``kassd tse`` and ``kassd sim tse``, and what a newcomer gets wrong; with a terminal as real processes."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kassd.app.workshop import workshop
from kassd.sim.tse.stand import KINDS, stand
from kassd.tse.soft import Fault, write_faults
from tests.app.commissioning import Bench
from tests.cli import kit
from tests.cli.kit import Done, program
from tests.tse import heeds_interrupts


def kassd(bench: Bench, *arguments: str | Path) -> Done:
    return kit.kassd(*arguments, config=bench.folder / "kassd.toml")


def on_a_terminal(bench: Bench, *arguments: str, answers: str) -> Done:
    """The same with somebody at the keyboard, whose lines these are."""
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, answers.encode())
        return program(*arguments, config=bench.folder / "kassd.toml", stdin=terminal)
    finally:
        os.close(keyboard)
        os.close(terminal)


@pytest.fixture
def soft(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "register")


@pytest.fixture
def serial(tmp_path: Path) -> Iterator[Bench]:
    """A register with a factory-new TSE on a serial port."""
    with stand("diebold-serial", tmp_path / "sim", latency_s=0.0) as running:
        yield Bench(tmp_path / "register", running.settings)


# -- setup --------------------------------------------------------------------------------------------


def test_setup_shows_the_secrets_once_and_tells_the_next_step(serial: Bench) -> None:
    done = kassd(serial, "tse", "setup", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (len(said["serial_number"]), said["life_cycle"]) == (64, "active")
    assert "Finanzamt melden" in said["hint"]
    sealed = json.loads(serial.secrets.read_text())["secrets"]
    for label, key in (("Admin-PIN", "admin_pin"), ("TimeAdmin-PUK", "time_admin_puk")):
        (line,) = [line for line in done.stderr.splitlines() if line.split()[:1] == [label]]
        assert line.split() == [label, sealed[key]]
    assert not any(secret in done.stdout for secret in sealed.values())
    again = kassd(serial, "tse", "setup", "--yes")
    assert (again.returncode, again.stdout) == (78, "")
    assert "ist schon in Betrieb. Zum Tauschen: kassd tse swap" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize("action", ["setup", "swap"])
def test_without_a_terminal_it_wants_yes(serial: Bench, action: str) -> None:
    done = kassd(serial, "tse", action)
    assert done.returncode == 75
    assert "Ohne Terminal bitte mit --yes bestätigen." in done.stderr
    assert not serial.secrets.exists()
    assert not serial.settings.journal.dir.exists()


def test_on_a_terminal_no_is_no(serial: Bench) -> None:
    done = on_a_terminal(serial, "tse", "setup", answers="n\n")
    assert done.returncode == 75
    assert "Das ist nicht umkehrbar. Fortfahren? [j/N]" in done.stdout
    assert "Abgebrochen, nichts wurde geändert." in done.stderr
    assert not serial.settings.journal.dir.exists()


def test_on_a_terminal_the_secrets_wait_until_they_are_noted(serial: Bench) -> None:
    done = on_a_terminal(serial, "tse", "setup", answers="j\n\n")
    assert done.returncode == 0, done.stderr
    assert "Notiert? Weiter mit der Eingabetaste:" in done.stdout
    assert "Admin-PIN" in done.stderr
    assert serial.facts("tse.bound")


# -- swap ---------------------------------------------------------------------------------------------


def test_swap_on_a_terminal_waits_for_the_new_one(soft: Bench, tmp_path: Path) -> None:
    assert kassd(soft, "tse", "setup", "--yes").returncode == 0
    usb = tmp_path / "usb"
    usb.mkdir()
    keyboard, terminal = pty.openpty()
    arguments = ["--config", str(soft.folder / "kassd.toml"), "tse", "swap", "--copy", str(usb)]
    command = [sys.executable, "-m", "kassd", *arguments]
    with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, text=True, bufsize=0) as process:
        assert process.stdout is not None
        os.write(keyboard, b"j\n")
        heard = ""
        while "Eingabetaste" not in heard:
            heard += (got := process.stdout.read(1))
            assert got, heard
        assert "Bitte die alte TSE abziehen" in heard
        soft.pull("old")
        os.write(keyboard, b"\n")
        heard = process.stdout.read()
        assert process.wait(30) == 0
    os.close(keyboard)
    os.close(terminal)
    assert "alte TSE zehn Jahre aufbewahren" in heard
    assert len(soft.facts("tse.replaced")) == 1


def test_swap_before_any_setup(soft: Bench) -> None:
    done = kassd(soft, "tse", "swap", "--yes")
    assert done.returncode == 70
    assert "noch keine TSE in Betrieb: bitte kassd tse setup benutzen" in done.stderr


# -- info, self-test ----------------------------------------------------------------------------------


def test_info_and_self_test_at_the_device(serial: Bench) -> None:
    assert kassd(serial, "tse", "setup", "--yes").returncode == 0
    shown = json.loads(kassd(serial, "tse", "info", "--json").stdout)
    assert shown["life_cycle"] in ("active", "no_time")
    assert shown["clients"] == [serial.settings.register.id]
    assert "certificates" not in shown
    done = kassd(serial, "tse", "self-test")
    assert done.returncode == 0, done.stderr
    assert f"serial_number: {shown['serial_number']}" in done.stdout
    assert "self_test_due: False" in done.stdout


async def test_beside_a_running_register_the_device_is_its_own(serial: Bench, tmp_path: Path) -> None:
    async with workshop(serial.settings):
        for action in (("setup", "--yes"), ("swap", "--yes"), ("record", "--out", str(tmp_path / "t"))):
            done = kassd(serial, "tse", *action)
            assert (done.returncode, "systemctl stop kassd" in done.stderr) == (75, True), done.stderr
        for question in ("info", "self-test"):  # asked over the broker, which is not configured here
            done = kassd(serial, "tse", question)
            assert (done.returncode, "[mqtt.local]" in done.stderr) == (75, True), done.stderr
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("action", ["info", "self-test", "setup --yes", "swap --yes", "record --out x"])
def test_without_tse_in_the_configuration(soft: Bench, action: str) -> None:
    file = soft.folder / "kassd.toml"
    file.write_text(file.read_text().partition("[tse]")[0].replace('"test"', '"production"'))
    done = kassd(soft, "tse", *action.split())
    assert done.returncode == 78
    assert "fehlt [tse]" in done.stderr


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"driver": "swissbit", "path": "/nowhere/TSE"}, "bitte prüfen, ob die TSE steckt"),
        ({"driver": "cryptovision", "path": "/nowhere/TSE"}, "bitte prüfen, ob die TSE steckt"),
        ({"driver": "diebold", "port": "/nowhere/tty"}, "bitte Kabel und Stecker prüfen"),
        ({"driver": "diebold", "host": "127.0.0.1", "tcp_port": 1}, "ist nicht erreichbar"),
        ({"driver": "diebold", "service": "ws://127.0.0.1:1/"}, "ist nicht erreichbar"),
        ({"driver": "epson", "host": "127.0.0.1", "tcp_port": 1}, "bitte Gerät und Netz prüfen"),
    ],
)
def test_a_tse_that_is_not_where_the_configuration_says(
    tmp_path: Path, rows: dict[str, str | int], sentence: str
) -> None:
    bench = Bench(tmp_path / "register", rows)
    for action in (("info",), ("setup", "--yes")):
        done = kassd(bench, "tse", *action)
        assert (done.returncode, sentence in done.stderr) == (70, True), done.stderr
        assert "Traceback" not in done.stderr
    assert not bench.secrets.exists()


def test_secrets_that_others_may_read_stop_everything(serial: Bench) -> None:
    assert kassd(serial, "tse", "setup", "--yes").returncode == 0
    serial.secrets.chmod(0o644)
    for action in (("info",), ("self-test",)):
        done = kassd(serial, "tse", *action)
        assert (done.returncode, "chmod 600" in done.stderr) == (78, True)


# -- record -------------------------------------------------------------------------------------------


def test_record_writes_a_new_file_only(serial: Bench, tmp_path: Path) -> None:
    assert kassd(serial, "tse", "setup", "--yes").returncode == 0
    out = tmp_path / "transcript.jsonl"
    done = kassd(serial, "tse", "record", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert said["frames"] == sum("way" in row for row in rows) > 20
    assert not any(key.startswith("error") for key in said)
    before = out.read_bytes()
    done = kassd(serial, "tse", "record", "--out", out)
    assert (done.returncode, "gibt es schon" in done.stderr) == (65, True)
    assert out.read_bytes() == before
    done = kassd(serial, "tse", "record", "--out", tmp_path / "absent" / "t.jsonl")
    assert done.returncode == 74


def test_record_of_a_tse_that_fails_keeps_what_was_heard_and_says_so(serial: Bench, tmp_path: Path) -> None:
    assert kassd(serial, "tse", "setup", "--yes").returncode == 0
    memory = Path(str(serial.settings.tse.port)).parent  # type: ignore[union-attr]
    write_faults(memory, Fault("refuse", ("export",), "ErrorStorageFailure"))
    done = kassd(serial, "tse", "record", "--out", tmp_path / "t.jsonl")
    assert done.returncode == 0, done.stderr
    assert "error ErrorStorageFailure: Der Speicher der TSE" in done.stdout
    assert '"error": "ErrorStorageFailure"' in (tmp_path / "t.jsonl").read_text()


def test_record_of_a_tse_without_its_self_test_says_what_to_do(tmp_path: Path) -> None:
    with stand("epson", tmp_path / "sim", latency_s=0.0) as running:
        bench = Bench(tmp_path / "register", running.settings)
        assert kassd(bench, "tse", "setup", "--yes").returncode == 0
        running.power_cycle()
        done = kassd(bench, "tse", "record", "--out", tmp_path / "one")
        assert (done.returncode, "kassd tse self-test ausführen" in done.stdout) == (75, True), done.stderr
        assert kassd(bench, "tse", "self-test").returncode == 0
        done = kassd(bench, "tse", "record", "--out", tmp_path / "two")
        assert (done.returncode, "unvollständig" in done.stdout) == (0, False)


def test_the_soft_tse_has_no_wire_to_record(soft: Bench, tmp_path: Path) -> None:
    done = kassd(soft, "tse", "record", "--out", tmp_path / "t.jsonl")
    assert (done.returncode, "keine Leitung" in done.stderr) == (78, True)
    assert not (tmp_path / "t.jsonl").exists()


# -- sim ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def simulator(kind: str, folder: Path) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """``kassd sim tse``: the process, and what it says ``[tse]`` should be."""
    command = [
        sys.executable,
        "-m",
        "kassd",
        "sim",
        "tse",
        "--kind",
        kind,
        "--dir",
        str(folder),
        "--latency",
        "0",
    ]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=heeds_interrupts,
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            while "Störungen" not in said:
                said += (line := process.stdout.readline())
                assert line, said
            yield process, tomllib.loads(said)["tse"]
        finally:
            process.kill()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_simulator_says_is_a_configuration_that_works(kind: str, tmp_path: Path) -> None:
    with simulator(kind, tmp_path / "sim") as (process, rows):
        bench = Bench(tmp_path / "register", rows)
        done = kassd(bench, "tse", "setup", "--yes", "--json")
        assert done.returncode == 0, done.stderr
        serial = json.loads(done.stdout)["serial_number"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert not os.path.ismount(tmp_path / "sim" / "volume")
        assert kassd(bench, "tse", "info").returncode == 70, "it is gone"
    with simulator(kind, tmp_path / "sim") as (process, rows):
        bench = Bench(tmp_path / "register", rows)
        shown = json.loads(kassd(bench, "tse", "info", "--json").stdout)
        assert shown["serial_number"] == serial, "its memory is in the folder"
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 130


def test_an_unknown_kind_is_a_wrong_usage(soft: Bench) -> None:
    done = kassd(soft, "sim", "tse", "--kind", "fiskaly")
    assert done.returncode == 64
    assert "cryptovision" in done.stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with stand("diebold-tcp", tmp_path / "one", latency_s=0.0) as running:
        port = str(running.settings["tcp_port"])
        done = program("sim", "tse", "--kind", "diebold-tcp", "--dir", tmp_path / "two", "--port", port)
    assert done.returncode == 74
    assert "dieser Port ist belegt" in done.stderr
