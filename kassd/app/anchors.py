"""Anchors outside the disk: what mirror, broker and our own signed checkpoint remember of the journal.

A copy of an old card is a perfect journal that only ends too early; only somebody else can tell. (The TSE's
counter is compared by the core, which knows the transactions.)
"""

import base64
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kassd.core.inputs import Input, RollbackFound
from kassd.core.state import State
from kassd.core.verdict import Finding
from kassd.journal import Journal, compare
from kassd.mqtt.documents import CheckpointDocument

NUMBERS = ("epoch", "receipt", "closing")  # what an anchor may tell besides the journal's length

log = logging.getLogger(__name__)


class Anchors:
    """Compares what others remember with the journal as it was found at the start."""

    def __init__(self, journal: Journal, session: str, post: Callable[[Input], None]) -> None:
        self._journal = journal
        self._session = session
        self._post = post
        self._ours: Mapping[str, Any] | None = None
        self._tse = ""
        self._findings: list[tuple[Finding, Mapping[str, Any]]] = []
        self._told: set[str] = set()

    def recovered(self, findings: Iterable[Finding]) -> None:
        """What the start itself found: mirror and signed checkpoint."""
        self._findings += [(finding, {}) for finding in findings]

    def compare(self, state: State) -> None:
        """The journal has been read and ends with ``state``; from now on everything can be compared."""
        document = self.document(state)
        self._ours = {
            "size": document.size,
            "root": document.root,
            "epoch": document.epoch,
            "receipt": document.receipt,
            "closing": document.closing,
            "transaction": document.transaction,
        }
        self._tse = document.tse
        self._tell()

    def remembered(self, payload: bytes) -> None:
        """The retained checkpoint on the broker, as an earlier process of this register left it."""
        assert self._ours is not None  # the link starts after the comparison is prepared
        try:
            anchor = json.loads(payload)
            if anchor.get("boot") != self._session:
                if anchor.get("tse") != self._tse:  # another TSE has counted since
                    anchor.pop("transaction", None)
                self._findings += [(found, anchor) for found in compare(self._ours, anchor, "broker")]
        except (ValueError, TypeError, AttributeError) as error:
            log.warning("the broker's checkpoint cannot be read: %s", error)
        self._tell()

    def _tell(self) -> None:
        """Each finding once."""
        for finding, anchor in self._findings:
            if finding.severity == "error" and finding.message not in self._told:
                self._told.add(finding.message)
                log.critical("anchor %s: %s", finding.where, finding.message)
                told = {key: value for key in NUMBERS if isinstance(value := anchor.get(key), int)}
                self._post(RollbackFound(finding.where, finding.message, **told))
        self._findings.clear()

    def document(self, state: State) -> CheckpointDocument:
        """The newest checkpoint, signed."""
        note = self._journal.checkpoint()
        _, size, root = note.split("\n")[:3]
        return CheckpointDocument(
            size=int(size),
            root=base64.b64decode(root).hex(),
            epoch=state.epoch,
            receipt=state.receipt,
            closing=state.closing,
            transaction=state.tse.newest,
            tse=state.tse.bound.serial_number if state.tse.bound is not None else "",
            note=note,
        )
