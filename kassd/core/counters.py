"""What X and Z count: the label and the order of each event (BFH 29.07.2025).

What happens in a room of the core is counted by :func:`kassd.core.totals.counted`.
"""

from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Counter:
    """One event of :attr:`kassd.core.state.Totals.counts`. ``money``: its sum is shown too, which is what the
    slips show of it: goods with the deposit and the reductions that belong to them. ``always``: it is shown
    also when it never happened, so that nobody can say it was left out (what most shops have not is shown
    only where it occurred). An indented ``label`` is a part of the one above."""

    key: str
    label: str
    money: bool = True
    always: bool = True


COUNTERS: tuple[Counter, ...] = (
    Counter("sales", "Belege"),
    Counter("movements", "Geldbewegungen"),
    Counter("movements.Anfangsbestand", "  Anfangsbestand", always=False),
    Counter("movements.Privateinlage", "  Privateinlagen", always=False),
    Counter("movements.Privatentnahme", "  Privatentnahmen"),
    Counter("movements.Einzahlung", "  Einzahlungen", always=False),
    Counter("movements.Auszahlung", "  Auszahlungen"),
    Counter("movements.Lohnzahlung", "  Lohnzahlungen", always=False),
    Counter("movements.Geldtransit.in", "  Geldtransit in die Kasse", always=False),
    Counter("movements.Geldtransit.out", "  Geldtransit aus der Kasse", always=False),
    Counter("movements.transfer", "  Umbuchungen zwischen Kassen", always=False),
    Counter("movements.TrinkgeldAN", "  Trinkgeld ausgezahlt", always=False),
    Counter("movements.DifferenzSollIst", "  Kassendifferenzen", always=False),
    Counter("voids", "Positionsstornos"),
    Counter("in_house", "Im Haus / außer Haus geändert", money=False, always=False),
    Counter("aborts", "Abbrüche"),
    Counter("returns", "Rücknahmen"),
    Counter("cancellations", "Belegstornos"),
    Counter("discounts", "Rabatte"),
    Counter("free", "Gratis und aufs Haus"),
    Counter("discounts.coupon", "Coupons", always=False),
    Counter("discounts.quantity", "Mengenrabatte", always=False),
    Counter("surcharges", "Aufschläge", always=False),
    Counter("subsidies", "Zuschüsse Dritter", always=False),
    Counter("rounding", "Rundungen", always=False),
    Counter("tips.staff", "Trinkgeld für das Personal", always=False),
    Counter("tips.owner", "Trinkgeld für den Betrieb", always=False),
    Counter("AVTraining", "Trainingsbelege"),
    Counter("AVBestellung", "Bestellungen", always=False),
    Counter("orders_taken_back", "Zurückgenommene Bestellungen", always=False),
    Counter("AVRechnung", "Rechnungen ohne Zahlung", always=False),
    Counter("invoices_closed", "Rechnungen anderswo beglichen", always=False),
    Counter("AVTransfer", "Überträge", always=False),
    Counter("AVSachbezug", "Sachbezüge", always=False),
    Counter("AVSonstige", "Sonstige Vorgänge", always=False),
    Counter("walkouts", "Zechprellerei", always=False),
    Counter("order.interim", "Zwischenrechnungen", always=False),
    Counter("order.ticket", "Küchenbons", money=False, always=False),
    Counter("unsigned", "Ohne TSE-Signatur (Ausfall)"),
    Counter("waste", "Verderb und Bruch", money=False, always=False),
    Counter("age_approved", "Altersprüfungen", money=False, always=False),
    Counter("copies", "Belegkopien", money=False),
    Counter("drawer_opened", "Lade ohne Verkauf geöffnet", money=False),
    Counter("drawer_by_hand", "Lade ohne die Kasse geöffnet", money=False, always=False),
    Counter("counts", "Kassenzählungen (Differenz)"),
    Counter("logins", "Anmeldungen", money=False),
    Counter("exports", "Datenexporte", money=False),
    Counter("reports", "X-Berichte", money=False),
    Counter("refused_logins", "Abgewiesene Anmeldungen", money=False, always=False),
    Counter("approvals", "Freigaben durch eine zweite Person", money=False, always=False),
)
