"""kassd.app.boot: what the journal says is what the register knew."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kassd.app.boot import Boot, _latest, opened, refuse_anew, restore
from kassd.clock import DAY_NS, Clock, unix_ns
from kassd.core import inputs as i
from kassd.core.carry import durable
from kassd.core.catalog import Article
from kassd.core.state import Bound, State, TseState
from kassd.errors import DataError, JournalError, JournalLost
from kassd.journal import Index, Journal, read_lines
from kassd.ledger import Ledger
from kassd.settings import zone
from tests.app.kit import ORIGIN, SEGMENT, Bench, process
from tests.app.test_dispatch import settings as bare

BREAD = Article(id="brot", codes=("4006381333931",), name="Bauernbrot", price=390, vat=2)


async def boot(folder: Path) -> Boot:
    journal, recovery = await Journal.open(folder, ORIGIN, compact=False, segment_size=SEGMENT)
    try:
        return restore(folder, recovery)
    finally:
        await journal.close()


def known(state: State) -> State:
    """What must be the same: the journal's own lines are numbered too."""
    return durable(state)


def kept(ledger: Ledger) -> list[tuple[int, int]]:
    return sorted(ledger.carry())


async def day(bench: Bench) -> None:
    """Something of everything, and an open sale at the end."""
    await bench.commissioned()
    bench.register.post(i.CatalogOffered((BREAD,), (), "c1"))
    await bench.open_till()
    await bench.sell()
    await bench.ok("sale.add", code="4006381333931")
    await bench.ok("sale.pay", type="cash", given=500)
    await bench.ok("cash.in", kind="private", amount=500, reason="Wechselgeld")
    await bench.ok("sale.add", text="Brot", price=100, vat=2)
    await bench.ok("sale.abort")
    await bench.ok("sale.add", text="Brot", price=100, vat=2)


async def test_an_empty_journal(tmp_path: Path) -> None:
    found = await boot(tmp_path)
    assert found.state.seq == 0, "the journal's own first line"
    assert durable(found.state) == State(seq=0)
    assert len(found.ledger) == 0
    assert found.newest == unix_ns(datetime.fromisoformat(next(read_lines(tmp_path)).at))


