"""What must be kept: the journal, the TSEs' archives, exports and documents, with SHA-256 and a date before
which nothing is removed; verified copies elsewhere; a restore that proves itself (§ 147 AO)."""

from kassd.fiscal.archive.checking import check_copy, check_place
from kassd.fiscal.archive.copying import Copied, copy_to
from kassd.fiscal.archive.holdings import Numbers, Place, told
from kassd.fiscal.archive.keeping import Keeper
from kassd.fiscal.archive.kept import Kept, kept_in
from kassd.fiscal.archive.newer import Anchor, newer
from kassd.fiscal.archive.restoring import Restored, restore
from kassd.fiscal.archive.retention import keep_until

__all__ = [
    "Anchor",
    "Copied",
    "Keeper",
    "Kept",
    "Numbers",
    "Place",
    "Restored",
    "check_copy",
    "check_place",
    "copy_to",
    "keep_until",
    "kept_in",
    "newer",
    "restore",
    "told",
]
