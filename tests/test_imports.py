"""Who may import whom (the table in CONTRIBUTING.md, kept by reading the source)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kassd"

COMMON = ("kassd.errors", "kassd.clock", "kassd.supervise")
EVERYONE = ("kassd",)
DEFERRED = ("kassd.deferred",)  # the dataclass of the house

# Room → what it may import of the house besides itself; a name stands for everything below it.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "errors": (),
    "deferred": (),
    "clock": ("kassd.errors",),
    "workers": (),
    "supervise": ("kassd.errors", "kassd.clock"),
    "core": ("kassd.errors",),
    "journal": (*COMMON, "kassd.workers", "kassd.core"),
    "tse": (*COMMON, "kassd.core"),
    "devices": (*COMMON, "kassd.core"),
    "receipt": (*COMMON, "kassd.core"),
    "catalog": (*COMMON, "kassd.core"),
    "mqtt": (*COMMON, "kassd.core"),
    "fiscal": (*COMMON, "kassd.workers", "kassd.core", "kassd.journal", "kassd.receipt", "kassd.tse.log"),
    "sim": (
        *COMMON,
        *(
            "kassd.core",
            "kassd.devices",
            "kassd.receipt",
            "kassd.tse.soft",
            "kassd.tse.log",
            "kassd.tse.codes",
        ),
        *("kassd.tse.cryptovision", "kassd.tse.swissbit", "kassd.tse.diebold", "kassd.tse.epson"),  # codecs
        *("kassd.tse.port", "kassd.journal", "kassd.mqtt"),  # the world reads and asks as an outsider would
    ),
    "displays": ("kassd.errors",),
    "settings": EVERYONE,
    "settings_people": ("kassd.core.arguments", "kassd.settings_base"),
    "settings_text": (),
    "settings_base": ("kassd.core.lettering",),
    "settings_accounting": (
        *("kassd.core.notification", "kassd.core.vat", "kassd.settings_base", "kassd.settings_text"),
    ),
    "settings_money": ("kassd.settings_base",),
    "settings_girocode": ("kassd.core.transfers.epc", "kassd.settings_base"),
    "settings_goods": ("kassd.settings_base",),
    "settings_fiscal": ("kassd.settings_base",),
    "settings_places": ("kassd.settings_text",),
    "settings_orders": ("kassd.settings_base",),
    "settings_receipt": ("kassd.settings_base",),
    "settings_reductions": ("kassd.settings_base",),
    "settings_terminals": ("kassd.errors", "kassd.devices", "kassd.settings_base"),
    "settings_tse": ("kassd.settings_base",),
    "settings_toml": ("kassd.errors",),
    "settings_scale": ("kassd.settings_base",),
    "settings_power": ("kassd.devices", "kassd.settings_base", "kassd.settings_devices"),
    "settings_devices": ("kassd.errors", "kassd.devices", "kassd.settings_base"),
    "ledger": ("kassd.errors", "kassd.core"),
    "register": (
        *COMMON,
        "kassd.core",
        "kassd.ledger",
        "kassd.journal",
        "kassd.devices.port",
        "kassd.tse.port",
    ),
    "app": EVERYONE,
    "cli": EVERYONE,
    "__main__": ("kassd.errors", "kassd.cli"),
}
ONLY_FOR = {"kassd.app": ("cli",), "kassd.cli": ("__main__",), "kassd.settings": ("app", "cli")}

# The part of the standard library that sees the world outside: not for the core.
IMPURE = {
    "asyncio", "concurrent", "ctypes", "fcntl", "glob", "http", "importlib", "io", "locale", "logging",
    "mmap", "multiprocessing", "os", "pathlib", "platform", "queue", "random", "secrets", "select",
    "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib", "uuid",
}  # fmt: skip
# GS1's table of Application Identifiers is kept by a package; its data file is read where it is installed,
# once, as zoneinfo reads the time zones. The package itself is not imported: 0.2 s and 20 MB.
MAY_BE_IMPURE = {"core/barcodes/table.py": {"importlib"}}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "compile"}


def modules(below: Path = PACKAGE) -> list[Path]:
    return sorted(path for path in below.rglob("*.py") if "vendor" not in path.parts)


def room(path: Path) -> str:
    """``kassd/tse/log/qr.py`` → ``tse``; ``kassd/app.py`` → ``app``; ``kassd/__init__.py`` → ``kassd``."""
    inside = path.relative_to(PACKAGE)
    if inside.name == "__init__.py" and len(inside.parts) == 1:
        return "kassd"
    return inside.parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported, also inside functions; ``from a import b``: ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def is_below(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in allowed)


def problems(path: Path, source: str) -> list[str]:
    """Every import of ``source``, standing at ``path``, that the tables do not allow."""
    here, found = room(path), []
    impure = IMPURE - MAY_BE_IMPURE.get(path.relative_to(PACKAGE).as_posix(), set())
    for line, name in imports(ast.parse(source)):
        where = f"{path.relative_to(ROOT)}:{line}: {name}"
        top = name.split(".")[0]
        if name.startswith("."):
            found.append(f"{where}: relative import")
        elif top == "kassd":
            own = (f"kassd.{here}",)
            if not is_below(name, own + DEFERRED + MAY_IMPORT.get(here, ())):
                found.append(f"{where}: not for {here}")
            for guarded, users in ONLY_FOR.items():
                if is_below(name, (guarded,)) and not is_below(name, own) and here not in users:
                    found.append(f"{where}: only for {', '.join(users)}")
        elif here in ("core", "errors") and (top in impure or top not in sys.stdlib_module_names):
            found.append(f"{where}: {here} is pure")
    return found


def test_every_room_keeps_to_its_neighbours() -> None:
    found = [p for path in modules() for p in problems(path, path.read_text(encoding="utf-8"))]
    assert not found, "\n" + "\n".join(found)


def test_the_table_names_every_room() -> None:
    rooms = {room(path) for path in modules()} - {"kassd"}
    assert rooms <= set(MAY_IMPORT), rooms - set(MAY_IMPORT)


def test_the_core_calls_nothing_that_sees_the_world() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.func.id}()"
        for path in modules(PACKAGE / "core")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("core/sale.py", "import time"),
        ("core/sale.py", "from kassd.clock import Clock"),
        ("core/sale.py", "import aiomqtt"),
        ("core/sale.py", "from importlib.util import find_spec"),
        ("core/barcodes/table.py", "import biip"),
        ("core/barcodes/table.py", "import pathlib"),
        ("journal/writer.py", "from kassd.mqtt import topics"),
        ("devices/scanner/evdev.py", "from kassd.receipt import lines"),
        ("fiscal/dsfinvk.py", "from kassd.tse import soft"),
        ("receipt/lines.py", "from kassd.settings import Settings"),
        ("register.py", "import kassd.app"),
        ("tse/worker.py", "from . import port"),
        ("mqtt/link.py", "def late():\n    from kassd.devices import port"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert problems(PACKAGE / module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("core/sale.py", "from kassd.core.money import split\nfrom decimal import Decimal"),
        ("core/barcodes/table.py", "from importlib.util import find_spec"),
        ("fiscal/audit.py", "from kassd.tse.log import messages"),
        ("tse/soft/store.py", "from kassd.tse.port import Signed\nimport os"),
        ("cli/run.py", "from kassd.app import App\nfrom kassd.settings import load"),
    ],
)
def test_a_right_import_is_left_alone(module: str, source: str) -> None:
    assert problems(PACKAGE / module, source) == []
