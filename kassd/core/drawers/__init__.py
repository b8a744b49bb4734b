"""Cash drawers that tell whether they are open: confirmed, jammed, left open, opened without the register."""

__all__: list[str] = []
