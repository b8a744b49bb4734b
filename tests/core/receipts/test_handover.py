"""Receipts handed over electronically: chosen, offered, fetched, printed instead; one original always."""

import random
from datetime import datetime
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.receipts import fold
from kassd.core.receipts.handover import DEVICE, MAKING_NS
from kassd.core.receipts.state import OFFER_TABLE
from kassd.core.state import shown_offer
from tests.core.playbook import NS, Playbook, add, cash, command, device

from .test_exemption import EXEMPT

LINK: dict[str, Any] = {
    "receipt_link.url": "http://kasse.local:8088",
    "receipt_link.valid_hours": 24,
    "receipt_link.print_after_s": 60,
}


def linked(**config: Any) -> Playbook:
    """A register whose receipts can be fetched."""
    book = Playbook()
    book.config |= LINK | config
    return book.ready() >> device(DEVICE, "ready")


def chosen(book: Playbook, by: str = "link") -> Playbook:
    """A sale whose customer takes the receipt electronically, signed."""
    book >> add() >> command("sale.hand_over", by=by, consent="display")
    return (book >> cash()).sign()


def made(book: Playbook, document: str = "R2") -> Playbook:
    return book >> i.ReceiptOffered(document, "ab" * 32, "cd" * 32, "http://kasse.local/b/x", 29, "AAAA")


def wished(book: Playbook) -> list[str]:
    """Ids of the slips whose offer is on the to-do list."""
    return [str(wish.args["document"]) for wish in book.state.outbox.values() if wish.kind == "offer"]


def slips(book: Playbook) -> list[str]:
    """Ids of the receipts wished on paper."""
    return [str(wish.args["document"]) for wish in book.wishes("print")]


def test_a_chosen_receipt_is_offered_and_not_printed() -> None:
    book = chosen(linked())
    book << "tse.finished sale.finished receipt.offer_asked +offer"
    (asked,) = book.facts(f.OfferAsked)
    assert (asked.receipt, asked.document, asked.by, asked.why) == ("2", "R2", "link", "chosen")
    assert (asked.consent, asked.station) == ("display", "main")
    made(book) << "receipt.offered"
    (offered,) = book.facts(f.ReceiptOffered)
    assert (offered.sha256, offered.token) == ("ab" * 32, "cd" * 32)
    until = datetime.fromisoformat(offered.expires_at) - datetime.fromisoformat(offered.at)
    assert until.total_seconds() == 24 * 3600
    shown = shown_offer(book.state, "main")
    assert shown is not None
    assert (shown.content, shown.edge, shown.status) == ("http://kasse.local/b/x", 29, "offered")
    assert not wished(book)
    assert "/b/x" not in str(book.lines), "the link is not in the journal"
    book >> i.ReceiptFetched("R2", "html")
    book << "receipt.fetched"
    assert book.last.reply is not None
    assert book.last.reply.status == "ok"
    book >> i.ReceiptFetched("R2", "pdf")
    book << ""
    assert book.last.reply.status == "ok", "he may have it again"
    book.wait(3600).tick() << ""
    assert slips(book) == []
    (book >> command("receipt.print")).says("already_printed")
    (book >> command("receipt.print", receipt="2")).says("already_printed")
    book >> add()
    assert shown_offer(book.state, "main") is None, "the next customer sees his own sale"


def test_what_nobody_fetches_is_printed_as_the_original_and_the_link_is_over() -> None:
    book = made(chosen(linked()))
    assert book.last.wake == book.mono + 60 * NS
    book.wait(59).tick() << ""
    book.wait(1).tick() << "receipt.offer_ended print.sending +print"
    (ended,) = book.facts(f.OfferEnded)
    assert (ended.why, ended.reason) == ("printed", "not_fetched")
    (job,) = book.state.jobs.values()
    assert (job.document.id, job.document.copy_at, job.late) == ("R2", "", False)
    book >> i.ReceiptFetched("R2", "pdf")
    book << ""
    assert book.last.reply is not None
    assert book.last.reply.status == "rejected"
    book.paper().wait(3600).tick() << ""
    assert slips(book) == ["R2"]


def test_what_cannot_be_made_is_printed() -> None:
    book = chosen(linked())
    book.wait(MAKING_NS / NS).tick() << "receipt.offer_ended print.sending +print"
    assert book.facts(f.OfferEnded)[0].reason == "not_made"
    made(book) << ""
    book = chosen(linked(), "qr") >> i.ReceiptOfferFailed("R2", "too_large")
    book << "receipt.offer_ended print.sending +print"
    assert book.facts(f.OfferEnded)[0].reason == "too_large"
    book >> i.ReceiptOfferFailed("R2", "too_large")
    book << ""


