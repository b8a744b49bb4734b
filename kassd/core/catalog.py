"""The catalogue: articles by id and by code, parsed with line numbers, refused as a whole when wrong."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field
from math import ceil
from operator import itemgetter
from typing import Any

from kassd.core.barcodes.control import DEFAULT_PREFIX
from kassd.core.codec import CodecError, decode
from kassd.core.goods.article import MAX_CODES as MAX_CODES
from kassd.core.goods.article import MAX_PRICE as MAX_PRICE
from kassd.core.goods.article import MAX_TEXT as MAX_TEXT
from kassd.core.goods.article import Article as Article
from kassd.core.goods.article import problems_of as problems_of
from kassd.core.goods.example import EXAMPLE as EXAMPLE
from kassd.core.layers import GONE, Layers
from kassd.core.lettering import printable
from kassd.core.vat import KEYS
from kassd.deferred import dataclass, replace
from kassd.errors import CatalogError

GTIN_LENGTHS = (12, 13, 14)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Articles by id; ``by_code`` is derived."""

    articles: Mapping[str, Article] = field(default_factory=dict)
    by_code: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, articles: Mapping[str, Article]) -> "Catalog":
        """Build the code index."""
        return cls(articles, {code: a.id for a in articles.values() for code in a.codes})

    def with_article(self, article: Article) -> "Catalog":
        """Return the catalogue with ``article`` added or replaced."""
        codes: dict[str, Any] = dict.fromkeys(self._codes_of(article.id), GONE)
        codes.update(dict.fromkeys(article.codes, article.id))
        articles = Layers.of(self.articles).changed({article.id: article})
        return Catalog(articles, Layers.of(self.by_code).changed(codes))

    def without_article(self, article_id: str) -> "Catalog":
        """Return the catalogue without an article."""
        codes = dict.fromkeys(self._codes_of(article_id), GONE)
        articles = Layers.of(self.articles).changed({article_id: GONE})
        return Catalog(articles, Layers.of(self.by_code).changed(codes))

    def _codes_of(self, article_id: str) -> Iterator[str]:
        """Codes by which an article is found: another may have taken one over."""
        article = self.articles.get(article_id)
        return (code for code in (article.codes if article else ()) if self.by_code.get(code) == article_id)

    def find(self, code: str) -> Article | None:
        """Article of a scanned code; a leading zero of UPC-A/EAN-13 makes no difference."""
        for form in (code, code.lstrip("0"), "0" + code):
            if form in self.by_code:
                return self.articles[self.by_code[form]]
        return None


def with_limits(article: Article, articles: Mapping[str, Article]) -> Article:
    """A combo with what limits its parts: age class and chargers in a piece. Others as they are."""
    parts = [(articles[part.article], part.quantity) for part in article.parts if part.article in articles]
    if not parts:
        return article
    chargers = ceil(sum(part.nitrous_oxide * quantity for part, quantity in parts))
    return replace(
        article,
        age=max(article.age, *(part.age for part, _ in parts)),
        nitrous_oxide=max(article.nitrous_oxide, chargers),
        reducible=article.reducible and all(part.reducible for part, _ in parts),
    )


def misfits_of(article: Article, articles: Mapping[str, Article]) -> Iterator[str]:
    """German sentences for what an article says of others that is not so."""
    for part in article.deposit:
        found = articles.get(part.article)
        if found is None or found.kind != "deposit":
            yield f"Artikel {article.id[:40]}: {part.article[:40]} ist keine Pfandart (kind deposit)"
    for part in article.parts:
        found = articles.get(part.article)
        if found is None or found.kind == "deposit" or found.parts or found.weighed:
            yield f"Artikel {article.id[:40]}: {part.article[:40]} kann kein Bestandteil sein"
        elif not found.reducible:  # § 28 TabStG, § 3 BuchPrG: at its price, and with nothing else
            yield f"Artikel {article.id[:40]}: {part.article[:40]} hat einen festen Preis, auch im Menü"
        elif found.agency != article.agency:
            yield f"Artikel {article.id[:40]}: {part.article[:40]} hat eine andere agency als das Menü"


