"""The same flows at a real register: over MQTT, with a scanner, a printer, a card terminal and a TSE that are
played."""

import asyncio
import shutil
from typing import Any

from kassd.devices.terminal.zvt.messages import Authorisation, RepeatReceipt
from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.terminal.behaviour import Fault as Break
from kassd.sim.terminal.talk import Moment, unwatched
from kassd.sim.trade.acts import (
    Act,
    Answer,
    Articles,
    Card,
    Command,
    Fate,
    Flow,
    Look,
    Paper,
    PowerCut,
    Scan,
    Terminal,
    Tse,
    Wait,
)
from kassd.sim.trade.terminal import DECLINED, TIP
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
PAY, ASK = Authorisation.CONTROL, RepeatReceipt.CONTROL
GONE = [Break("cut_before", 2, ASK)] * 1_000  # each time it is asked
SMALL_PART = 50  # cents: less than anything that is sold
USUAL = Behaviour()
# What the terminal does otherwise. Of a payment's messages 04 0F is the ninth, its answer the tenth.
FATES: dict[Fate, dict[str, Any]] = {
    "pays": {},
    "declines": {"result": int(DECLINED, 16)},
    "part": {"limit": SMALL_PART},
    "tip": {"tip": TIP},
    "breaks": {"orphans": "keep", "faults": [Break("cut_after", 10, PAY)]},
    "mute": {"orphans": "keep", "faults": [Break("cut_before", 9, PAY)], "mute": 1_000_000},
    "silent": {
        "orphans": "keep",
        "faults": [Break("cut_after", 10, PAY), *GONE],
    },
    "waits": {"card": "none"},
}
BUSY, PATIENCE_S = ("terminal_busy", "terminal_absent"), 60.0
TURNED = {name for changed in FATES.values() for name in changed}


class LiveRegister:
    """Plays flows in a world; ``speed``: how many seconds of a flow pass in one, but ``shortest_s`` at least
    of each wait."""

    def __init__(self, world: World, speed: float = 1.0, shortest_s: float = SHORTEST_S) -> None:
        self.world, self.speed, self.shortest_s = world, speed, shortest_s
        self._fate: Fate = "pays"

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
                await asyncio.sleep(max(2 / self.speed, 4 * self.shortest_s))
            case Look(document="orders"):
                return self.world.doc("state/orders")
            case Look():
                return self.world.state(act.document, act.station)
            case Wait():
                await asyncio.sleep(max(act.seconds / self.speed, self.shortest_s))
            case Tse():
                self.world.tse_faults(*(FAULTS[act.what],) if act.what in FAULTS else ())
            case Paper():
                await self._paper(act.out)
            case PowerCut():
                await self.world.restart(kill=True)
            case Card():
                await self._card(act.put_back)
            case Terminal():
                if self.world.terminal is None:
                    raise TradeError("Hier steht kein Kartenterminal.")
                if act.fate == "undone":
                    self.world.terminal.terminal.payments.undo_by_hand()
                else:
                    self._fate = act.fate
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
        if act.name == "sale.pay" and args.get("type") == "card":
            self._hold(self._fate)
            self._fate = "pays"
        reply = await self._asked(act.name, args)
        if act.name == "card.settle":
            self._hold("pays")  # one that did not say finds its words
        if reply.get("code", "") != act.code:
            raise TradeError(f"{act.name} {args}: {reply.get('code')} {reply.get('message')}")
        return reply

    async def _asked(self, name: str, args: dict[str, Any]) -> Answer:
        """Who is told that the terminal is still at something else tries again."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while True:
            reply = await self.world.command(name, args)
            if reply.get("code", "") not in BUSY or loop.time() > until:
                return reply
            await asyncio.sleep(self.shortest_s)

    def _hold(self, fate: Fate) -> None:
        """What becomes of the card that is held to the terminal now: from the payment's first message on."""
        if self.world.terminal is None:
            return
        terminal = self.world.terminal.terminal
        terminal.behaviour.change(**{name: getattr(USUAL, name) for name in TURNED})

        def watch(moment: Moment, message: int, command: int) -> None:
            if (moment, message, command) == ("heard", 1, PAY):
                terminal.watch = unwatched
                terminal.behaviour.change(**FATES[fate])

        terminal.watch = watch

    async def _paper(self, out: bool) -> None:
        assert self.world.printer is not None
        self.world.printer.control(paper="out" if out else "ok")
        wanted = "error" if out else "ready"
        await self.world.wait("state/dev/printer", lambda d: d["state"] == wanted)
