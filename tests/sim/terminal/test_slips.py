"""The simulated receipts: as wide as the register's paper, in lines and in blocks alike."""

from datetime import datetime

import pytest

from kassd.devices.terminal.zvt.receipt import SlipCollector
from kassd.sim.terminal.behaviour import CARDS
from kassd.sim.terminal.memory import Transaction
from kassd.sim.terminal.slips import BLOCK_LINES, as_blocks, as_lines, closing_slip, transaction_slips

NOW = datetime(2026, 11, 22, 10, 15)
PAID = Transaction("payment", 470, 471, 2040, "girocard")


@pytest.mark.parametrize("columns", [24, 32, 42])
def test_no_line_is_wider_than_the_paper(columns: int) -> None:
    slips = transaction_slips(PAID, CARDS["girocard"], "30010207", NOW, columns, "GENEHMIGT")
    slips += closing_slip([("girocard", 3, 2040), ("Gesamt", 3, -2040)], "30010207", NOW, columns)
    assert all(len(line) <= columns for _, lines in slips for line in lines)
    assert any("0470" in line for line in slips[0][1])
    assert slips[2][1][-1].endswith("-20,40")


@pytest.mark.parametrize("charset", ["cp437", "iso8859-15", "utf-8"])
def test_lines_and_blocks_carry_the_same(charset: str) -> None:
    slips = [("merchant", [f"Zeile {n} für Händler" for n in range(BLOCK_LINES + 5)]), ("customer", ["Ende"])]
    found = []
    for apdus in (as_lines(slips, charset, kinds=True), as_blocks(slips, charset)):
        collector = SlipCollector(charset)
        found.append([slip for apdu in apdus for slip in collector.take(apdu)] + collector.finish())
    assert found[0] == found[1]
    assert [(slip.kind, [line.text for line in slip.lines]) for slip in found[0]] == slips
