"""Logins, roles, a second person's approval, blocked PINs, locked stations."""

import pytest

from kassd.core import facts as f
from kassd.core.people.rights import rights_at
from tests.core.people.kit import PEOPLE, approved, login, proven, staffed
from tests.core.playbook import Playbook, add, cash, command, scan


def test_without_operators_any_name_works() -> None:
    book = Playbook().ready()
    book >> command("operator.login", operator="Anna") >> add()
    assert (book.current().operator, book.current().operator_name) == ("Anna", "Anna")


def test_nobody_sells_without_a_login() -> None:
    book = staffed()
    (book >> add()).says("operator_required")
    (book >> command("cash.in", amount=1, kind="private", reason="x")).says("operator_required")
    (book >> command("till.report")).says("ok")
    login(book, "anna").says("ok")
    (book >> add()).says("ok")
    assert (book.current().operator, book.current().operator_name) == ("anna", "Anna Muster")


def test_a_scanner_has_its_persons_rights() -> None:
    book = staffed()
    book >> scan("4006381333931") << ""
    assert "Niemand ist angemeldet" in book.state.station("main").message
    login(book, "anna")
    (book >> add()).says("ok")
    book >> scan("KASSDSTORNO")
    assert "fehlt" in book.state.station("main").message
    assert len(book.current().lines) == 1


def test_an_auditors_scanner_sells_nothing() -> None:
    book = staffed()
    login(book, "prue") >> command("catalog.put", id="x", name="X", price=100, vat=1, codes=["4006381333931"])
    login(book, "prue")
    told = len(book.lines)
    for code in ("4006381333931", "KASSDBAR", "KASSDSTORNO", "KASSDABBRUCH", "KASSDKOPIE", "KASSDMAL2"):
        book >> scan(code) << ""
        assert "Recht" in book.state.station("main").message, code
    assert len(book.lines) == told
    book >> scan("KASSDBERICHT") << "report.made +print"


def test_a_role_without_approve_lets_no_age_pass_by_a_printed_code() -> None:
    role = {"role.kasse.name": "kasse", "role.kasse.rights": ["sell"], "operator.anna.roles": ["kasse"]}
    book = staffed(**role)
    login(book, "anna") >> add()
    book >> scan("KASSDALTER") << ""
    assert "Recht" in book.state.station("main").message


def test_a_card_logs_in() -> None:
    book = staffed()
    book >> scan("KARTE-ANNA") << "operator.changed"
    assert book.state.station("main").operator == "anna"
    assert book.facts(f.OperatorChanged)[-1].why == "card"


def test_a_cashiers_void_needs_a_second_person() -> None:
    book = staffed()
    login(book, "anna") >> add() >> add("Kaffee", 280, 1)
    (book >> command("sale.void_line")).says("unauthorized")
    (book >> approved(command("sale.void_line"), "anna")).says("second_person_required")
    (book >> approved(command("sale.void_line"), "prue")).says("unauthorized")
    book >> approved(command("sale.void_line"), "chef") << "operator.approved sale.line_voided"
    fact = book.facts(f.OperatorApproved)[-1]
    assert (fact.operator, fact.approver, fact.command, fact.right) == (
        "anna",
        "chef",
        "sale.void_line",
        "void",
    )
    assert book.state.till.totals.counts["approvals"] == 1


def test_an_approval_with_a_wrong_pin_does_nothing_but_count() -> None:
    book = staffed()
    login(book, "anna") >> add()
    wrong = command("sale.void_line", approval={"operator": "chef"})
    book >> wrong << "operator.refused"
    assert book.replies[-1]["code"] == "unknown_operator"
    assert len(book.current().lines) == 1


def test_rights_are_those_of_client_and_person() -> None:
    book = staffed()
    login(book, "chef", station="zwei")
    assert rights_at(book.state, "zwei", "theke-2") == {"sell"}
    (book >> command("drawer.open", client="theke-2", reason="x")).says("unauthorized")


@pytest.mark.parametrize("name", ["niemand", "alt"])
def test_unknown_and_former_operators_are_told_the_same(name: str) -> None:
    book = staffed()
    (login(book, name)).says("unknown_operator")


def test_five_wrong_pins_block_for_five_minutes() -> None:
    book = staffed()
    for _ in range(5):
        book >> command("operator.login", operator="anna") << "operator.refused"
    assert book.facts(f.OperatorRefused)[-1].locked_until
    login(book, "anna").says("operator_blocked")
    book.wait(299)
    login(book, "anna").says("operator_blocked")
    book.wait(2)
    login(book, "anna").says("ok")
    assert book.state.people.tries == {}


