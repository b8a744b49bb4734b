"""The Merkle tree hash of RFC 6962, kept incrementally: O(log n) memory, about one hash per leaf."""

import hashlib
from collections.abc import Iterable, Sequence


def leaf_hash(line: bytes) -> bytes:
    """Hash of a leaf; ``line`` is the line without padding and newline."""
    return hashlib.sha256(b"\0" + line).digest()


class Frontier:
    """Roots of the perfect subtrees of the first ``size`` leaves, the largest first."""

    __slots__ = ("nodes", "size")

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.nodes = list(nodes)
        if len(self.nodes) != size.bit_count() or any(len(node) != 32 for node in self.nodes):
            raise ValueError(f"{len(self.nodes)} subtrees cannot stand for {size} leaves")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        nodes, size = self.nodes, self.size
        while size & 1:
            leaf = hashlib.sha256(b"\1" + nodes.pop() + leaf).digest()
            size >>= 1
        nodes.append(leaf)
        self.size += 1

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add many leaf hashes: level by level, which is faster than one by one."""
        sha256, level = hashlib.sha256, list(leaves)
        size, added, tops = self.size, self.size + len(level), list[bytes]()
        while level or size:
            if size & 1 and level:  # the left neighbour of the first is a subtree of the frontier
                level.insert(0, self.nodes.pop())
                size -= 1
            elif size & 1:
                tops.append(self.nodes.pop())
            if len(level) & 1:
                tops.append(level.pop())
            pairs = iter(level)
            level = [sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            size >>= 1
        self.nodes, self.size = tops[::-1], added

    def root(self) -> bytes:
        """Merkle tree hash of all leaves so far; of none: SHA-256 of nothing."""
        return root_of(self.nodes)


def root_of(nodes: Iterable[bytes]) -> bytes:
    """Merkle tree hash from the subtrees of a frontier, the largest first."""
    rest = list(nodes)
    if not rest:
        return hashlib.sha256().digest()
    root = rest.pop()
    while rest:
        root = hashlib.sha256(b"\1" + rest.pop() + root).digest()
    return root
