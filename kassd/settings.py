"""The only reader of the configuration: TOML file, ``KASSD_SECTION__KEY`` variables, credentials.

:func:`load` gives a validated :class:`Settings`, or :class:`~kassd.errors.ConfigError` with section, key,
line, what was expected and an example. :func:`flatten` gives the mapping the journal knows.
"""

import hashlib
import os
import re
import stat
import warnings
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from kassd.core.barcodes.patterns import parse_patterns
from kassd.core.people.rights import ROLES
from kassd.core.vat import KEYS
from kassd.errors import ConfigError
from kassd.settings_accounting import (
    MAX_OTHERS,
    AccountSection,
    DatevSection,
    NotificationSection,
    PlaceSection,
    SystemSection,
    check_accounts,
)
from kassd.settings_base import Section
from kassd.settings_devices import DrawerSection as DrawerSection
from kassd.settings_devices import PrinterSection as PrinterSection
from kassd.settings_devices import ScannerSection as ScannerSection
from kassd.settings_fiscal import FiscalSection
from kassd.settings_girocode import GirocodeSection
from kassd.settings_goods import PriceListSection, StationSection, VatSection
from kassd.settings_money import (
    AgencySection,
    CashSection,
    CurrencySection,
    DepositSection,
    EmptiesSection,
    PurseSection,
    ReportsSection,
    TenderSection,
    VouchersSection,
)
from kassd.settings_orders import OrdersSection, TicketSection
from kassd.settings_people import ClientSection, OperatorSection, RoleSection
from kassd.settings_places import check_places
from kassd.settings_power import PowerSection as PowerSection
from kassd.settings_receipt import ReceiptExemptionSection, ReceiptSection
from kassd.settings_receipt import ReceiptLinkSection as ReceiptLinkSection
from kassd.settings_reductions import CouponSection, DiscountSection, TipsSection
from kassd.settings_scale import ScaleSection as ScaleSection
from kassd.settings_terminals import TerminalSection
from kassd.settings_text import EXAMPLE as EXAMPLE
from kassd.settings_text import Misfit, Place, explain, place_in
from kassd.settings_toml import parse, read_text
from kassd.settings_tse import TseSection as TseSection

# [register] is the contract's name of the section; ABCMeta.register is of no use to settings.
warnings.filterwarnings("ignore", 'Field name "register"', UserWarning)

RESERVED = ("tse", "journal", "clock", "power", "place", "receipt-link")
DEFAULT_PATH = Path("/etc/kassd/kassd.toml")
CREDENTIALS = "/etc/kassd/credentials"
ENV_FILE = "KASSD_CONFIG"
ENV_PREFIX = "KASSD_"
NODE = r"^[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}$"

Port = Annotated[int, Field(ge=1, le=65535)]


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)  # to list all of them takes a hundred times as long
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} ist keine Zeitzone, z. B. Europe/Berlin") from None
    return name


def _alignment(value: int) -> int:
    if value not in (0, 4096, 16384):
        raise ValueError("erlaubt sind 0, 4096 und 16384")
    return value


class Register(Section):
    """``[register]``: identity for life and behaviour of the register."""

    id: str = Field(pattern=r"^[A-Za-z0-9.-]{1,30}$", description="TSE client id = KASSE_SERIENNR, for life")
    mode: Literal["test", "production"] = Field(description="test: soft TSE, slips say TEST")
    sale_timeout_s: int = Field(1800, ge=60, le=86_400, description="an unpaid sale ends after this time")
    lock_after_s: int = Field(
        0, ge=0, le=86_400, description="a station without an entry for this time is locked; 0: never"
    )
    tse_deadline_ms: int = Field(3000, ge=500, le=10_000, description="how long a payment waits for the TSE")
    control_prefix: str = Field("KASSD", pattern=r"^[A-X0-9]{2,12}$", description="of control barcodes")
    in_house: bool = Field(False, description="goods are consumed on site unless said otherwise (INHAUS)")
    expired: Literal["warn", "refuse"] = Field("warn", description="goods whose best-before date has passed")
    brand: str = Field("kassd", max_length=50, description="KASSE_BRAND")
    model: str = Field("Raspberry Pi", max_length=50, description="KASSE_MODELL")


