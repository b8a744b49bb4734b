"""``kassd export dsfinvk``."""

import io
import shutil
from datetime import date
from pathlib import Path

import pytest

from kassd.cli.main import main
from tests.core.playbook import Playbook
from tests.fiscal.kit import close, journal_of, read, traded

FIRST = date(2026, 3, 2)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return traded(tmp_path_factory.mktemp("shop") / "bar", "bar", FIRST, days=3, density=0.05).parent


@pytest.fixture(autouse=True)
def in_the_shop(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)


def export(out: Path, *more: str) -> int:
    return main(["export", "dsfinvk", "--config", "kassd.toml", "--out", str(out), *more])


def test_days(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(tmp_path / "out", "--from", "2026-03-03", "--to", "2026-03-03") == 0
    shown = capsys.readouterr()
    assert shown.out == f"{tmp_path / 'out'}\n"
    assert "1 Abschlüsse" in shown.err
    assert "Prüfung der fertigen Dateien: in Ordnung" in shown.err
    assert "Der Export ist nicht im Journal vermerkt: die Kasse läuft nicht" in shown.err
    (closing,) = read(tmp_path / "out")["cashpointclosing"]
    assert closing["Z_NR"] == "2"
    log = (tmp_path / "out.exportprotokoll.txt").read_text(encoding="utf-8")
    assert "Zeitraum 03.03.2026 bis 03.03.2026" in log


def test_what_the_audit_finds_is_told_and_the_files_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = Playbook()
    book.config |= {"agency.bus.name": "bus", "agency.bus.id": 1, "agency.bus.text": "Verkehrsverbund"}
    journal = journal_of(close(book.ready()), tmp_path / "journal")
    config = tmp_path / "kassd.toml"
    text = Path("kassd.toml").read_text("utf-8").replace('dir = "journal"', f'dir = "{journal}"')
    config.write_text(text, "utf-8")
    arguments = ["export", "dsfinvk", "--config", str(config), "--out", str(tmp_path / "out")]
    assert main(arguments) == 65
    told = capsys.readouterr().err
    assert "NICHT in Ordnung" in told
    assert "AGENTUR_STRASSE" in told
    assert "AGENTUR_STRASSE" in (tmp_path / "out.exportprotokoll.txt").read_text("utf-8")
    assert len(list((tmp_path / "out").iterdir())) == 22
    assert main([*arguments[:-1], str(tmp_path / "unchecked"), "--no-check"]) == 0


@pytest.mark.parametrize(("asked", "numbers"), [("2", ["2"]), ("2-3", ["2", "3"]), ("3-9", ["3"])])
def test_numbers_of_closings(asked: str, numbers: list[str], tmp_path: Path) -> None:
    assert export(tmp_path / "out", "--closing", asked) == 0
    assert [row["Z_NR"] for row in read(tmp_path / "out")["cashpointclosing"]] == numbers


@pytest.mark.parametrize("wrong", [("--closing", "zwei"), ("--closing", "1", "--from", "2026-03-02")])
def test_what_cannot_be_meant(
    wrong: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path / "out", *wrong) == 65
    assert "z. B. --closing 12" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--closing", "0"), "Abschlüsse zählen ab 1"),
        (("--closing", "0-2"), "einen Abschluss 0 gibt es nicht"),
        (("--closing", "3-1"), "also 1-3"),
        (("--from", "2026-03-04", "--to", "2026-03-02"), "--from 2026-03-04 liegt nach --to 2026-03-02"),
    ],
)
def test_a_period_that_cannot_be(
    asked: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path / "out", *asked) == 65
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_closings_that_are_not_there_yet_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(tmp_path / "out", "--closing", "2-99") == 0
    assert "Kasse TEST-BAR: die Abschlüsse 4–99 gibt es noch nicht." in capsys.readouterr().err
    assert export(tmp_path / "one", "--closing", "3-4") == 0
    assert "Kasse TEST-BAR: Abschluss 4 gibt es noch nicht." in capsys.readouterr().err
    assert export(tmp_path / "all", "--closing", "1-3") == 0
    assert "noch nicht" not in capsys.readouterr().err


