"""The catalogue: articles by id and by code, parsed with line numbers, refused as a whole when wrong."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kassd.core.barcodes.check_digit import has_wrong_check_digit
from kassd.core.barcodes.control import DEFAULT_PREFIX
from kassd.core.codec import CodecError, decode
from kassd.core.vat import KEYS
from kassd.errors import CatalogError

MAX_PRICE = 99_999_999  # cents; more is a typing error
MAX_TEXT = 255
MAX_CODES = 40

EXAMPLE = """\
{"articles": [
  {"id": "brot", "name": "Bauernbrot 1 kg", "price": 390, "vat": 2, "codes": ["4006381333931"]},
  {"id": "kaffee", "name": "Kaffee, Becher", "price": 280, "vat": 1, "codes": ["2000000000015", "KAFFEE-1"]},
  {"id": "tasche", "name": "Stofftasche", "price": 450, "vat": 1},
  {"id": "kalender", "name": "Kalender 2027", "price": 990, "vat": 2, "valid_from": "2026-12-01"}
]}
"""


@dataclass(frozen=True, slots=True)
class Article:
    """One article. ``what`` of each key is its line in docs/catalog.md."""

    id: str = field(metadata={"what": "article number, unique in the file; `sale.add` takes it as `article`"})
    name: str = field(metadata={"what": "text of the receipt's line (handelsübliche Bezeichnung)"})
    price: int = field(metadata={"what": "gross price in cents, from 0"})
    vat: int = field(metadata={"what": "tax key (UST_SCHLUESSEL), see below"})
    codes: tuple[str, ...] = field(default=(), metadata={"what": "what a scanner reads for it, see below"})
    valid_from: str = field(
        default="", metadata={"what": "first day of sale, `2026-12-01`; before it unknown"}
    )


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
        by_code = dict(self.by_code)
        old = self.articles.get(article.id)
        for code in old.codes if old else ():
            if by_code.get(code) == article.id:
                del by_code[code]
        by_code.update(dict.fromkeys(article.codes, article.id))
        return Catalog({**self.articles, article.id: article}, by_code)

    def without_article(self, article_id: str) -> "Catalog":
        """Return the catalogue without an article."""
        articles = {key: article for key, article in self.articles.items() if key != article_id}
        by_code = {code: owner for code, owner in self.by_code.items() if owner != article_id}
        return Catalog(articles, by_code)

    def find(self, code: str) -> Article | None:
        """Article of a scanned code; a leading zero of UPC-A/EAN-13 makes no difference."""
        for form in (code, code.lstrip("0"), "0" + code):
            if form in self.by_code:
                return self.articles[self.by_code[form]]
        return None


def _is_short(text: str) -> bool:
    return len(text) <= MAX_TEXT and text.isprintable()


def problems_of(article: Article, control_prefix: str = DEFAULT_PREFIX) -> Iterator[str]:
    """German sentences for everything wrong with one article."""
    if not article.id:
        yield "die Artikelnummer (id) fehlt"
    if not article.name.strip():
        yield f"Artikel {article.id}: der Name fehlt"
    if not all(_is_short(text) for text in (article.id, article.name, *article.codes)):
        yield f"Artikel {article.id[:40]}: nur eine Zeile mit höchstens {MAX_TEXT} Zeichen je Angabe"
    if len(article.codes) > MAX_CODES:
        yield f"Artikel {article.id[:40]}: mehr als {MAX_CODES} Codes"
    if article.vat not in KEYS:
        yield f"Artikel {article.id}: unbekannter Steuerschlüssel {article.vat} (erlaubt: 1 bis 8)"
    if not 0 <= article.price <= MAX_PRICE:
        yield f"Artikel {article.id}: der Preis {article.price} ist kein Betrag in Cent ab 0"
    if any(not code for code in article.codes):
        yield f"Artikel {article.id}: ein Code ist leer"
    if article.valid_from and not _is_day(article.valid_from):
        yield f"Artikel {article.id}: valid_from ist kein Tag, z. B. 2026-12-01"
    for code in article.codes:
        if code.startswith(control_prefix):
            yield f"Artikel {article.id}: mit {control_prefix} beginnen nur Steuercodes, nicht {code[:40]}"
        if has_wrong_check_digit(code):
            yield f"Artikel {article.id}: die Prüfziffer von {code} ist falsch; so wird er nie gelesen"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def parse_catalog(text: str, control_prefix: str = DEFAULT_PREFIX) -> dict[str, Article]:
    """Articles of a catalogue file by id, or :class:`CatalogError` naming every bad line."""
    problems: list[tuple[int, str]] = []
    articles: dict[str, Article] = {}
    codes: dict[str, str] = {}
    for line, value in _entries(text):
        try:
            article = decode(Article, value)
        except CodecError as error:
            problems.append((line, f"der Eintrag ist falsch aufgebaut ({error})"))
            continue
        problems += [(line, sentence) for sentence in problems_of(article, control_prefix)]
        if article.id in articles:
            problems.append((line, f"Artikel {article.id} steht zweimal in der Datei"))
        for code in article.codes:
            if code in codes:
                problems.append((line, f"Code {code} gehört schon zu Artikel {codes[code]}"))
            codes[code] = article.id
        articles[article.id] = article
    if problems:
        raise CatalogError(problems)
    return articles


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
    for value in whole["articles"]:
        while text[at] in " \t\r\n,":
            at += 1
        yield text.count("\n", 0, at) + 1, value
        _, at = decoder.raw_decode(text, at)
