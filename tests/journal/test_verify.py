"""A6 tests 7, 8, 9: whatever is done to the bytes, verify says so, names the place, and never crashes."""

import gzip
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from kassd.core.verdict import Finding, Verdict
from kassd.journal.blobs import write_blob
from kassd.journal.chain import Chain
from kassd.journal.files import OsFiles
from kassd.journal.line import MAX_LINE, Entry, chain, close_line, encode_body, genesis, split_line
from kassd.journal.merkle import Frontier, leaf_hash
from kassd.journal.segments import segment_path, strip_nul
from kassd.journal.start import Options, start
from kassd.journal.verify import verify_journal

from .helpers import FORMAT, ORIGIN, SMALL, Ticker, close, code_of, entry, write_journal

RAW = "000000000000.jsonl"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five lines without padding, no NUL behind them."""
    home = tmp_path_factory.mktemp("small") / "j"
    write_journal(home, [entry(n, size=3) for n in range(4)], align=0)
    path = home / RAW
    path.write_bytes(strip_nul(path.read_bytes()))
    return home


def ids(verdict: Verdict) -> list[str]:
    return [finding.id for finding in verdict.findings]


def altered(small: Path, tmp_path: Path, data: bytes) -> Path:
    home = tmp_path / "j"
    if not home.exists():
        shutil.copytree(small, home)
    (home / RAW).write_bytes(data)
    return home


def independent(home: Path) -> bool:
    """The verdict of the verifier that the format page prints."""
    script = compile(code_of(FORMAT, "python"), "verifier", "exec")
    with mock.patch("sys.argv", ["verifier", str(home)]), mock.patch("builtins.print"):
        try:
            exec(script, {})
        except (SystemExit, ValueError, KeyError, IndexError, TypeError, OSError, EOFError):
            return False
    return True


def test_form_of_a_verdict() -> None:
    verdict = Verdict("journal", 3, (Finding("a", "warning", "here", "Hm."),))
    assert verdict.render() == {
        "ok": True,
        "kind": "journal",
        "checked": 3,
        "findings": [{"id": "a", "severity": "warning", "where": "here", "message": "Hm."}],
    }
    assert not Verdict("journal", 3, (Finding("a", "error", "", ""),)).ok


def test_a_good_journal(small: Path) -> None:
    for deep in (True, False):
        verdict = verify_journal(small, deep=deep)
        assert (verdict.ok, verdict.checked, verdict.findings) == (True, 5, ())
    assert verify_journal(small, full=False).ok
    assert independent(small)


@pytest.mark.parametrize("deep", [True, False])
def test_07_every_single_bit_flip_is_detected_at_the_right_line(
    small: Path, tmp_path: Path, deep: bool
) -> None:
    data = b"".join((small / RAW).read_bytes().splitlines(keepends=True)[:2])
    home = altered(small, tmp_path, data)
    (home / "checkpoint").unlink()
    bits = range(len(data) * 8) if deep else range(0, len(data) * 8, 5)
    for bit in bits:
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        (home / RAW).write_bytes(broken)
        verdict = verify_without_wait(home, deep)
        line = data.count(b"\n", 0, bit // 8)
        unfinished = bit // 8 == len(data) - 1  # the newline of the last line: it looks cut off
        assert ids(verdict)[0] == ("torn_tail" if unfinished else "chain_broken"), f"bit {bit}"
        assert verdict.ok == unfinished
        where = verdict.findings[0].where
        assert re.search(rf"\.jsonl: line {line + 1}, seq {line}, byte \d+$", where), (bit, where)
        if bit % 11 == 0:
            assert independent(home) == unfinished


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassd.journal.verify.IN_FLIGHT_S", 0)


def verify_without_wait(home: Path, deep: bool = True) -> Verdict:
    return verify_journal(home, deep=deep)


def test_07_every_bit_flip_of_a_compacted_segment(tmp_path: Path) -> None:
    home = tmp_path / "j"
    write_journal(home, [entry(0, size=3, closes=True), entry(1, size=3)], compact=True)
    path = home / (RAW + ".gz")
    data = path.read_bytes()
    plain = gzip.decompress(data)
    path.chmod(0o600)
    assert verify_journal(home).ok
    for bit in range(len(data) * 8):
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        path.write_bytes(broken)
        if verify_journal(home).ok:  # bits behind the end of the compressed stream carry nothing
            assert gzip.decompress(broken) == plain


def test_07_every_bit_flip_of_the_checkpoint(small: Path, tmp_path: Path) -> None:
    home = altered(small, tmp_path, (small / RAW).read_bytes())
    data = (home / "checkpoint").read_bytes()
    for bit in range(0, len(data) * 8):
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        (home / "checkpoint").write_bytes(broken)
        assert ids(verify_journal(home, deep=False)) in (["checkpoint_unreadable"], ["checkpoint_signature"])


def test_08_truncation_at_every_byte(small: Path, tmp_path: Path) -> None:
    data = (small / RAW).read_bytes()
    home = altered(small, tmp_path, data)
    for size in range(len(data)):
        (home / RAW).write_bytes(data[:size])
        verdict = verify_journal(home, deep=size % 5 == 0)
        whole = size == 0 or data[size - 1 : size] == b"\n"
        if size:
            assert ids(verdict)[0] == ("checkpoint_ahead" if whole else "chain_broken")
        assert not verdict.ok
        assert independent(home)  # what was cut off behind the last whole line only a checkpoint knows


def swap(rows: list[bytes]) -> list[bytes]:
    return [rows[0], rows[2], rows[1], *rows[3:]]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (swap, 2),
        (lambda rows: [*rows[:2], rows[1], *rows[2:]], 3),
        (lambda rows: [*rows[:2], *rows[3:]], 3),
        (lambda rows: rows[1:], 1),
        (lambda rows: [*rows, rows[-1]], 6),
        (lambda rows: [*rows[:3], rows[3].replace(b"sale", b"salt"), *rows[4:]], 4),
        (lambda rows: [*rows[:3], b"", *rows[3:]], 4),
    ],
)
def test_08_insert_duplicate_swap_delete(
    small: Path, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], line: int
) -> None:
    rows = (small / RAW).read_bytes().split(b"\n")[:-1]
    home = altered(small, tmp_path, b"\n".join(change(rows)) + b"\n")
    verdict = verify_journal(home)
    assert ids(verdict) == ["chain_broken"]
    assert f": line {line}, " in verdict.findings[0].where
    assert not independent(home)


def test_08_a_spliced_tail_of_an_older_copy(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write_journal(one, [entry(n, size=3) for n in range(4)], align=0)
    write_journal(two, [entry(n + 5, size=3) for n in range(4)], align=0)
    rows = [strip_nul((home / RAW).read_bytes()).split(b"\n") for home in (one, two)]
    (one / RAW).write_bytes(b"\n".join(rows[0][:3] + rows[1][3:]))
    assert ids(verify_journal(one)) == ["chain_broken"]
    assert not independent(one)


def test_08_a_rewritten_journal_is_caught_by_the_checkpoint_alone(small: Path, tmp_path: Path) -> None:
    """Who can recompute the chain, but lacks the key, is caught by the signed root."""
    rows = (small / RAW).read_bytes().split(b"\n")[:-1]
    h, forged = genesis(ORIGIN), []
    for row in rows:
        body = split_line(row)[0].replace(b'"n":2', b'"n":9')
        h = chain(h, body)
        forged.append(close_line(body, h))
    home = altered(small, tmp_path, b"\n".join(forged) + b"\n")
    assert ids(verify_journal(home)) == ["checkpoint_root"]
    assert independent(home)
    (home / "checkpoint").unlink()
    verdict = verify_journal(home)
    assert (verdict.ok, ids(verdict)) == (True, ["checkpoint_missing"])


TAILS = {
    "nul run": (b"\0" * 5000, []),
    "0xff run": (b"\xff" * 600, ["torn_tail"]),
    "garbage": (random.Random(9).randbytes(3000), ["torn_tail"]),
    "stale text": (b'{"v":1,"seq":5,"at":"stale', ["torn_tail"]),
    "wrong hash": (b'{"v":1,"seq":5,"at":"x","h":"' + b"0" * 64 + b'"}\n', ["chain_broken"]),
    "long line": (b"x" * (MAX_LINE + 1) + b"\n", ["chain_broken"]),
    "nul inside": (b"\0" * 700 + b"x", ["torn_tail"]),
    "invalid utf-8": (b"\xc3\x28\n", ["torn_tail"]),
    "empty line": (b"\n", ["torn_tail"]),
    "two batches": (b'{"v":1  \n{"v":1,"seq":6', ["chain_broken"]),
}


@pytest.mark.parametrize("name", TAILS)
def test_09_tails(small: Path, tmp_path: Path, name: str) -> None:
    tail, expected = TAILS[name]
    home = altered(small, tmp_path, (small / RAW).read_bytes() + tail)
    for deep in (True, False):
        assert ids(verify_journal(home, deep=deep)) == expected
    assert independent(home) == (b"\n" not in tail)
    found = ["tail_damaged" if name == "chain_broken" else name for name in expected]
    assert ids(verify_journal(home, full=False)) == found


def acknowledged(tmp_path: Path, lines: int, checkpoint: bool = False) -> tuple[Path, bytes]:
    """A journal after a power cut: padded batches, the newest lines without a checkpoint."""
    home = tmp_path / "j"
    write_journal(home, [entry(n, size=300) for n in range(lines)])
    if not checkpoint:
        (home / "checkpoint").unlink()
    return home, (home / RAW).read_bytes()


@pytest.mark.parametrize("seed", range(12))
def test_a_tail_torn_anywhere_in_the_last_record_is_named_and_no_error(tmp_path: Path, seed: int) -> None:
    """Cut off at a byte, or with a sector that never arrived; what was acknowledged before is all there."""
    chance = random.Random(seed)
    home, data = acknowledged(tmp_path, 5)
    begin, end = data.rindex(b'{"v":1'), len(strip_nul(data))
    line = data.index(b" \n", begin) - begin
    torn = bytearray(data)
    if seed % 3:
        at = begin + chance.randrange(1, line)
        torn[at:] = bytes(len(data) - at)
    else:
        sector = begin + 512 * chance.randrange(line // 512)
        torn[sector : sector + 512] = bytes(512)
    (home / RAW).write_bytes(torn)
    for verdict in (verify_journal(home), verify_journal(home, full=False)):
        assert (ids(verdict)[0], verdict.ok, verdict.checked) == ("torn_tail", True, 5)
    assert f"seq 5, byte {begin}" in verdict.findings[0].where
    assert end > begin + line
    if seed % 3:
        assert independent(home)
    close(start(home, ORIGIN, Options(capacity=SMALL, now=Ticker(), compact=False)))
    assert ids(verify_journal(home)) == [], "the next start has put it aside"


@pytest.mark.parametrize("seed", range(8))
def test_damage_before_an_acknowledged_line_is_no_torn_tail(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    home, data = acknowledged(tmp_path, 6)
    rows = [match.start() for match in re.finditer(rb'\{"v":1,', data)]
    number = chance.randrange(1, len(rows) - 1)
    at = rows[number] + chance.randrange(600)
    length = chance.choice((1, 20, 512))
    broken = bytearray(data)
    broken[at : at + length] = bytes(length) if seed % 2 else bytes(b ^ 1 for b in data[at : at + length])
    (home / RAW).write_bytes(broken)
    verdict = verify_journal(home)
    assert (ids(verdict), verdict.checked) == (["chain_broken"], number)
    assert ids(verify_journal(home, full=False)) == ["tail_damaged"]


def test_a_torn_line_that_a_checkpoint_vouches_for_is_damage(tmp_path: Path) -> None:
    home, data = acknowledged(tmp_path, 5, checkpoint=True)
    begin = data.rindex(b'{"v":1')
    (home / RAW).write_bytes(data[: begin + 100].ljust(len(data), b"\0"))
    assert ids(verify_journal(home)) == ["chain_broken"]
    assert ids(verify_journal(home, full=False)) == ["tail_damaged"]


def test_an_altered_last_line_is_no_torn_tail(tmp_path: Path) -> None:
    home, data = acknowledged(tmp_path, 5)
    at = data.rindex(b'"n":4')
    (home / RAW).write_bytes(data[:at] + b'"n":3' + data[at + 5 :])
    assert ids(verify_journal(home)) == ["chain_broken"]
    assert ids(verify_journal(home, full=False)) == ["tail_damaged"]
    assert not independent(home)


def test_a_first_line_that_was_cut_off(tmp_path: Path) -> None:
    home, data = acknowledged(tmp_path, 0)
    (home / RAW).write_bytes(data[:100].ljust(len(data), b"\0"))
    for full in (True, False):
        assert ids(verify_journal(home, full=full))[0] == "torn_tail"


def forge(home: Path, body: bytes) -> None:
    """Append a line whose chain is right and whose content is ours to choose."""
    data = strip_nul((home / RAW).read_bytes())
    last = split_line(data.split(b"\n")[-2])[1]
    (home / RAW).write_bytes(data + close_line(body, chain(last, body)) + b"\n")


GOOD = b'{"v":1,"seq":5,"at":"2026-01-02T08:00:00.000001Z","mono":5,"boot":"ab","facts":[],"wishes":[]}'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"mono":5', b'"mono":5,"mono":6'),
        (b'"mono":5', b'"mono":5.5'),
        (b'"mono":5', b'"mono":' + b"9" * 400),
        (b'"boot":"ab"', b'"boot":"\xff"'),
        (b'"facts":[]', b'"facts":[{}]'),
        (b'"facts":[]', b'"facts":' + b"[" * 9000 + b"]" * 9000),
        (b'"boot":"ab"', b'"boot":"' + b"x" * MAX_LINE + b'"'),
    ],
)
def test_09_json_that_chains_but_is_no_line(small: Path, tmp_path: Path, old: bytes, new: bytes) -> None:
    home = altered(small, tmp_path, (small / RAW).read_bytes())
    forge(home, GOOD)
    assert verify_journal(home).ok
    altered(small, tmp_path, (small / RAW).read_bytes())
    forge(home, GOOD.replace(old, new))
    verdict = verify_journal(home)
    assert ids(verdict) == ["line_invalid"]
    assert verdict.findings[0].where.startswith(f"{RAW}: line 6, seq 5, byte ")
    german = r"Zeile 5 ist beschädigt oder verändert \(für den Betreuer: \w.+\)\."
    assert re.fullmatch(german, verdict.findings[0].message, re.DOTALL)


def test_seals_segments_and_blobs(tmp_path: Path) -> None:
    home = tmp_path / "j"
    ref = write_blob(OsFiles(), _made(home), b"carried over")
    write_journal(home, [entry(1, closes=True), entry(2, carried=ref), entry(3, closes=True), entry(4)])
    assert verify_journal(home).checked == 7
    assert verify_journal(home, full=False).checked == 3  # the last closing and what follows
    blob = home / "blob" / str(ref["blob"])
    blob.chmod(0o600)
    blob.write_bytes(b"carried over!")
    assert ids(verify_journal(home, deep=False)) == ["blob_wrong"]
    blob.write_bytes(b"Carried over")
    assert ids(verify_journal(home)) == ["blob_wrong"]
    blob.unlink()
    assert ids(verify_journal(home)) == ["blob_missing"]
    blob.write_bytes(b"carried over")
    middle = segment_path(home, 3)
    middle.rename(tmp_path / "away")
    assert ids(verify_journal(home)) == ["segment_missing"]
    data = (tmp_path / "away").read_bytes()
    middle.write_bytes(data[: data.rindex(b"\n", 0, -1) + 1])
    assert ids(verify_journal(home)) == ["seal_missing"]


def _made(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.parametrize(
    "change", [{"count": 9}, {"sha256": "00" * 32}, {"tree": []}, {"tree": ["zz"]}, {"last": 7}]
)
def test_a_seal_that_lies_is_found(tmp_path: Path, change: dict[str, object]) -> None:
    home = tmp_path / "j"
    write_journal(home, [entry(1)], align=0)
    (home / "checkpoint").unlink()
    data = strip_nul((home / RAW).read_bytes())
    body, h = split_line(data.split(b"\n")[-2])
    chained = Chain(2, h, Frontier(), SMALL, 0)
    for row in data.split(b"\n")[:-1]:
        chained.frontier.append(leaf_hash(row))
        chained.content.update(row + b"\n")
    seal = chained.seal("2026-01-02T08:00:00.000001Z", 1, "ab", False, SMALL)
    (home / RAW).write_bytes(data + seal.raw + b"\n")
    assert verify_journal(home).ok
    lie = seal.line.facts[0]["data"] | change
    body = encode_body(2, Entry(seal.line.at, 1, "ab", [{"kind": "journal.sealed", "data": lie}], []))
    (home / RAW).write_bytes(data + close_line(body, chain(h, body)) + b"\n")
    assert ids(verify_journal(home)) == ["seal_wrong"]


def test_noise_never_crashes(small: Path, tmp_path: Path) -> None:
    chance = random.Random(17)
    data = (small / RAW).read_bytes()
    home = altered(small, tmp_path, data)
    for _ in range(150):
        a, b = sorted(chance.randrange(len(data)) for _ in range(2))
        piece = chance.choice((b"", chance.randbytes(20), data[a:b], b"\n", b"\0" * 30))
        broken = data[:a] + piece + data[b:]
        (home / RAW).write_bytes(broken)
        verdict = verify_journal(home)
        unfinished = broken.startswith(data) and "torn_tail" in ids(verdict)
        assert verdict.ok == (unfinished or broken == data)
        if verdict.ok != independent(home):
            whole = broken[: broken.rfind(b"\n") + 1]  # the page knows no checkpoint and no lost sector
            assert ids(verdict) in (["checkpoint_ahead"], ["torn_tail"]) or data.startswith(whole)


def test_nothing_there(tmp_path: Path) -> None:
    assert ids(verify_journal(tmp_path / "none")) == ["no_journal"]
    (tmp_path / RAW).write_bytes(b"\0" * 4096)
    assert verify_journal(tmp_path).checked == 0


@pytest.mark.parametrize("data", [b"", bytes(4096)])
def test_a_journal_without_any_line_is_said_to_be(data: bytes, small: Path, tmp_path: Path) -> None:
    """Nobody can tell a new one from one that is lost before its first checkpoint."""
    home = altered(small, tmp_path, data)
    (home / "checkpoint").unlink()
    verdict = verify_journal(home)
    assert (verdict.ok, ids(verdict)) == (True, ["no_lines"])
