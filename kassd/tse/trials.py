"""Which PINs and PUKs a set-up has tried, over all its runs: none that was refused is sent again.

Each refusal is noted right after its answer, and a set-up that is called again is told the notes of before
(``taken``). Only a process that ends between an answer and its note can send a refused secret a second time.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.port import Note

OWN_ADMIN_PIN, OWN_TIME_ADMIN_PIN = "admin_pin_own", "time_admin_pin_own"
T = TypeVar("T")
Attempt = Callable[[], Awaitable[str | None]]
"""Sends a secret; the code of its refusal, ``""`` if it is right, None if the answer tells neither."""


class Trials:
    """The notes of one TSE's set-up, earlier ones and new ones.

    A change of a secret from the factory's to ours is noted as ``change_<secret>`` before it is sent, and
    as ``change_<secret>_again`` after ours was refused: whether it took, only the next answer tells.
    """

    def __init__(self, note: Note, taken: frozenset[str]) -> None:
        self._note = note
        self._before = taken
        self._refused = set(taken)

    def began(self, secret: str) -> bool:
        """Whether an earlier run was about to change this secret."""
        return f"change_{secret}" in self._before

    async def announce(self, secret: str) -> None:
        """Note that the factory's secret is about to be replaced by ours."""
        await self._note(f"change_{secret}" + ("_again" if f"{secret}_own_refused" in self._refused else ""))

    async def once(self, what: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do what sends a secret, unless that was refused before."""
        if f"{what}_refused" in self._refused:
            raise stopped(what)
        try:
            return await work()
        except TseRefused as error:
            if error.code == codes.WRONG_PIN:
                await self._refusal(what)
            raise

    async def ours(self, secret: str, own: Attempt, factory: Attempt) -> bool:
        """Whether our secret is in force (else the factory's is, or was until ``factory`` changed it).

        The likelier one is sent first. Where a change was sent after a refusal of ours, and now the factory's
        is refused, that change has taken: ours is not sent once more to prove it.
        Raises ``TseRefused`` if neither is right, or for any other refusal.
        """
        again = f"change_{secret}_again" in self._before
        if again and f"{secret}_factory_refused" in self._refused:
            raise stopped(secret)  # the answer to that change: neither was right
        unsure = again
        for whose in (
            ("factory",) if again else ("own", "factory") if self.began(secret) else ("factory", "own")
        ):
            what = f"{secret}_{whose}" + ("_since" if again else "")
            if f"{what}_refused" in self._refused:
                continue
            code = await (own if whose == "own" else factory)()
            if code == "":
                return whose == "own"
            if code is None:
                unsure = True
            elif code == codes.WRONG_PIN:
                await self._refusal(what)
            else:
                raise refused(code)
        if not unsure:
            raise stopped(secret)
        return True  # the factory's was refused, ours was not

    async def _refusal(self, what: str) -> None:
        self._refused.add(f"{what}_refused")
        await self._note(f"{what}_refused")


def stopped(what: str) -> TseRefused:
    """Nothing is left to try."""
    return refused(
        codes.WRONG_PIN,
        f"{what}: Abgelehntes wird nicht noch einmal gesendet; bitte eine andere TSE einsetzen",
    )
