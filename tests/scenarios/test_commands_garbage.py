"""What bad input gets: garbage on every command topic, and conditions that no longer hold (DESIGN §6, §9)."""

import asyncio
import json
from typing import Any

import acts
import pytest

from kassd.core.commands import COMMANDS
from kassd.mqtt.ulid import ulid
from kassd.sim.world import World, WorldError

UNREADABLE: tuple[tuple[bytes, str], ...] = (
    (b"", "bad_json"),
    (b"{", "bad_json"),
    (b"\xff\xfe\x00", "bad_json"),
    (b"[]", "bad_json"),
    (b"null", "bad_json"),
    (b'{"v": 1, "id": "%s", "args": {}, "v": 1}' % ulid().encode(), "bad_json"),
    (b'{"v": 1, "id": "%s", "args": {"quantity": NaN}}' % ulid().encode(), "bad_json"),
    (b"[" * 5000, "bad_json"),
    (b'{"v": 1, "args": {}}', "bad_args"),
    (b'{"v": 1, "id": "not a ULID", "args": {}}', "bad_args"),
    (b'{"v": 2, "id": "%s", "args": {}}' % ulid().encode(), "bad_args"),
    (b'{"v": 1, "id": "%s", "args": []}' % ulid().encode(), "bad_args"),
    (b'{"v": 1, "id": "%s", "args": {}, "if": {"moon": 1}}' % ulid().encode(), "bad_args"),
    (b'{"v": 1, "id": "%s", "args": {}, "if": {"rev": 1.5}}' % ulid().encode(), "bad_args"),
    (b'{"v": 1, "id": "%s", "args": {"x": "%s"}}' % (ulid().encode(), b"x" * 70_000), "too_large"),
)
WRONG_ARGS: tuple[Any, ...] = (
    {"nonsense": 1},
    {"station": 5},
    {
        "station": None,
        "quantity": 1.5,
        "counted": "viel",
        "amount": True,
        "line": "x",
        "reason": 7,
        "name": [],
    },
)


def shown(world: World) -> dict[str, Any]:
    """All that a display shows, but for the room on the disk, which others use as well."""
    assert world.observer is not None
    seen = {key: value for key, value in world.observer.seen.items() if key.startswith(("state/", "view/"))}
    del seen["state/dev/journal"]
    return seen


async def quiet(world: World) -> None:
    """Wait until nothing has been published for a while."""
    before: dict[str, Any] = {}
    while before != shown(world):
        before = shown(world)
        await asyncio.sleep(1)


async def test_garbage_on_every_topic_changes_nothing(world: World) -> None:
    await throw_garbage(world)
    await acts.open_till(world)
    sale = (await acts.done(world, "sale.add", {"code": acts.BREAD}))["result"]["sale"]
    await world.until(lambda: sale in [fact["sale"] for fact in world.facts("tse.started")])
    await world.until(lambda: "print.done" in acts.kinds(world))
    await world.wait("state/sale/main", lambda d: d["id"] == sale)
    await throw_garbage(world)
    assert "Traceback" not in world.log.read_text()


async def throw_garbage(world: World) -> None:
    """Every payload on every topic; nothing shown or written may change."""
    await quiet(world)
    lines, before = len(world.journal()), shown(world)
    for name in (*COMMANDS, "sale.fly", "x"):
        for payload, code in UNREADABLE:
            reply = await world.ask("t1", name, payload)
            assert (reply["status"], reply["code"]) == ("rejected", code), (name, payload[:80], reply)
            assert reply["message"]
        for args in WRONG_ARGS:
            reply = await world.command(name, args)
            expected = "bad_args" if name in COMMANDS else "unknown_command"
            assert reply["code"] == expected, (name, args, reply)
        frame = json.dumps({"v": 1, "id": ulid(), "args": {}}).encode()
        assert (await world.ask("t1", name, frame, expiry=None))["code"] == "no_expiry", name
    assert shown(world) == before
    assert len(world.journal()) == lines


