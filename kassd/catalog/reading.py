"""A file of articles, whatever its format: taken whole, or refused whole with every reason."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from kassd.catalog.articles import Rows, find_header, read_rows
from kassd.catalog.cells import TaxKeys
from kassd.catalog.csvfile import decoded, read_csv
from kassd.catalog.problem import FileRefused, Problem
from kassd.catalog.sheet import Progress, Sheet
from kassd.core.barcodes.control import DEFAULT_PREFIX
from kassd.core.catalog import Article, parse_catalog, problems_among
from kassd.core.vat import KEYS, rates_on
from kassd.errors import CatalogError

MAX_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Context:
    """What a file is read against. ``current``: the articles in force: what a table has no column for stays
    as it is. ``rates``: percent in force of DSFinV-K's keys. ``partial``: articles that are not in the file
    stay. ``agencies``: AGENTUR_ID of all for whom is sold, None: any. ``sheet``: the one to read, '' where
    only one can be meant. ``progress`` is told of rows read."""

    current: Mapping[str, Article] = field(default_factory=dict)
    keys: Collection[int] = tuple(KEYS)
    rates: Mapping[int, Decimal] = field(default_factory=lambda: rates_on("9999-12-31"))
    control_prefix: str = DEFAULT_PREFIX
    agencies: Collection[int] | None = None
    partial: bool = False
    sheet: str = ""
    progress: Progress = lambda _: None

    @property
    def tax_keys(self) -> TaxKeys:
        """What a cell with a tax rate may mean."""
        return TaxKeys(self.keys, self.rates)


@dataclass(frozen=True, slots=True)
class Reading:
    """``articles`` by id; ``notices``: what was put right or left out, to be shown before."""

    articles: Mapping[str, Article]
    notices: tuple[Problem, ...] = ()


def read_file(path: Path, context: Context = Context()) -> Reading:
    """Articles of a JSON, CSV or XLSX file, told apart by their content. Raises :class:`FileRefused`."""
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused([Problem(f"die Datei ist größer als {MAX_BYTES // 10**6} MB")])
    return read_bytes(path.read_bytes(), context)


def read_bytes(data: bytes, context: Context = Context()) -> Reading:
    """Like :func:`read_file`."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        from kassd.catalog.xlsx import read_xlsx  # openpyxl is loaded for nothing else

        return _table(read_xlsx(data, context.progress), context)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json(decoded(data), context)
    return _table([read_csv(data)], context)


def _json(text: str, context: Context) -> Reading:
    try:
        articles = parse_catalog(text, context.control_prefix, context.keys, context.agencies)
    except CatalogError as error:
        raise FileRefused([Problem(said, row=row) for row, said in error.problems]) from error
    if context.partial:
        return _whole(Rows([(0, article) for article in articles.values()]), context)
    return Reading(articles)


def _table(sheets: list[Sheet], context: Context) -> Reading:
    sheet = _chosen(sheets, context.sheet)
    found = read_rows(sheet, context.current, context.tax_keys, context.progress)
    return _whole(found, context, sheet.name)


def _whole(found: Rows, context: Context, sheet: str = "") -> Reading:
    """Judge all articles together: with those that stay, where the file is a part."""
    new = {article.id for _, article in found.articles}
    stays = [a for a in context.current.values() if a.id not in new] if context.partial else []
    rows = [*found.articles, *((0, article) for article in stays)]
    wrong = problems_among(rows, context.control_prefix, context.keys, context.agencies)
    problems = [*found.problems, *(Problem(said, sheet, row) for row, said in wrong)]
    if problems:
        problems.sort(key=lambda problem: (problem.row, problem.column))
        raise FileRefused(problems)
    return Reading({article.id: article for _, article in rows}, tuple(found.notices))


def _chosen(sheets: list[Sheet], wanted: str) -> Sheet:
    if wanted:
        for sheet in sheets:
            if sheet.name.casefold() == wanted.casefold():
                return sheet
        names = ", ".join(f"„{sheet.name}“" for sheet in sheets if sheet.name) or "keine"
        raise FileRefused([Problem(f"das Blatt „{wanted}“ gibt es nicht; vorhanden: {names}")])
    fitting = [sheet for sheet in sheets if not sheet.hidden and find_header(sheet) is not None]
    if len(fitting) > 1:
        names = ", ".join(f"„{sheet.name}“" for sheet in fitting)
        text = f"mehrere Blätter haben Artikel: {names}; eines mit --sheet wählen"
        raise FileRefused([Problem(text)])
    if not fitting:
        hidden = [sheet.name for sheet in sheets if sheet.hidden]
        more = f"; ausgeblendet und nicht gelesen: {', '.join(hidden)}" if hidden else ""
        text = "keine Überschriften gefunden; gebraucht werden Artikelnummer, Bezeichnung, Preis, Steuersatz"
        raise FileRefused([Problem(text + more)])
    return fitting[0]
