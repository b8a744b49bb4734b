"""Whatever is changed in the files or the archives is found, and said to be what it is."""

import os
import shutil
from pathlib import Path

import pytest

from kassd.fiscal.audit import audit
from tests.fiscal.audit.foreign import two_days
from tests.fiscal.audit.mutators import DETERMINED, KEY, Mutation, mutate

SEEDS = range(200) if os.environ.get("SOAK") == "1" else range(0, 200, 8)
TAR = "E11 E14 E2 E3 E10"

# What a change may be found as: by column, then for rows by file.
FITTING: dict[str, str] = {
    **dict.fromkeys(KEY, "B2 B3"),
    "BON_ID": "B5 B9",
    "BON_NR": "B6",
    "BON_TYP": "A9 E5 E6 C11",
    "BON_ENDE": "B14 E9",
    "UMS_BRUTTO": "C1",
    **dict.fromkeys(("Z_START_ID", "Z_ENDE_ID"), "B7"),
    **dict.fromkeys(("LAND", "LOC_LAND"), "A9"),
    "Z_SE_ZAHLUNGEN": "C8",
    "Z_SE_BARZAHLUNGEN": "C9",
    "KASSE_SERIENNR": "B13 E6",
    "KASSE_BASISWAEH_CODE": "A9 C10",
    "KEINE_UST_ZUORDNUNG": "A8 D10",
    **dict.fromkeys(("TSE_SERIAL", "TSE_PUBLIC_KEY"), "E7"),
    "TSE_ZERTIFIKAT_I": "E7 E8",
    "TSE_SIG_ALGO": "A9 E6 E7 E10",
    "UST_SATZ": "B12",
    **dict.fromkeys(("GV_TYP", "AGENTUR_ID"), "A9 C6"),
    "UST_SCHLUESSEL": "B10 C2 C6",
    **dict.fromkeys(("Z_UMS_BRUTTO", "Z_UMS_NETTO", "Z_UST", "BON_BRUTTO", "BON_NETTO", "BON_UST"), "C4"),
    "ZAHLART_TYP": "A9 C7",
    "Z_ZAHLART_BETRAG": "C7",
    **dict.fromkeys(("ZAHLART_WAEH", "ZAHLART_BETRAG_WAEH"), "C10"),
    "ZAHLWAEH_BETRAG": "E5",
    "BASISWAEH_BETRAG": "C3",
    "POS_ZEILE": "B8 B9",
    **dict.fromkeys(("MENGE", "STK_BR", "POS_BRUTTO"), "C5"),
    **dict.fromkeys(("TSE_ID", "TSE_TANR", "TSE_TA_ENDE", "TSE_TA_SIGZ", "TSE_TA_SIG"), "B10 E6"),
    "TSE_TA_START": "E9 E11",
    "TSE_TA_VORGANGSART": "E4",
    "TSE_VORGANGSDATEN": "E5",
    "REF_TYP": "A9 D4",
    **dict.fromkeys(("REF_DATUM", "REF_Z_KASSE_ID", "REF_Z_NR"), "D4"),
    "REF_BON_ID": "D3 D4",
}
GONE: dict[str, str] = {
    "cashpointclosing.csv": "B2",
    **dict.fromkeys(("location.csv", "cashregister.csv"), "B3"),
    **dict.fromkeys(("tse.csv", "vat.csv"), "B10"),
    "businesscases.csv": "C6",
    "payment.csv": "C7",
    "cash_per_currency.csv": "C10",
    **dict.fromkeys(("transactions.csv", "lines.csv", "itemamounts.csv"), "B9"),
    "datapayment.csv": "C3",
    "transactions_vat.csv": "C1",
    "lines_vat.csv": "C2",
    "transactions_tse.csv": "E1 E11",
}


def fitting(done: Mutation) -> set[str]:
    """The checks of which one must have found it."""
    if done.what.startswith("tar"):
        return set(TAR.split())
    if done.what == "cell":
        return set(FITTING[done.column].split())
    if done.what == "drop":
        return set(GONE[done.file].split())
    return {"B16"} if done.what == "swap" else {"B3", "B5", "B8", "B9"}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("original")
    two_days().write(place / "export")
    return place


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_is_found(seed: int, original: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(original, place)
    tars = sorted(place.glob("*.tar"))
    done = mutate(place / "export", tars, seed)
    findings = audit(place / "export", tars).verdict.findings
    assert {each.id for each in findings} & fitting(done), (done, findings)


def test_every_determined_column_has_its_checks() -> None:
    assert {column for columns in DETERMINED.values() for column in columns} <= set(FITTING)
