"""Sections of the configuration about goods: stations, tax keys of one's own, price lists."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from kassd.settings_base import Name, Section

TIME = r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$"


class StationSection(Section):
    """``[[station]]``: what is special about one. One that nobody attends refuses goods with an age limit
    unless an attendant approves them from a client of their own (JuSchG §§ 9, 10)."""

    name: Name = Field(description="name of the station")
    in_house: bool | None = Field(None, description="as [register] in_house, for this station")
    hospitality: bool | None = Field(None, description="as [receipt] hospitality, for this station")
    attended: bool = Field(True, description="false: customers serve themselves")
    age_gate: Literal["none", "attendant"] = Field(
        "none", description="unattended: goods with an age limit are refused, or wait for an attendant"
    )


class VatSection(Section):
    """``[[vat]]``: a tax key of one's own (UST_SCHLUESSEL from 1000 on), e.g. for § 25a UStG. It comes into
    force with a closing."""

    name: Name = Field(description="name of the item; not rate")
    key: int = Field(ge=1000, le=999_999_999, description="UST_SCHLUESSEL")
    rate: Annotated[Decimal, Field(ge=0, lt=100, decimal_places=2)] = Field(description='percent, "0"')
    title: str = Field(min_length=1, max_length=55, description="what it is, for the records (UST_BESCHR)")
    text: str = Field(
        "", max_length=60, description="what a receipt must say, e.g. Gebrauchtgegenstände/Sonderregelung"
    )

    @model_validator(mode="after")
    def _has_its_own_name(self) -> "VatSection":
        if self.name == "rate":
            raise ValueError("der Name rate ist vergeben, z. B. name = 'differenz'")
        return self


class PriceListSection(Section):
    """``[[price_list]]``: other prices at certain times (happy hour, end of the day). The first list
    (in the file) that has a price for the article applies; a line keeps the price of the moment it was
    entered."""

    name: Name = Field(description="name of the item")
    title: str = Field(min_length=1, max_length=40, description="why the price is another, on the records")
    weekdays: tuple[Literal["mo", "di", "mi", "do", "fr", "sa", "so"], ...] = Field(
        (), description="days of the week; none: each"
    )
    begin: str = Field("", pattern=TIME, description="from this time on, 17:00")
    end: str = Field("", pattern=TIME, description="before this time, 19:00; past midnight if before begin")
    first_day: date | None = Field(None, description="first day, 2026-12-01")
    last_day: date | None = Field(None, description="last day, 2026-12-24")
    percent: Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)] | None = Field(
        None, description="percent off the article's price"
    )
    categories: tuple[str, ...] = Field((), description="percent: of these categories; none: of all")
    prices: dict[str, Annotated[int, Field(ge=0, le=99_999_999)]] = Field(
        default_factory=dict, description="article number → gross price in cents"
    )
    lowest_price: bool = Field(
        True,
        description="state the lowest price of the last 30 days (§ 11 PAngV); false: goods that are about to "
        "perish and marked so, meals and drinks of a restaurant",
    )

    @model_validator(mode="after")
    def _has_prices(self) -> "PriceListSection":
        if self.percent is None and not self.prices:
            raise ValueError("percent oder prices fehlt, z. B. percent = '30'")
        return self
