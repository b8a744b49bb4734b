"""Coupled scales: Dialog 06 over a serial line. Only with a certified combination of scale and register."""

__all__: list[str] = []
