"""A trading day as a playbook: people act, the devices answer, and every slip that leaves a printer is kept.

    day = Day(BUSINESS, GOODS)
    day.at("06:30")
    day.opens(10_000)
    day.ring("6 broetchen", "kaffee")
    day.cash(1000)

The register is the core with a clock that stands still between acts and a TSE whose answers depend on
nothing else, so that a day is the same to the byte whenever it is played. Acts are kept too: a second pass
plays them on a real register (:mod:`tests.scenarios.shops.test_real_days`).
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.arguments import RIGHTS
from kassd.core.catalog import parse_catalog
from kassd.core.document import Document
from kassd.receipt.layout import layout
from kassd.receipt.page import to_text
from kassd.sim.world_config import catalog_json
from tests.core.playbook import CET, CONFIG, OPENED, Playbook, Tse, command, device

COLUMNS = 42
SATURDAY = datetime(2026, 11, 21, 5, 0, tzinfo=CET)
Json = dict[str, Any]


def _bytes(seed: str, count: int) -> str:
    """Base64 of as many bytes as a TSE gives."""
    return base64.b64encode(hashlib.shake_256(seed.encode()).digest(count)).decode()


POWERED = replace(
    OPENED, public_key=_bytes("public key", 97), serial_number=hashlib.sha256(b"TSE").hexdigest()
)


@dataclass(slots=True)
class ClockTse(Tse):
    """A TSE that tells the shop's time, and whose signatures are as long as real ones."""

    book: Playbook | None = None

    def answer(self, wish: f.Wish) -> i.TseAnswered:
        assert self.book is not None
        answer = Tse.answer(self, wish)
        at = self.book.at.astimezone(UTC)
        return replace(
            answer,
            log_time=f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
            serial_number=POWERED.serial_number,
            signature=_bytes(f"{answer.transaction_number} {answer.signature_counter}", 96),
        )


