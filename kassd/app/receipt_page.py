"""The page behind a receipt's link: a small web server on the local network, the register's own.

It knows one thing: the secret part of a link. What belongs to it stands in the journal (its hash, until when,
whether the receipt was printed meanwhile). The first fetching is journalled before a byte leaves. Nothing is
logged of who asks. h11 reads the requests; it is imported after the start.
"""

import asyncio
import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from kassd.app.handover import COLUMNS, PATH, START_AFTER_S, token_hash
from kassd.clock import Clock, utc_text
from kassd.core.document import Document
from kassd.core.facts import OfferEnded, ReceiptFetched, ReceiptOffered
from kassd.core.receipts.handover import DEVICE
from kassd.core.status import DeviceStatus
from kassd.deferred import dataclass
from kassd.errors import KassdError
from kassd.journal import Index
from kassd.settings import ReceiptLinkSection

if TYPE_CHECKING:
    from h11 import Connection, Request

log = logging.getLogger(__name__)

RETRY_S = 10.0
PATIENCE_S = 10.0  # for a whole request and its answer
ANSWER_S = 5.0  # for the register to journal that it is fetched
MAX_REQUEST = 8192
MAX_VISITORS = 32  # at once: whoever floods the page must not take the files the journal needs
ROUTE = re.compile(re.escape(PATH).encode() + rb"([A-Za-z0-9_-]{20,64})(?:\.(pdf|png))?")
FAILURES = (KassdError, OSError, sqlite3.Error, ValueError)
TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "png": "image/png"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Connection": "close",
}
SAYS = {
    400: "Diese Anfrage ist nicht lesbar.",
    404: "Diesen Beleg gibt es hier nicht. Bitte den QR-Code noch einmal scannen.",
    405: "Das geht hier nicht.",
    410: "Dieser Link ist abgelaufen, oder der Beleg wurde gedruckt. Eine Kopie gibt es an der Kasse.",
    503: "Der Beleg kann gerade nicht gezeigt werden. Bitte gleich noch einmal versuchen.",
}

Form = Literal["html", "pdf", "png"]


@dataclass(frozen=True, slots=True)
class Link:
    """What the journal says of a link: ``sha256`` of the PDF as it was offered."""

    document: Document
    sha256: str
    over: bool
    fetched: bool


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    type: str
    body: bytes
    name: str = ""


