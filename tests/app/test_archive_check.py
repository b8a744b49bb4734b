"""An export against its signatures, the archive before it and a real journal."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kassd.app import archive_check
from kassd.app.archive_check import Checked, Task, check
from kassd.clock import Clock, utc_text
from kassd.core import facts as f
from kassd.core.codec import decode, encode
from kassd.core.document import Document, Issuer
from kassd.journal import Entry, Journal
from kassd.tse.log.tar import END
from kassd.tse.parts import part_name
from kassd.tse.port import ExportFilter, Signed
from kassd.tse.soft import SoftTse
from tests.tse.soft.helpers import CLIENT, collect, ready

TYPE, DATA = "Kassenbeleg-V1", "Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"
BOOT = "0" * 16
SLIP = Document("R1", "sale", "Beleg", "1", CLIENT, Issuer("Backhaus", "", "", "", "", "", ""), "")


class Shop:
    """A soft TSE and a journal that a test writes as it likes."""

    def __init__(self, folder: Path, tse: SoftTse, journal: Journal) -> None:
        self.folder, self.tse, self.journal = folder, tse, journal
        self.clock = Clock()

    async def write(self, *facts: f.Fact) -> int:
        """A line; returns its number."""
        seq, at = self.journal.next_seq, utc_text(self.clock.now())
        await self.journal.append(Entry(at, self.clock.mono(), BOOT, [f.to_json(x) for x in facts], []))
        return seq

    async def sign(self) -> tuple[Signed, Signed]:
        """A transaction that no line names yet."""
        began = await self.tse.start(CLIENT)
        return began, await self.tse.finish(began.transaction_number, CLIENT, TYPE, DATA.encode())

    async def begin(self, began: Signed) -> str:
        """The lines of a sale up to its number."""
        sale = f"1-{self.journal.next_seq}"
        numbered = f.SaleNumbered(sale, 1, "", TYPE, DATA)
        await self.write(f.TseStarted(sale, "1.0", *values(began)), numbered)
        return sale

    async def end(self, sale: str, ended: Signed) -> int:
        return await self.write(f.TseFinished(sale, "1.1", *values(ended)), over(sale))

    async def sell(self) -> int:
        """Returns the number of the last line."""
        began, ended = await self.sign()
        return await self.end(await self.begin(began), ended)

    async def counter(self) -> int:
        return (await self.tse.info()).signature_counter

    async def task(self, after: int = -1, since: int = -1, **more: Any) -> Task:
        """An export of what lies above ``after``."""
        info, path = await self.tse.info(), self.folder / "export.part"
        path.write_bytes(await collect(self.tse.export(ExportFilter(after_counter=after))))
        parts, journal = str(self.folder / "parts"), str(self.folder / "journal")
        serial = info.serial_number
        made = Task(str(path), parts, journal, serial, CLIENT, info.certificates, after, since)
        return replace(made, **more)

    def keep(self, task: Task, done: Checked) -> None:
        """The export becomes a part."""
        Path(task.folder).mkdir(exist_ok=True)
        Path(task.tar).rename(Path(task.folder) / part_name(done.first, done.last))


def values(signed: Signed) -> tuple[int, int, str, str, str]:
    return (
        signed.transaction_number,
        signed.signature_counter,
        signed.log_time,
        signed.serial_number,
        signed.signature,
    )


def over(sale: str, outage: str = "") -> f.SaleFinished:
    return f.SaleFinished(sale, 1, "Beleg", "", outage, SLIP)


def ids(texts: tuple[str, ...]) -> list[str]:
    return [text.rpartition("[")[2].removesuffix("]") for text in texts]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    clock = Clock()
    tse = await ready(tmp_path / "tse", clock=clock)
    await tse.set_time(clock.wall_ns() // 1_000_000_000 + 5)
    journal, _ = await Journal.open(
        tmp_path / "journal",
        CLIENT,
        segment_size=1 << 20,
        compact=False,
        now=lambda: (utc_text(clock.now()), clock.mono(), BOOT),
    )
    yield Shop(tmp_path, tse, journal)
    await journal.close()
    await tse.close()


async def test_a_day_that_fits_has_no_findings(shop: Shop) -> None:
    for _ in range(3):
        seq = await shop.sell()
    task = await shop.task()
    done = check(task)
    assert (done.damaged, done.findings) == ((), ())
    assert (done.first, done.last, done.seq) == (1, await shop.counter(), seq)
    assert done.messages == done.last
    assert done.size == Path(task.tar).stat().st_size


async def test_the_next_day_goes_on_where_the_archive_ends(shop: Shop) -> None:
    await shop.sell()
    first = check(await shop.task())
    await shop.sell()
    task = await shop.task(first.last, first.seq)
    second = check(task)
    assert (second.first, second.damaged, second.findings) == (first.last + 1, (), ())
    assert ids(check(replace(task, after=first.last - 1)).findings) == ["counter_gap"]
    assert ids(check(replace(task, after=second.last - 1)).findings)[0] == "counter_archived"
    nothing = check(await shop.task(second.last, second.seq))
    assert (nothing.messages, nothing.last, nothing.damaged) == (0, second.last, ())


async def test_what_was_signed_while_the_export_ran_is_the_next_archives(shop: Shop) -> None:
    await shop.sell()
    early = await shop.task()
    began, ended = await shop.sign()
    sale = await shop.begin(began)
    await shop.end(sale, ended)
    first = check(early)
    assert first.findings == ()
    second = check(await shop.task(first.last, first.seq))
    assert (second.findings, second.seq) == ((), shop.journal.next_seq - 1)


async def test_a_late_answer_is_compared_with_the_part_that_has_its_message(shop: Shop) -> None:
    began, ended = await shop.sign()
    sale = await shop.begin(began)
    await shop.write(over(sale, outage="A1"))
    task = await shop.task(pending=(ended.transaction_number,))
    first = check(task)
    assert first.findings == ()
    shop.keep(task, first)
    await shop.write(f.TseLate(sale, "1.1", "finish", *values(ended)))
    await shop.sell()
    again = check(await shop.task(first.last, first.seq))
    assert again.findings == ()
    (shop.folder / "parts" / part_name(first.first, first.last)).unlink()
    assert ids(check(await shop.task(first.last, first.seq)).findings) == ["message_missing"]


async def test_what_nobody_waits_for_is_a_finding(shop: Shop) -> None:
    began, _ = await shop.sign()
    await shop.write(over(await shop.begin(began), outage="A1"))
    assert ids(check(await shop.task()).findings) == ["finish_not_adopted"]


async def test_findings_of_a_fact_are_bounded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_check, "MAX_FINDINGS", 2)
    for _ in range(4):
        await shop.sign()
    findings = check(await shop.task()).findings
    assert (len(findings), findings[-1]) == (3, "und 2 weitere Befunde")


async def test_damage_is_told_apart_from_contradiction(shop: Shop) -> None:
    await shop.sell()
    task = await shop.task()
    path = Path(task.tar)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(DATA.encode(), DATA.replace("2.50", "0.50").encode(), 1))
    changed = check(task)
    assert "signature_invalid" in ids(changed.damaged)
    assert ids(changed.findings) == ["data_differs"]
    path.write_bytes(whole[: len(whole) // 2])
    assert "archive_damaged" in ids(check(task).damaged)
    path.write_bytes(b"no archive at all")
    lost = check(task)
    assert lost.messages == 0
    assert lost.damaged
    path.write_bytes(END)
    assert ids(check(task).damaged) == ["archive_empty"]


async def test_the_chain_must_end_at_the_certificate_it_was_bound_with(shop: Shop, tmp_path: Path) -> None:
    await shop.sell()
    other = await ready(tmp_path / "other")
    foreign = (await other.info()).certificates
    await other.close()
    task = await shop.task()
    assert "chain_untrusted" in ids(check(replace(task, certificates=foreign)).damaged)
    assert "foreign_serial" in ids(check(replace(task, serial_number="ab" * 32)).findings)


async def test_it_runs_as_a_process_of_its_own(shop: Shop) -> None:
    await shop.sell()
    task = await shop.task()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "kassd.app.archive_process", "0"],
        input=json.dumps(encode(task)),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stderr == ""
    assert decode(Checked, json.loads(done.stdout)) == check(task)
