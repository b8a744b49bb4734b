"""FISCAL 5: master data in force are facts in the journal, not the file."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.boot import MAX_PART, catalog_offers
from kassd.core.catalog import Article
from kassd.core.codec import encode
from kassd.errors import ConfigError
from tests.core.playbook import CET, OPENED, Playbook, add, card, cash, command


def changed(book: Playbook, cls: Any = f.ConfigChanged) -> dict[str, Any]:
    return {fact.key: fact.new for fact in book.last.facts if isinstance(fact, cls)}


def test_the_first_start_takes_the_whole_file_and_the_tax_rates_as_facts() -> None:
    book = Playbook().start()
    new = changed(book)
    assert new["business.name"] == "Backhaus Muster"
    assert new["vat.rate.1"] == "19"
    assert new["vat.rate.3"] == "7.8"
    assert {key for key in new if not key.startswith("vat.rate.")} == set(book.config)
    assert book.state.rates[1] == Decimal(19)


def test_an_unchanged_file_is_not_compared() -> None:
    book = Playbook().ready()
    book.restart() << "register.started"
    book.restart() << "register.started"


def test_with_the_till_closed_everything_applies_at_once() -> None:
    book = Playbook().commissioned()
    book.config["business.name"] = "Neues Backhaus"
    book.restart()
    assert changed(book) == {"business.name": "Neues Backhaus"}
    assert book.state.config["business.name"] == "Neues Backhaus"


def test_company_data_wait_for_the_closing_and_technical_ones_do_not() -> None:
    book = Playbook().ready()
    book.config |= {"business.name": "Neu", "register.sale_timeout_s": 60, "tse.path": "/x"}
    del book.config["business.tax_number"]
    book.restart()
    assert changed(book) == {"register.sale_timeout_s": 60}
    assert changed(book, f.ConfigDeferred) == {
        "business.name": "Neu",
        "business.tax_number": None,
        "tse.path": "/x",
    }
    book.restart() << "register.started"
    book.tse_opens() >> add() >> cash()
    book.sign()
    assert book.receipt().document.issuer.name == "Backhaus Muster"
    book >> command("till.close", count={"1": book.state.till.cash})
    book.sign()
    assert book.facts(f.TillClosed)[-1].document.issuer.name == "Backhaus Muster"
    assert changed(book) == {"business.name": "Neu", "business.tax_number": None, "tse.path": "/x"}
    change = next(x for x in book.last.facts if isinstance(x, f.ConfigChanged) and x.key == "business.name")
    assert (change.old, change.who, change.how) == ("Backhaus Muster", "kassd", "closing")
    assert "business.tax_number" not in book.state.config
    assert not book.state.pending
    book.paper().restart() << "register.started"


def test_a_difference_taken_back_before_the_closing_never_happens() -> None:
    book = Playbook().ready()
    book.config["business.name"] = "Neu"
    book.restart()
    book.config["business.name"] = "Backhaus Muster"
    book.restart()
    assert not book.state.pending
    book.tse_opens() >> command("till.close", count={})
    assert changed(book) == {}
    assert not book.state.till.open


def test_a_new_software_waits_for_the_closing_with_its_build() -> None:
    book = Playbook().ready()
    book.software, book.build = "1.1", "b2"
    book.restart() << "register.started config.deferred config.deferred"
    book.restart() << "register.started"
    book.config["register.control_prefix"] = "X"
    book.restart() << "register.started config.changed config.file_taken config.annex"
    book.tse_opens() >> command("till.close", count={})
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.software, closing.build) == ("1.0", "b1")
    assert changed(book) == {"software.version": "1.1", "software.build": "b2"}
    assert (book.state.software, book.state.build) == ("1.1", "b2")
    book >> command("till.open", counted=0)
    book.sign() >> command("till.close", count={})
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.software, closing.build) == ("1.1", "b2")
    assert changed(book) == {}


@pytest.mark.parametrize(("key", "value"), [("register.id", "KASSE-2"), ("register.mode", "production")])
def test_another_identity_does_not_start(key: str, value: str) -> None:
    book = Playbook().ready()
    book.config[key] = value
    with pytest.raises(ConfigError, match=key) as error:
        book.start()
    assert error.value.exit_code == 78


def test_lists_in_the_file_compare_as_json() -> None:
    book = Playbook().ready()
    book.config["client.theke-2.rights"] = ("sell",)  # a tuple is the same list
    book.restart()
    assert changed(book) == {}


def test_a_station_that_is_no_longer_configured() -> None:
    book = Playbook().commissioned()
    del book.config["printer.printer-2.station"]
    book.restart()
    assert None not in book.state.stations


def articles(n: int, price: int = 100) -> dict[str, Article]:
    return {f"a{k}": Article(f"a{k}", "Brötchen ✓" * 20, price, 2, (f"{k:08}",)) for k in range(n)}


def offer(book: Playbook, wanted: dict[str, Article], file_hash: str) -> int:
    parts = list(catalog_offers(book.state, wanted, file_hash))
    for part in parts:
        book >> part
        assert len(str(book.lines[-1]["facts"]).encode()) < 64_000
    return len(parts)


def test_a_catalogue_is_taken_in_parts_that_fit_a_line() -> None:
    book = Playbook().start()
    parts = offer(book, articles(400), "h1")
    assert parts > 400 * 400 // MAX_PART
    assert dict(book.state.catalog.articles) == articles(400)
    assert offer(book, articles(400, 200), "h2") > parts
    assert offer(book, {}, "h3") > 1
    assert not book.state.catalog.articles
    assert not book.state.catalog.by_code
    assert book.state.files["catalog"] == "h3"


def test_an_unchanged_catalogue_file_never_undoes_catalog_put() -> None:
    book = Playbook().ready()
    offer(book, articles(1), "h1")
    book >> command("catalog.put", id="a0", name="Brötchen", price=55, vat=2)
    assert list(catalog_offers(book.state, articles(1), "h1")) == []
    book.restart()
    assert list(catalog_offers(book.state, articles(1), "h1")) == []
    assert book.state.catalog.articles["a0"].price == 55
    assert offer(book, articles(1), "h2") == 1
    assert encode(book.state.catalog.articles["a0"])["price"] == 100


def sylvester() -> Playbook:
    """23:59 on the last evening of the 16 % of 2020."""
    return Playbook(at=datetime(2020, 12, 31, 23, 59, tzinfo=CET)).ready(1000)


def test_at_a_new_rate_the_first_vorgang_is_preceded_by_a_closing_and_an_opening() -> None:
    book = sylvester()
    book >> add("Bier", 116, 1) >> cash()
    book.done()
    assert book.receipt().document.vat[0].rate == 16
    book.wait(120) >> add("Sekt", 119, 1)
    kinds = [fact.kind for fact in book.last.facts]
    assert kinds[:3] == ["till.closing_began", "till.movements_planned", "till.closed"]
    assert kinds.index("till.closed") < kinds.index("config.changed") < kinds.index("till.opened")
    assert kinds.index("till.opened") < kinds.index("sale.opened") < kinds.index("sale.line_added")
    assert book.current().lines[0].rate == 19
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.automatic, closing.cash, closing.carried) == (True, 1116, 1116)
    assert closing.totals["cases"]["Umsatz|1"] == [116, 100, 16]
    book.sign()
    opening = [fact for fact in book.facts(f.SaleFinished) if fact.document.title == "Anfangsbestand"][-1]
    assert opening.document.total == 1116
    assert opening.document.seal is not None
    assert book.state.till.open
    assert book.state.till.business_day == "2021-01-01"
    book >> cash()
    book.sign() >> command("till.close", count={"1": 1235})
    book.says("accepted").sign()
    assert [fact.number for fact in book.facts(f.TillClosed)] == [1, 2]
    assert book.facts(f.TillClosed)[-1].totals["cases"]["Umsatz|1"] == [119, 100, 19]


def test_a_sale_begun_before_midnight_keeps_its_rate_and_others_wait_for_it() -> None:
    book = sylvester()
    book >> add("Bier", 116, 1)
    book.wait(120) >> add("Bier", 116, 1)
    assert {line.rate for line in book.current().lines} == {Decimal(16)}
    for refused in (
        add("Sekt", 119, 1, station="zwei"),
        command("cash.in", amount=100, kind="deposit", reason="x"),
        command("cash.out", amount=100, kind="private", reason="x", station="zwei"),
    ):
        (book >> refused).says("sale_open")
        assert book.replies[-1]["message"] == (
            "Ein Verkauf ist noch offen. (Inzwischen gelten neue Steuersätze; erst endet, was mit den alten "
            "begonnen ist. Kassenplatz main: 0,00 € von 2,32 € bezahlt)"
        )
        assert book.replies[-1]["next"] == "Verkauf kassieren, parken oder abbrechen."
        assert book.replies[-1]["result"] == {"stations": ["main"]}
    book.sign() >> card()
    book >> command("cash.in", amount=100, kind="deposit", reason="x")
    book.says("till_closing")
    assert "endet von selbst" in book.replies[-1]["message"]
    book.sign() >> add("Sekt", 119, 1, station="zwei")
    assert book.current("zwei").lines[0].rate == 19


BOOKS = {
    "cash.in": {"amount": 100, "kind": "deposit", "reason": "x"},
    "cash.out": {"amount": 100, "kind": "private", "reason": "x"},
    "cash.transfer": {"amount": 100, "to": "berta"},
    "till.count": {"count": {"1": 1300}, "reason": "gefunden", "book": True},
    "tip.payout": {},
    "receipt.cancel": {"receipt": "3", "reason": "x"},
    "receipt.correct_payment": {"receipt": "3", "type": "card", "reason": "x"},
}


@pytest.mark.parametrize("name", BOOKS)
def test_whatever_vorgang_comes_first_is_of_the_new_period(name: str) -> None:
    book = Playbook(at=datetime(2020, 12, 31, 23, 59, tzinfo=CET))
    book.config.update({"purse.berta.name": "berta", "purse.berta.operator": "berta"})
    book.ready(1000) >> command("operator.login", operator="anna")
    book >> add("Bier", 116, 1) >> cash(given=200, keep_change=True)
    book.done().wait(120) >> command(name, **BOOKS[name])
    assert (book.last.reply and book.last.reply.status) in ("ok", "accepted"), book.last.reply
    book.done()
    (closing,) = book.facts(f.TillClosed)
    assert (closing.automatic, closing.last_receipt, closing.cash) == (True, 3, 1200)
    assert "drawer_opened" not in closing.totals["counts"]
    assert book.state.till.business_day == "2021-01-01"
    opening, *booked = [one.document.title for one in book.facts(f.SaleFinished)][3:]
    assert opening == "Anfangsbestand"
    assert booked
    assert book.state.till.first_receipt == 4
    shares = [share for line in book.facts(f.LineAdded)[3:] for share in line.by_vat() if share.rate]
    assert {share.rate for share in shares} <= {Decimal(16)}  # of the receipt that is undone


def test_the_stock_of_every_account_comes_before_the_first_vorgang() -> None:
    book = Playbook(at=datetime(2020, 12, 31, 23, 59, tzinfo=CET))
    book.config.update({"purse.berta.name": "berta", "purse.berta.operator": "berta"})
    book.ready(1000) >> command("cash.transfer", amount=400, to="berta")
    book.done() >> add("Bier", 116, 1) >> card()
    book.done().wait(120) >> command("receipt.cancel", receipt="4", reason="x", card_reversed=True)
    book.done()
    titles = [(one.document.title, one.document.total) for one in book.facts(f.SaleFinished)][4:]
    assert titles == [("Anfangsbestand", 600), ("Anfangsbestand", 400), ("Stornobeleg", -116)]


def test_a_count_that_books_nothing_is_no_vorgang() -> None:
    book = sylvester().wait(120)
    book >> command("till.count", count={"1": 900}) << "cash.counted …"
    assert not book.facts(f.TillClosed)


def test_a_till_opened_after_the_day_takes_the_new_rates_without_another_closing() -> None:
    book = sylvester()
    book >> command("till.close", count={"100": 10})
    book.sign().wait(9 * 3600) >> command("till.open", counted=1000)
    assert changed(book) == {"vat.rate.1": "19", "vat.rate.2": "7"}
    book.sign() >> add("Sekt", 119, 1) << "sale.opened sale.line_added +tse.start"
    assert len(book.facts(f.TillClosed)) == 1


def test_a_clock_that_falls_back_changes_no_rate() -> None:
    book = Playbook().ready()
    book.at = datetime(1970, 1, 1, 1, 0, tzinfo=CET)
    book >> add() << "sale.opened sale.line_added +tse.start"


def test_the_closing_of_a_new_rate_waits_for_a_late_finish() -> None:
    book = sylvester()
    book >> add()
    book.sign() >> cash()
    book.wait(3.1).tick()
    book.wait(120)
    book >> OPENED >> add("Sekt", 119, 1)
    book.says("till_closing")
    book.sign() >> add("Sekt", 119, 1)
    book.says("ok")
