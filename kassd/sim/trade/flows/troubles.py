"""What goes wrong: the TSE in each phase of a sale, the printer, the power."""

from kassd.sim.trade.acts import Card, Flow, Paper, PowerCut, Tse, Wait
from kassd.sim.trade.scene import Scene, do, pay, sell


def _again() -> Flow:
    yield Wait(20)
    yield Tse("back")
    yield Wait(400)


def tse_gone(s: Scene) -> Flow:
    """Before the sale: gone when the first article is entered."""
    yield Tse("gone")
    yield from sell(s)
    yield from pay(s)
    yield from sell(s)
    yield from pay(s)
    yield from _again()


def tse_gone_mid(s: Scene) -> Flow:
    """Between start and payment."""
    yield from sell(s)
    yield Wait(2)
    yield Tse("gone")
    yield from look_at_tse()
    yield from pay(s)
    yield from _again()


def look_at_tse() -> Flow:
    """Somebody has it test itself, and so finds that it is gone."""
    yield do("tse.self_test")
    yield Wait(5)


def tse_silent(s: Scene) -> Flow:
    """The finish is swallowed: done, but never answered."""
    yield from sell(s)
    yield Wait(2)
    yield Tse("silent")
    yield from pay(s)
    yield from _again()


def tse_late(s: Scene) -> Flow:
    """The finish is answered when nobody waits for it any more."""
    yield from sell(s)
    yield Wait(2)
    yield Tse("late")
    yield from pay(s)
    yield from _again()


def no_paper(s: Scene) -> Flow:
    """Two receipts are printed later."""
    yield Paper(out=True)
    for _ in range(2):
        yield from sell(s)
        yield from pay(s)
    yield Paper(out=False)


def no_paper_today(s: Scene) -> Flow:
    """There is no other roll: what waits is given up."""
    yield Paper(out=True)
    yield from sell(s)
    yield from pay(s)
    yield do("print.skip", printer="printer")
    yield Paper(out=False)


def power_cut(s: Scene) -> Flow:
    """In the middle of a sale, which goes on."""
    yield from sell(s)
    yield PowerCut(45)
    yield from sell(s)
    yield from pay(s)


def old_card(s: Scene) -> Flow:
    """The technician copies the card, and later puts the copy in: selling waits until it is decided how the
    numbers go on. In between nobody has bought anything."""
    yield Wait(30)
    yield Card(put_back=False)
    yield do("till.report")
    yield Wait(60)
    yield Card(put_back=True)
    yield do("sale.add", article=next(iter(s.shop.liked)), refused="rollback_undecided")
    yield do("counters.resume", reason="ältere Kopie der Speicherkarte eingesetzt")
    yield from sell(s)
    yield from pay(s)


FLOWS = {
    "tse_gone": tse_gone,
    "tse_gone_mid": tse_gone_mid,
    "tse_silent": tse_silent,
    "tse_late": tse_late,
    "no_paper": no_paper,
    "no_paper_today": no_paper_today,
    "power_cut": power_cut,
    "old_card": old_card,
}
