"""Epson TSE: in a receipt printer, a TSE server or the local service, reached over TCP (ePOS-Device XML)."""

from kassd.tse.epson.config import EpsonConfig
from kassd.tse.epson.driver import EpsonTse

__all__ = ["EpsonConfig", "EpsonTse"]
