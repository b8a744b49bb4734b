"""Numbers of retail: GTIN, UPC-E, add-ons, press, books, coupons, in-store numbers."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kassd.core.barcodes.check_digit import gtin_check_digit
from kassd.core.barcodes.patterns import Patterns, parse_pattern, parse_patterns
from kassd.core.barcodes.read import read_code
from kassd.core.barcodes.reading import Reading
from kassd.core.barcodes.retail import expand_upc_e, gtin_keys
from kassd.core.master import barcode_patterns

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def read(text: str, aim: str = "", **patterns: str) -> Reading:
    return read_code(text, aim, parse_patterns({k.strip("_"): v for k, v in patterns.items()}), now=NOW)


def ids(reading: Reading) -> list[str]:
    return [found.id for found in reading.problems]


@pytest.mark.parametrize(
    ("text", "gtin", "first"),
    [
        ("4006381333931", "04006381333931", "4006381333931"),
        ("036000291452", "00036000291452", "0036000291452"),
        ("96385074", "00000096385074", "0000096385074"),
        ("10012345678902", "10012345678902", "10012345678902"),
    ],
)
def test_a_gtin_is_found_under_every_way_to_write_it(text: str, gtin: str, first: str) -> None:
    reading = read(text)
    assert (reading.kind, reading.gtin, reading.keys[0]) == ("gtin", gtin, first)
    assert {text, gtin} <= set(reading.keys)
    assert not reading.problems


def test_another_packing_is_another_article() -> None:
    assert gtin_keys("10012345678902") == ("10012345678902",)


@pytest.mark.parametrize("text", ["4006381333930", "036000291451", "96385075", "10012345678901"])
def test_a_wrong_check_digit_refuses(text: str) -> None:
    reading = read(text)
    assert reading.refused
    assert ids(reading) == ["check_digit"]
    assert text in reading.problems[0].message
    assert not reading.keys


@pytest.mark.parametrize(
    ("text", "aim", "problem"),
    [
        ("400638133393", "]E0", "check_digit"),
        ("40063813339", "]E0", "wrong_form"),
        ("400638133393A", "]E0", "wrong_form"),
        ("4006381333931", "]E4", "wrong_form"),
        ("96385075", "]E4", "check_digit"),
        ("05", "]E1", "add_on_alone"),
        ("90000", "]E2", "add_on_alone"),
        ("", "]E0", "empty"),
    ],
)
def test_an_ean_symbol_holds_a_retail_number_or_nothing(text: str, aim: str, problem: str) -> None:
    reading = read(text, aim)
    assert reading.refused
    assert ids(reading) == [problem]


def test_the_aim_id_may_stand_before_the_text() -> None:
    assert read("]E04006381333931") == read("4006381333931", "]E0")


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("01234505", "012000003455"),
        ("04252614", "042100005264"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234558", "012345000058"),
        ("01234593", "012345000093"),
        ("11234562", "112345000062"),
    ],
)
def test_upc_e_is_expanded_by_its_last_digit(short: str, full: str) -> None:
    assert expand_upc_e(short)[:-1] == full[:-1]
    code = short[:-1] + str(gtin_check_digit(full[:-1]))
    reading = read(code, "]E0")
    assert reading.gtin == f"00{full[:-1]}{code[-1]}"
    assert not reading.problems


def test_eight_digits_without_aim_id_are_ean_8_if_they_can_be() -> None:
    upc_e = "0425261" + str(gtin_check_digit("04210000526"))
    assert read(upc_e).gtin == "00042100005264"
    assert read("96385074").gtin.endswith("96385074")
    assert read("96385074", "]E4").gtin.endswith("96385074")
    assert ids(read(upc_e, "]E4")) == ["check_digit"]


@pytest.mark.parametrize("add_on", ["05", "90000"])
@pytest.mark.parametrize("aim", ["", "]E0", "]E3"])
@pytest.mark.parametrize("space", ["", " "])
def test_an_add_on_is_taken_off(add_on: str, aim: str, space: str) -> None:
    reading = read(f"9783161484100{space}{add_on}", aim)
    assert (reading.kind, reading.add_on, reading.keys[0]) == ("book", add_on, "9783161484100")


def test_fifteen_digits_that_begin_with_no_gtin_are_a_code_of_ones_own() -> None:
    reading = read("400638133393005")
    assert (reading.kind, reading.keys, reading.problems) == ("text", ("400638133393005",), ())


def test_a_press_code_has_title_price_and_tax_key() -> None:
    reading = read("419010210925405", "]E3")
    assert (reading.kind, reading.item, reading.price, reading.vat, reading.add_on) == (
        "press",
        "01021",
        925,
        2,
        "05",
    )
    assert reading.price_bound
    assert reading.keys == ("4190102109254", "04190102109254", "41901021")
    full = read("414" + "08041" + "0280" + str(gtin_check_digit("414080410280")))
    assert (full.item, full.price, full.vat) == ("08041", 280, 1)
    unpriced = read("419" + "08041" + "0000" + str(gtin_check_digit("419080410000")))
    assert unpriced.price is None


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ("977", "serial_publication"),
        ("978", "book"),
        ("9791", "book"),
        ("9790", "music"),
        ("980", "refund_receipt"),
        ("983", "coupon"),
        ("995", "coupon"),
        ("20", "in_store"),
        ("021", "in_store"),
        ("040", "in_store"),
        ("400", "gtin"),
    ],
)
def test_prefixes(start: str, kind: str) -> None:
    payload = start.ljust(12, "1")
    reading = read(payload + str(gtin_check_digit(payload)))
    assert reading.kind == kind
    assert bool(reading.keys) == (kind not in ("coupon", "refund_receipt"))


def test_ean_8_of_the_shop() -> None:
    assert read("2000001" + str(gtin_check_digit("2000001"))).kind == "in_store"


@pytest.mark.parametrize(
    # the first two are examples of GS1 Greece
    ("text", "item", "cents"),
    [
        ("9813765030011", "981376503", 10),
        ("9828508010106", "982850801", 10),
        ("9821234560009", "982123456", 0),
    ],
)
def test_euro_coupons_state_their_value(text: str, item: str, cents: int) -> None:
    text = text[:-1] + str(gtin_check_digit(text[:-1]))
    reading = read(text)
    assert (reading.kind, reading.item, reading.coupon, reading.keys) == ("coupon", item, cents, ())


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("2212343014998", "price", 1499),
        ("2812347012503", "weight", Decimal("1.250")),
        ("2512343000039", "count", 3),
        ("2912345007355", "weight", Decimal("0.735")),
    ],
)
def test_the_patterns_of_gs1_germany(text: str, name: str, value: object) -> None:
    reading = read(text, "]E0")
    assert reading.kind == "in_store"
    assert reading.item == "1234"
    assert getattr(reading, name) == value
    assert reading.keys[1] == text[:6]
    assert reading.keys[0][:12] == text[:6] + "000000"
    assert not read(reading.keys[0]).refused
    assert not reading.problems


def test_a_wrong_check_digit_of_the_value_refuses() -> None:
    payload = "281234801250"
    reading = read(payload + str(gtin_check_digit(payload)))
    assert reading.refused
    assert ids(reading) == ["value_check_digit"]
    assert reading.weight is None


def test_a_label_without_value_asks_for_it() -> None:
    payload = "281234000000"
    reading = read(payload + str(gtin_check_digit(payload)))
    assert ids(reading) == ["measure_missing"]
    assert not reading.refused
    assert reading.keys


def test_patterns_of_the_shop_go_before_and_can_be_taken_away() -> None:
    payload = "281234801250"
    code = payload + str(gtin_check_digit(payload))
    own = read(code, _28="IIIIIVVVVV:price:2")
    assert (own.item, own.price, own.weight) == ("12348", 1250, None)
    plain = read(code, _28="")
    assert (plain.kind, plain.item, plain.keys[0]) == ("in_store", "", code)
    longer = read(code, _28="IIIIIVVVVV:price:2", _2812="IIIIVVVV:count:0")
    assert (longer.item, longer.count) == ("3480", 1250)


@pytest.mark.parametrize(
    ("pattern", "text", "number", "cents"),
    [
        ("21NNNNNPPPPPC", "2100996000607", "00996", 60),  # of a real shop
        ("981NNNNPPPPPC", "9811234002503", "1234", 250),
        ("61NNNNNPPPPC", "611234500258", "12345", 25),
    ],
)
def test_a_slip_of_the_machine_is_money_back_and_no_article(
    pattern: str, text: str, number: str, cents: int
) -> None:
    text = text[:-1] + str(gtin_check_digit(text[:-1]))
    reading = read_code(text, "", barcode_patterns({"empties.pattern": pattern}), now=NOW)
    assert (reading.kind, reading.serial, reading.deposit_refund) == ("in_store", number, cents)
    assert (reading.keys, reading.price, reading.coupon, reading.problems) == ((), None, None, ())
    assert read(text).deposit_refund is None


def test_a_slip_of_eight_digits_is_known_to_the_sale_alone() -> None:
    assert barcode_patterns({"empties.pattern": "21NNPPPC"}) == parse_patterns({})


@pytest.mark.parametrize(
    ("prefix", "text", "word"),
    [
        ("30", "IIIICVVVVV:weight:3", "Präfix"),
        ("2", "IIIIICVVVVV:weight:3", "Präfix"),
        ("28", "IIIICVVVV:weight:3", "10 Zeichen"),
        ("28", "IIIIIIIIII:weight:3", "V beisammen"),
        ("28", "VVIIIIIVVV:weight:3", "V beisammen"),
        ("28", "IIIZZVVVVV:weight:3", "V beisammen"),
        ("28", "IIIICVVVVVC:weight:3", "10 Zeichen"),
        ("28", "IIICVVVVVV:weight:3", "4 oder 5"),
        ("28", "IIIICVVVVV:mass:3", "erwartet"),
        ("28", "IIIICVVVVV:price:3", "erwartet"),
        ("28", "IIIICVVVVV", "erwartet"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_refused(prefix: str, text: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        parse_pattern(prefix, text)


def test_the_default_patterns_leave_the_free_numbers_alone() -> None:
    patterns: Patterns = parse_patterns({})
    assert set(patterns) == {"22", "23", "25", "26", "28", "29"}
    assert read("2000000000015").keys[:2] == ("2000000000015", "02000000000015")


def test_patterns_come_from_the_master_data_in_force() -> None:
    config = {"barcode.patterns.28": "IIIIIVVVVV:price:2", "barcode.patterns.22": "", "register.id": "K"}
    patterns = barcode_patterns(config)
    assert patterns["28"].meaning == "price"
    assert "22" not in patterns
    assert patterns["29"].meaning == "weight"
