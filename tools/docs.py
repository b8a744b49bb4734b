"""Make the generated pages of docs/ (or check that they are fresh: ``--check``).

Configuration, commands and facts are written from the code that defines them; the state diagrams of
``docs/architecture.md`` from the transition tables, between markers.
"""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from kassd import settings
from kassd.cli.main import parser
from kassd.core import facts, state

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
    if get_origin(hint) in (UnionType, Union):
        return " or ".join(_type_name(arg) for arg in get_args(hint) if arg is not type(None))
    return {"str": "text", "int": "integer", "float": "number", "Path": "path", "bool": "boolean"}.get(
        getattr(hint, "__name__", ""), str(hint)
    )


def _model_of(hint: Any) -> type[BaseModel] | None:
    for candidate in (hint, *get_args(hint)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _section(name: str, model: type[BaseModel], repeated: bool) -> list[str]:
    head = f"## `[[{name}]]`" if repeated else f"## `[{name}]`"
    intro = (model.__doc__ or "").split(": ", 1)[-1].strip()
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
    if value is None or value == "" or value == ():
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
        '(`KASSD_SCANNER=\'[{"name": "scanner", "driver": "serial", "port": "/dev/ttyACM0"}]\'`). An unknown key and',
        "an unknown `KASSD_*` variable stop the start with exit code 78 and a sentence that names section, key and",
        "line. `kassd config check` checks without starting anything; `kassd config example` prints what follows.",
        "",
        "Secrets never stand in the file: a key that ends in `_credential` names a file in",
        "`$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`) or in `/etc/kassd/credentials` (mode 0600).",
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


def commands(_: str) -> str:
    """docs/commands.md."""
    rows = [NOTE, "# Command line", "", "All commands take `--config FILE`; exit codes follow sysexits.", ""]
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    for name, sub in action.choices.items():
        rows += [f"## `kassd {name}`", "", (sub.description or "").capitalize() + ".", ""]
        for option in sub._actions:
            flags = ", ".join(option.option_strings) or option.dest
            if isinstance(option, argparse._SubParsersAction):
                for kind, inner in option.choices.items():
                    rows.append(f"- `{kind}`")
                    rows += [
                        f"  - `{', '.join(o.option_strings)}`" for o in inner._actions if o.option_strings
                    ]
            elif option.dest not in ("help",):
                choices = f" ({', '.join(option.choices)})" if option.choices else ""
                rows.append(
                    f"- `{flags}`{choices}: {option.help}" if option.help else f"- `{flags}`{choices}"
                )
        rows.append("")
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


PAGES: dict[str, Callable[[str], str]] = {
    "architecture.md": architecture,
    "configuration.md": configuration,
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
