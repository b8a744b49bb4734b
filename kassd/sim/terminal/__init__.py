"""A card terminal that speaks ZVT on its real wire, over TCP or a pty: ``kassd sim terminal``."""

__all__: list[str] = []
