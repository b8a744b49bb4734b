"""The sums of the open period against each other, before a closing becomes final.

They are kept in different ways (lines by business case, payments, cash by drawer), so that a slip of the
register shows here first. A closing is never refused for it: the shop could not close then, and closings
must be gapless. What does not add up stands in the closing's fact, on the Z and in an alert instead.
The cost is that of the period's sums, never of its receipts.
"""

from kassd.core.money import euros
from kassd.core.state import State
from kassd.core.totals import read_key

CASH = "Bar|"


def contradictions(state: State) -> tuple[str, ...]:
    """German sentences, none if all is well (DSFinV-K: Z_SE_ZAHLUNGEN, Z_SE_BARZAHLUNGEN and their parts)."""
    totals, found = state.till.totals, []
    turnover = sum(gross for gross, _, _ in totals.cases.values())
    paid = sum(totals.payments.values())
    if turnover != paid:
        found.append(f"Geschäftsvorfälle {euros(turnover)} €, Zahlungen {euros(paid)} €.")
    cash = sum(amount for key, amount in totals.payments.items() if key.startswith(CASH))
    held = sum(stock.value for stock in state.cash.held.values())
    if cash != held:
        found.append(f"Barzahlungen {euros(cash)} €, Bestand {euros(held)} €.")
    for key, (gross, net, tax) in totals.cases.items():
        if gross != net + tax:
            case, vat, _, _ = read_key(key)
            parts = f"Netto {euros(net)} € und Steuer {euros(tax)} €"
            found.append(f"{case} zu Schlüssel {vat}: Brutto {euros(gross)} €, {parts}.")
    return tuple(found)
