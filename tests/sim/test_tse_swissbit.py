"""The simulated Swissbit stick, spoken to with bytes written out by hand; no driver."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from kassd.sim.tse.swissbit import SwissbitSim
from kassd.sim.tse.volume import unmount
from kassd.tse.soft import Fault, Model
from kassd.tse.volume import SectorFile

K1 = "02 4b31"
START = f"9000 00 {K1} {'00' * 8} {'00' * 7}05 {'00' * 8} {'00' * 8}"


class Wire:
    """The volume's files and nothing else."""

    def __init__(self, sim: SwissbitSim) -> None:
        self.sim = sim
        self.comm, self.info = (SectorFile(sim.mountpoint / f"TSE_{n}.DAT") for n in ("COMM", "INFO"))
        self.tar = SectorFile(sim.mountpoint / "TSE_TAR.001", 65_536)

    def close(self) -> None:
        for file in (self.comm, self.info, self.tar):
            file.close()

    def send(self, command: str) -> None:
        raw = bytes.fromhex(command)
        self.comm.write(len(raw).to_bytes(2, "big") + raw)

    def answer(self) -> tuple[int, int, bytes]:
        """Counter, status, data of the answer, once it is there."""
        until = time.monotonic() + 60
        while (block := self.comm.read(512))[4] != 0xFF:
            assert time.monotonic() < until
            if block[4] == 0xFD:
                self.send("8300")
            else:
                assert block[4] == 0xF3
        size = int.from_bytes(block[5:7], "big")
        status = int.from_bytes(block[5 + size : 7 + size], "big")
        return int.from_bytes(block[:4], "big"), status, block[7 : 5 + size]

    def ask(self, command: str) -> tuple[int, bytes]:
        self.send(command)
        return self.answer()[1:]

    def status(self, command: str) -> int:
        return self.ask(command)[0]

    def secrets(self) -> tuple[str, str, str]:
        """The initial PUK and PINs as hex digits, from the serial number."""
        digest = sha256(b"SwissbitSwissbit" + self.info.read(512)[0x100:0x120]).digest()
        numbers = [f"{int.from_bytes(digest[n : n + 8], 'big'):020d}" for n in (0, 8, 16)]
        puk, admin, time_admin = numbers[0][-6:], numbers[1][-5:], numbers[2][-5:]
        return puk.encode().hex(), admin.encode().hex(), time_admin.encode().hex()

    def set_up(self) -> None:
        """In the order of the vendor's library: PUK 654321, PINs 12345 and 98765, client K1."""
        puk, admin, time_admin = self.secrets()
        assert self.status(f"4000 {K1}") == 0x1011
        for command in (
            f"2300 06{puk} 06363534333231",
            f"2000 01 05{admin}",
            f"2400 01 05{admin} 053132333435",
            f"2000 02 05{time_admin}",
            f"2400 02 05{time_admin} 053938373635",
            f"4100 {K1}",
            f"4000 {K1}",
            "6000",
            "7000",
            "8000 000000006ab13b80",
        ):
            assert self.status(command) == 0, command


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with SwissbitSim(tmp_path / "device", tmp_path / "stick", latency_s=0.0) as sim:
        made = Wire(sim)
        yield made
        made.close()


def test_states_of_a_new_stick(wire: Wire) -> None:
    puk, admin, _ = wire.secrets()
    block = wire.info.read(512)
    assert (block[0x1C], block[0x1D], block[0x20], block[0x6A]) == (0, 0, 0, 97)
    assert wire.comm.read(512) == bytes(512)
    assert wire.status("8300") == 0x1015
    assert wire.status(f"2000 01 05{admin}") == 0x1054  # the self test comes first
    assert wire.status(f"4000 {K1}") == 0x1011  # run, though not passed
    assert wire.status("8500 00000000 00") == 0x1055
    assert wire.status(f"2000 01 05{admin}") == 0x1050  # before the PUK was changed
    assert wire.status(f"2300 06{puk} 06363534333231") == 0
    assert wire.status(f"2000 01 05{admin}") == 0
    assert wire.status(f"4100 {K1}") == 0x1051  # before the PINs were
    assert wire.info.read(512)[0x20] == 1


def test_clients_in_fields_of_32_bytes_as_long_as_they_fit(wire: Wire) -> None:
    wire.set_up()
    for number in range(2, 17):
        name = f"K{number}".encode()
        assert wire.status(f"4100 {len(name):02x} {name.hex()}") == 0
        if number in (2, 15):
            _, listed = wire.ask("4300 00000000")
            assert [listed[1 + 32 * n :][:32].rstrip(b"\0") for n in (0, 1)] == [b"K1", b"K2"]
            assert len(listed) == 1 + 32 * number
    _, listed = wire.ask("4300 00000000")
    assert (listed[0], len(listed), listed[1 + 31 * 15 :][:4]) == (16, 1 + 31 * 16, b"K16\0")


