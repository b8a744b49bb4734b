"""A small web server for the pages, for the demo and the tests. A box lets its broker serve them."""

import json
import sys
import threading
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import urlsplit

PAGES = Path(__file__).resolve().parent

POLL_S = 0.05  # how soon close() is noticed

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class DisplayConfig:
    """What a page needs to find its register; served beside it as ``config.json``.

    ``node`` and ``client`` as in DESIGN §6; ``port`` is the broker's WebSocket port on the host the page was
    loaded from (0: the page's own port); ``username`` and ``password`` only where the broker wants them.
    """

    node: str
    client: str
    station: str = "main"
    port: int = 0
    path: str = "/mqtt"
    username: str = ""
    password: str = ""


class _Handler(SimpleHTTPRequestHandler):
    server: "_Server"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, directory=str(PAGES), **kwargs)

    def send_head(self) -> BytesIO | BinaryIO | None:
        path = urlsplit(self.path).path
        if path == "/config.json":
            return self._send_config()
        if path == "/" or PurePosixPath(path).suffix in TYPES:
            return super().send_head()
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def _send_config(self) -> BytesIO:
        body = json.dumps(asdict(self.server.config)).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)

    def guess_type(self, path: Any) -> str:
        return TYPES.get(Path(path).suffix, "application/octet-stream")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Page loads are of no interest beside what a register logs."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], config: DisplayConfig) -> None:
        self.config = config
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in mid-page is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Served:
    """A running server. ``url`` is the page's address; ``close`` ends it."""

    def __init__(self, host: str, port: int, config: DisplayConfig) -> None:
        self._server = _Server((host, port), config)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_S,), name="displays", daemon=True
        )
        self._thread.start()
        self.url = f"http://{host}:{self._server.server_port}/"

    def close(self) -> None:
        """Stop serving and wait for the thread's end."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve(host: str, port: int, config: DisplayConfig) -> Served:
    """Serve the pages and ``config.json`` on ``host``:``port`` (0: any free port) in a thread.

    Raises :class:`OSError` when the port is taken. The caller ends it with :meth:`Served.close`.
    """
    return Served(host, port, config)
