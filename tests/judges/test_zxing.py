"""ZXing as a judge: what it reads from the picture of a slip is what was signed, and the slip verifies."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from kassd.receipt.escpos import Encoder
from kassd.receipt.png import png
from kassd.sim.printer import PrinterSim
from kassd.tse.log.qr import verify_qr
from tests.judges.slips import signed_sale


def read(picture: bytes | Path) -> str:
    image = Image.open(BytesIO(picture) if isinstance(picture, bytes) else picture)
    return str(zxingcpp.read_barcodes(image)[0].text)


@pytest.mark.parametrize("columns", [32, 42, 48])
async def test_the_qr_code_of_a_drawn_slip(tmp_path: Path, columns: int) -> None:
    document = await signed_sale(tmp_path)
    assert document.seal is not None
    text = read(png(document, columns))
    assert text == document.seal.qr
    assert verify_qr(text).ok


@pytest.mark.parametrize("profile", ["TM-T88V", "TM-T20II"])
async def test_the_qr_code_of_a_printed_slip(tmp_path: Path, profile: str) -> None:
    document = await signed_sale(tmp_path)
    encoder = Encoder(profile, 42, tmp_path / "cache")
    simulator = PrinterSim(tmp_path / "slips", profile, 42)
    await simulator.start()
    try:
        await print_to(simulator, encoder.document(document))
    finally:
        await simulator.stop()
    assert document.seal is not None
    text = read(tmp_path / "slips" / "001.png")
    assert text == document.seal.qr
    assert verify_qr(text).ok


async def print_to(simulator: PrinterSim, data: bytes) -> None:
    import asyncio

    _, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    writer.write(data)
    await writer.drain()
    async with asyncio.timeout(60):
        while not simulator.slips:
            await asyncio.sleep(0.02)
    writer.close()


async def test_a_changed_amount_does_not_verify(tmp_path: Path) -> None:
    document = await signed_sale(tmp_path)
    assert document.seal is not None
    forged = replace(document.seal, qr=document.seal.qr.replace("3.50", "3.40"))
    assert not verify_qr(read(png(replace(document, seal=forged), 42))).ok
