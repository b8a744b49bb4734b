"""The one loop: queue → decide → append → evolve → dispatch.

One queue, one writer of state, no locks. What waits in the queue is decided one after another on the state
as decided so far, and goes to the disk together; nothing of it is shown or done before its line is durable.
If the journal fails, nothing is dispatched any more, who still waits is told so, and the process ends.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from kassd.clock import Clock, unix_ns, utc_text
from kassd.core.carry import carried_state
from kassd.core.codec import encode
from kassd.core.decide import decide, refused
from kassd.core.decision import Decision, Rejected
from kassd.core.evolve import evolve
from kassd.core.facts import ClosingBegan, TillClosed, to_json
from kassd.core.inputs import ClockStepped, CommandReceived, Input, Room, Scanned, Stamp, Tick
from kassd.core.state import State
from kassd.deferred import dataclass, replace
from kassd.errors import JournalError
from kassd.journal import Entry, Journal, JournalFull, LineTooLong
from kassd.ledger import Ledger

log = logging.getLogger(__name__)

BATCH = 32
STEP_S = 3
ROOM_AGAIN_S = 10  # a closing that waits for room
MARGIN = 256 * 1024  # bytes by which what a closing carries may grow while its movements are signed
NS = 1_000_000_000

Replier = Callable[[Mapping[str, Any]], None]


class Hands(Protocol):
    """Whoever does what has been decided. Called in line order, after the line is durable."""

    def prepare(self, decision: Decision, after: State) -> None:
        """There is time, while the disk writes the decision, to make what will be sent and shown of it."""

    def act(self, decision: Decision, before: State, after: State) -> bool:
        """Do what a person waits for at the counter; returns whether there was any of it."""

    def show(self, decision: Decision, before: State, after: State) -> None:
        """Show it, and do the rest."""

    def foresee(self, decision: Decision, now: State) -> None:
        """There is time, while the TSE signs, to make what its answer will change nothing of. ``now`` may be
        later than the decision."""


@dataclass(frozen=True, slots=True)
class Item:
    """One queued input. ``reply`` gets the reply document of a command; ``posted`` monotonic ns."""

    input: Input
    reply: Replier | None = None


@dataclass(frozen=True, slots=True)
class _Decided:
    item: Item
    decision: Decision
    before: State
    after: State
    durable: "asyncio.Future[Any] | None"


class Register:
    """Owns the state. ``post`` from the loop's thread; ``state`` is what is on disk and may be shown;
    ``on_room`` is told when the disk becomes full, or is no longer."""

    def __init__(
        self, journal: Journal, clock: Clock, boot: str, state: State, ledger: Ledger, hands: Hands
    ) -> None:
        self.state = state
        self.ledger = ledger
        self.decisions = 0
        self._journal = journal
        self._clock = clock
        self._boot = boot
        self._hands = hands
        self._ahead = state
        self._queue: asyncio.Queue[Item] = asyncio.Queue()
        self._asking: dict[int, Item] = {}
        self._unforeseen: deque[Decision] = deque()
        self._over = ""
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: int | None = None
        self._offset = clock.wall_ns() - clock.mono()
        self._doubt = ""
        self._room: Room = "ample"
        self._wanted = MARGIN
        self.on_room: Callable[[Room], None] = _unheard

    def post(self, input: Input, reply: Replier | None = None) -> None:
        """Queue an input. ``reply`` is called once: also when the register ends before it has decided."""
        item = Item(input, reply)
        if reply is not None:
            self._asking[id(item)] = item
        self._queue.put_nowait(item)
        if self._over:
            self._give_up(self._over)

    @property
    def waiting(self) -> int:
        """Inputs not yet decided: the watchdog wants this to go down."""
        return self._queue.qsize()

    async def run(self) -> None:
        """Serve for ever. Raises :class:`JournalError` when the journal can no longer be written."""
        try:
            await self._serve()
        except Exception as error:
            self._give_up("journal_failed" if isinstance(error, JournalError) else "internal_error")
            raise

    def _give_up(self, code: str) -> None:
        """Nothing will be decided any more: whoever waits is told ``code``. What was on its way to the disk
        may be there; then the same command gets its reply after the next start."""
        self._over = code
        for item in tuple(self._asking.values()):
            about = item.input.id if isinstance(item.input, CommandReceived) else ""
            self._answer(item, Rejected(code).reply(about, max(self.state.seq, 0)).to_json())

    def _answer(self, item: Item, reply: Mapping[str, Any]) -> None:
        if (asking := self._asking.pop(id(item), None)) is not None and asking.reply is not None:
            asking.reply(reply)

    async def _serve(self) -> None:
        while True:
            items = [await self._queue.get()]
            while len(items) < BATCH and not self._queue.empty():
                items.append(self._queue.get_nowait())
            decided: list[_Decided] = []
            for item in items:
                if isinstance(item.input, CommandReceived) and self._is_repeated(item.input):
                    await self._dispatch(decided)
                    decided = []
                    await self._repeat(item.input, item)
                    continue
                if (step := self._step()) is not None:
                    decided.append(await self._decide(Item(step)))
                decided.append(await self._decide(item))
            await self._dispatch(decided)

    def _step(self) -> ClockStepped | None:
        """Whether the time has jumped since the last decision, or the system clock is believed otherwise."""
        reading = self._clock.look()
        offset = reading.wall - self._clock.mono()
        seconds, turned = round((offset - self._offset) / NS), reading.doubt != self._doubt
        self._offset, self._doubt = offset, reading.doubt
        if abs(seconds) < STEP_S and not turned:
            return None
        return ClockStepped(seconds, reading.doubt != "", round(reading.refused / NS))

    # -- repeated commands ----------------------------------------------------------------------------

    def _is_repeated(self, command: CommandReceived) -> bool:
        if self.ledger.volatile(command.client, command.id) is not None:
            return True
        return bool(self.ledger.lines(command.client, command.id))

    async def _repeat(self, command: CommandReceived, item: Item) -> None:
        """Give the stored reply of a command that has been decided before."""
        stored = self.ledger.volatile(command.client, command.id)
        for seq in self.ledger.lines(command.client, command.id):
            line = await asyncio.to_thread(self._journal.read_line, seq)
            cmd = line.cmd or {}
            if (cmd.get("client"), cmd.get("id")) == (command.client, command.id):
                stored = cmd["reply"]
        if stored is None:  # two commands share a hash: decide this one
            await self._dispatch([await self._decide(item)])
        else:
            self._answer(item, {**stored, "duplicate": True})

    # -- one decision -------------------------------------------------------------------------------

    async def _decide(self, item: Item) -> _Decided:
        before, stamp = self._ahead, await self._stamp()
        try:
            return await self._fitting(item, before, stamp)
        except JournalFull as error:
            log.error("no closing: %s", error)
        return await self._fitting(item, before, replace(stamp, room=self._room_is("lines")))

    async def _fitting(self, item: Item, before: State, stamp: Stamp) -> _Decided:
        """Decide so that it fits a line. Raises :class:`JournalFull`: nothing of it was taken."""
        try:
            return await self._take(item, before, decide(before, item.input, stamp))
        except LineTooLong as error:
            log.warning("deciding %s step by step: %s", type(item.input).__name__, error)
        try:
            return await self._take(item, before, decide(before, item.input, stamp, brief=True))
        except LineTooLong as error:
            log.error("refused %s: %s", type(item.input).__name__, error)
            decision = refused(before, item.input, stamp)
            if not isinstance(item.input, (CommandReceived, Scanned)):  # nobody else is told
                decision = replace(decision, faults=(error,))
            return await self._take(item, before, decision)

    async def _take(self, item: Item, before: State, decision: Decision) -> _Decided:
        """Append what was decided. :class:`LineTooLong`, :class:`JournalFull`: nothing of it was taken."""
        for fault in decision.faults:
            log.error("deciding %s failed in part", type(item.input).__name__, exc_info=fault)
        decision = await self._with_carry(before, decision)
        closes = any(isinstance(fact, TillClosed) for fact in decision.facts)
        after = decision.after if not closes and decision.after is not None else evolve(before, decision)
        durable = None
        if decision.facts or decision.wishes:
            durable = self._append(item, decision, closes)
        elif isinstance(item.input, CommandReceived) and decision.reply is not None:
            self.ledger.answered(item.input.client, item.input.id, decision.reply.to_json())
        self.decisions += 1
        self._ahead = after
        return _Decided(item, decision, before, after, durable)

    # -- room on the disk -----------------------------------------------------------------------------

    async def _stamp(self) -> Stamp:
        """The moment; where the disk was full, it is looked at again before anything is refused for it."""
        if self._room != "ample" or self._journal.ending:
            try:
                await self._journal.reserve(more=self._wanted)
                self._room_is("ample")
            except JournalFull:
                self._room_is("rest" if self._journal.ending else "lines")
        return Stamp(self._journal.next_seq, self._clock.now(), self._clock.mono(), self._room)

    def _room_is(self, room: Room) -> Room:
        if room != self._room:
            self._room = room
            self.on_room(room)
        return room

    async def _with_carry(self, before: State, decision: Decision) -> Decision:
        """Store what goes on over a closing as blobs and name them in its line; where one begins, lay out the
        room for them. Raises :class:`JournalFull`: this is not to be."""
        closing = next((fact for fact in decision.facts if isinstance(fact, TillClosed)), None)
        if closing is None and not any(isinstance(fact, ClosingBegan) for fact in decision.facts):
            return decision
        carried = {**carried_state(evolve(before, decision)), "replies": self.ledger.carry()}
        blobs = {name: _canonical(value) for name, value in carried.items()}
        self._wanted = sum(len(blob) for blob in blobs.values()) + MARGIN
        if closing is None:
            await self._journal.reserve(*blobs.values(), more=MARGIN)
            return decision
        carry = dict(zip(blobs, await self._journal.put_blobs(*blobs.values()), strict=True))
        facts = tuple(replace(closing, carry=carry) if f is closing else f for f in decision.facts)
        return replace(decision, facts=facts)

    def _append(self, item: Item, decision: Decision, closes: bool) -> "asyncio.Future[Any]":
        cmd = None
        if isinstance(item.input, CommandReceived) and decision.reply is not None:
            command = item.input
            cmd = {"client": command.client, "id": command.id, "reply": decision.reply.to_json()}
        entry = Entry(
            at=utc_text(decision.stamp.at),
            mono=decision.stamp.mono,
            boot=self._boot,
            facts=[to_json(fact) for fact in decision.facts],
            wishes=[wish.to_json() for wish in decision.wishes],
            cmd=cmd,
            tse=dict(decision.tse) if decision.tse is not None else None,
            closes=closes,
        )
        durable = self._journal.append(entry)
        self._clock.raise_floor(unix_ns(decision.stamp.at))  # the system clock may be set back
        if closes:
            self.ledger.trim()
        if cmd is not None:
            self.ledger.journalled(cmd["client"], cmd["id"], decision.stamp.seq)
        return durable

    async def _dispatch(self, decided: list[_Decided]) -> None:
        """Wait for the disk, then show and do, in order."""
        for one in decided:
            if one.durable is not None:
                await self._prepare(one)
                await one.durable
            self.state = one.after
            if self._hands.act(one.decision, one.before, one.after):
                await asyncio.sleep(0)  # the TSE and the printer begin before the displays are served
            self._hands.show(one.decision, one.before, one.after)
            if one.decision.reply is not None:
                self._answer(one.item, one.decision.reply.to_json())
            self._asking.pop(id(one.item), None)
        if decided:
            self._wake_at(self._next_wake(decided[-1]))
        self._unforeseen += [one.decision for one in decided if one.decision.wishes]
        while self._unforeseen and self._queue.empty():
            self._hands.foresee(self._unforeseen.popleft(), self.state)

    async def _prepare(self, one: _Decided) -> None:
        """Use the disk's time. The writer goes first: until it has written it needs the interpreter."""
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self._hands.prepare(one.decision, one.after)

    # -- time is a wish -----------------------------------------------------------------------------

    def _next_wake(self, last: _Decided) -> int | None:
        """When the decision asks for it; a closing that waits for room is tried again by and by."""
        wake, procedure = last.decision.wake, last.after.till.procedure
        if self._room == "ample" or procedure is None or procedure.kind != "close":
            return wake
        again = self._clock.mono() + ROOM_AGAIN_S * NS
        return again if wake is None else min(wake, again)

    def _wake_at(self, mono: int | None) -> None:
        if mono == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, mono
        if mono is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, (mono - self._clock.mono()) / NS), self._tick)

    def _tick(self) -> None:
        self._timer, self._timer_at = None, None
        self.post(Tick())


def _unheard(_room: Room) -> None:
    """Nobody shows it."""


def _canonical(value: Any) -> bytes:
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":")).encode()


__all__ = ["Hands", "Item", "JournalError", "Register", "Replier"]
