"""From what was scanned or typed to what is sold: an article, and what its code says of this piece."""

import re
from decimal import Decimal

from kassd.core.barcodes.reading import Reading
from kassd.core.catalog import with_limits
from kassd.core.codec import DECIMAL
from kassd.core.decision import Draft, Rejected, bad_args, shown
from kassd.core.goods.article import Article
from kassd.core.master import barcode_patterns
from kassd.core.state import State
from kassd.deferred import dataclass, replace
from kassd.errors import KassdError

EXPIRED = ("use_by_passed", "best_before_passed", "sell_by_passed")
TIMES = re.compile(r"([0-9]{1,5}(?:[.,][0-9]{1,3})?)\s?[*x]\s?(.+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """``measure``: kg (``in_kg``) or pieces that the code names; ``price``: cents of the whole piece;
    ``bound``: that price is fixed by law. ``warnings``: German sentences to be shown."""

    article: Article
    code: str = ""
    measure: Decimal | None = None
    in_kg: bool = False
    price: int | None = None
    bound: bool = False
    gtin: str = ""
    batch: str = ""
    best_before: str = ""
    warnings: tuple[str, ...] = ()


def times(code: str) -> tuple[Decimal | None, str]:
    """``3*4006381333931``: a quantity before the code."""
    found = TIMES.fullmatch(code)
    if found is None:
        return None, code
    number = found[1].replace(",", ".")
    return (Decimal(number) if DECIMAL.fullmatch(number) else None), found[2]


def by_id(state: State, article_id: str, today: str) -> Article:
    """Article by its number, if it is sold on ``today``."""
    article = state.catalog.articles.get(article_id)
    if article is None or article.valid_from > today:
        raise _unknown(article_id)
    return article


def look_up(
    d: Draft, code: str | None, aim: str, article_id: str | None, *, comes_back: bool = False
) -> Found:
    """What is meant by exactly one of ``code`` and ``article_id``; a combo is as limited as its parts. What
    ``comes_back`` may have expired."""
    found = _meant(d, code, aim, article_id, comes_back)
    return replace(found, article=with_limits(found.article, d.state.catalog.articles))


def _meant(d: Draft, code: str | None, aim: str, article_id: str | None, comes_back: bool) -> Found:
    today = d.stamp.at.date().isoformat()
    if (code is None) == (article_id is None):
        raise bad_args("expected one of code, article and text")
    if article_id is not None:
        return Found(by_id(d.state, article_id, today))
    if not code:
        raise bad_args("code: expected text, not empty", "(Der Code ist leer.)")
    article = d.state.catalog.find(code)
    if article is not None and article.valid_from <= today:
        return Found(article, code)
    return _read(d, code, aim, today, comes_back)


def _read(d: Draft, code: str, aim: str, today: str, comes_back: bool) -> Found:
    """What a code says that no article lists as it is: in-store numbers, press, GS1."""
    # Only here, so that a register that never meets such a code does not wait for GS1's tables at its start.
    from kassd.core.barcodes.read import read_code

    try:
        reading = read_code(code, aim, barcode_patterns(d.state.config), now=d.stamp.at)
    except KassdError as error:  # a broken installation stops no sale by hand
        raise Rejected("bad_code", {"code": shown(code)}, str(error)) from error
    article = next(filter(None, map(d.state.catalog.find, reading.keys)), None)
    wrong = [found for found in reading.problems if found.severity == "error"]
    if any(found.id == "check_digit" for found in wrong):
        raise Rejected("bad_check_digit", {"code": shown(code)}, f"({shown(code)})")
    if wrong:
        raise Rejected("bad_code", {"code": shown(code)}, wrong[0].message)
    if article is None and reading.kind == "coupon":
        raise Rejected("coupon_unknown", {"code": shown(code)}, f"({shown(code)})")
    if article is None and reading.kind == "press" and reading.price is not None and reading.vat is not None:
        name = f"Presse {reading.item} {reading.add_on}".rstrip()
        article = Article("", name, reading.price, reading.vat, reducible=False)
    if article is None or article.valid_from > today:
        raise _unknown(code)
    return Found(
        article,
        code,
        measure=Decimal(reading.count) if reading.count is not None else reading.weight,
        in_kg=reading.count is None and reading.weight is not None,
        price=reading.price,
        bound=reading.price_bound and reading.price is not None,
        gtin=reading.gtin.lstrip("0") if reading.kind != "in_store" else "",
        batch=reading.batch,
        best_before=reading.best_before or reading.sell_by or reading.use_by,
        warnings=_warnings(d, reading, comes_back),
    )


def _warnings(d: Draft, reading: Reading, comes_back: bool) -> tuple[str, ...]:
    """Sentences to be shown. Past its use-by date nothing is sold (Art. 24 LMIV); past its best-before date
    where the shop wants it so."""
    found = [one for one in reading.problems if one.severity == "warning"]
    late = next((one.message for one in found if one.id in EXPIRED), "")
    if late and not comes_back and (reading.expired or d.state.config.get("register.expired") == "refuse"):
        raise Rejected("best_before", {"code": shown(reading.text)}, f"({late})")
    return tuple(one.message for one in found)


def _unknown(what: str) -> Rejected:
    return Rejected("unknown_article", {"code": shown(what)}, f"({shown(what)})")
