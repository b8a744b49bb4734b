"""Reads ``docs/business-cases.md`` and plays its rows."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kassd import settings
from kassd.core import facts as f
from kassd.core.codec import decode
from kassd.core.goods.article import Article
from kassd.core.inputs import CatalogOffered
from kassd.core.totals import payment_rows
from kassd.receipt.layout import layout
from kassd.receipt.page import to_text
from tests.core.playbook import Playbook, command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "business-cases.md"
LISTS = ("GV_TYP", "BON_TYP", "ZAHLART_TYP")
COMMAND = re.compile(r"`([a-z_]+\.[a-z_]+) (\{.*?\})`(?:<br>|$)")
QUOTED = re.compile(r'"([^"]+)"')
WIDE = 64  # no row is broken
DEVICES = {
    "printer.printer.name": "printer",
    "drawer.drawer.name": "drawer",
    "drawer.drawer.driver": "printer",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one of the three tables. ``receipt`` and ``report``: what is quoted of the slips."""

    kind: str
    value: str
    commands: tuple[tuple[str, dict[str, Any]], ...]
    receipt: tuple[str, ...]
    report: tuple[str, ...]
    rule: str


def rows() -> list[Row]:
    """Every row of the three tables."""
    found, kind = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"\|(?= |$)", line)][1:-1] if line.startswith("| ") else []
        if not cells:
            kind = "" if line.startswith("#") else kind
        elif cells[0] in LISTS:
            kind = cells[0]
        elif kind:
            value, commands, receipt, report, rule = cells
            found.append(Row(kind, value, _commands(commands), _quoted(receipt), _quoted(report), rule))
    return found


def _commands(cell: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    found = tuple((name, json.loads(args)) for name, args in COMMAND.findall(cell))
    assert len(found) == cell.count("<br>") + 1, f"unreadable: {cell}"
    return found


def _quoted(cell: str) -> tuple[str, ...]:
    return tuple(QUOTED.findall(cell))


def block(language: str) -> str:
    """The page's first block of code in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def setting(folder: Path) -> Playbook:
    """A commissioned register as the page sets it up, not yet open."""
    file = folder / "kassd.toml"
    file.write_text(block("toml"), encoding="utf-8")
    book = Playbook()
    book.config = settings.flatten(settings.load(file, {})) | DEVICES
    book.commissioned()
    articles = tuple(decode(Article, article) for article in json.loads(block("json"))["articles"])
    book >> CatalogOffered(articles, (), "catalogue")
    assert set(book.state.catalog.articles) == {article.id for article in articles}
    return book


def play(book: Playbook, row: Row) -> Playbook:
    """The row's commands, each carried out to its slip; the X comes last."""
    first = () if row.commands[0][0] == "till.open" else (("till.open", {"counted": 0}),)
    number = ""
    for name, args in (*first, *row.commands, ("till.report", {})):
        told = {key: number if value == "NUMBER" else value for key, value in args.items()}
        reply = (book >> command(name, **told)).replies[-1]
        assert reply["status"] in ("ok", "accepted"), (name, args, reply)
        number = str(reply.get("result", {}).get("number", number))
        book.done()
    return book


def slips(book: Playbook) -> tuple[list[str], list[str]]:
    """Texts of all slips that were printed, and of the X and Z among them, blanks made single."""
    documents = {
        fact.document.id: fact.document
        for cls in (f.SaleFinished, f.ReportMade, f.TillClosed)
        for fact in book.facts(cls)
    }
    wished = [wish.args["document"] for wish in book.wishes("print")]
    printed: tuple[list[str], list[str]] = [], []
    for document in (documents[name] for name in wished if name in documents):
        text = " ".join(to_text(layout(document, WIDE), WIDE).split())
        printed[document.kind == "report"].append(text)
    return printed


def outcome(book: Playbook, kind: str) -> set[str]:
    """Which values of a list the finished processes have: as they are exported."""
    finished = {fact.sale: fact for fact in book.facts(f.SaleFinished)}
    if kind == "BON_TYP":
        return {fact.bon_type for fact in finished.values()}
    if kind == "GV_TYP":
        lines = [line for line in book.facts(f.LineAdded) if line.sale in finished]
        return {line.case for line in lines if finished[line.sale].bon_type == "Beleg"}
    paid: dict[str, list[Any]] = {sale: [] for sale in finished}
    for payment in book.facts(f.PaymentAdded):
        paid[payment.sale].append(payment)
    cash_only = {fact.sale for fact in book.facts(f.SaleOpened) if fact.kind_of == "cash"}
    return {
        name
        for sale, fact in finished.items()
        if sale not in cash_only
        for name, _, _ in payment_rows(fact.bon_type, paid[sale])
    }
