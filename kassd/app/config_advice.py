"""What a valid configuration probably does not mean: it starts, and something is missing or never used.

Told by ``kassd config check``, ``kassd doctor`` and the log. Nobody is warned of what may well be wanted: two
stations may have names alike (``kasse-1``, ``kasse-2``), one may have no printer, another no client.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from difflib import SequenceMatcher, get_close_matches
from typing import Literal

from kassd.core.abandoned import abandoned, abandoned_sentence
from kassd.core.held import held_by, held_sentence
from kassd.core.master import DEFAULT_STATION, Config, drawers_of, printers_of
from kassd.core.state import State
from kassd.deferred import dataclass
from kassd.settings import Settings, flatten
from kassd.settings_text import Place

ALIKE = 0.85  # of two words: one is the other mistyped
SHORT = 4  # letters; shorter words say nothing by being alike


@dataclass(frozen=True, slots=True)
class Advice:
    """``place`` names the section it is about; ``message`` and ``remedy`` are German. ``info``: good to know,
    nothing to be done; ``error``: it starts, and nothing can be sold."""

    level: Literal["info", "warning", "error"]
    place: Place
    message: str
    remedy: str


@dataclass(slots=True)
class Mentions:
    """Where a station is named: by who works there (clients, scanners), by what stands there, by itself."""

    people: list[Place] = field(default_factory=list)
    things: list[Place] = field(default_factory=list)
    itself: list[Place] = field(default_factory=list)
    sells: bool = False
    acts: bool = False

    @property
    def first(self) -> Place:
        """The first of them."""
        return next(iter((*self.people, *self.things, *self.itself)), ())

    @property
    def is_half(self) -> bool:
        """Whether it is named from one side only."""
        return sum(map(bool, (self.people, self.things, self.itself))) == 1


def advice(settings: Settings) -> Iterator[Advice]:
    """What a person should look at, in the order of importance."""
    yield from _missing(settings)
    config, named = flatten(settings), _mentions(settings)
    meant = _mistyped(named)
    for station, other in meant.items():
        yield Advice(
            "warning",
            named[station].first,
            f"Den Kassenplatz „{station}“ gibt es nur hier, einen „{other}“ auch: ist derselbe gemeint?",
            f'station = "{other}", oder einem der beiden einen deutlich anderen Namen geben',
        )
    yield from _without_receipts(settings, config, named, meant)
    yield from _dark_displays(settings, named, meant)
    for station in named:
        yield from _rivals(settings, config, station)


def left_behind(state: State, config: Config) -> tuple[tuple[str, str], ...]:
    """Alerts (id and German sentence) that a start with the file's ``config`` raises, because open business
    of the register needs what the file has no more."""
    left = [(f"station-{sale.station}", abandoned_sentence(sale)) for sale in abandoned(state, config)]
    if waiting := held_by(state, config):
        left.append(("config-held", held_sentence(state, waiting)))
    return tuple(left)


def _missing(settings: Settings) -> Iterator[Advice]:
    """What a register cannot work without, and paths that lead elsewhere with each working directory."""
    if settings.tse is None:
        yield Advice(
            "error",
            (),
            "Ohne [tse] kann nichts verkauft werden, mit einer Kasse, die schon eine TSE hatte, nur ohne "
            "Signatur: das ist verboten (§ 146a Abs. 1 AO).",
            'eine TSE eintragen (docs/tse.md); zum Ausprobieren in mode = "test": driver = "soft" und path',
        )
    if settings.mqtt.local is None and not settings.scanner:
        yield Advice(
            "error",
            (),
            "Ohne [mqtt.local] und ohne [[scanner]] kann an dieser Kasse niemand etwas eingeben.",
            "[mqtt.local] für Anzeigen eintragen (docs/mqtt.md), oder einen [[scanner]]",
        )
    paths = {
        ("journal", "dir"): settings.journal.dir,
        ("journal", "mirror"): settings.journal.mirror,
        ("catalog", "file"): settings.catalog.file if settings.catalog else None,
        ("tse", "path"): settings.tse.path if settings.tse else None,
    }
    for (section, key), path in paths.items():
        if path is not None and not path.is_absolute():
            yield Advice(
                "warning",
                (section, key),
                f"[{section}] {key} = {str(path)!r} liegt je nach Arbeitsverzeichnis woanders.",
                f'den ganzen Pfad schreiben, z. B. {key} = "{path.absolute()}"',
            )


def _mentions(settings: Settings) -> dict[str, Mentions]:
    named: dict[str, Mentions] = {}
    for index, client in enumerate(settings.client):
        here = named.setdefault(client.station, Mentions())
        here.people.append(("client", index, "station"))
        here.sells |= "sell" in client.rights
        here.acts |= bool(client.rights)
    for index, scanner in enumerate(settings.scanner):
        here = named.setdefault(scanner.station, Mentions())
        here.people.append(("scanner", index, "station"))
        here.sells = here.acts = True
    for section in ("printer", "drawer"):
        for index, item in enumerate(getattr(settings, section)):
            named.setdefault(item.station, Mentions()).things.append((section, index, "station"))
    for index, station in enumerate(settings.station):
        named.setdefault(station.name, Mentions()).itself.append(("station", index, "name"))
    open_ = settings.register.mode == "test" and settings.mqtt.local is not None
    if open_ and not any(here.sells for here in named.values()):
        main = named.setdefault(DEFAULT_STATION, Mentions())  # clients that are not listed act there
        main.sells = main.acts = True
    return named


def _without_receipts(
    settings: Settings, config: Config, named: dict[str, Mentions], meant: Iterable[str]
) -> Iterator[Advice]:
    """Who sells must offer a receipt (§ 146a Abs. 2 AO); a code on a display must be asked for each time."""
    if settings.receipt_link is not None or settings.receipt_exemption is not None:
        return
    for station, here in named.items():
        if not here.sells or station in meant or printers_of(config, station):
            continue
        equipped = [name for name in named if printers_of(config, name)]
        guess = get_close_matches(station, equipped, 1) or (equipped if len(equipped) == 1 else [])
        other = f' Oder gehört hierher station = "{guess[0]}"?' if guess else ""
        yield Advice(
            "warning",
            here.first,
            f"Der Kassenplatz „{station}“ verkauft und hat keinen Drucker, auch [receipt_link] fehlt: kein "
            "Kunde bekommt von selbst einen Beleg (Belegausgabepflicht, § 146a Abs. 2 AO).",
            f'[[printer]] mit station = "{station}" oder [receipt_link] eintragen; ohne beides jedem Kunden '
            f"den Beleg als QR-Code anbieten (sale.hand_over, receipt.offer).{other}",
        )


def _dark_displays(settings: Settings, named: dict[str, Mentions], meant: Iterable[str]) -> Iterator[Advice]:
    """A customer's display (a client without rights) where nobody ever does anything."""
    for station, here in named.items():
        idle = here.people and not here.acts and not here.things and not here.itself
        if not idle or station in meant or (station == DEFAULT_STATION and settings.register.mode == "test"):
            continue
        names = ", ".join(client.name for client in settings.client if client.station == station)
        others = ", ".join(sorted(name for name, other in named.items() if other.acts)) or "keiner"
        yield Advice(
            "warning",
            here.first,
            f"Am Kassenplatz „{station}“ verkauft niemand; {names} zeigt dort nie etwas an.",
            f"station berichtigen (verkauft wird an: {others}) oder rights eintragen",
        )


