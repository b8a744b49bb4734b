"""The simulated cryptovision TSE on its wire, asked as its description says and not by our driver."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd.sim.tse.cryptovision import MODEL, CryptovisionSim
from kassd.sim.tse.volume import unmount
from kassd.tse.soft import Fault
from kassd.tse.volume import SectorFile
from tests.tse import heeds_interrupts

MAGIC = b"AdVancED SeCuRe SD/MMC CArd\x01"
TOKEN = b"\xca\xfe\xba\xbe"
PIN, PUK = b"11111111".hex(), b"3333333333".hex()
ADMIN, TIME_ADMIN = "040005" + b"Admin".hex(), "040009" + b"TimeAdmin".hex()
CLIENT = "040007" + b"KASSE-1".hex()


class Host:
    """A host that knows nothing but the mailbox."""

    def __init__(self, path: Path) -> None:
        self.file = SectorFile(path, 8192)
        self.file.write(bytes(8192))
        self.seen: list[bytes] = []

    def send(self, command: bytes, mode: int = 0) -> None:
        self.file.write(MAGIC + TOKEN + len(command).to_bytes(2, "big") + mode.to_bytes(2, "big") + command)

    def ask(self, command: str, mode: int = 0) -> bytes:
        """The answer's data; what was read before it is kept in ``seen``."""
        self.seen.clear()
        self.send(bytes.fromhex(command), mode)
        for _ in range(500):
            mailbox = self.file.read(8192)
            length = mailbox[32:34]
            if mailbox[:28] == MAGIC and mailbox[28:32] == bytes(4) and length != b"\xff\xff":
                return mailbox[34 : 34 + int.from_bytes(length, "big")] if length[0] != 0xFF else length
            self.seen.append(mailbox[28:34])
            time.sleep(0.002)
        raise AssertionError("no answer")

    def tell(self, code: str, parameters: str = "") -> str:
        """A command by code and parameters; the answer in hexadecimal digits."""
        size = len(bytes.fromhex(parameters)).to_bytes(2, "big").hex()
        return self.ask(f"5c54{code}{size}{parameters}").hex()


@pytest.fixture(params=[1, 2])
def sim(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CryptovisionSim]:
    with CryptovisionSim(
        tmp_path / "device", tmp_path / "stick", hardware=request.param, latency_s=0.05, model=MODEL
    ) as made:
        yield made


@pytest.fixture
def host(sim: CryptovisionSim) -> Iterator[Host]:
    host = Host(sim.volume.mountpoint / "TSE-IO.bin")
    yield host
    host.file.close()


def set_up(host: Host) -> None:
    """From the factory to a client, as the description's flow has it."""
    host.ask("0000", 0x5344)
    v1 = b"425545" in bytes.fromhex(host.tell("0000"))
    assert host.tell("0001") == "0007" + "020004" + "01010101"
    assert host.tell("0003", ADMIN + "020008" + PIN) == "801c"
    if v1:
        assert host.tell("0002", f"02000a{PUK}020008{PIN}" * 2) == "0000"
    else:
        for user in (ADMIN, TIME_ADMIN):
            assert host.tell("0002", f"{user}02000a{PUK}") == "0000"
        assert host.tell("0001")[-8:] == "01000100"
        for user in (ADMIN, TIME_ADMIN):
            assert host.tell("0004", f"{user}02000a{PUK}020008{PIN}") == "000401000100"
    assert host.tell("0001")[-8:] == "00000000"
    assert host.tell("0012", "0300020004") == "0005" + "020002" + "0001"
    assert host.tell("0003", ADMIN + "020008" + PIN) == "0009" + "01000100" + "0300020003"
    assert host.tell("0006") == "0000"
    assert host.tell("0007", "0200045ec14360") == "0000"
    assert host.tell("0009", CLIENT + "020020" + host.tell("0008")[-82:-18]) == "0000"
    assert host.tell("0005", ADMIN) == "0000"


def test_suspend_and_start(host: Host, sim: CryptovisionSim) -> None:
    assert host.tell("0011", "0300020004") == "801d"
    assert host.ask("0000", 0x5344) == b""
    answer = host.tell("0000")
    assert answer.startswith("0031" + "04001b")
    assert answer[64:70] == "020010"
    assert host.ask("0000", 0x5345) == b""


def test_set_up_and_a_sale(host: Host) -> None:
    set_up(host)
    assert host.tell("0012", "0300020004")[-4:] == "0003"
    started = bytes.fromhex(host.tell("000a", CLIENT + "020000" + "040000" + "020000"))
    assert b"\xff\xff" in {seen[4:] for seen in host.seen}
    assert started[2:9] == bytes.fromhex("02000400000001")
    assert int.from_bytes(started[:2], "big") == len(started) - 2
    assert host.tell("0012", "0300020001") == "0007" + "020004" + "00000001"
    finish = "02000400000001" + CLIENT + "020003616263" + "040001" + "78" + "020000"
    assert host.tell("000c", finish)[4:10] == "020004"
    assert host.tell("000c", "02000400000001" + CLIENT + "020000" + "040000" + "020000") == "800e"


def test_the_known_mistake_in_the_list_of_open_transactions(host: Host) -> None:
    set_up(host)
    for _ in range(4):
        host.tell("000a", CLIENT + "020000" + "040000" + "020000")
    answer = bytes.fromhex(host.tell("0012", "0300020002"))
    assert len(answer) == 21
    assert int.from_bytes(answer[:2], "big") == 23
    assert answer[2:] == bytes.fromhex("050010" + "00000001000000020000000300000004")


