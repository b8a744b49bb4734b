"""Cash drawers: on a GPIO pin or behind a printer."""