class ReceiptPage:
    """``fetch``: ask the register whether a slip may be handed out in a form, which it journals; ``report``:
    the server's status."""

    def __init__(
        self,
        settings: ReceiptLinkSection,
        journal: Path,
        index: Path,
        clock: Clock,
        fetch: Callable[[str, str], Awaitable[bool]],
        report: Callable[[DeviceStatus], None],
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._index = index
        self._clock = clock
        self._fetch = fetch
        self._report = report
        self._visitors = 0

    async def run(self) -> None:
        """Serve for ever; a port that is taken is tried again."""
        await asyncio.sleep(START_AFTER_S)
        await asyncio.to_thread(_load)
        told = ""
        while True:
            try:
                server = await asyncio.start_server(
                    self._visit, self._settings.host, self._settings.port, limit=MAX_REQUEST
                )
            except OSError as error:
                if told != "error":
                    log.error("receipts cannot be served on port %d: %s", self._settings.port, error)
                    self._tell("error", f"Port {self._settings.port} ist nicht frei; Belege werden gedruckt.")
                    told = "error"
                await asyncio.sleep(RETRY_S)
                continue
            self._tell("ready", "")
            told = "ready"
            async with server:
                await server.serve_forever()

    def _tell(self, state: Literal["ready", "error"], message: str) -> None:
        reason = "" if state == "ready" else "port_taken"
        self._report(DeviceStatus(DEVICE, state, reason, message, utc_text(self._clock.now())))

    # -- one visitor -----------------------------------------------------------------------------------

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from h11 import SERVER, Connection, RemoteProtocolError

        if self._visitors >= MAX_VISITORS:
            writer.transport.abort()
            return
        self._visitors += 1
        connection = Connection(SERVER, max_incomplete_event_size=MAX_REQUEST)
        try:
            async with asyncio.timeout(PATIENCE_S):
                request = await _request(connection, reader)
                if request is not None:
                    head = request.method == b"HEAD"
                    page = await self._answer(request.method, request.target)
                    _send(connection, writer, page, head)
                    await writer.drain()
        except RemoteProtocolError:
            _send(connection, writer, _plain(400), False)
        except TimeoutError:
            writer.transport.abort()
        except ConnectionError:
            pass  # he has gone
        finally:
            self._visitors -= 1
            writer.close()

    async def _answer(self, method: bytes, target: bytes) -> Page:
        route = ROUTE.fullmatch(target)
        if route is None:
            return _plain(404)
        if method not in (b"GET", b"HEAD"):
            return _plain(405)
        secret = route[1].decode()
        form = cast(Form, (route[2] or b"html").decode())
        try:
            link = await asyncio.to_thread(self.look, secret)
            if link is None:
                return _plain(404)
            if link.over:
                return _plain(410)
            if method == b"GET" and not link.fetched:
                async with asyncio.timeout(ANSWER_S):
                    if not await self._fetch(link.document.id, form):
                        return _plain(410)
            return await asyncio.to_thread(render, link, form, secret)
        except (*FAILURES, TimeoutError) as error:
            log.error("a receipt cannot be shown: %s", error)
            return _plain(503)

    def look(self, secret: str) -> Link | None:
        """What belongs to a link's secret part (blocking); None: nothing."""
        with Index(self._index) as index:
            index.refresh(self._journal)
            offered = index.offered(token_hash(secret))
            if not isinstance(offered, ReceiptOffered):
                return None
            issued = index.with_document(offered.document)
            done = [fact for _, fact in index.about(offered.receipt)]
        document = getattr(issued, "document", None)
        if not isinstance(document, Document):
            return None
        mine = [f for f in done if getattr(f, "document", "") == offered.document]
        over = any(isinstance(fact, OfferEnded) for fact in mine)
        late = self._clock.now() >= datetime.fromisoformat(offered.expires_at)
        fetched = any(isinstance(fact, ReceiptFetched) for fact in mine)
        return Link(document, offered.sha256, over or late, fetched)


def render(link: Link, form: Form, secret: str) -> Page:
    """The receipt in one of its forms (blocking)."""
    document = link.document
    name = f"Beleg-{document.number}.{form}"
    if form == "pdf":
        from kassd.receipt.pdf import pdf, sha256

        data = pdf(document, COLUMNS)
        if sha256(data) != link.sha256:  # another version of the program draws it otherwise
            log.warning("PDF of receipt %s is not the one that was offered", document.number)
    elif form == "png":
        from kassd.receipt.png import png

        data = png(document, COLUMNS)
    else:
        from kassd.receipt.html import html

        data = html(document, links={"Als PDF": f"{secret}.pdf", "Als Bild": f"{secret}.png"})
    return Page(200, TYPES[form], data, name)


def _plain(status: int) -> Page:
    text = escape(SAYS[status])
    body = (
        '<!DOCTYPE html><html lang="de"><meta charset="utf-8"><title>Beleg</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<p style="font: 1.2rem/1.5 sans-serif; margin: 2rem">{text}</p></html>\n'
    )
    return Page(status, TYPES["html"], body.encode())


async def _request(connection: "Connection", reader: asyncio.StreamReader) -> "Request | None":
    """The head of the one request that is answered; None: the visitor has gone. Raises what h11 raises for
    what is no request."""
    from h11 import NEED_DATA, Request

    while True:
        event = connection.next_event()
        if event is NEED_DATA:
            connection.receive_data(await reader.read(MAX_REQUEST))
        else:
            return event if isinstance(event, Request) else None


def _send(connection: "Connection", writer: asyncio.StreamWriter, page: Page, head: bool) -> None:
    from h11 import Data, EndOfMessage, Response

    headers = {**HEADERS, "Content-Type": page.type, "Content-Length": str(len(page.body))}
    if page.name:
        headers["Content-Disposition"] = f'inline; filename="{page.name}"'
    parts = [connection.send(Response(status_code=page.status, headers=list(headers.items())))]
    if not head:
        parts.append(connection.send(Data(data=page.body)))
    parts.append(connection.send(EndOfMessage()))
    writer.write(b"".join(part for part in parts if part))


def _load() -> None:
    """Import the parser before somebody waits for it."""
    import h11

    assert h11
