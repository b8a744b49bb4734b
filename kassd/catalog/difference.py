"""What a file would change: new, changed and removed articles, each value as it was and as it will be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from kassd.catalog.columns import COLUMNS, write_cell
from kassd.core.catalog import Article
from kassd.core.codec import encode
from kassd.core.money import euros


@dataclass(frozen=True, slots=True)
class Change:
    """One article: ``old`` None: it is new; ``new`` None: it goes."""

    id: str
    old: Article | None
    new: Article | None

    @property
    def kind(self) -> str:
        """``new``, ``changed`` or ``removed``."""
        if self.old is None:
            return "new"
        return "changed" if self.new is not None else "removed"

    def fields(self) -> Iterator[tuple[str, Any, Any]]:
        """(field, old, new) of what differs; nothing for a new or removed article."""
        if self.old is not None and self.new is not None:
            for each in fields(Article):
                before, after = getattr(self.old, each.name), getattr(self.new, each.name)
                if before != after:
                    yield each.name, before, after


@dataclass(frozen=True, slots=True)
class Difference:
    """``changes`` in the order of the file, removed articles last; ``same``: how many stay as they are."""

    changes: tuple[Change, ...]
    same: int

    def count(self, kind: str) -> int:
        """How many changes are of this kind."""
        return sum(change.kind == kind for change in self.changes)

    def summary(self) -> str:
        """One German line."""
        if not self.changes:
            return f"Kein Unterschied ({self.same} Artikel)"
        new, changed, gone = (self.count(kind) for kind in ("new", "changed", "removed"))
        return f"{new} neu, {changed} geändert, {gone} entfallen, {self.same} unverändert"

    def to_json(self) -> dict[str, Any]:
        """``{"new": [article], "changed": [{"id", "name", "fields": {key: {"old", "new"}}}], "removed":
        [article], "same"}``, values as in the catalogue's JSON; a default that was left out is null."""
        out: dict[str, Any] = {"new": [], "changed": [], "removed": [], "same": self.same}
        for change in self.changes:
            if change.old is None or change.new is None:
                out[change.kind].append(encode(change.new or change.old))
                continue
            changed = {name: {"old": encode(a), "new": encode(b)} for name, a, b in change.fields()}
            out["changed"].append({"id": change.id, "name": change.new.name, "fields": changed})
        return out

    def lines(self) -> Iterator[str]:
        """A German line for each change: ``geändert  1001  Brötchen: Preis 0,45 → 0,49``."""
        for change in self.changes:
            article = change.new or change.old
            assert article is not None
            if change.kind == "changed":
                what = "; ".join(
                    f"{COLUMNS[n].title} {shown(n, a)} → {shown(n, b)}" for n, a, b in change.fields()
                )
            else:
                what = f"{euros(article.price)} €, Steuerschlüssel {article.vat}"
            word = {"new": "neu", "changed": "geändert", "removed": "entfällt"}[change.kind]
            yield f"{word:9} {change.id}  {article.name}: {what}"


def difference(old: Mapping[str, Article], new: Mapping[str, Article]) -> Difference:
    """From the articles ``old`` to ``new``, both by id."""
    changes = [Change(key, old.get(key), article) for key, article in new.items() if old.get(key) != article]
    changes += [Change(key, article, None) for key, article in old.items() if key not in new]
    return Difference(tuple(changes), len(new) - sum(change.new is not None for change in changes))


def shown(name: str, value: Any) -> str:
    """A field's value as a person reads it."""
    column = COLUMNS[name]
    if column.kind == "money":
        return f"{euros(value)} €"
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if column.kind in ("tax", "whole") or not value:
        return "leer" if value is None or value in ("", ()) else str(value)
    written = write_cell(column, value)
    return f"„{value if written is None else written}“"
