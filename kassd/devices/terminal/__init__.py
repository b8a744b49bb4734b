"""Card terminals: so far the ZVT protocol; the driver that pays through it is not built yet."""

__all__: list[str] = []