def unfit_by(article: Article, articles: Mapping[str, Article]) -> Iterator[str]:
    """The same for the articles that name ``article``, which is to be put in its place among ``articles``."""
    old = articles.get(article.id)
    if old is None or _role(old) == _role(article):
        return
    after = Layers.of(articles).changed({article.id: article})
    for other in articles.values():
        if other.id != article.id and any(p.article == article.id for p in (*other.parts, *other.deposit)):
            yield from misfits_of(other, after)


def _role(article: Article) -> tuple[object, ...]:
    """What decides whether an article may be part or deposit of another."""
    return article.kind, article.weighed, bool(article.parts), article.reducible, article.agency


def forms_of(code: str) -> tuple[str, ...]:
    """The ways to write a code: UPC-A, EAN-13 and GTIN-14 differ in leading zeros alone."""
    digits = len(code) in GTIN_LENGTHS and code.isascii() and code.isdigit()
    bare = code.lstrip("0")
    return tuple(bare.zfill(n) for n in GTIN_LENGTHS if len(bare) <= n) if digits else (code,)


def parse_catalog(
    text: str,
    control_prefix: str = DEFAULT_PREFIX,
    keys: Collection[int] = KEYS,
    agencies: Collection[int] | None = None,
) -> dict[str, Article]:
    """Articles of a catalogue file by id, or :class:`CatalogError` naming every bad line."""
    problems: list[tuple[int, str]] = []
    rows: list[tuple[int, Article]] = []
    for line, value in _entries(text):
        try:
            rows.append((line, decode(Article, value)))
        except CodecError as error:
            problems.append((line, f"der Eintrag ist falsch aufgebaut ({error})"))
    problems += problems_among(rows, control_prefix, keys, agencies)
    if problems:
        problems.sort(key=itemgetter(0))
        raise CatalogError([(line, printable(sentence)) for line, sentence in problems])
    return {article.id: article for _, article in rows}


def problems_among(
    rows: Iterable[tuple[int, Article]],
    control_prefix: str = DEFAULT_PREFIX,
    keys: Collection[int] = KEYS,
    agencies: Collection[int] | None = None,
) -> Iterator[tuple[int, str]]:
    """Everything wrong with articles that are to be a catalogue, each with the line (or row) it stands in.
    ``agencies``: AGENTUR_ID of all for whom may be sold; None: not looked at."""
    articles: dict[str, Article] = {}
    codes: dict[str, str] = {}
    seen: set[str] = set()
    lines: dict[str, int] = {}
    for line, article in rows:
        yield from ((line, sentence) for sentence in problems_of(article, control_prefix, keys))
        if agencies is not None and article.agency not in (0, *agencies):
            yield (
                line,
                f"Artikel {article.id[:40]}: zu agency {article.agency} fehlt [[agency]] mit dieser id",
            )
        if article.id in articles:
            yield line, f"Artikel {article.id} steht zweimal in der Datei"
        for code in article.codes:
            form = forms_of(code)[-1]
            if codes.get(form, article.id) != article.id or (form in codes and code in seen):
                yield line, f"Code {code} gehört schon zu Artikel {codes[form]}"
            codes[form] = article.id
            seen.add(code)
        articles[article.id] = article
        lines[article.id] = line
    for article in articles.values():
        yield from ((lines[article.id], sentence) for sentence in misfits_of(article, articles))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that stands twice in it is kept as a problem of its own."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        found[f"{twice} (zweimal)"] = None
    return found


def _entries(text: str) -> Iterator[tuple[int, Any]]:
    """Yield (line number, value) of each element of ``articles``."""
    try:
        whole = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise CatalogError([(error.lineno, f"kein gültiges JSON ({error.msg})")]) from error
    if not isinstance(whole, dict) or not isinstance(whole.get("articles"), list):
        raise CatalogError([(1, 'erwartet wird {"articles": [{"id": …, "name": …}, …]}')])
    unknown = sorted(set(whole) - {"articles"})
    if unknown:
        raise CatalogError([(1, f"unbekannter Schlüssel {unknown[0]}")])
    decoder, at = json.JSONDecoder(), text.index("[", text.index('"articles"')) + 1
    line = text.count("\n", 0, at) + 1
    for value in whole["articles"]:
        before = at
        while text[at] in " \t\r\n,":
            at += 1
        line += text.count("\n", before, at)
        yield line, value
        before = at
        _, at = decoder.raw_decode(text, at)
        line += text.count("\n", before, at)
