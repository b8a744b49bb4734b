"""``kassd archive`` and ``kassd restore`` as an operator types them."""

import asyncio
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kassd.clock import Clock
from kassd.core import facts as f
from kassd.journal import Entry, Journal
from tests.cli.kit import kassd
from tests.fiscal.archive.conftest import Register
from tests.fiscal.archive.test_copying import NOTE


def test_list_shows_each_year_and_what_was_put_in(register: Register) -> None:
    done = kassd("archive", "list", config=register.config)
    assert done.returncode == 0, done.stderr
    assert "2026: Abschlüsse 1–2, TSE-Archive: 1; aufzubewahren bis 2036-12-31" in done.stdout
    assert (
        "export/2026-11-05-dsfinvk-2026-11 (Export, 2 Dateien, 27 Bytes): aufzubewahren bis 2036-12-31"
        in (done.stdout)
    )
    shown = json.loads(kassd("archive", "list", "--json", config=register.config).stdout)
    assert shown["kept"][0]["keep_until"] == "2036-12-31"


def test_from_the_register_to_the_stick_and_back(register: Register, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    assert kassd("archive", "verify", config=register.config).returncode == 0
    copied = kassd("archive", "copy", tmp_path / "stick", config=register.config)
    assert copied.returncode == 0, copied.stderr
    assert "alle zurückgelesen und verglichen" in copied.stdout
    assert "nicht im Journal vermerkt: die Kasse läuft nicht" in copied.stderr
    verified = kassd("archive", "verify", tmp_path / "stick", "--json")
    assert json.loads(verified.stdout)["ok"] is True

    register.write(NOTE)  # the old journal goes on after the copy
    back = kassd("restore", tmp_path / "stick", "--to", tmp_path / "new", config=register.config)
    assert back.returncode == 0, back.stderr
    assert "das bisherige Journal: kennt" in back.stdout
    assert "counters.resume" in back.stdout
    assert f'dir = "{tmp_path}/new/journal"' in back.stdout

    shutil.rmtree(register.place.journal)
    again = kassd("restore", tmp_path / "stick", "--to", tmp_path / "third", "--json", config=register.config)
    told = json.loads(again.stdout)
    assert told["newer"] == []
    assert told["closing"] == 2
    (unasked,) = told["not_asked"]
    assert "Die Soft-TSE ist nicht da" in unasked


def test_a_damaged_copy_ends_with_65_and_names_the_file(register: Register, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    assert kassd("archive", "copy", tmp_path / "stick", config=register.config).returncode == 0
    (csv,) = (tmp_path / "stick").rglob("lines.csv")
    csv.write_bytes(b"Z_KASSE_ID;Z_NX\r\n")
    done = kassd("restore", tmp_path / "stick", "--to", tmp_path / "new")
    assert done.returncode == 65
    assert "lines.csv: Die Datei hat anderen Inhalt als verzeichnet." in done.stdout
    assert not (tmp_path / "new").exists()


def test_a_copy_that_restore_refuses_is_not_called_good(register: Register, tmp_path: Path) -> None:
    """The journal names a TSE archive that the register has not any more."""
    (tar,) = register.place.tars.rglob("*.tar")
    tar.unlink()
    (tmp_path / "stick").mkdir()
    missing = f"{tar.relative_to(register.folder)}: Das TSE-Archiv fehlt."
    copied = kassd("archive", "copy", tmp_path / "stick", config=register.config)
    assert copied.returncode == 65
    assert missing in copied.stdout
    assert "restore nimmt sie so nicht an" in copied.stdout
    assert "vermerkt" in copied.stderr, "it has left the register all the same"
    as_json = kassd("archive", "copy", tmp_path / "stick", "--json", config=register.config)
    assert (as_json.returncode, json.loads(as_json.stdout)["ok"]) == (65, False)
    for words in (
        ("archive", "verify", tmp_path / "stick"),
        ("restore", tmp_path / "stick", "--to", tmp_path / "n"),
    ):
        refused = kassd(*words)
        assert refused.returncode == 65
        assert missing in refused.stdout


def test_a_clock_that_runs_ahead_removes_nothing(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.csv").write_text("x", "utf-8")
    assert kassd("archive", "add", tmp_path / "old.csv", config=register.config).returncode == 0

    class Ahead(Clock):
        def now(self) -> datetime:
            return datetime(2099, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("kassd.cli.archive.Clock", Ahead)
    words = ("archive", "prune", "--by", "Anna", "--and-by", "Ben")
    early = kassd(*words, config=register.config)
    assert "(Stand 05.11.2026)" in early.stdout
    note = Entry("2037-01-02T08:00:00.000000Z", 1, "0" * 16, [f.to_json(NOTE)], [])
    asyncio.run(_append(register, note))  # only what the register has recorded counts
    late = kassd(*words, config=register.config)
    assert late.returncode == 0, late.stderr
    assert "2 gelöscht" in late.stdout
    assert not (register.place.kept / "other").exists()
    assert "gelöscht 2099-01-01" in kassd("archive", "list", config=register.config).stdout


async def _append(register: Register, entry: Entry) -> None:
    journal, _ = await Journal.open(
        register.place.journal, register.id, compact=False, now=lambda: (entry.at, 1, "0" * 16)
    )
    await journal.append(entry)
    await journal.close()


def test_add_hold_and_prune(register: Register, tmp_path: Path) -> None:
    paper = tmp_path / "Verfahrensdokumentation.pdf"
    paper.write_bytes(b"%PDF-1.7")
    added = kassd("archive", "add", paper, "--by", "Anna", config=register.config)
    assert added.returncode == 0, added.stderr
    name = added.stdout.partition(":")[0]
    assert name.startswith("document/")
    assert kassd("archive", "hold", config=register.config).returncode == 65
    held = kassd("archive", "hold", "--reason", "Betriebsprüfung", config=register.config)
    assert held.stdout == "Alles im Archiv: Löschsperre gesetzt.\n"
    released = kassd("archive", "hold", name, "--release", config=register.config)
    assert (released.returncode, released.stdout) == (65, "")
    assert "Gesperrt ist: Alles im Archiv." in released.stderr
    assert "Löschsperre: Betriebsprüfung" in kassd("archive", "list", config=register.config).stdout
    pruned = kassd("archive", "prune", "--by", "Anna", "--and-by", "Ben", config=register.config)
    assert pruned.returncode == 0
    assert "Nichts ist über seine Aufbewahrungsfrist hinaus" in pruned.stdout
    assert (register.place.kept / name).exists()
    future = kassd("archive", "add", paper, "--to", "2099-01-01", config=register.config)
    assert future.returncode == 65
    assert kassd("archive", "add", tmp_path / "none.pdf", config=register.config).returncode == 65
