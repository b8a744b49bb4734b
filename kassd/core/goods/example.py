"""A catalogue that uses every key of an article; ``kassd config example --catalog`` prints it."""

EXAMPLE = """\
{"articles": [
  {"id": "brot", "name": "Bauernbrot 1 kg", "price": 390, "vat": 2, "codes": ["4006381333931"]},
  {"id": "kaffee", "name": "Kaffee, Becher", "price": 280, "vat": 1, "codes": ["2000000000015", "KAFFEE-1"]},
  {"id": "tasche", "name": "Stofftasche", "price": 450, "vat": 1},
  {"id": "kalender", "name": "Kalender 2027", "price": 990, "vat": 2, "valid_from": "2026-12-01",
   "reducible": false},
  {"id": "milchkaffee", "name": "Latte macchiato", "price": 390, "vat": 1, "vat_take_away": 2},
  {"id": "suppe", "name": "Suppe", "price": 590, "vat": 2, "vat_in_house": 2,
   "vat_changes": [{"day": "2030-01-01", "vat": 2, "vat_in_house": 1}]},
  {"id": "pfand-25", "name": "Einwegpfand 0,25", "price": 25, "vat": 1, "kind": "deposit"},
  {"id": "cola", "name": "Cola 0,5 l", "price": 149, "vat": 1, "codes": ["5449000000996"],
   "gtin": "5449000000996", "content": "0.5", "content_unit": "l", "deposit": [{"article": "pfand-25"}],
   "category": "getraenke", "category_name": "Getränke", "mix": "Cola und Limo",
   "bundles": [{"quantity": "3", "price": 399}]},
  {"id": "menue", "name": "Menü", "price": 999, "vat": 2, "split": "prices",
   "parts": [{"article": "suppe"}, {"article": "brot"}, {"article": "cola", "quantity": "1"}]},
  {"id": "kaese", "name": "Bergkäse", "price": 2490, "vat": 2, "unit": "kg", "weighed": true},
  {"id": "stoff", "name": "Stoff, je 1,5 m", "price": 1800, "vat": 1, "unit": "m", "factor": "1.5"},
  {"id": "kugel", "name": "Kugel Eis", "price": 180, "vat": 2,
   "steps": [{"quantity": "5", "price": 160}], "max_per_sale": "20"},
  {"id": "bier", "name": "Pils 0,33 l", "price": 129, "vat": 1, "age": 16},
  {"id": "sahnekapseln", "name": "Sahnekapseln 10 Stück", "price": 690, "vat": 1, "nitrous_oxide": 10},
  {"id": "blumen", "name": "Blumen, Tagespreis", "price": 0, "vat": 2, "open": true},
  {"id": "karte", "name": "Fahrkarte Zone A", "price": 340, "vat": 2, "agency": 1}
]}
"""