def test_an_export_without_the_archives_end(host: Host) -> None:
    set_up(host)
    none, everything = "020004ffffffff", "02000400000000020004ffffffff" * 2 + "02000400000000"
    first = host.ask(f"5c54000d002d040000{none}{everything}")
    assert first[:2] == b"\x90\x00"
    assert len(first) == 8158
    total, data = int.from_bytes(first[2:10], "big"), first[10:]
    while len(data) < total:
        data += host.ask("c5")
    assert len(data) == total
    assert total % 512 == 0
    assert any(data[-512:])
    assert host.ask("c5") == b"\0\0"


def test_pins(host: Host) -> None:
    set_up(host)
    for left in (2, 1, 0):
        assert host.tell("0003", ADMIN + "020008" + b"00000000".hex())[4:] == f"010001010300020{left:03}"
    assert host.tell("0003", ADMIN + "020008" + PIN)[4:12] == "01000102"
    assert host.tell("0003", "040001" + "78" + "020008" + PIN)[4:12] == "01000103"
    assert host.tell("0007", "0200045ec14360") == "8008"
    assert host.tell("0004", f"{ADMIN}02000a{PUK}020008{PIN}")[4:12] == "01000100"
    assert host.tell("0003", TIME_ADMIN + "020008" + PIN)[4:12] == "01000100"
    assert host.tell("0015") == "8007"


def test_deactivated_and_activated(host: Host, sim: CryptovisionSim) -> None:
    set_up(host)
    assert host.tell("0013") == "8008"
    assert host.tell("0003", TIME_ADMIN + "020008" + PIN)[4:12] == "01000100"
    assert host.tell("0013") == host.tell("0014") == "8007"
    assert host.tell("0003", ADMIN + "020008" + PIN)[4:12] == "01000100"
    assert host.tell("0014") == "8014"
    assert host.tell("0013") == "0000"
    sim.core.power_cycle()
    host.tell("0000")
    assert host.tell("0012", "0300020004")[-4:] == "0004"
    assert host.tell("0003", ADMIN + "020008" + PIN)[4:12] == "01000100"
    assert host.tell("0007", "0200045ec14360") == "801b"
    assert host.tell("000a", CLIENT + "020000" + "040000" + "020000") == "801b"
    assert host.tell("0010") == "801b"
    assert host.tell("0014") == "0000"
    assert host.tell("0007", "0200045ec14360") == "0000"
    assert host.tell("0012", "0300020004")[-4:] == "0003"


def test_wear_and_update_variant(host: Host) -> None:
    host.tell("0000")
    assert host.tell("0019") == "0005" + "030002" + "0001"
    assert host.tell("0011", "0300020002") == "0007" + "020004" + "00000000"
    assert host.tell("0012", "0300020000") == "0007" + "020004" + "00000000"


@pytest.mark.parametrize(
    ("code", "parameters", "word"),
    [
        ("001a", "0200023000", "8001"),
        ("0063", "02000101", "8001"),
        ("0077", "", "8001"),
        ("0012", "0300", "8001"),
        ("0012", "0300020009", "8018"),
        ("0018", "0300020000" + "020020" + "00" * 32, "8013"),
        ("000a", "", "8018"),
    ],
)
def test_what_it_does_not_understand(host: Host, code: str, parameters: str, word: str) -> None:
    host.tell("0000")
    assert host.tell(code, parameters) == word


def test_power_lost(host: Host, sim: CryptovisionSim) -> None:
    set_up(host)
    sim.core.power_cycle()
    assert host.tell("0012", "0300020004") == "801d"
    host.tell("0000")
    assert host.tell("0012", "0300020004")[-4:] == "0002"
    assert host.tell("000a", CLIENT + "020000" + "040000" + "020000") == "8011"


def test_wire_faults(host: Host, sim: CryptovisionSim) -> None:
    host.tell("0000")
    sim.core.faults.set(Fault("token_kept", ms=30, times=1))
    host.tell("0001")
    assert host.seen[0][:4] == TOKEN
    sim.core.faults.set(Fault("zero_header", ms=30, times=1))
    host.tell("0001")
    assert bytes(6) in host.seen
    sim.core.faults.set(Fault("controller_timeout", times=1))
    assert host.ask("5c5400010000") == b"\xff\x45"
    sim.core.faults.set(Fault("short_fragments"))
    certificates = host.ask("5c54000e0000")
    assert len(certificates) == 100
    assert int.from_bytes(certificates[:2], "big") > 1000
    sim.core.faults.set(Fault("stale_answer", times=1))
    assert host.ask("5c5400010000") == certificates


def test_a_late_answer_lands_on_the_next_command_unless_the_mailbox_was_cleared(
    host: Host, sim: CryptovisionSim
) -> None:
    host.tell("0000")
    for cleared in (False, True):
        sim.core.faults.set(Fault("late", ms=500, times=1))
        host.send(bytes.fromhex("5c5400010000"))
        time.sleep(0.05)
        if cleared:
            host.file.write(bytes(8192))
        answer = host.tell("0012", "0300020004")
        assert (answer == "0005" + "020002" + "0001") is cleared
        time.sleep(0.5)


def test_as_a_program_until_interrupted(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    code = (
        "import sys; from pathlib import Path;"
        "from kassd.sim.tse.cryptovision import run_cryptovision_sim as run;"
        "run(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "device"), str(stick)]
    process = subprocess.Popen(command, preexec_fn=heeds_interrupts)
    try:
        deadline = time.monotonic() + 60
        while not os.path.ismount(stick):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        host = Host(stick / "TSE-IO.bin")
        assert host.tell("0000").startswith("0031")
        host.file.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert not os.path.ismount(stick)
    finally:
        process.kill()
        process.wait()
        unmount(stick)
