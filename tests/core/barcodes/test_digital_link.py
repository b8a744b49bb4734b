"""GS1 Digital Links: host, path, query, what is refused and why."""

import pytest

from kassd.core.barcodes.digital_link import is_link, parse_link

GTIN = "04006381333931"


def ids(uri: str) -> list[str]:
    return [problem.id for problem in parse_link(uri)[1]]


@pytest.mark.parametrize(
    "start",
    [
        "https://id.gs1.org",
        "http://a",
        "HTTPS://EXAMPLE.COM",
        "Https://example.com:8080",
        "https://[2001:db8::1]",
        "https://example.com/some/stem",
        "https://example.com/10/4711",
    ],
)
def test_host_and_stem_do_not_matter(start: str) -> None:
    uri = f"{start}/01/{GTIN}/10/ABC?17=261231&utm=x&3103=001250#top"
    assert is_link(uri)
    elements, problems = parse_link(uri)
    assert [(e.ai, e.value) for e in elements] == [
        ("01", GTIN),
        ("10", "ABC"),
        ("17", "261231"),
        ("3103", "001250"),
    ]
    assert problems == ()


def test_the_last_key_in_the_path_counts() -> None:
    elements, _ = parse_link(f"https://a/01/09520123456788/01/{GTIN}")
    assert [element.value for element in elements] == [GTIN]


def test_values_are_decoded_after_the_path_is_split() -> None:
    elements, problems = parse_link(f"https://a/01/{GTIN}/10/A%2FB%2b+C?21x=1&240=A%20B&99=1+2&x")
    assert elements[1].value == "A/B++C"
    assert [p.id for p in problems] == ["ai_value"]  # a blank is no character of GS1
    assert elements[2].value == "A B"


def test_a_percent_sign_that_escapes_nothing_is_one() -> None:
    elements, problems = parse_link(f"https://a/01/{GTIN}?99=A%ZZ%4")
    assert (elements[1].value, problems) == ("A%ZZ%4", ())


def test_a_gtin_without_leading_zeros_is_read_with_a_warning() -> None:
    for short in ("4006381333931", "036000291452", "96385074"):
        elements, problems = parse_link(f"https://a/01/{short}")
        assert elements[0].value == short.zfill(14)
        assert [(p.id, p.severity) for p in problems] == [("gtin_short", "warning")]


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("https://", "link_form"),
        ("https://a", "link_form"),
        ("https:///01/04006381333931", "link_form"),
        ("https://a b/01/04006381333931", "link_form"),
        ("https://ä/01/04006381333931", "link_form"),
        ("https://u@a/01/04006381333931", "link_form"),
        ("https://a?01=04006381333931", "link_form"),
        ("https://a/", "link_without_key"),
        ("https://a/index.html", "link_without_key"),
        ("https://a/01/04006381333931/", "link_without_key"),
        ("https://a/gtin/04006381333931", "link_without_key"),
        ("https://a/10/ABC", "link_without_key"),
        ("https://a/x?01=04006381333931", "link_without_key"),
        ("https://id.gs1.org/AQnYUc1gmiERBhQTHgNb", "link_compressed"),
        ("https://a/01/04006381333931/10/A/22/B", "link_path"),
        ("https://a/01/04006381333931/17/261231", "link_path"),
        ("https://a/01/04006381333931/21/A/235/B", "link_path"),
        ("https://a/01/04006381333931?10=ABC", "link_attribute"),
        ("https://a/01/04006381333931?235=ABC", "link_attribute"),
        ("https://a/01/04006381333931/10/A?8020=ABC", "link_attribute"),
        ("https://a/01/04006381333931?17=261231&17=261231", "link_twice"),
        ("https://a/01/04006381333931?999=1", "ai_unknown"),
        ("https://a/01/04006381333931/10/", "ai_value"),
        ("https://a/01/04006381333931?99=", "ai_value"),
        ("https://a/01/04006381333931?99=A%00B", "ai_value"),
        ("https://a/8003/0" + GTIN, "ai_check_digit"),
        ("https://a/01/04006381333932", "ai_check_digit"),
        ("https://a/00/340123450000000000?01=4006381333931", "ai_value"),
    ],
)
def test_what_refuses(uri: str, problem: str) -> None:
    errors = [p for p in parse_link(uri)[1] if p.severity == "error"]
    assert problem in [p.id for p in errors]
    assert all(p.message.endswith(".") for p in errors)


def test_an_attribute_belongs_into_the_path_only_where_it_would_fit() -> None:
    assert ids(f"https://a/01/{GTIN}/235/XYZ?10=ABC") == []


@pytest.mark.parametrize("text", ["ftp://a/01/1", "www.example.com", "http:/a", "(01)", ""])
def test_what_is_no_web_address(text: str) -> None:
    assert not is_link(text)
