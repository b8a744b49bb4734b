"""``kassd run``."""

import argparse
import asyncio
import logging
import os

from kassd import settings
from kassd.app import run
from kassd.app.logs import set_up


def execute(arguments: argparse.Namespace) -> int:
    """Be the register until SIGTERM; exit code as in sysexits."""
    loaded = settings.load(arguments.config)
    if arguments.config is not None:
        os.environ[settings.ENV_FILE] = str(
            arguments.config.absolute()
        )  # what is started beside reads it, too
    settings.mqtt_password(loaded)  # a missing one stops here, before anything is started
    set_up(logging.INFO)
    return asyncio.run(run(loaded))
