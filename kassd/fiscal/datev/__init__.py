"""DATEV: a closing becomes a file of bookings (EXTF Buchungsstapel, format 700, category 21, version 13)."""

from kassd.fiscal.datev.accounts import Account, Chart
from kassd.fiscal.datev.bookings import Booking, Unmapped, bookings
from kassd.fiscal.datev.extf import Client, Closing, extf, file_name

__all__ = ["Account", "Booking", "Chart", "Client", "Closing", "Unmapped", "bookings", "extf", "file_name"]