class Shop(Playbook):
    """The register of a shop. ``printed``: every slip that left a printer, with whether it was late."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at=at)
        self.tse = ClockTse(book=self)
        self.printed: list[tuple[Document, bool]] = []

    def paper(self) -> Playbook:
        while sending := [job for job in self.state.jobs.values() if job.status == "sending"]:
            self.printed.append((sending[0].document, sending[0].late))
            self >> i.Printed(sending[0].id, "confirmed")
        return super().paper()

    def tse_opens(self) -> Playbook:
        self >> POWERED
        return self.resume()


@dataclass(frozen=True, slots=True)
class Act:
    """``kind`` command: ``name`` with ``args``, answered with ``code``, or ok and ``result``; scan, tse,
    printer, power: ``name`` says what."""

    kind: str
    name: str
    args: Mapping[str, Any]
    code: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


class Day:
    """One day of a shop. ``business`` and ``config`` are flat keys of the configuration; ``goods`` are its
    catalogue's file. ``chosen``: pictures that the golden folder keeps."""

    def __init__(
        self,
        business: Mapping[str, Any],
        goods: Iterable[Mapping[str, Any]] = (),
        begins: datetime = SATURDAY,
    ) -> None:
        self.book = Shop(begins)
        self.goods, self.shop = tuple(goods), dict(business)
        here = {f"business.{key}": value for key, value in business.items() if "." not in key}
        more = {key: value for key, value in business.items() if "." in key}
        kept = {
            key: value for key, value in CONFIG.items() if key.startswith(("register.", "printer.printer."))
        }
        till = {
            "client.anzeige.name": "anzeige",
            "client.anzeige.rights": list(RIGHTS),
            "drawer.lade.name": "lade",
            "drawer.lade.driver": "printer",
        }
        self.config = kept | {"register.mode": "production"} | till | here | more
        self.book.config = dict(self.config)
        self.acts: list[Act] = []
        self.chosen: dict[str, tuple[Document, bool]] = {}
        self.signs = self.prints = True
        self.who: dict[str, str] = {}
        self.book.start() >> POWERED >> i.TseSurveyed(())
        for key in sorted(self.config):
            if key.startswith(("printer.", "drawer.")) and key.endswith(".name"):
                self.book >> device(str(self.config[key]), "ready")
        articles = parse_catalog(catalog_json(self.goods))
        self.book >> i.CatalogOffered(tuple(articles.values()), (), "catalogue")

    # -- acting -------------------------------------------------------------------------------------------

    def at(self, clock: str) -> None:
        """It is ``HH:MM`` now; past midnight where that is earlier than it was."""
        hour, minute = map(int, clock.split(":"))
        then = datetime.combine(self.book.at.date(), time(hour, minute), tzinfo=CET)
        if then < self.book.at:
            then += timedelta(days=1)
        self.book.wait((then - self.book.at).total_seconds()).tick()
        self._settle()

    def do(self, name: str, /, **args: Any) -> Json:
        """A command that is carried out; gives its result."""
        result: Json = self._answered(command(name, **args), "").get("result") or {}
        self.acts.append(Act("command", name, args, result=result))
        return result

    def no(self, code: str, name: str, /, **args: Any) -> None:
        """A command that is refused with ``code``; nothing happens."""
        self.acts.append(Act("command", name, args, code))
        self._answered(command(name, **args), code)

    def _answered(self, received: i.CommandReceived, code: str) -> Json:
        self.book.wait(4)
        reply = (self.book >> received).replies[-1]
        assert reply.get("code", "") == code, (received.name, received.args, reply)
        self._settle()
        return reply

    def scan(self, text: str, station: str = "main") -> None:
        """The scanner reads ``text``."""
        self.acts.append(Act("scan", text, {"station": station}))
        self.book.wait(2) >> i.Scanned("scanner", station, text)
        self._settle()

    def _settle(self) -> None:
        if self.signs:
            self.book.sign()
        if self.prints:
            self.book.paper()

    def tse(self, state: str) -> None:
        """``gone`` or ``back``."""
        self.acts.append(Act("tse", state, {}))
        self.signs = state == "back"
        if self.signs:
            self.book.tse_opens()
        else:
            self.book.outage()
        self._settle()

    def printer(self, state: str) -> None:
        """``out`` of paper, or ``ready`` again: what waits is printed now."""
        self.acts.append(Act("printer", state, {}))
        self.prints = state == "ready"
        self.book >> device("printer", "ready" if self.prints else "error")
        self._settle()

    def power_cut(self) -> None:
        """The power goes away and comes back."""
        self.acts.append(Act("power", "cut", {}))
        self.book.restart().tse_opens()
        for key in sorted(self.config):
            if key.startswith(("printer.", "drawer.")) and key.endswith(".name"):
                self.book >> device(str(self.config[key]), "ready")
        self._settle()

    # -- what is done all day -----------------------------------------------------------------------------

    def opens(self, counted: int, **args: Any) -> None:
        """The float is counted."""
        self.do("till.open", counted=counted, **args)

    def ring(self, *goods: str, **args: Any) -> None:
        """Enter goods: ``"6 broetchen"``, ``"kaffee"``; ``args`` hold for each of them."""
        for text in goods:
            quantity, _, article = text.rpartition(" ")
            more = {"quantity": quantity} if quantity else {}
            self.do("sale.add", article=article, **more, **args)

    def cash(self, given: int | None = None, **args: Any) -> None:
        self.do("sale.pay", type="cash", **({} if given is None else {"given": given}), **args)

    def card(self, **args: Any) -> None:
        self.do("sale.pay", type="card", **args)

    def buys(self, *goods: str, given: int | None = None, **args: Any) -> None:
        """A customer who pays in cash."""
        self.ring(*goods, **args)
        self.cash(given)

    def counts(self, cents: int) -> dict[str, int]:
        """Notes and coins that make up ``cents``, the largest first."""
        pieces: dict[str, int] = {}
        for value in (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1):
            if cents // value:
                pieces[str(value)], cents = divmod(cents, value)
        return pieces

    # -- looking ------------------------------------------------------------------------------------------

    def keep(self, name: str, *words: str) -> Document:
        """Keep the newest slip as a picture (with ``words``: the newest whose text has all of them)."""
        for document, late in reversed(self.book.printed):
            text = " ".join(text_of(document, late).split())
            if all(word in text for word in words):
                self.chosen[name] = (document, late)
                return document
        raise AssertionError(f"no slip with {words}; the newest is\n{self.texts()[-1]}")

    def texts(self) -> list[str]:
        """Every slip that was printed, as printed, in order."""
        return [text_of(document, late) for document, late in self.book.printed]

    @property
    def expected(self) -> int:
        """Cash that should be there, in cents."""
        return self.book.state.till.cash

    @property
    def due(self) -> int:
        return self.book.current().due

    def number(self) -> str:
        """Number of the newest receipt."""
        return str(self.book.receipt().number)

    def closing(self) -> f.TillClosed:
        newest: f.TillClosed = self.book.facts(f.TillClosed)[-1]
        return newest

    def z_data(self) -> Json:
        """The newest closing as the journal has it."""
        data: Json = json.loads(json.dumps(f.to_json(self.closing())))
        return data


def text_of(document: Document, late: bool = False) -> str:
    """A slip as printed on 80 mm paper; the QR code as its content."""
    return to_text(layout(document, COLUMNS, late=late), COLUMNS)
