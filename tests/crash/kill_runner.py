"""The register, which ends itself by SIGKILL where it is told: ``python -m kill_runner --config FILE run``.

The environment's ``KILL_ORDER`` names a file; while it says ``before <step>`` or ``after <step>``, the
process dies the first time it gets there. Steps and the moments they stand for:

    step              | before                                  | after
    ------------------+-----------------------------------------+---------------------------------------
    first item        | its line is not written                 | its line is durable, nothing else done
    start sent        | the driver is not called                | it is called and has not answered
    start answered    | the TSE has acted, nobody knows         | the line that says so is durable
    tender            | the payment's command has arrived       | it lies in the register's queue
    payment line      | it is not written                       | it is durable, nothing else done
    finish sent       | the driver is not called                | it is called and has not answered
    signed but unread | the TSE has acted, nobody knows         | the answer is read, in memory only
    answer journalled | the line is not written                 | it is durable, nothing else done
    print sent        | ``print.sending`` is durable            | some bytes have left, the rest never will
    printed           | it lies on paper, nobody knows          | the line that says so is durable
    drawer            | the kick is wished and not begun        | the pulse is given, nobody knows
    card …            | the line is not written                 | it is durable, nothing else done
    reply             | nothing is sent                         | the broker has it
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, cast

from kassd import settings
from kassd.app import Seams, run
from kassd.app.logs import set_up
from kassd.app.seams import Heard
from kassd.devices.port import Drawer, Printer
from kassd.devices.printer import driver
from kassd.devices.printer.status import PROCESS_ID_HEAD
from kassd.devices.printer.transport import Transport
from kassd.journal import Entry, Journal
from kassd.mqtt import Received, Window
from kassd.tse.port import Signed, Tse

STEPS = (
    "first item",
    "start sent",
    "start answered",
    "tender",
    "payment line",
    "finish sent",
    "signed but unread",
    "answer journalled",
    "print sent",
    "printed",
    "drawer",
    "reply",
)
# Steps of a payment at a card terminal, where there is one.
CARD_STEPS = ("card asked", "card approved", "card ended")
MOMENTS = tuple(f"{when} {step}" for step in STEPS for when in ("before", "after"))
CARD_MOMENTS = tuple(f"{when} {step}" for step in CARD_STEPS for when in ("before", "after"))
FACTS = {
    "sale.opened": "first item",
    "tse.started": "start answered",
    "sale.payment_added": "payment line",
    "tse.finished": "answer journalled",
    "print.done": "printed",
    "card.asked": "card asked",
    "card.approved": "card approved",
    "card.ended": "card ended",
}
ONLY_AFTER = ("start answered", "printed")  # the other half of these is seen elsewhere
KICK = b"\x1bp"
SMALLEST_SLIP = 200  # bytes; questions and kicks are shorter
TORN = 500  # bytes of a slip: some lines below its heading


class Bomb:
    """Goes off at the moment that the order names."""

    def __init__(self, order: Path) -> None:
        self._order = order

    def is_set(self, moment: str) -> bool:
        assert moment in (*MOMENTS, *CARD_MOMENTS), moment
        return self._order.exists() and self._order.read_text() == moment

    def at(self, moment: str) -> None:
        if self.is_set(moment):
            os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """Does all that the real part does."""

    def __init__(self, inner: Any, bomb: Bomb) -> None:
        self.inner, self.bomb = inner, bomb

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class WatchedJournal(Watched):
    def append(self, entry: Entry) -> "asyncio.Future[Any]":
        steps = [FACTS[fact["kind"]] for fact in entry.facts if fact["kind"] in FACTS]
        for step in steps:
            if step not in ONLY_AFTER:
                self.bomb.at(f"before {step}")
        future = self.inner.append(entry)
        future.add_done_callback(lambda _: [self.bomb.at(f"after {step}") for step in steps])
        return cast("asyncio.Future[Any]", future)


class WatchedTse(Watched):
    async def start(self, *args: Any) -> Signed:
        signed = await self._sent("start sent", self.inner.start, *args)
        self.bomb.at("before start answered")
        return signed

    async def finish(self, *args: Any) -> Signed:
        signed = await self._sent("finish sent", self.inner.finish, *args)
        self.bomb.at("before signed but unread")
        if self.bomb.is_set("after signed but unread"):
            asyncio.get_running_loop().call_soon(self.bomb.at, "after signed but unread")
        return signed

    async def _sent(self, step: str, call: Callable[..., Coroutine[Any, Any, Signed]], *args: Any) -> Signed:
        self.bomb.at(f"before {step}")
        running = asyncio.ensure_future(call(*args))
        if self.bomb.is_set(f"after {step}"):
            await asyncio.sleep(0.002)  # somewhere in the middle of the device's work
            self.bomb.at(f"after {step}")
        return await running


class WatchedPrinter(Watched):
    def send(self, job: str, data: bytes) -> None:
        self.bomb.at("before print sent")
        self.inner.send(job, data)


class WatchedDrawer(Watched):
    def kick(self, job: str) -> None:
        self.bomb.at("before drawer")
        self.inner.kick(job)


class WatchedTransport(Watched):
    """The bytes to and from the printer: no seam of the register's reaches them."""

    def write(self, data: memoryview) -> int:
        if len(data) > SMALLEST_SLIP and self.bomb.is_set("after print sent"):
            self.inner.write(data[:TORN])
            self.bomb.at("after print sent")
        taken = self.inner.write(data)
        if bytes(data[: len(KICK)]) == KICK:
            self.bomb.at("after drawer")
        return cast(int, taken)

    def read(self) -> bytes | None:
        data = self.inner.read()
        if data is not None and PROCESS_ID_HEAD in data:
            self.bomb.at("before printed")
        return cast("bytes | None", data)


class WatchedWindow(Watched):
    def reply(self, client: str, payload: Mapping[str, Any], correlation: bytes | None = None) -> bool:
        self.bomb.at("before reply")
        sent = self.inner.reply(client, payload, correlation)
        if self.bomb.is_set("after reply"):
            self._task = asyncio.ensure_future(self._taken())
        return cast(bool, sent)

    async def _taken(self) -> None:
        while self.inner.waiting:
            await asyncio.sleep(0.001)
        self.bomb.at("after reply")


def watched_ear(hear: Heard, bomb: Bomb) -> Heard:
    def heard(received: Received) -> None:
        bomb.at("before tender")
        hear(received)
        bomb.at("after tender")

    return heard


def seams(bomb: Bomb) -> Seams:
    def wrap(cls: type[Watched]) -> Callable[[Any], Any]:
        return lambda part: cls(part, bomb)

    return Seams(
        journal=cast("Callable[[Journal], Journal]", wrap(WatchedJournal)),
        tse=cast("Callable[[Tse], Tse]", wrap(WatchedTse)),
        printer=cast("Callable[[Printer], Printer]", wrap(WatchedPrinter)),
        drawer=cast("Callable[[Drawer], Drawer]", wrap(WatchedDrawer)),
        window=cast("Callable[[Window], Window]", wrap(WatchedWindow)),
        heard=lambda hear: watched_ear(hear, bomb),
    )


def main(config: Path, order: Path) -> int:
    bomb, connect = Bomb(order), driver.connect

    async def watched_connect(printer: Any) -> Transport:
        return cast(Transport, WatchedTransport(await connect(printer), bomb))

    driver.connect = watched_connect
    set_up(logging.INFO)
    return asyncio.run(run(settings.load(config), seams(bomb)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[sys.argv.index("--config") + 1]), Path(os.environ["KILL_ORDER"])))
