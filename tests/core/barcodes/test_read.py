"""What a code can be, by its AIM id and without one, and what its elements mean for a sale."""

import subprocess
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.core.barcodes import digital_link, table
from kassd.core.barcodes.elements import GS
from kassd.core.barcodes.read import ELEMENT_STRINGS, read_code
from kassd.core.barcodes.reading import KINDS, PROBLEMS, Reading, problem
from kassd.errors import KassdError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=1)))
GTIN = "04006381333931"
MILK = f"01{GTIN}"


def read(text: str, aim: str = "", now: datetime = NOW) -> Reading:
    return read_code(text, aim, now=now)


def ids(reading: Reading) -> list[str]:
    return [found.id for found in reading.problems]


@pytest.mark.parametrize("aim", ELEMENT_STRINGS)
def test_the_aim_id_makes_an_element_string(aim: str) -> None:
    for text in (f"{MILK}10ABC", f"{GS}{MILK}10ABC"):
        reading = read(text, aim)
        assert (reading.kind, reading.gtin, reading.batch) == ("element_string", GTIN, "ABC")
    assert read(aim + MILK).kind == "element_string"
    assert ids(read("", aim)) == ["empty"]


def test_a_plain_ean_is_never_an_element_string() -> None:
    for text in ("4006381333931", "4006381333930", "0104006381333", "96385074", "15210527"):
        assert read(text).kind in ("gtin", "in_store")
        assert not read(text).elements


@pytest.mark.parametrize(
    "text",
    [
        f"{MILK}10ABC{GS}17261231",
        f"{GS}{MILK}10ABC{GS}17261231",
        f"^{MILK}10ABC^17261231",
        f"(01){GTIN}(10)ABC(17)261231",
        f"https://example.com/01/{GTIN}/10/ABC?17=261231",
        f"{MILK}1726123110ABC",
    ],
)
def test_elements_without_an_aim_id(text: str) -> None:
    reading = read(text)
    assert (reading.gtin, reading.batch, reading.use_by) == (GTIN, "ABC", "2026-12-31")
    assert not reading.problems


@pytest.mark.parametrize(
    "text",
    ["KAFFEE-1", "0104006381333932", f"{MILK}XX", "1234567890123456", f"{MILK[:-1]}", "]", "]X", "x^y"],
)
def test_everything_else_is_a_code_of_ones_own(text: str) -> None:
    reading = read(text)
    assert (reading.kind, reading.keys, reading.problems) == ("text", (text,), ())


@pytest.mark.parametrize("aim", ["]Q1", "]d1", "]J0", "]C0", "]A0"])
def test_other_symbols(aim: str) -> None:
    assert read("^X", aim).kind == "text"
    assert read(f"(01){GTIN}", aim).kind == "text"
    assert read(f"https://a/01/{GTIN}", aim).kind == "digital_link"
    assert read("4006381333931", aim).kind == "gtin"
    assert read("4006381333930", aim).kind == "text"


def test_a_link_that_names_nothing_says_so() -> None:
    assert ids(read("https://example.com/welcome", "]Q1")) == ["link_without_key"]


def test_a_composite_component_belongs_to_the_number_below() -> None:
    reading = read("]E04006381333931|]e010ABC")
    assert (reading.gtin, reading.batch) == (GTIN, "ABC")
    assert ids(read("]E04006381333930|]e010ABC")) == ["check_digit"]


@pytest.mark.parametrize(
    ("data", "name", "value"),
    [
        ("3103001250", "weight", Decimal("1.250")),
        ("3105001250", "weight", Decimal("0.01250")),
        ("3100000002", "weight", Decimal(2)),
        (f"3003{GS}", "count", 3),
        ("31030012503922299", "price", 299),
        ("310300125039200003", "price", 300),
        ("31030012503932978299", "price", 299),
        ("310300125039232990", "price", 299),
        ("11261101", "produced", "2026-11-01"),
        ("13261102", "packed", "2026-11-02"),
        ("15261200", "best_before", "2026-12-31"),
        ("16261201", "sell_by", "2026-12-01"),
        ("17261130", "use_by", "2026-11-30"),
        ("70032612010830", "use_by", "2026-12-01T08:30"),
        ("21A1", "serial", "A1"),
    ],
)
def test_what_elements_mean(data: str, name: str, value: object) -> None:
    reading = read(MILK + data, "]C1")
    assert getattr(reading, name) == value
    assert not reading.problems


@pytest.mark.parametrize(("data", "said"), [("3932840299", "840"), ("39232991", "2.991")])
def test_a_price_that_is_none_here_warns(data: str, said: str) -> None:
    reading = read(f"{MILK}3103001250{data}", "]C1")
    assert reading.price is None
    assert ids(reading) == ["price_unusable"]
    assert said in reading.problems[0].message
    assert not reading.refused


