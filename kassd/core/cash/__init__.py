"""Cash: drawers and purses, movements, counts, what each of them should hold at this moment."""

__all__: list[str] = []
