"""Commands around a coupled scale that are refused, each with the code that is its name."""

from kassd.core import inputs as i
from tests.core.playbook import Playbook, command, device

SCALE = {
    "scale.waage.name": "waage",
    "scale.waage.station": "main",
    "scale.waage.certificate": "DE-18-B-PTB-0001",
    "scale.waage.serial_number": "4711",
    "scale.waage.valid_until": "2027-12-31",
}
CHEESE = {"id": "kaese", "name": "Bergkäse", "price": 2490, "vat": 2, "unit": "kg", "weighed": True}
CHEESE |= {"codes": ["2000000000015"]}


def _coupled(book: Playbook, until: str) -> None:
    book.config = book.config | SCALE | {"scale.waage.valid_until": until}
    book.start() >> device("waage", "ready") >> command("catalog.put", **CHEESE)


def scale_expired(book: Playbook) -> None:
    _coupled(book, "2026-11-20")
    book >> command("sale.add", article="kaese")


def weighed_on_paper(book: Playbook) -> None:
    _coupled(book, "2027-12-31")
    book >> command("sale.add", article="kaese")
    order = book.last.asks[0].args["order"]
    book >> i.Weighed("waage", order, 456, 2490, 1135) >> command("sale.hand_over", by="qr")


SCALE_SCENES = (scale_expired, weighed_on_paper)
