"""A tax key of one's own that is taken out of the file while something open uses it waits."""

from kassd.core import facts as f
from kassd.core.held import held, held_by, held_sentence, in_use
from kassd.mqtt.alerts import alerts
from tests.core.playbook import Playbook, card, command

OWN = {"vat.kur.name": "kur", "vat.kur.key": 1000, "vat.kur.rate": "5", "vat.kur.title": "Kurtaxe"}


def ordered() -> Playbook:
    """Ordered at table 5 under the key 1000, carried into the night, the key gone from the file."""
    book = Playbook()
    book.config |= OWN
    book.ready(1000)
    book >> command("order.send", table="5", lines=[{"text": "Kur", "price": 210, "vat": 1000}])
    book.sign()
    assert in_use(book.state).vat == {1000}
    return book


def without_own(book: Playbook) -> Playbook:
    book.config = {key: value for key, value in book.config.items() if key not in OWN}
    return book.restart().tse_opens()


def close(book: Playbook, euros: int) -> None:
    book >> command("till.close", count={"100": euros})
    book.says("accepted").done()
    assert not book.state.till.open


def test_the_change_waits_over_a_closing_and_comes_with_the_next() -> None:
    book = without_own(ordered())
    assert held(book.state) == tuple(sorted(OWN))
    close(book, 10)
    assert not [fact for fact in book.facts(f.ConfigChanged) if fact.key in OWN and fact.new is None]
    shown = dict(alerts(book.state))
    assert "[[vat]] kur." in shown["config-held"].text_de
    assert "(Tisch 5)" in shown["config-held"].text_de
    assert "config-pending" not in shown
    book >> command("till.open", counted=1000)
    book.sign() >> command("order.bill", table="5") >> card()
    slip = book.done().receipt().document
    assert [(row.vat, row.rate, row.gross) for row in slip.vat] == [(1000, 5, 210)]
    close(book, 10)
    gone = {fact.key: fact.how for fact in book.facts(f.ConfigChanged) if fact.new is None}
    assert gone == dict.fromkeys(OWN, "closing")
    assert not book.state.pending
    assert "config-held" not in dict(alerts(book.state))


def test_it_waits_as_well_when_the_file_changes_with_the_till_closed() -> None:
    book = ordered()
    close(book, 10)
    without_own(book)
    assert {fact.key for fact in book.facts(f.ConfigDeferred)} == set(OWN)
    assert held(book.state) == tuple(sorted(OWN))
    book >> command("till.open", counted=1000)
    book.sign() >> command("order.bill", table="5") >> card()
    assert book.done().receipt().document.total == 210


def test_another_rate_or_another_name_for_the_key_waits_too() -> None:
    book = ordered()
    close(book, 10)
    book.config |= {"vat.kur.rate": "6"}
    book.restart().tse_opens()
    assert held(book.state) == ("vat.kur.rate",)
    renamed = {key.replace("kur", "neu"): value for key, value in OWN.items()}
    book.config = {key: value for key, value in book.config.items() if key not in OWN} | renamed
    book.restart().tse_opens()
    assert held(book.state) == tuple(sorted({*OWN, *renamed}))


def test_what_nothing_open_uses_waits_for_the_closing_only() -> None:
    book = Playbook()
    book.config |= OWN
    without_own(book.ready(1000))
    assert set(book.state.pending) == set(OWN)
    assert held(book.state) == ()
    close(book, 10)
    assert not book.state.pending
    assert "vat.kur.key" not in book.state.config


def test_open_items_use_their_keys() -> None:
    book = Playbook()
    book.config |= OWN
    book.ready(1000) >> command("sale.add", text="Kur", price=210, vat=1000)
    book >> command("delivery.issue", customer="Krone")
    close(book.done(), 10)
    assert 1000 in in_use(book.state).vat
    without_own(book)
    assert held(book.state) == tuple(sorted(OWN))


LOTTO = {
    "agency.lotto.name": "lotto",
    "agency.lotto.id": 3,
    "agency.lotto.text": "Lotto",
    "agency.lotto.street": "Oststraße 105",
}


def parked() -> Playbook:
    """A ticket sold in Lotto's name lies on table 7."""
    book = Playbook()
    book.config |= LOTTO
    book.ready(1000)
    book >> command("catalog.put", id="los", name="Los", price=500, vat=5, agency=3)
    book >> command("order.send", table="7", lines=[{"article": "los"}])
    book.says("ok").sign()
    assert in_use(book.state).agency == {3}
    return book


def without_lotto(book: Playbook) -> Playbook:
    book.config = {key: value for key, value in book.config.items() if key not in LOTTO}
    return book


def test_an_agency_with_parked_goods_stays_until_they_are_billed() -> None:
    book = without_lotto(parked())
    assert held_by(book.state, book.config) == tuple(sorted(LOTTO)), "told before the start"
    book.restart().tse_opens()
    assert held(book.state) == tuple(sorted(LOTTO))
    text = dict(alerts(book.state))["config-held"].text_de
    assert text == held_sentence(book.state, held(book.state))
    for part in ("[[agency]] lotto", "(Tisch 7)", "abrechnen", "wieder eintragen"):
        assert part in text
    close(book, 10)
    assert book.state.config["agency.lotto.id"] == 3, "Stamm_Agenturen of the next closing names it"
    book >> command("till.open", counted=1000)
    book.sign() >> command("order.bill", table="7") >> card()
    assert book.done().receipt().document.total == 500
    close(book, 10)
    assert "agency.lotto.id" not in book.state.config
    assert "config-held" not in dict(alerts(book.state))


def test_an_agency_that_nothing_open_names_goes_with_the_closing() -> None:
    book = Playbook()
    book.config |= LOTTO
    book.ready(1000) >> command("agency.sell", agency="lotto", text="Los", price=500, vat=5) >> card()
    without_lotto(book.done())
    assert held_by(book.state, book.config) == ()
    close(book.restart().tse_opens(), 10)
    assert "agency.lotto.id" not in book.state.config


def test_the_file_as_it_was_lets_nothing_wait() -> None:
    book = parked()
    assert held_by(book.state, book.config) == ()
    book.config |= {"agency.lotto.street": "Weststraße 1", "business.street": "Marktplatz 2"}
    assert held_by(book.state, book.config) == ("agency.lotto.street",)
