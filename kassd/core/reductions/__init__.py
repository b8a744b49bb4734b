"""Discounts, surcharges, coupons and third parties' subsidies: GV_TYP Rabatt, Aufschlag, Zuschuss…

A reduction of one line is a line of its own that belongs to it (:mod:`kassd.core.reductions.giving`). One of
the whole sale holds until the sale ends: whenever lines come or go it is brought up to what it must be, exact
to the cent over the tax keys (:mod:`kassd.core.reductions.settling`). Several apply in the order they were
given, each to what the ones before have left; those of single lines and quantity prices come first.
"""

__all__: list[str] = []
