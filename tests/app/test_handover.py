import asyncio
import base64
import hashlib
import stat
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from kassd.app.handover import KEY_FILE, Handover, own_key, token_hash
from kassd.core.document import Document
from kassd.core.inputs import Input, ReceiptOffered, ReceiptOfferFailed, TransferDrawn
from kassd.core.receipts.state import Offer
from kassd.core.state import State
from kassd.receipt.compact import LIMIT, text_for_code
from kassd.receipt.pdf import pdf
from kassd.supervise import Supervisor
from tests.receipt.samples import OUTAGE, SALE, SPLIT, position

URL = "http://kasse.local:8088"
LINK = Offer("7.0", SALE, "link")
CODE = Offer("7.0", SALE, "qr")


def maker(folder: Path, url: str = URL) -> Handover:
    return Handover("KASSE-1", url, folder, lambda _: None)


def scanned(made: ReceiptOffered | TransferDrawn) -> str:
    """What a phone reads from the modules as a display draws them."""
    bits = int.from_bytes(base64.b64decode(made.bits), "big")
    width = len(base64.b64decode(made.bits)) * 8
    picture = Image.new("1", (made.edge + 8, made.edge + 8), 1)
    for n in range(made.edge * made.edge):
        picture.putpixel((4 + n % made.edge, 4 + n // made.edge), not bits >> (width - 1 - n) & 1)
    size = (picture.width * 4, picture.height * 4)
    return str(zxingcpp.read_barcode(picture.convert("L").resize(size, Image.Resampling.NEAREST)).text)


def test_a_link_is_opaque_and_the_journal_has_hashes(tmp_path: Path) -> None:
    made = maker(tmp_path).make(LINK)
    secret = made.content.removeprefix(f"{URL}/b/")
    assert len(base64.urlsafe_b64decode(secret + "=")) >= 16, "128 bits at least"
    assert made.token == token_hash(secret)
    assert made.sha256 == hashlib.sha256(pdf(SALE)).hexdigest()
    assert scanned(made) == made.content
    for word in ("1017", "KASSE", "R1017"):
        assert word not in secret


def test_a_link_is_the_same_after_a_restart_and_another_for_each_offer_and_register(tmp_path: Path) -> None:
    first = maker(tmp_path).token(LINK)
    assert maker(tmp_path).token(LINK) == first
    others = {maker(tmp_path).token(replace(LINK, wish="8.0"))}
    others.add(maker(tmp_path).token(replace(LINK, document=OUTAGE)))
    (tmp_path / "other").mkdir()
    others.add(maker(tmp_path / "other").token(LINK))
    assert len(others - {first}) == 3


def test_the_key_is_ours_alone_and_whole(tmp_path: Path) -> None:
    key = own_key(tmp_path / KEY_FILE)
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert own_key(tmp_path / KEY_FILE) == key
    (tmp_path / KEY_FILE).write_bytes(b"")  # a power cut when it was made
    assert len(own_key(tmp_path / KEY_FILE)) == 32


def test_the_whole_receipt_in_a_code(tmp_path: Path) -> None:
    made = maker(tmp_path, "").make(CODE)
    assert (made.token, made.content) == ("", text_for_code(SALE))
    assert scanned(made) == made.content
    assert made.sha256 == hashlib.sha256(made.content.encode()).hexdigest()
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.parametrize("document", [SALE, OUTAGE, SPLIT], ids=lambda d: d.id)
def test_text_of_a_code_has_what_the_paper_has(document: Document) -> None:
    text = text_for_code(document)
    assert "\n\n" not in text
    assert "   " not in text
    joined = "".join(text.split())
    for value in (
        document.issuer.name,
        document.issuer.street,
        f"Beleg-Nr. {document.number}",
        "Leistungsdatum",
    ):
        assert "".join(value.split()) in joined
    for position_ in document.positions:
        assert "".join(position_.text.split()) in joined
    assert text.endswith(document.seal.qr if document.seal else f"Seriennummer Kasse  {document.register}")


async def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    posted: list[Input] = []
    long = replace(SALE, id="R9", positions=tuple(position(n, "Brot" * 9, "1", 1, 1) for n in range(1, 60)))
    folder = tmp_path / "gone"  # no key can be made there
    handover = Handover("KASSE-1", "", folder, posted.append)
    supervisor = Supervisor()
    supervisor.start("handover", handover.run)
    offers = {"R9": Offer("1.0", long, "qr"), "R1017": CODE, "R1018": replace(LINK, document=OUTAGE)}
    handover.decided(State(offers=offers))
    handover.decided(State(offers=offers))  # what is in hand is not begun again
    try:
        async with asyncio.timeout(20):
            while len(posted) < 3:
                await asyncio.sleep(0.01)
    finally:
        await supervisor.stop()
    assert posted[0] == ReceiptOfferFailed("R9", "too_large")
    assert isinstance(posted[1], ReceiptOffered)
    assert posted[2] == ReceiptOfferFailed("R1018", "not_made")
    assert len(text_for_code(SALE).encode()) < LIMIT
