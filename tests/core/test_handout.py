"""`export.audit`: accepted at once, one at a time, recorded when it has ended."""

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from tests.core.people.kit import login, staffed
from tests.core.playbook import Playbook, command, device

SHA = "cd" * 32
ENDED = i.ExportEnded("prue", "audit", "2026-11-01", "2026-11-21", SHA, "Frau Amt", "anzeige")


def test_it_is_asked_for_shown_and_recorded_at_its_end() -> None:
    book = login(staffed(), "prue")
    args = {"first": "2026-11-01", "last": "2026-11-21", "recipient": "  Frau Amt "}
    (book >> command("export.audit", **args)).says("accepted") << "?export.audit"
    assert book.last.asks[0].args == {
        **args,
        "recipient": "Frau Amt",
        "operator": "prue",
        "client": "anzeige",
    }
    assert book.state.devices["export"].state == "busy"
    assert book.state.devices["export"].since.endswith("Z")
    (book >> command("export.audit")).says("export_running")
    book >> ENDED << "export.made"
    (made,) = book.facts(f.ExportMade)
    assert (made.operator, made.what, made.first, made.last) == ("prue", "audit", "2026-11-01", "2026-11-21")
    assert (made.sha256, made.recipient, made.client) == (SHA, "Frau Amt", "anzeige")
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


OFFICE = {"client.console.name": "console", "client.console.rights": ["export", "tse"]}


def at_the_counter(**config: str) -> Playbook:
    """The boss works at the counter; somebody else sends commands by the client ``console``."""
    return login(staffed(**OFFICE, **config), "chef")


@pytest.mark.parametrize(
    ("where", "who"),
    [({"client.console.station": "office"}, "console"), ({}, "chef")],
    ids=["at a station of its own", "at the counter"],
)
def test_who_hands_out_is_the_client_and_whoever_is_logged_in_where_it_belongs(
    where: dict[str, str], who: str
) -> None:
    book = at_the_counter(**where)
    for station in ({}, {"station": "main"}):  # whose station a command acts on says nothing of who sent it
        (book >> command("export.record", client="console", what="tar", **station)).says("ok")
        made = book.facts(f.ExportMade)[-1]
        assert (made.operator, made.client) == (who, "console")
        (book >> command("export.audit", client="console", **station)).says("accepted")
        asked = book.last.asks[0].args
        assert (asked["operator"], asked["client"]) == (who, "console")
        book >> i.ExportEnded(asked["operator"], "audit", "", "", SHA, "", asked["client"])
        made = book.facts(f.ExportMade)[-1]
        assert (made.operator, made.client) == (who, "console")
        book >> device("export", "ready")


def test_what_an_older_version_wrote_names_no_client() -> None:
    data = {"at": "2026-11-05T20:00:00+01:00", "operator": "anna", "what": "tar"}
    fact = f.from_json({"kind": "export.made", "data": data})
    assert isinstance(fact, f.ExportMade)
    assert (fact.operator, fact.client) == ("anna", "")
    assert f.to_json(fact) == {"kind": "export.made", "data": data}
