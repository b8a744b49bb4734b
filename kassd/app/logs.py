"""Logs for journald and for people: one line per event, ``key=value``, priorities where journald reads."""

import logging
import os
import sys

PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class OneLine(logging.Formatter):
    """``level=… logger=… message``; line breaks (tracebacks too) are written as ``\\n``."""

    def __init__(self, journald: bool) -> None:
        super().__init__("level=%(levelname)s logger=%(name)s %(message)s")
        self._journald = journald

    def format(self, record: logging.LogRecord) -> str:
        """One line, with journald's ``<priority>`` in front if it listens."""
        text = super().format(record).replace("\n", "\\n")
        return f"<{PRIORITY.get(record.levelno, 6)}>{text}" if self._journald else text


def set_up(level: int) -> None:
    """Log to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(journald="JOURNAL_STREAM" in os.environ))
    logging.basicConfig(level=level, handlers=[handler], force=True)
