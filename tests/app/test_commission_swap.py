"""Another TSE in the place of the old one: the order is kept, and any interruption goes on."""

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kassd.app import commission
from kassd.app.commission import Farewell, NotThere, take_leave, welcome
from kassd.app.tse_secrets import load_sealed
from kassd.app.workshop import Workshop
from kassd.core import facts as f
from kassd.core.inputs import CommandReceived, TseUnavailable
from kassd.errors import ConfigError, DataError, KassdError, TseGone, TseRefused, TseWrong
from kassd.sim.tse.stand import Stand, stand
from kassd.tse.log import verify_tar
from kassd.tse.port import Secrets
from kassd.tse.soft import Fault, SoftTse, default_secrets, write_faults
from tests.app.commissioning import BY, Bench, Cut, cut_at
from tests.tse.recording import driver

SWAP = ("tse.swap_began", "tse.step_taken", "tse.replaced", "tse.bound", "sale.finished")
WHOLE = [
    "tse.step_taken",
    "tse.bound",
    *SWAP[:2],
    "tse.step_taken",
    "tse.replaced",
    "tse.bound",
    "sale.finished",
]


@pytest.fixture
async def bench(tmp_path: Path) -> Bench:
    """A register whose TSE is set up, its till closed."""
    made = Bench(tmp_path / "register")
    await made.set_up()
    return made


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


async def leave(bench: Bench, *copies: Path, **more: bool) -> Path | None:
    async with bench.shop() as shop:
        return await take_leave(shop, BY, Farewell("Zertifikat läuft ab", copies, **more))


async def enter(bench: Bench) -> str:
    async with bench.shop() as shop:
        return await welcome(shop, BY, bench.shown.append)


async def whole(bench: Bench, usb: Path) -> None:
    """``kassd tse swap`` as often as needed, the new TSE plugged in where it is asked for."""
    await leave(bench, usb)
    if not (bench.folder / "old").exists():
        with pytest.raises(NotThere):
            await enter(bench)
        bench.pull("old")
    await enter(bench)


async def done(bench: Bench, old: str) -> None:
    """The new one signs, and the old one's end stands in the journal."""
    assert (await bench.info()).serial_number != old
    (replaced,) = bench.facts("tse.replaced")
    (began,) = bench.facts("tse.swap_began")
    assert (replaced["old_serial_number"], began["serial_number"]) == (old, old)
    assert replaced["new_serial_number"] == (await bench.info()).serial_number
    (check,) = bench.facts("sale.finished")
    assert (check["bon_type"], check["outage"]) == ("AVBelegabbruch", "")


async def test_the_archive_is_verified_and_in_two_places_before_anything_ends(
    bench: Bench, usb: Path
) -> None:
    old = await bench.info()
    archive = await leave(bench, usb)
    assert archive is not None
    (copy,) = usb.iterdir()
    assert copy.name == f"{old.serial_number[:16]}-{archive.name}"
    data = copy.read_bytes()
    assert archive.read_bytes() == data
    verdict = verify_tar(io.BytesIO(data))
    assert verdict.ok
    (began,) = bench.facts("tse.swap_began")
    assert (began["archive"], began["sha256"]) == (archive.name, hashlib.sha256(data).hexdigest())
    assert began["messages"] == verdict.checked > 0
    assert (began["by"], began["reason"]) == (BY, "Zertifikat läuft ab")
    assert (await bench.info()).life_cycle == "disabled"
    assert bench.facts("tse.step_taken")[-1]["step"] == "disable"


async def test_from_beginning_to_end(bench: Bench, usb: Path) -> None:
    old = (await bench.info()).serial_number
    await whole(bench, usb)
    await done(bench, old)
    assert bench.kinds(*SWAP) == WHOLE
    await sold(bench)
    with pytest.raises(TseRefused, match="kein Tausch im Gang"):
        await enter(bench)


