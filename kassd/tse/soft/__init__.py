"""A TSE in software for development and tests: behaves like TR-03153, certified by nobody."""

from kassd.tse.soft.driver import SoftTse
from kassd.tse.soft.faults import Fault, Faults, write_faults
from kassd.tse.soft.model import Model
from kassd.tse.soft.pins import default_secrets

__all__ = ["Fault", "Faults", "Model", "SoftTse", "default_secrets", "write_faults"]
