"""Orders to the simulated terminal, from code, JSON and the command line."""

from dataclasses import fields
from pathlib import Path

import pytest

from kassd.cli.main import TERMINAL_CARDS
from kassd.sim.terminal.behaviour import CARDS, KINDS, Behaviour, Fault, fault_of


def test_changes() -> None:
    behaviour = Behaviour()
    behaviour.change(card="visa", limit=500, faults=[{"kind": "cut_before", "message": 3}])
    assert (behaviour.card, behaviour.limit, behaviour.faults) == ("visa", 500, [Fault("cut_before", 3)])
    behaviour.change(model="hobex")
    assert behaviour.quirks.prints == (0x06D3,)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"colour": "red"}, "colour: expected one of busy, card"),
        ({"card": "gold"}, "girocard"),
        ({"model": "absent"}, "table of quirks"),
        ({"orphans": "burn"}, "reverse, keep, book"),
        ({"ends": "well"}, "abort, decline, twice"),
        ({"tells": "lies"}, "long, bare, unread"),
        ({"hangs_up": "never"}, "command, payment"),
        ({"faults": [{"kind": "fire", "message": 1}]}, "cut_before"),
        ({"faults": [{"at": 1}]}, "faults: "),
        ({"faults": ["cut_before@1"]}, "faults: "),
        ({"faults": 1}, "faults: expected a list"),
        ({"faults": None}, "faults: expected a list"),
        ({"faults": [{"kind": [], "message": 1}]}, "cut_before"),
        ({"faults": [{"kind": "silence", "message": 0}]}, "message: expected a whole number from 1"),
        ({"faults": [{"kind": "silence", "message": "1"}]}, "message: "),
        ({"faults": [{"kind": "silence", "message": 1, "command": "0601"}]}, "command: "),
        ({"faults": [{"kind": "slow", "message": 1, "seconds": -1}]}, "seconds: "),
        ({"result": "a"}, "result: expected a whole number from 0 to 255"),
        ({"result": 256}, "result: "),
        ({"result": True}, "result: "),
        ({"status": "51"}, "status: expected a whole number from 0 to 255"),
        ({"limit": -1}, "limit: "),
        ({"tip": 1.5}, "tip: "),
        ({"mute": None}, "mute: "),
        ({"delay_s": -1}, "delay_s: expected seconds"),
        ({"delay_s": float("nan")}, "delay_s: "),
        ({"delay_s": 10**400}, "delay_s: "),
        ({"delay_s": "1"}, "delay_s: "),
        ({"busy": "no"}, "busy: expected true or false"),
        ({"card": []}, "card: "),
        ({"ends": {}}, "ends: "),
        ({"model": 1}, "model: "),
        ({"password": 123456}, "password: "),
        ({"self": 1}, "self: expected one of"),
    ],
)
def test_orders_that_mean_nothing(values: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Behaviour().change(**values)


def test_of_an_order_that_means_nothing_in_part_nothing_is_done() -> None:
    behaviour = Behaviour()
    with pytest.raises(ValueError, match="tip"):
        behaviour.change(card="visa", tip="a")
    assert behaviour == Behaviour()


def test_a_fault_happens_once_and_where_it_is_ordered() -> None:
    first, other = Fault("cut_after", 2), Fault("silence", 2, command=0x0630)
    behaviour = Behaviour(faults=[other, first])
    assert behaviour.take(1, 0x0601) is None
    assert behaviour.take(2, 0x0601) is first
    assert behaviour.take(2, 0x0601) is None
    assert behaviour.take(2, 0x0630) is other


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("cut-before@5", Fault("cut_before", 5)),
        ("slow@3:2.5", Fault("slow", 3, seconds=2.5)),
        ("wrong_length@1", Fault("wrong_length", 1)),
    ],
)
def test_faults_on_the_command_line(text: str, fault: Fault) -> None:
    assert fault_of(text) == fault


@pytest.mark.parametrize(
    "text",
    ["cut", "cut-before", "cut-before@x", "fire@1", "slow@1:soon", "cut-before@0", "slow@1:-1", "cut@²"],
)
def test_faults_that_mean_nothing(text: str) -> None:
    with pytest.raises(ValueError):
        fault_of(text)


def test_the_command_line_knows_the_cards() -> None:
    assert tuple(CARDS) == TERMINAL_CARDS


def test_every_order_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "devices.md").read_text(encoding="utf-8")
    assert all(f"| `{item.name}` |" in page for item in fields(Behaviour))
    assert all(f"`{kind}`" in page for kind in KINDS)