def test_a_label_of_a_case_gives_the_article_in_it_with_a_warning() -> None:
    reading = read(f"0034012345000000000002{GTIN}3712", "]C1")
    assert (reading.gtin, reading.count, reading.refused) == (GTIN, 12, False)
    assert "logistic_label" in ids(reading)


def test_a_variable_article_needs_a_quantity() -> None:
    variable = "0190012345678908"
    assert ids(read(variable, "]C1")) == ["measure_missing"]
    assert ids(read(f"{variable}3103001250", "]C1")) == []
    assert ids(read(f"{variable}30005", "]C1")) == []


def test_what_names_no_article_says_so() -> None:
    reading = read("00340123450000000000", "]C1")
    assert (reading.keys, ids(reading), reading.refused) == ((), ["no_article"], False)


def test_a_global_coupon() -> None:
    worth = read(f"2554006381333931{GS}3902150", "]C1")
    assert (worth.item, worth.coupon, worth.price, worth.problems) == ("4006381333931", 150, None, ())


@pytest.mark.parametrize(
    ("data", "problem", "expired"),
    [
        ("15261121", "best_before_passed", False),
        ("16261121", "sell_by_passed", False),
        ("17261121", "use_by_passed", True),
        ("70032611220929", "use_by_passed", True),
    ],
)
def test_dates_that_have_passed_warn(data: str, problem: str, expired: bool) -> None:
    reading = read(MILK + data, "]d2")
    assert ids(reading) == [problem]
    assert (reading.refused, reading.expired) == (False, expired)
    assert "11.2026" in reading.problems[0].message


@pytest.mark.parametrize("data", ["15261122", "16261122", "17261122", "70032611220930"])
def test_the_last_day_is_not_past(data: str) -> None:
    assert not read(MILK + data, "]d2").problems


@pytest.mark.parametrize("data", ["17261301", "15260431", "70032611222400", "70032611001200", "7006261100"])
def test_a_date_that_is_none_warns(data: str) -> None:
    reading = read(MILK + data, "]d2")
    assert ids(reading) == ["date_impossible"]
    assert (reading.gtin, reading.use_by, reading.best_before) == (GTIN, "", "")


def test_the_century_is_that_of_the_day() -> None:
    assert read(f"{MILK}17760101", "]d2").use_by == "2076-01-01"
    assert read(f"{MILK}17760101", "]d2", NOW.replace(year=2025)).use_by == "1976-01-01"


@given(st.text(), st.sampled_from(["", *ELEMENT_STRINGS, "]E0", "]E3", "]E4", "]Q1", "]X9"]))
def test_nothing_that_can_be_sent_raises(text: str, aim: str) -> None:
    reading = read(text, aim)
    assert reading.kind in KINDS
    assert not (reading.refused and not reading.problems)


ODD = st.text(st.sampled_from("0123456789ABab()^]%/?&=:.,-|" + GS + "٣é "), max_size=60)


@given(
    ODD, st.sampled_from(["", *ELEMENT_STRINGS, "]E0", "]Q1"]), st.sampled_from(["", MILK, "https://a/01/"])
)
def test_nothing_that_looks_like_gs1_raises(text: str, aim: str, start: str) -> None:
    reading = read(start + text, aim)
    assert all(element.value.isascii() or reading.refused for element in reading.elements)


def test_problems_are_sentences_in_german_with_a_next_step() -> None:
    for id in PROBLEMS:
        message = problem(id, *["X"] * 4).message
        assert message[0].isupper() or message.startswith("(")
        assert message.endswith((".", ")."))
        assert "{" not in message


def test_without_the_table_gs1_codes_are_refused_and_all_others_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise KassdError("Die Tabelle fehlt")

    monkeypatch.setattr(table, "ai_lengths", missing)
    monkeypatch.setattr(digital_link, "identifiers", missing)
    for text in (f"]C1{MILK}", f"https://a/01/{GTIN}"):
        assert ids(read(text)) == ["no_table"]
        assert "Die Tabelle fehlt." in read(text).problems[0].message
    assert read("4006381333931").gtin == GTIN
    assert not read("KAFFEE-1").problems


def test_reading_a_code_imports_nothing_heavy() -> None:
    """biip itself costs a fifth of a second and 20 MB."""
    program = (
        "import sys; from datetime import datetime; from kassd.core.barcodes.read import read_code;"
        f"print(read_code('{MILK}', ']C1', now=datetime(2026, 11, 22)).gtin,"
        "sorted({'biip', 'importlib.metadata', 'lzma', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split() == [GTIN, "[]"]
