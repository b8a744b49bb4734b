"""Barcode scanners: keyboards (evdev) and serial ports. The drivers move bytes; decoding is pure."""
