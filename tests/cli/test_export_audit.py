"""`kassd export audit`: the folder of an audit on the spot, and where it goes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kassd import settings
from kassd.cli import export_audit
from kassd.errors import DataError
from tests.cli.kit import kassd
from tests.fiscal.query import kit as day

TOML = """
[register]
id = "KASSE-1"
mode = "test"
[business]
name = "Backhaus Muster"
street = "Marktplatz 1"
postal_code = "01067"
city = "Dresden"
tax_number = "203/123/12345"
[journal]
dir = "{home}/journal"
[fiscal]
sticks = "{home}/media"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    day.written(folder, day.a_day(), "KASSE-1")
    (folder / "kassd.toml").write_text(TOML.format(home=folder), encoding="utf-8")
    return folder


def test_what_there_is_goes_along_and_what_not_is_said(home: Path, tmp_path: Path) -> None:
    done = kassd("export", "audit", "--out", tmp_path, "--recipient", "Frau Amt", config=home / "kassd.toml")
    assert done.returncode == 65, done.stderr
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path
    assert folder.name.startswith("nachschau-KASSE-1-20")
    assert "Nicht dabei: Log-Nachrichten der TSE" in done.stderr
    assert "In der Konfiguration fehlt [tse]" in done.stderr
    assert "nicht im Journal vermerkt: die Kasse läuft nicht" in done.stderr
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"LIESMICH.html", "SHA256SUMS", "zaehlprotokoll.html", "pruefbericht.html"} <= names
    assert {"dsfinvk/index.xml", "dsfinvk/transactions.csv", "dsfinvk.exportprotokoll.txt"} <= names
    assert {"tabellen/belege.csv", "journal_pruefen.py", "journal/000000000000.jsonl"} <= names
    assert {"dokumente/Verfahrensdokumentation.pdf", "dokumente/Benutzerhandbuch.pdf"} <= names
    assert not {name for name in names if name.endswith(("key", "lock", ".sqlite"))}
    cover = (folder / "LIESMICH.html").read_text(encoding="utf-8")
    assert "Frau Amt" in cover
    assert "Nicht dabei" in cover
    checked = subprocess.run(
        [sys.executable, "journal_pruefen.py", "journal"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout.split()[1]) == (0, "lines"), checked.stderr


def test_a_period_without_a_closing(home: Path, tmp_path: Path) -> None:
    words = ("--from", "2027-01-01", "--to", "2027-01-31")
    done = kassd("export", "audit", "--out", tmp_path / "new", *words, config=home / "kassd.toml")
    assert done.returncode == 65
    assert Path(done.stdout.strip()) == tmp_path / "new"
    assert not (tmp_path / "new" / "dsfinvk").exists()
    assert "Nicht dabei: Kassendaten" in done.stderr
    cover = (tmp_path / "new" / "LIESMICH.html").read_text(encoding="utf-8")
    assert "von 01.01.2027 bis 31.01.2027" in cover


def test_usb_needs_one_stick(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = kassd("export", "audit", "--out", "usb", config=home / "kassd.toml")
    assert (done.returncode, done.stdout) == (65, "")
    assert "kein USB-Stick" in done.stderr
    for name in ("a", "b", "no-mount"):
        (tmp_path / name).mkdir()
    mounted = {tmp_path / "a"}
    monkeypatch.setattr(Path, "is_mount", lambda path: path in mounted)
    assert export_audit.stick(tmp_path) == tmp_path / "a"
    mounted.add(tmp_path / "b")
    with pytest.raises(DataError, match=r"mehrere USB-Sticks \(a, b\)"):
        export_audit.stick(tmp_path)


def test_a_folder_may_stand_for_the_stick(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "kassd.toml"
    file.write_text(f'{TOML.format(home=home)}handout = "{tmp_path}"\n', encoding="utf-8")
    assert export_audit.place_of(settings.load(file, {}), "usb") == tmp_path


def test_without_a_journal_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "kassd.toml").write_text(TOML.format(home=tmp_path), encoding="utf-8")
    done = kassd("export", "audit", "--out", tmp_path, config=tmp_path / "kassd.toml")
    assert (done.returncode, done.stdout) == (65, "")
    assert "noch kein Journal" in done.stderr


# the register: starts the program as the daemon does, gives it its task and is killed at once
REGISTER = """
import os, signal, subprocess, sys
words = [sys.executable, "-m", "kassd.cli.export_audit", str(os.getpid()), "0"]
made = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=int(sys.argv[1]), pass_fds=[int(sys.argv[1])])
made.stdin.write(sys.argv[2].encode())
made.stdin.close()
if sys.argv[3] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
made.wait()
"""


@pytest.mark.parametrize("fate", ["lives", "killed"])
def test_without_the_register_that_records_it_nothing_is_handed_out(
    home: Path, tmp_path: Path, fate: str
) -> None:
    media = tmp_path / "media"
    media.mkdir()
    file = tmp_path / "kassd.toml"
    file.write_text(f'{TOML.format(home=home)}handout = "{media}"\n', encoding="utf-8")
    task = json.dumps({"first": "", "last": "", "recipient": "Frau Amt"})
    theirs, its = os.pipe()
    words = [sys.executable, "-c", REGISTER, str(its), task, fate]
    with subprocess.Popen(words, pass_fds=[its], env={**os.environ, "KASSD_CONFIG": str(file)}):
        os.close(its)
        with os.fdopen(theirs) as said:
            told = said.read()  # to the end: then the program is gone, too
    if fate == "lives":
        assert [str(path) for path in media.iterdir()] == [json.loads(told)["folder"]]
    else:
        assert (told, list(media.iterdir())) == ("", [])
