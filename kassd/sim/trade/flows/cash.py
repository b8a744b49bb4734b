"""Cash that comes and goes without a sale, counts, drawers, people who come and go."""

from functools import partial

from kassd.sim.trade.acts import Command, Flow, Look
from kassd.sim.trade.scene import Scene, do, pieces, result


def moved(s: Scene, way: str, kind: str, amount: int, reason: str, **more: str) -> Flow:
    """Cash in or out; out only what is there."""
    expected = _drawer((yield Look("till")))
    if way == "in" or expected >= amount:
        yield do(f"cash.{way}", kind=kind, amount=amount, reason=reason, **more)


def _drawer(till: object) -> int:
    return next((int(a["expected"]) for a in till["cash"] if a["currency"] == "EUR"), 0)  # type: ignore[index]  # JSON


def safe(s: Scene) -> Flow:
    """Too much in the drawer."""
    amount = _drawer((yield Look("till"))) // 2 // 500 * 500
    if amount > 0:
        yield do("cash.out", kind="transit", amount=amount, reason="Tresor")


def x_report(s: Scene) -> Flow:
    """How is it going?"""
    yield do("till.report")
    yield do("cash.expected")


def drawer_change(s: Scene) -> Flow:
    """A customer needs coins."""
    yield do("drawer.open", reason="Wechseln")


def count(s: Scene) -> Flow:
    """Counted in the middle of the day; a difference is booked."""
    expected = _drawer((yield Look("till")))
    counted = max(0, expected - s.random.choice((0, 0, 10, 50)))
    yield do("till.count", count=pieces(counted), book=True, blind=True, reason="Nachgezählt")


def purse(s: Scene) -> Flow:
    """A waiter gets change, and gives it back."""
    if _drawer((yield Look("till"))) >= 5000:
        yield do("cash.transfer", amount=5000, to="ole", reason="Wechselgeld")
        yield do("cash.transfer", amount=5000, drawer="ole", to="drawer", reason="zurück")


def operator_changes(s: Scene) -> Flow:
    """Somebody else takes over for the next customers."""
    yield do("operator.logout")
    for name in ("mehmet", "anna"):
        yield Command("operator.login", {"operator": name}, pin_of=(name,))


def place(s: Scene) -> Flow:
    """Today here, tomorrow there."""
    where = s.random.choice(("Elbwiesen", "Wochenmarkt", "Messehalle", "Seefest"))
    reply = yield do("place.set", name=where, city="Dresden")
    assert result(reply)["name"] == where


FLOWS = {
    "private_out": partial(moved, way="out", kind="private", amount=3000, reason="privat"),
    "private_in": partial(moved, way="in", kind="private", amount=5000, reason="privat"),
    "wages": partial(moved, way="out", kind="wages", amount=6000, reason="Aushilfe", person="Kim"),
    "expense": partial(moved, way="out", kind="expense", amount=1290, reason="Blumen", voucher="Q17"),
    "payment_in": partial(moved, way="in", kind="deposit", amount=2000, reason="Fundgeld"),
    "change_money": partial(moved, way="in", kind="change", amount=5000, reason="Münzgeld der Bank"),
    "safe": safe,
    "x_report": x_report,
    "drawer_change": drawer_change,
    "count": count,
    "purse": purse,
    "operator_changes": operator_changes,
    "place": place,
}
