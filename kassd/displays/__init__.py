"""The displays: static pages that draw ``state/*`` and send ``cmd/*``, and nothing else.

On a box the broker's WebSocket listener serves this folder (mosquitto's ``http_dir``); the demo and the
tests use :func:`serve`.
"""

from kassd.displays.server import PAGES, DisplayConfig, Served, serve

__all__ = ["PAGES", "DisplayConfig", "Served", "serve"]
