"""How verdicts and tables are printed: text for people, JSON for programs."""

import json
import sys
from typing import Any

from kassd.core.verdict import Verdict

EX_DATAERR = 65
# No errors, and yet more than what is there cannot be vouched for: finding → what is said of the whole.
PARTIAL = {
    "counter_gap": "UNVOLLSTÄNDIG: was da ist, ist echt, dazwischen fehlen Lognachrichten; so darf nur ein "
    "nach Vorgang oder Client gefilterter Export sein",
    "archive_no_logs": "LEER: keine Lognachricht",
}
MARKS = {"error": "FEHLER", "warning": "Warnung", "info": "Hinweis"}


def print_json(value: Any) -> None:
    """One JSON document, readable."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    print()


def print_verdict(verdict: Verdict, *, as_json: bool, subject: str) -> int:
    """Print it; the exit code is 0 if it is ok, else 65. What is ok and incomplete is not called in order."""
    if as_json:
        print_json(verdict.render())
    else:
        for finding in verdict.findings:
            where = f" {finding.where}:" if finding.where else ""
            print(f"{MARKS[finding.severity]} [{finding.id}]{where} {finding.message}")
        partial = next((PARTIAL[f.id] for f in verdict.findings if f.id in PARTIAL), "in Ordnung")
        result = partial if verdict.ok else "NICHT in Ordnung"
        print(f"{subject}: {result} ({verdict.checked} geprüft)")
    return 0 if verdict.ok else EX_DATAERR
