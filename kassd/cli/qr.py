"""``kassd qr verify``: does the QR code of a receipt carry a genuine signature?"""

import argparse
import sys

from kassd.cli.output import print_verdict
from kassd.errors import DataError
from kassd.tse.log.qr import verify_qr


def execute(arguments: argparse.Namespace) -> int:
    """Verify the text given, or the one on standard input."""
    text = arguments.text if arguments.text is not None else _standard_input()
    return print_verdict(verify_qr(text), as_json=arguments.json, subject="QR-Code")


def _standard_input() -> str:
    """Read octets, not lines of text: process data is signed with the carriage returns in it."""
    try:
        return sys.stdin.buffer.read().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise DataError("Die Eingabe ist nicht UTF-8. Erwartet wird der Text eines QR-Codes.") from None
