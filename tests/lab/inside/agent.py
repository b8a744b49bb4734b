"""Carries out the host's orders: one JSON object a line, through a virtio-serial port.

``{"call": "module:function", "args": {…}}`` runs in a process forked for it, so that an order leaves nothing
behind but what it did; ``{"start": …}`` the same, but the process goes on: the function gets ``ready``, which
it calls with the value of the answer. ``{"prepare": true}`` ends the boot, ``{"tree": true}`` mounts the tree
under test, ``{"now": <time>}`` sets the clock. The answer is ``{"value": …}`` or ``{"error": "<text>"}``.
"""

import importlib
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

AUTOGROUP = "/proc/sys/kernel/sched_autogroup_enabled"
PORT = "/dev/virtio-ports/kassd.lab"
TREE = "/opt/kassd/tree"


def prepare() -> None:
    """What every test wants done before: modules are there, the network is up, nothing is under way."""
    modules = ("evdev", "uinput", "gpio_sim", "libcomposite", "usbhid", "usblp", "cdc_acm", "usb_storage")
    for command in (
        ["modprobe", "-a", *modules],
        ["modprobe", "dummy_hcd", "num=4"],  # four sockets for USB devices
        ["ip", "address", "add", "10.0.2.15/24", "dev", "eth0"],
        ["ip", "link", "set", "eth0", "up"],
        ["ip", "link", "set", "lo", "up"],
        ["systemctl", "is-system-running", "--wait"],
        ["udevadm", "settle"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode and command[0] != "systemctl":
            raise RuntimeError(f"{command}: {done.stderr}")
        print(done.stdout, flush=True)
    with open(AUTOGROUP, "w") as switch:
        switch.write("0")  # else a priority holds within a session only, and each of our orders is one


def mount() -> None:
    """What is under test today."""
    subprocess.run(["mount", "-o", "ro", "/dev/vdb", TREE], check=True)
    sys.path.insert(0, TREE)


def call(name: str, args: dict[str, Any]) -> Any:
    """Call a function by name; its value must be JSON."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)(**args)


def carried_out(order: dict[str, Any]) -> dict[str, Any]:
    """The answer to an order."""
    try:
        if "prepare" in order:
            return {"value": prepare()}
        if "tree" in order:
            return {"value": mount()}
        if "now" in order:
            return {"value": time.clock_settime(time.CLOCK_REALTIME, order["now"])}
        return {"value": call(order["call"], order["args"])}
    except BaseException:
        return {"error": traceback.format_exc()}


def forked(order: dict[str, Any]) -> bytes:
    """The answer of a child; also a child that dies answers. One that was started goes on."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(read)
        os.setsid()
        if "start" in order:
            go_on(order, lambda value=None: answered(write, {"value": value}))
        else:
            answered(write, carried_out(order))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    if said:
        if "call" in order:
            os.waitpid(pid, 0)
        return said
    _, status = os.waitpid(pid, 0)
    return json.dumps({"error": f"{order}: the process ended with {status}"}).encode()


def go_on(order: dict[str, Any], ready: Callable[..., None]) -> None:
    """The life of a started process: what it says is on the console."""
    try:
        call(order["start"], order["args"] | {"ready": ready})
    except BaseException:
        traceback.print_exc()


def answered(pipe: int, answer: dict[str, Any]) -> None:
    """Give the one answer."""
    _write(pipe, json.dumps(answer).encode())
    os.close(pipe)


def answer(order: dict[str, Any]) -> bytes:
    """Carry out an order: here what changes the machine for all, else in a child."""
    name = order.get("call") or order.get("start")
    if name is None:
        return json.dumps(carried_out(order)).encode()
    try:
        importlib.import_module(name.partition(":")[0])  # once, and not in each child
    except Exception:
        return json.dumps({"error": traceback.format_exc()}).encode()
    return forked(order)


def main() -> None:
    """Serve until the machine ends."""
    with open(PORT, "r+b", buffering=0) as port:
        rest = b""
        while True:
            data = port.read(65536)
            if not data:
                time.sleep(0.01)  # the host is not connected: the port is at its end, not gone
                continue
            *orders, rest = (rest + data).split(b"\n")
            for line in orders:
                _write(port.fileno(), answer(json.loads(line)) + b"\n")


def _write(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


if __name__ == "__main__":
    main()
