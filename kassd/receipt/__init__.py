"""The paper: receipt-as-data becomes lines, and lines become ESC/POS bytes, a PNG or plain text."""

from kassd.receipt.escpos import Encoder
from kassd.receipt.layout import plain_text

__all__ = ["Encoder", "plain_text"]