@pytest.mark.parametrize("day", ["2026-02-30", "30.02.2026", ""])
def test_an_impossible_day(day: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as usage:
        export(tmp_path / "out", "--from", day)
    assert usage.value.code == 64
    told = capsys.readouterr().err
    assert f"kassd: --from: „{day}“ ist kein Datum. Erwartet wird Jahr-Monat-Tag" in told
    assert "fromisoformat" not in told


def test_a_period_without_a_closing_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path / "out", "--from", "2027-01-01") == 65
    told = capsys.readouterr()
    assert "gibt es keinen Kassenabschluss" in told.err
    assert "till.close" in told.err
    assert (told.out, list(tmp_path.iterdir())) == ("", [])


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir()
    assert export(tmp_path / "out") == 65
    assert "gibt es schon" in capsys.readouterr().err


def test_one_more_register(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kiosk = traded(tmp_path / "kiosk", "kiosk", FIRST, density=0.02)
    assert export(tmp_path / "out", "--journal", str(kiosk)) == 0
    registers = {row["Z_KASSE_ID"] for row in read(tmp_path / "out")["cashpointclosing"]}
    assert registers == {"TEST-BAR", "TEST-KIOSK"}
    assert export(tmp_path / "other", "--journal", str(tmp_path / "missing")) == 65
    assert "ist kein Journal" in capsys.readouterr().err


def test_a_torn_tail_is_not_read_and_a_hole_is_told(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(shop, copy)
    last = max((copy / "journal").glob("*.jsonl"))
    content = last.read_bytes().rstrip(b"\0")
    last.write_bytes(content + b'{"v":1,"seq":99999999,"at":"20\n')
    config = str(copy / "kassd.toml")
    text = Path(config).read_text("utf-8").replace('dir = "journal"', f'dir = "{copy}/journal"')
    Path(config).write_text(text, "utf-8")
    assert main(["export", "dsfinvk", "--config", config, "--out", str(tmp_path / "torn")]) == 0
    sorted((copy / "journal").glob("*.jsonl"))[1].unlink()
    assert main(["export", "dsfinvk", "--config", config, "--out", str(tmp_path / "hole")]) == 65
    assert "fehlt" in capsys.readouterr().err
    assert not (tmp_path / "hole").exists()


class Terminal(io.StringIO):
    """Standard error of somebody who watches."""

    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_and_nothing_in_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for screen, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", screen)
        assert export(tmp_path / f"out-{shown}", "--no-check") == 0
        assert ("\x1b[" in screen.getvalue()) is shown
        assert ("journal" in screen.getvalue().split("Abschlüsse")[0]) is shown


def test_of_a_damaged_journal_no_figures_are_handed_out_and_the_journal_says_so(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copytree(shop, tmp_path / "shop"))
    monkeypatch.chdir(copy)
    segment = next(
        path for path in sorted((copy / "journal").glob("*.jsonl")) if b'"amount":' in path.read_bytes()
    )
    segment.write_bytes(segment.read_bytes().replace(b'"amount":', b'"amount":1', 1))
    for what in ("dsfinvk", "cashbook", "dfka"):
        assert main(["export", what, "--config", "kassd.toml", "--out", str(tmp_path / what)]) == 65
        assert "ist nicht, was dort geschrieben wurde" in capsys.readouterr().err
        assert not (tmp_path / what).exists()
    assert main(["export", "journal", "--config", "kassd.toml", "--out", str(tmp_path / "copy")]) == 65
    assert "Das Journal ist beschädigt: " in capsys.readouterr().err
    assert (tmp_path / "copy").is_dir()
    assert main(["export", "audit", "--config", "kassd.toml", "--out", str(tmp_path / "all")]) == 65
    page = (tmp_path / "all" / "LIESMICH.html").read_text("utf-8")
    assert "BESCHÄDIGT, herausgegeben wie es ist" in page
    assert (tmp_path / "all" / "journal" / segment.name).is_file()
