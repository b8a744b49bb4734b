"""What must be known of a journal to write rows: master data, people, open Vorgänge. Folded from raw objects.

A fold begins at line 0, or after a closing with the state that closing carried over.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from kassd.core.master import vat_keys
from kassd.fiscal.rows.bon import FOLDS, Bon, Json
from kassd.journal import read_blob

ARTICLE, RATE = "catalog.", "vat.rate."


class Fold:
    """The register as the lines so far have made it. ``bound``: every TSE of the period, the newest last;
    ``outages``: id → sentence; ``late``: Vorgang → answers of the TSE that came after its slip."""

    def __init__(self) -> None:
        self.config: Mapping[str, Any] = {}
        self.rates: dict[int, Decimal] = {}
        self.software = ""
        self.bound: list[Json] = []
        self.place: Json | None = None
        self.operators: dict[str, tuple[str, str]] = {}
        self.outages: dict[str, str] = {}
        self.bons: dict[str, Bon] = {}
        self.late: dict[str, dict[str, Json]] = {}
        self.invoiced: dict[str, Json] = {}

    @classmethod
    def after(cls, closing: Json, directory: Path) -> "Fold":
        """As ``closing`` (the data of ``till.closed``) and the rest of its line left master data and people.
        Vorgänge that the rest of its line began are not in it."""
        state = json.loads(read_blob(directory, closing["carry"]["state"]))
        fold = cls()
        fold.config = state.get("config", {})
        fold.rates = {int(key): Decimal(rate) for key, rate in state.get("rates", {}).items()}
        fold.software = state.get("software", "")
        tse = state.get("tse", {})
        if tse.get("bound"):
            fold.bound = [tse["bound"]]
        if tse.get("outage"):
            fold._outage(tse["outage"]["id"], tse["outage"]["since"], tse["outage"]["message"])
        fold.place = state.get("people", {}).get("place")
        for name, station in state.get("stations", {}).items():
            fold.operators[name] = (station.get("operator", ""), station.get("operator_name", ""))
        return fold

    def wishes(self, wishes: list[Json]) -> None:
        """Remember which Vorgänge the TSE was asked to start."""
        for wish in wishes:
            if wish["kind"] == "tse.start" and wish["sale"] in self.bons:
                self.bons[wish["sale"]].asked = True

    def fact(self, kind: str, data: Json) -> None:
        """Fold one fact."""
        change = FOLDS.get(kind)
        if change is not None:
            bon = self.bons.get(data["sale"])
            if bon is not None:
                change(bon, data)
        elif kind == "sale.opened":
            here = self.operators.get(data["station"], ("", ""))
            name = here[1] if here[0] == data["operator"] else ""
            self.bons[data["sale"]] = Bon(data, name)
        else:
            other = getattr(self, "_" + kind.replace(".", "_"), None)
            if other is not None:
                other(data)

    def _operator_changed(self, data: Json) -> None:
        self.operators[data["station"]] = (data["operator"], data.get("name", ""))

    def _config_changed(self, data: Json) -> None:
        key, new = data["key"], data["new"]
        if key.startswith(ARTICLE):
            return
        if key == "software.version":
            self.software = str(new or "")
        elif key.startswith(RATE):
            self.rates[int(key.removeprefix(RATE))] = Decimal(str(new))
        elif new is None:
            self.config = {name: value for name, value in self.config.items() if name != key}
        else:
            self.config = {**self.config, key: new}

    def _register_started(self, data: Json) -> None:
        self.software = self.software or data["software"]

    def _place_changed(self, data: Json) -> None:
        self.place = data

    def _tse_bound(self, data: Json) -> None:
        self.bound.append(data)

    def _tse_outage_began(self, data: Json) -> None:
        self._outage(data["id"], data["at"], data["message"])

    def _outage(self, name: str, since: str, message: str) -> None:
        self.outages[name] = f"TSE-Ausfall seit {since}: {message}"

    def _tse_late(self, data: Json) -> None:
        self.late.setdefault(data["sale"], {})[data["operation"]] = data

    def _tse_dropped(self, data: Json) -> None:
        self.late.setdefault(data["sale"], {})["dropped"] = data

    def _receipt_invoiced(self, data: Json) -> None:
        self.invoiced[data["receipt"]] = data["customer"]

    def keys(self) -> Any:
        """Every tax key a row may have, as :func:`kassd.core.master.vat_keys`."""
        return vat_keys(self.config)

    def closed(self) -> None:
        """Begin a new period."""
        self.bound = self.bound[-1:]
        self.late, self.invoiced = {}, {}
        last = list(self.outages.items())[-1:]
        self.outages = dict(last)
