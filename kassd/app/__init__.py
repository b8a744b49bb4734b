"""The daemon: everything is wired here, and nothing else knows everyone."""

from kassd.app.daemon import run
from kassd.app.seams import Seams

__all__ = ["Seams", "run"]