@pytest.mark.parametrize("state", ["error", "offline", None])
def test_without_the_server_a_chosen_receipt_is_printed_at_once(state: str | None) -> None:
    book = Playbook()
    book.config |= LINK
    book.ready()
    if state:
        book >> device(DEVICE, state)
    chosen(book) << "tse.finished sale.finished receipt.offer_ended print.sending +print"
    assert (book.facts(f.OfferEnded)[0].why, book.facts(f.OfferEnded)[0].reason) == ("failed", "link_off")
    assert slips(book) == ["R2"]


def test_a_server_that_goes_takes_its_offers_to_paper() -> None:
    book = made(chosen(linked()))
    book >> device(DEVICE, "error")
    book << "receipt.offer_ended print.sending +print"
    assert book.facts(f.OfferEnded)[0].reason == "link_off"


@pytest.mark.parametrize("made_before", [False, True])
def test_a_restart_goes_on_with_what_was_offered(made_before: bool) -> None:
    book = chosen(linked())
    if made_before:
        made(book)
    book.restart().tse_opens() >> device("printer", "ready") >> device(DEVICE, "ready")
    assert list(book.state.offers) == ["R2"]
    assert wished(book) == ([] if made_before else ["R2"])
    shown = shown_offer(book.state, "main")
    assert shown is not None
    assert shown.content == "", "nothing is shown until the link is made again"
    made(book) << ("" if made_before else "receipt.offered")
    assert len(book.facts(f.ReceiptOffered)) == 1
    book.wait(60).tick() << "receipt.offer_ended print.sending +print"


def test_paper_can_still_be_chosen_and_asked_for() -> None:
    book = linked() >> add() >> command("sale.hand_over", by="qr") >> command("sale.hand_over", by="paper")
    (book >> cash()).sign()
    assert slips(book) == ["R2"]
    made(chosen(book.paper()), "R3")
    book >> command("receipt.print")
    book << "receipt.offer_ended print.sending +print"
    assert book.replies[-1]["result"] == {"receipt": "3"}
    assert book.facts(f.OfferEnded)[0].reason == "asked"
    (book.paper() >> command("receipt.print")).says("already_printed")
    book >> command("receipt.reprint")
    assert book.facts(f.ReceiptCopied)[-1].document.copy_at


def test_the_whole_receipt_in_a_code_is_taken_when_somebody_says_so() -> None:
    book = made(chosen(linked(), "qr"))
    book >> i.ReceiptFetched("R2", "html")
    book << ""
    assert book.last.reply is not None
    assert book.last.reply.status == "rejected", "there is no link to fetch it by"
    book >> command("receipt.take")
    book << "receipt.fetched"
    assert book.facts(f.ReceiptFetched)[0].form == "said"
    (book >> command("receipt.take")).says("no_receipt")
    book.wait(60).tick() << ""


def test_a_code_needs_no_server() -> None:
    book = Playbook().ready()
    chosen(book, "qr") << "tse.finished sale.finished receipt.offer_asked +offer"
    (book >> add() >> command("sale.hand_over", by="link")).says("receipt_link_absent")


def test_without_paper_it_is_offered_at_once_and_printed_once() -> None:
    """L-080: who fetches it needs no paper any more, who does not gets the late original."""
    book = linked() >> device("printer", "error")
    (book >> add() >> cash()).sign() << "tse.finished sale.finished receipt.offer_asked +print +offer"
    assert book.facts(f.OfferAsked)[0].why == "printer"
    made(book).wait(600).tick() << ""
    book >> i.ReceiptFetched("R2", "html")
    book << "receipt.fetched print.done"
    assert book.facts(f.PrintDone)[-1].reason == "fetched"
    book >> device("printer", "ready")
    book << ""

    (book >> device("printer", "error") >> add() >> cash()).sign()
    made(book, "R3") >> device("printer", "ready")
    book << "print.sending receipt.offer_ended"
    assert book.facts(f.OfferEnded)[0].reason == "printer"
    (job,) = book.state.jobs.values()
    assert job.late


def test_a_till_without_a_printer_offers_every_receipt() -> None:
    book = Playbook()
    book.config = {k: v for k, v in book.config.items() if not k.startswith(("printer.", "drawer."))} | LINK
    book.ready() >> device(DEVICE, "ready")
    (book >> add() >> cash()).sign() << "tse.finished sale.finished receipt.offer_asked +offer"
    made(book).wait(7200).tick() << ""
    assert book.last.reply is None
    assert list(book.state.offers) == ["R2"], "there is nothing to print it on"


