"""Sections about goods: what is refused, and how it is read back from the journal's configuration."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kassd import settings
from kassd.core.goods.article import Article
from kassd.core.goods.pricing import price_lists
from kassd.core.master import age_gate, in_house_by_default, sales_keys, stations
from kassd.errors import ConfigError

GOODS = """
[[station]]
name = "kiosk"
in_house = true
attended = false
age_gate = "attendant"
[[vat]]
name = "differenz"
key = 1000
rate = "0"
title = "Differenzbesteuerung § 25a UStG"
text = "Gebrauchtgegenstände/Sonderregelung"
[[price_list]]
name = "abend"
title = "Abendpreis"
weekdays = ["mo", "sa"]
begin = "18:00"
percent = "30"
prices = { brot = 200 }
first_day = 2026-11-01
"""


def load(tmp_path: Path, more: str) -> settings.Settings:
    file = tmp_path / "kassd.toml"
    file.write_text(settings.EXAMPLE + more, encoding="utf-8")
    return settings.load(file, {})


def test_the_core_reads_what_the_file_says(tmp_path: Path) -> None:
    loaded = load(tmp_path, GOODS)
    flat = settings.flatten(loaded)
    assert "kiosk" in stations(flat)
    assert in_house_by_default(flat, "kiosk")
    assert not in_house_by_default(flat, "main")
    assert (age_gate(flat, "kiosk"), age_gate(flat, "main")) == ("attendant", "person")
    key = sales_keys(flat)[1000]
    assert (key.slot, key.text) == (5, "Gebrauchtgegenstände/Sonderregelung")
    assert loaded.tax_keys() == {*range(1, 9), 1000}
    (evening,) = price_lists(flat)
    saturday = datetime(2026, 11, 21, 18, tzinfo=ZoneInfo("Europe/Berlin"))
    assert evening.applies(saturday)
    assert not evening.applies(saturday.replace(day=20))
    assert evening.price(Article("brot", "Brot", 390, 2)) == 200
    assert evening.price(Article("tee", "Tee", 390, 2)) == 273


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ('[[vat]]\nname = "rate"\nkey = 1000\nrate = "0"\ntitle = "x"', "rate"),
        ('[[vat]]\nname = "x"\nkey = 999\nrate = "0"\ntitle = "x"', "key"),
        ('[[vat]]\nname = "a"\nkey = 1000\nrate = "0"\ntitle = "x"\n'
         '[[vat]]\nname = "b"\nkey = 1000\nrate = "7"\ntitle = "x"', "kommt zweimal vor"),
        ('[[price_list]]\nname = "x"\ntitle = "X"', "percent oder prices"),
        ('[[price_list]]\nname = "x"\ntitle = "X"\npercent = "0"', "percent"),
        ('[[price_list]]\nname = "x"\ntitle = "X"\npercent = "10"\nbegin = "24:00"', "begin"),
        ('[[price_list]]\nname = "x"\ntitle = "X"\npercent = "10"\nweekdays = ["mon"]', "weekdays"),
        ('[[price_list]]\nname = "x"\ntitle = "X"\nprices = { brot = -1 }', "prices"),
        ('[[station]]\nname = "kiosk"\nage_gate = "robot"', "age_gate"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, section: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        load(tmp_path, "\n" + section)
