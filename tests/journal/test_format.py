"""A6 test 16 and the format page: what was written once is read for ever, by us and by fifteen lines."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from kassd.journal import read_lines, verify_journal
from kassd.journal.blobs import read_blob
from kassd.journal.line import chain, genesis, parse_line, split_line
from kassd.journal.merkle import Frontier, leaf_hash
from kassd.journal.start import Options, start

from .helpers import FORMAT, GOLDEN, ROOT, close, code_of

V1 = GOLDEN / "v1"


def rows() -> list[bytes]:
    plain = gzip.decompress((V1 / "000000000000.jsonl.gz").read_bytes())
    plain += (V1 / "000000000006.jsonl").read_bytes().rstrip(b"\0")
    return [row.rstrip(b" ") for row in plain.split(b"\n")[:-1]]


def test_the_vectors_of_the_page() -> None:
    vectors = json.loads(code_of(FORMAT, "json"))
    h = genesis(vectors["origin"])
    assert h.hex() == vectors["genesis"]
    for seq, text in enumerate(vectors["lines"]):
        body, said = split_line(text.encode())
        h = chain(h, body)
        assert (h, parse_line(text.encode()).seq) == (said, seq)
    assert [text.encode() for text in vectors["lines"]] == rows()[: len(vectors["lines"])]


def test_the_merkle_roots_of_the_page() -> None:
    roots = json.loads(code_of(FORMAT, "json", 1))
    frontier = Frontier()
    for row in rows():
        frontier.append(leaf_hash(row))
        assert frontier.root().hex() == roots[str(frontier.size)]
    assert len(roots) == frontier.size


def test_the_verifier_of_the_page_is_short_and_needs_only_the_standard_library() -> None:
    code = code_of(FORMAT, "python")
    assert len(code.strip().split("\n")) <= 15
    imported = set(re.findall(r"\w+", code.split("\n")[0])) - {"import"}
    assert imported <= {"gzip", "hashlib", "json", "pathlib", "sys"}


def run_verifier(home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", code_of(FORMAT, "python"), str(home)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_16_the_frozen_journal_is_read_by_both_verifiers(tmp_path: Path) -> None:
    verdict = verify_journal(V1)
    assert (verdict.ok, verdict.checked, verdict.findings) == (True, 7, ())
    done = run_verifier(V1)
    assert (done.returncode, done.stdout) == (0, "7 lines\n")
    assert run_verifier(tmp_path).stdout == "0 lines\n"
    broken = tmp_path / "v1"
    shutil.copytree(V1, broken)
    path = broken / "000000000006.jsonl"
    path.write_bytes(path.read_bytes().replace(b"10000", b"10001"))
    assert not verify_journal(broken).ok
    assert run_verifier(broken).returncode == 1


def test_16_the_frozen_journal_says_what_it_said() -> None:
    lines = list(read_lines(V1))
    kinds = [[fact["kind"] for fact in line.facts] for line in lines]
    assert kinds == [
        ["journal.created"], ["sale.line_added"], ["tse.signed"], [], ["till.closed"], ["journal.sealed"],
        ["till.opened"],
    ]  # fmt: skip
    assert lines[1].facts[0]["data"]["text"] == 'Käse "alt" \u2028 5 €'
    assert lines[1].cmd is not None
    assert lines[1].cmd["reply"] == {"status": "ok", "rev": 1}
    assert lines[2].tse is not None
    assert lines[3].wishes == [{"id": "w2", "kind": "print", "data": {"copies": 1}}]
    assert read_blob(V1, lines[4].facts[0]["data"]["carried"]) == "Übertrag ".encode() * 9000


def test_16_the_frozen_journal_goes_on(tmp_path: Path) -> None:
    """A register that was switched off with version 1 starts with this version."""
    home = tmp_path / "v1"
    shutil.copytree(V1, home)
    (home / "000000000006.jsonl").chmod(0o600)
    started = start(home, "KASSE-0007", Options(capacity=128 * 1024))
    assert started.recovery.first_seq == 4
    close(started)
    verdict = verify_journal(home)
    assert (verdict.ok, verdict.checked) == (True, 8)  # one more: the key was lost, as in any export


def test_16_building_it_again_gives_the_same_lines(tmp_path: Path) -> None:
    script = GOLDEN / "build.py"
    environment = {"PYTHONPATH": ":".join([*(p for p in sys.path if p), str(ROOT)])}
    command = [sys.executable, str(script), str(tmp_path / "again")]
    subprocess.run(command, check=True, timeout=60, env=environment)
    assert list(read_lines(tmp_path / "again")) == list(read_lines(V1))


def test_every_fact_of_the_journal_is_on_the_page() -> None:
    page = FORMAT.read_text(encoding="utf-8")
    for source in (ROOT / "kassd" / "journal").glob("*.py"):
        for kind in re.findall(r'"(journal\.[a-z_]+)"', source.read_text(encoding="utf-8")):
            assert f"`{kind}`" in page
