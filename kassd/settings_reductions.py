"""Sections of the configuration about what makes a sale cheaper, and about tips."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from kassd.settings_base import Name, Section

Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


class DiscountSection(Section):
    """``[discount]``: how much whoever sells may take off by hand, of a line and of the whole sale; above
    both limits it needs the right `discount`."""

    free_percent: Percent = Field(Decimal(0), description='percent of the goods, "5"')
    free_amount: int = Field(0, ge=0, description="cents")


class CouponSection(Section):
    """``[[coupon]]``: a code that makes a sale cheaper when it is scanned. It is no voucher: nothing is sold
    with it and nothing paid."""

    name: Name = Field(description="name of the item")
    code: str = Field(min_length=1, max_length=100, description="what the scanner reads")
    title: str = Field("", max_length=40, description='on the receipt, after "Coupon"; default: the name')
    percent: Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)] | None = Field(
        None, description="percent off (or amount)"
    )
    amount: Annotated[int, Field(gt=0, le=99_999_999)] | None = Field(
        None, description="cents off (or percent)"
    )
    first_day: date | None = Field(None, description="first day, 2026-12-01")
    last_day: date | None = Field(None, description="last day, 2026-12-24")
    once: bool = Field(False, description="the code is good only once in this register's life")
    articles: tuple[str, ...] = Field((), description="only for these articles")
    categories: tuple[str, ...] = Field((), description="only for these categories; neither: for all goods")
    min_total: int = Field(0, ge=0, description="cents of goods from which on it is good")

    @model_validator(mode="after")
    def _takes_something_off(self) -> "CouponSection":
        if (self.percent is None) == (self.amount is None):
            raise ValueError("genau eines von percent und amount ist anzugeben, z. B. percent = '10'")
        return self


class TipsSection(Section):
    """``[tips]``: tips that are paid with a receipt."""

    to: Literal["staff", "owner"] = Field(
        "staff", description="whose they are if nothing is said: the employees' (no tax) or the owner's"
    )
