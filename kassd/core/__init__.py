"""The register's judgement: pure, without clock, file, network or task.

``kassd.core.decide.decide(state, input, stamp) -> Decision`` and
``kassd.core.evolve.evolve(state, decision) -> state`` are its two doors. Nothing is imported here: a tool
that reads one module should not pay for all.
"""

__all__: list[str] = []
