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
from tests.lab.inside import gadgets
from tests.lab.inside.waiting import until

IMAGE, MEMORY, MOUNTED = Path("/run/lab/stick.img"), Path("/run/lab/stick-device"), Path("/mnt/tse")
MAILBOX, GUARD = "TSE-IO.bin", "TSE-GUARD.bin"
MEGABYTES = 8
SECTOR = 512
POLL_S = 0.001
OPTIONS = "sync,dirsync,nodev,nosuid,noexec,uid=kassd,gid=kassd,fmask=0077,dmask=0077"


def insert(socket: int) -> None:
    """Make the stick with an empty mailbox, plug it in and mount it as the box does."""
    IMAGE.parent.mkdir(parents=True, exist_ok=True)
    with IMAGE.open("wb") as image:
        image.truncate(MEGABYTES << 20)
    subprocess.run(["mkfs.vfat", "-F", "12", "-n", "TSE", IMAGE], check=True, capture_output=True)
    gadgets.make("stick", "stick", **{"lun.0/removable": "1", "lun.0/file": str(IMAGE)})
    gadgets.plug("stick", socket)
    disk = until(_disk, "the stick's disk")
    MOUNTED.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "vfat", "-o", OPTIONS, disk, MOUNTED], check=True)
    (MOUNTED / MAILBOX).write_bytes(_pattern())
    (MOUNTED / GUARD).write_bytes(bytes(SECTOR))
    os.sync()


def _disk() -> str:
    found = [disk for disk in Path("/sys/block").glob("sd*") if "usb" in str(disk.resolve())]
    return f"/dev/{found[0].name}" if found else ""


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
        now = os.pread(storage, SIZE, place)
        if now != shown:
            time.sleep(POLL_S)
            if os.pread(storage, SIZE, place) == now:  # a write that has ended
                sim.mailbox.write(now, 0)
                shown = now
        answered = sim.mailbox.read(SIZE, 0)
        if answered != shown:
            os.pwrite(storage, answered, place)
            shown = answered
        time.sleep(POLL_S)
