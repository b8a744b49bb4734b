"""A TSE that is a USB stick, from its inside: the simulated device behind the sectors of a FAT file.

The gadget's storage is a file in memory. A mailbox file of the volume lies in one piece in it, so the device
finds the host's frames at a fixed place there and puts its answers there, as the controller of a real stick
does; the host reads and writes through usb-storage and vfat.
"""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from kassd.sim.tse.cryptovision import SIZE, CryptovisionSim
from kassd.tse.soft.faults import FILE
from tests.lab.inside import gadgets
from tests.lab.inside.waiting import until

IMAGE, MEMORY, MOUNTED = Path("/run/lab/stick.img"), Path("/run/lab/stick-device"), Path("/mnt/tse")
HELD, ANSWERED = Path("/run/lab/stick-held"), Path("/run/lab/stick-answered")
UNIT, UUID = Path("/etc/systemd/system/mnt-tse.mount"), "1234ABCD"
MAILBOX, GUARD = "TSE-IO.bin", "TSE-GUARD.bin"
MEGABYTES = 8
SECTOR = 512
POLL_S, SEEN_S, LONG_S = 0.002, 0.5, 120.0
BUSY = b"\xff\xff"  # in place of an answer's length


def insert(socket: int, unit: str) -> None:
    """Make the stick with an empty mailbox and plug it in; ``unit`` is the box's own that mounts it."""
    IMAGE.parent.mkdir(parents=True, exist_ok=True)
    with IMAGE.open("wb") as image:
        image.truncate(MEGABYTES << 20)
    subprocess.run(["mkfs.vfat", "-F", "12", "-i", UUID, "-n", "TSE", IMAGE], check=True, capture_output=True)
    UNIT.write_text(unit)
    for words in (("daemon-reload",), ("enable", UNIT.name)):
        subprocess.run(["systemctl", "--quiet", *words], check=True)
    gadgets.make("stick", "stick", **{"lun.0/removable": "1", "lun.0/file": str(IMAGE)})
    put(socket)
    (MOUNTED / MAILBOX).write_bytes(_pattern())
    (MOUNTED / GUARD).write_bytes(bytes(SECTOR))
    os.sync()


def put(socket: int) -> None:
    """Plug it in, with power, and wait until it is mounted."""
    (MEMORY / FILE).unlink(missing_ok=True)
    gadgets.plug("stick", socket)
    until(lambda: os.path.ismount(MOUNTED), "the stick's volume")


def pull() -> None:
    """Pull it out: its power is gone, and soon its volume."""
    (MEMORY / FILE).write_text('{"faults": [{"kind": "gone"}]}')
    gadgets.unplug("stick")
    until(lambda: not os.path.ismount(MOUNTED), "that the volume is gone")


def hold() -> None:
    """The stick carries out the next finish, and its answer does not come before :func:`release`."""
    HELD.touch()


def release() -> None:
    """What was held comes, unless it has been pulled out."""
    HELD.unlink()


def signing(device: str, ready: Callable[..., None]) -> None:
    """Pull a device out while an answer is held; that comes when the register has had time to see it."""
    ready()
    until(ANSWERED.exists, "an answer that is held", LONG_S)
    if device == "stick":
        pull()
    else:
        gadgets.unplug(device)
        time.sleep(SEEN_S)
    release()


def _pattern() -> bytes:
    """What is looked for in the image: every sector has its number."""
    return b"".join(b"TSE%05d" % n * (SECTOR // 8) for n in range(SIZE // SECTOR))


def work(ready: Callable[..., None]) -> None:
    """Be the device behind the mailbox until the machine ends."""
    sim = CryptovisionSim(MEMORY, MOUNTED)  # its own volume is not mounted
    storage = os.open(IMAGE, os.O_RDWR)
    place = IMAGE.read_bytes().find(_pattern())
    assert place > 0, "the mailbox does not lie in one piece"
    shown = bytes(SIZE)
    os.pwrite(storage, shown, place)
    ready()
    while True:
        time.sleep(POLL_S)
        if not sim.core.plugged():
            continue
        now = os.pread(storage, SIZE, place)
        try:
            if now != shown:
                time.sleep(POLL_S)
                if os.pread(storage, SIZE, place) != now:
                    continue  # a write that has not ended
                shown = now
                sim.mailbox.write(now, 0)
            answered = sim.mailbox.read(SIZE, 0)
        except OSError:
            continue  # was pulled out in a command: hangs until somebody opens it anew, which writes zeros
        if answered == shown:
            continue
        if HELD.exists() and answered[32:34] != BUSY and _name(sim) == "finish":
            ANSWERED.touch()
            continue
        os.pwrite(storage, answered, place)
        shown = answered


def _name(sim: CryptovisionSim) -> str:
    """Of the command that came last."""
    return sim.mailbox.commands.name(sim.mailbox.log[-1]) if sim.mailbox.log else ""
