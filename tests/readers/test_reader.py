"""The reader finds every digit that is changed, and nothing where everything agrees."""

import ast
import re
from pathlib import Path

import pytest

from tests.core.playbook import Playbook, command
from tests.core.test_property import Chaos
from tests.readers.days import two_days
from tests.readers.printed import slips_of
from tests.readers.reader import check
from tests.readers.slip import read

HERE = Path(__file__).parent
# A price, an amount, or a figure of a table: not the 0,25 of a name.
AMOUNT = re.compile(r"(?:(?<=× )|(?<=  )|(?<=Betrag )|(?<= (?=.*€$)))-?(?:\d{1,3}\.)*\d{1,3},\d\d(?!\d)")
# Rates, foreign cash, a voucher's balance, a price that is multiplied by a third, words about a transfer.
UNPROVEN = re.compile(r" = |CHF|Soll-Bestand jetzt  *20,00|Nr\. GS|0,333 × |: 7,00 €|Prozessdaten|\[QR\]")
READERS = ("tests.readers.slip", "tests.readers.reader")
CHECKED = ("Geschäftsvorfälle", "Zahlungsarten", "Bargeld")


@pytest.fixture(scope="module")
def book() -> Playbook:
    return two_days()


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("qr", [False, True])
def test_a_day_that_adds_up(book: Playbook, columns: int, qr: bool) -> None:
    texts = slips_of(book, columns, qr=qr)
    assert check(texts) == []
    slips = [read(text) for text in texts]
    assert {slip.kind for slip in slips} == {"sale", "cash", "report"}
    assert all(slip.process for slip in slips if slip.kind != "report")
    assert sum(len(slip.positions) for slip in slips) > 10


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happened_adds_up(seed: int) -> None:
    chaos = Chaos(seed)
    for _ in range(100):
        chaos.step()
    chaos.book >> command("till.report")
    texts = slips_of(chaos.book, (32, 42, 48)[seed % 3], qr=bool(seed % 2))
    # Cash of a sale that is paid in part lies in the drawer, and its receipt is still to come.
    found = [one for one in check(texts) if not one.startswith("X-Bericht: cash of the receipts")]
    assert found == []


def changed(text: str, at: re.Match[str]) -> str:
    """One digit more or less."""
    digit = str((int(at[0][-1]) + 1) % 10)
    return text[: at.end() - 1] + digit + text[at.end() :]


def test_each_changed_amount_is_found(book: Playbook) -> None:
    """On receipts and in the sums of X and Z; not in rows that no slip proves."""
    texts = slips_of(book)
    tried, missed = 0, []
    for n, text in enumerate(texts):
        if read(text).kind != "report" and not read(text).books:
            continue
        section = ""
        start = 0
        before = ""
        for line in text.splitlines(keepends=True):
            section = line.strip() if before and not before.strip("-") else section
            provable = (
                read(text).kind != "report" or section in CHECKED or line.startswith(("Belege (", "Geldb"))
            )
            for at in AMOUNT.finditer(line) if provable and not UNPROVEN.search(line) else ():
                tried += 1
                worse = [
                    *texts[:n],
                    text[:start] + changed(line, at) + text[start + len(line) :],
                    *texts[n + 1 :],
                ]
                if not check(worse):
                    missed.append(f"{read(text).name}: {line.strip()}")
            start += len(line)
            before = line.strip()
    assert tried > 150
    assert not missed, "\n".join(missed)


def test_a_missing_receipt_is_found(book: Playbook) -> None:
    texts = slips_of(book)
    for n, text in enumerate(texts):
        if read(text).kind != "report":
            assert check([*texts[:n], *texts[n + 1 :]]), read(text).name


def test_a_receipt_twice_is_found(book: Playbook) -> None:
    texts = slips_of(book)
    sale = next(n for n, text in enumerate(texts) if read(text).kind == "sale")
    assert any("twice" in one for one in check([*texts[: sale + 1], *texts[sale:]]))


def test_process_data_are_read_in_clear_and_from_the_code(book: Playbook) -> None:
    for qr in (False, True):
        text = next(text for text in slips_of(book, 32, qr=qr) if "Wertgutschein" in text)
        assert check([text.replace("10.00:Unbar", "11.00:Unbar"), *slips_of(book, 32, qr=qr)[-1:]])
        assert read(text).process == ("Beleg", [0, 0, 0, 0, 1000], {"Unbar": 1000})


def test_without_a_report_nothing_is_known_of_tenders(book: Playbook) -> None:
    assert any("neither X nor Z" in one for one in check(slips_of(book)[:-1]))


@pytest.mark.parametrize("module", ["__init__.py", "slip.py", "reader.py"])
def test_the_reader_knows_nothing_of_the_register(module: str) -> None:
    tree = ast.parse((HERE / module).read_text(encoding="utf-8"))
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= {"re", "collections", "collections.abc", "dataclasses", "fractions", *READERS}
