"""T25 e-receipt: chosen, fetched by a link that names nobody and ends; printed where it cannot be fetched."""

import asyncio
import base64
import hashlib
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import acts
from turned_clock import Calendar

from kassd.sim.world import World
from kassd.sim.world_broker import free_port


async def get(url: str) -> tuple[int, bytes]:
    """What a customer's phone gets."""

    def call() -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    return await asyncio.to_thread(call)


async def server(world: World, state: str) -> None:
    await world.wait("state/dev/receipt-link", lambda d: d.get("state") == state and d["boot"] == world.boot)


async def sell_by_link(world: World) -> acts.Document:
    """One loaf; the customer has touched "auf mein Telefon" on the display."""
    added = await acts.done(world, "sale.add", {"code": acts.BREAD})
    await acts.done(world, "sale.hand_over", {"by": "link", "consent": "display"})
    await world.wait("state/sale/main", lambda d: d.get("hand_over") == "link")
    return await acts.pay(world, added["result"]["sale"])


async def offered(world: World, receipt: str, status: str = "offered") -> acts.Document:
    """What the customer's display shows of a receipt."""

    def shown(view: acts.Document) -> bool:
        offer = view.get("offer") or {}
        return (offer.get("receipt"), offer.get("status")) == (receipt, status) and view["boot"] == world.boot

    found = await world.wait(
        "view/customer/main", lambda d: shown(d) and (d["offer"].get("content") or status != "offered")
    )
    return dict(found["offer"])


async def test_t25_e_receipt(
    make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]], tmp_path: Path
) -> None:
    port, calendar = free_port(), Calendar(tmp_path)
    link = {"host": '"127.0.0.1"', "port": port, "valid_hours": 1, "print_after_s": 0}
    rows = [f'url = "http://127.0.0.1:{port}"', *(f"{key} = {value}" for key, value in link.items())]
    extra = "\n".join(["[receipt_link]", *rows, ""])
    world = make_world(module="turned_clock", environment=calendar.environment, extra_toml=extra)
    await world.start()
    await server(world, "ready")
    await acts.open_till(world)

    sold = await sell_by_link(world)
    receipt = sold["receipt"]
    url = (await offered(world, receipt))["content"]
    secret = url.removeprefix(f"http://127.0.0.1:{port}/b/")
    assert len(base64.urlsafe_b64decode(secret + "=")) * 8 >= 128
    personal = (f"/{receipt}", "KASSE", "Anna", "cashier", "Backhaus")
    assert not any(word in url for word in personal), "nothing in the link says who or what"

    await world.restart(kill=True)  # before it is fetched: the same link is shown again and works
    await server(world, "ready")
    assert (await offered(world, receipt))["content"] == url
    status, page = await get(url)
    assert status == 200
    assert f"Beleg-Nr. {receipt}" in page.decode()
    await offered(world, receipt, "fetched")
    status, data = await get(f"{url}.pdf")
    (made,) = world.facts("receipt.offered")
    assert (status, hashlib.sha256(data).hexdigest()) == (200, made["sha256"])
    assert made["token"] == hashlib.sha256(secret.encode()).hexdigest()
    asked, fetched = world.facts("receipt.offer_asked"), world.facts("receipt.fetched")
    assert [(a["receipt"], a["why"], a["consent"]) for a in asked] == [(receipt, "chosen", "display")]
    assert [(x["receipt"], x["form"]) for x in fetched] == [(receipt, "html")], "once, the first time"

    calendar.turn(0.5)
    status, page = await get(url)
    assert status == 410
    assert receipt not in page.decode()
    assert not any(f"Beleg-Nr. {receipt}" in "\n".join(slip.text) for slip in world.slips())

    await world.stop()
    with socket.socket() as other:  # the server cannot be reached
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        await world.start()
        await server(world, "error")
        printed = await sell_by_link(world)
        await world.slip(f"Beleg-Nr. {printed['receipt']}")
    (ended,) = world.facts("receipt.offer_ended")
    assert (ended["receipt"], ended["why"], ended["reason"]) == (printed["receipt"], "failed", "link_off")

    world.environment["KASSD_RECEIPT_LINK__PRINT_AFTER_S"] = "1"
    await world.restart()
    await server(world, "ready")
    forgotten = await sell_by_link(world)
    slip = await world.slip(f"Beleg-Nr. {forgotten['receipt']}")
    assert "KOPIE" not in "\n".join(slip.text)
    (ended,) = (x for x in world.facts("receipt.offer_ended") if x["receipt"] == forgotten["receipt"])
    assert (ended["why"], ended["reason"]) == ("printed", "not_fetched")

    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    written = b"".join(path.read_bytes() for path in world.stage.journal.rglob("*") if path.is_file())
    assert secret.encode() not in written
    assert secret not in world.log.read_text(encoding="utf-8")
