"""The configuration and the catalogue of a rehearsal, as text. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

NODE: Final = "demo.kasse-0007"
REGISTER: Final = "KASSE-0007"
CLIENT: Final = "cashier-1"

Article = Mapping[str, Any]


def _article(id_: str, code: str, name: str, price: int, vat: int) -> Article:
    return {"id": id_, "codes": [code], "name": name, "price": price, "vat": vat}


CATALOG: Final[tuple[Article, ...]] = (
    _article("brot", "4006381333931", "Bauernbrot 1 kg", 390, 2),
    _article("brezel", "4000417025005", "Laugenbrezel", 85, 2),
    _article("kuchen", "4012345678901", "Käsekuchen, Stück", 260, 2),
    _article("kaffee", "4305615418926", "Kaffee, Becher", 280, 1),
    _article("saft", "4008400404127", "Apfelsaft 0,5 l", 220, 1),
    _article("tasche", "4311501688359", "Stofftasche „Backhaus“ aus Bio-Baumwolle", 450, 1),
    _article("zeitung", "4190059202503", "Tageszeitung", 310, 2),
    _article("pfand", "29012343", "Pfand Flasche", 25, 1),
)
"""A bakery's shelf: every code has a right check digit."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands on the stage. ``broker_port`` 0, ``printer_port`` 0: none. The card terminal is at a port
    or at the serial ``terminal_line``."""

    folder: Path
    mode: str
    broker_port: int
    printer_port: int
    drawer: bool
    scanner: bool
    tse: bool
    tse_latency_ms: int
    extra_toml: str = ""
    tse_settings: Mapping[str, str | int] = field(default_factory=dict)
    drawer_sensor: bool = False
    terminal_port: int = 0
    terminal_line: Path | None = None

    @property
    def journal(self) -> Path:
        """Directory of the journal."""
        return self.folder / "journal"

    @property
    def tse_store(self) -> Path:
        """Directory of the soft TSE."""
        return self.folder / "tse"

    @property
    def tse_secrets(self) -> Path:
        """Where ``kassd tse setup`` writes PINs and PUKs."""
        return self.folder / "tse-secrets"

    @property
    def catalog(self) -> Path:
        """The article file."""
        return self.folder / "catalog.json"

    @property
    def scanner_port(self) -> Path:
        """The scanner's device node (a link to a pty)."""
        return self.folder / "scanner"

    def toml(self) -> str:
        """The register's whole configuration."""
        parts = [
            _table("register", id=REGISTER, mode=self.mode),
            _table(
                "business",
                name="Backhaus Muster",
                street="Marktplatz 1",
                postal_code="01067",
                city="Dresden",
                tax_number="203/123/12345",
            ),
            _table("journal", dir=self.journal),
            _table("catalog", file=self.catalog),
        ]
        if self.tse_settings:
            parts.append(_table("tse", **self.tse_settings, secrets=self.tse_secrets))
        elif self.tse:
            parts.append(_table("tse", driver="soft", path=self.tse_store, latency_ms=self.tse_latency_ms))
        if self.scanner:
            parts.append(
                _table("[scanner]", name="scanner", driver="serial", port=self.scanner_port, beep="bel")
            )
        if self.printer_port:
            parts.append(
                _table(
                    "[printer]",
                    name="printer",
                    driver="tcp",
                    host="127.0.0.1",
                    port=self.printer_port,
                    profile="TM-T88V",
                    columns=42,
                )
            )
        if self.drawer:
            parts.append(_table("[drawer]", name="drawer", driver="printer", printer="printer"))
            if self.drawer_sensor:
                parts.append("sensor = true\n")
        if self.terminal_port:
            where = {"host": "127.0.0.1", "port": self.terminal_port}
            parts.append(_table("[terminal]", name="terminal", driver="tcp", **where))
        if self.terminal_line is not None:
            parts.append(_table("[terminal]", name="terminal", driver="serial", path=self.terminal_line))
        if self.broker_port:
            parts.append(_table("mqtt.local", node=NODE, host="127.0.0.1", port=self.broker_port))
        return "\n".join([*parts, self.extra_toml])


def _table(table: str, /, **values: object) -> str:
    """One TOML table; strings of JSON are strings of TOML."""
    rows = [
        f"{key} = {value if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)}"
        for key, value in values.items()
    ]
    return "\n".join([f"[{table}]", *rows, ""])


def catalog_json(articles: Mapping[str, Any] | tuple[Article, ...]) -> str:
    """The article file: one article per line, so that a refusal's line number helps."""
    rows = ",\n".join(json.dumps(article, ensure_ascii=False) for article in articles)
    return f'{{"articles": [\n{rows}\n]}}\n'
