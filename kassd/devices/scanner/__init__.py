"""Barcode scanners: keyboards (evdev) and serial ports. The drivers move bytes; decoding is pure."""

__all__: list[str] = []
