"""A scale coupled to the register: it weighs and computes, the register asks and compares."""

__all__: list[str] = []
