"""Exports of our own registers: no finding with the TSE's archive, the journal and the export log."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kassd.core.facts import SaleFinished, TillClosed
from kassd.core.inputs import RollbackFound
from kassd.fiscal.audit import Skip, audit, witness
from kassd.fiscal.audit.findings import Findings
from kassd.fiscal.audit.log import log_of
from kassd.fiscal.rows import Period
from kassd.journal import Entry, Journal
from tests.core.playbook import Playbook, add, cash, command
from tests.core.vouchers.test_vouchers import redeem
from tests.core.vouchers.test_vouchers import shop as vouchers_shop
from tests.fiscal.audit.forgeries import FORGERIES
from tests.fiscal.audit.mutators import cells, lines, mutate, write
from tests.fiscal.kit import close, exported, read, segmented, traded

GOLDEN = Path(__file__).parents[2] / "golden" / "dsfinvk"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``shop/`` of a bar that traded for two days, and ``shop/export``."""
    place = tmp_path_factory.mktemp("made") / "shop"
    journal = traded(place, "bar", date(2026, 3, 2), 2, 0.3)
    exported(journal, place / "export")
    return place


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "shop"))


def ids(shop: Path, **given: object) -> set[str]:
    found = audit(shop / "export", sorted(shop.glob("*.tar")), **given)  # type: ignore[arg-type] # of several kinds
    return {each.id for each in found.verdict.findings}


def test_nothing_is_found(made: Path) -> None:
    log = log_of(made / "export")
    assert log is not None
    done = audit(made / "export", [made / "tse.tar"], journals=[made / "journal"], log=log)
    assert done.verdict.findings == ()
    assert done.verdict.checked > 10
    assert done.summary.signatures == sum(done.summary.kinds.values()) - done.summary.outage_count


def test_nothing_is_found_where_new_tax_rates_closed_by_themselves(tmp_path: Path) -> None:
    """The export is made again from the journal, from the middle of the closing's line on (G3)."""
    journal = traded(tmp_path / "kiosk", "kiosk", date(2020, 12, 31), density=0.2)
    whole = exported(journal, tmp_path / "whole").folder
    second = exported(journal, tmp_path / "second", Period(first_number=2)).folder
    assert len(read(second)["cashpointclosing"]) == 1
    for folder in (whole, second):
        done = audit(folder, journals=[journal], log=log_of(folder))
        assert {each.id for each in done.verdict.findings} <= {"E11"}, done.verdict.findings


def test_everything_the_register_can_do_adds_up() -> None:
    """The golden export was signed by nobody; all else of it is in order."""
    found = audit(GOLDEN / "export", journals=[GOLDEN / "journal"]).verdict.findings
    assert {each.id for each in found} <= {"E7", "E8", "E9", "G1"}, found


def test_a_voucher_that_was_taken_over_is_explained_by_the_journal(tmp_path: Path) -> None:
    book = vouchers_shop(**{"vouchers.foreign": "take_over"})
    args = {"code": "ALT-1", "kind": "multi", "value": 2500, "issuer": "KASSE-2", "reason": "umgezogen"}
    book >> command("voucher.take_over", **args) >> add() >> redeem("ALT-1")
    close(book.done())
    journal = segmented(book, tmp_path)
    exported(journal, tmp_path / "export")
    for journals, severity, said in (((), "warning", False), ((journal,), "info", True)):
        found = audit(tmp_path / "export", journals=journals).verdict.findings
        told = [(each.severity, "übernommen" in each.message) for each in found if each.id == "D9"]
        assert told == [(severity, said)]


@pytest.mark.parametrize("closings", [0, 2])
def test_numbers_left_out_after_an_old_image_are_explained(tmp_path: Path, closings: int) -> None:
    """Also where receipts were lost and no closing."""
    book = close(Playbook().ready(1000) >> add() >> cash())
    z = book.facts(TillClosed)[-1].number
    book >> command("till.open", counted=0, source="transit")
    book.done()
    first = book.facts(SaleFinished)[-1].number + 1
    book >> RollbackFound("broker", "kennt mehr", 1, first + 4, z + closings)
    (book >> command("counters.resume", reason="alte Karte")).says("ok")
    close((book >> add() >> cash()).done())
    made = exported(segmented(book, tmp_path), tmp_path / "export")
    lost = (first, first + 4, z + 1, z + closings) if closings else (first, first + 4, 0, 0)
    assert made.skips == (("KASSE-1", *lost),)
    severities = []
    for skipped in ([], [Skip(*skip) for skip in made.skips]):
        found = audit(made.folder, skipped=skipped).verdict.findings
        severities.append({each.id: each.severity for each in found if each.id in ("B4", "B5")})
    assert severities[0] == {"B5": "warning", **({"B4": "error"} if closings else {})}
    assert severities[1] == dict.fromkeys(severities[0], "info")


