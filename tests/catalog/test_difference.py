"""What a file would change, as people and as programs read it."""

from kassd.catalog import difference
from kassd.core.catalog import Article
from kassd.core.goods.article import Part

OLD = {
    "1": Article("1", "Brot", 350, 2),
    "2": Article("2", "Cola", 149, 1, deposit=(Part("p"),)),
    "3": Article("3", "Saft", 200, 1),
    "p": Article("p", "Pfand", 25, 1, kind="deposit"),
}
NEW = {
    "1": Article("1", "Brot", 380, 2, open=True),
    "2": Article("2", "Cola", 149, 2),
    "p": OLD["p"],
    "4": Article("4", "Tee", 1_234_50, 1),
}


def test_lines_for_people() -> None:
    found = difference(OLD, NEW)
    assert list(found.lines()) == [
        "geändert  1  Brot: Preis 3,50 € → 3,80 €; Preis offen nein → ja",
        "geändert  2  Cola: Steuerschlüssel 1 → 2; Pfand „p“ → leer",
        "neu       4  Tee: 1.234,50 €, Steuerschlüssel 1",
        "entfällt  3  Saft: 2,00 €, Steuerschlüssel 1",
    ]
    assert found.summary() == "1 neu, 2 geändert, 1 entfallen, 1 unverändert"


def test_values_for_programs() -> None:
    found = difference(OLD, NEW).to_json()
    assert found["changed"][1] == {
        "id": "2",
        "name": "Cola",
        "fields": {"vat": {"old": 1, "new": 2}, "deposit": {"old": [{"article": "p"}], "new": []}},
    }
    assert [article["id"] for article in found["removed"]] == ["3"]
    assert found["new"] == [{"id": "4", "name": "Tee", "price": 123450, "vat": 1}]
    assert found["same"] == 1


def test_nothing_changes() -> None:
    found = difference(OLD, dict(reversed(OLD.items())))
    assert not found.changes
    assert found.summary() == "Kein Unterschied (4 Artikel)"
