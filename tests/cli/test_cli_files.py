"""Commands that read or need what a register has left behind: a small real journal, a real soft TSE."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from kassd import settings
from kassd.cli.locks import is_running
from kassd.clock import Clock
from kassd.journal import read_lines
from kassd.tse.soft import Model, SoftTse, default_secrets
from tests.app.kit import process
from tests.cli.kit import Done, kassd
from tests.tse import unnoted

FAST = 'driver = "soft"\nlatency_ms = 0\ncurve = "secp256r1"'
BARE = "\n".join(settings.EXAMPLE.split("[[scanner]]")[0].splitlines())


def run(config: Path, shell: str = "") -> "subprocess.CompletedProcess[str]":
    """``kassd run`` that is expected to end by itself."""
    return subprocess.run(
        ["bash", "-c", f'{shell} exec "{sys.executable}" -m kassd --config "{config}" run'],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def verdict(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Journal, catalogue and TSE in a folder of our own; neither broker nor devices."""
    text = BARE.replace("/var/lib/kassd", str(tmp_path)).replace("/etc/kassd", str(tmp_path))
    (tmp_path / "catalog.json").write_text('{"articles": []}')
    file = tmp_path / "kassd.toml"
    file.write_text(text.replace("KASSE-0007", "KASSE-1").replace('driver = "soft"', FAST))
    return file


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of a short day with one closing."""
    folder = tmp_path_factory.mktemp("day") / "journal"

    async def trade() -> None:
        async with process(folder) as bench:
            await bench.commissioned()
            await bench.open_till()
            await bench.sell(350)
            await bench.sell(1275)
            await bench.close_till()

    asyncio.run(trade())
    return folder


@pytest.fixture
def journal(day: Path, tmp_path: Path) -> Path:
    """A copy of that journal where the configuration expects it."""
    return Path(shutil.copytree(day, tmp_path / "journal"))


def documents(folder: Path) -> list[dict[str, Any]]:
    facts = [fact["data"] for line in read_lines(folder) for fact in line.facts]
    return [data["document"] for data in facts if "document" in data]


# -- verify -------------------------------------------------------------------------------------------


def test_a_good_journal_verifies_as_text_and_as_json(config: Path, journal: Path) -> None:
    text = kassd("verify", config=config)
    assert text.returncode == 0, text.stdout
    assert "in Ordnung" in text.stdout
    assert "NICHT" not in text.stdout
    done = kassd("verify", journal, "--json")
    assert done.returncode == 0
    found = verdict(done)
    assert (found["ok"], found["kind"]) == (True, "journal")
    assert found["checked"] >= len(list(read_lines(journal)))


def test_a_changed_amount_is_found_and_where(config: Path, journal: Path) -> None:
    paid, changed = b":1275,", b":1175,"  # a hash may hold the digits, too
    (segment,) = [p for p in journal.glob("*.jsonl") if paid in p.read_bytes()]
    segment.write_bytes(segment.read_bytes().replace(paid, changed))
    done = kassd("verify", "--json", config=config)
    assert done.returncode == 65
    found = verdict(done)
    assert found["ok"] is False
    errors = [f for f in found["findings"] if f["severity"] == "error"]
    assert errors
    assert segment.name in errors[0]["where"]
    text = kassd("verify", config=config)
    assert text.returncode == 65
    assert "FEHLER [" in text.stdout
    assert "NICHT in Ordnung" in text.stdout
    assert "eine unbeschädigte Kopie holt kassd restore" in text.stdout.splitlines()[-1]
    nothing = kassd("verify", journal.parent)
    assert (nothing.returncode, "kassd restore" in nothing.stdout) == (65, False)


# -- receipt ------------------------------------------------------------------------------------------


def test_a_receipt_is_shown_by_number_and_by_id(config: Path, journal: Path) -> None:
    document = next(d for d in documents(journal) if d["kind"] == "sale")
    shown = kassd("receipt", "show", document["number"], config=config)
    assert shown.returncode == 0, shown.stderr
    assert "Brot" in shown.stdout
    assert "3,50" in shown.stdout
    assert "TEST" in shown.stdout
    assert kassd("receipt", "show", document["id"], config=config).stdout == shown.stdout
    assert all(len(line) <= 42 for line in shown.stdout.splitlines())
    closing = kassd("receipt", "show", "Z1", config=config)
    assert closing.returncode == 0
    assert "16,25" in closing.stdout


def test_a_receipt_as_a_file(config: Path, journal: Path, tmp_path: Path) -> None:
    number = next(d for d in documents(journal) if d["kind"] == "sale")["number"]
    for form, start in (("pdf", b"%PDF-1.7"), ("html", b"<!DOCTYPE html>"), ("png", b"\x89PNG")):
        out = tmp_path / f"bon.{form}"
        done = kassd("receipt", form, number, "--out", out, "--columns", "32", config=config)
        assert (done.returncode, done.stdout.strip()) == (0, str(out)), done.stderr
        assert out.read_bytes().startswith(start)
    assert kassd("receipt", "show", number, "--columns", "10", config=config).returncode == 64


def test_where_the_index_cannot_be_written_the_journal_is_read(config: Path, journal: Path) -> None:
    number = next(d for d in documents(journal) if d["kind"] == "sale")["number"]
    shown = kassd("receipt", "show", number, config=config)
    assert shown.stderr == ""
    index = journal.parent / "index.sqlite"
    assert index.exists()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{index}{suffix}").unlink(missing_ok=True)
    index.mkdir()  # no file can be there
    again = kassd("receipt", "show", number, config=config)
    assert again.stdout == shown.stdout
    assert "das ganze Journal" in again.stderr


def test_a_receipt_as_a_picture(config: Path, journal: Path, tmp_path: Path) -> None:
    number = next(d for d in documents(journal) if d["kind"] == "sale")["number"]
    out = tmp_path / "bon.png"
    done = kassd("receipt", "png", number, "--out", out, config=config)
    assert (done.returncode, done.stdout.strip()) == (0, str(out))
    assert out.read_bytes().startswith(b"\x89PNG\r\n")


# -- export -------------------------------------------------------------------------------------------


def test_the_exported_journal_verifies_by_itself(config: Path, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "stick" / "journal"
    out.parent.mkdir()
    done = kassd("export", "journal", "--out", out, config=config)
    assert (done.returncode, done.stdout.strip()) == (0, str(out))
    assert not list(out.parent.glob("*.part"))
    assert [line.h for line in read_lines(out)] == [line.h for line in read_lines(journal)]
    assert {p.name for p in (out / "blob").iterdir()} == {p.name for p in (journal / "blob").iterdir()}
    assert kassd("verify", out).returncode == 0
    again = kassd("export", "journal", "--out", out, config=config)
    assert again.returncode == 65
    assert "gibt es schon" in again.stderr


def test_an_export_to_nowhere_is_an_error_not_a_traceback(
    config: Path, journal: Path, tmp_path: Path
) -> None:
    done = kassd("export", "journal", "--out", tmp_path / "catalog.json" / "x", config=config)
    assert done.returncode == 74
    assert "Traceback" not in done.stderr


def signed(folder: Path, count: int) -> None:
    """A commissioned soft TSE with transactions."""

    async def sign() -> None:
        tse = SoftTse(folder, latency_s=0, model=Model(curve="secp256r1"))
        await tse.open()
        await tse.provision(default_secrets(folder), "KASSE-1", unnoted)
        await tse.self_test("KASSE-1")
        await tse.set_time(Clock().wall_ns() // 1_000_000_000)
        for _ in range(count):
            number = (await tse.start("KASSE-1")).transaction_number
            await tse.finish(number, "KASSE-1", "Kassenbeleg-V1", b"Beleg^0.00_3.50_0.00_0.00_0.00^3.50:Bar")
        await tse.close()

    asyncio.run(sign())


def test_the_tse_archive_is_exported_and_verifies(config: Path, tmp_path: Path) -> None:
    signed(tmp_path / "tse", 3)
    out = tmp_path / "tse.tar"
    done = kassd("export", "tar", "--out", out, config=config)
    assert done.returncode == 0, done.stderr
    with tarfile.open(out) as archive:
        names = archive.getnames()
    assert sum("_Finish_" in name for name in names) == 3
    assert kassd("verify", out).returncode == 0
    found = verdict(kassd("verify", "--json", out))
    assert found["ok"] is True
    out.write_bytes(out.read_bytes().replace(b"3.50_0.00", b"2.50_0.00", 1))
    assert kassd("verify", out).returncode == 65


# -- the TSE ------------------------------------------------------------------------------------------


def test_tse_info_and_self_test_at_the_device(config: Path, tmp_path: Path) -> None:
    signed(tmp_path / "tse", 1)
    info = verdict(kassd("tse", "info", "--json", config=config))
    assert (info["life_cycle"], info["clients"]) == ("no_time", ["KASSE-1"])
    assert len(info["serial_number"]) == 64
    assert info["self_test_due"] is True, "a power-up wants clock and self test"
    tested = kassd("tse", "self-test", "--json", config=config)
    assert tested.returncode == 0
    assert verdict(tested)["self_test_due"] is False
    text = kassd("tse", "info", config=config)
    assert f"serial_number: {info['serial_number']}" in text.stdout


@pytest.mark.parametrize("name", ["tse.log", "pki/tse.key"])
def test_a_damaged_soft_tse_is_a_sentence(config: Path, tmp_path: Path, name: str) -> None:
    signed(tmp_path / "tse", 1)
    (tmp_path / "tse" / name).write_bytes(b"\x9f\xff\x00" * 1000)
    done = kassd("tse", "self-test", config=config)
    assert done.returncode == 70
    assert done.stderr.startswith("kassd: ")
    assert "beschädigt" in done.stderr
    assert (tmp_path / "tse" / name).stat().st_size == 3000


def test_without_a_tse_the_commands_say_so(config: Path, tmp_path: Path) -> None:
    text = config.read_text()
    config.write_text(text[: text.index("[tse]")])
    for arguments in (("tse", "info"), ("export", "tar", "--out", str(tmp_path / "x.tar"))):
        done = kassd(*arguments, config=config)
        assert done.returncode == 78, arguments
        assert "[tse]" in done.stderr
    assert not list(tmp_path.glob("x.tar*"))


# -- docs ---------------------------------------------------------------------------------------------


def test_control_codes_take_the_prefix_of_the_configuration(config: Path, tmp_path: Path) -> None:
    plain, own = tmp_path / "plain.html", tmp_path / "own.html"
    config.write_text(config.read_text().replace("[business]", 'control_prefix = "LADEN7"\n\n[business]'))
    assert kassd("docs", "control-codes", "--out", plain).returncode == 0
    assert kassd("docs", "control-codes", "--out", own, config=config).returncode == 0
    assert plain.read_text() != own.read_text()
    assert own.read_text().count("<svg") == plain.read_text().count("<svg")


@pytest.mark.parametrize("how", ["named", "environment", "default"])
def test_sheets_read_the_configuration_that_every_command_reads(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """§ 14 Abs. 4 UStG: a slip for an outage has name, address and tax number."""
    monkeypatch.setattr(settings, "DEFAULT_PATH", tmp_path / "none.toml")
    codes, form, plain = (tmp_path / f"{name}.html" for name in ("codes", "form", "plain"))
    done = kassd("docs", "control-codes", "--out", plain)
    assert done.stdout == f"{plain}: ohne Konfiguration, es gibt noch keine\n"
    config.write_text(config.read_text().replace("[business]", 'control_prefix = "LADEN7"\n\n[business]'))
    if how == "environment":
        monkeypatch.setenv(settings.ENV_FILE, str(config))
    elif how == "default":
        monkeypatch.setattr(settings, "DEFAULT_PATH", config)
    named = config if how == "named" else None
    assert kassd("docs", "control-codes", "--out", codes, config=named).stdout == f"{codes}: Präfix LADEN7\n"
    assert codes.read_text() != plain.read_text()
    assert kassd("docs", "outage-form", "--slips", "2", "--out", form, config=named).returncode == 0
    business = settings.load(config).business
    for value in (business.name, business.street, business.city, business.tax_number):
        assert form.read_text().count(value) == 2


def test_a_configuration_that_is_named_and_not_there_is_no_sheet_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.ENV_FILE, str(tmp_path / "gone.toml"))
    for what in ("control-codes", "outage-form"):
        done = kassd("docs", what, "--out", tmp_path / "sheet.html")
        assert (done.returncode, "gone.toml" in done.stderr) == (78, True)
    assert not (tmp_path / "sheet.html").exists()


@pytest.mark.parametrize(
    ("what", "name", "more", "only"),
    [
        ("control-codes", "codes.pdf", (), "html"),
        ("control-codes", "codes", ("--format", "pdf"), "html"),
        ("outage-form", "form.md", (), "html"),
        ("outage-form", "form.html", ("--format", "md"), "html"),
        ("annex", "annex.pdf", (), "json"),
        ("annex", "annex.json", ("--format", "html"), "json"),
    ],
)
def test_no_file_is_called_what_it_is_not(
    config: Path, tmp_path: Path, what: str, name: str, more: tuple[str, ...], only: str
) -> None:
    done = kassd("docs", what, "--out", tmp_path / name, *more, config=config)
    assert done.returncode == 65
    assert f"nur als {only.upper()}" in done.stderr
    assert f".{only} angeben" in done.stderr
    assert not (tmp_path / name).exists()


# -- run ----------------------------------------------------------------------------------------------


class Running:
    """``kassd run`` as a process."""

    def __init__(self, config: Path) -> None:
        self.config = config
        command = [sys.executable, "-m", "kassd", "--config", config, "run"]
        with (config.parent / "log").open("w") as log:
            self.process = subprocess.Popen(command, stderr=log)

    def __enter__(self) -> "Running":
        journal = self.config.parent / "journal"
        until = time.monotonic() + 60
        while not (is_running(journal) and "tse.bound" in self.kinds(journal)):
            assert self.process.poll() is None, self.text
            assert time.monotonic() < until, self.text
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    @staticmethod
    def kinds(journal: Path) -> set[str]:
        return {fact["kind"] for line in read_lines(journal) for fact in line.facts}

    @property
    def text(self) -> str:
        return (self.config.parent / "log").read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def test_a_second_run_ends_with_75_and_the_first_goes_on(config: Path) -> None:
    with Running(config) as first:
        second = run(config)
        assert second.returncode == 75
        assert "Ein anderes kassd" in second.stderr
        assert "Traceback" not in second.stderr
        assert first.process.poll() is None
        export = kassd("export", "tar", "--out", config.parent / "x.tar", config=config)
        assert export.returncode != 0
        assert "beenden" in export.stderr
        assert not list(config.parent.glob("x.tar*"))
        assert kassd("verify", config=config).returncode == 0, "verify needs no lock"
        assert first.stop() == 0
    assert not is_running(config.parent / "journal")


def test_another_identity_on_the_same_journal_ends_with_78(config: Path) -> None:
    with Running(config) as first:
        assert first.stop() == 0
    before = [line.h for line in read_lines(config.parent / "journal")]
    config.write_text(config.read_text().replace('id = "KASSE-1"', 'id = "KASSE-2"'))
    done = run(config)
    assert done.returncode == 78
    assert "KASSE-1" in done.stderr
    assert "Traceback" not in done.stderr
    after = [line.h for line in read_lines(config.parent / "journal")]
    assert after[: len(before)] == before
    assert "KASSE-2" not in "".join(p.read_text() for p in (config.parent / "journal").glob("*.jsonl"))


@pytest.mark.parametrize("place", ["under a file", "unwritable"])
def test_a_journal_that_cannot_be_written_ends_with_74(config: Path, tmp_path: Path, place: str) -> None:
    directory = tmp_path / "catalog.json" / "journal" if place == "under a file" else Path("/proc/self")
    config.write_text(config.read_text().replace(str(tmp_path / "journal"), str(directory)))
    done = run(config)
    assert done.returncode == 74
    assert str(directory) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "tse").exists(), "nothing else was started"


def test_a_full_disk_at_the_start_ends_with_74(config: Path) -> None:
    """A limit on the size of files stands for the full disk: it hits the first segment."""
    done = run(config, "ulimit -f 64;")
    assert done.returncode == 74, done.stderr
    assert "Journal" in done.stderr


@pytest.mark.parametrize(("old", "new"), [('id = "KASSE-1"', 'id = "KASSE-2"'), ('"test"', '"production"')])
def test_a_journal_of_another_register_is_refused_everywhere_in_the_same_words(
    config: Path, journal: Path, old: str, new: str
) -> None:
    accepted = verdict(kassd("doctor", "--json", config=config))["findings"]
    assert [f["severity"] for f in accepted if f["id"] == "journal"] == ["info"]
    text = config.read_text()
    assert old in text
    config.write_text(re.sub(r"\[tse\][^\[]*", "", text.replace(old, new)))
    started = run(config)
    assert started.returncode == 78
    sentence = started.stderr.splitlines()[-1].removeprefix("kassd: ")
    assert "Journal" in sentence
    checked = kassd("config", "check", config=config)
    assert (checked.returncode, checked.stdout) == (78, "")
    assert checked.stderr.splitlines()[-1].removeprefix("kassd: ") == sentence
    looked = kassd("doctor", "--json", config=config)
    assert looked.returncode == 65
    (found,) = (f for f in verdict(looked)["findings"] if f["id"] == "journal")
    assert found["severity"] == "error"
    assert found["message"].startswith(sentence)


def test_config_check_beside_a_damaged_journal_names_doctor(config: Path, journal: Path) -> None:
    shutil.rmtree(journal / "blob")
    done = kassd("config", "check", config=config)
    assert done.returncode == 0
    assert "kassd doctor" in done.stdout


def test_a_torn_tail_is_a_warning_and_no_error(config: Path, journal: Path) -> None:
    newest = sorted(journal.glob("*.jsonl"))[-1]
    data = newest.read_bytes()
    newest.write_bytes((data.rstrip(b"\0") + b'{"v":1,"seq":99,"a').ljust(len(data), b"\0"))
    done = kassd("verify", "--json", str(journal))
    assert done.returncode == 0
    assert [f["id"] for f in verdict(done)["findings"]] == ["torn_tail"]
    (found,) = (
        f for f in verdict(kassd("doctor", "--json", config=config))["findings"] if f["id"] == "journal"
    )
    assert found["severity"] == "info"
    assert "Strom" in found["message"]


@pytest.mark.parametrize("damaged", [b"", b"PRIVATE+KEY+KASSE-0007+00000000+AAAA\n"])
def test_a_damaged_key_is_named_with_its_remedy(config: Path, journal: Path, damaged: bytes) -> None:
    """It is no reason to distrust the journal, nor one not to sell."""
    (journal / "key").write_bytes(damaged)
    done = kassd("verify", str(journal))
    assert done.returncode == 0
    assert "Warnung [key_damaged] key: Die Schlüsseldatei ist beschädigt" in done.stdout
    (found,) = (
        f for f in verdict(kassd("doctor", "--json", config=config))["findings"] if f["id"] == "journal"
    )
    assert found["severity"] == "warning"
    assert f"{journal / 'key'}: Die Schlüsseldatei ist beschädigt" in found["message"]
    assert "neu starten" in found["message"]
