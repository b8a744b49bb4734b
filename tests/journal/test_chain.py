import hashlib

from kassd.journal.chain import SEAL_RESERVE, Chain, padded
from kassd.journal.line import MAX_LINE, chain, genesis, parse_line, split_line
from kassd.journal.merkle import Frontier, leaf_hash

from .helpers import SMALL, Ticker, entry


def begun(align: int = 4096, capacity: int = SMALL) -> Chain:
    return Chain(0, genesis("K"), Frontier(), capacity, align)


def test_each_line_follows_the_one_before() -> None:
    one = begun()
    h, frontier = genesis("K"), Frontier()
    for seq in range(5):
        pending = one.add(entry(seq))
        body, said = split_line(pending.raw)
        h = chain(h, body)
        frontier.append(leaf_hash(pending.raw))
        assert (said, pending.line, list(pending.nodes)) == (h, parse_line(pending.raw), frontier.nodes)
    assert (one.seq, one.h) == (5, h)


def test_a_seal_describes_its_segment_and_begins_the_next() -> None:
    one = begun()
    raws = [one.add(entry(n)).raw for n in range(3)]
    nodes = [node.hex() for node in one.frontier.nodes]
    seal = one.seal(*Ticker()(), closes=True, capacity=SMALL)
    content = hashlib.sha256(b"".join(raw + b"\n" for raw in raws)).hexdigest()
    wanted = {"first": 0, "last": 2, "count": 3, "sha256": content, "closes": True, "tree": nodes}
    assert seal.line.facts == [{"kind": "journal.sealed", "data": wanted}]
    assert (one.first, one.used, one.seq) == (4, 0, 4)


def test_closing_and_full_segments_are_sealed_at_once() -> None:
    one, now = begun(), Ticker()
    assert [p.seals for p in one.extend(entry(1), now, SMALL)] == [False]
    assert [p.seals for p in one.extend(entry(2, closes=True), now, SMALL)] == [False, True]
    count = 1
    while len(one.extend(entry(3), now, SMALL)) == 1:
        count += 1
    assert count == (SMALL - MAX_LINE - SEAL_RESERVE) // 4096 + 1


def test_there_is_always_room_for_the_largest_line_and_a_seal() -> None:
    for align in (0, 4096, 16384):
        one, now, used = begun(align), Ticker(), 0
        for number in range(60):
            rows = one.extend(entry(number, size=20_000 if number % 3 == 0 else 10), now, SMALL)
            used += sum(padded(len(p.raw) + 1, align) for p in rows)
            assert used <= SMALL
            used = 0 if rows[-1].seals else used


def test_a_seal_fits_its_reserve_even_in_a_tree_of_any_size() -> None:
    size = 2**40 - 1
    one = Chain(size, genesis("K"), Frontier(size, [bytes(32)] * 40), SMALL, 4096, first=size - 5)
    assert len(one.seal(*Ticker()(), closes=True, capacity=SMALL).raw) < SEAL_RESERVE
