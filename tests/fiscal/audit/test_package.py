"""A and B: the form of the package and its files. Each row breaks one thing and says what finds it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kassd.fiscal.audit import audit
from tests.fiscal.audit.foreign import two_days

Act = Callable[[Path], None]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return two_days().write(tmp_path / "export")


def edit(file: str, before: bytes, after: bytes) -> Act:
    def act(folder: Path) -> None:
        path = folder / file
        data = path.read_bytes()
        assert before in data
        path.write_bytes(data.replace(before, after, 1))

    return act


def add(file: str, data: bytes) -> Act:
    return lambda folder: (folder / file).write_bytes(data) and None


def remove(file: str) -> Act:
    return lambda folder: (folder / file).unlink()


def prefix(file: str, data: bytes) -> Act:
    return lambda folder: (folder / file).write_bytes(data + (folder / file).read_bytes()) and None


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (edit("index.xml", b"</DataSet>", b""), "A1"),
        (edit("index.xml", b"gdpdu-01-09-2004", b"gdpdu-01-08-2002"), "A1"),
        (edit("index.xml", b"<Version>1.0", b"<Version>2.0"), "A1"),
        (edit("index.xml", b"&#xD;&#xA;", b"&#xA;"), "A1"),
        (edit("index.xml", b"<UTF8/>", b"<ANSI/>"), "A1"),
        (edit("index.xml", b"<Name>Bonkopf<", b"<Name>Bon<"), "A1"),
        (edit("gdpdu-01-09-2004.dtd", b"(#PCDATA)", b"EMPTY"), "A1"),
        (remove("gdpdu-01-09-2004.dtd"), "A1"),
        (remove("index.xml"), "A1"),
        (remove("subitems.csv"), "A2"),
        (add("mehr.csv", b"X\r\n"), "A2"),
        (add("liesmich.txt", b"x"), "A2"),
        (prefix("lines.csv", b"\xef\xbb\xbf"), "A3"),
        (edit("lines.csv", "Käse".encode(), "Käse".encode("latin-1")), "A3"),
        (edit("lines.csv", b"Torte", b"Tor\x07te"), "A3"),
        (edit("lines.csv", b"\r\n", b"\n"), "A4"),
        (edit("lines.csv", b"Torte", b'Torte"klein"'), "A4"),
        (edit("lines.csv", b"Torte", b'"Torte'), "A4"),
        (edit("lines.csv", b"ARTIKELTEXT", b"ARTIKEL"), "A5"),
        (edit("index.xml", b"<Name>ARTIKELTEXT<", b"<Name>ARTIKEL<"), "A5"),
        (edit("index.xml", b"<Accuracy>5<", b"<Accuracy>4<"), "A5"),
        (edit("lines.csv", b"Torte", b"Torte;extra"), "A6"),
        (edit("location.csv", b"01067", b"01067012345"), "A7"),
        (edit("transactions.csv", b";19,90;", b";19.90;"), "A7"),
        (edit("transactions.csv", b";19,90;", b";1.019,90;"), "A7"),
        (edit("transactions.csv", b";19,90;", b";19,900;"), "A7"),
        (edit("transactions_vat.csv", b";0,00\r\n", b";-0,00\r\n"), "A7"),
        (edit("transactions.csv", b";AVTraining;;;0;", b";AVTraining;;;N;"), "A8"),
        (edit("lines.csv", b";Geldtransit;", b";Transit;"), "A9"),
        (edit("cashpointclosing.csv", b";Fremd GmbH;", b";;"), "A10"),
        (edit("transactions.csv", b"+00:00;2026", b";2026"), "A11"),
        (edit("transactions_tse.csv", b".000Z;Kassen", b"Z;Kassen"), "A11"),
        (edit("lines.csv", b"FREMD-01;2026", b";2026"), "B1"),
        (edit("transactions.csv", b";7;Anna;", b";;;"), "B15"),
        (edit("transactions.csv", b"AVTraining;;", b"Beleg;Training;"), "D7"),
        (edit("transactions.csv", b";Anmeldung;", b";;"), "D1"),
        (edit("transactions.csv", b";AVTraining;;;0;", b";AVTraining;;;;"), "D2"),
        (edit("lines.csv", b";Umsatz;;;;", b";Umsatz;;;1;"), "D6"),
        (edit("allocation_groups.csv", b";T5-1", b";"), "D8"),
        (edit("pa.csv", b"1/2", b""), "F2"),
    ],
)
def test_what_is_wrong_is_found(act: Act, expected: str, export: Path) -> None:
    act(export)
    findings = audit(export).verdict.findings
    assert expected in {each.id for each in findings}, findings
    assert all(each.where or "weitere Befunde" in each.message for each in findings)


def test_an_own_dtd_of_the_same_declarations_is_as_good(export: Path) -> None:
    dtd = export / "gdpdu-01-09-2004.dtd"
    dtd.write_bytes(b"<!-- ours -->\n" + dtd.read_bytes().replace(b"> ", b">").replace(b"\n", b"\r\n"))
    assert audit(export).verdict.findings == ()


def test_a_finding_says_what_is_expected_and_what_stands(export: Path) -> None:
    edit("transactions.csv", b";19,90;", b";29,90;")(export)
    found = next(each for each in audit(export).verdict.findings if each.id == "C1")
    assert found.where.startswith("transactions.csv Zeile ")
    row = int(found.where.rsplit(" ", 1)[1])
    assert b";29,90;" in (export / "transactions.csv").read_bytes().split(b"\r\n")[row - 1]
    assert "erwartet „19,90“, dort steht „29,90“" in found.message


def test_many_findings_of_a_kind_are_counted(export: Path) -> None:
    path = export / "lines.csv"
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
    found = [each for each in audit(export).verdict.findings if each.id == "A4"]
    assert len(found) == 21
    assert "weitere Befunde dieser Art" in found[-1].message