def test_a_set_up_stick(wire: Wire) -> None:
    wire.set_up()
    block = wire.info.read(512)
    assert (block[0x1C], block[0x1D], block[0x20]) == (3, 1, 7)
    assert int.from_bytes(block[0x38:0x3C], "big") == 1
    assert wire.ask("4300 00000000") == (0, b"\1" + b"K1".ljust(32, b"\0"))
    assert wire.status("4300 00000001") == 0x1007
    assert wire.ask("8500 00000000 00") == (0, b"\0")
    status, part = wire.ask("8600 00000000")
    assert (status, part[2:30]) == (0, b"-----BEGIN CERTIFICATE-----\n")
    assert wire.status("7000") == 0x10FD
    for command, word in (("9100", 0xF000), ("20", 0x1005), ("8000 00", 0x1005), ("9500", 0x1004)):
        assert wire.status(command) == word, command


def test_a_transaction_step(wire: Wire) -> None:
    wire.set_up()
    status, data = wire.ask(START)
    assert status == 0
    sector = int.from_bytes(data, "big")
    assert wire.info.read(512)[0x1E] == 1
    assert wire.status("9500") == 0x1006
    wire.tar.write(b"hello", sector * 512)
    status, data = wire.ask("9500")
    assert (status, data[:8], data[8:40]) == (0, bytes(7) + b"\1", wire.info.read(512)[0x100:0x120])
    assert int.from_bytes(data[56:64], "big") == len(data[64:]) == 96
    assert wire.info.read(512)[0x1E] == 0
    assert wire.ask(f"8500 00000000 {K1}") == (0, bytes.fromhex("01 0000000000000001"))
    size = int.from_bytes(wire.info.read(512)[0x48:0x50], "big")
    log = wire.tar.read(65_536)
    assert b"Log-Tra_No-1_Start_Client-K1.log" in log[:size]
    assert not any(log[size:])
    other = START.replace(K1, "02 4b32")
    assert wire.status(other) == 0x1011
    assert wire.status(START.replace("9000 00", "9000 02")) == 0x1008


def test_pins_and_puk_are_counted(wire: Wire) -> None:
    wire.set_up()
    assert [wire.status("2000 02 053131313131") for _ in range(4)] == [0x1102, 0x1101, 0x1100, 0x1201]
    assert wire.status("2000 02 053938373635") == 0x1201
    wrong = "2300 06313131313131 06323232323232"
    assert [wire.status(wrong) for _ in range(4)] == [0x1102, 0x1101, 0x1100, 0x1201]
    assert wire.status("2300 06363534333231 06323232323232") == 0x1201  # scrap


def test_power_and_interface(wire: Wire) -> None:
    wire.set_up()
    assert wire.status("6100") == 0
    assert wire.status("8500 00000000 00") == 0x1053
    assert wire.status("6000") == 0
    wire.sim.power_cycle()
    assert wire.info.read(512)[0x1C] == 0
    assert wire.status(f"4000 {K1}") == 0
    assert wire.status(START) == 0x1002
    assert wire.status("8000 000000006ab13b90") == 0x100F
    assert wire.status("4300 00000000") == 0x100F


def test_counter_busy_and_the_command_nobody_noticed(wire: Wire) -> None:
    wire.send(f"4000 {K1}")
    first, status, _ = wire.answer()
    assert status == 0x1011
    wire.sim.core.faults.set(Fault("busy", ms=200))
    wire.send("8500 00000000 00")
    assert wire.comm.read(512)[4] == 0xF3
    wire.send("7000")
    assert wire.answer()[:2] == (first + 1, 0x1055)


@pytest.mark.parametrize("kind", ["fetch", "self_test"])
def test_results_to_be_fetched(wire: Wire, kind: str) -> None:
    if kind == "fetch":
        wire.send(f"4000 {K1}")
        wire.answer()
        wire.sim.core.faults.set(Fault("fetch"))
        wire.send("8500 00000000 00")
    else:
        wire.send(f"4000 {K1}")
    while (state := wire.comm.read(512)[4]) == 0xF3:
        time.sleep(0.001)
    assert state == 0xFD
    wire.send("8300")
    assert wire.answer()[1] == (0x1055 if kind == "fetch" else 0x1011)


def test_limits(tmp_path: Path) -> None:
    model = Model(max_open_transactions=1, max_clients=1)
    with SwissbitSim(tmp_path / "device", tmp_path / "stick", latency_s=0.0, model=model) as sim:
        wire = Wire(sim)
        wire.set_up()
        assert wire.status("4100 024b32") == 0x1010
        sector = int.from_bytes(wire.ask(START)[1], "big")
        wire.tar.write(b"hello", sector * 512)
        assert wire.status("9500") == 0
        assert wire.status(START) == 0x1009
        assert wire.status(f"4200 {K1}") == 0x1013
        wire.close()


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from kassd.sim.tse.swissbit import run_swissbit_sim as r; "
    code += "r(Path(sys.argv[1]), Path(sys.argv[2]))"
    stick = tmp_path / "stick"
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "device"), str(stick)])
    try:
        until = time.monotonic() + 60
        while not os.path.ismount(stick):
            assert time.monotonic() < until
            time.sleep(0.01)
        assert sorted(path.name for path in stick.iterdir()) == [
            *("TSE_COMM.DAT", "TSE_INFO.DAT", "TSE_TAR.001", "TSE_TAR.002")
        ]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert not os.path.ismount(stick)
    finally:
        process.kill()
        process.wait()
        unmount(stick)
