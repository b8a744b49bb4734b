"""The published schema, judged by a validator that is not ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kassd.catalog import schema
from kassd.core.catalog import EXAMPLE, parse_catalog
from kassd.errors import CatalogError
from kassd.sim.world_config import CATALOG, catalog_json

DOCS = Path(__file__).resolve().parents[2] / "docs"
GOOD = {"id": "1", "name": "Brötchen", "price": 45, "vat": 2}


@pytest.fixture(scope="module")
def judge() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema())


@pytest.mark.parametrize("text", [EXAMPLE, catalog_json(CATALOG), '{"articles": []}'])
def test_what_the_register_takes_is_valid(judge: Draft202012Validator, text: str) -> None:
    parse_catalog(text)
    judge.validate(json.loads(text))


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": 1.5},
        {"price": -1},
        {"price": "45"},
        {"price": 100_000_000},
        {"price": True},
        {"id": ""},
        {"name": " "},
        {"codes": "4006381333931"},
        {"codes": [4006381333931]},
        {"codes": [""]},
        {"vat": 0},
        {"vat_in_house": "A"},
        {"factor": 1.5},
        {"factor": "1,5"},
        {"kind": "pfand"},
        {"age": 17},
        {"deposit": [{"quantity": "1"}]},
        {"steps": [{"quantity": "5", "price": 160, "colour": 1}]},
        {"vat_changes": [{"day": "1.1.2027", "vat": 1}]},
        {"colour": "red"},
    ],
)
def test_what_the_register_refuses_is_not(judge: Draft202012Validator, wrong: dict[str, Any]) -> None:
    document = {"articles": [{**GOOD, **wrong}]}
    with pytest.raises(CatalogError):
        parse_catalog(json.dumps(document))
    assert not judge.is_valid(document)


def test_the_published_one_is_this_one() -> None:
    assert json.loads((DOCS / "catalog.schema.json").read_text(encoding="utf-8")) == schema()
