"""A shop of another maker that has a row in each of the twenty files, and most columns filled."""

from functools import cache
from typing import Any

from tests.fiscal.audit.foreign import Row, Shop, Style, Tse, line, money, signer

CUSTOMER = {
    **{"KUNDE_NAME": "Otto Öl", "KUNDE_ID": "K-17", "KUNDE_TYP": "Kunde", "KUNDE_STRASSE": "Weg 9"},
    **{"KUNDE_PLZ": "01069", "KUNDE_ORT": "Dresden", "KUNDE_LAND": "DEU", "KUNDE_USTID": "DE123456789"},
}


class Week(Shop):
    """With terminals, prices' origin, parts of combos, and names for everything."""

    def _lines(self, bon: str, kind: str, lines: list[Row]) -> None:
        super()._lines(bon, kind, lines)
        for place, each in enumerate(lines, 1):
            goods = each["case"] == "Umsatz"
            row = next(
                row
                for file, row in self.pending
                if file == "lines.csv" and row["BON_ID"] == bon and row["POS_ZEILE"] == place
            )
            row |= {"POS_TERMINAL_ID": "T1", "INHAUS": "0", "P_STORNO": "0"}
            row["ART_NR"] = each["text"].upper() if goods else each["case"]
            if not goods:
                continue
            row |= {"GTIN": "4006381333931", "WARENGR_ID": "7", "WARENGR": "Laden", "EINHEIT": "Stück"}
            key, price = {"BON_ID": bon, "POS_ZEILE": place}, abs(each["cents"])
            off = each.get("off", 0)
            amounts = [("base_amount", price + off), *([("discount", off)] if off else [])]
            for type_, cents in amounts:
                amount = {"TYP": type_, "UST_SCHLUESSEL": each["key"], "PF_BRUTTO": money(cents, 5)}
                self.add("itemamounts.csv", **key, **amount)
            for part in each.get("parts", ()):
                about = {"ZI_ART_NR": part, "ZI_NAME": part, "ZI_MENGE": "1,000"}
                price = {"ZI_UST_SCHLUESSEL": each["key"], "ZI_BASISPREIS_BRUTTO": "1,00000"}
                self.add("subitems.csv", **key, **about, **price)

    def book(self, kind: str, lines: list[Row], payments: list[tuple[Any, ...]], **more: Any) -> str:
        return super().book(kind, lines, payments, **{"TERMINAL_ID": "T1", **more})

    def close(self) -> None:
        super().close()
        head = self.tables["cashpointclosing.csv"][-1]
        key = {name: head[name] for name in ("Z_KASSE_ID", "Z_ERSTELLUNG", "Z_NR")}
        software = {"SW_BRAND": "Fremd", "SW_VERSION": "1.0", "BRAND": "Fremd", "MODELL": "F1"}
        terminal = {f"TERMINAL_{name}": value for name, value in software.items()}
        for name in ("T1", "T2"):  # nobody used the second one, nor the second agency
            about = {"TERMINAL_ID": name, "TERMINAL_SERIENNR": self.name}
            self.tables["slaves.csv"].append(key | terminal | about)
        self.tables["pa.csv"].append(self.tables["pa.csv"][-1] | {"AGENTUR_ID": 2, "AGENTUR_NAME": "Toto"})
        self.tables["cashregister.csv"][-1] |= {f"KASSE_{name}": value for name, value in software.items()}


def _day(shop: Week, number: int) -> None:
    if number == 1:
        shop.book("Beleg", [line("Wechselgeld", 10000, 5, case="Privateinlage")], [("Bar", 10000)])
    shop.book("AVSonstige", [], [], BON_NAME="Anmeldung", BON_NOTIZ="Anna")
    shop.book("Beleg", [line("Brot", 350, 2, 2), line("Tasse", 990, off=100)], [("Bar", 1690)])
    shop.book("Beleg", [line("Korb", 2990, 2, parts=("Wein", "Käse"))], [("ECKarte", 2990)], **CUSTOMER)
    shop.book("Beleg", [line("Lotto", 500, 5, agency="1")], [("Kreditkarte", 500)])
    shop.book("Beleg", [line("Käse", 1500, 2)], [("Bar", 500), ("Bar", 1000, "CHF", 950)])
    shop.book("AVTraining", [line("Brot", 350, 2)], [])
    sold = shop.book("Beleg", [line("Bild", 4990), line("Rahmen", 2000)], [("Bar", 6990)])
    back = [line("Bild", 4990, quantity=-1), line("Rahmen", 2000, quantity=-1)]
    shop.book("Beleg", back, [("Bar", -6990)], refers=[shop.reference(sold)], BON_NAME="Storno")
    shop.book("Beleg", [line("Brot", 350, 2)], [("Bar", 350)], fault="TSE antwortet nicht")
    ordered = [line("Pils", 420), line("Eis", 399, 2)]
    shop.book("AVBestellung", ordered, [("Keine", 0)], group=f"T{number}")
    shop.book("Beleg", ordered, [("Bar", 819)], group=f"T{number}")
    shop.book("AVBelegabbruch", [line("Brot", 350, 2), line("Brot", 350, 2, -1)], [])
    code = f"G-{number}"
    gift = line("Gutschein", 2500, 5, case="MehrzweckgutscheinKauf", voucher=code)
    shop.book("Beleg", [gift], [("Bar", 2500)])
    used = line("Gutschein", -990, 5, case="MehrzweckgutscheinEinloesung", voucher=code)
    shop.book("Beleg", [line("Tasse", 990), used], [("Keine", 0)])
    owed = line("Rechnung", -990, 5, case="Forderungsentstehung")
    claim = shop.book("Beleg", [line("Tasse", 990), owed], [("Keine", 0)], **CUSTOMER)
    paid = [line("Rechnung", 990, 5, case="Forderungsaufloesung")]
    note = {"REF_TYP": "ExterneSonstige", "REF_NAME": "Mahnung", "REF_BON_ID": "M-1"}
    shop.book("Beleg", paid, [("Unbar", 990)], refers=[{**shop.reference(claim), "POS_ZEILE": 1}, note])
    shop.book("Beleg", [line("Tresor", -3000, 5, case="Geldtransit")], [("Bar", -3000)])


@cache
def week() -> Week:
    """Five days; on the fourth another TSE signs. Made once: to be written, not to be traded on."""
    shop = Week(Style())
    for number in range(1, 6):
        if number == 4:
            shop.swap_tse(Tse(shop.style, signer("week")))
        _day(shop, number)
        shop.close()
    return shop
