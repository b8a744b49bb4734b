"""The auditor: every command of the list is tried, alone, with the supervisor's approval, by scanner."""

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.barcodes.control import CONTROL, DEFAULT_PREFIX
from kassd.core.commands import COMMANDS, Arguments
from kassd.core.people.access import MAX_TRIES
from kassd.core.people.rights import ROLES
from tests.core.people.kit import PEOPLE, approved, login, proven, staffed
from tests.core.playbook import Playbook, add, command, scan

# Who is there, at a client that sells; what the till holds; what was handed out: all they may leave behind.
LOGINS = {"operator.login", "operator.logout", "operator.lock"}
READING = {"till.report", "cash.expected", "tip.balance", "export.record", "export.audit"}
TRACES = {"report.made", "export.made"}


def filled(cls: type[Arguments]) -> dict[str, Any]:
    """The least that a command takes: every required argument, of its type."""
    hints = typing.get_type_hints(cls)
    required = (
        field
        for field in dataclasses.fields(cls)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )
    return {field.name: _value(hints[field.name]) for field in required}


def _value(hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return typing.get_args(hint)[0]
    if origin is tuple:
        return [_value(typing.get_args(hint)[0])]
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {}
    if origin is not None:  # a union
        return _value(typing.get_args(hint)[0])
    if dataclasses.is_dataclass(hint):
        return filled(typing.cast(type[Arguments], hint))
    return {int: 1, bool: True, str: "1"}.get(hint, "1")


@pytest.fixture
def book() -> Playbook:
    """An open till with the auditor at it."""
    return login(staffed(), "prue").says("ok")


def test_every_command_that_changes_anything_is_refused(book: Playbook) -> None:
    lines = len(book.lines)
    for name in sorted(set(COMMANDS) - LOGINS - READING):
        sent = command(name, **filled(COMMANDS[name]))
        for received in (sent, approved(sent, "chef")):  # an approval makes no auditor a cashier
            book >> received
            assert (book.replies[-1]["status"], book.replies[-1]["code"]) == ("unauthorized",) * 2, name
    assert len(book.lines) == lines


def test_what_an_auditor_may_ask_for_leaves_only_its_trace(book: Playbook) -> None:
    for name in sorted(READING):
        lines = len(book.lines)
        book >> command(name, **filled(COMMANDS[name]))
        assert book.replies[-1]["status"] in ("ok", "accepted"), name
        assert {fact["kind"] for line in book.lines[lines:] for fact in line["facts"]} <= TRACES
        assert COMMANDS[name].right in ROLES["auditor"]


def test_nothing_is_sold_by_scanner_either(book: Playbook) -> None:
    for code in ("4006381333931", *(DEFAULT_PREFIX + code for code in sorted(CONTROL))):
        book >> scan(code)
        if code == f"{DEFAULT_PREFIX}BERICHT":
            assert book.last.facts[0].kind == "report.made"
        else:
            assert not book.last.facts
            assert "fehlt" in book.state.station("main").message, code


def test_an_export_says_who_got_what(book: Playbook) -> None:
    digest = "ab" * 32
    args = {"what": "audit", "first": "2026-01-01", "last": "2026-12-31", "sha256": digest}
    (book >> command("export.record", recipient="Frau Amt, Ausweis 4711", **args)).says("ok")
    (made,) = book.facts(f.ExportMade)
    assert (made.operator, made.sha256, made.recipient) == ("prue", digest, "Frau Amt, Ausweis 4711")
    (book >> command("export.record", **(args | {"sha256": "AB" * 32}))).says("bad_args")
    (book >> command("export.record", recipient="zwei\nZeilen", **args)).says("bad_args")


def test_a_configured_role_that_only_reads_is_an_auditor_too() -> None:
    role = {"role.prüfer.name": "prüfer", "role.prüfer.rights": ["export"]}
    book = staffed(**role, **{"operator.prue.roles": ["prüfer"]})
    login(book, "prue") >> approved(command("sale.add", text="Brot", price=1, vat=2), "chef")
    book.says("unauthorized")
    (book >> command("till.report")).says("unauthorized")
    (book >> approved(command("till.report"), "chef")).says("unauthorized")
    (book >> command("export.record", what="tar")).says("ok")


@pytest.mark.parametrize("people", [{}, PEOPLE], ids=["anybody", "staff"])
def test_an_auditors_client_changes_nothing_not_even_who_is_there(people: dict[str, Any]) -> None:
    book = selling(people)
    before, lines = book.state.station("main"), len(book.lines)
    for name in sorted(set(COMMANDS) - READING):
        args = filled(COMMANDS[name]) | ({"operator": "chef"} if name == "operator.login" else {})
        sent = command(name, client="pruefer", **args)
        for received in (sent, proven(sent, "chef"), approved(sent, "chef")):
            book >> received
            assert (book.replies[-1]["status"], book.replies[-1]["code"]) == ("unauthorized",) * 2, name
    assert len(book.lines) == lines
    assert book.state.station("main") == before
    assert (before.operator, before.locked) == ("anna", False)
    (book >> add()).says("ok")


@pytest.mark.parametrize("people", [{}, PEOPLE], ids=["anybody", "staff"])
def test_an_auditors_client_blocks_nobodys_pin(people: dict[str, Any]) -> None:
    book = selling(people)
    lines = len(book.lines)
    wrong = {"operator": "chef", "pin": "0000"}
    for _ in range(MAX_TRIES):
        (book >> command("operator.login", client="pruefer", **wrong)).says("unauthorized")
        (book >> command("till.report", client="pruefer", approval=wrong)).says("unauthorized")
    assert not book.state.people.tries
    assert len(book.lines) == lines
    login(book, "chef") >> command("till.report", client="pruefer")
    book.says("ok")


def test_a_locked_till_stays_locked_for_an_auditors_client() -> None:
    book = selling(PEOPLE)
    (book >> command("operator.lock")).says("ok")
    book >> proven(command("operator.login", client="pruefer", operator="anna"), "anna")
    assert book.says("unauthorized").state.station("main").locked
    login(book, "anna").says("ok")
    assert not book.state.station("main").locked


def selling(people: dict[str, Any]) -> Playbook:
    """A sale of Anna's, at a register that has a client for auditors."""
    book = Playbook()
    book.config |= {"client.pruefer.name": "pruefer", "client.pruefer.rights": ["report", "export"]}
    book.config |= people
    book.commissioned()
    login(book, "chef") >> command("till.open", counted=0)
    book.sign()
    login(book, "anna") >> add()
    return book.says("ok")
