"""Swissbit TSE (USB stick, SD card): mailbox and store files on its volume, no vendor library."""

from kassd.tse.swissbit.driver import SwissbitTse
from kassd.tse.swissbit.settings import SwissbitConfig

__all__ = ["SwissbitConfig", "SwissbitTse"]