async def test_arguments_that_make_no_sense(world: World) -> None:
    await acts.open_till(world)
    for name, args, code in (
        ("sale.add", {}, "bad_args"),
        ("sale.add", {"code": "4006381333932"}, "bad_check_digit"),
        ("sale.add", {"code": "9783161484100"}, "unknown_article"),
        ("sale.add", {"article": "gibt-es-nicht"}, "unknown_article"),
        ("sale.add", {"code": acts.BREAD, "quantity": "0"}, "quantity_invalid"),
        ("sale.add", {"code": acts.BREAD, "quantity": "-1"}, "quantity_invalid"),
        ("sale.add", {"code": acts.BREAD, "quantity": "0.0001"}, "whole_pieces_only"),
        ("sale.add", {"code": acts.BREAD, "quantity": "1000000000"}, "quantity_invalid"),
        ("sale.add", {"code": acts.BREAD, "quantity": "1e9"}, "bad_args"),
        ("sale.add", {"text": "Ding", "vat": 1}, "price_required"),
        ("sale.add", {"text": "Ding", "price": 100, "vat": 99}, "unknown_vat"),
        ("sale.add", {"text": "Ding", "price": -100, "vat": 1}, "amount_invalid"),
        ("sale.add", {"text": "Ding", "price": 1.5, "vat": 1}, "bad_args"),
        ("sale.add", {"code": acts.BREAD, "station": "mond"}, "unknown_station"),
        ("sale.pay", {"type": "cash"}, "no_sale"),
        ("sale.pay", {"type": "muscheln"}, "no_sale"),
        ("sale.void_line", {"line": 1}, "no_sale"),
        ("sale.abort", {}, "no_sale"),
        ("till.open", {"counted": 0}, "till_open"),
        ("till.close", {"count": {"3": 1}}, "bad_args"),
        ("cash.in", {"amount": 0, "kind": "private", "reason": "x"}, "amount_invalid"),
        ("cash.out", {"amount": 10_001, "kind": "private", "reason": "x"}, "cash_negative"),
        ("cash.out", {"amount": 1, "kind": "private", "reason": " "}, "reason_required"),
        ("drawer.open", {"reason": ""}, "reason_required"),
        ("print.skip", {"printer": "mond"}, "printer_unknown"),
        ("catalog.put", {"id": "x", "name": "X", "price": -1, "vat": 1}, "catalog_invalid"),
    ):
        assert await acts.refused(world, name, args) == code, (name, args)
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    for name, args, code in (
        ("sale.pay", {"type": "cash", "amount": 391}, "amount_too_high"),
        ("sale.pay", {"type": "cash", "amount": 390, "given": 100}, "given_too_low"),
        ("sale.pay", {"type": "cash", "given": 0}, "amount_invalid"),
        ("sale.pay", {"type": "card", "given": 500}, "bad_args"),
        ("sale.void_line", {"line": 7}, "line_not_found"),
    ):
        assert await acts.refused(world, name, args) == code, (name, args)


async def test_a_stale_rev_is_a_conflict(world: World) -> None:
    closed = world.state("till")["rev"]
    await acts.open_till(world)
    reply = await world.command("till.open", {"counted": 0}, if_rev=closed)
    assert (reply["status"], reply["code"]) == ("conflict", "stale_rev")
    assert (await world.wait("state/till/main", lambda d: d["rev"] == reply["rev"]))["open"]

    await acts.done(world, "sale.add", {"code": acts.BREAD})
    old = (await world.wait("state/sale/main", lambda d: len(d["lines"]) == 1))["rev"]
    await acts.done(world, "sale.add", {"code": acts.COFFEE}, if_rev=old)
    new = (await world.wait("state/sale/main", lambda d: len(d["lines"]) == 2))["rev"]
    lines = len(world.state("sale")["lines"])
    for name, args in (
        ("sale.void_line", {"line": 1}),
        ("sale.pay", {"type": "cash"}),
        ("sale.abort", {}),
        ("sale.add", {"code": acts.BREAD}),
    ):
        reply = await world.command(name, args, if_rev=old)
        assert (reply["status"], reply["code"], reply["rev"]) == ("conflict", "stale_rev", new), name
    reply = await world.command("till.close", {"count": {"100": 100}}, if_rev=closed)
    assert (reply["status"], reply["code"]) == ("conflict", "stale_rev")
    assert len(world.state("sale")["lines"]) == lines
    await acts.done(world, "sale.void_line", {"line": 1}, if_rev=new)


async def test_what_comes_late_or_stored_is_not_carried_out(world: World) -> None:
    """A command sent while nobody listens, and one that the broker hands out again."""
    await acts.open_till(world)
    frame = json.dumps({"v": 1, "id": ulid(), "args": {"reason": "Test"}}).encode()
    assert (await world.ask("t1", "drawer.open", frame, retain=True))["code"] == "retained"
    await world.stop()
    with pytest.raises(WorldError, match="no reply"):
        await world.command("sale.add", {"code": acts.BREAD}, timeout=0.3)
    await world.start()
    await quiet(world)
    assert world.state("sale")["status"] == "none"
    assert "drawer.asked" not in acts.kinds(world)
