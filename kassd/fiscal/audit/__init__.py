"""The audit of a DSFinV-K export, ours or any other register's: reads files, and nothing else.

An independent path: it knows the norm (:mod:`norm`) and the TSE's log format, and nothing of how this
register makes its exports.
"""

from kassd.fiscal.audit.checks import CHECKS, GROUPS, Check
from kassd.fiscal.audit.course import Skip
from kassd.fiscal.audit.limits import LIMITS, Limit
from kassd.fiscal.audit.run import Audit, Summary, audit

__all__ = ["CHECKS", "GROUPS", "LIMITS", "Audit", "Check", "Limit", "Skip", "Summary", "audit"]
