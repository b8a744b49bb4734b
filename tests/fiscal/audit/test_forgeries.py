"""Who has not the TSE's key cannot change an export without its being seen, be it everywhere at once."""

from pathlib import Path

import pytest

from kassd.fiscal.audit import audit
from tests.fiscal.audit.foreign import two_days
from tests.fiscal.audit.forgeries import FORGERIES

# Without the archive of the TSE, too; what is found with it is found for all.
ALONE = {"price": "E6", "removed": "E2", "training": "E6", "card": "E6", "outage": ""}
WITH_ARCHIVE = {"price": "E11", "removed": "E11", "training": "E11", "card": "E11", "outage": "E11"}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found(name: str, tmp_path: Path) -> None:
    two_days().write(tmp_path / "export")
    tars = sorted(tmp_path.glob("*.tar"))
    bon = FORGERIES[name](tmp_path / "export")
    alone = audit(tmp_path / "export").verdict
    assert {each.id for each in alone.findings} == ({ALONE[name]} if ALONE[name] else set()), alone.findings
    both = audit(tmp_path / "export", tars).verdict
    assert not both.ok
    assert WITH_ARCHIVE[name] in {each.id for each in both.findings if each.severity == "error"}
    assert bon.isdigit()
