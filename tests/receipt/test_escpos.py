"""The encoder, judged by the bytes themselves and by the strict printer simulator."""

import errno
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from kassd.errors import ConfigError
from kassd.receipt.escpos import Encoder
from kassd.receipt.layout import layout
from kassd.receipt.page import Cut, Line, Qr
from kassd.sim.printer_model import MODELS, Printer
from kassd.sim.printer_paper import Paper

from .goldens import FOLDER, jobs
from .samples import ALL, OUTAGE, SALE

# The self-test tries what a printer may not have: test_selftest.py.
SLIPS = {name: document for name, document in ALL.items() if document.kind != "test"}


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("escpos") / "cache"


def printed(job: bytes, profile: str, columns: int, out_dir: Path) -> tuple[Printer, Paper]:
    paper = Paper(out_dir, columns)
    printer = Printer(paper, profile, lambda _: None, lambda _: None)
    printer.receive(job)
    return printer, paper


def test_a_job_begins_with_reset_character_set_and_code_page(cache_dir: Path) -> None:
    job = Encoder("TM-T88V", 42, cache_dir).document(SALE)
    assert job.startswith(b"\x1b@\x1bR\x00\x1bt\x10")
    assert job.count(b"\x1b@") == job.count(b"\x1bt") == 1
    assert job.endswith(b"\x1dVB\x00")
    assert b"24,88 \x80" in job


def test_a_second_job_of_the_same_encoder_is_the_same(cache_dir: Path) -> None:
    encoder = Encoder("TM-T88V", 42, cache_dir)
    first = encoder.document(SALE)
    encoder.document(OUTAGE)
    assert encoder.document(SALE) == first


def test_foreign_letters_do_not_change_the_code_page(cache_dir: Path) -> None:
    job = Encoder("TM-T88V", 42, cache_dir).encode((Line("寿司 € Żur"), Line("Preis €"), Cut()))
    assert job == b"\x1b@\x1bR\x00\x1bt\x10?? \x80 Zur\nPreis \x80\n\x1dVB\x00"


@pytest.mark.parametrize(
    ("profile", "start", "euro"),
    [
        ("T-1", b"\x1b@\x1bR\x00\x1bt\x13", b"\xd5"),  # no CP1252: CP858
        ("NT-80-V-UL", b"\x1b@\x1c.\x1bR\x00\x1bt\x47", b"\x80"),  # a clone wakes up in Kanji mode
        ("TM-T88IV-SA", b"\x1b@\x1bR\x00\x1bt\x00", b"EUR"),
        ("SP2000", b"\x1b@\x1bR\x00\x1bt\x20", b"\x80"),
    ],
)
def test_code_page_by_profile(profile: str, start: bytes, euro: bytes, cache_dir: Path) -> None:
    assert Encoder(profile, 42, cache_dir).encode((Line("€"),)) == start + euro + b"\n"


def test_style_is_sent_where_it_changes_and_is_back_to_normal_at_the_end(cache_dir: Path) -> None:
    items = (
        Line("a", "center", bold=True, wide=True, tall=True),
        Line("b", "center", bold=True),
        Line("c"),
        Line(),
    )
    job = Encoder("TM-T88V", 42, cache_dir).encode(items)
    assert job.partition(b"\x1bt\x10")[2] == (
        b"\x1ba\x01\x1bE\x01\x1d!\x11a\n" + b"\x1d!\x00b\n" + b"\x1ba\x00\x1bE\x00c\n" + b"\n"
    )


