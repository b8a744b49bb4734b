"""The page behind a receipt's link, over a real socket and from a real journal's index."""

import asyncio
import hashlib
import http.client
import socket
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kassd.app import receipt_page
from kassd.app.handover import token_hash
from kassd.app.receipt_page import ReceiptPage
from kassd.clock import Clock
from kassd.core import facts as f
from kassd.core.facts import Fact, to_json
from kassd.core.status import DeviceStatus
from kassd.journal.line import Entry
from kassd.receipt.pdf import pdf
from kassd.settings import ReceiptLinkSection
from kassd.sim.world_broker import free_port
from kassd.supervise import Supervisor
from tests.journal.helpers import write_journal
from tests.receipt.samples import SALE

SECRET = "a" * 27
AT = "2026-11-21T10:42:30+01:00"
WRITTEN = "2026-11-21T09:42:30.000000Z"
NOON = datetime.fromisoformat("2026-11-21T12:00:00+01:00")
ISSUED = f.SaleFinished("1-1", 1017, "Beleg", AT, "", SALE)
OFFERED = f.ReceiptOffered(
    "1017", AT, "R1017", "link", hashlib.sha256(pdf(SALE)).hexdigest(), token_hash(SECRET),
    "2026-11-22T10:42:30+01:00",
)  # fmt: skip