class Business(Section):
    """``[business]``: the supplier as every slip names it."""

    name: str = Field(min_length=1, max_length=60, description="name of the business")
    street: str = Field(min_length=1, max_length=60, description="street and number")
    postal_code: str = Field(min_length=1, max_length=10, description="postal code")
    city: str = Field(min_length=1, max_length=62, description="city")
    country: str = Field("DEU", pattern=r"^[A-Z]{3}$", description="ISO 3166 alpha-3")
    tax_number: str = Field("", max_length=20, description="Steuernummer (or vat_id)")
    vat_id: str = Field("", max_length=15, description="USt-IdNr. (or tax_number)")
    small_business: bool = Field(
        False, description="§ 19 UStG: no tax on any slip; a change waits for the next closing"
    )
    claims_vat: Literal["supply", "payment", "unknown"] = Field(
        "supply",
        description="tax of what is sold on account: with the supply (Sollversteuerung), with the payment "
        "(Istversteuerung), or unknown to the register when it is paid (claims at tax key 7)",
    )
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "Europe/Berlin", description="of slips and closings"
    )

    @model_validator(mode="after")
    def _has_number(self) -> "Business":
        if not (self.tax_number or self.vat_id):
            raise ValueError("tax_number oder vat_id fehlt, z. B. tax_number = '203/123/12345'")
        return self


class JournalSection(Section):
    """``[journal]``: where the truth lies."""

    dir: Path = Field(description="directory of the journal")
    align: Annotated[int, AfterValidator(_alignment)] = Field(
        4096, description="padding of a commit in bytes"
    )
    mirror: Path | None = Field(None, description="second directory, e.g. on a USB stick")


class CatalogSection(Section):
    """``[catalog]``: the article file."""

    file: Path = Field(description="JSON file of articles, see catalog.md")


def _patterns(given: dict[str, str]) -> dict[str, str]:
    parse_patterns(given)
    return given


class BarcodeSection(Section):
    """``[barcode]``: how the shop's own barcodes are read, see [barcodes.md](barcodes.md)."""

    patterns: Annotated[dict[str, str], AfterValidator(_patterns)] = Field(
        {}, description='in-store numbers by prefix, e.g. `{"28" = "IIIICVVVVV:weight:3"}`; "": no pattern'
    )


class MqttLink(Section):
    """``[mqtt.local]``: the broker on the box."""

    node: str = Field(pattern=NODE, description="<tenant>.<register>")
    host: str = Field("127.0.0.1", description="broker")
    port: Port = Field(1883, description="broker")
    username: str = Field("", description="account; none: anonymous")
    password_credential: str = Field(
        "mqtt-local", description="name of the credential file with its password"
    )
    keepalive_s: int = Field(15, ge=5, le=300, description="MQTT keepalive")


class MqttSection(Section):
    """``[mqtt]``: the links to brokers."""

    local: MqttLink | None = Field(None, description="displays on the box")


# What only an export reads: no master data of the register, and too much for its journal's line.
EXPORTS_ONLY = ("datev", "account")
# Sections whose first item that fits is the one that counts.
ORDERED = ("printer", "price_list")
# Sections whose items have a name that must be unique.
NAMED = (
    *("scanner", "printer", "drawer", "scale", "client", "role", "operator", "tender", "agency", "purse"),
    *("station", "vat", "price_list", "ticket", "coupon", "system", "account", "terminal"),
)


