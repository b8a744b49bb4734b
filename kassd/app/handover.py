"""Electronic receipts are made here, beside the register's loop, and shown to be fetched.

A link's secret part is derived from a key of this register and the offer: it is the same after a restart
and stands in no file, the journal has its hash.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from kassd.core.inputs import Input, ReceiptOffered, ReceiptOfferFailed
from kassd.core.receipts.state import Offer
from kassd.core.state import State
from kassd.errors import KassdError

log = logging.getLogger(__name__)

KEY_FILE = "receipt-link.key"
KEY_BYTES = 32
TOKEN_BYTES = 20  # 160 bits
PATH = "/b/"
COLUMNS = 42
START_AFTER_S = 1.0  # after the first business of a start


class Handover:
    """``decided`` from the loop's thread; offers are made in their order.

    ``url``: what the link begins with, '' without one; ``folder``: where the key lies, made at its first use.
    """

    def __init__(self, register: str, url: str, folder: Path, post: Callable[[Input], None]) -> None:
        self._register = register
        self._url = url
        self._folder = folder
        self._post = post
        self._key = b""
        self._in_hand: set[str] = set()
        self._waiting: asyncio.Queue[Offer] = asyncio.Queue()

    def decided(self, state: State) -> None:
        """Take on what is not yet shown."""
        for key, one in state.offers.items():
            if one.status != "fetched" and not one.content and key not in self._in_hand:
                self._in_hand.add(key)
                self._waiting.put_nowait(one)

    async def run(self) -> None:
        """Serve for ever."""
        if self._url:
            await asyncio.sleep(START_AFTER_S)
            await asyncio.to_thread(_load)
        while True:
            one = await self._waiting.get()
            name = one.document.id
            try:
                made: Input = await asyncio.to_thread(self.make, one)
            except ValueError as error:
                log.warning("receipt %s is not offered: %s", name, error)
                made = ReceiptOfferFailed(name, "too_large")
            except (KassdError, OSError) as error:
                log.error("receipt %s cannot be offered: %s", name, error)
                made = ReceiptOfferFailed(name, "not_made")
            self._in_hand.discard(name)
            self._post(made)

    def make(self, one: Offer) -> ReceiptOffered:
        """Draw the receipt and the code for it (blocking)."""
        from kassd.receipt.canvas import packed_matrix
        from kassd.receipt.compact import LEVEL, text_for_code

        if one.by == "qr":
            content = text_for_code(one.document)
            digest, token = hashlib.sha256(content.encode()).hexdigest(), ""
            edge, bits = packed_matrix(content, LEVEL)
        else:
            from kassd.receipt.pdf import pdf, sha256

            secret = self.token(one)
            digest, token = sha256(pdf(one.document, COLUMNS)), token_hash(secret)
            content = f"{self._url}{PATH}{secret}"
            edge, bits = packed_matrix(content)
        return ReceiptOffered(one.document.id, digest, token, content, edge, bits)

    def token(self, one: Offer) -> str:
        """The link's secret part: 160 bits, made of nothing that could be guessed."""
        if not self._key:
            self._key = own_key(self._folder / KEY_FILE)
        message = f"{self._register}\0{one.document.id}\0{one.wish}".encode()
        digest = hmac.digest(self._key, message, "sha256")[:TOKEN_BYTES]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_hash(secret: str) -> str:
    """What the journal has of a link's secret part."""
    return hashlib.sha256(secret.encode()).hexdigest()


def own_key(file: Path) -> bytes:
    """This register's key, made where there is none (0600, on the disk before it is used)."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = file.read_bytes()
        if len(key) == KEY_BYTES:
            return key
        file.unlink()  # a power cut in the moment it was made: no link was given away
        return own_key(file)
    with os.fdopen(handle, "wb") as out:
        key = secrets.token_bytes(KEY_BYTES)
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key


def _load() -> None:
    """Import what drawing needs before somebody waits for it."""
    import fpdf
    import segno

    assert fpdf
    assert segno
