"""The same flows at a real register: over MQTT, with a scanner, a printer and a TSE that are played."""

import asyncio
import shutil
from typing import Any

from kassd.sim.trade.acts import (
    Act,
    Answer,
    Articles,
    Card,
    Command,
    Flow,
    Look,
    Paper,
    PowerCut,
    Scan,
    Terminal,
    Tse,
    Wait,
)
from kassd.sim.trade.virtual import TradeError
from kassd.sim.world import World
from kassd.tse.soft import Fault

PIN = "4711"  # of everybody in the made-up shops
SHORTEST_S, LATE_MS = 0.05, 6000
FAULTS = {
    "gone": Fault("gone"),
    "silent": Fault("lost", ("finish",), times=1),
    "late": Fault("late", ("finish",), ms=LATE_MS, times=1),
}


class LiveRegister:
    """Plays flows in a world; ``speed``: how many seconds of a flow pass in one."""

    def __init__(self, world: World, speed: float = 1.0) -> None:
        self.world, self.speed = world, speed

    async def play(self, flow: Flow) -> None:
        """Do everything of a flow. Raises :class:`TradeError` where a person is refused something."""
        try:
            act = next(flow)
            while True:
                act = flow.send(await self.act(act))
        except StopIteration:
            pass

    async def act(self, act: Act) -> Answer:
        """Do one act; its answer."""
        match act:
            case Command():
                return await self._command(act)
            case Scan():
                self.world.scan(act.code)
                await asyncio.sleep(max(2 / self.speed, 4 * SHORTEST_S))
            case Look(document="orders"):
                return self.world.doc("state/orders")
            case Look():
                return self.world.state(act.document, act.station)
            case Wait():
                await asyncio.sleep(max(act.seconds / self.speed, SHORTEST_S))
            case Tse():
                self.world.tse_faults(*(FAULTS[act.what],) if act.what in FAULTS else ())
            case Paper():
                await self._paper(act.out)
            case PowerCut():
                await self.world.restart(kill=True)
            case Card():
                await self._card(act.put_back)
            case Terminal():
                raise TradeError("Was das Kartenterminal tut, wird nur im virtuellen Handel bestimmt.")
            case Articles():
                self.world.stage.catalog.write_text(act.text, encoding="utf-8")
        return {}

    async def _card(self, put_back: bool) -> None:
        """The broker keeps what it has heard: it remembers more than the copy."""
        journal, image = self.world.stage.journal, self.world.folder / "image"
        if put_back:
            await self.world.stop()
            shutil.rmtree(journal)
            shutil.move(image, journal)
            await self.world.start()
            await self.world.wait("alert/journal-rollback", lambda d: bool(d.get("severity")))
        else:
            shutil.copytree(journal, image)

    async def _command(self, act: Command) -> Answer:
        args: dict[str, Any] = {**act.args, "station": act.station}
        if act.pin_of and "approval" in args:
            args["approval"] = {**args["approval"], "pin": PIN}
        elif act.pin_of:
            args["pin"] = PIN
        reply = await self.world.command(act.name, args)
        if reply.get("code", "") != act.code:
            raise TradeError(f"{act.name} {args}: {reply.get('code')} {reply.get('message')}")
        return reply

    async def _paper(self, out: bool) -> None:
        assert self.world.printer is not None
        self.world.printer.control(paper="out" if out else "ok")
        wanted = "error" if out else "ready"
        await self.world.wait("state/dev/printer", lambda d: d["state"] == wanted)
