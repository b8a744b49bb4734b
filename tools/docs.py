"""Make the generated pages of docs/ (or check that they are fresh: ``--check``).

Configuration, catalogue, commands and facts are written from the code that defines them; the state diagrams of
``docs/architecture.md`` from the transition tables, between markers.
"""

import argparse
import dataclasses
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from kassd import settings
from kassd.catalog import columns, schema
from kassd.cli.main import parser
from kassd.core import catalog, facts, state, vat
from kassd.core.barcodes import reading
from kassd.core.cards.state import CHARGE_TABLE
from kassd.devices.terminal.zvt.session import SESSION_TABLE
from kassd.fiscal import audit
from kassd.fiscal.query import VIEWS

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Written by `make docs`; do not edit. -->\n"


def diagram(table: Mapping[tuple[str, str], str]) -> str:
    """A transition table as a Mermaid state diagram."""
    rows = ["```mermaid", "stateDiagram-v2"]
    names: dict[str, str] = {}
    for (before, _), after in table.items():
        for name in (before, after):
            names.setdefault(name, re.sub(r"\W+", "_", name))
    rows += [f'    state "{name}" as {key}' for name, key in names.items() if name != key]
    merged: dict[tuple[str, str], list[str]] = {}
    for (before, event), after in table.items():
        merged.setdefault((before, after), []).append(event)
    for (before, after), events in merged.items():
        rows.append(f"    {names[before]} --> {names[after]}: {', '.join(events)}")
    return "\n".join([*rows, "```"])


TABLES: dict[str, Mapping[tuple[str, str], str]] = {
    "sale": state.SALE_TABLE,
    "transaction": state.TRANSACTION_TABLE,
    "print": state.PRINT_TABLE,
    "session": SESSION_TABLE,
    "charge": CHARGE_TABLE,
}


def architecture(text: str) -> str:
    """The page with its diagrams made anew between ``<!-- diagram: x -->`` and ``<!-- end -->``."""

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        return f"<!-- diagram: {name} -->\n{diagram(TABLES[name])}\n<!-- end -->"

    return re.sub(r"<!-- diagram: (\w+) -->.*?<!-- end -->", fill, text, flags=re.DOTALL)