class Settings(BaseSettings):
    """The whole configuration, validated."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=ENV_PREFIX, env_nested_delimiter="__", enable_decoding=True
    )

    register: Register = Field()  # without it ABCMeta.register would pass for a default
    business: Business
    journal: JournalSection
    catalog: CatalogSection | None = None
    barcode: BarcodeSection = BarcodeSection(patterns={})
    tse: TseSection | None = None
    scanner: tuple[ScannerSection, ...] = ()
    printer: tuple[PrinterSection, ...] = ()
    drawer: tuple[DrawerSection, ...] = ()
    scale: tuple[ScaleSection, ...] = ()
    power: PowerSection = PowerSection.model_validate({})
    terminal: tuple[TerminalSection, ...] = ()
    mqtt: MqttSection = MqttSection(local=None)
    client: tuple[ClientSection, ...] = ()
    role: tuple[RoleSection, ...] = ()
    operator: tuple[OperatorSection, ...] = ()
    tender: tuple[TenderSection, ...] = ()
    currency: tuple[CurrencySection, ...] = ()
    purse: tuple[PurseSection, ...] = ()
    cash: CashSection = CashSection(
        identify_from=None, round_to=0, blind=False, difference_alarm=1000, day_ends="00:00", remind_at=""
    )
    reports: ReportsSection = ReportsSection(operators=False)
    vouchers: VouchersSection = VouchersSection(prefix="GS", years=3, refund=False, foreign="refuse")
    agency: tuple[AgencySection, ...] = ()
    ticket: tuple[TicketSection, ...] = ()
    orders: OrdersSection = OrdersSection(carry=True)
    empties: EmptiesSection | None = None
    deposit: DepositSection = DepositSection(take_back="all", elsewhere="")
    discount: DiscountSection = DiscountSection(free_percent=Decimal(0), free_amount=0)
    coupon: tuple[CouponSection, ...] = ()
    tips: TipsSection = TipsSection(to="staff")
    receipt: ReceiptSection = ReceiptSection(logo=None, hospitality=False)
    receipt_link: ReceiptLinkSection | None = None
    girocode: GirocodeSection | None = None
    receipt_exemption: ReceiptExemptionSection | None = None
    station: tuple[StationSection, ...] = ()
    vat: tuple[VatSection, ...] = ()
    price_list: tuple[PriceListSection, ...] = ()
    place: PlaceSection | None = None
    notification: NotificationSection | None = None
    system: tuple[SystemSection, ...] = Field((), max_length=MAX_OTHERS)
    datev: DatevSection | None = None
    account: tuple[AccountSection, ...] = ()
    fiscal: FiscalSection = FiscalSection.model_validate({})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file; nothing else is read."""
        return (EnvSettingsSource(settings_cls), init_settings)

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        for section in NAMED:
            self._check_names(section)
        self._check_roles()
        self._check_unique("currency", "code")
        self._check_unique("coupon", "code")
        self._check_unique("agency", "id")
        self._check_unique("vat", "key")
        behind = (item.printer if item.driver == "printer" else None for item in self.drawer)
        self._check_printers("drawer", "printer", behind)
        self._check_printers("ticket", "printer", (item.printer for item in self.ticket))
        others = (item.fallback or None for item in self.printer)
        self._check_printers("printer", "fallback", others)
        check_accounts(self.account, self.datev)
        check_places(self.journal.dir, self.journal.mirror, self.tse.path if self.tse else None)
        if self.register.mode == "production" and self.tse is not None and self.tse.driver == "soft":
            raise Misfit(
                '[tse] driver = "soft" ist nur im Modus "test" erlaubt; im Modus "production" eine '
                "zertifizierte TSE einrichten oder [tse] weglassen",
                *("tse", "driver"),
            )
        return self

    def tax_keys(self) -> frozenset[int]:
        """Tax keys that articles may have."""
        return frozenset(KEYS) | {item.key for item in self.vat}

    def agencies(self) -> frozenset[int]:
        """AGENTUR_ID of all in whose name articles may be sold."""
        return frozenset(item.id for item in self.agency)

    def _check_printers(self, section: str, key: str, named: Iterable[str | None]) -> None:
        """Whether each printer that an item names is another item's."""
        printers = {item.name for item in self.printer}
        for index, (item, printer) in enumerate(zip(getattr(self, section), named, strict=True)):
            known = printers - ({item.name} if section == "printer" else set())
            if printer is not None and printer not in known:
                raise Misfit(
                    f"[[{section}]] {item.name!r}: {key} = {printer!r} ist kein [[printer]]; "
                    f"vorhanden: {', '.join(sorted(known)) or 'keiner'}",
                    *(section, index, key),
                )

    def _check_roles(self) -> None:
        known = {*ROLES, *(role.name for role in self.role)}
        for index, person in enumerate(self.operator):
            unknown = [role for role in person.roles if role not in known]
            if unknown:
                raise Misfit(
                    f"[[operator]] {person.name!r}: roles = {unknown[0]!r} ist keine Rolle; vorhanden: "
                    f"{', '.join(sorted(known))}",
                    *("operator", index, "roles"),
                )

    def _check_unique(self, section: str, key: str) -> None:
        values = [getattr(item, key) for item in getattr(self, section)]
        for index, value in enumerate(values):
            if value in values[:index]:
                raise Misfit(
                    f"[[{section}]]: {key} = {value!r} kommt zweimal vor; jeder braucht einen eigenen",
                    section,
                    index,
                    key,
                )

    def _check_names(self, section: str) -> None:
        """Items of a section have names of their own, and so have all devices together."""
        devices = ("scanner", "printer", "drawer", "scale", "purse", "terminal")
        others = devices[: devices.index(section)] if section in devices else ()
        taken = {item.name for other in others for item in getattr(self, other)}
        taken |= set(RESERVED) if section in devices else set()
        seen: set[str] = set()
        for index, item in enumerate(getattr(self, section)):
            where = (section, index, "name")
            if item.name in seen:
                raise Misfit(
                    f"[[{section}]]: der Name {item.name!r} kommt zweimal vor; jeder braucht einen eigenen",
                    *where,
                )
            if item.name in taken:
                raise Misfit(
                    f"[[{section}]]: der Gerätename {item.name!r} ist schon vergeben (jedes Gerät braucht "
                    f"einen eigenen, nicht {', '.join(RESERVED)})",
                    *where,
                )
            seen.add(item.name)


