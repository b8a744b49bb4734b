"""JSON and back, strictly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import pytest

from kassd.core.codec import CodecError, decode, encode
from kassd.core.facts import KINDS, VOLATILE, Unknown, Wish, from_json, to_json


@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    price: int = 0
    weight: Decimal | None = None
    color: Literal["red", "blue"] = "red"
    pieces: Mapping[int, int] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    flag: bool = False


def test_there_and_back() -> None:
    thing = Thing("Öl", -5, Decimal("1.250"), "blue", {500: 2, -1: 0}, ("a",), True)
    assert encode(thing)["weight"] == "1.250"
    assert decode(Thing, encode(thing)) == thing
    assert encode(Thing("x")) == {"name": "x"}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({}, "name"),
        ([], "value"),
        ({"name": 1}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": "x", "price": 1.5}, "price"),
        ({"name": "x", "price": True}, "price"),
        ({"name": "x", "price": "1"}, "price"),
        ({"name": "x", "flag": 1}, "flag"),
        ({"name": "x", "weight": 1}, "weight"),
        ({"name": "x", "weight": "NaN"}, "weight"),
        ({"name": "x", "weight": "one"}, "weight"),
        ({"name": "x", "color": "green"}, "color"),
        ({"name": "x", "color": []}, "color"),
        ({"name": "x", "pieces": []}, "pieces"),
        ({"name": "x", "pieces": {"a": 1}}, "pieces"),
        ({"name": "x", "pieces": {"05": 1}}, "pieces"),
        ({"name": "x", "pieces": {"²": 1}}, "pieces"),
        ({"name": "x", "pieces": {"9" * 5000: 1}}, "pieces"),
        ({"name": "x", "codes": "ab"}, "codes"),
        ({"name": "x", "codes": [1]}, "codes[0]"),
        ({"name": "x", "size": 1}, "size"),
    ],
)
def test_what_is_refused_names_its_place(value: Any, path: str) -> None:
    with pytest.raises(CodecError, match="^" + path.replace("[", r"\[")):
        decode(Thing, value)


def test_a_newer_version_may_have_written_more() -> None:
    assert decode(Thing, {"name": "x", "size": 1}, lenient=True) == Thing("x")


def test_no_float_is_ever_written() -> None:
    with pytest.raises(CodecError):
        encode({"price": 1.5})


def test_a_fact_of_an_unknown_kind_survives() -> None:
    line = {"kind": "sale.teleported", "data": {"sale": "1-2", "where": [1, {"x": None}]}}
    fact = from_json(line)
    assert isinstance(fact, Unknown)
    assert to_json(fact) == line


def test_every_kind_is_known_and_the_volatile_are_not_journalled() -> None:
    assert len(KINDS) >= 38
    assert not {cls.kind for cls in VOLATILE} & set(KINDS)
    assert all(cls.kind == kind for kind, cls in KINDS.items())


def test_a_wish_survives() -> None:
    wish = Wish("3.0", "tse.finish", {"sale": "1-1", "transaction": 4, "late": True})
    assert Wish.from_json(wish.to_json()) == wish
