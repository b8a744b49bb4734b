"""The golden export: a frozen journal with everything, and its 22 files byte for byte."""

from pathlib import Path

import pytest

from tests.fiscal.kit import exported, read

GOLDEN = Path(__file__).parents[2] / "golden" / "dsfinvk"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(GOLDEN / "journal", tmp_path_factory.mktemp("golden") / "export").folder


@pytest.mark.parametrize("name", sorted(path.name for path in (GOLDEN / "export").iterdir()))
def test_a_file_is_written_as_ever(name: str, out: Path) -> None:
    """A wanted change: ``python -m tests.golden.dsfinvk.build export``, and read the difference."""
    assert (out / name).read_bytes() == (GOLDEN / "export" / name).read_bytes()


def test_no_file_is_missing_and_none_is_without_a_row(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == {path.name for path in (GOLDEN / "export").iterdir()}
    assert len(list(out.iterdir())) == 22
    assert [stem for stem, rows in read(out).items() if not rows] == []


def test_every_receipt_is_found_again_in_the_closing(out: Path) -> None:
    rows = read(out)
    keys = {(row["Z_KASSE_ID"], row["Z_ERSTELLUNG"], row["Z_NR"]) for row in rows["cashpointclosing"]}
    receipts = {(row["Z_NR"], row["BON_ID"]) for row in rows["transactions"]}
    for stem, found in rows.items():
        assert {(row["Z_KASSE_ID"], row["Z_ERSTELLUNG"], row["Z_NR"]) for row in found} <= keys, stem
        if "BON_ID" in found[0]:
            assert {(row["Z_NR"], row["BON_ID"]) for row in found} <= receipts, stem