def test_an_older_receipt_is_offered_as_a_copy() -> None:
    book = linked()
    (book >> add() >> cash()).done()
    book >> command("receipt.offer", receipt="2")
    book << "receipt.copied receipt.offer_asked +offer"
    copied = book.facts(f.ReceiptCopied)[0]
    assert (copied.why, copied.document.id[:4], bool(copied.document.copy_at)) == ("offered", "R2-K", True)
    made(book, copied.document.id).wait(600).tick() << ""
    book >> command("receipt.offer")
    book << "receipt.copied receipt.offer_asked +offer"
    assert slips(book) == ["R2"]
    (book >> device(DEVICE, "error") >> command("receipt.offer")).says("receipt_link_off")


def test_an_exempt_shop_offers_what_it_does_not_print() -> None:
    book = linked(**EXEMPT)
    (book >> add() >> cash()).sign() << "tse.finished sale.finished receipt.withheld"
    book >> command("receipt.offer")
    book << "receipt.handed_out receipt.offer_asked +offer"
    assert book.facts(f.OfferAsked)[0].document == "R2"
    (book >> command("receipt.offer")).says("already_offered")


def test_training_and_movements_are_never_offered() -> None:
    book = linked() >> device("printer", "error")
    (book >> command("cash.in", amount=500, kind="private", reason="x")).sign()
    book >> command("mode.training", on=True)
    chosen(book)
    assert not book.wishes("offer")


def test_offers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "MAX_OFFERS", 8)
    book = linked(**{"receipt_link.print_after_s": 0})
    for number in range(2, 20):
        made(chosen(book), f"R{number}")
    assert len(book.state.offers) <= 9
    assert "R19" in book.state.offers
    assert not wished(book)


def test_every_row_of_the_table_is_a_fact_that_happens() -> None:
    kinds = {kind for _, kind in OFFER_TABLE}
    assert kinds == {cls.kind for cls in (f.OfferAsked, f.ReceiptOffered, f.ReceiptFetched, f.OfferEnded)}
    reached: set[tuple[str, str]] = set()
    for story in (
        lambda: made(chosen(linked())) >> i.ReceiptFetched("R2", "pdf"),
        lambda: made(chosen(linked())).wait(60).tick(),
        lambda: chosen(linked()).wait(60).tick(),
    ):
        before = "none"
        for line in story().lines:
            for fact in line["facts"]:
                if fact["kind"] in kinds:
                    reached.add((before, fact["kind"]))
                    before = OFFER_TABLE[before, fact["kind"]]
    assert reached == set(OFFER_TABLE)


class Handing:
    """Steps of hand-over in any order; the playbook checks after each that a replay gives the same state."""

    def __init__(self, seed: int) -> None:
        self.random, self.book = random.Random(seed), linked()

    def step(self) -> None:
        book, pick = self.book, self.random.choice
        number = str(self.random.randint(2, book.state.receipt + 1))
        some = pick([*book.state.offers, "R2", f"R{number}"])
        match self.random.randrange(9):
            case 0 | 1:
                (book >> add()) >> command("sale.hand_over", by=pick(["link", "qr", "paper"]))
                book >> cash()
                if self.random.random() < 0.8:
                    book.sign()
            case 2:
                made(book, some)
            case 3:
                book >> i.ReceiptFetched(some, "html")
            case 4:
                book >> i.ReceiptOfferFailed(some, "too_large")
            case 5:
                book >> device(pick([DEVICE, "printer"]), pick(["ready", "ready", "error"]))
            case 6:
                book.wait(pick([1, 20, 70])).tick()
            case 7:
                name = pick(["receipt.print", "receipt.offer", "receipt.reprint"])
                book >> pick([command("receipt.take"), command(name), command(name, receipt=number)])
            case _:
                pick([book.paper, book.sign, lambda: book.restart().tse_opens()])()


@pytest.mark.parametrize("seed", range(12))
def test_there_is_one_original_in_any_order_of_things(seed: int) -> None:
    handing = Handing(seed)
    for _ in range(60):
        handing.step()
    book = handing.book
    book.sign() >> device("printer", "ready")
    book.paper()
    fetched = [fact.document for fact in book.facts(f.ReceiptFetched)]
    assert len(fetched) == len(set(fetched)), "fetched is recorded once"
    jobs = {wish.id: str(wish.args["document"]) for wish in book.wishes("print")}
    done = [jobs[fact.job] for fact in book.facts(f.PrintDone) if fact.result in ("confirmed", "unknown")]
    originals = [document for document in done if "-K" not in document]
    assert len(originals) == len(set(originals)), "printed once"
    assert not set(fetched) & set(originals), "who has it on the phone has no second original on paper"
    waiting = {document for document, one in book.state.offers.items() if one.status != "fetched"}
    sold = {fact.document.id for fact in book.facts(f.SaleFinished) if fact.document.kind == "sale"}
    assert sold == set(originals) | {d for d in fetched if "-K" not in d} | {
        d for d in waiting if "-K" not in d
    }
