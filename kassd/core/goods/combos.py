"""Combos at one price: the shares of its tax keys, exact to the cent (UStAE 10.1 (12))."""

from collections.abc import Sequence
from decimal import Decimal

from kassd.core.decision import Rejected
from kassd.core.entry import Share, SubItem
from kassd.core.goods.article import FLAT_SHARES, Article
from kassd.core.goods.pricing import vat_of
from kassd.core.money import split
from kassd.core.state import State


def sub_items(state: State, combo: Article, day: str, in_house: bool) -> tuple[SubItem, ...]:
    """The parts with their single prices and tax keys of this moment."""
    found = []
    for part in combo.parts:
        article = state.catalog.articles.get(part.article)
        if article is None:
            raise Rejected("article_incomplete", {"article": part.article}, f"({part.article[:40]})")
        vat, _ = vat_of(state, article, day, in_house)
        gtin = article.known_gtin()
        found.append(SubItem(article.name, part.quantity, vat, article.price, article.id, gtin))
    return tuple(found)


def shares_of(
    combo: Article, parts: Sequence[SubItem], amount: int, rates: dict[int, Decimal]
) -> tuple[Share, ...]:
    """``amount`` by tax key, ascending by key; () where all of it has one key. ``rates`` by key."""
    weights: dict[int, int] = {}
    for item, part in zip(parts, combo.parts, strict=True):
        price = part.cost if combo.split == "costs" else item.price
        weights[item.vat] = weights.get(item.vat, 0) + int(price * item.quantity * 1000)
    flat = FLAT_SHARES.get(combo.split)
    if flat is not None and len(weights) > 1:
        if set(weights) != set(flat):
            detail = f"({combo.name[:40]}: {combo.split} nur 7 % und 19 %)"
            raise Rejected("article_incomplete", {"article": combo.id}, detail)
        weights = dict(flat)
    if len(weights) == 1:
        return ()
    if not any(weights.values()):  # parts without a price: equally
        weights = dict.fromkeys(weights, 1)
    keys = sorted(weights)
    amounts = split(amount, [weights[key] for key in keys])
    return tuple(Share(key, rates[key], part) for key, part in zip(keys, amounts, strict=True))
