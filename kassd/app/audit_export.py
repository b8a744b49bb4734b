"""What a display asks for during an audit on the spot: made by a program of its own, beside the sales.

It reads files, at the lowest priority, and takes neither the TSE nor the register's loop. How it goes is
shown as the device ``export``.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from kassd import supervise
from kassd.clock import Clock, utc_text
from kassd.core.desk import EXPORT
from kassd.core.inputs import DeviceChanged, ExportEnded, Input
from kassd.core.status import DeviceState, DeviceStatus
from kassd.deferred import dataclass
from kassd.supervise import Supervisor

log = logging.getLogger(__name__)

TASK = "export"
STOP_S = 5.0


@dataclass(slots=True)
class AuditExport:
    """``post`` takes what the register is told."""

    clock: Clock
    post: Callable[[Input], None]
    supervisor: Supervisor

    def start(self, asked: Mapping[str, str]) -> None:
        """In the background. ``asked``: ``first``, ``last``, ``recipient``, ``operator``, ``client``."""
        running = self.supervisor.tasks.get(TASK)
        if running is None or running.done():
            self.supervisor.start(TASK, partial(self._make, asked))

    async def _make(self, asked: Mapping[str, str]) -> None:
        result = await _run({key: asked[key] for key in ("first", "last", "recipient")})
        if "error" in result:
            log.error("export: %s", result["error"])
            self._show("error", "failed", f"Die Daten wurden nicht herausgegeben: {result['error']}")
            return
        log.info("export: %s, %s", result["folder"], result["sha256"])
        days = (asked["first"], asked["last"])
        told = (result["sha256"], asked["recipient"], asked["client"])
        self.post(ExportEnded(asked["operator"], "audit", *days, *told))
        text = f"Die Daten liegen in {result['folder']}."
        if result["missing"]:
            self._show("degraded", "incomplete", f"{text} Nicht dabei: {'; '.join(result['missing'])}")
        else:
            self._show("ready", "", text)

    def _show(self, state: DeviceState, reason: str, message: str) -> None:
        since = utc_text(self.clock.now())
        self.post(DeviceChanged(DeviceStatus(EXPORT, state, reason, message, since)))


async def _run(task: Mapping[str, str]) -> dict[str, Any]:
    """The program's result; what it says otherwise goes where the register's own log goes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kassd.cli.export_audit", str(os.getpid()), str(supervise.NICE)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        out, _ = await process.communicate(json.dumps(dict(task)).encode())
    finally:
        await _stop(process)
    if process.returncode != 0:
        return {"error": f"Der Export wurde abgebrochen ({process.returncode}, siehe Protokoll)."}
    result: dict[str, Any] = json.loads(out)
    return result


async def _stop(process: asyncio.subprocess.Process) -> None:
    """It tidies up if it is let; a stick that hangs lets nobody."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
