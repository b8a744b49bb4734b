"""ULIDs, the ids of commands: 48 bits of Unix milliseconds and 80 random bits in Crockford's base 32."""

import secrets

from kassd.clock import Clock

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid() -> str:
    """A new one, 26 characters."""
    value = Clock().wall_ns() // 1_000_000 << 80 | secrets.randbits(80)
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))
