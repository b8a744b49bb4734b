"""What the simulated terminal remembers, also without power."""

from pathlib import Path

from kassd.sim.terminal.memory import NUMBER_MAX, Memory, load, save
from kassd.sim.terminal.totals import day_lines, day_totals


def paid(memory: Memory, amount: int, card: str = "girocard") -> None:
    memory.store(memory.begin("payment", amount, card))


def test_it_is_the_same_after_a_power_cut(tmp_path: Path) -> None:
    file = tmp_path / "terminal.json"
    assert load(file) == Memory()
    memory = Memory(config=0xBE)
    paid(memory, 100)
    memory.drop(memory.begin("payment", 200, "visa"))
    save(memory, file)
    assert load(file) == memory
    assert load(file).charged == 100


def test_receipt_numbers_have_four_digits() -> None:
    memory = Memory(receipt=NUMBER_MAX)
    assert memory.begin("payment", 1, "visa").receipt == 1


def test_the_newest_of_two_with_the_same_number() -> None:
    memory = Memory()
    paid(memory, 100)
    memory.receipt = 0
    paid(memory, 200)
    found = memory.find(1)
    assert found is not None
    assert found.amount == 200
    assert memory.find(2) is None


def test_sums() -> None:
    memory = Memory()
    for amount, card in ((100, "girocard"), (50, "maestro"), (25, "amex")):
        paid(memory, amount, card)
    memory.store(memory.begin("refund", 30, "girocard"))
    memory.drop(memory.begin("payment", 999, "visa"))
    totals = day_totals(memory)
    assert (totals.first, totals.last, totals.amount) == ("0001", "0004", 145)
    assert day_lines(memory) == [("girocard", 2, 70), ("amex", 1, 25), ("other", 1, 50), ("Gesamt", 4, 145)]
