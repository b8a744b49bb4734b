"""Whoever stands at the till while the register dies: sends a command, and the same again after a death."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kill_checks import Checker, Reply

from kassd.mqtt.ulid import ulid
from kassd.sim.world import Launch, World
from kassd.sim.world_config import CLIENT
from tests.nursery import nursery

GRACE_S = 0.05  # a reply may already be on its way when the register dies
READY_S = 60.0
PATIENT = {"KASSD_REGISTER__TSE_DEADLINE_MS": "10000"}  # no outage because the machine is busy


def pieces(cents: int) -> dict[str, int]:
    """The count of a drawer with so much in it: notes of 100 € and cents."""
    return {"10000": cents // 10_000, "1": cents % 10_000}


class Died(Exception):
    """The register died before it answered."""


class Till:
    """A world with a bomb, and the one client that uses it. ``latency_ms``: of the TSE; ``stage``: more of
    the world."""

    def __init__(
        self,
        folder: Path,
        latency_ms: int = 20,
        environment: Mapping[str, str] | None = None,
        runner: str = "kill_runner",
        tse_kind: str = "soft",
        launch: Launch | None = None,
        **stage: Any,
    ) -> None:
        self.order = folder / "kill.order"
        own = {"KILL_ORDER": str(self.order), "PYTHONPATH": str(Path(__file__).parent)}
        self.world = World(
            folder,
            tse_kind=tse_kind,
            tse_latency_ms=latency_ms,
            module=runner,
            environment=own | dict(environment or {}),
            launch=launch or nursery().start,
            **stage,
        )
        self.checker = Checker(self.world)
        self.unanswered: tuple[str, dict[str, Any], str] | None = None
        self.answered: tuple[str, dict[str, Any], str, Reply] | None = None
        self.deaths = 0
        self.kicks_at_death = 0

    # -- life ------------------------------------------------------------------------------------------

    def arm(self, moment: str) -> None:
        """Let the register die there."""
        draft = self.order.with_suffix(".part")
        draft.write_text(moment)
        draft.replace(self.order)

    @property
    def kicks(self) -> int:
        """Pulses the drawer has had."""
        assert self.world.printer is not None
        return self.world.printer.kicks

    async def died(self, timeout: float = 30.0) -> None:
        """Wait for the death that was ordered."""
        code = await self.world.ended(timeout)
        assert code == -9, f"ended with {code}"
        self.order.unlink()

    async def back(self) -> None:
        """Start again, check, and repeat the commands that were answered last and not at all."""
        self.deaths += 1
        await asyncio.sleep(GRACE_S)  # the printer still gets what the kernel has
        self.kicks_at_death = self.kicks
        await self.world.start(ready=False)
        await self.world.ready(READY_S)
        await self.world.wait("state/sale/main", lambda d: d.get("boot") == self.world.boot)
        self.checker.after_restart()
        assert self.kicks == self.kicks_at_death, "a start opens no drawer"
        if self.answered is not None:
            name, args, id, reply = self.answered
            assert await self.world.command(name, args, id=id) == {**reply, "duplicate": True}
        if self.unanswered is not None:
            name, args, id = self.unanswered
            known = (CLIENT, id) in self.checker.book.replies
            reply = await self.send(name, args, id)
            assert reply.get("duplicate", False) == known, reply

    # -- commands --------------------------------------------------------------------------------------

    async def send(self, name: str, args: dict[str, Any], id: str = "") -> Reply:
        """The reply. Raises :class:`Died` if there will be none; the command is then repeated by ``back``."""
        id = id or ulid()
        self.unanswered = name, args, id
        process = self.world.process
        assert process is not None
        answer = asyncio.ensure_future(self.world.command(name, args, id=id, timeout=45))
        death = asyncio.ensure_future(process.wait())
        await asyncio.wait((answer, death), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            await asyncio.wait((answer,), timeout=GRACE_S)
        death.cancel()
        if not answer.done():
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
            raise Died
        reply = answer.result()
        self.checker.hear(CLIENT, name, id, reply)
        self.unanswered = None
        if reply["status"] in ("ok", "accepted"):
            self.answered = name, args, id, reply
        return reply

    async def do(self, name: str, **args: Any) -> Reply:
        """A command that must succeed."""
        reply = await self.send(name, args)
        assert reply["status"] in ("ok", "accepted"), reply
        return reply

    # -- ends ------------------------------------------------------------------------------------------

    async def settle(self, timeout: float = 60.0) -> None:
        """Wait until nothing is under way: everything signed and printed."""
        await self.world.until(lambda: self.checker.read().settled, timeout, "end of business")

    async def sell_out(self) -> None:
        """Pay the sale that is open, if one is."""
        if self.checker.read().current is not None:
            await self.do("sale.pay", type="cash")

    async def open(self) -> None:
        """Open the till with what the last closing left in it."""
        expected = self.world.state("till").get("float_expected") or 0
        await self.do("till.open", counted=expected)
        await self.settle()

    async def close(self) -> None:
        """Count and close the till."""
        expected = self.world.state("till")["cash_expected"]
        await self.do("till.close", count=pieces(expected))
        await self.world.wait("state/till/main", lambda d: d.get("open") is False)

    async def end(self) -> None:
        """The last day's end, and all checks."""
        await self.sell_out()
        await self.settle()
        if self.world.state("till")["open"]:
            await self.close()
        await self.settle()
        assert await self.world.stop() == 0
        await self.checker.in_the_end()
