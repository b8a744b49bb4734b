"""The demo's web server hands out the pages and nothing else."""

import http.client
import json
from collections.abc import Iterator

import pytest

from kassd.displays import DisplayConfig, Served, serve


@pytest.fixture
def served() -> Iterator[Served]:
    served = serve("127.0.0.1", 0, DisplayConfig(node="demo.kasse-1", client="cashier-1", port=9001))
    yield served
    served.close()


def ask(served: Served, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(served.url.split("/")[2], timeout=5)
    connection.request(method, path)
    answer = connection.getresponse()
    found = answer.status, answer.getheader("Content-Type") or "", answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/?node=a.b&client=c", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/js/main.js", "text/javascript; charset=utf-8"),
        ("/vendor/mqtt.esm.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/actions.json", "application/json"),
    ],
)
def test_pages_come_with_the_type_a_browser_wants(served: Served, path: str, kind: str) -> None:
    status, found, body = ask(served, path)
    assert (status, found) == (200, kind)
    assert body


@pytest.mark.parametrize(
    "path", ["/server.py", "/__init__.py", "/js/", "/../server.py", "/%2e%2e/errors.py", "/no.js"]
)
def test_nothing_else_is_served(served: Served, path: str) -> None:
    assert ask(served, path)[0] == 404


def test_config_says_where_the_register_is(served: Served) -> None:
    status, kind, body = ask(served, "/config.json")
    assert (status, kind) == (200, "application/json")
    assert json.loads(body) == {
        "node": "demo.kasse-1",
        "client": "cashier-1",
        "station": "main",
        "port": 9001,
        "path": "/mqtt",
        "username": "",
        "password": "",
    }
    assert ask(served, "/config.json", "HEAD") == (200, "application/json", b"")


def test_a_taken_port_is_an_error(served: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(
            "127.0.0.1", int(served.url.rstrip("/").rsplit(":", 1)[1]), DisplayConfig(node="a.b", client="c")
        )
