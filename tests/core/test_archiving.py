"""The archive of the TSE's log: wished by a closing, kept on the to-do list, folded into the state."""

from dataclasses import replace

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.archiving import archive_wish
from kassd.core.facts import Wish
from tests.core.playbook import OPENED, SERIAL, Playbook, add, cash, command

NAME = f"{SERIAL}/1-9.tar"


def wish_of(book: Playbook) -> Wish:
    wish = archive_wish(book.state)
    assert wish is not None
    return wish


def archived(wish: Wish, first: int = 1, last: int = 9, **more: object) -> i.TseArchived:
    done = i.TseArchived(wish.id, SERIAL, first, last, last - first + 1, "ab" * 32, 5120, NAME, 40)
    return replace(done, **more)  # type: ignore[arg-type] # its own fields


def closed() -> Playbook:
    return Playbook().ready() >> command("till.close", count={})


def test_a_closing_wishes_what_lies_above_the_last_archive() -> None:
    book = closed()
    assert wish_of(book).args == {"serial_number": SERIAL, "after": -1}
    book.paper() >> archived(wish_of(book)) << "tse.archived"
    assert archive_wish(book.state) is None
    archive = book.state.tse.archive
    assert (archive.first, archive.last, archive.seq, archive.file) == (1, 9, 40, NAME)
    book >> command("till.open", counted=0)
    book.done() >> command("till.close", count={})
    assert wish_of(book).args["after"] == 9


def test_a_second_closing_before_the_first_archive_wishes_nothing_more() -> None:
    book = closed()
    first = wish_of(book)
    book.paper() >> command("till.open", counted=0)
    book.done() >> command("till.close", count={})
    assert [wish.id for wish in book.wishes("archive")] == [first.id]


def test_the_wish_and_the_archive_survive_a_restart_and_a_closing() -> None:
    book = closed().restart()
    wish = wish_of(book)
    book >> archived(wish) << "tse.archived"
    book.restart()
    assert book.state.tse.archive.last == 9
    assert archive_wish(book.state) is None


def test_a_failure_is_said_once_and_the_wish_stays() -> None:
    book = closed().paper()
    wish = wish_of(book)
    full = i.TseArchiveFailed(wish.id, "disk", "Der Platz reicht nicht.")
    book >> full << "tse.archive_failed"
    book >> full << ""
    book >> replace(full, message="Die TSE antwortet nicht.") << "tse.archive_failed"
    assert wish_of(book) == wish
    book >> archived(wish, findings=("Beleg 3: fehlt",))
    archive = book.state.tse.archive
    assert (archive.failed, archive.findings) == ("", ("Beleg 3: fehlt",))


def test_nothing_new_ends_the_wish_and_leaves_the_newest_part() -> None:
    book = closed().paper()
    book >> archived(wish_of(book))
    book >> command("till.open", counted=0)
    book.done() >> command("till.close", count={})
    book.paper() >> archived(wish_of(book), first=0, messages=0, file="", size=0, sha256="", seq=60)
    archive = book.state.tse.archive
    assert (archive.last, archive.file, archive.seq) == (9, NAME, 60)


def test_the_end_of_another_wish_changes_nothing() -> None:
    book = closed().paper()
    wish = wish_of(book)
    book >> replace(archived(wish), wish="0.7") << ""
    book >> i.TseArchiveFailed("0.7", "disk", "…") << ""
    assert wish_of(book) == wish


def test_reading_back_is_a_fact_with_its_problem() -> None:
    book = closed().paper()
    book >> archived(wish_of(book))
    book >> i.TseReadBack(SERIAL, 1, 9, "Zähler 4 fehlt") << "tse.read_back"
    assert book.state.tse.archive.unread == "Zähler 4 fehlt"
    book >> i.TseReadBack(SERIAL, 1, 9) << "tse.read_back"
    assert book.state.tse.archive.unread == ""
    assert book.state.tse.archive.read_at == book.facts(f.TseReadBack)[-1].at
    book >> i.TseReadBack("cd" * 32, 1, 9, "von einer anderen TSE") << ""


def test_a_new_tse_begins_an_archive_of_its_own() -> None:
    book = closed().paper()
    book >> archived(wish_of(book)) >> command("till.open", counted=0)
    book.done() >> command("till.close", count={})
    other = replace(OPENED, serial_number="cd" * 32, public_key="b3RoZXI=")
    book.paper() >> i.TseSwapAsked("kassd tse", "Tausch", "swap.tar", "ef" * 32, 9) >> i.TseSwapped(other)
    assert book.state.tse.bound is not None
    assert book.state.tse.bound.serial_number == "cd" * 32
    assert archive_wish(book.state) is None, "the old TSE is archived by its swap"
    assert (book.state.tse.archive.last, book.state.tse.archive.seq) == (-1, 40)


def test_during_an_outage_the_wish_waits() -> None:
    book = Playbook().ready() >> add()
    book.sign() >> cash()
    book.sign()
    book.outage() >> command("till.close", count={"50": 7})
    assert wish_of(book).args["after"] == -1
