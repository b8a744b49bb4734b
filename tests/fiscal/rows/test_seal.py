"""transactions_tse: signed, signed too late, not signed; the TSEs of a period."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.fiscal.audit import audit
from kassd.fiscal.rows import closings
from kassd.fiscal.rows.master import tses
from kassd.journal.stream import raw_lines
from tests.core.playbook import OPENED, Playbook, add, cash, command
from tests.core.test_fiscal_02_outage import silent_finish
from tests.fiscal.kit import close, exported, journal_of, receipts


def newest(book: Playbook, folder: Path) -> dict[str, Any]:
    (row,) = receipts(book, folder)[-1].tables["transactions_tse"]
    return row


def test_signed_values_are_unaltered(tmp_path: Path) -> None:
    book = (Playbook().ready() >> add() >> cash()).done()
    seal = book.receipt().document.seal
    assert seal is not None
    assert newest(close(book), tmp_path) == {
        "TSE_ID": 1,
        "TSE_TANR": seal.transaction_number,
        "TSE_TA_START": seal.start,
        "TSE_TA_ENDE": seal.finish,
        "TSE_TA_VORGANGSART": "Kassenbeleg-V1",
        "TSE_TA_SIGZ": seal.signature_counter,
        "TSE_TA_SIG": seal.signature,
        "TSE_VORGANGSDATEN": "Beleg^0.00_3.50_0.00_0.00_0.00^3.50:Bar",
    }


def test_an_outage_has_a_reason_and_no_values(tmp_path: Path) -> None:
    book = Playbook().ready().outage() >> add() >> cash()
    since = book.facts(f.OutageBegan)[-1].at
    row = newest(close(book), tmp_path)
    assert row == {"TSE_ID": 1, "TSE_TA_FEHLER": f"TSE-Ausfall seit {since}: Die TSE ist weg."}


def test_a_late_answer_gives_values_and_the_outage(tmp_path: Path) -> None:
    book = silent_finish()
    book >> book.tse.answer(book.calls()[0]) >> i.TseSurveyed(())
    late = book.facts(f.TseLate)[-1]
    row = newest(close(book), tmp_path)
    assert (row["TSE_TANR"], row["TSE_TA_SIGZ"]) == (late.transaction_number, late.signature_counter)
    assert (row["TSE_TA_SIG"], row["TSE_TA_ENDE"]) == (late.signature, late.log_time)
    assert row["TSE_TA_START"] == book.facts(f.TseStarted)[-1].log_time
    assert row["TSE_TA_FEHLER"].endswith("Die TSE hat nach Ausgabe des Belegs signiert.")


def test_an_answer_that_comes_after_the_closing_is_found(tmp_path: Path) -> None:
    book = silent_finish()
    book >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False) >> OPENED
    book.paper() >> command("till.close", count={"50": 27})
    book.wait(3.1).tick()
    assert book.facts(f.TillClosed)
    begun = book.facts(f.TseStarted)[-1].transaction_number
    before = newest(book, tmp_path / "before")
    assert set(before) == {"TSE_ID", "TSE_TA_FEHLER"}
    assert f"Begonnen war Transaktion {begun} " in before["TSE_TA_FEHLER"]
    book >> OPENED >> i.TseSurveyed(tuple(book.tse.open))
    book.sign()
    after = newest(book, tmp_path / "after")
    assert after["TSE_TANR"] == begun
    assert after["TSE_TA_SIG"] == book.facts(f.TseLate)[-1].signature
    assert "TSE-Ausfall" in after["TSE_TA_FEHLER"]


def test_the_journal_s_rest_is_read_once_however_many_wait(tmp_path: Path, monkeypatch: Any) -> None:
    book = Playbook().ready(1000)
    for _ in range(3):
        book >> add()
        book.sign() >> cash()
        book.wait(3.1).tick()
        book >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False) >> OPENED
    book.paper() >> command("till.close", count={"50": 41})
    book.wait(3.1).tick()
    read: list[int] = []

    def counted(directory: Path, first: int = 0) -> Any:
        read.append(first)
        return raw_lines(directory, first)

    monkeypatch.setattr("kassd.fiscal.rows.seal.raw_lines", counted)
    waiting = [one for one in receipts(book, tmp_path) if one.waits]
    assert (len(waiting), len(read)) == (3, 1)


def test_what_the_tse_does_not_have_stays_an_outage(tmp_path: Path) -> None:
    book = silent_finish()
    book >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False) >> OPENED
    book >> i.TseSurveyed(()) << "tse.dropped"
    assert set(newest(close(book), tmp_path)) == {"TSE_ID", "TSE_TA_FEHLER"}


def test_process_data_that_do_not_fit_are_left_out_and_follow_from_the_lines(tmp_path: Path) -> None:
    book = Playbook().ready()
    lines = [{"text": f"{n} " + "Pils " * 20, "price": 420, "vat": 1} for n in range(12)]
    book >> command("order.send", table="5", lines=lines)
    (order,) = (r for r in receipts(close(book.done()), tmp_path) if r.process_type == "Bestellung-V1")
    assert len(order.process_data) > 1000
    assert "TSE_VORGANGSDATEN" not in order.tables["transactions_tse"][0]
    assert "TSE_TA_SIG" in order.tables["transactions_tse"][0]


def test_a_transaction_whose_start_nobody_read_has_no_start_time_and_says_so(tmp_path: Path) -> None:
    """The TSE began it, its answer was lost: it ends as an abort; the audit warns and does not call it
    forged."""
    book = Playbook().ready()
    book.tse.transaction = 77
    book.tse.open.add(77)
    book >> i.TseSurveyed((77,))
    row = newest(close(book.done()), tmp_path / "journal")
    assert (row["TSE_TANR"], "TSE_TA_START" in row) == (77, False)
    assert row["TSE_TA_SIG"]
    assert "Startzeit" in row["TSE_TA_FEHLER"]
    made = exported(tmp_path / "journal", tmp_path / "out")
    findings = audit(made.folder, signatures=False).verdict.findings
    assert [one.severity for one in findings if one.id == "E1"] == ["warning"]


def test_every_tse_of_a_period_has_its_id(tmp_path: Path) -> None:
    book = close((Playbook().ready() >> add() >> cash()).done())
    other = replace(OPENED, serial_number="cd" * 32, public_key="b3RoZXI=")
    book >> i.TseSwapAsked("technik", "Tausch", "", "", 0) >> i.TseSwapped(other)
    book.sign()
    (book >> command("till.open", counted=350)).done()
    (book >> add() >> cash()).done()
    first, second = closings(journal_of(close(book), tmp_path))
    assert [row["TSE_SERIAL"] for row in first.tables["tse"]] == ["ab" * 32]
    assert [(row["TSE_ID"], row["TSE_SERIAL"]) for row in second.tables["tse"]] == [
        (1, "ab" * 32),
        (2, "cd" * 32),
    ]


def test_a_certificate_is_split_every_1000_characters() -> None:
    tse = {"serial_number": "", "algorithm": "", "time_format": "", "public_key": ""}
    (row,) = tses([{**tse, "certificates": ["A" * 1000 + "B" * 1000 + "C" * 8]}])
    assert row["TSE_ZERTIFIKAT_I"] == "A" * 1000
    assert row["TSE_ZERTIFIKAT_II"] == "B" * 1000
    assert row["TSE_ZERTIFIKAT_III"] == "C" * 8
