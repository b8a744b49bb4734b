"""The TSE's archive beside the CSV: what explains a difference, and what does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kassd.core.verdict import Finding
from kassd.fiscal.audit import audit
from tests.fiscal.audit.foreign import Shop, Style, Tse, line, signer
from tests.fiscal.audit.mutators import cells, lines, members, write


def sell(shop: Shop, count: int = 1, **more: str) -> None:
    for _ in range(count):
        shop.book("Beleg", [line("Vase", 1990)], [("Bar", 1990)], **more)


def findings(shop: Shop, place: Path, with_tar: bool = True) -> tuple[Finding, ...]:
    shop.write(place / "export")
    return audit(place / "export", sorted(place.glob("*.tar")) if with_tar else ()).verdict.findings


def ids(found: tuple[Finding, ...]) -> set[str]:
    return {each.id for each in found}


@pytest.mark.parametrize("with_tar", [False, True])
def test_a_start_that_was_never_answered_is_explained_by_the_outage(with_tar: bool, tmp_path: Path) -> None:
    shop = Shop()
    sell(shop, 3)
    shop.tse.start(shop.name, shop.at("tse"))
    sell(shop, fault="TSE antwortet nicht")
    sell(shop, 3)
    shop.close()
    assert findings(shop, tmp_path, with_tar) == ()


def test_without_an_outage_nothing_explains_it(tmp_path: Path) -> None:
    shop = Shop()
    sell(shop, 3)
    shop.tse.start(shop.name, shop.at("tse"))
    sell(shop, 3)
    shop.close()
    assert ids(findings(shop, tmp_path / "with")) == {"E11"}
    assert ids(findings(shop, tmp_path / "without", False)) == {"E2"}


def test_a_late_answer_is_told_and_compared(tmp_path: Path) -> None:
    shop = Shop()
    sell(shop, 3)
    shop.close()
    for row in shop.tables["transactions_tse.csv"]:
        row["TSE_TA_FEHLER"] = "TSE antwortete später"
    assert findings(shop, tmp_path) == ()


def test_an_archive_of_the_whole_life_fits_a_part_of_it(tmp_path: Path) -> None:
    shop = Shop()
    for _ in range(4):
        sell(shop, 3)
        shop.close()
    shop.write(tmp_path / "export")
    for file in (tmp_path / "export").glob("*.csv"):
        head, *rows = lines(file)
        write(file, [head, *(row for row in rows if cells(row)[2] in ("2", "3"))])
    done = audit(tmp_path / "export", [tmp_path / "tse-1.tar"])
    assert done.verdict.findings == ()
    assert done.summary.registers[shop.name][:2] == (2, 3)


def test_a_shared_tse_names_the_other_register(tmp_path: Path) -> None:
    tse = Tse(Style(), signer("shared"))
    shop, other = Shop(tse=tse), Shop(name="FREMD-02", tse=tse)
    for _ in range(2):
        sell(shop)
        other.minute = shop.minute  # one TSE, one time
        sell(other)
        shop.minute = other.minute
    shop.close()
    other.close()
    found = findings(shop, tmp_path)
    assert [(each.id, each.severity) for each in found] == [("E12", "warning")]
    assert "FREMD-02" in found[0].message


def test_the_archive_of_a_second_tse_is_missed(tmp_path: Path) -> None:
    shop = Shop()
    sell(shop)
    shop.swap_tse(Tse(Style(), signer("second")))
    sell(shop)
    shop.close()
    shop.write(tmp_path / "export")
    found = audit(tmp_path / "export", [tmp_path / "tse-1.tar"]).verdict.findings
    assert [(each.id, each.severity) for each in found] == [("E11", "warning")]
    assert "kein Archiv" in found[0].message


def drop(part: str) -> Callable[[bytes], bytes]:
    def act(data: bytes) -> bytes:
        for name, begin, end in members(data):
            if part in name:
                return data[:begin] + data[end:]
        raise LookupError(part)

    return act


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (drop("No-2_Finish"), "kein Ende der Transaktion 2"),
        (drop("No-4_Finish"), "kein Ende der Transaktion 4"),  # the very last message
        (drop("info.csv"), "info.csv fehlt"),
        (drop("_X509"), "fehlt das Zertifikat"),
        (lambda data: data[:-2000], "bricht"),
    ],
)
def test_what_the_archive_lacks_is_found(act: Callable[[bytes], bytes], text: str, tmp_path: Path) -> None:
    shop = Shop()
    sell(shop, 3)
    shop.close()
    shop.write(tmp_path / "export")
    tar = tmp_path / "tse-1.tar"
    tar.write_bytes(act(tar.read_bytes()))
    found = audit(tmp_path / "export", [tar]).verdict.findings
    assert any(text in each.message for each in found), found


def test_another_certificate_or_algorithm_in_tse_csv_is_found(tmp_path: Path) -> None:
    shop = Shop()
    sell(shop)
    shop.close()
    shop.write(tmp_path / "export")
    file = tmp_path / "export" / "tse.csv"
    write(file, [row.replace("unixTime", "generalizedTime") for row in lines(file)])
    found = audit(tmp_path / "export", [tmp_path / "tse-1.tar"]).verdict.findings
    assert {"E6", "E10"} <= ids(found)


def test_a_trusted_root_is_asked_for(tmp_path: Path) -> None:
    shop = Shop()
    sell(shop)
    shop.close()
    shop.write(tmp_path / "export")
    tars = [tmp_path / "tse-1.tar"]
    assert audit(tmp_path / "export", tars, roots=[shop.tse.signer.certificate]).verdict.findings == ()
    foreign = audit(tmp_path / "export", tars, roots=[signer("root").certificate]).verdict.findings
    assert ids(foreign) == {"E14"}
