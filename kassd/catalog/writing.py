"""Articles to a file. Each format reads back as the same articles, or nothing is written."""

import json
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from kassd.catalog.columns import COLUMNS, Column, write_cell
from kassd.catalog.csvfile import write_csv
from kassd.catalog.difference import difference
from kassd.catalog.problem import FileRefused, Problem
from kassd.catalog.reading import Context, read_bytes
from kassd.core.catalog import Article
from kassd.core.codec import encode

Format = Literal["json", "csv", "xlsx"]
FORMATS: tuple[Format, ...] = ("json", "csv", "xlsx")
ALWAYS = ("id", "name", "price", "vat", "codes")


def to_json(articles: Iterable[Article]) -> bytes:
    """The register's own catalogue file, an article in each line."""
    rows = ",\n".join("  " + json.dumps(encode(article), ensure_ascii=False) for article in articles)
    return f'{{"articles": [\n{rows}\n]}}\n'.encode()


def to_bytes(articles: Mapping[str, Article], format: Format, context: Context = Context()) -> bytes:
    """The file; raises :class:`FileRefused` for what a table cannot say (``context``: its tax keys)."""
    if format == "json":
        return to_json(articles.values())
    columns = _columns(articles.values())
    titles = [column.title for column in columns]
    rows = ([_cell(column, article) for column in columns] for article in articles.values())
    if format == "csv":
        data = write_csv(titles, [[_as_text(value) for value in row] for row in rows])
    else:
        from kassd.catalog.xlsx import write_xlsx  # openpyxl is loaded for nothing else

        data = write_xlsx(
            titles,
            [column.is_text for column in columns],
            ([_as_value(value) for value in row] for row in rows),
        )
    _prove(articles, data, context)
    return data


def _columns(articles: Iterable[Article]) -> list[Column]:
    """Those that are always there, and those in which anything stands."""
    used = set(ALWAYS)
    for article in articles:
        used |= {
            name
            for name, column in COLUMNS.items()
            if name not in used and getattr(article, name) != column.default
        }
    return [column for name, column in COLUMNS.items() if name in used]


def _cell(column: Column, article: Article) -> Any:
    return write_cell(column, getattr(article, column.field))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, Decimal):
        digits = f"{value:f}".replace(".", ",")
        return digits + "0" if value.as_tuple().exponent == -3 else digits  # 1,125 could be 1125
    return str(value)


def _as_value(value: Any) -> Any:
    return _as_text(value) if isinstance(value, bool) else value


def _prove(articles: Mapping[str, Article], data: bytes, context: Context) -> None:
    """What was written reads back as what it was written from."""
    if not articles:
        return
    plain = Context(keys=context.keys, rates=context.rates, control_prefix=context.control_prefix)
    try:
        changes = difference(articles, read_bytes(data, plain).articles).changes
    except FileRefused as error:
        text = f"als Tabelle nicht lesbar, bitte als JSON ausgeben: {error.problems[0]}"
        raise FileRefused([Problem(text)]) from error
    if changes:
        text = (
            f"Artikel {changes[0].id} hat Angaben, die eine Tabelle nicht wiedergibt; bitte als JSON ausgeben"
        )
        raise FileRefused([Problem(text)])


def replace_file(path: Path, data: bytes) -> Path | None:
    """Put ``data`` in a file's place so that a power cut leaves the old or the new one, whole. The old one is
    kept beside it (``catalog.json.old``); its path is returned, None if there was none."""
    path = path.resolve()
    part, kept = path.with_name(path.name + ".part"), path.with_name(path.name + ".old")
    had = path.stat() if path.exists() else None
    mode = had.st_mode & 0o777 if had else 0o644
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            if had is not None and os.geteuid() == 0:  # the service's account must go on reading it
                os.fchown(file.fileno(), had.st_uid, had.st_gid)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if had is not None:
            kept.unlink(missing_ok=True)
            os.link(path, kept)
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return kept if had is not None else None
