"""The watchdog is fed only while the register makes progress (systemd restarts what hangs)."""

import asyncio
import logging

from kassd.app.notify import notify, watchdog_interval
from kassd.journal import Journal
from kassd.register import Register
from kassd.supervise import Supervisor

log = logging.getLogger(__name__)


class Watch:
    """Looks at the journal's thread, the register's loop and the supervised tasks."""

    def __init__(self, register: Register, journal: Journal, supervisor: Supervisor) -> None:
        self._register = register
        self._journal = journal
        self._supervisor = supervisor
        self._beats = -1
        self._decisions = -1

    def stuck(self) -> str:
        """Why the watchdog must not be fed, '' if all is well. Compares with the previous call."""
        beats, waiting, alive = self._journal.progress()
        decisions, queued = self._register.decisions, self._register.waiting
        reason = ""
        if not alive:
            reason = "the journal's thread is dead"
        elif waiting and beats == self._beats:
            reason = "the journal does not get on"
        elif queued and decisions == self._decisions:
            reason = "the register's loop does not get on"
        else:
            dead = [h.name for h in self._supervisor.health.values() if h.essential and not h.running]
            if dead:
                reason = f"{', '.join(dead)} is dead"
        self._beats, self._decisions = beats, decisions
        return reason

    async def run(self) -> None:
        """Feed systemd's watchdog, if there is one; else there is nothing to do."""
        interval = watchdog_interval()
        if interval is None:
            return
        while True:
            reason = self.stuck()
            if reason:
                log.critical("watchdog not fed: %s", reason)
            else:
                notify("WATCHDOG=1")
            await asyncio.sleep(interval)
