"""Anything in any order: nothing raises, and what must always hold holds."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.carry import durable
from kassd.core.cash.accounts import holding, holdings, label
from kassd.core.commands import COMMANDS
from kassd.core.inputs import CommandReceived
from tests.core.goods.shop import ARTICLES
from tests.core.playbook import Playbook, add, card, cash, command, device, replayed, scan

GARBAGE: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    7,
    10**30,
    1.5,
    "",
    "x",
    "1e9999999",
    "NaN",
    "\ud800",
    [],
    {},
    [[]],
    {"abc": 1},
    {"05": 1},
    "0.0001",
    "a" * 70_000,
    "\x00",
    {"5000": 10**9},
]
NAMES = [
    "station",
    "code",
    "article",
    "text",
    "price",
    "vat",
    "quantity",
    "line",
    "type",
    "amount",
    "given",
    "counted",
    "source",
    "reason",
    "count",
    "skim",
    "kind",
    "operator",
    "id",
    "name",
    "codes",
    "printer",
    "cash_returned",
    "card_reversed",
    "percent",
    "coupon",
    "total",
    "employee",
    "keep_change",
]


SHOP = {
    "drawer.lade-2.name": "lade-2",
    "drawer.lade-2.station": "zwei",
    "purse.ben.name": "ben",
    "purse.ben.operator": "Ben",
    "currency.CHF.code": "CHF",
    "currency.CHF.rate": "0.95",
    "coupon.zehn.code": "C10",
    "coupon.zehn.percent": "10",
    "coupon.fuenf.code": "C5",
    "coupon.fuenf.amount": 500,
    "coupon.fuenf.once": True,
}


def close_exactly(book: Playbook, **more: Any) -> CommandReceived:
    """Close with what every drawer and purse should hold, of francs as much as there are coins for."""
    stock = {
        (account, cur): {"1": held.amount} if cur == "EUR" else {"5": held.amount // 5}
        for account, cur, held in holdings(book.state)
    }
    main = stock.pop(("", "EUR"))
    counts = {
        name if cur == "EUR" else f"{label(book.state.config, name)}/{cur}": count
        for (name, cur), count in stock.items()
    }
    return command("till.close", count=main, counts=counts, **more)


class Chaos:
    """A register to which everything happens, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.book = Playbook()
        self.book.config |= SHOP
        self.book.ready(self.random.choice([0, 5000]))
        for article in ARTICLES:
            self.book >> command("catalog.put", **article)
        self.open: set[int] = set()

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def step(self) -> None:
        self.random.choices(
            [
                self.sell,
                self.goods,
                self.pay,
                self.money,
                self.till,
                self.tse,
                self.paper,
                self.garbage,
                self.time,
                self.scanner,
                self.rare,
                self.order,
                self.cash,
                self.reduce,
                self.correct,
            ],
            [8, 8, 6, 3, 3, 9, 5, 2, 2, 2, 1, 8, 4, 6, 5],
        )[0]()

    def sell(self) -> None:
        station = self.pick(None, "main", "zwei")
        quantity = self.pick("1", "0.333", "2", "1.5")
        self.book >> add(
            price=self.pick(0, 1, 199, 350), vat=self.pick(1, 2, 5), quantity=quantity, station=station
        )

    def cash(self) -> None:
        """Purse, second drawer, francs: moved, counted, paid with."""
        account = self.pick("drawer", "lade-2", "ben")
        cents = self.pick(1, 300, 5000)
        pieces = {"100": self.random.randint(0, 40)}
        self.book >> self.pick(
            cash(currency="CHF", given=self.pick(500, 1000)),
            command("cash.transfer", amount=cents, drawer=account, to=self.pick("drawer", "lade-2", "ben")),
            command("cash.in", amount=cents, kind="deposit", reason="x", drawer=account),
            command("cash.out", amount=cents, kind="wages", reason="x", person="Kim", drawer=account),
            command("cash.out", amount=cents, kind="transit", reason="x", currency="CHF"),
            command("till.count", drawer=account, count=pieces, book=self.pick(True, False), reason="x"),
            command("till.count", currency="CHF", count=pieces, book=True, reason="x"),
            command("cash.expected"),
            command("operator.login", operator="Ben", station=self.pick("main", "zwei")),
        )

    def correct(self) -> None:
        """Receipts of any kind and age cancelled, taken back, paid otherwise; entries undone; slips."""
        station, receipt = self.pick("main", "zwei"), str(self.random.randint(1, self.book.state.receipt + 1))
        sure = self.pick(True, True, False)
        loaf = {"text": "Brot", "price": self.pick(0, 350), "vat": self.pick(1, 2), "quantity": "1"}
        slip = {"slip": str(self.random.randint(1, 9)), "at": "2026-11-21T09:30"}
        two = [{"type": "cash", "amount": 100}, {"type": "card", "amount": 250}]
        back = {str(self.random.randint(1, 6)): self.pick("1", "0.5", "0.333") for _ in range(2)}
        returned = {"receipt": receipt, "lines": back, "reason": "x"}
        what, args = self.pick(
            ("receipt.cancel", {"receipt": receipt, "reason": "x", "card_reversed": sure}),
            ("receipt.cancel", {"receipt": receipt, "reason": "x", "card_reversed": sure}),
            ("receipt.correct_payment", {"receipt": receipt, "type": self.pick("cash", "card", "cheque")}),
            ("receipt.return", {"receipt": receipt, "lines": {"1": self.pick("1", "0.5")}, "reason": "x"}),
            ("receipt.return", returned),
            ("sale.return", {**loaf, "reason": "x"}),
            ("sale.undo", {"card_reversed": sure}),
            ("sale.undo", {"card_reversed": True}),
            ("sale.hospitality", {"on": sure}),
            ("receipt.reprint", {"receipt": receipt, "hospitality": sure}),
            ("receipt.print", {"receipt": receipt}),
            ("sale.hand_over", {"by": self.pick("link", "qr", "qr", "paper")}),
            ("receipt.offer", {"receipt": receipt, "by": "qr"}),
            ("receipt.take", {}),
            ("paper.capture", {**slip, "lines": [loaf], "payment": self.pick("cash", "card")}),
            ("paper.capture", {**slip, "lines": [loaf], "payments": two}),
            ("paper.void", {"slip": slip["slip"], "reason": "x"}),
        )
        self.book >> command(what, station=station, **args)

    def order(self) -> None:
        """Orders, bills of them, everything that moves them; other steps change the bills."""
        station, table = self.pick("main", "zwei"), self.pick("1", "2", "3")
        line = {
            "text": self.pick("Pils", "Suppe"),
            "price": self.pick(0, 1, 333, 480),
            "vat": self.pick(1, 2),
            "quantity": self.pick("1", "2", "0.333", "1.5"),
        }
        back = {"text": self.pick("Pils", "Suppe"), "quantity": self.pick("-1", "-0.5")}
        some = {str(self.random.randint(1, 5)): self.pick("1", "0.333", "0.5")}
        send = command("order.send", table=table, lines=[line] * self.random.randint(1, 3), station=station)
        self.book >> self.pick(
            send,
            send,
            command("order.send", table=table, lines=[line, back], reason="vertippt", station=station),
            command("order.cancel", table=table, lines=self.pick(some, None), reason="weg", station=station),
            command("order.bill", table=table, station=station),
            command("order.bill", table=table, lines=some, station=station),
            command("order.bill", table=table, parts=self.pick(2, 3), station=station),
            command("order.bill", table=table, parts=3, station=station),
            command("order.merge", table=table, into_table=self.pick("1", "2", "3"), station=station),
            command("order.transfer", table=table, to_table=self.pick("3", "4"), waiter="Ben"),
            command("order.transfer", table=table, to_table=self.pick("2", "3"), lines=some),
            command("order.interim", table=table, station=station),
            command("order.walkout", table=table, reason="weg", station=station),
            command("sale.park", station=station),
            command("sale.park", station=station, table=table),
            command("sale.recall", group=str(self.random.randint(1, 9)), station=station),
        )

    def reduce(self) -> None:
        """Reductions, surcharges, coupons, tips, goods that are not sold."""
        station, line = self.pick("main", "zwei"), self.pick(None, None, self.random.randint(1, 9))
        why = {"reason": self.pick("", "Haus")}
        what, args = self.pick(
            ("sale.discount", {"line": line, "percent": self.pick("0.5", "10", "33.33", "100"), **why}),
            ("sale.discount", {"line": line, "percent": self.pick("5", "20"), **why}),
            ("sale.discount", {"line": line, "amount": self.pick(1, 99, 500), **why}),
            ("sale.discount", {"coupon": self.pick("C10", "C5", "C?")}),
            ("sale.add", {"code": "C5"}),
            ("sale.surcharge", {"line": line, "percent": self.pick("10", "150"), "reason": "Nacht"}),
            ("sale.surcharge", {"line": line, "amount": 70, "reason": "Nacht"}),
            (
                "sale.subsidy",
                {"kind": self.pick("echt", "unecht"), "amount": 90, "payer": "X", "reason": "Y"},
            ),
            ("sale.tip", {"to": self.pick("staff", "owner", None), "amount": self.pick(1, 77)}),
            ("sale.pay", {"type": "cash", "given": self.pick(500, 2000), "keep_change": True}),
            ("sale.pay", {"type": "card", "amount": 700, "tip": self.pick("staff", "owner")}),
            ("tip.payout", {"operator": self.pick("Anna", "Ben", "anzeige"), "amount": self.pick(None, 10)}),
            ("sale.benefit", {"employee": {"name": "Kim"}}),
        )
        self.book >> command(what, station=station, **args)

    def money(self) -> None:
        """Vouchers, accounts, down payments, delivery notes, other tenders."""
        book, station = self.book, self.pick("main", "zwei")
        code = self.pick("GS?", *book.state.vouchers)
        number = self.pick("F?", *book.state.credit.items)
        what, args = self.pick(
            ("voucher.sell", {"kind": "multi", "value": self.pick(100, 1000)}),
            ("voucher.sell", {"kind": "single", "value": 500, "vat": 1, "text": "Brot"}),
            ("voucher.withdraw", {"code": code, "reason": "verloren"}),
            ("sale.pay", {"type": "voucher", "code": code}),
            ("sale.pay", {"type": "voucher", "code": code, "amount": 50}),
            ("sale.pay", {"type": "account", "customer": "Krone", "amount": self.pick(None, 40)}),
            ("sale.pay", {"type": "cheque", "reference": "1"}),
            ("account.settle", {"number": number, "amount": self.pick(None, 30)}),
            ("downpayment.take", {"customer": "Wald", "what": "Torte", "amount": 300, "vat": 2}),
            ("downpayment.release", {"number": number}),
            ("downpayment.refund", {"number": number, "reason": "abbestellt"}),
            ("delivery.issue", {"customer": "Krone"}),
            ("delivery.bill", {"number": number}),
            ("invoice.issue", {"customer": "Krone", "street": "Weg 1", "city": "Dresden"}),
            ("invoice.pay", {"number": number}),
            ("invoice.close", {"number": number, "reason": "überwiesen"}),
            ("offer.issue", {"name": "Krone"}),
            ("invoice.pay", {"number": "R1", "amount": 150}),
        )
        book >> command(what, station=station, **{k: v for k, v in args.items() if v is not None})

    def goods(self) -> None:
        """Deposits, combos, prices by quantity, age limits; what is taken back takes along what belongs to
        it."""
        station, article = self.pick("main", "zwei"), self.pick(*ARTICLES)["id"]
        some = {"station": station, "article": article}
        self.book >> self.pick(
            command("sale.add", **some, quantity=self.pick("1", "2", "3", "6")),
            command("sale.add", **some, quantity=self.pick("1", "0.235"), in_house=True),
            command("sale.add", **some, price=self.pick(0, 100, 2000), over_limit=self.pick(True, False)),
            command("deposit.return", **some, quantity=self.pick("1", "3", "-1", "0.5")),
            command("sale.set_in_house", station=station, in_house=self.pick(True, False)),
            command("sale.set_in_house", station=station, in_house=True, line=self.random.randint(1, 4)),
            command("sale.approve_age", station=station, age=self.pick(None, 16, 18)),
            command("sale.quantity", station=station, quantity=self.pick("0", "3", "0.5")),
            command("article.price", **some),
            command("stock.waste", article=article, quantity="1", reason="Bruch"),
            command("order.send", table="1", lines=[{"article": article}], station=station),
            scan(self.pick("4190102109254", "(01)04006381333931(15)261120", "2*5449000000996"), station),
        )

    def pay(self) -> None:
        station = self.pick("main", "zwei")
        sale = self.book.state.current(station)
        due = sale.due if sale else 100
        paid = sum(p.amount for p in sale.payments if p.type == "Bar") if sale else 0
        self.book >> self.pick(
            cash(station=station),
            cash(station=station, given=self.random.randint(1, 1000)),
            card(station=station),
            card(station=station, amount=max(1, due // 2)),
            command("sale.void_line", station=station),
            command("sale.void_line", station=station, line=self.random.randint(1, 4)),
            command("sale.abort", station=station),
            command("sale.abort", station=station, cash_returned=paid, card_reversed=True),
        )

    def till(self) -> None:
        book, state = self.book, self.book.state
        if not state.till.open:
            book >> command(
                "till.open",
                counted=self.pick(holding(state, "").amount, 3000),
                source=self.pick("transit", "private", "difference"),
                reason="Zählung",
            )
        else:
            book >> self.pick(
                close_exactly(book, skim=self.pick(0, holding(state, "").amount // 2)),
                command("till.close", count={"100": self.random.randint(0, 50)}, reason="nachgezählt"),
                command("till.report"),
                command("cash.in", amount=500, kind="transit", reason="Wechselgeld"),
                command("cash.out", amount=self.pick(1, 500, 5000), kind="private", reason="Entnahme"),
                command("drawer.open", reason="Wechseln"),
                command("receipt.reprint"),
                command("operator.login", operator=self.pick("Anna", "Ben")),
            )

    def tse(self) -> None:
        book, calls = self.book, self.book.calls()
        what = self.random.random()
        if calls and what < 0.75:
            answer = book.tse.answer(self.random.choice(calls))
            book >> answer
            if self.random.random() < 0.2:
                book >> answer
        elif calls and what < 0.85:
            error = self.pick("silent", "gone", "refused:full")
            book >> i.TseAnswered(
                self.random.choice(calls).id, error=error, message="…", begun=self.pick(True, True, False)
            )
        elif what < 0.9:
            book.outage(self.pick("gone", "silent"))
        elif what < 0.98:
            book.tse_opens()
        else:
            book >> i.TseAnswered("999.9", 1, 1)

    def paper(self) -> None:
        book = self.book
        jobs = [job.id for job in book.state.jobs.values()]
        if jobs and self.random.random() < 0.7:
            book >> i.Printed(
                self.random.choice(jobs), self.pick("confirmed", "confirmed", "failed", "unknown")
            )
        elif self.random.random() < 0.7:
            wishes = [w.id for w in book.state.outbox.values()] or ["0.0"]
            book >> i.Kicked(self.random.choice(wishes), self.pick("kicked", "failed", "refused"))
        else:
            book >> device(self.pick("printer", "printer-2"), self.pick("ready", "error", "absent"))

    def garbage(self) -> None:
        args = {
            self.random.choice(NAMES): self.random.choice(GARBAGE) for _ in range(self.random.randint(0, 5))
        }
        if self.random.random() < 0.5:
            args.setdefault("type", "cash")
        self.book >> CommandReceived(
            "x",
            f"g{self.random.random()}",
            self.pick(*COMMANDS, "sale.park", "", "x"),
            args,
            self.pick(None, None, 3),
            self.pick("local", "uplink", "console"),
        )

    def scanner(self) -> None:
        self.book >> self.pick(
            scan("4006381333931"),
            scan("KASSDBAR"),
            scan("KASSDABBRUCH"),
            scan("\ud800\x00"),
            scan("KASSDKOPIE"),
            scan("KASSDSTORNO", "zwei"),
            i.ScanFailed("scanner", "main", "lost"),
        )

    def time(self) -> None:
        self.book.wait(self.pick(0.5, 3.1, 10, 1801)).tick()

    def rare(self) -> None:
        if self.random.random() < 0.5:
            self.book.restart()
        else:
            self.book >> i.TseSurveyed(tuple(self.random.sample(range(1, 40), 3)))


def journal_holds(book: Playbook) -> None:
    numbers = [fact.number for fact in book.facts(f.SaleNumbered)]
    assert numbers == list(range(1, len(numbers) + 1)), "BON_ID without gap, in line order"
    ended = Counter(fact.sale for fact in book.facts(f.SaleFinished))
    assert set(ended.values()) <= {1}
    assert set(ended) | set(book.state.sales) == {fact.sale for fact in book.facts(f.SaleOpened)}
    originals = Counter(wish.args["document"] for wish in book.wishes("print"))
    assert set(originals.values()) <= {1}, "one print wish per document"
    into_drawer = [p for p in book.facts(f.PaymentAdded) if p.type == "Bar" or p.name == "Scheck"]
    assert len([w for w in book.wishes("drawer") if w.args["why"] == "sale"]) <= len(into_drawer)
    paid = {fact.sale for fact in book.facts(f.SalePaid)}
    aborted = {fact.sale for fact in book.facts(f.SaleFinished) if fact.bon_type == "AVBelegabbruch"}
    assert not paid & aborted, "a paid sale is never an AVBelegabbruch"
    for fact in book.facts(f.TillClosed):
        assert fact.software
        assert fact.build
    each_closing_adds_up_its_receipts(book)
    finish_once(book)
    closings_without_open_sales(book)
    no_money_but_what_was_paid(book)
    assert durable(replayed(book.lines)) == durable(book.state)


def each_closing_adds_up_its_receipts(book: Playbook) -> None:
    """Z = Σ receipts; its stock is what the payments have moved, account by account."""
    total, floats, stock = 0, set(), Counter[str]()
    for fact in (f.from_json(fact) for line in book.lines for fact in line["facts"]):
        match fact:
            case f.SaleOpened(case="Anfangsbestand"):
                floats.add(fact.sale)
            case f.PaymentAdded(type="Bar") if fact.sale not in floats:
                units = fact.amount if fact.currency == "EUR" else fact.foreign
                stock[f"{fact.drawer}|{fact.currency}"] += units
            case f.SaleFinished(bon_type="Beleg"):
                total += fact.document.total
            case f.TillClosed():
                assert fact.total == total
                assert {k: held.amount for k, held in fact.holdings.items()} == {
                    k: n for k, n in stock.items() if n
                }
                total = 0


def finish_once(book: Playbook) -> None:
    """A transaction is asked to finish once, unless the TSE never had the call, or late."""
    asked: Counter[str] = Counter(w.args["sale"] for w in book.wishes("tse.finish") if not w.args.get("late"))
    dropped = {w.id: w.args["sale"] for w in book.wishes("tse.finish")}
    for fact in book.facts(f.TseDropped):
        asked[dropped.get(fact.wish, "")] -= 1
    assert all(count <= 1 for count in asked.values())


def no_money_but_what_was_paid(book: Playbook) -> None:
    """What comes back of a receipt is in all no more than was paid for it in money (vouchers, claims and down
    payments get the rest back), deposits that it paid out counted as paid."""
    facts = [f.from_json(fact) for line in book.lines for fact in line["facts"]]
    lines: dict[str, dict[int, f.LineAdded]] = {}
    numbers: dict[str, str] = {}
    paid: Counter[str] = Counter()
    back: Counter[str] = Counter()
    for fact in facts:
        if isinstance(fact, f.LineAdded):
            lines.setdefault(fact.sale, {})[fact.n] = fact
        elif isinstance(fact, f.LineVoided):
            del lines[fact.sale][fact.voids]
        elif isinstance(fact, f.SaleFinished) and fact.bon_type == "Beleg":
            number = numbers[fact.sale] = str(fact.number)
            for line in lines.get(fact.sale, {}).values():
                if line.origin is None and (
                    line.amount > 0 or line.case not in ("Umsatz", "PfandRueckzahlung")
                ):
                    paid[number] += line.amount
                elif line.origin is not None and line.amount:
                    back[line.origin.receipt] -= line.amount
    cancelled = {
        fact.receipt for fact in facts if isinstance(fact, f.ReceiptCorrected) and fact.how != "return"
    }
    for number, cents in back.items():
        assert cents <= max(0, paid[number]) or number in cancelled, f"{number}: {cents} of {paid[number]}"


def closings_without_open_sales(book: Playbook) -> None:
    opened: set[str] = set()
    for line in book.lines:
        for fact in line["facts"]:
            data = fact["data"]
            if fact["kind"] == "sale.opened":
                opened.add(data["sale"])
            elif fact["kind"] == "sale.finished":
                opened.discard(data["sale"])
            elif fact["kind"] == "till.closed":
                assert not opened


@pytest.mark.timeout(600)
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(20, 120))
def test_anything_in_any_order(seed: int, steps: int) -> None:
    chaos = Chaos(seed)
    for _ in range(steps):
        chaos.step()
    journal_holds(chaos.book)
    # Whatever happened: with a TSE and paper the day can be ended.
    book = chaos.book
    book.tse_opens()
    for _ in range(10):
        book >> device("printer", "ready") >> device("printer-2", "ready")
        book.resume().done().wait(3).tick()
    assert not book.state.tse.outage
    for station in ("main", "zwei"):
        if book.state.station(station).locked:
            book >> command("operator.login", operator="chefin", station=station)
        if book.state.current(station):
            book >> command("sale.approve_age", age=18, station=station) >> card(station=station)
            book >> command("sale.abort", station=station)
        book.done() >> command("mode.training", on=False, station=station)
    if not book.state.till.open:
        book >> command("till.open", counted=holding(book.state, "").amount)
        book.done()
    book >> close_exactly(book, reason="Ende der Probe")
    book.says("accepted").done()
    assert not book.state.till.open
    assert not book.state.sales
    journal_holds(book)
