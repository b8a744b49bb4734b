"""The texts say what the product does: every command, right, program and fact that they name is there."""

import re

import pytest

from kassd.cli.main import parser
from kassd.core.barcodes.control import CONTROL
from kassd.core.codes import CODES
from kassd.core.commands import COMMANDS
from kassd.core.facts import KINDS
from kassd.core.people.rights import ROLES
from tests.fiscal.documents.conftest import Shop, Written

JOURNAL = {"journal.created", "journal.sealed", "journal.gap", "journal.key_changed", "journal.tail_repaired"}
FILES = {
    *(
        "cashpointclosing",
        "location",
        "cashregister",
        "slaves",
        "pa",
        "tse",
        "vat",
        "businesscases",
        "payment",
    ),
    *("cash_per_currency", "transactions", "transactions_vat", "datapayment", "references", "lines"),
    *("allocation_groups", "transactions_tse", "lines_vat", "itemamounts", "subitems"),
}


def test_the_manual_has_every_command_with_its_right(bakery: Shop) -> None:
    text = bakery.texts["manual"]
    named = dict(re.findall(r"^\|.*\| `(\w+\.\w+)` \| (.*) \|$", text, re.MULTILINE))
    assert set(re.findall(r"`(\w+\.\w+)`", text)) >= set(COMMANDS)
    for name, rights in named.items():
        assert f"`{COMMANDS[name].right}`" in rights, name
    for name in set(COMMANDS) - set(named):  # in running text
        assert re.search(rf"`{re.escape(name)}`[^`]*Recht `{COMMANDS[name].right}`", text), name


def test_every_program_that_is_named_is_there(bakery: Shop) -> None:
    groups = next(a.choices for a in parser()._actions if isinstance(a.choices, dict))
    assert groups is not None
    for name, text in bakery.texts.items():
        for words in re.findall(r"`kassd ([a-z][^`]+)`", text):
            first, *rest = words.split()
            assert first in groups, f"{name}: kassd {words}"
            choices = {c for a in groups[first]._actions for c in a.choices or ()}
            assert set(rest[:1]) <= choices, f"{name}: kassd {words}"


def test_every_fact_that_the_procedure_names_is_there(bakery: Shop) -> None:
    chapter = bakery.texts["procedure"].split("### 3.6")[1].split("### 3.7")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \| (.*?) \|$", chapter, re.MULTILINE)
    named = {kind for row in rows for kind in re.findall(r"`([a-z_.]+)`", row[0])}
    assert len(named) > 25
    assert named <= {*KINDS, *JOURNAL}
    targets = " ".join(row[2] for row in rows)
    assert {word for word in re.findall(r"[a-z_]+", targets) if word in FILES} == FILES


def test_the_procedure_has_its_four_parts_and_its_history(bakery: Shop) -> None:
    heads = re.findall(r"^## (.*)$", bakery.texts["procedure"], re.MULTILINE)
    assert heads == [
        "1 Allgemeine Beschreibung",
        "2 Anwenderdokumentation",
        "3 Technische Systemdokumentation",
        "4 Betriebsdokumentation",
        "5 Fassungen und Änderungen",
        "Anhang: Konfiguration in Kraft",
    ]


def test_headings_are_numbered_without_a_gap(bakery: Shop) -> None:
    for name, text in bakery.texts.items():
        numbers = re.findall(r"^#{2,3} (\d+(?:\.\d+)?) ", text, re.MULTILINE)
        before = [0, 0]
        for number in numbers:
            chapter, _, section = number.partition(".")
            expected = (before[0], before[1] + 1) if section else (before[0] + 1, 0)
            assert (int(chapter), int(section or 0)) == expected, f"{name}: {number}"
            before = list(expected)


def test_every_message_control_code_and_role_is_explained(bakery: Shop) -> None:
    manual, cashier = bakery.texts["manual"], bakery.texts["cashier"]
    for code in CODES.values():
        assert re.sub(r"([\[\]<>~*_|#\\`])", r"\\\1", code.next) in manual, code
    for name, (_, _, text) in CONTROL.items():
        assert f"`KASSD{name}` | {text} |" in cashier
    for role in ROLES:
        assert f"| `{role}` |" in cashier


@pytest.mark.parametrize(
    "duty",
    [
        "Falschgeld",
        "Karte",
        "zweiten Person",
        "Storno",
        "Training",
        "TSE-Ausfall",
        "Papierbeleg",
        "Z-Bon",
        "Kassensturz",
        "Altersprüfung",
        "Trinkgeld",
        "Geldtransit",
    ],
)
def test_the_cashiers_instruction_covers(bakery: Shop, duty: str) -> None:
    assert duty in bakery.texts["cashier"]


def test_nothing_of_a_mark_is_left(bakery: Shop) -> None:
    for text in bakery.texts.values():
        assert "{{" not in text
        assert "}}" not in text
        assert "None" not in text


def test_without_operators_nobody_is_told_of_pins(bakery: Shop, written: Written) -> None:
    alone = written()
    assert "PIN" not in alone["cashier"]
    assert "zweite Person mit eigener PIN" not in alone["procedure"]
    assert "gibt ihre eigene PIN ein" in bakery.texts["cashier"]
    assert "zweite Person mit eigener PIN" in bakery.texts["procedure"]
