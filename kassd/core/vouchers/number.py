"""Numbers of vouchers: unguessable, readable aloud, with a check character.

``GS`` (configurable), ten characters with 50 bits of a SHA-256, one check character. Hashed are register,
epoch, journal line and the line's two clocks, to the microsecond and the nanosecond: nobody outside knows
the latter, and the line makes the number unique. The alphabet is Crockford's Base32, without I, L, O, U.
"""

import hashlib

from kassd.core.decision import Draft
from kassd.core.master import register_id

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
PRIME = 31


def check_character(body: str) -> str:
    """One character that a wrong or swapped one changes."""
    total = 0
    for character in body:
        total = (total * 2 + ALPHABET.index(character)) % PRIME
    return ALPHABET[total]


def new_number(d: Draft) -> str:
    """A number that no other voucher of this register has."""
    clocks = f"{d.stamp.at.isoformat()}|{d.stamp.mono}"
    seed = f"{register_id(d.state.config)}|{d.state.epoch}|{d.stamp.seq}|{len(d.facts)}|{clocks}"
    bits = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    body = "".join(ALPHABET[(bits >> 5 * place) & 31] for place in range(LENGTH))
    return f"{prefix(d)}{body}{check_character(body)}"


def prefix(d: Draft) -> str:
    """What own numbers begin with."""
    return str(d.state.config.get("vouchers.prefix") or "GS")


def misread(d: Draft, number: str) -> bool:
    """Whether ``number`` looks like an own one and cannot be one."""
    body = number.removeprefix(prefix(d))
    if body == number or len(body) != LENGTH + 1 or any(c not in ALPHABET for c in body):
        return False
    return check_character(body[:-1]) != body[-1]