def config_file(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """The file that is read: ``path``, else ``KASSD_CONFIG``, else ``/etc/kassd/kassd.toml``."""
    return path or Path(environ.get(ENV_FILE) or DEFAULT_PATH)


def where(file: Path, place: Place) -> str:
    """File and line of a section or key of the configuration that was read from ``file``."""
    return place_in(file, read_text(file), place)


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from :func:`config_file`.

    Raises :class:`ConfigError` (exit code 78) for a missing file, an unknown or wrong key anywhere.
    """
    file = config_file(path, environ)
    text = read_text(file)
    values = parse(file, text)
    _refuse_unknown_variables(environ)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigError(explain(error, Settings, file, text, environ)) from None
    except SettingsError as error:
        named = re.search(r'field "(\w+)"', str(error))
        variable = f"{ENV_PREFIX}{named[1].upper() if named else '…'}"
        raise ConfigError(
            f"Umgebungsvariable {variable}: hier wird JSON erwartet, z. B. "
            """KASSD_CLIENT='[{"name": "cashier-1", "rights": ["sell"]}]'."""
        ) from error


def load_if_any(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings | None:
    """As :func:`load`; None where no file is named and none stands at :data:`DEFAULT_PATH`."""
    named = path or environ.get(ENV_FILE) or DEFAULT_PATH.exists()
    return load(path, environ) if named else None


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    sections = {name.upper() for name in Settings.model_fields}
    for name in sorted(environ):
        if not name.startswith(ENV_PREFIX) or name == ENV_FILE:
            continue
        if name.removeprefix(ENV_PREFIX).split("__")[0] not in sections:
            raise ConfigError(
                f"Die Umgebungsvariable {name} kennt kassd nicht. Erwartet wird "
                f"{ENV_PREFIX}ABSCHNITT__SCHLÜSSEL, z. B. {ENV_PREFIX}JOURNAL__ALIGN=4096."
            )


def flatten(settings: Settings) -> dict[str, Any]:
    """Dotted keys to JSON values of the master data; items of lists by their names, in :data:`ORDERED` with
    their ``rank`` (how many stand before it in the file; not of the first). A PIN's hash and a card's code
    are known to the journal as SHA-256 only; other secrets are not in the settings at all."""
    flat: dict[str, Any] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                walk(f"{prefix}.{key}" if prefix else key, item)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for item in value:
                walk(f"{prefix}.{item.get('name') or item['code']}", item)
        elif value is not None and not (isinstance(value, list) and not value):
            flat[prefix] = str(value) if isinstance(value, float) else value

    for section in ORDERED:
        for rank, item in enumerate(getattr(settings, section)):
            if rank:
                flat[f"{section}.{item.name}.rank"] = rank
    walk("", settings.model_dump(mode="json", exclude=set(EXPORTS_ONLY)))
    for person in settings.operator:
        for key in ("pin", "card"):
            if secret := getattr(person, key):
                flat[f"operator.{person.name}.{key}"] = hashlib.sha256(secret.encode()).hexdigest()
    return flat


def fingerprint(flat: Mapping[str, Any]) -> str:
    """SHA-256 over the flattened configuration: whether the file says something else than last time."""
    text = "\n".join(f"{key}={value!r}" for key, value in sorted(flat.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def zone(settings: Settings) -> ZoneInfo:
    """Time zone of the business."""
    return ZoneInfo(settings.business.timezone)


def credential(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Secret ``name`` from ``$CREDENTIALS_DIRECTORY``, else from ``/etc/kassd/credentials`` (mode 0600 only).

    None if there is no such file or nothing in it; raises :class:`ConfigError` if it cannot be read.
    """
    given = environ.get("CREDENTIALS_DIRECTORY")
    file = Path(given or CREDENTIALS) / name
    try:
        if given and not file.exists():
            given, file = None, Path(CREDENTIALS) / name
        if not file.exists():
            return None
        if not given and stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise ConfigError(f"{file} ist für andere lesbar. Abhilfe: chmod 600 {file}")
        return file.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Das Kennwort in {file} ist nicht lesbar: {error}") from error


def mqtt_password(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """Password of ``[mqtt.local] username``, '' without one; :class:`ConfigError` if it is missing."""
    local = settings.mqtt.local
    if local is None or not local.username:
        return ""
    password = credential(local.password_credential, environ)
    if password is None:
        raise ConfigError(
            f"[mqtt.local] username = {local.username!r}: das Kennwort fehlt; erwartet wird es in "
            f"{CREDENTIALS}/{local.password_credential} (Modus 0600) oder als Credential von systemd. "
            "Konten macht „kassd config broker“."
        )
    return password
