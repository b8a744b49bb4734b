"""Sections about money: tenders, currencies, the limit for cash, vouchers, agencies, deposit slips."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from kassd.settings_base import Name, Section

# What sale.pay understands by itself.
BUILT_IN = ("cash", "card", "cheque", "voucher", "account", "girocode")


def _own_name(name: str) -> str:
    if name in BUILT_IN:
        raise ValueError(f"{name!r} ist schon vergeben, z. B. name = 'paypal'")
    return name


def _foreign(code: str) -> str:
    if code == "EUR":
        raise ValueError("EUR ist die Währung der Kasse, z. B. code = 'CHF'")
    return code


def _slip_pattern(pattern: str) -> str:
    if not re.fullmatch(r"[0-9]+N+P+C", pattern) or len(pattern) not in (8, 12, 13):
        raise ValueError("erwartet: Ziffern, dann N (Nummer), P (Betrag in Cent), C (Prüfziffer)")
    return pattern


class TenderSection(Section):
    """``[[tender]]``: a further way to pay. None has a fee (§ 270a BGB)."""

    name: Annotated[Name, AfterValidator(_own_name)] = Field(description='as in `sale.pay {"type": …}`')
    type: Literal["Unbar", "ECKarte", "Kreditkarte", "ElZahlungsdienstleister", "Guthabenkarte"] = Field(
        description="ZAHLART_TYP; Guthabenkarte: a third party's prepaid card"
    )
    text: str = Field("", max_length=30, description="ZAHLART_NAME, on slips; default: the name")


class CurrencySection(Section):
    """``[[currency]]``: cash of another currency that is taken. The change is given in euro."""

    code: Annotated[str, AfterValidator(_foreign)] = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")
    rate: Decimal = Field(gt=0, max_digits=12, decimal_places=6, description="euro for one unit")


class CashSection(Section):
    """``[cash]``: what holds for cash."""

    identify_from: int | None = Field(
        None,
        ge=0,
        description="cents from which the customer is identified (§ 10 Abs. 6a GwG); default: 1000000, from "
        "2027-07-10 on 300000; precious metals: 200000",
    )
    round_to: Literal[0, 5, 10] = Field(
        0, description="cash sums are rounded to so many cents; 0: they are not"
    )
    blind: bool = Field(
        False,
        description="who counts is not told what is expected; X and cash.expected need the right report",
    )
    difference_alarm: int = Field(
        1000, ge=0, description="a count that differs by so many cents or more is an alarm; 0: none is"
    )
    day_ends: str = Field(
        "00:00",
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="until then (local time) the business day may be closed without a reason",
    )
    remind_at: str = Field(
        "",
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$",
        description="a till still open then (local time) says so until it is closed; empty: never",
    )


class PurseSection(Section):
    """``[[purse]]``: a waiter's purse. Cash that its operator takes is in it, not in the station's drawer."""

    name: Name = Field(description="as in commands and reports")
    operator: str = Field(min_length=1, max_length=50, description="who carries it")


class ReportsSection(Section):
    """``[reports]``: what X and Z show besides what must be there."""

    operators: bool = Field(
        False, description="turnover by operator (works council: § 87 Abs. 1 Nr. 6 BetrVG)"
    )


class VouchersSection(Section):
    """``[vouchers]``: vouchers of the shop."""

    prefix: str = Field("GS", pattern=r"^[A-Z]{1,4}$", description="begins own numbers")
    years: int = Field(
        3, ge=3, le=30, description="valid to the end of the n-th year after the sale (§ 195 BGB)"
    )
    refund: bool = Field(False, description="whether a balance may be paid out")
    foreign: Literal["refuse", "take_over"] = Field(
        "refuse", description="vouchers of other registers; take_over: by `voucher.take_over`, one by one"
    )


class AgencySection(Section):
    """``[[agency]]``: in whose name goods are sold (Stamm_Agenturen). A change waits for the closing."""

    name: Name = Field(description='as in `agency.sell {"agency": …}`')
    id: int = Field(ge=1, le=999_999, description="AGENTUR_ID")
    text: str = Field(min_length=1, max_length=60, description="name of the business")
    street: str = Field(min_length=1, max_length=60, description="street and number")
    postal_code: str = Field(min_length=1, max_length=10, description="postal code")
    city: str = Field(min_length=1, max_length=62, description="city")
    country: str = Field("DEU", pattern=r"^[A-Z]{3}$", description="ISO 3166 alpha-3")
    tax_number: str = Field("", max_length=20, description="Steuernummer (or vat_id)")
    vat_id: str = Field("", max_length=15, description="USt-IdNr. (or tax_number)")

    @model_validator(mode="after")
    def _has_number(self) -> "AgencySection":
        if not (self.tax_number or self.vat_id):
            raise ValueError("tax_number oder vat_id fehlt, z. B. tax_number = '231/123/45678'")
        return self


class DepositSection(Section):
    """``[deposit]``: which packages are taken back (§ 31 Abs. 2 VerpackG)."""

    take_back: Literal["all", "sold", "none"] = Field(
        "all",
        description="sold: of articles in the catalogue only, named one by one (shops below 200 m²); "
        "none: nothing here (sale from machines)",
    )
    elsewhere: str = Field("", max_length=100, description="where else packages are taken back, said then")


class EmptiesSection(Section):
    """``[empties]``: slips of the machine that takes bottles back (Leergutbon)."""

    pattern: Annotated[str, AfterValidator(_slip_pattern)] = Field(
        description="of the slip's EAN: digits, N number, P cents, C check digit, e.g. 981NNNNPPPPPC"
    )
    vat: int = Field(1, ge=1, le=8, description="UST_SCHLUESSEL of what is paid out")
