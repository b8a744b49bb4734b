"""Sections of the configuration about what auditors and accountants get."""

from pathlib import Path

from pydantic import Field

from kassd.settings_base import Section


class FiscalSection(Section):
    """``[fiscal]``: how data are handed over to auditors."""

    dtd: Path | None = Field(
        None, description="official copy of gdpdu-01-09-2004.dtd; default: a file with the same declarations"
    )
    bon_storno: bool = Field(
        False, description="whether the receipt that cancels another has BON_STORNO 1 (docs/dsfinvk.md)"
    )
    sticks: Path = Field(
        Path("/media/kassd"),
        description="folder below which USB sticks are mounted (docs/audit-on-the-spot.md)",
    )
    handout: Path | None = Field(
        None, description="folder that displays hand data out to (`export.audit`) instead of a stick"
    )
