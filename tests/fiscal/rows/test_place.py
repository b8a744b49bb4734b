"""Stamm_Orte: where the register was used, else the place of business it belongs to."""

from kassd.fiscal.rows.master import location

BUSINESS = {
    "business.name": "Backhaus GmbH",
    "business.street": "Marktplatz 1",
    "business.postal_code": "01067",
    "business.city": "Dresden",
    "business.country": "DEU",
    "business.vat_id": "DE123456789",
}
BRANCH = {"place.name": "Filiale Süd", "place.street": "Weg 2", "place.vat_id": "DE987654321"}


def shown(row: dict[str, str]) -> tuple[str, ...]:
    return (row["LOC_NAME"], row["LOC_STRASSE"], row["LOC_ORT"], row["LOC_USTID"])


def test_the_place_of_business_says_what_differs_from_the_business() -> None:
    assert shown(location(BUSINESS, None)) == ("Backhaus GmbH", "Marktplatz 1", "Dresden", "DE123456789")
    assert shown(location({**BUSINESS, **BRANCH}, None)) == ("Filiale Süd", "Weg 2", "Dresden", "DE987654321")


def test_a_place_of_use_goes_before_it() -> None:
    config = {**BUSINESS, **BRANCH}
    named = {"name": "Wochenmarkt"}
    assert shown(location(config, named))[:2] == ("Wochenmarkt", "Weg 2")
    whole = {**named, "street": "Am Platz", "postal_code": "01069", "city": "Freital"}
    assert shown(location(config, whole))[:3] == ("Wochenmarkt", "Am Platz", "Freital")
    assert location(config, whole)["LOC_LAND"] == "DEU"
