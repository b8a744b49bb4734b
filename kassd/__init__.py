"""kassd turns a Raspberry Pi into a cash register for Germany."""

import os

# Nobody else's package looks into the configuration; pydantic would search all that are installed for one.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

__version__ = "0.1.0"
__all__ = ["__version__"]
