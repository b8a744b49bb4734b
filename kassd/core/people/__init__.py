"""Who works at the register: operators with roles, a second person's approval, locking, shifts, places.

An operator's PIN is never seen here: whoever receives a command compares it and says whose PIN was right
(:attr:`kassd.core.inputs.CommandReceived.proven`).
"""

from kassd.core.people.args import COMMANDS

__all__ = ["COMMANDS"]
