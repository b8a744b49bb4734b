"""kassd turns a Raspberry Pi into a cash register for Germany."""

__version__ = "0.1.0"
__all__ = ["__version__"]