def test_a_right_pin_forgets_the_wrong_ones() -> None:
    book = staffed()
    for _ in range(4):
        book >> command("operator.login", operator="anna")
    login(book, "anna").says("ok")
    for _ in range(4):
        book >> command("operator.login", operator="anna")
    login(book, "anna").says("ok")


def test_an_idle_station_locks_and_the_sale_stays() -> None:
    book = staffed(**{"register.lock_after_s": 60})
    login(book, "anna") >> add()
    book.wait(59).tick() << ""
    book.wait(2).tick() << "station.locked"
    assert book.state.station("main").locked
    (book >> add()).says("mode_locked")
    book >> scan("4006381333931") << ""
    assert "gesperrt" in book.state.station("main").message
    login(book, "chef").says("ok")
    (book >> add()).says("ok")
    assert len(book.current().lines) == 2
    assert book.current().operator == "anna", "who began it"
    assert book.facts(f.LineAdded)[-1].operator == "chef"


def test_locking_by_hand_and_over_a_restart() -> None:
    book = staffed()
    login(book, "anna")
    book >> command("operator.lock") << "station.locked"
    book.restart()
    (book >> add()).says("mode_locked")
    login(book, "anna").says("ok")


def test_the_register_wakes_for_the_lock() -> None:
    book = staffed(**{"register.lock_after_s": 60})
    login(book, "anna")
    assert book.last.wake == book.mono + 60_000_000_000


def test_proven_is_no_login() -> None:
    """A right PIN with another command gives no rights by itself."""
    book = staffed()
    (book >> proven(add(), "chef")).says("operator_required")
    (book >> proven(cash(), "chef")).says("operator_required")


def test_an_approval_lifts_a_persons_right_and_not_the_clients() -> None:
    book = staffed(**{"client.kunde.name": "kunde", "client.kunde.rights": ["sell"]})
    login(book, "anna") >> add()
    (book >> approved(command("sale.void_line", client="kunde"), "chef")).says("unauthorized")
    (book >> approved(command("sale.void_line"), "chef")).says("ok")


def test_a_locked_station_is_opened_by_a_login_alone() -> None:
    book = staffed()
    login(book, "anna") >> command("operator.lock")
    (book >> command("operator.logout")).says("mode_locked")
    assert book.state.station("main").locked
    assert book.state.station("main").operator == "anna"
    login(book, "chef").says("ok")
    assert not book.state.station("main").locked


def dismissed(book: Playbook, **config: object) -> Playbook:
    """The register starts again with another configuration."""
    book.config.update(config)
    return book.restart().tse_opens()


@pytest.mark.parametrize(
    "config",
    [
        {"operator.chef.active": False},
        {"operator.chef.pin": "scrypt$another"},
        {"operator.chef.name": None, "operator.chef.roles": None},
    ],
    ids=["inactive", "another PIN", "gone"],
)
def test_a_login_ends_with_what_it_rested_on(config: dict[str, object]) -> None:
    book = staffed(5000)
    login(book, "anna", station="zwei")
    login(book, "chef") >> add()
    book.done()
    dismissed(book, **config)
    assert (book.state.station("main").operator, book.state.station("zwei").operator) == ("", "anna")
    assert book.facts(f.OperatorChanged)[-1].why == "dismissed"
    for name, args in {
        "sale.void_line": {},
        "drawer.open": {"reason": "x"},
        "cash.out": {"amount": 100, "kind": "private", "reason": "x"},
        "sale.pay": {"type": "cash"},
        "till.close": {"count": {"1": 5000}},
    }.items():
        (book >> command(name, **args)).says("operator_required")
    (login(book, "anna") >> cash()).says("accepted")


def test_a_session_from_before_there_were_operators_ends_with_the_first_one() -> None:
    book = Playbook().ready(1000)
    (
        book
        >> command("operator.login", operator="chef")
        >> command("operator.login", operator="x", station="zwei")
    )
    dismissed(book, **PEOPLE)
    assert {book.state.station(name).operator for name in ("main", "zwei")} == {""}
    (book >> command("drawer.open", reason="x")).says("operator_required")
    login(book, "chef") >> command("drawer.open", reason="x")
    book.says("ok")


def test_other_changes_leave_a_session_alone() -> None:
    book = staffed()
    login(book, "anna")
    dismissed(book, **{"operator.anna.roles": ["supervisor"], "operator.neu.name": "neu"})
    assert book.state.station("main").operator == "anna"
    (book >> command("drawer.open", reason="x")).says("ok")


def test_a_dismissed_persons_card_logs_nobody_in() -> None:
    book = dismissed(staffed(), **{"operator.anna.active": False})
    book >> scan("KARTE-ANNA")
    assert book.state.station("main").operator == ""
    assert not [fact for fact in book.last.facts if isinstance(fact, f.OperatorChanged)]
