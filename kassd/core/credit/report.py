"""What X and Z say of vouchers and open items: liabilities and claims of the shop at this moment."""

from kassd.core.credit.common import open_items
from kassd.core.credit.facts import ItemKind
from kassd.core.document import Row, Section
from kassd.core.state import State

LABELS: tuple[tuple[ItemKind, str], ...] = (
    ("receivable", "Offene Rechnungen"),
    ("downpayment", "Offene Anzahlungen"),
    ("invoice", "Rechnungen vor der Zahlung"),
    ("delivery", "Lieferscheine ohne Rechnung"),
)


def open_money(state: State) -> Section:
    """Count and sum of what is open; without rows where nothing is."""
    rows = []
    vouchers = [v.balance for v in state.vouchers.values() if v.balance and not v.sale]
    if vouchers:
        rows.append(Row("Gutscheine im Umlauf", count=len(vouchers), amount=sum(vouchers)))
    for kind, label in LABELS:
        left = [item.balance for item in open_items(state, kind)]
        if left:
            rows.append(Row(label, count=len(left), amount=sum(left)))
    return Section("Gutscheine und offene Posten", tuple(rows))
