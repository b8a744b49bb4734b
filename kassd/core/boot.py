"""What is decided when the process starts: master data, unfinished business, catalogue."""

from collections.abc import Iterator, Mapping
from typing import Any

from kassd.core import facts as f
from kassd.core.catalog import Article
from kassd.core.codec import encode, json_size
from kassd.core.decision import Draft
from kassd.core.held import in_use, is_held
from kassd.core.inputs import CatalogOffered, ConfigOffered, Started
from kassd.core.master import FIXED, is_deferred
from kassd.core.printing import ask_to_look, repeat_unknown
from kassd.core.signing import MAX_LINE_WEIGHT, SLIP_WEIGHT, line_weight
from kassd.core.state import BUILD, SOFTWARE, State
from kassd.core.till import take_rates
from kassd.errors import ConfigError

CONFIG, CATALOG = "config", "catalog"
MAX_PART = 32_000  # bytes of one line of a catalogue, or of a configuration


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
    check_identity(d.state, boot.config)
    d.fact(f.Started(boot.software, boot.build, boot.config_hash, d.state.epoch))
    if not d.state.rates:
        take_rates(d)
    on_config(d, ConfigOffered(boot.config, boot.config_hash))
    _change(d, SOFTWARE, boot.software, "kassd", "update")
    _change(d, BUILD, boot.build, "kassd", "update")
    _settle_devices(d)


def on_config(d: Draft, offer: ConfigOffered) -> None:
    """Take over the configuration file, or a part of it, if it has changed."""
    if d.state.files.get(CONFIG) != offer.config_hash:
        _compare(d, encode(offer.config))
        if offer.config_hash:
            d.fact(f.FileTaken(CONFIG, offer.config_hash))


def config_parts(
    state: State, config: Mapping[str, Any], config_hash: str, part: int = MAX_PART
) -> Iterator[ConfigOffered]:
    """The file in steps whose changes fit a line: each is what is in force, or waits for that, with more of
    the file. Single values come before lists of people and devices. A file that fits, or is known, is one
    step."""
    known = {key: value for key, value in {**state.config, **state.pending}.items() if value is not None}
    mixed, room = dict(known), part
    changed = {} if state.files.get(CONFIG) == config_hash else {**known, **config}
    for key in sorted(changed, key=lambda key: (key.count("."), key)):
        old, new = known.get(key), config.get(key)
        if old == new:
            continue
        size = 150 + json_size(encode(old)) + json_size(encode(new))
        if (room := room - size) < 0:
            yield ConfigOffered(dict(mixed))
            room = part - size
        if key in config:
            mixed[key] = new
        else:
            del mixed[key]
    yield ConfigOffered(config, config_hash)


def _compare(d: Draft, config: Mapping[str, Any]) -> None:
    waiting = set(d.state.pending) - {SOFTWARE, BUILD}
    for key in sorted(set(d.state.config) | waiting | set(config)):
        _change(d, key, config.get(key), "operator", "file")


def _change(d: Draft, key: str, new: Any, who: str, how: str) -> None:
    """One key's value of the file or program; what already waits for the closing is not said again."""
    old, pending = d.state.in_force(key), d.state.pending
    if new == (pending.get(key, old)):
        return
    waits = is_deferred(key) and (d.state.till.open or is_held(d.state, key, in_use(d.state), new))
    d.fact((f.ConfigDeferred if waits else f.ConfigChanged)(key, old, new, who, how))


def _settle_devices(d: Draft) -> None:
    """Drawers are never kicked again; a slip that was being sent is repeated as KOPIE."""
    for wish in tuple(d.state.outbox.values()):
        if wish.kind == "drawer":
            d.fact(f.DrawerDone(wish.id, "unknown", "restart"))
    weight = 0
    for job in tuple(d.state.jobs.values()):
        if job.status != "sending":
            continue
        d.fact(f.PrintDone(job.id, "unknown", "restart"))
        size = SLIP_WEIGHT + line_weight(position.text for position in job.document.positions)
        if weight and weight + size > MAX_LINE_WEIGHT:
            ask_to_look(d, job.document)
            continue
        weight += size
        repeat_unknown(d, job.document)


def on_catalog(d: Draft, offer: CatalogOffered) -> None:
    """Take over one part of a catalogue file; prices apply at once (L-012)."""
    known = d.state.catalog.articles
    for article_id in offer.removed:
        if article_id in known:
            key = f"catalog.article.{article_id}"
            d.fact(f.ConfigChanged(key, encode(known[article_id]), None, offer.who, offer.how))
    for article in offer.articles:
        old = known.get(article.id)
        put_article(d, article, None if old is None else encode(old), offer.who, offer.how)
    if offer.done_hash:
        d.fact(f.FileTaken(CATALOG, offer.done_hash))


def put_article(d: Draft, article: Article, old: Any, who: str, how: str) -> None:
    """One article comes into force."""
    d.fact(f.ConfigChanged(f"catalog.article.{article.id}", old, encode(article), who, how))


def catalog_offers(
    state: State,
    articles: Mapping[str, Article],
    file_hash: str,
    part: int = MAX_PART,
    who: str = "operator",
    how: str = "file",
) -> Iterator[CatalogOffered]:
    """Differences between file and state in parts of about ``part`` bytes, which fit a line; nothing if the
    file is known. What is removed goes first: its codes may have a new owner."""
    if state.files.get(CATALOG) == file_hash:
        return
    known = state.catalog.articles
    removed: list[str] = []
    changed: list[Article] = []
    room = part
    told = len((who + how).encode())
    for article_id in sorted(set(known) - set(articles)):
        if (room := room - _weight(known[article_id]) - told) < 0 and removed:
            yield CatalogOffered((), tuple(removed), who=who, how=how)
            removed, room = [], part
        removed.append(article_id)
    for article in articles.values():
        old = known.get(article.id)
        if old == article:
            continue
        size = _weight(article) + (_weight(old) if old else 0) + told
        if (room := room - size) < 0 and (removed or changed):
            yield CatalogOffered(tuple(changed), tuple(removed), who=who, how=how)
            removed, changed, room = [], [], part
        changed.append(article)
    yield CatalogOffered(tuple(changed), tuple(removed), file_hash, who, how)


def _weight(article: Article) -> int:
    """About how many bytes an article takes in a fact."""
    return 150 + json_size(encode(article))
