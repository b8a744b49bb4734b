"""What is decided when the process starts: master data, unfinished business, catalogue."""

from collections.abc import Iterator, Mapping
from typing import Any

from kassd.core import facts as f
from kassd.core.catalog import Article
from kassd.core.codec import encode
from kassd.core.decision import Draft
from kassd.core.inputs import CatalogOffered, Started
from kassd.core.master import FIXED, is_deferred
from kassd.core.printing import repeat_unknown
from kassd.core.state import State
from kassd.errors import ConfigError

CONFIG, CATALOG = "config", "catalog"


def check_identity(state: State, config: Mapping[str, Any]) -> None:
    """Another ``register.id`` or ``register.mode`` than the journal's does not start (FISCAL 5)."""
    for key in FIXED:
        known = state.config.get(key)
        if known is not None and known != config.get(key):
            raise ConfigError(
                f"{key} = {config.get(key)!r} passt nicht zum Journal ({known!r}). Eine Kasse behält ihre "
                "Kennung und Betriebsart auf Dauer: die alte Einstellung wiederherstellen oder mit einem "
                "neuen, leeren Journal-Verzeichnis beginnen (das ist eine Außerbetriebnahme)."
            )


def on_started(d: Draft, boot: Started) -> None:
    """A new process: take over the file if it has changed, settle what the last process left."""
    first = not d.state.config
    check_identity(d.state, boot.config)
    d.fact(f.Started(boot.software, boot.build, boot.config_hash, d.state.epoch))
    if d.state.files.get(CONFIG) != boot.config_hash:
        _compare(d, boot.config, first)
        d.fact(f.FileTaken(CONFIG, boot.config_hash))
    if not first and d.state.software != boot.software:
        _change(d, "software.version", d.state.software, boot.software)
    _settle_devices(d)


def _compare(d: Draft, config: Mapping[str, Any], first: bool) -> None:
    old = {**d.state.config, **d.state.pending}
    for key in sorted(set(old) | set(config)):
        before, after = old.get(key), config.get(key)
        if before == after:
            continue
        if is_deferred(key) and not first and d.state.till.open:
            d.fact(f.ConfigDeferred(key, d.state.config.get(key), after, "operator", "file"))
        else:
            d.fact(f.ConfigChanged(key, before, after, "operator", "file"))


def _change(d: Draft, key: str, old: Any, new: Any) -> None:
    kind = f.ConfigDeferred if d.state.till.open else f.ConfigChanged
    d.fact(kind(key, old, new, "operator", "update"))


def _settle_devices(d: Draft) -> None:
    """Drawers are never kicked again; a slip that was being sent is repeated as KOPIE."""
    for wish in tuple(d.state.outbox.values()):
        if wish.kind == "drawer":
            d.fact(f.DrawerDone(wish.id, "unknown", "restart"))
    for job in tuple(d.state.jobs.values()):
        if job.status == "sending":
            d.fact(f.PrintDone(job.id, "unknown", "restart"))
            repeat_unknown(d, job.document)


def on_catalog(d: Draft, offer: CatalogOffered) -> None:
    """Take over one part of a catalogue file; prices apply at once (L-012)."""
    known = d.state.catalog.articles
    for article in offer.articles:
        old = known.get(article.id)
        put_article(d, article, None if old is None else encode(old), "operator", "file")
    for article_id in offer.removed:
        old = known.get(article_id)
        d.fact(f.ConfigChanged(f"catalog.article.{article_id}", encode(old), None, "operator", "file"))
    if offer.done_hash:
        d.fact(f.FileTaken(CATALOG, offer.done_hash))


def put_article(d: Draft, article: Article, old: Any, who: str, how: str) -> None:
    """One article comes into force."""
    d.fact(f.ConfigChanged(f"catalog.article.{article.id}", old, encode(article), who, how))


def catalog_offers(
    state: State, articles: Mapping[str, Article], file_hash: str, part: int = 100
) -> Iterator[CatalogOffered]:
    """Differences between file and state in parts that fit a line; nothing if the file is known."""
    if state.files.get(CATALOG) == file_hash:
        return
    known = state.catalog.articles
    changed = [a for a in articles.values() if known.get(a.id) != a]
    removed = tuple(sorted(set(known) - set(articles)))
    parts = [tuple(changed[i : i + part]) for i in range(0, len(changed), part)] or [()]
    for chunk in parts[:-1]:
        yield CatalogOffered(chunk)
    yield CatalogOffered(parts[-1], removed, file_hash)
