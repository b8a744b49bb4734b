"""TSEs of Diebold Nixdorf: the USB stick (serial), the Connect Box (TCP), the vendor's web service."""

from kassd.tse.diebold.config import DieboldConfig
from kassd.tse.diebold.driver import DieboldTse
from kassd.tse.diebold.service import DieboldServiceTse

__all__ = ["DieboldConfig", "DieboldServiceTse", "DieboldTse"]
