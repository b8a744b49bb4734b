"""Which account a business case or a kind of payment is posted to: a table the tax adviser fills."""

from kassd.core.vat import NOT_TAXABLE
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """One row: ``case`` (GV_TYP) with the tax key ``vat`` and the agency, or ``payment`` (ZAHLART_TYP).
    ``text``: only with this GV_NAME or ZAHLART_NAME, '' = with any. ``bu``: BU-Schlüssel, '' for an account
    that knows its tax by itself (Automatikkonto)."""

    number: str
    case: str = ""
    payment: str = ""
    vat: int = NOT_TAXABLE
    text: str = ""
    agency: int = 0
    bu: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """All rows, and the account of the cash (Kasse)."""

    cash: str
    accounts: tuple[Account, ...]

    def of_case(self, case: str, name: str, agency: int, vat: int) -> Account | None:
        """The account of a row of businesscases."""
        found = [a for a in self.accounts if (a.case, a.vat, a.agency) == (case, vat, agency)]
        return _closest(found, name)

    def of_payment(self, kind: str, name: str) -> Account | None:
        """The account of a row of payment; cash has none of its own."""
        return _closest([a for a in self.accounts if a.payment == kind], name)


def _closest(found: list[Account], name: str) -> Account | None:
    """The row with exactly this name, else the one for any."""
    named = [account for account in found if account.text == name]
    return next((account for account in named + found if account.text in (name, "")), None)
