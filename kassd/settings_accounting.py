"""Sections about what an authority or a tax adviser gets: the notification of § 146a Abs. 4 AO, accounts."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from kassd.core.notification.state import CERTIFICATION
from kassd.core.vat import FIRST_INDIVIDUAL, HISTORIC, KEYS
from kassd.settings_base import Name, Section
from kassd.settings_text import Misfit

Form = Literal["", "sd", "usb", "cloud"]
Acquisition = Literal["purchase", "lease", "rent", "loan"]
HEX = r"^([0-9a-f]{64})?$"
ACCOUNT = r"^[0-9]{4,9}$"
MAX_OTHERS = 19  # all of them are taken into the journal, and notified, in one line of it
# GV_TYP and ZAHLART_TYP that are posted (DSFinV-K 2.4, Anhang C and D): Anfangsbestand lies on the cash
# account already, Bar is that account.
CASES = frozenset(
    (
        *("Umsatz", "Pfand", "PfandRueckzahlung", "Rabatt", "Aufschlag", "ZuschussEcht", "ZuschussUnecht"),
        *("TrinkgeldAG", "TrinkgeldAN", "EinzweckgutscheinKauf", "EinzweckgutscheinEinloesung"),
        *("MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung", "Forderungsentstehung"),
        *("Forderungsaufloesung", "Anzahlungseinstellung", "Anzahlungsaufloesung", "Privatentnahme"),
        *("Privateinlage", "Geldtransit", "Lohnzahlung", "Einzahlung", "Auszahlung", "DifferenzSollIst"),
    )
)
TAX_KEYS = tuple(sorted({*KEYS, *HISTORIC}))
PAYMENTS = ("Unbar", "ECKarte", "Kreditkarte", "ElZahlungsdienstleister", "Guthabenkarte")


def _certification(text: str) -> str:
    if text and not CERTIFICATION.search(text):
        raise ValueError("keine Zertifizierungs-ID, z. B. tse_certification = 'BSI-K-TR-0415-2021'")
    return text


Certification = Annotated[str, AfterValidator(_certification)]


class PlaceSection(Section):
    """``[place]``: the place of business (Betriebsstätte) the register belongs to, also while it is used
    elsewhere (`place.set`). What is empty is as in `[business]`."""

    name: str = Field("", max_length=60, description="LOC_NAME; default: the business' name")
    street: str = Field("", max_length=60, description="street and number")
    postal_code: str = Field("", max_length=10, description="postal code")
    city: str = Field("", max_length=62, description="city")
    country: str = Field("", pattern=r"^([A-Z]{3})?$", description="ISO 3166 alpha-3")
    vat_id: str = Field("", max_length=15, description="LOC_USTID, if it has one of its own")
    since: date | None = Field(
        None, description="day on which the register moved there; another address with another day is a move"
    )


class _Dates(Section):
    acquired: date | None = Field(None, description="day of purchase, or beginning of lease, rent or loan")
    acquisition: Acquisition = Field("purchase", description="how it was acquired")
    commissioned: date | None = Field(None, description="day it was first used")
    decommissioned: date | None = Field(None, description="day it was put out of use, lost or given away")
    reason: str = Field("", max_length=100, description="why it was put out of use")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "_Dates":
        if self.decommissioned is not None and not self.reason:
            raise ValueError("reason fehlt: warum wurde das System außer Betrieb genommen?")
        first = self.commissioned or self.acquired
        if self.decommissioned is not None and first is not None and self.decommissioned < first:
            raise ValueError("decommissioned liegt vor der Inbetriebnahme")
        return self


class NotificationSection(_Dates):
    """``[notification]``: what the tax office is told of this register (§ 146a Abs. 4 AO), see
    [notification.md](notification.md). Serial number, software and TSE are known."""

    manufacturer: str = Field("", max_length=50, description="default: `[register] brand`")
    model: str = Field("", max_length=50, description="default: `[register] model`")
    tse_form: Form = Field("", description="kind of the TSE: SD card, USB stick, cloud")
    tse_commissioned: date | None = Field(
        None, description="default: the day the TSE was bound to this register"
    )
    tse_certification: Certification = Field(
        "", description="BSI-K-TR-nnnn-yyyy, where the TSE does not say it itself; look at it after a swap"
    )


class SystemSection(_Dates):
    """``[[system]]``: another register at the same place of business, at most 19. A notification always names
    all of them (AEAO zu § 146a Nr. 1.16.1.4); one that is put out of use stays until that has been
    notified."""

    name: Name = Field(description="of the item")
    serial: str = Field(min_length=1, max_length=70, description="serial number of the system")
    manufacturer: str = Field(min_length=1, max_length=50, description="who made it")
    model: str = Field(min_length=1, max_length=50, description="its model")
    software: str = Field(min_length=1, max_length=50, description="its software")
    software_version: str = Field(min_length=1, max_length=50, description="version of that")
    tse_serial: str = Field(pattern=HEX, min_length=64, description="serial number of its TSE, 64 hex digits")
    tse_commissioned: date = Field(description="day its TSE was put into use")
    tse_certification: Certification = Field(min_length=9, description="BSI-K-TR-nnnn-yyyy")
    tse_form: Literal["sd", "usb", "cloud"] = Field(description="kind of its TSE")
    acquired: date = Field(description="day of purchase, or beginning of lease, rent or loan")
    commissioned: date = Field(description="day it was first used")


class DatevSection(Section):
    """``[datev]``: whose books the closings go to, see [accounting.md](accounting.md). The tax adviser knows
    the numbers. The export alone reads this and `[[account]]`; they are no master data of the register."""

    consultant: int = Field(ge=1001, le=9_999_999, description="Beraternummer")
    client: int = Field(ge=1, le=99_999, description="Mandantennummer")
    cash: str = Field(pattern=ACCOUNT, description="account of the cash (Kasse), 1000 or 1600")
    account_length: int = Field(4, ge=4, le=8, description="digits of an account (Sachkontenlänge)")
    chart: Literal["", "03", "04"] = Field("", description="chart of accounts (Sachkontenrahmen)")
    year_begins: str = Field(
        "01-01",
        pattern=r"^(0[1-9]|1[0-2])-01$",
        description="month and day on which the business year begins",
    )
    locked: bool = Field(
        False, description="bookings arrive unchangeable (Festschreibung): ask the tax adviser"
    )
    prefix: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]{0,20}$",
        description="begins Belegfeld 1, where several registers hand over",
    )


class AccountSection(Section):
    """``[[account]]``: the account of a business case under one tax key, or of a kind of payment. What is
    closest applies: with `text` before without; two for the same are refused. Cash has `[datev] cash`."""

    name: Name = Field(description="of the item")
    number: str = Field(pattern=ACCOUNT, description="the account")
    case: str = Field("", max_length=30, description="GV_TYP, e.g. `Umsatz` (or payment)")
    payment: str = Field("", max_length=25, description="ZAHLART_TYP, e.g. `ECKarte` (or case)")
    vat: int = Field(5, ge=1, le=999_999_999, description="UST_SCHLUESSEL of the case; 5: not taxable")
    text: str = Field("", max_length=60, description="only with this GV_NAME or ZAHLART_NAME")
    agency: int = Field(0, ge=0, le=999_999, description="AGENTUR_ID; 0: the own business")
    bu: str = Field("", pattern=r"^[0-9]{0,4}$", description="BU-Schlüssel; none for an Automatikkonto")

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> "AccountSection":
        if bool(self.case) == bool(self.payment):
            raise ValueError("genau eines von case und payment ist anzugeben, z. B. case = 'Umsatz'")
        if self.case and self.case not in CASES:
            raise ValueError(f"case = {self.case!r} ist kein GV_TYP, z. B. case = 'Umsatz'")
        if self.payment and self.payment not in PAYMENTS:
            raise ValueError(f"payment = {self.payment!r} ist keine ZAHLART_TYP: {', '.join(PAYMENTS)}")
        if self.case and self.vat not in TAX_KEYS and self.vat < FIRST_INDIVIDUAL:
            raise ValueError(
                f"vat = {self.vat} ist kein UST_SCHLUESSEL: {', '.join(map(str, TAX_KEYS))}, ab "
                f"{FIRST_INDIVIDUAL} eigene von [[vat]]"
            )
        return self

    @property
    def sum(self) -> str:
        """Which sum it is the account of, as the configuration says it."""
        text = f", text = {self.text!r}" if self.text else ""
        if self.payment:
            return f"payment = {self.payment!r}{text}"
        agency = f", agency = {self.agency}" if self.agency else ""
        return f"case = {self.case!r}, vat = {self.vat}{agency}{text}"


def check_accounts(accounts: tuple[AccountSection, ...], datev: DatevSection | None) -> None:
    """Each sum has one account. Of impersonal accounts DATEV takes the configured digits, of debtors and
    creditors one more. Raises :class:`Misfit`."""
    found: dict[str, AccountSection] = {}
    for index, account in enumerate(accounts):
        if datev is not None and len(account.number) > datev.account_length + 1:
            raise Misfit(
                f"[[account]] {account.name!r}: number = {account.number!r} hat mehr Stellen, als "
                f"[datev] account_length = {datev.account_length} erlaubt",
                *("account", index, "number"),
            )
        other = found.setdefault(account.sum, account)
        if other is not account:
            raise Misfit(
                f"[[account]] {other.name!r} (Konto {other.number}) und {account.name!r} (Konto "
                f"{account.number}) gelten beide für {account.sum}; einen davon löschen oder ändern",
                *("account", index, "number"),
            )
