"""How things stand: who trades here, with which register and TSE, the last closing, the cash there must be.

Read from the folded state and the index; nothing is computed that the register would not say itself.
"""

import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from kassd.core.cash.accounts import expected_json
from kassd.core.cash.state import EUR
from kassd.core.document import Issuer
from kassd.core.facts import TseBound
from kassd.core.master import is_test, issuer, register_id
from kassd.core.state import State
from kassd.fiscal.elster_sheet import site_line
from kassd.fiscal.query import Condition, Query, Records, ask


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate of a TSE. ``number`` counts from 1; ``der`` as the TSE gave it."""

    number: int
    der: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex."""
        return sha256(self.der).hexdigest()


@dataclass(frozen=True, slots=True)
class TseUsed:
    """A TSE that has signed here. ``since``: when it was put to use; ``expiry``: its certificate's last
    day, '' where it was not told."""

    serial_number: str
    since: str
    certification_id: str
    description: str
    expiry: str
    certificates: tuple[Certificate, ...]
    in_use: bool


@dataclass(frozen=True, slots=True)
class Cash:
    """What a drawer or purse must hold now, in hundredths of ``currency``."""

    drawer: str
    currency: str
    expected: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The last closing."""

    number: int
    at: str
    business_day: str
    total: int
    cash: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything the cover page says. ``outages``, ``skipped`` and ``exports`` are rows for people."""

    at: str
    register: str
    model: str
    test: bool
    software: str
    build: str
    issuer: Issuer
    site: str
    place: str
    open: bool
    business_day: str
    receipts: int
    closing: Closing | None
    cash: tuple[Cash, ...]
    tses: tuple[TseUsed, ...]
    outages: tuple[dict[str, Any], ...]
    skipped: tuple[str, ...]
    exports: tuple[dict[str, Any], ...]
    archived: str


def standing(state: State, records: Records, at: str) -> Standing:
    """How things stand at ``at`` (RFC 3339), by what the journal says."""
    config, place = state.config, state.people.place
    model = " ".join(str(config.get(f"register.{key}") or "") for key in ("brand", "model")).strip()
    archive = state.tse.archive
    return Standing(
        at=at,
        register=register_id(config),
        model=model,
        test=is_test(config),
        software=state.software,
        build=state.build,
        issuer=issuer(config),
        site=site_line(config),
        place=f"{place.name}, {place.address}".rstrip(", ") if place is not None else "",
        open=state.till.open,
        business_day=state.till.business_day if state.till.open else "",
        receipts=state.receipt,
        closing=_closing(records),
        cash=tuple(Cash(row["drawer"], row["currency"], row["expected"]) for row in expected_json(state)),
        tses=tuple(_tses(state, records)),
        outages=_rows(records, Query("ausfaelle", order=("beginn",))),
        skipped=tuple(str(row["daten"]) for row in _events(records, "counters.skipped")),
        exports=_rows(records, Query("exporte", order=("-zeitpunkt",), limit=20)),
        archived=archive.file,
    )


def _closing(records: Records) -> Closing | None:
    rows = _rows(records, Query("abschluesse", order=("-z_nr",), limit=1))
    if not rows:
        return None
    row = rows[0]
    return Closing(row["z_nr"], row["z_erstellung"], row["datum"], row["summe_zahlungen"], row["bargeld"])


def _tses(state: State, records: Records) -> list[TseUsed]:
    bound, found = state.tse.bound, []
    for row in _events(records, TseBound.kind):
        data = records.select("SELECT data FROM facts WHERE seq = ? AND kind = ?", (row["zeile"], row["art"]))
        for (text,) in data:
            found.append(_tse(text, str(row["zeitpunkt"]), bound.serial_number if bound else ""))
    return found


def _tse(text: str, since: str, current: str) -> TseUsed:
    told = json.loads(text)
    seconds = told.get("certificate_expiry", 0)
    expiry = datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""
    ders = [b64decode(item) for item in told.get("certificates", ())]
    serial = str(told["serial_number"])
    return TseUsed(
        serial_number=serial,
        since=since,
        certification_id=str(told.get("certification_id", "")),
        description=str(told.get("description", "")),
        expiry=expiry,
        certificates=tuple(Certificate(number, der) for number, der in enumerate(ders, 1)),
        in_use=serial == current,
    )


def _events(records: Records, kind: str) -> tuple[dict[str, Any], ...]:
    return _rows(records, Query("ereignisse", where=(Condition("art", "=", kind),)))


def _rows(records: Records, query: Query) -> tuple[dict[str, Any], ...]:
    answer = ask(records, query)
    names = [column.name for column in answer.columns]
    return tuple(dict(zip(names, row, strict=True)) for row in answer.rows)


def total_cash(found: Standing) -> int:
    """Euro cents in all drawers and purses together."""
    return sum(cash.expected for cash in found.cash if cash.currency == EUR)
