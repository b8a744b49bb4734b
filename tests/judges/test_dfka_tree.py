"""Our DFKA documents against the official tree (Anhang G of DSFinV-K): every name stands where it belongs."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from kassd.fiscal.dfka import document
from kassd.fiscal.rows import closings
from tests.fiscal.kit import VECTORS, traded

SHEET = VECTORS / "official-2.2" / "Anhang_G_Uebersicht.xlsx"
FIRST, LAST = 2, 8  # columns: the depth of a name is its column
# Names as the sheet spells them, and blocks that stand one step elsewhere in it: its indentation has no
# heading cash_statement and no processing_flags, and puts prices and parts below the line's reference.
WORDS = {"certificate (base 64)": "certificate", "ID": "id"}
ELSEWHERE = (
    ("cash_statement/", "security/tse/"),
    ("/processing_flags/", "/"),
    ("/head/allocation_groups", "/allocation_groups"),
    ("/item/base_amounts", "/reference/base_amounts"),
    ("/item/discounts", "/reference/discounts"),
    ("/item/extra_amounts", "/reference/extra_amounts"),
    ("/item/sub_items", "/reference/sub_items"),
)
GROUPS = {
    "cash_statement",
    "security",
    "transactions/security",
    "head/company/location/cash_register/processing_flags",
}


def official() -> set[str]:
    """Every path of the tree."""
    found: set[str] = set()
    path: list[tuple[int, str]] = []
    for row in load_workbook(SHEET, data_only=True)["Uebersicht"].iter_rows(
        min_row=5, min_col=FIRST, max_col=LAST
    ):
        for cell in row:
            name = str(cell.value or "").strip()
            name = WORDS.get(name, name)
            if not name.replace("_", "").replace("/", "").isalnum():
                continue
            path = [(depth, known) for depth, known in path if depth < cell.column]
            path.append((cell.column, name))
            found.add("/".join(known for _, known in path))
            break
    return found


def paths(value: Any, above: str = "") -> Iterator[str]:
    """Every path of a document, lists left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield above + key
            yield from paths(item, f"{above}{key}/")
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, above)


@pytest.mark.skipif(not SHEET.is_file(), reason="folder ../shared/vectors is absent")
def test_every_name_stands_in_the_official_tree(tmp_path: Path) -> None:
    ours: set[str] = set()
    for shop in ("bakery", "boutique", "bar"):
        for closing in closings(traded(tmp_path / shop, shop, date(2026, 3, 6), days=2, density=0.3)):
            text = "".join(document(*closing.key, closing.tables, closing.receipts))
            ours |= set(paths(json.loads(text)["cash_point_closing"]))
    known = official()
    assert len(known) > 120
    assert len(ours) > 90
    assert {_in_sheet(path) for path in ours - GROUPS} <= known


def _in_sheet(path: str) -> str:
    for here, there in ELSEWHERE:
        path = path.replace(here, there)
    return path
