"""Master data in force, read from the flat configuration (``business.name``, ``client.cashier-1.rights``).

The flat mapping is what the journal knows (FISCAL.md 5 of the house: facts, not the file).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from kassd.core.arguments import RIGHTS
from kassd.core.barcodes.control import DEFAULT_PREFIX
from kassd.core.barcodes.patterns import Patterns, parse_patterns, slip_pattern
from kassd.core.document import Issuer
from kassd.core.newest import newest
from kassd.core.vat import (
    HISTORIC,
    INDIVIDUAL_CODES,
    KEYS,
    NOT_DETERMINABLE,
    NOT_TAXABLE,
    SMALL_BUSINESS,
    VatKey,
    individual_key,
)
from kassd.deferred import dataclass

Config = Mapping[str, Any]

# Stamm_* data of DSFinV-K: a change waits for the next closing (L-010, L-011).
DEFERRED = (
    "business.",
    "place.",
    "agency.",
    "tse.",
    "vat.",
    "register.brand",
    "register.model",
    "software.",
)
VAT_ITEMS = "vat."  # of [[vat]]
SMALL_BUSINESS_KEY = "business.small_business"
FIXED = ("register.id", "register.mode")
DEFAULT_STATION = "main"


@newest
def sections(config: Config) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Lists of the configuration: section → name → key (dotted below it) → value; in the order of the file
    where that counts (``rank``), else by name."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for key, value in config.items():
        parts = key.split(".", 2)
        if len(parts) == 3:
            found.setdefault(parts[0], {}).setdefault(parts[1], {})[parts[2]] = value
    return {
        section: dict(sorted(named.items(), key=lambda item: (item[1].get("rank", 0), item[0])))
        for section, named in found.items()
    }


def items(config: Config, section: str) -> Mapping[str, Mapping[str, Any]]:
    """Items of ``[[section]]`` by name."""
    return sections(config).get(section, {})


@newest
def agencies(config: Config) -> Mapping[int, str]:
    """In whose name goods of each ``[[agency]]`` are sold, by AGENTUR_ID."""
    return {int(item["id"]): str(item["text"]) for item in items(config, "agency").values()}


@newest
def sales_keys(config: Config) -> Mapping[int, VatKey]:
    """Tax keys that may be sold with: the eight of DSFinV-K and those of ``[[vat]]``."""
    own = items(config, "vat").values()
    keys = dict(KEYS)
    for letter, item in zip(INDIVIDUAL_CODES, sorted(own, key=lambda item: int(item["key"])), strict=False):
        title = str(item.get("title", ""))
        text = str(item.get("text", ""))
        keys[int(item["key"])] = individual_key(int(item["key"]), str(item["rate"]), letter, title, text)
    return keys


@newest
def vat_keys(config: Config) -> Mapping[int, VatKey]:
    """Every tax key a line may have, former rates included."""
    return {**sales_keys(config), **HISTORIC}


def rate_of(config: Config, rates: Mapping[int, Decimal], key: int) -> Decimal:
    """Rate of a tax key: the one in force, or the fixed one of a key from 11 on."""
    rate = rates.get(key)
    return vat_keys(config)[key].rates[0][1] if rate is None else rate


def in_house_by_default(config: Config, station: str) -> bool:
    """Whether what is sold at a station is consumed on site unless somebody says otherwise."""
    here = items(config, "station").get(station, {}).get("in_house")
    return bool(config.get("register.in_house", False) if here is None else here)


def is_attended(config: Config, station: str) -> bool:
    """Whether somebody serves at the station, not customers themselves."""
    return bool(items(config, "station").get(station, {}).get("attended", True))


def age_gate(config: Config, station: str) -> str:
    """``person``: somebody serves here; ``attendant``: an attendant approves; ``none``: nobody can."""
    if is_attended(config, station):
        return "person"
    return str(items(config, "station")[station].get("age_gate", "none"))


def is_deferred(key: str) -> bool:
    """Whether a change of ``key`` waits for the next closing."""
    return key.startswith(DEFERRED)


def issuer(config: Config) -> Issuer:
    """The supplier's block of every slip."""

    def get(key: str, default: str = "") -> str:
        return str(config.get(f"business.{key}") or default)

    return Issuer(
        name=get("name"),
        street=get("street"),
        postal_code=get("postal_code"),
        city=get("city"),
        country=get("country", "DEU"),
        tax_number=get("tax_number"),
        vat_id=get("vat_id"),
    )


def register_id(config: Config) -> str:
    """KASSE_SERIENNR = TSE client id."""
    return str(config["register.id"])


def is_test(config: Config) -> bool:
    """Whether the register is in mode ``test``."""
    return bool(config["register.mode"] == "test")


def sale_timeout_ns(config: Config) -> int:
    """After this time without an entry an unpaid sale ends."""
    return int(config.get("register.sale_timeout_s", 1800)) * 1_000_000_000


def tse_deadline_ns(config: Config) -> int:
    """How long the sale path waits for the TSE."""
    return int(config.get("register.tse_deadline_ms", 3000)) * 1_000_000


