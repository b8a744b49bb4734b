"""The technical security device: its port, drivers, log messages and their verification."""

__all__: list[str] = []
