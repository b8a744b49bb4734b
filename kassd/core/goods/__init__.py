"""Goods: what an article is, what it costs at this moment, and what goes with it (deposit, age, limits).

Nothing is imported here: who needs one module should not pay for all.
"""

__all__: list[str] = []
