"""A Vorgang read from raw facts."""

from kassd.fiscal.rows.bon import FOLDS, Bon


def test_postponed_tax_leaves_every_line_at_key_5() -> None:
    bon = Bon({"sale": "1-1"}, "")
    whole = {
        "n": 1,
        "text": "Menü",
        "quantity": "1",
        "unit_price": 1000,
        "amount": 1000,
        "vat": 1,
        "rate": "19",
    }
    shares = [{"vat": 1, "rate": "19", "amount": 300}, {"vat": 2, "rate": "7", "amount": 700}]
    FOLDS["sale.line_added"](bon, {**whole, "shares": shares})
    FOLDS["sale.tax_postponed"](bon, {"sale": "1-1"})
    assert bon.lines == [{**whole, "vat": 5, "rate": "0"}]
