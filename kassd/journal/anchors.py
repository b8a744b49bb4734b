"""Comparing our end of the journal with what others remember of it. Pure.

A copy of an old SD card is a perfect journal that only ends too early. Only somebody outside the disk can
tell: the broker's retained checkpoint, a mirror, a witness, the TSE's own counters.
"""

from collections.abc import Mapping
from typing import Any

from kassd.core.verdict import Finding

COUNTERS = {
    "receipt": "die letzte Belegnummer",
    "closing": "die Nummer des letzten Abschlusses",
    "signature_counter": "der Signaturzähler der TSE",
    "transaction": "die TSE-Transaktionsnummer",
}


def compare(ours: Mapping[str, Any], anchor: Mapping[str, Any], source: str) -> list[Finding]:
    """What ``anchor``, remembered by ``source`` (``broker``, ``mirror``, ``tse``, …), says against ``ours``.

    Both have any of ``size`` (lines), ``root`` (hex, Merkle root at ``size``), ``epoch``, ``receipt``,
    ``closing``, ``signature_counter``, ``transaction`` (integers); what either side lacks is not compared.
    ``ours`` may have ``roots``: size -> root hex, to compare an older anchor. Findings (severity ``error``):
    ``rollback`` (the anchor saw more than we have), ``fork`` (it saw other content), ``other_epoch``.
    """
    epoch, theirs = ours.get("epoch"), anchor.get("epoch")
    if epoch is not None and theirs is not None and epoch != theirs:
        if theirs < epoch:
            return []  # an earlier journal of this register; its counters were skipped when this one began
        return [_finding("other_epoch", source, f"kennt Epoche {theirs}, hier ist Epoche {epoch}")]
    findings = []
    size, seen = ours.get("size"), anchor.get("size")
    if size is not None and seen is not None:
        if seen > size:
            findings.append(_finding("rollback", source, f"kennt {seen} Journalzeilen, hier sind es {size}"))
        else:
            here = ours.get("root") if seen == size else ours.get("roots", {}).get(seen)
            if here is not None and anchor.get("root") is not None and here != anchor["root"]:
                message = f"kennt einen anderen Inhalt der ersten {seen} Journalzeilen"
                findings.append(_finding("fork", source, message))
    for key, name in COUNTERS.items():
        here, there = ours.get(key), anchor.get(key)
        if here is not None and there is not None and there > here:
            findings.append(_finding("rollback", source, f"{name} war schon {there}, hier ist sie {here}"))
    return findings


def _finding(name: str, source: str, message: str) -> Finding:
    return Finding(name, "error", source, f"{source}: {message}.")
