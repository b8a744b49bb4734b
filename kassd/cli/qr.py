"""``kassd qr verify``: does the QR code of a receipt carry a genuine signature?"""

import argparse
import sys

from kassd.cli.output import print_verdict
from kassd.tse.log.qr import verify_qr


def execute(arguments: argparse.Namespace) -> int:
    """Verify the text given, or the one on standard input."""
    text = arguments.text if arguments.text is not None else sys.stdin.read().rstrip("\r\n")
    return print_verdict(verify_qr(text), as_json=arguments.json, subject="QR-Code")
