"""Sections about reductions and tips: what is refused, and how the core reads the rest."""

from decimal import Decimal
from pathlib import Path

import pytest

from kassd import settings
from kassd.core.reductions.coupons import Coupon, coupons
from kassd.errors import ConfigError

COUPONS = """
[discount]
free_percent = "5"
free_amount = 50
[tips]
to = "owner"
[[coupon]]
name = "advent"
code = "9912345678904"
title = "Advent 10 %"
percent = "10"
first_day = 2026-12-01
last_day = 2026-12-24
categories = ["backwaren"]
min_total = 2000
[[coupon]]
name = "brief"
code = "B-17"
amount = 200
once = true
"""


def load(tmp_path: Path, more: str) -> settings.Settings:
    file = tmp_path / "kassd.toml"
    file.write_text(settings.EXAMPLE + more, encoding="utf-8")
    return settings.load(file, {})


def test_the_core_reads_what_the_file_says(tmp_path: Path) -> None:
    flat = settings.flatten(load(tmp_path, COUPONS))
    assert (flat["discount.free_percent"], flat["discount.free_amount"], flat["tips.to"]) == (
        "5",
        50,
        "owner",
    )
    assert coupons(flat) == {
        "9912345678904": Coupon(
            code="9912345678904",
            title="Advent 10 %",
            percent=Decimal(10),
            first_day="2026-12-01",
            last_day="2026-12-24",
            categories=("backwaren",),
            min_total=2000,
        ),
        "B-17": Coupon(code="B-17", title="brief", amount=200, once=True),
    }


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[[coupon]]\nname = "a"\ncode = "1"\n', "genau eines von percent und amount"),
        (
            '[[coupon]]\nname = "a"\ncode = "1"\npercent = "5"\namount = 5\n',
            "genau eines von percent und amount",
        ),
        ('[[coupon]]\nname = "a"\ncode = "1"\npercent = "101"\n', "höchstens 100"),
        ('[[coupon]]\nname = "a"\ncode = "1"\namount = 5\n' * 2, "'a' kommt zweimal vor"),
        (
            "".join(f'[[coupon]]\nname = "{name}"\ncode = "1"\namount = 5\n' for name in "ab"),
            "code = '1' kommt zweimal vor",
        ),
        ('[discount]\nfree_percent = "101"\n', "höchstens 100"),
        ('[tips]\nto = "chef"\n', "'staff'"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, more)
    assert said in str(error.value)
