"""Foreign judges of a DSFinV-K export: pretix' validator, and the official DTD in libxml2.

libxml2 refuses the official DTD (``Content model of Media is not deterministic``); it is made deterministic
in memory, for this test alone.
"""

import io
from datetime import date
from pathlib import Path

import pytest
from dsfinvk.validate import validate_dir
from lxml import etree

from kassd.fiscal.dsfinvk.index import DTD, INDEX
from tests.fiscal.dsfinvk.test_golden import GOLDEN
from tests.fiscal.kit import VECTORS, exported, traded

MEDIA = "<!ELEMENT Media (Name, Command*, Table*, Command*, AcceptNoTables?)>"
SAME_MEDIA = "<!ELEMENT Media (Name, Command*, (Table+, Command*)?, AcceptNoTables?)>"
OFFICIAL = VECTORS / "official-2.2" / "index.xml" / DTD


def dtd(path: Path) -> etree.DTD:
    text = path.read_text(encoding="utf-8")
    assert text.count(MEDIA) == 1
    return etree.DTD(io.StringIO(text.replace(MEDIA, SAME_MEDIA)))


@pytest.fixture(scope="module", params=["golden", "bar", "boutique", "kiosk", "truck"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(request.param)
    journal = GOLDEN / "journal"
    if request.param != "golden":
        journal = traded(made / "shop", request.param, date(2026, 3, 2), days=3, density=0.1)
    return exported(journal, made / "export").folder


def test_the_validator_has_nothing_to_say(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate_dir(folder) == []
    assert capsys.readouterr().out == ""  # it prints what it does not count as an error


def test_the_validator_sees_what_is_wrong(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes().replace(b",00;", b",0;"))
    validate_dir(tmp_path)
    assert "is not a valid decimal" in capsys.readouterr().out


def test_index_xml_is_valid_by_our_dtd(folder: Path) -> None:
    judge = dtd(folder / DTD)
    assert judge.validate(etree.parse(folder / INDEX)), judge.error_log


@pytest.mark.skipif(not OFFICIAL.is_file(), reason="folder ../shared/vectors is absent")
def test_index_xml_is_valid_by_the_official_dtd(folder: Path) -> None:
    judge = dtd(OFFICIAL)
    assert judge.validate(etree.parse(folder / INDEX)), judge.error_log
    text = (folder / INDEX).read_text(encoding="utf-8").replace("<Version>1.0</Version>", "")
    assert not judge.validate(etree.fromstring(text.encode()))
