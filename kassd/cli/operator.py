"""``kassd operator hash``: a PIN becomes the line of the configuration that knows it."""

import argparse
import getpass
import sys

from kassd.app.pins import hash_pin
from kassd.cli.output import EX_DATAERR


def execute(arguments: argparse.Namespace) -> int:
    """Ask for the PIN (twice on a terminal, once in a pipe); it is never shown."""
    if sys.stdin.isatty():
        pin = getpass.getpass("PIN: ")
        if getpass.getpass("PIN noch einmal: ") != pin:
            print("Die beiden Eingaben sind verschieden; es wurde nichts gemacht.", file=sys.stderr)
            return EX_DATAERR
    else:
        pin = sys.stdin.readline().rstrip("\n")
    try:
        print(f'pin = "{hash_pin(pin)}"')
    except ValueError as error:
        print(f"{error} Eine andere PIN wählen.", file=sys.stderr)
        return EX_DATAERR
    return 0
