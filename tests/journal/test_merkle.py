import hashlib

import pytest

from kassd.journal.merkle import Frontier, leaf_hash, root_of


def reference(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it is written."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + reference(leaves[:k]) + reference(leaves[k:])).digest()


def test_every_size_equals_the_definition() -> None:
    leaves, frontier = [], Frontier()
    for number in range(130):
        assert frontier.root() == reference(leaves)
        assert Frontier(frontier.size, frontier.nodes).root() == root_of(frontier.nodes)
        leaves.append(b"line %d" % number)
        frontier.append(leaf_hash(leaves[-1]))


def test_known_answers_of_certificate_transparency() -> None:
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf_hash(bytes.fromhex(leaf)))
    assert frontier.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_a_frontier_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="subtrees"):
        Frontier(3, [bytes(32)])
    with pytest.raises(ValueError, match="subtrees"):
        Frontier(1, [b"short"])


def test_extend_is_append_many_times() -> None:
    leaves = [hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(130)]
    for begin in range(0, 70, 3):
        for end in range(begin, 130, 7):
            one_by_one, at_once = Frontier(), Frontier()
            for leaf in leaves[:end]:
                one_by_one.append(leaf)
            at_once.extend(leaves[:begin])
            at_once.extend(leaves[begin:end])
            assert (at_once.size, at_once.nodes) == (one_by_one.size, one_by_one.nodes)