class Stand:
    """A page on a port of its own; ``asked``: what it asked the register."""

    def __init__(self, folder: Path, port: int, *facts: Fact) -> None:
        self.asked: list[tuple[str, str]] = []
        self.told: list[DeviceStatus] = []
        self.allow = True
        self.now = NOON
        self.port = port
        journal = folder / "journal"
        lines = [Entry(WRITTEN, n, "0011223344556677", [to_json(x)], []) for n, x in enumerate(facts)]
        write_journal(journal, lines)
        section = ReceiptLinkSection(
            url="http://k", host="127.0.0.1", port=port, valid_hours=24, print_after_s=60
        )
        clock = cast(Clock, SimpleNamespace(now=lambda: self.now))
        self.page = ReceiptPage(
            section, journal, folder / "index.sqlite", clock, self.fetch, self.told.append
        )

    async def fetch(self, document: str, form: str) -> bool:
        self.asked.append((document, form))
        return self.allow

    async def get(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        def call() -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request(method, path)
                answer = connection.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            finally:
                connection.close()

        return await asyncio.to_thread(call)

    async def until(self, state: str) -> None:
        async with asyncio.timeout(60):
            while not self.told or self.told[-1].state != state:
                await asyncio.sleep(0.01)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def stand(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Makes stands that serve."""
    monkeypatch.setattr(receipt_page, "START_AFTER_S", 0)
    supervisor = Supervisor()

    async def make(*facts: Fact) -> Stand:
        made = Stand(tmp_path, port, *facts)
        supervisor.start("receipt-link", made.page.run)
        await made.until("ready")
        return made

    yield make
    await supervisor.stop()


async def test_the_three_forms_and_what_is_recorded(stand: Any) -> None:
    shop = await stand(ISSUED, OFFERED)
    status, headers, body = await shop.get(f"/b/{SECRET}")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Beleg-Nr. 1017" in body.decode()
    assert f'href="{SECRET}.pdf"' in body.decode()
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    status, headers, body = await shop.get(f"/b/{SECRET}.pdf")
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert hashlib.sha256(body).hexdigest() == OFFERED.sha256
    assert headers["Content-Disposition"] == 'inline; filename="Beleg-1017.pdf"'
    status, headers, body = await shop.get(f"/b/{SECRET}.png")
    assert (status, body[:4]) == (200, b"\x89PNG")
    assert shop.asked == [("R1017", "html"), ("R1017", "pdf"), ("R1017", "png")]


async def test_a_look_at_the_head_takes_nothing(stand: Any) -> None:
    shop = await stand(ISSUED, OFFERED)
    status, headers, body = await shop.get(f"/b/{SECRET}.pdf", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(pdf(SALE))
    assert shop.asked == []


async def test_what_was_fetched_may_be_fetched_again_unasked(stand: Any) -> None:
    shop = await stand(ISSUED, OFFERED, f.ReceiptFetched("1017", AT, "R1017", "html"))
    assert (await shop.get(f"/b/{SECRET}.pdf"))[0] == 200
    assert shop.asked == []


async def test_links_end(stand: Any) -> None:
    shop = await stand(ISSUED, OFFERED)
    shop.allow = False  # printed in this very moment
    assert (await shop.get(f"/b/{SECRET}"))[0] == 410
    shop.allow = True
    shop.now = NOON + timedelta(hours=23)
    status, _, body = await shop.get(f"/b/{SECRET}")
    assert status == 410
    assert "abgelaufen" in body.decode()
    assert "1017" not in body.decode()
    assert len(shop.asked) == 1


async def test_a_printed_receipt_has_no_link_any_more(stand: Any) -> None:
    shop = await stand(ISSUED, OFFERED, f.OfferEnded("1017", AT, "R1017", "printed", "not_fetched"))
    assert (await shop.get(f"/b/{SECRET}"))[0] == 410
    assert shop.asked == []


ELSEWHERE = (
    *("/", "/b/", "/b/short", f"/b/{'b' * 27}", f"/b/{SECRET}.exe", f"/b/{SECRET}/..", "/b/../etc/passwd"),
    *(f"/b/{SECRET}?x", "/favicon.ico"),
)


@pytest.mark.parametrize("path", ELSEWHERE)
async def test_everything_else_is_not_there(stand: Any, path: str) -> None:
    shop = await stand(ISSUED, OFFERED)
    status, _, body = await shop.get(path)
    assert status == 404
    assert b"Backhaus" not in body
    assert (await shop.get(f"/b/{SECRET}", "POST"))[0] == 405
    assert shop.asked == []


async def test_garbage_silence_and_floods_harm_nobody(
    stand: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(receipt_page, "PATIENCE_S", 0.3)
    shop = await stand(ISSUED, OFFERED)
    for sent in (b"\x16\x03\x01\x00", b"GET / HTP\r\n\r\n", b"GET /" + b"x" * 20_000, b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", shop.port)
        writer.write(sent)
        answer = b""
        try:
            answer = await asyncio.wait_for(reader.read(), 20)
        except ConnectionError:
            pass
        writer.close()
        assert not answer or b"400" in answer.split(b"\r\n")[0], sent[:20]
    monkeypatch.setattr(receipt_page, "PATIENCE_S", 20.0)  # the next one is in earnest, however busy we are
    assert (await shop.get(f"/b/{SECRET}"))[0] == 200
    monkeypatch.setattr(receipt_page, "PATIENCE_S", 0.3)
    assert SECRET not in caplog.text

    crowd = [
        await asyncio.open_connection("127.0.0.1", shop.port) for _ in range(receipt_page.MAX_VISITORS + 9)
    ]
    for reader, _ in crowd:
        try:
            assert await asyncio.wait_for(reader.read(), 20) == b"", "turned away, or too slow"
        except ConnectionError:
            pass
    monkeypatch.setattr(receipt_page, "PATIENCE_S", 20.0)
    assert (await shop.get(f"/b/{SECRET}"))[0] == 200
    for _, writer in crowd:
        writer.close()


async def test_a_taken_port_is_an_error_that_ends(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_page, "START_AFTER_S", 0)
    monkeypatch.setattr(receipt_page, "RETRY_S", 0.05)
    supervisor = Supervisor()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        shop = Stand(tmp_path, port, ISSUED, OFFERED)
        supervisor.start("receipt-link", shop.page.run)
        await shop.until("error")
        assert "nicht frei" in shop.told[-1].message
        await asyncio.sleep(0.2)
        assert len(shop.told) == 1, "said once"
    await shop.until("ready")
    assert (await shop.get(f"/b/{SECRET}"))[0] == 200
    await supervisor.stop()