async def test_after_a_stop_in_mid_sale(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await day(bench)
        before, ledger = bench.register.state, kept(bench.register.ledger)
        sale = before.current("main")
    found = await boot(tmp_path)
    assert known(found.state) == known(before)
    assert found.state.current("main") == sale
    assert kept(found.ledger) == ledger
    assert len(ledger) > 5
    assert found.state.catalog.articles["brot"] == BREAD


async def test_over_a_closing(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await day(bench)
        await bench.ok("sale.abort")
        await bench.close_till()
        before, ledger = bench.register.state, kept(bench.register.ledger)
    found = await boot(tmp_path)
    assert found.state.closing == 1
    assert known(found.state) == known(before)
    assert kept(found.ledger) == ledger
    assert found.state.catalog.articles["brot"] == BREAD
    assert found.state.catalog.by_code == before.catalog.by_code


async def test_after_a_closing_and_what_followed_it(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await day(bench)
        await bench.ok("sale.abort")
        await bench.close_till()
        await bench.ok("till.open", counted=bench.register.state.till.carried)
        await bench.sell(275)
        before, ledger = bench.register.state, kept(bench.register.ledger)
    found = await boot(tmp_path)
    assert known(found.state) == known(before)
    assert kept(found.ledger) == ledger


async def test_the_blobs_say_the_same_as_all_lines(tmp_path: Path) -> None:
    """Replaying from line 0 gives what the closing carried."""
    async with process(tmp_path) as bench:
        await day(bench)
        await bench.ok("sale.abort")
        await bench.close_till()
        await bench.ok("till.open", counted=bench.register.state.till.carried)
    from kassd.core.carry import fold_line

    state = State()
    for line in read_lines(tmp_path):
        stamp = i.Stamp(line.seq, datetime.fromisoformat(line.at), line.mono)
        state = fold_line(state, stamp, list(line.facts), list(line.wishes))
    assert known(state) == known((await boot(tmp_path)).state)


async def test_what_is_still_wished_is_on_the_list(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.open_till()
        bench.hands.signs = False
        await bench.ask("sale.add", text="Brot", price=100, vat=2)
        wishes = dict(bench.register.state.outbox)
        assert [wish.kind for wish in wishes.values()] == ["tse.start"]
    assert dict((await boot(tmp_path)).state.outbox) == wishes


async def test_a_missing_blob_is_said_not_guessed(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        await bench.close_till()
    for blob in (tmp_path / "blob").iterdir():
        blob.unlink()
    with pytest.raises((DataError, JournalError), match=r"Blob .* fehlt.*kassd restore"):
        await boot(tmp_path)


async def test_a_second_journal_is_not_begun_by_accident(tmp_path: Path) -> None:
    loaded = bare(tmp_path)
    refuse_anew(loaded)
    async with process(tmp_path) as bench:
        await bench.commissioned()
    (tmp_path / "journal").mkdir()
    with Index(tmp_path / "index.sqlite") as index:
        lines = index.refresh(tmp_path)
        assert lines > 1
        assert index.refresh(tmp_path / "gone") == 0
        assert index.newest() == lines - 1, "what was there is still known"
    with pytest.raises(JournalLost, match=f"kennt {lines} Zeilen"):
        refuse_anew(loaded)
    with pytest.raises(JournalLost):
        async with opened(loaded, Clock(zone(loaded)), lambda *_: None):
            pass
    assert not list((tmp_path / "journal").iterdir())
    refuse_anew(loaded.model_copy(update={"register": loaded.register.model_copy(update={"id": "K2"})}))
    mirror = loaded.journal.model_copy(update={"mirror": tmp_path})
    refuse_anew(loaded.model_copy(update={"journal": mirror}))
    (tmp_path / "index.sqlite").write_bytes(b"no index" * 100)
    refuse_anew(loaded)


async def test_the_floor_is_the_newest_time_of_lines_and_tse(tmp_path: Path) -> None:
    """The TSE's clock goes a little ahead; to the microsecond, or receipts of one second could swap."""
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        newest = [line.at for line in read_lines(tmp_path)][-1]
    assert (await boot(tmp_path)).newest == unix_ns(datetime.fromisoformat(newest))
    async with process(tmp_path) as bench:
        await bench.commissioned()
        wish = await _started(bench)
        answer = bench.hands.tse.answer(wish)
        late = datetime(2099, 1, 1, 0, 0, 7, tzinfo=UTC)
        bench.register.post(
            i.TseAnswered(wish.id, 99, 99, "2099-01-01T00:00:07.000Z", answer.serial_number, answer.signature)
        )
        await bench.quiet()
    assert (await boot(tmp_path)).newest == unix_ns(late)


async def _started(bench: Bench):  # type: ignore[no-untyped-def] # a wish
    bench.hands.signs = False
    await bench.ask("sale.add", text="Brot", price=100, vat=2)
    await bench.until(lambda: bench.register.state.outbox)
    return next(iter(bench.register.state.outbox.values()))


async def test_how_late_a_start_may_be_is_known_once_a_tse_is_bound(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        pass
    assert (await boot(tmp_path)).latest == 0
    async with process(tmp_path) as bench:
        await bench.commissioned()
    assert (await boot(tmp_path)).latest == (4_000_000_000 + 30 * 86_400) * 1_000_000_000
    expired = State(tse=TseState(bound=Bound("", "", "", "", "", certificate_expiry=1_000_000_000)))
    assert _latest(expired, 2 * 10**18) == 2 * 10**18 + 30 * DAY_NS, "a month after the youngest time"
