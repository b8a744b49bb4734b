"""The register's catalogue file: read at the start and on command; taken whole or refused whole."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from kassd.app.troubles import Troubles
from kassd.core.boot import catalog_offers
from kassd.core.catalog import Article, parse_catalog
from kassd.deferred import dataclass
from kassd.errors import CatalogError, refusal
from kassd.register import Register
from kassd.settings import Settings
from kassd.supervise import Supervisor

log = logging.getLogger(__name__)

ALERT, TASK = "catalog-refused", "catalog"
LOOK_S = 0.01


@dataclass(slots=True)
class ArticleFile:
    """``[catalog] file`` of a running register; without one there is nothing to read."""

    settings: Settings
    troubles: Troubles
    register: Register
    supervisor: Supervisor

    def offer(self) -> None:
        """At the start: what differs is decided before anybody can ask for anything."""
        if self.settings.catalog is None:
            return
        found = self._parsed(self.settings.catalog.file)
        if isinstance(found, str):
            self._refuse(found)
            return
        for offer in catalog_offers(self.register.state, *found):
            self.register.post(offer)

    def read_again(self, who: str, how: str) -> None:
        """In the background; while it is being read it is not read a second time."""
        running = self.supervisor.tasks.get(TASK)
        if self.settings.catalog is None:
            self._refuse("In der Konfiguration fehlt [catalog] file.")
        elif running is None or running.done():
            self.troubles.clear(ALERT)
            self.supervisor.start(TASK, partial(self._take, self.settings.catalog.file, who, how))

    async def _take(self, file: Path, who: str, how: str) -> None:
        """A part at a time: nobody who sells waits for more than one of them."""
        found = await asyncio.to_thread(self._parsed, file)
        if isinstance(found, str):
            self._refuse(found)
            return
        log.info("catalogue %s read again: %s, %s", file, who, how)
        for offer in catalog_offers(self.register.state, *found, who=who, how=how):
            self.register.post(offer)
            while self.register.waiting:  # noqa: ASYNC110 - once in a file's life
                await asyncio.sleep(LOOK_S)

    def _parsed(self, file: Path) -> tuple[Mapping[str, Article], str] | str:
        """Articles and the file's SHA-256, or a German sentence."""
        try:
            data = file.read_bytes()
            text, keys = data.decode(), self.settings.tax_keys()
            articles = parse_catalog(text, self.settings.register.control_prefix, keys)
        except CatalogError as error:
            return f"{file.name}: {error}"
        except OSError as error:
            return refusal(error)
        except UnicodeDecodeError:
            return f"{file} ist kein UTF-8. Bitte als UTF-8 speichern."
        return articles, hashlib.sha256(data).hexdigest()

    def _refuse(self, message: str) -> None:
        log.error("catalogue refused, the old one stays: %s", message)
        german = f"Der Artikelstamm ist fehlerhaft, der bisherige gilt weiter. {message}"
        self.troubles.set(ALERT, "warning", german, f"catalogue refused: {message}")
