"""The desk where commands arrive: refused here, put aside, or handed to the register; each gets one reply."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kassd.app.pins import Pins, asked, without_pins
from kassd.clock import Clock
from kassd.core.corrections.found import Found, subject_of
from kassd.core.inputs import CommandReceived
from kassd.mqtt import Received, Window
from kassd.mqtt.commands import CommandFrame, Intake, parse, refusal, wants_reply
from kassd.register import Register

Answer = Callable[[Found | None], None]


class Desk:
    """One per link. A PIN ends here: :meth:`run` compares it beside the register's loop, and what the same
    client sends meanwhile waits behind it, so that a login comes before the first scan. ``hold`` makes
    commands wait (the first start of a register in mode test sets its TSE up, and nobody should be told "no
    TSE" meanwhile); ``release`` lets them go on in their order."""

    def __init__(
        self,
        register: Register,
        window: Window,
        clock: Clock,
        find: Callable[[str, Answer], None],
        pins: Pins | None = None,
    ) -> None:
        """``find`` looks up a receipt or slip that a command names; ``pins`` are those of the operators."""
        self._register = register
        self._find = find
        self._window = window
        self._clock = clock
        self._intake = Intake()
        self._held: list[Callable[[], None]] | None = None
        self._behind: dict[str, list[Callable[[], None]]] = {}  # client → what waits for its command
        self._pins = pins or Pins(())
        self._proving: asyncio.Queue[tuple[Received, CommandFrame, CommandReceived]] = asyncio.Queue()

    def hold(self) -> None:
        """Put commands aside until :meth:`release`."""
        self._held = []

    def release(self) -> None:
        """Hand over what waits, and from now on everything at once."""
        held, self._held = self._held, None
        for hand_over in held or ():
            hand_over()

    def received(self, received: Received) -> None:
        """A message on a command topic."""
        rev = max(self._register.state.seq, 0)
        frame = parse(received, self._window.topics, rev, self._clock.mono())
        if isinstance(frame, dict):
            self._end(received, frame)
        elif not self._intake.admit(received.client):
            self._end(received, refusal(frame.id, "busy", rev))
        elif self._held is not None:
            self._held.append(lambda: self._hand_over(received, frame))
        else:
            self._hand_over(received, frame)

    def _hand_over(self, received: Received, frame: CommandFrame) -> None:
        """Commands of one client are decided in their order, also where one needs a PIN compared or a receipt
        looked up."""
        if frame.client in self._behind:
            self._behind[frame.client].append(lambda: self._hand_over(received, frame))
            return
        args = without_pins(frame.args)
        command = CommandReceived(frame.client, frame.id, frame.name, args, frame.if_rev)
        if asked(frame.args):
            self._behind[frame.client] = []
            self._proving.put_nowait((received, frame, command))
        elif subject := subject_of(frame.args):
            self._behind[frame.client] = []
            self._look_up(received, frame, command, subject)
        else:
            self._decide(received, frame, command)

    async def run(self) -> None:
        """Compare PINs, one command after another."""
        while True:
            received, frame, command = await self._proving.get()
            command = replace(command, proven=await self._pins.prove(frame.args))
            if subject := subject_of(frame.args):
                self._look_up(received, frame, command, subject)
            else:
                self._decide_next(received, frame, command)

    def _look_up(
        self, received: Received, frame: CommandFrame, command: CommandReceived, subject: str
    ) -> None:
        self._find(subject, lambda found: self._decide_next(received, frame, replace(command, found=found)))

    def _decide_next(self, received: Received, frame: CommandFrame, command: CommandReceived) -> None:
        """Decide it, then what has waited behind it."""
        waiting = self._behind.pop(frame.client)
        self._decide(received, frame, command)
        for hand_over in waiting:
            hand_over()

    def _decide(self, received: Received, frame: CommandFrame, command: CommandReceived) -> None:
        def decided(reply: Mapping[str, Any]) -> None:
            self._intake.done(received.client)
            self._end(received, reply)

        if self._clock.mono() >= frame.deadline:
            decided(refusal(frame.id, "expired", max(self._register.state.seq, 0)))
        else:
            self._register.post(command, decided)

    def _end(self, received: Received, reply: Mapping[str, Any]) -> None:
        if wants_reply(received):
            self._window.reply(received.client, reply, received.correlation)
        received.ack()
