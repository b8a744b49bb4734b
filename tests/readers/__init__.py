"""Readers of what the register prints. They know paper and arithmetic, and nothing of ``kassd``."""

from tests.readers.reader import check

__all__ = ["check"]
