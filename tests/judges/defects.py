"""Thirty ways to spoil the core's arithmetic by a few characters each: what the tests exist to find."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defect:
    """``old`` of ``file`` (below ``kassd/core``) becomes ``new``; ``what`` is then wrong."""

    what: str
    file: str
    old: str
    new: str


DEFECTS = (
    Defect(
        "half a cent is cut off",
        "money.py",
        "value.quantize(CENT, ROUND_HALF_UP)",
        "value",
    ),
    Defect(
        "tax on top of gross",
        "money.py",
        "gross * rate / (100 + rate)",
        "gross * rate / 100",
    ),
    Defect(
        "the rest of a division is lost",
        "money.py",
        "[: abs(total) - sum(parts)]",
        "[:0]",
    ),
    Defect(
        "16 % goes on after 2020",
        "vat.py",
        '("2021-01-01", "19")',
        '("2021-01-01", "16")',
    ),
    Defect(
        "net and tax change places",
        "money.py",
        "return gross - tax, tax",
        "return tax, gross - tax",
    ),
    Defect(
        "only a key's last line is taxed",
        "totals.py",
        "gross[share.vat] = gross.get(share.vat, 0) + share.amount",
        "gross[share.vat] = share.amount",
    ),
    Defect(
        "Z forgets earlier payments",
        "totals.py",
        "payments[name] = payments.get(name, 0) + payment.amount",
        "payments[name] = payment.amount",
    ),
    Defect(
        "Z counts a case's gross twice",
        "totals.py",
        "cases[key] = (old[0] + amount,",
        "cases[key] = (old[0] + 2 * amount,",
    ),
    Defect(
        "X and Z count everything twice",
        "totals.py",
        "_added(totals.counts, what, times)",
        "_added(totals.counts, what, 2 * times)",
    ),
    Defect(
        "a void adds",
        "entry.py",
        "quantity=-line.quantity, amount=-line.amount,",
        "quantity=-line.quantity, amount=line.amount,",
    ),
    Defect(
        "the last line is lost",
        "state.py",
        "return sum(line.amount for line in self.lines)",
        "return sum(line.amount for line in self.lines[:199][:-1] or self.lines)",
    ),
    Defect(
        "money given back counts as paid",
        "state.py",
        "sum(payment.amount for payment in self.payments)",
        "sum(abs(payment.amount) for payment in self.payments)",
    ),
    Defect(
        "the whole note is change",
        "paying.py",
        "return amount, given - amount",
        "return amount, given",
    ),
    Defect(
        "foreign notes give no change",
        "paying.py",
        "_book(d, sale, cash, amount=-change, change=change)",
        "pass",
    ),
    Defect(
        "training moves cash",
        "evolve_sale.py",
        'if real and fact.type == "Bar"',
        'if fact.type == "Bar"',
    ),
    Defect(
        "cash is not counted up",
        "cash/fold.py",
        "units, value = old.amount + units,",
        "units, value = units,",
    ),
    Defect(
        "a tip in cash is missing",
        "paying.py",
        "sale = tip_of_payment(d, sale, args)",
        "tip_of_payment",
    ),
    Defect(
        "a tip is an own turnover",
        "tips/ledger.py",
        '"TrinkgeldAN", "TrinkgeldAG"',
        '"Umsatz", "TrinkgeldAG"',
    ),
    Defect(
        "sums stand in another slot",
        "process_data.py",
        "keys[key].slot - 1",
        "keys[key].slot - 2",
    ),
    Defect(
        "cards are cash for the TSE",
        "process_data.py",
        '"Bar" if kind == "Bar" else "Unbar"',
        '"Bar"',
    ),
    Defect(
        "a reduction makes dearer",
        "reductions/settling.py",
        "key: reduction.sign * part for",
        "key: abs(reduction.sign) * part for",
    ),
    Defect(
        "returned packages are sold",
        "goods/deposits.py",
        "quantity=-quantity * pieces",
        "quantity=quantity * pieces",
    ),
    Defect(
        "a voucher never gets empty",
        "vouchers/ledger.py",
        "balance = voucher.balance + amount",
        "balance = voucher.balance + max(amount, 0)",
    ),
    Defect(
        "Ist and Soll change places",
        "cash/state.py",
        "return self.counted - self.expected",
        "return self.expected - self.counted",
    ),
    Defect(
        "the skim stays in the drawer",
        "till.py",
        "    if procedure.skim:\n",
        "    if procedure.skim < 0:\n",
    ),
    Defect(
        "a number is left out",
        "signing.py",
        "d.state.receipt + 1, d.at",
        "d.state.receipt + 2, d.at",
    ),
    Defect(
        "the next day begins with the last one's sums",
        "evolve_till.py",
        "Till(carried=fact.carried, totals=Totals(), ",
        "Till(carried=fact.carried, totals=state.till.totals, ",
    ),
    Defect(
        "training is turnover",
        "evolve_till.py",
        'elif sale.bon_type == "Beleg":',
        'elif sale.bon_type in ("Beleg", "AVTraining"):',
    ),
    Defect(
        "a bill divided by three loses cents",
        "orders/groups.py",
        "        amounts[i] += 1\n",
        "        amounts[i] += 0\n",
    ),
    Defect(
        "a down payment is deducted once more",
        "credit/downpayments.py",
        "quantity=Decimal(-1),\n        unit_price=share.amount,",
        "quantity=Decimal(-2),\n        unit_price=share.amount,",
    ),
)