@pytest.mark.parametrize("moment", ["before disable", "after disable", "before provision"])
@pytest.mark.parametrize(
    "again", ["before self_test", "after provision", "after set_time", "bound", "signed"]
)
async def test_interrupted_anywhere_it_goes_on(
    bench: Bench, usb: Path, monkeypatch: pytest.MonkeyPatch, moment: str, again: str
) -> None:
    old = (await bench.info()).serial_number
    for cut in (moment, again):
        with monkeypatch.context() as patch:
            if cut in ("bound", "signed"):
                cut_after(patch, f.TseReplaced if cut == "bound" else f.SaleFinished)
            else:
                cut_at(patch, cut)
            with pytest.raises(Cut):
                await whole(bench, usb)
    await whole(bench, usb)
    await done(bench, old)


@pytest.mark.parametrize("options", [{}, {"defective": True}, {"keep": True}])
async def test_the_same_command_after_the_end_touches_the_new_tse_no_more(
    bench: Bench, usb: Path, options: dict[str, bool]
) -> None:
    old = (await bench.info()).serial_number
    await whole(bench, usb)
    assert await leave(bench, usb, **options) is None
    assert await enter(bench) == (await bench.info()).serial_number
    await done(bench, old)
    assert (await bench.info()).life_cycle != "disabled"
    assert bench.kinds(*SWAP) == WHOLE


async def test_a_new_tse_that_breaks_at_once_can_be_replaced(bench: Bench, usb: Path) -> None:
    await whole(bench, usb)
    second = (await bench.info()).serial_number
    write_faults(bench.stick, Fault("gone"))
    assert await leave(bench, defective=True) is None
    bench.pull("second")
    assert await enter(bench) != second
    assert len(bench.facts("tse.replaced")) == 2


async def test_once_the_new_tse_signs_for_the_shop_the_next_swap_is_a_new_one(
    bench: Bench, usb: Path
) -> None:
    await whole(bench, usb)
    await sold(bench)
    assert await leave(bench, usb) is not None
    assert (await bench.info()).life_cycle == "disabled"
    assert len(bench.facts("tse.swap_began")) == 2


async def sold(bench: Bench) -> None:
    """The till is opened and closed, which the TSE signs."""
    async with bench.shop() as shop, shop.signing():
        opening = CommandReceived("console", "open-1", "till.open", {"counted": 0})
        await shop.decide(opening, f.TillOpened)
        closing = CommandReceived("console", "close-1", "till.close", {"count": {}})
        await shop.decide(closing, f.TillClosed)


def cut_after(patch: pytest.MonkeyPatch, fact: type[f.TseReplaced | f.SaleFinished]) -> None:
    """End the process once such a fact is on the disk."""
    decide, until = Workshop.decide, Workshop.until

    async def deciding(shop: Workshop, input: object, wanted: object) -> None:
        await decide(shop, input, wanted)  # type: ignore[arg-type] # as given
        if wanted is fact:
            raise Cut

    async def waiting(shop: Workshop, *args: object) -> None:
        await until(shop, *args)  # type: ignore[arg-type] # as given
        raise Cut

    patch.setattr(Workshop, "decide", deciding)
    if fact is f.SaleFinished:
        patch.setattr(Workshop, "until", waiting)


# -- refusals of the first half -----------------------------------------------------------------------


async def test_before_a_first_tse_there_is_nothing_to_swap(tmp_path: Path, usb: Path) -> None:
    bench = Bench(tmp_path / "register")
    with pytest.raises(TseRefused, match="kassd tse setup"):
        await leave(bench, usb)


