"""The command line as a newcomer meets it: exit codes, sentences, pipes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kassd import settings
from kassd.core.barcodes.control import CONTROL
from tests.cli.kit import kassd, program
from tests.tse.log.samples import Signer, archive, good_messages
from tests.tse.log.test_qr import make as qr_text

EXAMPLE = settings.EXAMPLE


@pytest.fixture
def config(tmp_path: Path) -> Path:
    text = EXAMPLE.replace("/var/lib/kassd", str(tmp_path)).replace("/etc/kassd", str(tmp_path))
    (tmp_path / "catalog.json").write_text('{"articles": []}')
    file = tmp_path / "kassd.toml"
    file.write_text(text)
    return file


def test_without_a_command_usage_and_64() -> None:
    done = program()
    assert done.returncode == 64
    assert "usage: kassd" in done.stderr


def test_config_example_is_what_config_check_accepts(tmp_path: Path) -> None:
    file = tmp_path / "kassd.toml"
    file.write_text(program("config", "example").stdout)
    done = kassd("config", "check", "--config", str(file))
    assert done.returncode == 0
    assert done.stdout.endswith("Die Konfiguration ist in Ordnung.\n")


def test_config_check_names_the_line(config: Path) -> None:
    config.write_text(config.read_text().replace("columns = 42", "colums = 42"))
    done = kassd("config", "check", config=config)
    assert done.returncode == 78
    assert "[[printer]] colums" in done.stderr
    assert "Zeile" in done.stderr


def test_run_with_a_broken_configuration_ends_with_78(config: Path) -> None:
    config.write_text(config.read_text().replace('mode = "test"', 'mode = "production"'))
    done = program("run", config=config)
    assert done.returncode == 78
    assert "soft" in done.stderr
    assert not (config.parent / "journal").exists()


@pytest.mark.parametrize("command", [("config", "check"), ("run",)])
def test_an_account_without_its_password_ends_with_78(config: Path, command: tuple[str, ...]) -> None:
    config.write_text(
        config.read_text().replace(
            "port = 1883", 'port = 1883\nusername = "kassd"\npassword_credential = "mqtt-none"'
        )
    )
    done = program(*command, config=config)
    assert done.returncode == 78
    assert "username = 'kassd'" in done.stderr
    assert "mqtt-none" in done.stderr
    assert not (config.parent / "journal").exists()


def test_config_check_reads_the_example_catalogue(config: Path) -> None:
    (config.parent / "catalog.json").write_text(kassd("config", "example", "--catalog").stdout)
    done = kassd("config", "check", config=config)
    articles = len(json.loads((config.parent / "catalog.json").read_text())["articles"])
    assert (done.returncode, f": {articles} Artikel" in done.stdout) == (0, True)


def test_config_check_names_the_line_of_a_code_that_is_never_scanned(config: Path) -> None:
    text = kassd("config", "example", "--catalog").stdout
    config.write_text(config.read_text().replace("[business]", 'control_prefix = "KAFFEE"\n\n[business]'))
    (config.parent / "catalog.json").write_text(text.replace("4006381333931", "4006381333930"))
    done = kassd("config", "check", config=config)
    assert done.returncode == 65
    assert "catalog.json: Zeile 2: Artikel brot: die Prüfziffer von 4006381333930" in done.stderr
    assert "Zeile 3: Artikel kaffee: mit KAFFEE beginnen nur Steuercodes" in done.stderr


def test_an_article_of_an_agency_that_is_not_configured_is_told(config: Path) -> None:
    text = config.read_text()
    config.write_text(text[: text.index("[[agency]]")])
    file = config.parent / "catalog.json"
    articles = kassd("config", "example", "--catalog").stdout
    file.write_text(articles)
    line = articles[: articles.index('"karte"')].count("\n") + 1
    told = f"Zeile {line}: Artikel karte: zu agency 1 fehlt [[agency]] mit dieser id"
    done = kassd("config", "check", config=config)
    assert done.returncode == 65
    assert f"Artikelstamm {file}: {told}" in done.stderr
    assert f"✘ catalog: {told}\n    → {file} berichtigen" in kassd("doctor", config=config).stdout


def test_a_catalogue_that_is_a_folder_is_told_with_the_key_that_names_it(config: Path) -> None:
    text = config.read_text().replace(f"{config.parent}/catalog.json", str(config.parent))
    config.write_text(text)
    line = text.splitlines().index(f'file = "{config.parent}"') + 1
    done = kassd("config", "check", config=config)
    assert done.returncode == 78
    assert f"{config}, Zeile {line}: [catalog] file: " in done.stderr
    assert f"{config.parent}: ist ein Ordner" in done.stderr


def test_verify_of_nothing_says_what_is_expected(tmp_path: Path) -> None:
    done = kassd("verify", str(tmp_path / "no.tar"))
    assert done.returncode == 65
    assert "TAR" in done.stderr


def test_verify_of_garbage_as_json(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"no archive at all")
    done = kassd("verify", "--json", str(tmp_path / "x.tar"))
    verdict = json.loads(done.stdout)
    assert done.returncode == 65
    assert verdict["ok"] is False
    assert verdict["findings"][0]["severity"] == "error"


def test_qr_verify_reads_standard_input() -> None:
    done = kassd("qr", "verify", "--json", stdin="V0;no;qr\n")
    assert done.returncode == 65
    assert json.loads(done.stdout)["kind"] == "qr"


def test_qr_verify_keeps_carriage_returns_and_names_the_reason(tmp_path: Path) -> None:
    text = qr_text(Signer("secp256r1"))
    assert "\r" in text
    for given, code in ((text, 0), (text.replace("Eis", "Ei"), 65)):
        command = [sys.executable, "-m", "kassd", "qr", "verify"]
        piped = subprocess.run(command, input=given.encode() + b"\n", capture_output=True, timeout=50)
        assert piped.returncode == code
        spoken = kassd("qr", "verify", given)
        assert (spoken.returncode, spoken.stdout.encode()) == (code, piped.stdout)
    assert spoken.stdout.startswith("FEHLER [signature_invalid] die Signatur mit Zähler 300 passt nicht")


def test_qr_verify_of_other_bytes_is_a_sentence() -> None:
    command = [sys.executable, "-m", "kassd", "qr", "verify"]
    done = subprocess.run(command, input=b"V0;\xff", capture_output=True, timeout=50)
    assert done.returncode == 65
    assert b"UTF-8" in done.stderr


@pytest.mark.parametrize("as_json", [False, True])
def test_verify_names_the_first_bad_message(tmp_path: Path, as_json: bool) -> None:
    signer = Signer("secp256r1")
    good = archive(good_messages(signer), signer.certificate)
    path = tmp_path / "export.tar"
    path.write_bytes(good)
    assert kassd("verify", str(path)).stdout.endswith(f"TSE-Archiv {path}: in Ordnung (5 geprüft)\n")
    path.write_bytes(good.replace(b"1.00_0.00", b"9.00_0.00"))
    done = kassd("verify", str(path), *(["--json"] if as_json else []))
    assert done.returncode == 65
    member = "Unixt_1790000240_Sig-4_Log-Tra_No-2_Finish_Client-KASSE-1.log"
    reason = "die Signatur der Nachricht mit Zähler 4 ist falsch"
    if as_json:
        first = json.loads(done.stdout)["findings"][0]
        assert first == {"id": "signature_invalid", "severity": "error", "where": member, "message": reason}
    else:
        assert done.stdout.splitlines()[0] == f"FEHLER [signature_invalid] {member}: {reason}"
        assert done.stdout.endswith(f"TSE-Archiv {path}: NICHT in Ordnung (5 geprüft)\n")


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ([0, 1, 3, 4], "UNVOLLSTÄNDIG: was da ist, ist echt, dazwischen fehlen Lognachrichten; "),
        ([], "LEER: keine Lognachricht (0 geprüft)\n"),
        ([1, 2, 3], "in Ordnung (3 geprüft)\n"),
    ],
)
def test_an_archive_with_gaps_is_not_called_in_order(tmp_path: Path, kept: list[int], said: str) -> None:
    """What was cut off at either end cannot be seen; the range that is there is told."""
    signer, path = Signer("secp256r1"), tmp_path / "export.tar"
    good = good_messages(signer)
    path.write_bytes(archive([good[number] for number in kept], signer.certificate))
    done = kassd("verify", str(path))
    assert done.returncode == 0, "a filtered export is none that was changed"
    last = done.stdout.splitlines(keepends=True)[-1]
    assert last.startswith(f"TSE-Archiv {path}: {said}")


def test_verify_reads_a_pipe() -> None:
    signer = Signer("secp256r1")
    good = archive(good_messages(signer), signer.certificate)
    command = [sys.executable, "-m", "kassd", "verify", "/dev/stdin"]
    done = subprocess.run(command, input=good, capture_output=True, timeout=50)
    assert done.returncode == 0, done.stderr


def test_doctor_lists_each_check_with_a_remedy(config: Path) -> None:
    done = kassd("doctor", "--json", config=config)
    verdict = json.loads(done.stdout)
    found = {finding["id"] for finding in verdict["findings"]}
    assert {"config", "journal", "disk", "tse", "clock", "catalog", "mqtt", "libraries"} <= found
    assert verdict["checked"] == len(verdict["findings"])
    scanner = next(f for f in verdict["findings"] if f["id"] == "scanner scanner")
    assert scanner["severity"] == "warning"
    assert "/dev/" in scanner["message"]


def test_doctor_refuses_a_bad_catalogue(config: Path) -> None:
    (config.parent / "catalog.json").write_text(
        '{"articles": [\n{"id": "1", "name": "x", "price": -1, "vat": 1}]}'
    )
    done = kassd("doctor", config=config)
    assert done.returncode == 65
    assert "Zeile 2" in done.stdout
    assert "config example --catalog" in done.stdout


def test_status_without_a_broker_says_so(config: Path) -> None:
    config.write_text(config.read_text().replace("port = 1883", "port = 9"))
    done = kassd("status", config=config)
    assert done.returncode != 0
    assert "mosquitto" in done.stderr


def test_receipt_that_is_not_there(config: Path) -> None:
    (config.parent / "journal").mkdir()
    done = kassd("receipt", "show", "17", config=config)
    assert done.returncode == 65
    assert "17" in done.stderr


def test_control_codes_are_a_page_with_every_code(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "codes.html"
    assert kassd("docs", "control-codes", "--out", str(out)).returncode == 0
    text = out.read_text()
    assert text.count("<svg") == text.count("<figcaption>") == len(CONTROL)
    assert "Bar passend" in text


def test_config_check_and_doctor_say_what_is_probably_not_meant(config: Path) -> None:
    text = config.read_text().replace('station = "main"', 'station = "mian"')
    config.write_text(text)
    done = kassd("config", "check", config=config)
    line = text.splitlines().index('station = "mian"') + 1
    assert done.returncode == 0
    assert f"Achtung: {config}, Zeile {line}: Den Kassenplatz „mian“ gibt es nur hier" in done.stdout
    assert '→ station = "main"' in done.stdout
    assert done.stdout.endswith("Die Konfiguration geht so, aber siehe oben.\n")
    told = kassd("doctor", config=config).stdout
    assert f"! config: {config}, Zeile {line}: Den Kassenplatz „mian“" in told
    assert told.endswith(" Prüfungen mit !: bitte ansehen.\n")


def test_an_unknown_profile_is_told_with_its_line_and_what_is_like_it(config: Path) -> None:
    text = config.read_text().replace('profile = "TM-T88V"', 'profile = "TM-T88"')
    config.write_text(text)
    line = text.splitlines().index('profile = "TM-T88"') + 1
    done = kassd("config", "check", config=config)
    assert done.returncode == 78
    told = f"{config}, Zeile {line}: [[printer]] „printer“: profile = 'TM-T88' kennt python-escpos nicht; "
    assert f"{told}ähnlich heißen TM-T88" in done.stderr
    done = kassd("doctor", config=config)
    assert done.returncode == 65
    assert f"✘ config: {told}" in done.stdout
    assert done.stdout.endswith(" Prüfungen mit ✘: das zuerst beheben.\n")


@pytest.mark.parametrize(
    "words",
    [
        "demo --port 70000",
        "demo --port -5",
        "sim printer --port 99999",
        "sim printer --control 99999",
        "sim printer --columns 0",
        "sim tse --kind epson --port 99999",
        "sim ups --port 99999",
        "sim terminal --port 99999",
        "sim trade --shop all --from 2026-01-01 --out /x --days 0",
        "sim trade --shop all --from 2026-01-01 --out /x --days -3",
        "sim trade --shop all --from 2026-01-01 --out /x --density -1",
        "sim trade --shop all --from 2026-01-01 --out /x --density nan",
        "config broker --displays-port 99999",
    ],
)
def test_a_number_out_of_its_range_is_a_usage_error(words: str) -> None:
    done = kassd(*words.split())
    assert done.returncode == 64
    option = words.split()[-2]
    assert f"kassd: {option}: " in done.stderr


def test_simulators_say_in_german_what_they_cannot_use(tmp_path: Path) -> None:
    done = kassd("sim", "printer", "--profile", "bogus", "--out", str(tmp_path / "slips"))
    assert (done.returncode, "„bogus“ gibt es hier nicht: NT-80-V-UL" in done.stderr) == (78, True)
    done = kassd("sim", "scanner", "--link", str(tmp_path / "none" / "x"))
    assert done.returncode == 74
    assert f"{tmp_path}/none/x.new: gibt es nicht. Bitte den Pfad prüfen." in done.stderr
    (tmp_path / "file").touch()
    done = program("demo", "--dir", str(tmp_path / "file"))
    assert done.returncode == 74
    assert f"{tmp_path}/file: gibt es schon. Bitte den Pfad prüfen." in done.stderr
