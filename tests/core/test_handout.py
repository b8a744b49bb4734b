"""`export.audit`: accepted at once, one at a time, recorded when it has ended."""

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from tests.core.people.kit import login, staffed
from tests.core.playbook import Playbook, command, device

SHA = "cd" * 32
ENDED = i.ExportEnded("prue", "audit", "2026-11-01", "2026-11-21", SHA, "Frau Amt")


def test_it_is_asked_for_shown_and_recorded_at_its_end() -> None:
    book = login(staffed(), "prue")
    args = {"first": "2026-11-01", "last": "2026-11-21", "recipient": "  Frau Amt "}
    (book >> command("export.audit", **args)).says("accepted") << "?export.audit"
    assert book.last.asks[0].args == {**args, "recipient": "Frau Amt", "operator": "prue"}
    assert book.state.devices["export"].state == "busy"
    assert book.state.devices["export"].since.endswith("Z")
    (book >> command("export.audit")).says("export_running")
    book >> ENDED << "export.made"
    (made,) = book.facts(f.ExportMade)
    assert (made.operator, made.what, made.first, made.last) == ("prue", "audit", "2026-11-01", "2026-11-21")
    assert (made.sha256, made.recipient) == (SHA, "Frau Amt")
    book >> device("export", "ready")
    (book >> command("export.audit")).says("accepted")


def test_a_restart_ends_it() -> None:
    book = Playbook().ready()
    (book >> command("export.audit")).says("accepted")
    book.restart()
    (book >> command("export.audit")).says("accepted")


@pytest.mark.parametrize(
    "args",
    [{"first": "gestern"}, {"last": "2026-13-01"}, {"first": "2026-02-01", "last": "2026-01-31"}],
)
def test_days_that_are_none(args: dict[str, str]) -> None:
    (Playbook().ready() >> command("export.audit", **args)).says("bad_args")


def test_it_needs_the_right_to_export() -> None:
    book = login(staffed(), "anna")
    (book >> command("export.audit")).says("unauthorized")
    (Playbook().ready() >> command("export.audit", client="theke-2")).says("unauthorized")
