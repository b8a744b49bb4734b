"""PINs: hashed with scrypt, compared in a thread before a command is decided.

A PIN has few digits: the hash only makes guessing slow, the register blocks an operator after five wrong
ones (:mod:`kassd.core.people.access`). No PIN goes further than this module.
"""

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from typing import Any

COST, BLOCK, PARALLEL = 14, 8, 1  # 2**14 · 8 · 128 bytes = 16 MiB; about 0.1 s on a Raspberry Pi
MIN_DIGITS = 4


def hash_pin(pin: str) -> str:
    """``scrypt$ln$r$p$salt$hash``; raises ValueError with a German sentence for a PIN nobody should have."""
    if len(pin) < MIN_DIGITS:
        raise ValueError(f"Die PIN braucht mindestens {MIN_DIGITS} Zeichen.")
    if len(set(pin)) == 1 or pin in "01234567890" or pin in "09876543210":
        raise ValueError("Diese PIN errät jeder (gleiche oder fortlaufende Ziffern).")
    salt = os.urandom(16)
    digest = _derive(pin, salt, COST, BLOCK, PARALLEL)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${_text(salt)}${_text(digest)}"


def is_pin(pin: str, stored: str) -> bool:
    """Whether ``pin`` is the one of a stored hash; takes as long either way."""
    _, cost, block, parallel, salt, known = stored.split("$")
    found = _derive(pin, base64.b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, base64.b64decode(known))


def _derive(pin: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    n = 1 << cost
    return hashlib.scrypt(pin.encode(), salt=salt, n=n, r=block, p=parallel, maxmem=256 * n * block, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Pins:
    """The operators' stored hashes. One comparison at a time: guessing must not fill the processor."""

    def __init__(self, stored: Iterable[tuple[str, str]]) -> None:
        self._stored = dict(stored)
        self._nobody = next(iter(self._stored.values()), "")
        self._turn = asyncio.Lock()

    async def prove(self, args: Mapping[str, Any]) -> tuple[str, ...]:
        """Which operators have shown their right PIN in a command's arguments; an unknown name takes as
        long."""
        proven = []
        async with self._turn:
            for name, pin in asked(args):
                stored = self._stored.get(name, self._nobody)
                fits = bool(stored) and await asyncio.to_thread(is_pin, pin, stored)
                if fits and name in self._stored:
                    proven.append(name)
        return tuple(proven)


def asked(args: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(operator, PIN) of a login and of an approval, as far as they are there and are texts."""
    approval = args.get("approval")
    places = (args, approval if isinstance(approval, dict) else {})
    pairs = [(place.get("operator"), place.get("pin")) for place in places]
    return [(name, pin) for name, pin in pairs if isinstance(name, str) and isinstance(pin, str)]


def without_pins(args: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments as they may be decided and remembered."""
    clean = {key: value for key, value in args.items() if key != "pin"}
    if isinstance(clean.get("approval"), dict):
        clean["approval"] = {key: value for key, value in clean["approval"].items() if key != "pin"}
    return clean
