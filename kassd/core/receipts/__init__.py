"""Receipts on demand under an exemption, the lines for a business meal, offers."""

__all__: list[str] = []
