"""The budgets of the house: short modules, short functions, thin packages, nothing left open."""

import ast
import re
import shutil
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kassd"

MODULE_LINES, MEDIAN_LINES, FUNCTION_LINES, INIT_LINES = 500, 150, 60, 30
GENERATED: frozenset[str] = frozenset()  # tables made by a program may be longer

# Written so that this file does not find itself.
BANNED = {
    "left open": re.compile(r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b|\bNotImplemented[E]rror\b"),
    "swallowed": re.compile(r"except(?: (?:Base)?Exception)?:\s*(?:pass|\.\.\.)"),
    "left from debugging": re.compile(r"\bbreakpoin[t]\(\)|\bimport pd[b]\b|console\.lo[g]\("),
    "speaks of one machine": re.compile(r"(?<![\w.])/(?:work|root|home)/\w"),
}
IGNORE_WITHOUT_REASON = re.compile(r"#\s*type:\s*ignore(?:\[[^\]]*\])?\s*$", re.MULTILINE)
FOREIGN = {".venv", ".git", ".npm", "node_modules", "build", "dist", "vendor", "__pycache__"}
TEXT = {".py", ".md", ".js", ".html", ".css", ".toml", ".service", ".rules", ".sh", ".json", ""}


def python_files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "vendor" not in path.parts)


def repository_files() -> list[Path]:
    """Every text file that is or would be in git."""
    found = list(ROOT.rglob("*"))
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    ours = (path for path in found if not FOREIGN & set(path.relative_to(ROOT).parts))
    return sorted(path for path in ours if path.is_file() and path.suffix in TEXT)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(source: str) -> list[tuple[str, int]]:
    """Name and length of every function in ``source``, decorators aside."""
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def undocumented(source: str) -> list[str]:
    """The module and its public classes and functions that have no docstring."""
    tree = ast.parse(source)
    named = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    ]
    found = [node.name for node in named if ast.get_docstring(node) is None]
    return found if ast.get_docstring(tree) else ["module", *found]


def offences(text: str) -> list[str]:
    """What ``text`` has that nothing in the repository may have, with its line."""
    return [
        f"{text[: match.start()].count(chr(10)) + 1}: {why}: {match.group()!r}"
        for why, pattern in BANNED.items()
        for match in pattern.finditer(text)
    ]


def test_modules_are_short() -> None:
    sizes = {short(path): lines(path) for path in (*python_files(), *PACKAGE.glob("displays/js/*.js"))}
    assert {n: size for n, size in sizes.items() if size > MODULE_LINES and n not in GENERATED} == {}
    assert statistics.median(sizes.values()) <= MEDIAN_LINES


def test_functions_are_short() -> None:
    found = [
        f"{short(path)}: {name} has {length} lines"
        for path in python_files()
        if short(path) not in GENERATED
        for name, length in functions(path.read_text(encoding="utf-8"))
        if length > FUNCTION_LINES
    ]
    assert not found, "\n" + "\n".join(found)


def test_packages_are_thin_and_say_what_they_offer() -> None:
    found = []
    for path in PACKAGE.rglob("__init__.py"):
        source = path.read_text(encoding="utf-8")
        if len(source.splitlines()) > INIT_LINES:
            found.append(f"{short(path)}: more than {INIT_LINES} lines")
        if not re.search(r"^__all__\b", source, re.MULTILINE):
            found.append(f"{short(path)}: no __all__")
    assert not found, "\n" + "\n".join(found)


def test_every_public_name_has_its_contract() -> None:
    found = [
        f"{short(path)}: {name}"
        for path in python_files()
        for name in undocumented(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)


def test_nothing_is_left_open() -> None:
    found = [
        f"{short(path)}:{offence}"
        for path in repository_files()
        for offence in offences(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_ignored_type_error_has_a_reason() -> None:
    found = [
        short(path)
        for path in python_files()
        if IGNORE_WITHOUT_REASON.search(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "spaced",
    ["# TO-DO later", "raise NotImplemented-Error", "except Exception:\n    pass-", "cd /ro-ot/kassd"],
)
def test_an_offence_is_found(spaced: str) -> None:
    assert offences(spaced.replace("-", ""))


def test_a_long_function_and_a_missing_docstring_are_found() -> None:
    source = "def f():\n" + "    x = 1\n" * FUNCTION_LINES
    assert functions(source) == [("f", FUNCTION_LINES + 1)]
    assert undocumented(source) == ["module", "f"]