def _type_name(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(f"`{value!r}`".replace("'", '"') for value in get_args(hint))
    if get_origin(hint) is tuple:
        return f"list of {_type_name(get_args(hint)[0])}"
    if get_origin(hint) is Annotated:
        return _type_name(get_args(hint)[0])
    if get_origin(hint) is dict:
        return f"table of {_type_name(get_args(hint)[1])}"
    if get_origin(hint) in (UnionType, Union):
        return " or ".join(_type_name(arg) for arg in get_args(hint) if arg is not type(None))
    names = {"str": "text", "int": "integer", "float": "number", "Path": "path", "bool": "boolean"}
    name = getattr(hint, "__name__", str(hint))
    return {**names, "Decimal": "decimal"}.get(name, name)


def _model_of(hint: Any) -> type[BaseModel] | None:
    for candidate in (hint, *get_args(hint)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _section(name: str, model: type[BaseModel], repeated: bool) -> list[str]:
    head = f"## `[[{name}]]`" if repeated else f"## `[{name}]`"
    intro = " ".join((model.__doc__ or "").split(": ", 1)[-1].split())
    rows = [
        head,
        "",
        intro[:1].upper() + intro[1:],
        "",
        "| key | type | default | what |",
        "|---|---|---|---|",
    ]
    nested: list[str] = []
    for key, field in model.model_fields.items():
        inner = _model_of(field.annotation)
        if inner is not None and get_origin(field.annotation) is not tuple:
            nested += ["", *_section(f"{name}.{key}", inner, False)]
            continue
        default = "**required**" if field.is_required() else f"`{_shown(field.default)}`"
        rows.append(f"| `{key}` | {_type_name(field.annotation)} | {default} | {field.description} |")
    return (rows if len(rows) > 6 else []) + nested


def _shown(value: Any) -> str:
    if value in (None, "", (), {}):
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def configuration(_: str) -> str:
    """docs/configuration.md."""
    rows = [
        NOTE,
        "# Configuration",
        "",
        "TOML at `/etc/kassd/kassd.toml`, elsewhere with `--config FILE` or `KASSD_CONFIG`. Every scalar key can be",
        "set as `KASSD_SECTION__KEY` (`KASSD_JOURNAL__ALIGN=16384`), a list as one JSON value",
        '(`KASSD_SCANNER=\'[{"name": "scanner", "driver": "serial", "port": "/dev/ttyACM0"}]\'`). An unknown key, an',
        "unknown `KASSD_*` variable and a text with a line break or another control character stop the start with exit",
        "code 78 and a sentence that names section, key and line. `kassd config check` checks without starting",
        "anything; `kassd config example` prints what follows. The articles have a file of their own:",
        "[catalog.md](catalog.md).",
        "",
        "Secrets never stand in the file: a key that ends in `_credential` names a file in",
        "`$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`), else in `/etc/kassd/credentials` (mode 0600). An",
        "account without its password is an error, not a login without one.",
        "",
        "The file is compared with the master data in force at each start. Company, place, TSE and tax keys change",
        "with the next closing, everything else at once; each difference is a fact in the journal.",
        "",
        "```toml",
        settings.EXAMPLE.rstrip(),
        "```",
    ]
    for name, field in settings.Settings.model_fields.items():
        model = _model_of(field.annotation)
        assert model is not None
        rows += ["", *_section(name, model, get_origin(field.annotation) is tuple)]
    return "\n".join(rows) + "\n"


GOODS = """\
## Deposit

A deposit class is an article of `kind` `deposit`: its price and its tax key are those of each package, out and
back. An article names its classes in `deposit`; each becomes a line of its own (GV_TYP Pfand) beside the goods,
is taken back together with them and follows their quantity. `deposit.return` takes counted packages back at the
class's rate (PfandRueckzahlung); what is due to the customer is paid out by `sale.pay`. No command pays out an
amount without packages. At a station that nobody attends it needs the right approve.

## Combos

`parts` make an article a combo at one price. Its price is split over the tax keys of its parts, exact to the
cent (largest remainder; of equal remainders the lower key gets the cent), by `split`: `prices`, the parts'
single prices of that moment; `70/30`, 70 % at key 2 and 30 % at key 1 (UStAE 10.1 (12)); `85/15`, a hotel's night
with its business package, 85 % and 15 % (UStAE 12.16 (12)); `costs`, the parts'
`cost`. Where all parts have one key the line has that key.

A combo is as limited as its parts: the highest age class, their chargers, refused where nobody attends. What is not
`reducible` (§ 28 TabStG, § 3 BuchPrG) and what is sold for another agency than the combo's cannot be a part.

## Prices

The catalogue's price, unless a `[[price_list]]` has another for the day and time; the line keeps both, and why.
A lower one states the lowest price of the 30 days before it came into force (`lowest_price` of the line, of
`state/sale` and of `article.price`; § 11 PAngV): the register's own changes of prices, and what its price lists
made of them, also the same list's on other days. `lowest_price = false` is for goods about to perish that are
marked so, and for meals and drinks of a restaurant. `article.price` says it for 30 days of a changed catalogue
price as well, for labels. A single customer's discount states nothing.
What is not `reducible` has its catalogue price at every hour and no other by hand. `sale.add` with a `price` for
an article needs the right price. `bundles` ("3 for 5.00") and `steps` ("from 10 on 0.45 each") leave the goods
their price and add a line Rabatt (Mengenrabatt), corrected whenever lines come or go; lines at another price
than the catalogue's, and under another tax key, are counted apart. With a `mix` several articles count
together, the dearest first; they should have the same `bundles` or `steps`. A price on a label goes before the
catalogue's.

## Consumed on site or taken away

`vat_in_house` and `vat_take_away` are the tax keys that differ from `vat`. What applies is said with `sale.add`,
else for the whole sale (`sale.set_in_house`), else it is the station's (`[[station]] in_house`), else the
register's. A line that changes is taken back and entered anew: the price stays, the tax follows.

## Age and quantity

With `age` 16 or 18 a sale cannot be paid before `sale.approve_age`, which needs the right approve: once per sale
for the highest class; who, when, where and from which client is recorded, a date of birth is not. Where nobody
attends (`[[station]] attended = false`) such goods are refused, or with `age_gate = "attendant"` wait for an
attendant's own client. `nitrous_oxide` counts the chargers in a piece: at most 10 in a sale whatever the
article, 18 years, never unattended; nobody can approve more. More than `max_per_sale` needs `over_limit` and the
right approve.
"""


def catalogue(_: str) -> str:
    """docs/catalog.md."""
    rows = [
        NOTE,
        "# Catalogue",
        "",
        "The articles come from the JSON file that `[catalog] file` names. `kassd config example --catalog` prints",
        "what follows, `kassd config check` checks a file without starting anything. Without a catalogue a register",
        "sells open items (text, price, tax key).",
        "",
        "```json",
        catalog.EXAMPLE.rstrip(),
        "```",
        "",
        "The file's form as a JSON Schema (2020-12): [catalog.schema.json](catalog.schema.json), `kassd catalog schema`.",
        "",
        "The file is read at each start and at `catalog.reload`. If it is wrong anywhere the whole of it is refused, with the number of",
        "every bad line, and the articles in force stay (alert `catalog-refused`). What differs from the articles in",
        "force applies at once, each difference as a fact in the journal; an article that is not in the file any more",
        "is sold no longer. A file that has not changed does not undo what the command `catalog.put` has set since.",
        "",
        "## Keys of an article",
        "",
        "| key | type | needed | what |",
        "|---|---|---|---|",
    ]
    for name, hint in get_type_hints(catalog.Article).items():
        field = catalog.Article.__dataclass_fields__[name]
        needed = "**yes**" if field.default is dataclasses.MISSING else "no"
        rows.append(f"| `{name}` | {_type_name(hint)} | {needed} | {field.metadata['what']} |")
    rows += [
        "",
        f"A text is one line of at most {catalog.MAX_TEXT} characters, a price at most {catalog.MAX_PRICE:,} cents; an",
        f"article has up to {catalog.MAX_CODES} codes. Unknown keys are refused.",
        "",
        *GOODS.splitlines(),
        "",
        "## Codes",
        "",
        "A code is what the scanner sends for a barcode: an EAN/GTIN, or any text of one's own (Code 128, QR). It",
        "belongs to one article. Refused are codes that would never be read as an article:",
        "",
        "- 8, 12, 13 or 14 digits whose last one is not the check digit. A number of one's own needs another length,",
        "  a letter, or the right digit (the ranges 20 to 29 of EAN-13 and 2 of EAN-8 are free for use in a shop);",
        "- what begins with the prefix of the control barcodes (`[register] control_prefix`, `KASSD`).",
        "",
        "A leading zero makes no difference: UPC-A `036000291452` is also found as EAN-13 `0036000291452`. What the",
        "register takes from codes that no article lists (weights, prices, dates): [barcodes.md](barcodes.md).",
        "",
        "## Tax keys",
        "",
        "| `vat` | on the receipt | what | rates in percent, each from its first day |",
        "|---|---|---|---|",
    ]
    rows += [*_tax_rows(), "", *_tables()]
    return "\n".join(rows) + "\n"


def _tax_rows() -> Iterator[str]:
    for key in vat.KEYS.values():
        rates = ", ".join(f"{rate} ({day})" for day, rate in key.rates)
        yield f"| `{key.key}` | {key.code} | {key.name} | {rates} |"


def _tables() -> Iterator[str]:
    """How spreadsheets become a catalogue."""
    yield from (
        "## From a spreadsheet, and back",
        "",
        "`kassd catalog check FILE` reads JSON, CSV or XLSX and says everything that is wrong with it, by sheet, row",
        "and column. `kassd catalog diff FILE` shows what it would change, `kassd catalog import FILE` shows it, asks,",
        "writes `[catalog] file` (the old one stays beside it as `….old`) and lets the running register take it. The",
        "whole file is taken or nothing of it; each change is a fact with the old and the new article, who, and how.",
        "In production the command line is a client, too: without the right `catalog` for `[[client]] name =",
        '"console"` nothing is written. `kassd catalog export FILE` writes the articles in force; reading it again',
        "changes nothing.",
        "",
        "- CSV: `;`, `,`, tab or `|`, also named by a first line `sep=;`; UTF-8, UTF-16 with its mark, Windows-1252.",
        "- XLSX: the one visible sheet that has articles, or `--sheet NAME`. Formulas count with the value stored with",
        "  them. At most 50 MB unpacked. Merged cells among the articles are refused.",
        "- The titles stand in one of the first 30 rows: an article number and at least one more. What stands above them",
        "  and empty rows count for nothing; columns the register does not know are named and left out.",
        "- Prices are gross, in euros: `1.234,56 €`, `1,234.56`, `5,-`. What could mean two amounts (`1.234`) is refused.",
        "- A tax rate is `19 %`, the letter of its key (`A`), or a number: below `Steuersatz` or `MwSt` a percentage,",
        "  below `Steuerschlüssel` a key. A bare `7` as a key is refused.",
        "- Several codes stand in one cell (`,` `;` or a new line between them) or in several columns (`EAN`, `EAN 2`).",
        "  `4,00638E+12` is refused. Zeros that a GTIN has lost at its beginning are put back where its check digit",
        "  proves it, and that is said.",
        "- Days: `01.12.2026`, `2026-12-01` or a date of the spreadsheet. Yes and no: `ja`, `nein`; `x` where no is usual.",
        "- Lists: `2 x pfand-25; pfand-8`, `3: 5,00; 6: 9,00`, else JSON as above.",
        "- An empty cell is the key's default. What the table has no column for stays as it is in force; a new article",
        "  needs all four that are needed. An article that is not in the file goes, unless `--partial` is given.",
        "",
        "| key | title | is also read from |",
        "|---|---|---|",
    )
    for name, column in columns.COLUMNS.items():
        known = {columns.plain(name), columns.plain(column.title)}
        others = ", ".join(other for other in columns.names_of(name) if other not in known)
        yield f"| `{name}` | {column.title} | {others} |"
    yield from (
        "",
        "Case, blanks, signs and umlauts make no difference in titles: `MwSt.-Satz (%)` is `mwstsatz`.",
    )


def catalog_schema(_: str) -> str:
    """docs/catalog.schema.json."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def _options(parser: argparse.ArgumentParser, indent: str = "") -> Iterator[str]:
    """What a command or action takes besides what all take."""
    for option in parser._actions:
        if isinstance(option, argparse._SubParsersAction):
            for kind, inner in option.choices.items():
                what = next(a.help for a in option._choices_actions if a.dest == kind)
                yield f"- `{kind}`: {what}"
                yield from _options(inner, "  ")
        elif option.dest not in ("help", "config"):
            choices = f" ({', '.join(option.choices)})" if option.choices else ""
            what = f": {option.help}" if option.help else ""
            yield f"{indent}- `{', '.join(option.option_strings) or option.dest}`{choices}{what}"


def commands(_: str) -> str:
    """docs/commands.md."""
    rows = [NOTE, "# Command line", "", "All commands take `--config FILE`; exit codes follow sysexits.", ""]
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    for name, sub in action.choices.items():
        what = sub.description or ""
        options = list(_options(sub))
        rows += [
            f"## `kassd {name}`",
            "",
            f"{what[:1].upper()}{what[1:]}.",
            "",
            *options,
            *(options and [""]),
        ]
    return "\n".join(rows).rstrip() + "\n"


def fact_list(_: str) -> str:
    """docs/facts.md."""
    rows = [
        NOTE,
        "# Facts",
        "",
        'What the register writes into its journal: `{"kind", "data"}`. Amounts are integer cents, quantities',
        "decimal strings, times RFC 3339 with the register's offset. Keys with their default are left out; readers",
        "ignore keys and kinds they do not know. Facts of the journal itself (`journal.*`) are described in",
        "[journal-format.md](journal-format.md).",
        "",
    ]
    for kind, cls in sorted(facts.KINDS.items()):
        text = (cls.__doc__ or "").strip()
        if text.startswith(f"{cls.__name__}("):
            text = ""
        names = ", ".join(f"`{name}`" for name in cls.__dataclass_fields__)
        rows += [f"## `{kind}`", "", *([" ".join(text.split()), ""] if text else []), f"Keys: {names}", ""]
    return "\n".join(rows).rstrip() + "\n"


def barcodes(text: str) -> str:
    """docs/barcodes.md: its list of findings."""
    rows = ["| id | | what is said |", "|---|---|---|"]
    rows += [f"| `{id}` | {severity} | {words} |" for id, (severity, words) in reading.PROBLEMS.items()]
    return re.sub(
        r"<!-- findings -->.*?<!-- end -->",
        lambda _: "\n".join(["<!-- findings -->", *rows, "<!-- end -->"]),
        text,
        flags=re.DOTALL,
    )


def query(text: str) -> str:
    """The page with the tables of ``kassd query`` made anew."""
    rows = ["<!-- tables -->"]
    for view in VIEWS.values():
        rows += [f"### `{view.name}`", "", f"{view.means}.", "", "| column | | |", "|---|---|---|"]
        rows += [f"| `{column.name}` | {KINDS[column.kind]} | {column.means} |" for column in view.columns]
        rows.append("")
    return re.sub(
        r"<!-- tables -->.*?<!-- end -->", "\n".join([*rows, "<!-- end -->"]), text, flags=re.DOTALL
    )


KINDS = {"text": "Text", "day": "Tag", "number": "Zahl", "euro": "Betrag", "quantity": "Menge", "flag": "0/1"}


def audit_checks(text: str) -> str:
    """docs/audit.md: its list of checks."""
    needs = {"": "", "tar": "--tar", "journal": "--journal", "log": "--log"}
    rows: list[str] = []
    for letter, name in audit.GROUPS.items():
        rows += [
            f"### {letter}: {name}",
            "",
            "| id | severity | needs | what must hold |",
            "|---|---|---|---|",
        ]
        rows += [
            f"| `{check.id}` | {check.severity} | {needs[check.needs]} | {check.title} |"
            for check in audit.CHECKS.values()
            if check.group == letter
        ]
        rows.append("")
    text = re.sub(
        r"<!-- checks -->.*?<!-- end -->",
        lambda _: "\n".join(["<!-- checks -->", "", *rows, "<!-- end -->"]),
        text,
        flags=re.DOTALL,
    )
    return re.sub(
        r"<!-- limits -->.*?<!-- end limits -->",
        lambda _: "\n".join(["<!-- limits -->", *audit_limits(), "<!-- end limits -->"]),
        text,
        flags=re.DOTALL,
    )


def audit_limits() -> Iterator[str]:
    """docs/audit.md: what is not found, by file."""
    yield "| file | columns, or row | change | not found |"
    yield "|---|---|---|---|"
    for limit in audit.LIMITS:
        columns = ", ".join(f"`{column}`" for column in limit.columns if column) or "row"
        yield f"| `{limit.file}` | {columns} | {', '.join(limit.changes)} | {limit.why} |"


PAGES: dict[str, Callable[[str], str]] = {
    "architecture.md": architecture,
    "audit.md": audit_checks,
    "barcodes.md": barcodes,
    "query.md": query,
    "configuration.md": configuration,
    "catalog.md": catalogue,
    "catalog.schema.json": catalog_schema,
    "commands.md": commands,
    "facts.md": fact_list,
}


def main() -> int:
    """Write the pages; with ``--check`` say which are stale instead (exit code 1)."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, make in PAGES.items():
        file = DOCS / name
        old = file.read_text(encoding="utf-8") if file.exists() else ""
        new = make(old)
        if old != new:
            stale.append(name)
            if not check:
                file.write_text(new, encoding="utf-8")
    for name in stale:
        print(f"docs/{name}: {'stale, run make docs' if check else 'written'}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
