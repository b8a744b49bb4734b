"""Which commands have been answered: the same (client, id) again gets its first reply (DESIGN §6).

A journalled reply is remembered as 16 bytes (a hash and the line's seq) and read back from the journal when
it is asked for: a long day with tens of thousands of commands costs no memory worth speaking of. Replies
that changed nothing live in memory only.
"""

import hashlib
from array import array
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

KEEP = 4096
KEEP_VOLATILE = 1024


def _hash(client: str, command_id: str) -> int:
    digest = hashlib.blake2b(f"{client}\0{command_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


class Ledger:
    """Journalled replies since the last closing, at least the last 4,096; and the newest volatile ones."""

    def __init__(self, carried: Iterable[tuple[int, int]] = ()) -> None:
        self._keys = array("Q")
        self._seqs: array[int] = array("Q")
        self._volatile: OrderedDict[tuple[str, str], Mapping[str, Any]] = OrderedDict()
        for key, seq in sorted(carried):
            self._keys.append(key)
            self._seqs.append(seq)

    def journalled(self, client: str, command_id: str, seq: int) -> None:
        """The reply to this command stands in line ``seq``."""
        key = _hash(client, command_id)
        at = bisect_left(self._keys, key)
        insort(self._keys, key)
        self._seqs.insert(at, seq)

    def answered(self, client: str, command_id: str, reply: Mapping[str, Any]) -> None:
        """This command changed nothing; its reply is remembered in memory."""
        self._volatile[client, command_id] = reply
        while len(self._volatile) > KEEP_VOLATILE:
            self._volatile.popitem(last=False)

    def volatile(self, client: str, command_id: str) -> Mapping[str, Any] | None:
        """The remembered reply of a command that changed nothing."""
        return self._volatile.get((client, command_id))

    def lines(self, client: str, command_id: str) -> tuple[int, ...]:
        """Lines that may hold the reply; the caller compares client and id there."""
        key = _hash(client, command_id)
        at = bisect_left(self._keys, key)
        found = []
        while at < len(self._keys) and self._keys[at] == key:
            found.append(self._seqs[at])
            at += 1
        return tuple(found)

    def carry(self) -> list[tuple[int, int]]:
        """The newest 4,096 (hash, seq): what a closing carries over."""
        newest = sorted(zip(self._seqs, self._keys, strict=True), reverse=True)[:KEEP]
        return [(key, seq) for seq, key in newest]

    def trim(self) -> None:
        """After a closing: forget all but what it carried."""
        kept = sorted(self.carry())
        self._keys = array("Q", [key for key, _ in kept])
        self._seqs = array("Q", [seq for _, seq in kept])

    def __len__(self) -> int:
        return len(self._keys)
