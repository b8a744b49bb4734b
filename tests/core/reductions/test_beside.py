"""Goods that a voucher or a down payment has settled stay so when other goods move a cent of a reduction."""

from random import Random

import pytest

from kassd.core.reductions.beside import spare_settled
from tests.core.goods.shop import lines, sell, shop
from tests.core.playbook import Playbook, add, cash, command

KEYS = (1, 2, 6)
A, B, C = (1, 0), (2, 0), (6, 0)


def with_voucher() -> Playbook:
    book = shop()
    book >> command("voucher.sell", kind="single", value=90_000, vat=1, text="Getränke", code="GS-1")
    (book >> cash()).done()
    return book


def sums(book: Playbook) -> dict[int, int]:
    found: dict[int, int] = {}
    for line in book.current().lines:
        for share in line.by_vat():
            found[share.vat] = found.get(share.vat, 0) + share.amount
    return found


def test_the_cent_goes_to_the_others() -> None:
    book = with_voucher() >> add("Saft", 94, vat=1) >> add("Heft", 500, vat=6)
    (book >> command("sale.discount", percent="10", reason="Fest")).says("ok")
    (book >> command("sale.pay", type="voucher", code="GS-1")).says("accepted")
    assert sums(book) == {1: 0, 6: 450}
    (book >> add("Kerze", 1, vat=6)).says("ok")
    assert (sums(book), book.current().total) == ({1: 0, 6: 450}, 450), "595 less 60: 10 % of 94 are 9 here"
    (book >> add("Kerze", 2, vat=2)).says("ok")
    assert (sums(book), book.current().total) == ({1: 0, 2: 2, 6: 450}, 452)
    (book >> command("sale.void_line", line=5)).says("ok")
    assert sums(book)[1] == 94 - 10, "nothing is settled any more: largest remainder alone"
    book >> command("sale.pay", type="voucher", code="GS-1")
    (book >> cash()).says("accepted").done()
    assert book.receipt().document.total == 597 - 60 - 84


def test_so_it_is_beside_a_down_payment() -> None:
    book = shop()
    book >> command("downpayment.take", customer="W", what="Torte", amount=500, vat=1)
    number = book.replies[-1]["result"]["number"]
    (book >> cash()).done()
    book >> add("Torte", 94, vat=1) >> add("Heft", 500, vat=6)
    book >> command("sale.discount", percent="10", reason="Fest")
    (book >> command("downpayment.release", number=number)).says("ok")
    (book >> add("Kerze", 1, vat=6)).says("ok")
    assert sums(book) == {1: 0, 6: 450}


@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_is_bought_beside_them_is_refused(seed: int) -> None:
    random, book = Random(seed), with_voucher()
    for _ in range(12):
        for _ in range(random.randint(2, 4)):
            book >> add("X", random.randint(1, random.choice([20, 600])), vat=random.choice(KEYS))
        book >> sell("menue") >> add("X", random.randint(1, 99), vat=2)
        for _ in range(random.randint(1, 3)):
            of = {"percent": f"{random.randint(1, 6000) / 100:.2f}"}
            given = random.choice([of, of, {"amount": random.randint(1, 90)}])
            (book >> command("sale.discount", reason="Fest", **given)).says("ok")
        (book >> command("sale.pay", type="voucher", code="GS-1")).says("accepted")
        assert sums(book)[1] == 0
        for _ in range(random.randint(1, 4)):
            (book >> add("X", random.randint(1, 200), vat=random.choice(KEYS))).says("ok")
            assert min(sums(book).values()) >= 0
        (book >> command("sale.abort")).says("accepted")
        book.done()


def test_more_than_a_cent_is_asked_of_a_person() -> None:
    book = with_voucher() >> add("Saft", 400, vat=1) >> add("Heft", 500, vat=6)
    (book >> command("sale.pay", type="voucher", code="GS-1")).says("accepted")
    before = lines(book)
    (book >> command("sale.discount", percent="10", reason="Fest")).says("settled_first")
    assert lines(book) == before


@pytest.mark.parametrize(
    ("parts", "room", "spared"),
    [
        ({A: 10, B: 5}, {}, {A: 10, B: 5}),
        ({A: 10, B: 5}, {1: 10}, {A: 10, B: 5}),
        ({A: 10, B: 5}, {1: 9}, {A: 9, B: 6}),
        ({A: 10, B: 5, C: 50}, {1: 8}, {A: 8, B: 7, C: 50}),
        ({A: 10, B: 5}, {1: 7}, {A: 10, B: 5}),
        ({A: 10, B: 5}, {1: 9, 2: 5}, {A: 10, B: 5}),
        ({A: 10, B: 5, C: 50}, {1: 9, 2: 4}, {A: 9, B: 4, C: 52}),
        ({A: 10, B: 99, C: 99}, {1: 8}, {A: 8, B: 100, C: 100}),
        ({(1, 3): 10, B: 5}, {1: 9}, {(1, 3): 10, B: 5}),
    ],
)
def test_parts_that_have_no_room(
    parts: dict[tuple[int, int], int], room: dict[int, int], spared: dict[tuple[int, int], int]
) -> None:
    bases = dict.fromkeys(parts, 100)
    total = sum(parts.values())
    spare_settled(parts, bases, room, 2)
    assert parts == spared
    assert sum(parts.values()) == total