def test_the_journal_leaves_out_what_was_not_skipped() -> None:
    reading, data = witness._Reading("j", "K1"), {"at": "", "first_receipt": 58, "last_receipt": 59}
    witness._take("counters.skipped", data, 7, reading, Findings())
    assert reading.skipped == {Skip("K1", 58, 59)}


@pytest.mark.parametrize("seed", range(500, 508))
def test_a_change_is_found(seed: int, copy: Path) -> None:
    done = mutate(copy / "export", [copy / "tse.tar"], seed)
    assert ids(copy), done


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_by_archive_log_and_journal(name: str, copy: Path) -> None:
    FORGERIES[name](copy / "export")
    assert "E11" in ids(copy)
    alone = audit(copy / "export", journals=[copy / "journal"], log=log_of(copy / "export"))
    found = {each.id for each in alone.verdict.findings if each.severity == "error"}
    assert "A12" in found
    assert found & {"F1", "F3", "G2", "G4"}, found
    assert "G3" in found


def test_any_octet_is_found_by_the_log(copy: Path) -> None:
    """Also where nothing else fixes what stands there."""
    file = copy / "export" / "transactions.csv"
    head, first, *rows = lines(file)
    row = cells(first)
    row[head.split(";").index("BEDIENER_NAME")] = "Otto"
    write(file, [head, ";".join(row), *rows])
    assert ids(copy) == set()
    (copy / "export" / "pa.csv").unlink()
    found = audit(copy / "export", log=log_of(copy / "export")).verdict.findings
    assert {each.where for each in found if each.id == "A12"} >= {"transactions.csv", "pa.csv"}


def drop_bon(shop: Path) -> None:
    for file in (shop / "export").glob("*.csv"):
        head, *rows = lines(file)
        if "BON_ID" in head.split(";"):
            place = head.split(";").index("BON_ID")
            write(file, [head, *(row for row in rows if row.split(";")[place] != "7")])


def change(file: str, before: str, after: str) -> Callable[[Path], None]:
    def act(shop: Path) -> None:
        path = shop / "export" / file
        text = path.read_bytes().decode()
        assert before in text
        path.write_bytes(text.replace(before, after, 1).encode())

    return act


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (drop_bon, "G2"),
        (change("transactions.csv", ";Beleg;", ";AVTransfer;"), "G2"),
        (change("location.csv", "Marktplatz 1", "Marktplatz 2"), "D12"),
    ],
)
def test_the_journal_bears_witness(act: Callable[[Path], None], expected: str, copy: Path) -> None:
    act(copy)
    assert expected in ids(copy, journals=[copy / "journal"])


ADDED = {"kind": "sale.line_added", "data": {"sale": "x", "n": 1}}
FINISHED = {"kind": "sale.finished", "data": {"sale": "x", "number": 10_000, "bon_type": "AVBelegabbruch"}}


@pytest.mark.parametrize(
    ("before", "key", "expected"),
    [
        ([], "vat.rate.3", False),
        ([FINISHED], "vat.rate.3", False),  # nothing was taxed: a new TSE's check while the till is closed
        ([ADDED, FINISHED], "vat.rate.3", True),
        ([FINISHED], "business.name", True),
    ],
)
async def test_master_data_change_between_closings_only(
    before: list[dict[str, object]], key: str, expected: bool, copy: Path
) -> None:
    changed = {"key": key, "before": "old", "after": "new", "who": "kassd", "how": "valid_from"}
    (row,) = {row["Z_KASSE_ID"] for row in read(copy / "export")["cashpointclosing"]}
    journal, _ = await Journal.open(copy / "journal", row)
    try:
        for fact in (*before, {"kind": "config.changed", "data": changed}):
            await journal.append(Entry("2026-03-04T08:00:00.000000Z", 1, "0" * 16, [fact], []))
    finally:
        await journal.close()
    assert ("G5" in ids(copy, journals=[copy / "journal"])) == expected


def test_a_journal_that_is_broken_is_said_to_be(copy: Path) -> None:
    segment = next(each for each in sorted((copy / "journal").iterdir()) if each.suffix == ".jsonl")
    segment.write_bytes(segment.read_bytes().replace(b'"station":"main"', b'"station":"mein"', 1))
    assert "G1" in ids(copy, journals=[copy / "journal"])
