"""index.xml and the DTD."""

import hashlib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from kassd.errors import ConfigError
from kassd.fiscal.dsfinvk.index import declarations, dtd_bytes, index_xml
from kassd.fiscal.layout import layout_of
from tests.fiscal.kit import VECTORS

TABLES = layout_of("2026-01-01").tables
OFFICIAL_MD5 = "f79af4d4504eb7bd8e2ef17f05e72f22"
absent = pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")


def shape(element: ElementTree.Element) -> object:
    """Names, texts and order, without the spaces between elements."""
    return element.tag, (element.text or "").strip(), [shape(child) for child in element]


def test_it_declares_every_file_and_column_in_order() -> None:
    written = index_xml(TABLES)
    root = ElementTree.fromstring(written)
    assert written.startswith(
        b'<?xml version="1.0" encoding="utf-8"?>\r\n<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd">'
    )
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert [table.findtext("URL") for table in root.iter("Table")] == [table.file for table in TABLES]
    for table, element in zip(TABLES, root.iter("Table"), strict=True):
        columns = list(element.iter("VariableColumn"))
        assert [column.findtext("Name") for column in columns] == [column.name for column in table.columns]
    assert b"<RecordDelimiter>&#xD;&#xA;</RecordDelimiter>" in written


@absent
def test_it_says_what_the_published_one_says() -> None:
    published = (VECTORS / "structure-2.4" / "index.xml").read_text(encoding="utf-8-sig")
    published = published.replace(
        "Signaturalgo-rithmus", "Signaturalgorithmus"
    )  # a word broken in the source
    published = published.replace("<RecordDelimiter>&#xD;&#xA;", "<RecordDelimiter>CRLF")
    ours = index_xml(TABLES).decode().replace("<RecordDelimiter>&#xD;&#xA;", "<RecordDelimiter>CRLF")
    assert shape(ElementTree.fromstring(ours)) == shape(ElementTree.fromstring(published))


@absent
def test_our_dtd_declares_what_the_official_one_declares() -> None:
    official = VECTORS / "official-2.2" / "index.xml" / "gdpdu-01-09-2004.dtd"
    assert declarations(dtd_bytes(None).decode()) == declarations(official.read_text(encoding="utf-8"))
    assert len(declarations(dtd_bytes(None).decode())) == 49


@absent
def test_an_official_copy_is_shipped_byte_for_byte() -> None:
    official = VECTORS / "official-2.2" / "index.xml" / "gdpdu-01-09-2004.dtd"
    assert dtd_bytes(official) == official.read_bytes()
    assert hashlib.md5(dtd_bytes(official), usedforsecurity=False).hexdigest() == OFFICIAL_MD5


def test_another_file_in_its_place_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.dtd"
    other.write_bytes(dtd_bytes(None).replace(b"Media+", b"Media*"))
    with pytest.raises(ConfigError, match="amtliche Datei"):
        dtd_bytes(other)
    with pytest.raises(ConfigError, match="kann nicht gelesen werden"):
        dtd_bytes(tmp_path / "missing.dtd")
