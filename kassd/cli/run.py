"""``kassd run``."""

import argparse
import asyncio
import logging

from kassd import settings
from kassd.app import run
from kassd.app.logs import set_up


def execute(arguments: argparse.Namespace) -> int:
    """Be the register until SIGTERM; exit code as in sysexits."""
    loaded = settings.load(arguments.config)
    settings.mqtt_password(loaded)  # a missing one stops here, before anything is started
    set_up(logging.INFO)
    return asyncio.run(run(loaded))
