"""Trading days, made up: shops, what people do in them, and a register with a virtual clock that plays years
of it in minutes. The same seed gives the same bytes."""

from kassd.sim.trade.coverage import Coverage
from kassd.sim.trade.generate import Generated, generate, write_setup
from kassd.sim.trade.shops import SHOPS

__all__ = ["SHOPS", "Coverage", "Generated", "generate", "write_setup"]
