"""Cash drawers: on a GPIO pin or behind a printer."""

__all__: list[str] = []
