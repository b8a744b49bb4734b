"""``python -m kassd`` and the ``kassd`` command."""

import sys

from kassd.cli import main

if __name__ == "__main__":
    sys.exit(main())
