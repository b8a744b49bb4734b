"""The only place that starts tasks.

A supervised task is named, restarted with growing pauses when it fails, and reports its health, so that
the watchdog and ``kassd status`` can tell what makes progress.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import field

from kassd.deferred import dataclass

log = logging.getLogger(__name__)

PAUSE_FIRST_S = 0.2
PAUSE_MAX_S = 5.0
STABLE_AFTER_S = 30.0
NICE = 19  # of a process of the register's that nobody at the till waits for
CANCEL_AGAIN_S = 2.0


@dataclass(slots=True)
class Health:
    """What is known of one task. ``restarts`` counts failures since the start of the process."""

    name: str
    running: bool = False
    restarts: int = 0
    last_error: str = ""
    essential: bool = False


@dataclass(slots=True)
class Supervisor:
    """Starts, restarts and stops tasks. A failing essential task ends the process."""

    tasks: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=dict)
    failed: "asyncio.Future[BaseException] | None" = None

    def start(
        self, name: str, factory: Callable[[], Awaitable[None]], *, essential: bool = False
    ) -> "asyncio.Task[None]":
        """Run ``factory()`` for ever under ``name``.

        Returns normally: done. Raises: started again after a pause, or, if ``essential``, ``failed`` is set
        and the process is expected to stop.
        """
        if name in self.tasks and not self.tasks[name].done():
            raise ValueError(f"task {name} runs already")
        if self.failed is None:
            self.failed = asyncio.get_running_loop().create_future()
        self.health[name] = Health(name, essential=essential)
        task = asyncio.get_running_loop().create_task(self._run(name, factory), name=name)
        self.tasks[name] = task
        return task

    async def _run(self, name: str, factory: Callable[[], Awaitable[None]]) -> None:
        health, pause = self.health[name], PAUSE_FIRST_S
        while True:
            began = time.monotonic()
            health.running = True
            try:
                await factory()
                return
            except asyncio.CancelledError:
                raise
            except Exception as error:
                health.restarts += 1
                health.last_error = f"{type(error).__name__}: {error}"
                if health.essential:
                    log.critical("%s failed: %s", name, health.last_error, exc_info=error)
                    if self.failed is not None and not self.failed.done():
                        self.failed.set_result(error)
                    return
                log.error("%s failed, again in %.1f s: %s", name, pause, health.last_error)
            finally:
                health.running = False
            if time.monotonic() - began > STABLE_AFTER_S:
                pause = PAUSE_FIRST_S
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_MAX_S)

    async def stop(self, *names: str) -> None:
        """Cancel the named tasks, or all, and wait for their end."""
        chosen = [self.tasks.pop(n) for n in (names or tuple(self.tasks)) if n in self.tasks]
        while chosen:
            for task in chosen:
                task.cancel()
            # Before Python 3.12 a library's asyncio.wait_for may swallow a cancellation: say it again.
            _, pending = await asyncio.wait(chosen, timeout=CANCEL_AGAIN_S)
            chosen = list(pending)
