"""What the sections about notification and accounts refuse."""

from pathlib import Path

import pytest

from kassd.errors import ConfigError
from kassd.settings import EXAMPLE, flatten, load
from kassd.settings_accounting import CASES, PAYMENTS

SYSTEM = f"""
[[system]]
name = "kasse-2"
serial = "ALT-1"
manufacturer = "Alt"
model = "X1"
software = "AltPOS"
software_version = "7"
tse_serial = "{"ab" * 32}"
tse_commissioned = 2025-02-03
tse_certification = "BSI-K-TR-0362-2019"
tse_form = "sd"
acquired = 2025-02-01
commissioned = 2025-02-03
"""
ACCOUNT = '[[account]]\nname = "a"\nnumber = "8400"\ncase = "Umsatz"\nvat = 1\n'
EARLY = '[notification]\ncommissioned = 2026-12-01\ndecommissioned = 2026-11-01\nreason = "alt"\n'
DATEV = '[datev]\nconsultant = 1001\nclient = 1\ncash = "1000"\n'


def loaded(folder: Path, text: str) -> dict[str, object]:
    file = folder / "kassd.toml"
    file.write_text(EXAMPLE + text, encoding="utf-8")
    return flatten(load(file))


def test_what_stands_there_is_known(tmp_path: Path) -> None:
    place = '[place]\nname = "Filiale"\nsince = 2026-11-01\n'
    told = '[notification]\nacquired = 2026-11-02\ntse_form = "usb"\n'
    flat = loaded(tmp_path, SYSTEM + ACCOUNT + DATEV + place + told)
    assert flat["system.kasse-2.tse_commissioned"] == "2025-02-03"
    assert flat["place.since"] == "2026-11-01"
    assert flat["notification.acquired"] == "2026-11-02"
    assert not any(key.startswith(("datev.", "account.")) for key in flat), "the export reads the file"


def test_without_these_sections_the_journal_knows_nothing_of_them(tmp_path: Path) -> None:
    sections = {key.split(".")[0] for key in loaded(tmp_path, "")}
    assert not sections & {"place", "notification", "system", "datev", "account"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[notification]\ndecommissioned = 2026-12-01\n", "reason"),
        (
            '[notification]\ncommissioned = 2026-12-01\ndecommissioned = 2026-11-01\nreason = "alt"\n',
            "liegt vor",
        ),
        ('[notification]\ntse_certification = "zertifiziert"\n', "Zertifizierungs-ID"),
        ('[notification]\ntse_form = "stick"\n', "erlaubt"),
        (SYSTEM.replace("ab" * 32, "ab"), "tse_serial"),
        (SYSTEM + SYSTEM, "kommt zweimal vor"),
        ("".join(SYSTEM.replace("kasse-2", f"k-{n}") for n in range(20)), "höchstens 19"),
        (SYSTEM.replace('tse_form = "sd"\n', ""), "tse_form"),
        (ACCOUNT + 'payment = "ECKarte"\n', "genau eines"),
        (ACCOUNT.replace("Umsatz", "Umsatzerlös"), "kein GV_TYP"),
        (ACCOUNT.replace("Umsatz", "Anfangsbestand"), "kein GV_TYP"),
        (ACCOUNT.replace('case = "Umsatz"', 'payment = "Bar"'), "keine ZAHLART_TYP"),
        (ACCOUNT.replace("8400", "84"), "number"),
        (ACCOUNT.replace("vat = 1", "vat = 99"), "vat = 99 ist kein UST_SCHLUESSEL"),
        (ACCOUNT.replace("vat = 1", "vat = 999"), "kein UST_SCHLUESSEL"),
        (DATEV.replace("1001", "17"), "consultant"),
        (DATEV + ACCOUNT.replace("8400", "840000"), "hat mehr Stellen"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, text)
    assert said in str(error.value)


SECOND = '[[account]]\nname = "b"\nnumber = "8401"\n'
CARD = '[[account]]\nname = "a"\nnumber = "1361"\npayment = "ECKarte"\n'


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (ACCOUNT, 'case = "Umsatz"\nvat = 1\n', "case = 'Umsatz', vat = 1"),
        (ACCOUNT + "agency = 7\n", 'case = "Umsatz"\nvat = 1\nagency = 7\n', "vat = 1, agency = 7"),
        (ACCOUNT + 'text = "Saft"\n', 'case = "Umsatz"\nvat = 1\ntext = "Saft"\n', "text = 'Saft'"),
        (ACCOUNT.replace("vat = 1\n", ""), 'case = "Umsatz"\nvat = 5\n', "vat = 5"),
        (CARD, 'payment = "ECKarte"\nvat = 1\n', "payment = 'ECKarte'"),
    ],
)
def test_two_accounts_of_the_same_sum_are_refused_by_both_names(
    tmp_path: Path, first: str, second: str, what: str
) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, first + SECOND + second)
    assert "und 'b' (Konto 8401) gelten beide für" in str(error.value)
    assert "'a' (Konto" in str(error.value)
    assert what in str(error.value)


@pytest.mark.parametrize(
    "second",
    [
        'case = "Umsatz"\nvat = 2\n',
        'case = "Umsatz"\nvat = 11\n',
        'case = "Umsatz"\nvat = 1000\n',
        'case = "Umsatz"\nvat = 1\nagency = 7\n',
        'case = "Umsatz"\nvat = 1\ntext = "Saft"\n',
        'case = "Rabatt"\nvat = 1\n',
        'payment = "ECKarte"\n',
    ],
)
def test_accounts_of_other_sums_stand_beside_it(tmp_path: Path, second: str) -> None:
    assert "account.a.number" not in loaded(tmp_path, ACCOUNT + SECOND + second), "the export reads the file"


def test_every_business_case_and_payment_of_the_standard_can_have_an_account() -> None:
    page = (Path(__file__).parent.parent / "docs" / "business-cases.md").read_text(encoding="utf-8")

    def first(title: str) -> set[str]:
        rows = page.split(f"## {title}")[1].split("\n## ")[0].splitlines()
        return {row.split("|")[1].strip() for row in rows if row.startswith("| ")} - {title.split(":")[0]}

    assert first("GV_TYP: business cases") - {"Anfangsbestand"} == CASES
    assert first("ZAHLART_TYP: kinds of payments") - {"Bar", "Keine"} == set(PAYMENTS)
