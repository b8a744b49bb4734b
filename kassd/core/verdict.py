"""The one form in which every check of this product answers: ``verify``, ``audit``, ``doctor``."""

from typing import Any, Literal

from kassd.deferred import dataclass

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found.

    ``id`` is a stable short code (``chain_broken``); ``where`` names file and position, empty when it
    concerns the whole; ``message`` is a German sentence.
    """

    id: str
    severity: Severity
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of one check. ``kind`` names what was checked (``journal``), ``checked`` counts its items."""

    kind: str
    checked: int
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """True when nothing of severity ``error`` was found."""
        return all(finding.severity != "error" for finding in self.findings)

    @property
    def first_error(self) -> str:
        """The first error in one line, '' if there is none."""
        return next((f"{f.where}: {f.message}" for f in self.findings if f.severity == "error"), "")

    def render(self) -> dict[str, Any]:
        """JSON: ``{"ok", "kind", "checked", "findings": [{"id", "severity", "where", "message"}]}``."""
        rows = [
            {"id": f.id, "severity": f.severity, "where": f.where, "message": f.message}
            for f in self.findings
        ]
        return {"ok": self.ok, "kind": self.kind, "checked": self.checked, "findings": rows}
