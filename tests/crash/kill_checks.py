"""What must hold after every restart, and what must hold in the end."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from kill_book import Book, Sale

from kassd.journal import verify_journal
from kassd.sim.world import World
from kassd.sim.world_journal import follow
from kassd.tse.log.messages import LogMessage, TransactionData, parse
from kassd.tse.log.tar import TarReader

Reply = dict[str, Any]
SAID = {"sale.add": "sale.line_added", "sale.pay": "sale.payment_added", "till.open": "till.opened"}


def papers(texts: list[tuple[str, ...]]) -> list[tuple[int, bool]]:
    """(receipt number, whether it says KOPIE) of every receipt on the paper, also of one that was begun
    below the torn rest of another."""
    found, copy = [], False
    for text in texts:
        for line in text:
            if line.strip() == "KOPIE":
                copy = True
            elif "Beleg-Nr. " in line:
                found.append((int(line.rpartition(" ")[2]), copy))
                copy = False
    return found


@dataclass(slots=True)
class Checker:
    """Follows one world over its lives. ``heard``: replies that reached the client since the last check, by
    (client, id); ``paper``: what has been printed, of ``slips`` slips."""

    world: World
    book: Book = field(default_factory=Book)
    heard: dict[tuple[str, str], tuple[str, Reply]] = field(default_factory=dict)
    paper: list[tuple[int, bool]] = field(default_factory=list)
    slips: int = 0

    def hear(self, client: str, name: str, id: str, reply: Reply) -> None:
        """A reply reached the client."""
        self.heard[client, id] = name, reply

    def read(self) -> Book:
        """The book as of now."""
        for line in follow(self.world.stage.journal, self.book.next_seq):
            self.book.take(line)
        return self.book

    def after_restart(self) -> None:
        """The register sells again: what was acknowledged is there, what was open goes on."""
        verdict = verify_journal(self.world.stage.journal, deep=False)
        assert verdict.ok, verdict.findings
        book = self.read()
        self._replies(book)
        self._current(book)
        self._devices(book)
        for sale in book.touched:
            _once(book.sales[sale])
        book.touched.clear()

    async def in_the_end(self) -> None:
        """The register has stopped and nothing is under way: journal, TSE and paper agree."""
        verdict = self.world.verify()
        assert verdict.ok, verdict.findings
        book = self.read()
        assert book.settled, (book.wishes, [s.id for s in book.sales.values() if not s.ends])
        self._replies(book)
        self._devices(book)
        self._numbers(book)
        self._papers(book)
        archive, verdict = await self.world.tse_archive()
        assert verdict.ok, verdict.findings
        members = [m for m in TarReader().feed(archive) if m.name.endswith(".log")]
        agree(book, [parse(member.data) for member in members])

    def _replies(self, book: Book) -> None:
        for key, (name, reply) in self.heard.items():
            if reply["status"] not in ("ok", "accepted"):
                continue
            assert key in book.replies, f"{name} {key} was acknowledged and is not in the journal"
            written, facts = book.replies[key]
            assert {k: v for k, v in reply.items() if k != "duplicate"} == written
            if name in SAID:
                kinds = [fact["kind"] for fact in facts]
                assert SAID[name] in kinds or (name == "sale.pay" and "card.asked" in kinds)
        self.heard.clear()  # what is in the journal stays there: the chain is verified as well

    def _current(self, book: Book) -> None:
        shown, sale = self.world.state("sale"), book.current
        assert shown["boot"] == self.world.boot
        if sale is None:
            assert shown["status"] not in ("open", "paying"), shown
            return
        told = (shown["id"], shown["status"], len(shown["lines"]), shown["total"], shown["paid"])
        status = "paying" if sale.payments else "open"
        assert told == (sale.id, status, len(sale.lines), sale.total, sale.paid_sum)

    def _devices(self, book: Book) -> None:
        assert self.world.printer is not None
        assert self.world.printer.kicks <= book.drawer_wishes <= book.cash_payments
        originals = Counter(number for number, copy in self.printed() if not copy)
        twice = [number for number, times in originals.items() if times > 1]
        assert not twice, f"originals printed twice: {twice}"

    def printed(self) -> list[tuple[int, bool]]:
        """All that lies under the printer; see :func:`papers`."""
        assert self.world.printer is not None
        new = self.world.printer.slips[self.slips :]
        self.paper += papers([slip.text for slip in new])
        self.slips += len(new)
        return self.paper

    def _numbers(self, book: Book) -> None:
        numbers = [data["number"] for sale in book.sales.values() for data in sale.numbered]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))

    def _papers(self, book: Book) -> None:
        """Every receipt lies under the printer, as the original or, where that is unknown, as KOPIE; one
        whose KOPIE died as well is left to a person, who was told."""
        there = {number for number, _ in self.printed()}
        for document, results in book.prints.items():
            number, is_copy, _ = document.removeprefix("R").partition("-K")
            if is_copy and results == ["unknown"] == book.prints.get(f"R{number}"):
                there.add(int(number))
        receipts = {
            sale.ends[0]["number"] for sale in book.sales.values() if sale.kind == "sale" and sale.paid
        }
        assert receipts <= there, f"never printed: {sorted(receipts - there)}"


def _once(sale: Sale) -> None:
    """No Vorgang starts, is numbered, is signed or ends twice; a paid sale is no abort."""
    where = sale.id
    for facts in (sale.starts, sale.numbered, sale.finishes, sale.ends):
        assert len(facts) <= 1, where
    assert sale.kind != "orphan", f"{where}: a transaction nobody owned"
    assert not (sale.paid and sale.aborting), where
    for end in sale.ends:
        assert end["bon_type"] == ("AVBelegabbruch" if sale.aborting else "Beleg"), where
        assert sale.paid_sum == (0 if sale.aborting else sale.total), where
        assert sale.numbered[0]["process_data"] == sale.process_data, where
        sealed = "seal" in end["document"]
        assert sealed == bool(sale.finishes), where
        assert sealed == (not end.get("outage")), where


def agree(book: Book, messages: list[LogMessage]) -> None:
    """The TSE's own store and the Vorgänge, one to one: every transaction is one Vorgang's, every Vorgang
    with a seal is one finished transaction with exactly its process data."""
    starts, finishes = dict[int, LogMessage](), dict[int, LogMessage]()
    for message in messages:
        data = message.data
        if isinstance(data, TransactionData):
            assert data.operation in ("start", "finish")
            of_kind = starts if data.operation == "start" else finishes
            assert data.transaction_number not in of_kind, f"{data.operation} twice: {data}"
            of_kind[data.transaction_number] = message
    assert set(starts) == set(finishes), "transactions left open"
    owners = dict[int, str]()
    for sale in book.sales.values():
        answers = [*sale.starts, *(late for late in sale.late if late["operation"] == "start")]
        for answer in answers:
            number = answer["transaction_number"]
            assert number not in owners, f"{sale.id} and {owners[number]} share transaction {number}"
            owners[number] = sale.id
            assert answer["signature_counter"] == starts[number].signature_counter
        ends = [*sale.finishes, *(late for late in sale.late if late["operation"] == "finish")]
        for answer in ends:
            message = finishes[answer["transaction_number"]]
            assert owners[answer["transaction_number"]] == sale.id
            assert isinstance(message.data, TransactionData)
            assert message.data.process_data.decode() == sale.process_data, sale.id
            assert message.signature_counter == answer["signature_counter"]
        _sealed(sale, finishes)
    assert set(owners) == set(starts), f"transactions without a Vorgang: {sorted(set(starts) - set(owners))}"


def _sealed(sale: Sale, finishes: dict[int, LogMessage]) -> None:
    _once(sale)
    assert sale.ends, sale.id
    seal = sale.ends[0]["document"].get("seal")
    if seal is not None:
        assert seal["process_data"] == sale.process_data
        assert seal["signature_counter"] == finishes[seal["transaction_number"]].signature_counter