async def test_without_a_second_place_nothing_begins(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gehört an zwei Orte.*--copy"):
        await leave(bench)
    with pytest.raises(ConfigError, match="ist kein Verzeichnis"):
        await leave(bench, tmp_path / "absent")
    assert not bench.facts("tse.swap_began")
    assert (await bench.info()).life_cycle != "disabled"


async def test_a_copy_that_reads_otherwise_is_no_copy(
    bench: Bench, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worn(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:-512] + b"\1" * 512)

    monkeypatch.setattr(commission.shutil, "copyfile", worn)
    with pytest.raises(DataError, match="anderen Datenträger nehmen"):
        await leave(bench, usb)
    assert not bench.facts("tse.swap_began")


async def test_an_archive_that_does_not_verify_keeps_the_tse_in_use(
    bench: Bench, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = SoftTse.export

    async def twisted(tse: SoftTse, *args: object) -> object:  # type: ignore[misc] # an async generator
        async for chunk in export(tse, *args):  # type: ignore[arg-type] # as given
            yield chunk.replace(b"registerClient", b"registerKunden", 1)

    monkeypatch.setattr(SoftTse, "export", twisted)
    with pytest.raises(DataError, match=r"nicht in Ordnung, sie bleibt in Betrieb: \S"):
        await leave(bench, usb)
    assert not bench.facts("tse.swap_began")
    assert (await bench.info()).life_cycle != "disabled"
    assert not list(usb.iterdir())


async def test_an_open_transaction_comes_first(bench: Bench, usb: Path) -> None:
    tse = SoftTse(bench.stick, latency_s=0, secrets=default_secrets(bench.stick))
    await tse.open()
    await tse.self_test(bench.settings.register.id)
    await tse.set_time(1_800_000_000)
    await tse.start(bench.settings.register.id)
    await tse.close()
    with pytest.raises(TseRefused, match="kassd kurz laufen lassen: es beendet sie") as caught:
        await leave(bench, usb)
    assert caught.value.code == "ErrorOpenTransactions"
    assert not bench.facts("tse.swap_began")


async def test_another_tse_is_not_archived_in_the_place_of_the_old_one(bench: Bench, usb: Path) -> None:
    bench.pull("old")
    with pytest.raises(TseWrong, match="--defective"):
        await leave(bench, usb)
    assert not bench.facts("tse.swap_began")


async def test_a_tse_that_gives_its_log_away_is_not_defective(bench: Bench) -> None:
    with pytest.raises(TseRefused, match="ohne --defective"):
        await leave(bench, defective=True)
    assert not bench.facts("tse.swap_began")
    write_faults(bench.stick, Fault("refuse", calls=("export",), code="ErrorStorageFailure"))
    assert await leave(bench, defective=True) is None
    assert len(bench.facts("tse.swap_began")) == 1


async def test_a_tse_that_does_not_answer_must_be_called_defective(bench: Bench, usb: Path) -> None:
    write_faults(bench.stick, Fault("gone"))
    with pytest.raises(TseGone):
        await leave(bench, usb)
    assert await leave(bench, defective=True) is None
    (began,) = bench.facts("tse.swap_began")
    assert (began["archive"], began["messages"]) == ("", 0)
    assert await leave(bench, defective=True) is None
    assert len(bench.facts("tse.swap_began")) == 1
    with pytest.raises(NotThere, match="wiederholen"):
        await enter(bench)
    bench.pull("old")
    await enter(bench)
    assert bench.kinds(*SWAP)[2:] == [
        "tse.swap_began",
        "tse.step_taken",
        "tse.replaced",
        "tse.bound",
        SWAP[4],
    ]


async def test_kept_it_stays_in_use_for_whoever_needs_it(bench: Bench, usb: Path) -> None:
    old = (await bench.info()).serial_number
    assert await leave(bench, usb, keep=True) is not None
    assert (await bench.info()).life_cycle != "disabled"
    assert [step["step"] for step in bench.facts("tse.step_taken")] == ["set_secrets"]
    assert await leave(bench, keep=True) is None, "archived already: no second --copy"
    bench.pull("old")
    await enter(bench)
    await done(bench, old)


async def test_one_that_somebody_has_disabled_is_archived_all_the_same(bench: Bench, usb: Path) -> None:
    tse = SoftTse(bench.stick, latency_s=0, secrets=default_secrets(bench.stick))
    await tse.open()
    await tse.disable()
    await tse.close()
    assert await leave(bench, usb) is not None
    assert [step["step"] for step in bench.facts("tse.step_taken")] == ["set_secrets"]


# -- refusals of the second half ----------------------------------------------------------------------


async def test_while_the_register_sells_no_other_tse_is_bound(bench: Bench, usb: Path) -> None:
    """It was opened between the halves; the old TSE is out of use, so it sells without signatures."""
    await leave(bench, usb)
    bench.pull("old")

    def opened(name: str, **args: object) -> CommandReceived:
        return CommandReceived("console", f"{name}-1", name, args)

    async with bench.shop() as shop:
        shop.register.post(TseUnavailable("refused:disabled", "Die TSE ist außer Betrieb."))
        await shop.decide(opened("till.open", counted=0), f.TillOpened)
    with pytest.raises(TseRefused, match="zuerst den Kassenabschluss"):
        await enter(bench)
    assert (await bench.info()).life_cycle == "factory", "nothing was begun with the new one"
    async with bench.shop() as shop:
        shop.register.post(TseUnavailable("refused:disabled", "Die TSE ist außer Betrieb."))
        await shop.decide(opened("till.close", count={}), f.TillClosed)
    await enter(bench)
    assert bench.facts("tse.replaced")


async def test_a_new_tse_that_is_not_there_yet_is_waited_for(bench: Bench, usb: Path) -> None:
    await leave(bench, usb)
    bench.pull("old")
    bench.stick.mkdir()
    write_faults(bench.stick, Fault("gone"))
    with pytest.raises(NotThere, match="kassd tse swap wiederholen") as caught:
        await enter(bench)
    assert caught.value.exit_code == 75


async def test_a_new_tse_that_does_not_sign_says_so(
    bench: Bench, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await leave(bench, usb)
    bench.pull("old")
    bench.stick.mkdir()
    write_faults(bench.stick, Fault("refuse", ("start",), "ErrorStartTransactionFailed"))
    monkeypatch.setattr(commission, "CHECK_S", 0.5)
    with pytest.raises(KassdError, match="neue TSE hat den ersten Vorgang nicht signiert"):
        await enter(bench)
    assert bench.facts("tse.replaced"), "it is bound; its check waits"
    with pytest.raises(TseRefused, match="öffnen und abschließen"):
        await leave(bench, defective=True)
    write_faults(bench.stick)
    await leave(bench, usb)  # nothing to do with the old one any more
    await enter(bench)
    assert bench.facts("sale.finished")[0]["outage"] == ""


# -- families that cannot be put out of use from here -------------------------------------------------


@pytest.fixture
def plugged(tmp_path: Path) -> Iterator[Callable[[str, str], Stand]]:
    with ExitStack() as open_:
        yield lambda kind, name: open_.enter_context(stand(kind, tmp_path / name, latency_s=0.0))


@pytest.mark.parametrize("kind", ["swissbit", "diebold-service"])
async def test_what_cannot_be_disabled_here_is_kept(
    tmp_path: Path, usb: Path, plugged: Callable[[str, str], Stand], kind: str
) -> None:
    bench = Bench(tmp_path / "register", plugged(kind, "one").settings)
    old = await bench.set_up()
    with pytest.raises(TseRefused, match=r"Archiv ist geprüft und kopiert.*weiter mit kassd tse swap --keep"):
        await leave(bench, usb)
    with pytest.raises(TseRefused, match="--keep"):
        await leave(bench, usb)  # said again, as long as it is asked for
    assert await leave(bench, keep=True) is None
    config = (bench.folder / "kassd.toml").read_text()
    bench.settings = Bench(bench.folder, plugged(kind, "two").settings).settings
    assert (bench.folder / "kassd.toml").read_text() != config
    new = await enter(bench)
    assert new != old.serial_number
    first, second = bench.shown
    assert first != second
    kept = load_sealed(bench.secrets.with_name(f"{bench.secrets.name}.{old.serial_number[:16]}"))
    now = load_sealed(bench.secrets)
    assert kept is not None
    assert now is not None
    assert (kept.secrets, now.serial_number, now.secrets) == (first, new, second)
    await _signs(bench, second)


async def _signs(bench: Bench, secrets: Secrets) -> None:
    tse = driver(bench.settings, secrets)
    await tse.open()
    await tse.set_time(1_800_000_000)
    await tse.start(bench.settings.register.id)
    await tse.close()
