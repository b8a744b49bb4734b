"""The command line: one function per command, each thin; modules are imported when their command runs."""

from kassd.cli.main import main

__all__ = ["main"]
