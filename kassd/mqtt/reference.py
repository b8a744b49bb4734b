"""The generated parts of ``docs/mqtt.md``: the tables of commands and of reply codes."""

import dataclasses
import re
import sys
from pathlib import Path

from kassd.core.arguments import Arguments
from kassd.core.codes import CODES
from kassd.core.commands import COMMANDS

_MARKS = re.compile(r"(<!-- (codes|commands): [^\n]*-->\n).*?(<!-- /\2 -->)", re.DOTALL)
_COMMON = {field.name for field in dataclasses.fields(Arguments)}


def command_table() -> str:
    """The commands as a Markdown table: arguments (those in italics may be left out), the right, the act."""
    rows = []
    for name, cls in COMMANDS.items():
        fields = [field for field in dataclasses.fields(cls) if field.name not in _COMMON]
        arguments = ", ".join(f"`{f.name}`" if _required(f) else f"*`{f.name}`*" for f in fields)
        what = " ".join((cls.__doc__ or "").replace("``", "`").split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {arguments} | {cls.right} | {what} |\n")
    return "| command | arguments | right | what it does |\n|---|---|---|---|\n" + "".join(rows)


def _required(field: "dataclasses.Field[object]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def code_table() -> str:
    """The codes as a Markdown table."""
    rows = [
        f"| `{name}` | `{code.status}` | {code.message} | {code.next} |\n" for name, code in CODES.items()
    ]
    return "| code | status | message | next |\n|---|---|---|---|\n" + "".join(rows)


def refreshed(page: str) -> str:
    """The page with its tables as they should be. A page without the marks comes back unchanged."""
    tables = {"codes": code_table, "commands": command_table}
    return _MARKS.sub(lambda marks: f"{marks[1]}\n{tables[marks[2]]()}\n{marks[3]}", page)


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/mqtt.md")
    path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
