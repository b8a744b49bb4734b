"""A GiroCode is drawn for displays as a phone reads it."""

import asyncio
from dataclasses import replace
from io import BytesIO

import zxingcpp
from PIL import Image

from kassd.app.transfer_codes import TransferCodes, draw
from kassd.core.inputs import Input, TransferDrawn
from kassd.core.transfers.epc import epc_text
from kassd.core.transfers.facts import TransferPrinted
from kassd.receipt.png import png
from tests.app.test_handover import scanned
from tests.core.playbook import Playbook, add, command
from tests.core.transfers.scenes import ACCOUNT, shown

IBAN = "DE89370400440532013000"


def test_a_phone_reads_every_field() -> None:
    content = epc_text("Bäckerei Müller & Söhne", IBAN, 123_456, "KASSE-0007 1-42", "COBADEFFXXX")
    made = draw("1-42", content)
    assert (made.sale, made.content) == ("1-42", content)
    assert scanned(made).split("\n") == [
        *("BCD", "002", "1", "SCT", "COBADEFFXXX", "Bäckerei Müller & Söhne", IBAN, "EUR1234.56", "", ""),
        "KASSE-0007 1-42",
    ]


def test_level_and_version_are_those_of_the_standard() -> None:
    """EPC069-12: level M, at most version 13, which has 69 modules along an edge."""
    made = draw("1-42", epc_text("x" * 70, IBAN, 99_999_999_999, "y" * 140, "COBADEFFXXX"))
    assert made.edge <= 69
    assert scanned(made) == made.content


def test_the_printed_one_is_read_as_well() -> None:
    book = Playbook()
    book.config |= {**ACCOUNT, "girocode.slip": True}
    book.ready() >> add() >> command("sale.pay", type="girocode")
    (printed,) = book.facts(TransferPrinted)
    for columns in (32, 42, 48):
        image = Image.open(BytesIO(png(printed.document, columns)))
        assert zxingcpp.read_barcode(image).text == printed.document.code


async def test_each_code_is_drawn_once() -> None:
    drawn: asyncio.Queue[Input] = asyncio.Queue()
    codes = TransferCodes(drawn.put_nowait)
    state = shown(Playbook().ready()).state
    codes.decided(state)
    codes.decided(state)
    running = asyncio.create_task(codes.run())
    async with asyncio.timeout(20):
        made = await drawn.get()
    assert isinstance(made, TransferDrawn)
    assert drawn.empty()
    sale = next(iter(sale for sale in state.sales.values() if sale.transfer))
    assert sale.transfer is not None
    known = replace(sale, transfer=replace(sale.transfer, edge=made.edge, bits=made.bits))
    codes.decided(replace(state, sales={sale.id: known}))
    await asyncio.sleep(0)
    assert drawn.empty()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