def _rivals(settings: Settings, config: Config, station: str) -> Iterator[Advice]:
    """Several printers or drawers of one station."""
    first, *others = printers_of(config, station) or ("",)
    if others:
        index = next(n for n, printer in enumerate(settings.printer) if printer.name == others[0])
        yield Advice(
            "info",
            ("printer", index, "station"),
            f"Am Kassenplatz „{station}“ druckt „{first}“ (steht zuerst in der Datei), {_listed(others)} "
            "nur, solange der nicht kann.",
            "anders gewollt: Abschnitte tauschen, station ändern, oder mit [[ticket]] Küchendrucker daraus "
            "machen",
        )
    first, *others = drawers_of(config, station) or ("",)
    if others:
        index = next(n for n, drawer in enumerate(settings.drawer) if drawer.name == others[0])
        yield Advice(
            "warning",
            ("drawer", index, "station"),
            f"Am Kassenplatz „{station}“ öffnet sich nur „{first}“ (nach dem Namen die erste Lade), "
            f"{_listed(others)} nie.",
            "jeder Lade einen eigenen Kassenplatz geben (station)",
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"„{name}“" for name in names)


def _mistyped(named: dict[str, Mentions]) -> dict[str, str]:
    """Station named from one side only → the one that is probably meant; of two such the rarer name."""
    found: dict[str, str] = {}
    for station, here in sorted(named.items(), key=lambda item: len(item[1].people + item[1].things)):
        if here.is_half:
            others = (name for name in named if name != station and found.get(name) != station)
            other = next((name for name in others if is_mistyped(station, name)), "")
            if other:
                found[station] = other
    return found


def is_mistyped(one: str, other: str) -> bool:
    """Whether one name is probably the other, written wrongly. Not so what differs in a number or in a single
    letter of its own (``kasse-1``, ``kasse-2``; ``theke-a``, ``theke-b``), nor other short words."""
    if [int(digits) for digits in re.findall(r"\d+", one)] != [int(d) for d in re.findall(r"\d+", other)]:
        return False
    words, others = re.findall(r"[a-z]+", one), re.findall(r"[a-z]+", other)
    if "".join(words) == "".join(others):
        return True
    if len(words) != len(others):
        words, others = ["".join(words)], ["".join(others)]
    return all(a == b or _alike(a, b) for a, b in zip(words, others, strict=True))


def _alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) < SHORT:
        return False
    wrong = [n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    swapped = len(one) == len(other) and len(wrong) == 2 and wrong[1] == wrong[0] + 1
    if swapped and one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]:
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE
