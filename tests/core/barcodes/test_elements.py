"""Element strings: the two notations, where reading stops, what is found wrong."""

import pytest

from kassd.core.barcodes.elements import GS, bracketed, parse_bracketed, parse_message, unbracketed

GTIN = "04006381333931"


def found(data: str) -> list[tuple[str, str]]:
    elements, problems = parse_message(data)
    assert not [p for p in problems if p.severity == "error"]
    return [(element.ai, element.value) for element in elements]


def ids(data: str) -> list[str]:
    return [problem.id for problem in parse_message(data)[1]]


def test_values_of_fixed_length_need_no_separator_but_may_have_one() -> None:
    expected = [("01", GTIN), ("17", "261231"), ("10", "ABC"), ("3103", "001250")]
    assert found(f"01{GTIN}1726123110ABC{GS}3103001250") == expected
    assert found(f"01{GTIN}{GS}17261231{GS}10ABC{GS}3103001250{GS}") == expected


def test_a_separator_that_is_missing_makes_one_long_value() -> None:
    assert found(f"01{GTIN}10ABC17261231") == [("01", GTIN), ("10", "ABC17261231")]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("", "empty"),
        ("0412345678901231", "ai_unknown"),
        ("A1", "ai_unknown"),
        ("0", "ai_unknown"),
        ("310", "ai_unknown"),
        (f"01{GTIN}{GS}{GS}10ABC", "ai_unknown"),
        ("01" + GTIN[:-1], "ai_value"),
        ("01" + GTIN[:-1] + GS + "10A", "ai_value"),
        ("01" + GTIN[:-1] + "A", "ai_value"),
        (f"01{GTIN}10", "ai_value"),
        (f"01{GTIN}10{GS}21A", "ai_value"),
        (f"01{GTIN}10" + "A" * 21, "ai_value"),
        (f"01{GTIN}10A B", "ai_value"),
        (f"01{GTIN}10Aé", "ai_value"),
        (f"01{GTIN}30", "ai_value"),
        (f"01{GTIN}17261A31", "ai_value"),
        (f"01{GTIN}1726123", "ai_value"),
        ("0104006381333932", "ai_check_digit"),
        ("00340123450000000009", "ai_check_digit"),
        ("4144006381333932", "ai_check_digit"),
        (f"01{GTIN}0104006381333948", "ai_contradiction"),
        (f"01{GTIN}37{12}", "ai_excluded"),
        (f"01{GTIN}31030012503102000125", "ai_excluded"),
    ],
)
def test_what_refuses(data: str, problem: str) -> None:
    errors = [p.id for p in parse_message(data)[1] if p.severity == "error"]
    assert problem in errors


def test_what_was_read_before_a_fault_is_kept() -> None:
    elements, problems = parse_message(f"01{GTIN}17261231XX")
    assert [element.ai for element in elements] == ["01", "17"]
    assert [problem.id for problem in problems] == ["ai_unknown"]
    assert "XX" in problems[0].message


def test_a_fault_is_told_with_its_field() -> None:
    (problem,) = parse_message(f"01{GTIN}10" + "A" * 40)[1]
    assert problem.where == "10"
    assert "BATCH/LOT" in problem.message
    assert "X..20" in problem.message
    assert "A" * 40 not in problem.message


def test_the_same_element_twice_is_no_contradiction() -> None:
    assert ids(f"01{GTIN}01{GTIN}") == []


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        ("10ABC", "01 oder 02"),
        (f"01{GTIN}3922299", "01+30"),
        (f"02{GTIN}", "37"),
        (f"02{GTIN}{GS}3712", "00+02"),
    ],
)
def test_an_association_that_is_missing_warns(data: str, missing: str) -> None:
    problems = [p for p in parse_message(data)[1] if p.id == "ai_missing"]
    assert [p.severity for p in problems] == ["warning"]
    assert missing in problems[0].message


def test_a_group_that_is_whole_satisfies() -> None:
    assert ids(f"01{GTIN}31030012503922299") == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (f"(01){GTIN}(10)ABC", [GTIN, "ABC"]),
        (r"(10)12345\(11)991225", ["12345(11)991225"]),
        (r"(10)A\(B\(C)", ["A(B(C)"]),
    ],
)
def test_brackets(text: str, values: list[str]) -> None:
    elements, _ = parse_bracketed(text)
    assert [element.value for element in elements] == values
    assert bracketed(elements) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("(01)", "brackets"),
        ("(1)123", "brackets"),
        ("(12345)123", "brackets"),
        ("()123", "brackets"),
        ("(10", "brackets"),
        ("(10)A(11", "brackets"),
        ("(10)A)(", "brackets"),
        ("(10)A(11)", "brackets"),
        ("(05)123", "ai_unknown"),
        ("(310)001250", "ai_unknown"),
        (f"(01){GTIN}0", "ai_value"),
        ("(10)A^B", "ai_value"),
        (f"(10)A{GS}B", "ai_value"),
        (f"(01) {GTIN}", "ai_value"),
    ],
)
def test_wrong_brackets(text: str, problem: str) -> None:
    assert [p.id for p in parse_bracketed(text)[1] if p.severity == "error"] == [problem]


def test_the_notation_of_gs1s_tools() -> None:
    elements, _ = parse_message(f"01{GTIN}10ABC{GS}17261231")
    assert unbracketed(elements) == f"^01{GTIN}10ABC^17261231"
    assert unbracketed(elements[:2]) == f"^01{GTIN}10ABC"
