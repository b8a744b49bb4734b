"""Mains and battery: what a register on its battery still does, and when it shuts down."""

__all__: list[str] = []