def lock_after_ns(config: Config) -> int:
    """After this time without an entry a station is locked; 0: never."""
    return int(config.get("register.lock_after_s", 0)) * 1_000_000_000


def is_small_business(config: Config) -> bool:
    """Whether § 19 UStG applies: no tax is shown anywhere."""
    return bool(config.get(SMALL_BUSINESS_KEY, False))


def claims_vat(config: Config) -> str:
    """When the tax of what is sold on account is recorded: ``supply``, ``payment`` or ``unknown``."""
    return str(config.get("business.claims_vat", "supply"))


def claim_key(config: Config) -> int:
    """Tax key of claims and of their payment, where that does not carry the tax itself."""
    return NOT_DETERMINABLE if claims_vat(config) == "unknown" else NOT_TAXABLE


def own_key(config: Config, vat: int) -> int:
    """The UST_SCHLUESSEL of turnover that arises now with what is taxed under ``vat``: § 19 UStG exempts it.
    What was supplied or paid before keeps the key it had then."""
    return SMALL_BUSINESS if is_small_business(config) and vat != NOT_TAXABLE else vat


def control_prefix(config: Config) -> str:
    """Prefix of the control barcodes."""
    return str(config.get("register.control_prefix", DEFAULT_PREFIX))


@newest
def barcode_patterns(config: Config) -> Patterns:
    """How in-store numbers and the slips of a machine for empties are read."""
    start = "barcode.patterns."
    given = {k.removeprefix(start): str(v) for k, v in config.items() if k.startswith(start)}
    return {**parse_patterns(given), **slip_pattern(str(config.get("empties.pattern") or ""))}


def client_station(config: Config, client: str) -> str:
    """Station configured for a client, ``main`` if none."""
    return str(config.get(f"client.{client}.station", DEFAULT_STATION))


def client_rights(config: Config, client: str) -> Iterable[str]:
    """Rights of a client. In mode test one that is not listed has all, in production none."""
    if f"client.{client}.name" in config:
        rights: Iterable[str] = config.get(f"client.{client}.rights") or ()
        return rights
    return RIGHTS if is_test(config) else ()


def _of_station(config: Config, section: str, station: str) -> tuple[str, ...]:
    found = items(config, section).items()
    return tuple(name for name, item in found if item.get("station", DEFAULT_STATION) == station)


def printers_of(config: Config, station: str) -> tuple[str, ...]:
    """Names of the receipt printers of a station, the first prints and the others stand in for it; those of
    kitchen and bar only where there is no other."""
    tickets = {ticket.printer for ticket in tickets_of(config)}
    found = _of_station(config, "printer", station)
    return tuple(name for name in found if name not in tickets) or found


def stand_ins(config: Config, printer: str, station: str) -> tuple[str, ...]:
    """Who prints while ``printer`` cannot, the first that can: its ``fallback``, the other receipt printers
    of its station, for a kitchen's those of the ``station`` that ordered. None of them in a kitchen."""
    kitchens = {ticket.printer for ticket in tickets_of(config)}
    own = items(config, "printer").get(printer, {})
    named = [str(own["fallback"])] if own.get("fallback") else []
    near = [str(own.get("station", DEFAULT_STATION)), *([station] if printer in kitchens else [])]
    others = [name for place in near for name in printers_of(config, place) if name not in kitchens]
    return tuple(name for name in dict.fromkeys([*named, *others]) if name != printer)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where orders of some categories are prepared; none named: all of them."""

    title: str
    printer: str
    categories: tuple[str, ...]


@newest
def tickets_of(config: Config) -> tuple[Ticket, ...]:
    """The tickets an order is printed on."""
    names = [key.split(".")[1] for key in config if key.startswith("ticket.") and key.endswith(".printer")]
    return tuple(
        Ticket(
            str(config.get(f"ticket.{name}.title") or name),
            str(config[f"ticket.{name}.printer"]),
            tuple(config.get(f"ticket.{name}.categories") or ()),
        )
        for name in names
    )


def carries_orders(config: Config) -> bool:
    """Whether open orders may go on into the next period."""
    return bool(config.get("orders.carry", True))


def drawers_of(config: Config, station: str) -> tuple[str, ...]:
    """Names of the cash drawers of a station."""
    return _of_station(config, "drawer", station)


@newest
def terminals_of(config: Config) -> Mapping[str, tuple[str, ...]]:
    """Station → names of the card terminals at which its customers pay."""
    found: dict[str, tuple[str, ...]] = {}
    for name, item in items(config, "terminal").items():
        for station in (str(item.get("station", DEFAULT_STATION)), *(item.get("shared") or ())):
            found[station] = (*found.get(station, ()), name)
    return found


@newest
def stations(config: Config) -> tuple[str, ...]:
    """All stations named anywhere, ``main`` first."""
    named = {str(value) for key, value in config.items() if key.endswith(".station")}
    named |= set(items(config, "station"))
    return (DEFAULT_STATION, *sorted(named - {DEFAULT_STATION}))
