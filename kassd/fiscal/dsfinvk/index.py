"""index.xml, which declares the files (GDPdU), and the DTD it names."""

import hashlib
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from kassd.errors import ConfigError
from kassd.fiscal.layout import Column, Table

DTD = "gdpdu-01-09-2004.dtd"
INDEX = "index.xml"
COMMENT = "Datentraegerueberlassung nach GDPdU vom 12.11.2010"
EOL = "\r\n"
_ELEMENT = re.compile(r"<!ELEMENT\s+(\S+)\s+([^>]*)>")
_REMARK = re.compile(r"<!--.*?-->", re.DOTALL)
_TABLE = """\
    <Table>
      <URL>{url}</URL>
      <Name>{name}</Name>
      <Description>{url}</Description>
      <UTF8/>
      <DecimalSymbol>,</DecimalSymbol>
      <DigitGroupingSymbol>.</DigitGroupingSymbol>
      <Range>
        <From>2</From>
      </Range>
      <VariableLength>
        <ColumnDelimiter>;</ColumnDelimiter>
        <RecordDelimiter>&#xD;&#xA;</RecordDelimiter>
        <TextEncapsulator>"</TextEncapsulator>
{columns}
      </VariableLength>
    </Table>"""
_COLUMN = """\
        <VariableColumn>
          <Name>{name}</Name>
          <Description>{description}</Description>
{kind}
        </VariableColumn>"""
_SET = """\
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE DataSet SYSTEM "{dtd}">
<DataSet>
  <Version>1.0</Version>
  <DataSupplier>
    <Name/>
    <Location/>
    <Comment>{comment}</Comment>
  </DataSupplier>
  <Media>
    <Name>CD Nummer 1</Name>
{tables}
  </Media>
</DataSet>
"""


def index_xml(tables: Iterable[Table]) -> bytes:
    """The file that declares ``tables`` in their order."""
    written = "\n".join(_table(table) for table in tables)
    return _SET.format(dtd=DTD, comment=COMMENT, tables=written).replace("\n", EOL).encode()


def _table(table: Table) -> str:
    columns = "\n".join(_column(column) for column in table.columns)
    return _TABLE.format(url=table.file, name=table.name, columns=columns)


def _column(column: Column) -> str:
    pad = "          "
    if not column.numeric:
        kind = f"{pad}<AlphaNumeric/>\n{pad}<MaxLength>{column.size}</MaxLength>"
    elif column.size:
        kind = f"{pad}<Numeric>\n{pad}  <Accuracy>{column.size}</Accuracy>\n{pad}</Numeric>"
    else:
        kind = f"{pad}<Numeric/>"
    return _COLUMN.format(name=column.name, description=escape(column.description), kind=kind)


def declarations(dtd: str) -> dict[str, str]:
    """Element → content model of a DTD, without remarks and spaces."""
    return {name: "".join(model.split()) for name, model in _ELEMENT.findall(_REMARK.sub("", dtd))}


def dtd_bytes(official: Path | None) -> bytes:
    """The DTD to be shipped: ``official`` byte for byte, else our own with the same declarations.

    Raises :class:`~kassd.errors.ConfigError` where ``official`` is something else.
    """
    own = (files("kassd.fiscal") / DTD).read_bytes()
    if official is None:
        return own
    try:
        content = official.read_bytes()
    except OSError as error:
        raise ConfigError(f"[fiscal] dtd: {official} kann nicht gelesen werden: {error.strerror}") from error
    if declarations(content.decode("utf-8", "replace")) != declarations(own.decode()):
        digest = hashlib.sha256(content).hexdigest()[:16]
        raise ConfigError(
            f"[fiscal] dtd: {official} (SHA-256 {digest}…) ist nicht {DTD}. Bitte die amtliche Datei nennen "
            "oder die Zeile weglassen; dann wird eine Datei mit denselben Festlegungen beigelegt."
        )
    return content
