"""The sheet of actions of the displays: fresh, complete, and German."""

import json
from typing import Any, Final

import pytest

from kassd.core.arguments import RIGHTS
from kassd.core.commands import COMMANDS
from kassd.mqtt.actions import PAGE, sheet, text
from kassd.mqtt.actions_text import CHOICES, LABELS, SHEET

BY_KEYS: Final = {"sale.abort", "sale.quantity", "sale.void_line", "till.open"}  # the page's own
NOT_BY_A_PERSON_AT_A_DISPLAY: Final = {
    *("accounting.record", "export.record", "notification.record"),  # programs at the register
    *("catalog.put", "catalog.reload"),  # the office, with a file
    "order.send",  # a waiter's own device; here a sale is entered and parked on its table
    "paper.capture",  # what was written by hand, with all of its lines
}
ACTIONS: Final[list[dict[str, Any]]] = [one for group in sheet()["groups"] for one in group["actions"]]


def test_the_file_beside_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "python -m kassd.mqtt.actions"
    assert json.loads(text()) == json.loads(json.dumps(sheet()))


def test_a_person_at_a_display_can_ask_for_everything() -> None:
    on_sheet = {action["command"] for action in ACTIONS}
    assert set(COMMANDS) == on_sheet | BY_KEYS | NOT_BY_A_PERSON_AT_A_DISPLAY
    assert not on_sheet & (BY_KEYS | NOT_BY_A_PERSON_AT_A_DISPLAY)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action["title"])
def test_an_action_is_what_the_command_takes(action: dict[str, Any]) -> None:
    cls = COMMANDS[action["command"]]
    assert action["right"] == cls.right in RIGHTS
    assert action.get("compares", "") == cls.compares
    given = {*action.get("fixed", {}), *(field["name"] for field in action["fields"])}
    assert {name.split(".")[0] for name in given} <= set(cls.__dataclass_fields__)
    needed = {
        name
        for name, field in cls.__dataclass_fields__.items()
        if field.default is field.default_factory  # both missing
    }
    assert needed <= given, "what the command cannot do without"


def test_titles_are_one_of_a_kind_and_every_word_is_used() -> None:
    titles = [action["title"] for action in ACTIONS]
    assert len(titles) == len(set(titles))
    options = {
        value for action in ACTIONS for field in action["fields"] for value, _ in field.get("options", ())
    }
    assert options == set(CHOICES)
    assert {path.split(".")[-1] for _, actions in SHEET for one in actions for path in one.fields} <= set(
        LABELS
    )


def test_kinds_of_fields() -> None:
    fields = {(one["title"], field["name"]): field for one in ACTIONS for field in one["fields"]}
    assert fields["Rabatt", "percent"] == {"name": "percent", "label": "Prozent", "kind": "number"}
    assert fields["Rabatt", "amount"]["kind"] == "money"
    assert fields["Auszahlung", "kind"]["options"][0] == ["transit", "Geldtransit (Tresor, Bank)"]
    assert fields["Auszahlung", "reason"]["required"] is True
    assert fields["Auszahlung", "reason"]["reasons"] == ["Tresor", "Bank", "Einkauf"]
    assert fields["Anmelden", "pin"]["kind"] == "pin"
    assert fields["Rechnung", "lines"]["kind"] == "lines"
    assert fields["Zählen", "count"]["kind"] == "count"
    assert fields["Kasse abschließen", "counts"]["kind"] == "counts"
    assert sheet()["denominations"]["CHF"][-1] == 5
    assert fields["Personal (Sachbezug)", "employee.id"]["label"] == "Nummer"
    assert fields["Gutschein verkaufen", "value"]["required"] is True, "here it cannot be left out"
