"""``kassd catalog``: a shop's files against a register's configuration and journal."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from kassd import settings
from kassd.catalog import schema
from kassd.cli.main import main
from kassd.core.catalog import EXAMPLE, parse_catalog
from tests.catalog.kit import BREAD, TITLES, csv, xlsx

BUSINESS, DEVICES = settings.EXAMPLE.split("[[scanner]]")
AGENCY = DEVICES[DEVICES.index("[[agency]]") :]
CONFIG = BUSINESS + AGENCY
ROLL = '{"articles": [{"id": "1001", "name": "Brötchen", "price": 40, "vat": 2, "age": 16}]}'


class Shop:
    """A folder with a configuration; ``kassd catalog`` in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "kassd.toml"
        self.config.write_text(
            CONFIG.replace("/var/lib/kassd", str(folder)).replace("/etc/kassd", str(folder))
        )
        self.catalog = folder / "catalog.json"

    def __call__(self, *arguments: str | Path, stdin: io.StringIO | None = None) -> tuple[int, str, str]:
        out, error = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        with redirect_stdout(out), redirect_stderr(error), _typed(stdin or io.StringIO()):
            code = main(["--config", str(self.config), "catalog", *map(str, arguments)])
        out.flush()
        return code, out.buffer.getvalue().decode(), error.getvalue()  # type: ignore[attr-defined] # BytesIO

    def file(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path


class Terminal(io.StringIO):
    """Somebody sits here."""

    def isatty(self) -> bool:
        return True


@contextmanager
def _typed(stdin: io.StringIO) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", stdin)
        yield


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def said(text: str) -> Any:
    return json.loads(text)


def test_check_says_everything_at_once(shop: Shop) -> None:
    bad = shop.file("a.csv", csv(BREAD, ("1002", "Brot", "1.234", "16 %"), ("", "Kuchen", "2,00", "7 %")))
    code, out, error = shop("check", bad)
    assert (code, out) == (65, "")
    assert "Zeile 3, Spalte C („Preis“): „1.234“: könnte 1234 oder 1,234 sein" in error
    assert "Zeile 3, Spalte D („Steuersatz“): „16 %“" in error
    assert "Zeile 4: die Artikelnummer fehlt" in error
    assert "3 Fehler" in error
    code, out, _ = shop("check", bad, "--json")
    assert code == 65
    assert said(out)["findings"][0]["where"] == "Zeile 3, Spalte C („Preis“)"
    code, out, _ = shop("check", shop.file("b.csv", csv(BREAD)))
    assert (code, out.endswith("in Ordnung (1 Artikel)\n")) == (0, True)


def test_diff_shows_old_and_new(shop: Shop) -> None:
    shop.catalog.write_text(ROLL)
    file = shop.file("preise.xlsx", xlsx(BREAD, ("1002", "Brot", 3.9, "7 %")))
    code, out, _ = shop("diff", file)
    assert code == 0
    assert "geändert  1001  Brötchen: Preis 0,40 € → 0,45 €\n" in out
    assert "neu       1002  Brot: 3,90 €" in out
    assert out.endswith("1 neu, 1 geändert, 0 entfallen, 0 unverändert\n")
    _, out, _ = shop("diff", file, "--json")
    found = said(out)
    assert found["changed"] == [
        {"id": "1001", "name": "Brötchen", "fields": {"price": {"old": 40, "new": 45}}}
    ]  # a column that is not there changes nothing: age 16 stays
    assert [article["id"] for article in found["new"]] == ["1002"]
    assert shop.catalog.read_text() == ROLL


def test_import_writes_the_whole_file_and_keeps_the_old_one(shop: Shop) -> None:
    shop.catalog.write_text(ROLL)
    shop.catalog.chmod(0o640)
    file = shop.file("preise.csv", csv(BREAD))
    code, _, error = shop("import", file)
    assert (code, shop.catalog.read_text()) == (64, ROLL)
    assert "--yes" in error
    code, out, _ = shop("import", file, "--yes")
    assert code == 0
    assert "beim nächsten Start" in out
    (article,) = parse_catalog(shop.catalog.read_text()).values()
    assert (article.price, article.age) == (45, 16)
    assert (shop.folder / "catalog.json.old").read_text() == ROLL
    assert shop.catalog.stat().st_mode & 0o777 == 0o640
    assert not list(shop.folder.glob("*.part"))
    code, out, _ = shop("import", file)
    assert (code, out) == (0, "Kein Unterschied (1 Artikel)\n")


@pytest.mark.parametrize(("typed", "taken"), [("j\n", True), ("ja\n", True), ("n\n", False), ("\n", False)])
def test_a_person_is_asked(shop: Shop, typed: str, taken: bool) -> None:
    file = shop.file("preise.csv", csv(BREAD))
    code, out, _ = shop("import", file, stdin=Terminal(typed))
    assert code == 0
    assert ("Nichts übernommen" in out) is not taken
    assert shop.catalog.exists() is taken


def test_a_faulty_file_changes_nothing(shop: Shop) -> None:
    shop.catalog.write_text(ROLL)
    code, _, error = shop("import", shop.file("a.csv", csv(BREAD, BREAD)), "--yes")
    assert (code, shop.catalog.read_text()) == (65, ROLL)
    assert "steht zweimal" in error


@pytest.mark.parametrize("form", ["json", "csv"])
def test_goods_of_an_agency_that_is_not_configured_are_refused(shop: Shop, form: str) -> None:
    shop.catalog.write_text(ROLL)
    ticket = '{"articles": [{"id": "karte", "name": "Fahrkarte", "price": 340, "vat": 2, "agency": 2}]}'
    table = csv(("karte", "Fahrkarte", "3,40", "7 %", "2"), titles=(*TITLES, "Agentur"))
    file = shop.file(f"a.{form}", ticket.encode() if form == "json" else table)
    code, _, error = shop("import", file, "--yes")
    assert (code, shop.catalog.read_text()) == (65, ROLL)
    assert "Artikel karte: zu agency 2 fehlt [[agency]] mit dieser id" in error
    shop.config.write_text(CONFIG.replace("id = 1\n", "id = 2\n").replace("/etc/kassd", str(shop.folder)))
    assert shop("check", file)[0] == 0


def test_a_part_of_the_articles(shop: Shop) -> None:
    shop.catalog.write_text(ROLL)
    file = shop.file("neu.csv", csv(("1002", "Brot", "3,90", "7 %")))
    assert "1 entfallen" in shop("diff", file)[1]
    assert "0 entfallen" in shop("diff", file, "--partial")[1]
    prices = shop.file("preise.csv", csv(("1001", "0,50"), titles=(TITLES[0], TITLES[2])))
    assert shop("import", prices, "--partial", "--yes")[0] == 0
    (article,) = parse_catalog(shop.catalog.read_text()).values()
    assert (article.name, article.price, article.age) == ("Brötchen", 50, 16)


@pytest.mark.parametrize("format", ["json", "csv", "xlsx"])
def test_what_is_exported_is_what_is_in_force(shop: Shop, format: str) -> None:
    shop.catalog.write_text(EXAMPLE)
    file = shop.folder / f"out.{format}"
    code, out, _ = shop("export", file)
    assert (code, out) == (0, f"{file}: 16 Artikel\n")
    assert shop("diff", file)[1].endswith("Kein Unterschied (16 Artikel)\n")
    assert shop("export", file)[0] == 65  # it exists
    assert shop("export", shop.folder / "out.txt")[0] == 65


def test_export_to_standard_output(shop: Shop) -> None:
    shop.catalog.write_text(ROLL)
    code, out, _ = shop("export")
    assert code == 0
    assert parse_catalog(out) == parse_catalog(ROLL)
    assert shop("export", "--format", "csv")[1].startswith("\ufeffArtikelnummer;Bezeichnung;")


def test_the_schema_needs_no_configuration(shop: Shop) -> None:
    shop.config.unlink()
    code, out, _ = shop("schema")
    assert (code, said(out)) == (0, schema())


def test_without_a_place_for_it_nothing_is_imported(shop: Shop) -> None:
    text = shop.config.read_text()
    shop.config.write_text(text.replace(text[text.index("[catalog]") : text.index("[tse]")], ""))
    code, _, error = shop("import", shop.file("a.csv", csv(BREAD)), "--yes")
    assert code == 78
    assert "[catalog] file" in error


def test_a_file_that_is_not_there(shop: Shop) -> None:
    code, _, error = shop("check", shop.folder / "nix.csv")
    assert code == 74
    assert "nix.csv" in error