def test_native_code_asks_for_model_2_level_m_and_half_a_millimetre(cache_dir: Path) -> None:
    job = Encoder("TM-T88V", 42, cache_dir).document(SALE)
    data = SALE.seal.qr.encode()
    stored = b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data
    assert (
        b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x04\x1d(k\x03\x001E1" + stored + b"\x1d(k\x03\x001Q0" in job
    )


def test_without_native_code_it_is_drawn_in_strips(cache_dir: Path, tmp_path: Path) -> None:
    job = Encoder("POS-5890", 32, cache_dir).document(SALE)
    assert b"\x1d(k" not in job
    assert job.count(b"\x1dv0\x00") == -(-81 * 4 // 48)
    assert job.endswith(b"\x1bd\x05"), "no cutter: the paper is fed past the tear bar"
    printer, paper = printed(job, "POS-5890", 32, tmp_path)
    printer.tear()
    assert printer.errors == []
    assert zxingcpp.read_barcode(Image.open(tmp_path / "001.png")).text == SALE.seal.qr
    assert paper.slips[0].qr == ()


def test_a_printer_without_codes_prints_all_values_in_clear(cache_dir: Path, tmp_path: Path) -> None:
    job = Encoder("TM-U220B", 42, cache_dir).document(SALE)
    printer, paper = printed(job, "TM-U220B", 42, tmp_path)
    assert printer.errors == []
    text = "".join(paper.slips[0].text)
    assert SALE.seal.signature[:42] in text
    assert SALE.seal.serial_number[:42] in text
    assert "24,88 EUR" in text
    assert max(map(len, paper.slips[0].text)) <= 42


def test_a_code_for_a_printer_without_codes_is_refused(cache_dir: Path) -> None:
    with pytest.raises(ValueError, match="qr=False"):
        Encoder("TM-U220B", 42, cache_dir).encode((Qr("V0;x"), Cut()))


@pytest.mark.parametrize("profile", MODELS)
@pytest.mark.parametrize("name", SLIPS)
def test_every_slip_is_understood_by_every_printer(
    profile: str, name: str, cache_dir: Path, tmp_path: Path
) -> None:
    encoder = Encoder(profile, 42, cache_dir)
    job = encoder.document(ALL[name])
    printer, paper = printed(job, profile, 42, tmp_path)
    if not encoder.load().cutter:
        printer.tear()
    assert printer.errors == []
    assert len(paper.slips) == 1
    seal = ALL[name].seal
    if seal and printer.native_qr:
        assert paper.slips[0].qr == (seal.qr,)


def test_paper_shows_what_was_laid_out(cache_dir: Path, tmp_path: Path) -> None:
    """Layout → bytes → simulator gives the same lines, but for quotation marks."""
    encoder = Encoder("TM-T88V", 42, cache_dir)
    for document in SLIPS.values():
        _, paper = printed(encoder.document(document), "TM-T88V", 42, tmp_path)
        wanted = [item for item in layout(document, 42) if isinstance(item, Line)]
        got = [line.strip() for line in paper.slips[0].text if not line.startswith(("[QR]", "---", "==="))]
        assert [g for g in got if g] == [
            line.text.strip().replace("„", '"').replace("“", '"') for line in wanted if line.text
        ]


def test_the_code_on_simulated_paper_can_be_scanned(cache_dir: Path, tmp_path: Path) -> None:
    for n, (profile, columns) in enumerate((("TM-T88V", 42), ("Sunmi-V2", 32), ("TM-T20II", 48)), 1):
        encoder = Encoder(profile, columns, cache_dir)
        printer, _ = printed(encoder.document(SALE), profile, columns, tmp_path)
        if not encoder.load().cutter:
            printer.tear()
        assert zxingcpp.read_barcode(Image.open(tmp_path / f"{n:03}.png")).text == SALE.seal.qr
        assert json.loads((tmp_path / f"{n:03}.json").read_text())["qr"] == [SALE.seal.qr]


def test_golden_jobs(cache_dir: Path) -> None:
    made = dict(jobs(cache_dir))
    kept = {path.name: path.read_bytes() for path in FOLDER.glob("*.escpos")}
    assert kept.keys() == made.keys()
    for name, job in made.items():
        assert kept[name] == job, f"{name}: python -m tests.receipt.goldens, then look at the difference"


def test_kick() -> None:
    assert Encoder.kick() == b"\x1bp\x00\x32\xc8"
    assert Encoder.kick(5, 510, 2) == b"\x1bp\x01\xff\x01"
    for bad in ((3, 100, 100), (2, 512, 100), (2, 100, 1)):
        with pytest.raises(ValueError, match="expected"):
            Encoder.kick(*bad)


def test_an_unknown_profile_is_a_configuration_error(cache_dir: Path) -> None:
    with pytest.raises(ConfigError, match=r"profile = 'zzz' kennt python-escpos nicht; z. B. \"TM-T88V\"\."):
        Encoder("zzz", 42, cache_dir).load()
    with pytest.raises(ConfigError, match="ähnlich heißen TM-T88V, "):
        Encoder("tm-t88v", 42, cache_dir).load()


def test_a_printer_without_german_letters_is_a_configuration_error(cache_dir: Path) -> None:
    with pytest.raises(ConfigError, match="deutschen Buchstaben"):
        Encoder("AF-240", 42, cache_dir).load()


def test_a_cache_that_others_can_write_is_refused(tmp_path: Path) -> None:
    """Whoever can put a pickle there runs code as the register."""
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigError, match="chmod 700"):
        Encoder("TM-T88V", 42, tmp_path).load()


def test_a_linked_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(ConfigError, match="niemand sonst"):
        Encoder("TM-T88V", 42, tmp_path / "link").load()


CHILD = """
import json, logging, os, sys, tempfile
from pathlib import Path
import kassd.receipt.escpos, kassd.receipt.png, kassd.receipt.layout
early = [m for m in ("escpos", "segno", "PIL", "yaml") if m in sys.modules]
cache, temp = Path(sys.argv[1]), Path(tempfile.gettempdir())
encoder = kassd.receipt.escpos.Encoder("TM-T88V", 42, cache)
encoder.load()
import escpos.capabilities
print(json.dumps({
    "early": early, "left": [p.name for p in temp.iterdir()], "handlers": len(logging.root.handlers),
    "cache": sorted(p.name for p in cache.iterdir()), "used": escpos.capabilities.pickle_dir,
    "full_load": escpos.capabilities.full_load, "profiles": len(escpos.capabilities.CAPABILITIES["profiles"]),
    "mkdtemp": tempfile.mkdtemp.__module__,
}))
"""


def test_the_import_is_late_quick_and_leaves_nothing(tmp_path: Path) -> None:
    """No heavy import with our modules; no YAML pass, no temporary directory, no root log handler."""
    temp = tmp_path / "tmp"
    temp.mkdir()
    cache = tmp_path / "cache"
    for _ in range(2):
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(cache)],
            env={**os.environ, "TMPDIR": str(temp)},
            capture_output=True,
            text=True,
            check=True,
            timeout=50,
        )
        seen = json.loads(child.stdout)
        assert seen["early"] == []
        assert seen["left"] == []
        assert seen["handlers"] == 0
        assert seen["used"] == str(cache)
        assert seen["full_load"] is False
        assert seen["profiles"] > 30
        assert len(seen["cache"]) == 1
        assert seen["mkdtemp"] == "tempfile"
    assert cache.stat().st_mode & 0o077 == 0
    assert logging.root is not None


FRESH = """
import os, sys
from pathlib import Path
from kassd.receipt import escpos
escpos.MEMORY = sys.argv[2]
print(escpos.Encoder("TM-T88V", 42, Path(sys.argv[1])).load().name, os.listdir(sys.argv[2]))
"""


def test_where_the_database_cannot_be_kept_slips_are_printed_all_the_same(tmp_path: Path) -> None:
    """The first start of a new version on a full disk."""
    (tmp_path / "full").write_bytes(b"")
    (tmp_path / "memory").mkdir()
    words = [sys.executable, "-c", FRESH, str(tmp_path / "full" / "cache"), str(tmp_path / "memory")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "TM-T88V []\n"
    assert "not kept" in done.stderr


def test_what_was_begun_of_the_database_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, full = os.fsync, []

    def fsync(handle: int) -> None:
        if os.readlink(f"/proc/self/fd/{handle}").startswith(str(tmp_path)):
            full.append(handle)
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    assert Encoder("TM-T88V", 42, tmp_path / "cache").load().name == "TM-T88V"
    assert full
    assert not list((tmp_path / "cache").iterdir())
