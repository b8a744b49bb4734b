"""T20 export-range: any days, a TSE change and an outage among them: valid, the sums agree, on a stick."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import acts
import days
import pytest
from turned_clock import Calendar

from kassd.fiscal.audit import audit
from tests.cli import kit


@pytest.mark.timeout(600)
async def test_t20_export_range(
    make_world: acts.MakeWorld, tmp_path: Path, kassd: Callable[..., tuple[int, Any]]
) -> None:
    calendar, stick = Calendar(tmp_path), tmp_path / "stick"
    stick.mkdir()
    world = make_world(
        module="turned_clock",
        environment=calendar.environment,
        extra_toml=f'[fiscal]\nhandout = "{stick}"\n',
    )
    first, second, third = await days.three_days(world, calendar, tmp_path / "usb")

    # Any days, beside the running register: one, some, all; each valid, each with the sums of the queries.
    for begin, end, closings in (
        (second, second, [2]),
        (second, third, [2, 3]),
        (first, third, [1, 2, 3]),
    ):
        out = tmp_path / f"dsfinvk-{begin}-{end}"
        words = ("--from", str(begin), "--to", str(end))
        done = await asyncio.to_thread(
            kit.kassd, "export", "dsfinvk", *words, "--out", out, config=world.config
        )
        assert done.returncode == 0, done.stderr
        assert [int(row["Z_NR"]) for row in days.rows(out, "cashpointclosing")] == closings
        verdict = audit(out, workers=1).verdict
        assert verdict.ok, verdict.findings
        asked = ("query", "belege", *words, "--where", "bon_typ=Beleg", "--sum", "summe", "--journal")
        (sums,) = kassd(*asked, world.stage.journal)[1]
        belege = [row for row in days.rows(out, "transactions") if row["BON_TYP"] == "Beleg"]
        assert len(belege) == sums["anzahl"]
        assert sum(days.cents(row["UMS_BRUTTO"]) for row in belege) == sums["summe"]
    told = [row for row in days.rows(out, "transactions_tse") if row["TSE_TA_FEHLER"]]
    assert len(told) == 1
    assert len({row["TSE_SERIAL"] for row in days.rows(out, "tse")}) == 2

    # The display asks for everything; a customer comes in between and does not wait.
    await acts.open_till(world, 10_450, None)
    asked = {"first": str(first), "last": str(third), "recipient": "Frau Amt, Ausweis 4711"}
    assert (await acts.done(world, "export.audit", asked))["status"] == "accepted"
    assert await acts.refused(world, "export.audit", asked) == "export_running"
    sold = await acts.sell(world)
    assert not sold.get("outage")
    shown = await world.wait("state/dev/export", lambda d: d.get("state") not in (None, "busy"), 200)
    assert (shown["state"], shown["reason"]) == ("ready", ""), shown
    await world.until(lambda: world.facts("export.made"), 10, "the export's record")
    (made,) = [fact for fact in world.facts("export.made") if fact["what"] == "audit"]
    (folder,) = stick.iterdir()
    assert str(folder) in shown["message"]
    assert hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest() == made["sha256"]
    assert (made["recipient"], made["first"], made["last"]) == tuple(
        asked[k] for k in ("recipient", "first", "last")
    )
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    tars = [folder / "tse" / "tse.tar"]
    verdict = audit(folder / "dsfinvk", tars, workers=1).verdict
    assert verdict.ok, verdict.findings
    cover = (folder / "LIESMICH.html").read_text(encoding="utf-8")
    assert "keine Fehler" in cover, "its own audit, against TAR, log and journal"
    assert all(serial["serial_number"] in cover for serial in world.facts("tse.bound"))

    # A restart: what was handed out is on record, and counted on the Z.
    await world.restart(kill=True)
    assert [fact["what"] for fact in world.facts("export.made")] == ["dsfinvk"] * 3 + ["audit"]
    listed = kassd("query", "exporte", "--where", "was=audit", "--journal", world.stage.journal)[1]
    assert [row["sha256"] for row in listed] == [made["sha256"]], json.dumps(listed)
    assert await world.stop() == 0
    code, found = kassd("verify", world.stage.journal)
    assert (code, found["ok"]) == (0, True), found
