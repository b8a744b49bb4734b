"""Setting a TSE up and putting another one in its place (law.md 5.2, 5.5), step by step and restartable.

Everything that cannot be undone stands in the journal before the device is told; PINs and PUKs lie in their
file before the first of them comes into force.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kassd.app.tse_family import build_tse, sets_itself_up
from kassd.app.tse_secrets import Sealed, make_secrets, secrets_of, store_sealed
from kassd.app.wiring import tse_input
from kassd.app.workshop import Workshop
from kassd.core import facts as f
from kassd.core.inputs import TseOpened, TseStepAsked, TseSwapAsked, TseSwapped
from kassd.core.tse_life import check_waits, swap_refusal, till_refusal
from kassd.errors import ConfigError, DataError, TseError, TseGone, TseRefused, TseWrong
from kassd.journal import read_lines
from kassd.tse.codes import CERTIFICATE_EXPIRED, DISABLED, NOT_INITIALIZED, OPEN_TRANSACTIONS, refused
from kassd.tse.log import verify_tar
from kassd.tse.port import Secrets, Tse, TseInfo
from kassd.tse.trials import OWN_TIME_ADMIN_PIN, Trials
from kassd.tse.worker import Opened

log = logging.getLogger(__name__)

NS = 1_000_000_000
CHECK_S = 150.0  # the first self test of some devices takes a minute or two
Show = Callable[[Secrets], None]


class NotThere(TseRefused):
    """The TSE that is wanted next is not plugged in yet."""

    exit_code = 75


def _tse(shop: Workshop, secrets: Secrets | None = None, serial_number: str = "") -> Tse:
    """The driver with ``secrets``, or with those of this TSE; else with none: it may be anyone's."""
    tse = build_tse(shop.settings, shop.clock, secrets, serial_number=serial_number)
    if tse is None:
        raise ConfigError("In der Konfiguration fehlt [tse]: bitte Art und Anschluss der TSE eintragen.")
    return tse


async def set_up(shop: Workshop, by: str, show: Show) -> TseInfo:
    """``kassd tse setup``: from a factory-new TSE to one that is bound to this register."""
    bound = shop.state.tse.bound
    if bound is not None:
        raise ConfigError(
            f"Die TSE {bound.serial_number[:16]}… ist schon in Betrieb. Zum Tauschen: kassd tse swap"
        )
    info = await _provision(shop, by, show)
    await shop.decide(_opened(shop, info), f.TseBound)
    return info


def _opened(shop: Workshop, info: TseInfo) -> TseOpened:
    opened = tse_input(Opened(info), shop.settings.register.id)
    assert isinstance(opened, TseOpened)
    return opened


async def _provision(shop: Workshop, by: str, show: Show) -> TseInfo:
    """Bring the device that is plugged in to where it signs; an interrupted set-up goes on."""
    tse = _tse(shop)
    found = await _look(tse)
    if 0 < found.certificate_expiry <= shop.clock.wall_ns() // NS:
        raise refused(CERTIFICATE_EXPIRED)
    secrets = _secrets_for(shop, found, tse, show)
    tse = _tse(shop, secrets)
    client_id = shop.settings.register.id

    async def note(step: str) -> None:
        await shop.decide(TseStepAsked(found.serial_number, step, by), f.TseStepTaken)

    try:
        await tse.open()
        taken = _steps(shop, found.serial_number)
        info = await tse.provision(secrets, client_id, note, taken)
        if info.self_test_due:
            await tse.self_test(client_id)
        set_time = partial(tse.set_time, shop.clock.wall_ns() // NS)
        await Trials(note, taken).once(OWN_TIME_ADMIN_PIN, set_time)
        return await tse.info()
    finally:
        await tse.close()


def _steps(shop: Workshop, serial_number: str) -> frozenset[str]:
    """The steps that the journal holds of this TSE's set-up."""
    facts = (fact for line in read_lines(shop.settings.journal.dir) for fact in line.facts)
    steps = (fact["data"] for fact in facts if fact["kind"] == f.TseStepTaken.kind)
    return frozenset(step["step"] for step in steps if step["serial_number"] == serial_number)


async def _look(tse: Tse) -> TseInfo:
    """Which TSE is plugged in."""
    try:
        return await tse.open()
    finally:
        await tse.close()


def _secrets_for(shop: Workshop, found: TseInfo, tse: Tse, show: Show) -> Secrets:
    """Those of an interrupted set-up of this very TSE, else new ones, shown once and on the disk."""
    itself = sets_itself_up(shop.settings)
    if itself is not None:
        return itself
    assert shop.settings.tse is not None  # _tse() has refused it
    file = shop.settings.tse.secrets
    if found.life_cycle == "disabled":
        raise refused(DISABLED)
    known = secrets_of(file, found.serial_number)
    if known is not None:
        return known
    if found.life_cycle != "factory":
        raise TseRefused(
            NOT_INITIALIZED,
            f"Diese TSE ist schon eingerichtet, aber {file} enthält ihre PINs nicht. Bitte die Datei der "
            "früheren Einrichtung dorthin legen (sie heißt dort … mit der Seriennummer am Ende).",
        )
    made = make_secrets(tse.secrets_form)
    store_sealed(file, Sealed(found.serial_number, made))
    show(made)
    return made


@dataclass(frozen=True, slots=True)
class Farewell:
    """What is asked of the old TSE. ``copies``: folders that get its archive beside the register's own;
    ``defective``: it does not answer any more; ``keep``: it is not put out of use."""

    reason: str
    copies: tuple[Path, ...] = ()
    defective: bool = False
    keep: bool = False


async def take_leave(shop: Workshop, by: str, farewell: Farewell) -> Path | None:
    """First half of ``kassd tse swap``: export, verify, copy, then disable; returns the archive.

    Called again after an interruption it goes on; once the old TSE is out of use it does nothing, nor while
    the new one has signed no more than its check.
    """
    swap = shop.state.tse.swap
    if swap is None and check_waits(shop.state) and not farewell.defective:
        return None  # the new one is bound already
    if swap is None and shop.state.tse.fresh and not (farewell.defective and await _is_silent(shop)):
        return None  # and has signed: this is the same command once more, not a second swap
    if swap is None and (why := swap_refusal(shop.state)):
        raise TseRefused("SwapRefused", why)
    if swap is not None and farewell.keep:
        return None  # archived and copied before the swap began
    if farewell.defective:
        if swap is None:
            if not await _is_silent(shop):
                raise TseRefused(
                    "SwapRefused",
                    "Die alte TSE antwortet und gibt ihr Protokoll heraus: bitte ohne --defective tauschen.",
                )
            await shop.decide(TseSwapAsked(by, farewell.reason), f.TseSwapBegan)
        return None
    bound = shop.state.tse.bound
    assert bound is not None  # swap_refusal() has refused it
    tse = _tse(shop, serial_number=bound.serial_number)
    try:
        info = await tse.open()
        if info.serial_number != bound.serial_number:
            if swap is not None:
                return None  # the new one is in already
            raise TseWrong("Die alte TSE steckt nicht. Ist sie defekt: kassd tse swap --defective")
        if info.life_cycle == "disabled" and swap is not None:
            return None
        if await tse.open_transactions(shop.settings.register.id):
            raise refused(OPEN_TRANSACTIONS, "kassd kurz laufen lassen: es beendet sie")
        archive = await _archive(shop, tse, info, farewell.copies)
        if swap is None:
            name, digest, messages = archive
            ask = TseSwapAsked(by, farewell.reason, name.name, digest, messages)
            await shop.decide(ask, f.TseSwapBegan)
        if not (farewell.keep or info.life_cycle == "disabled"):
            await shop.decide(TseStepAsked(info.serial_number, "disable", by), f.TseStepTaken)
            try:
                await tse.disable()
            except TseRefused as error:
                raise TseRefused(
                    error.code,
                    f"{error} Das Archiv ist geprüft und kopiert. Die alte TSE bitte mit dem Werkzeug ihres "
                    "Herstellers außer Betrieb setzen oder aufbewahren; weiter mit kassd tse swap --keep",
                ) from error
        return archive[0]
    finally:
        await tse.close()


async def _is_silent(shop: Workshop) -> bool:
    """Whether the bound TSE does not give its log away, or is not there: nothing that it has can be saved."""
    bound = shop.state.tse.bound
    assert bound is not None  # swap_refusal() has refused it
    tse = _tse(shop, serial_number=bound.serial_number)
    try:
        if (await tse.open()).serial_number != bound.serial_number:
            return True
        async for _ in tse.export():
            return False
    except TseRefused as error:
        log.warning("the old TSE answers, but does not export: %s", error)
    except TseError as error:
        log.warning("the old TSE is defective: %s", error)
    finally:
        await tse.close()
    return True


async def _archive(
    shop: Workshop, tse: Tse, info: TseInfo, copies: tuple[Path, ...]
) -> tuple[Path, str, int]:
    """The old TSE's whole log, verified, in two places; (file, SHA-256, messages)."""
    if not copies:
        raise ConfigError(
            "Das Archiv der alten TSE gehört an zwei Orte: bitte mit --copy ein zweites Verzeichnis nennen, "
            "z. B. --copy /media/usb"
        )
    for folder in copies:
        if not folder.is_dir():
            raise ConfigError(f"--copy {folder} ist kein Verzeichnis.")
    home = shop.settings.journal.dir.parent / "tse-archive" / info.serial_number
    home.mkdir(parents=True, exist_ok=True)
    file = home / f"swap-{info.signature_counter}.tar"
    part = file.with_name(file.name + ".part")
    digest = hashlib.sha256()
    with part.open("wb") as out:
        async for chunk in tse.export():
            digest.update(chunk)
            out.write(chunk)
    with part.open("rb") as source:
        verdict = verify_tar(source)
    if not verdict.ok:
        raise DataError(
            f"Das Archiv der TSE ist nicht in Ordnung, sie bleibt in Betrieb: {verdict.findings[0]}"
        )
    _settle(part, file)
    for folder in copies:
        copy = folder / f"{info.serial_number[:16]}-{file.name}"
        shutil.copyfile(file, copy.with_name(copy.name + ".part"))
        _settle(copy.with_name(copy.name + ".part"), copy)
        with copy.open("rb") as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != digest.hexdigest():
                raise DataError(
                    f"{copy} liest sich anders, als es geschrieben wurde: anderen Datenträger nehmen."
                )
    return file, digest.hexdigest(), verdict.checked


def _settle(part: Path, file: Path) -> None:
    """Put a complete file in place, durably."""
    _sync(part)
    os.replace(part, file)
    _sync(part.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def welcome(shop: Workshop, by: str, show: Show) -> str:
    """Second half: set up the new TSE, bind it, have it sign a first process and check the signature;
    returns its serial number. Called again it goes on; until the new TSE signs something else, it is done."""
    if shop.state.tse.swap is not None:
        await _put_in_place(shop, by, show)
    elif not (check_waits(shop.state) or shop.state.tse.fresh):
        raise TseRefused("SwapRefused", "Es ist kein Tausch im Gang.")
    async with shop.signing():
        await shop.until(
            lambda state: not state.sales, CHECK_S, "Die neue TSE hat den ersten Vorgang nicht signiert"
        )
    if shop.state.tse.outage is not None:
        raise TseRefused("SwapCheck", f"Die neue TSE signiert nicht: {shop.state.tse.outage.message}")
    assert shop.state.tse.bound is not None  # the new one
    return shop.state.tse.bound.serial_number


async def _put_in_place(shop: Workshop, by: str, show: Show) -> None:
    """Set up and bind the TSE that is plugged in, unless it still is the old one."""
    swap = shop.state.tse.swap
    assert swap is not None  # welcome() has looked
    if why := till_refusal(shop.state):
        raise TseRefused("SwapRefused", why)
    try:
        found = await _look(_tse(shop))
    except TseGone as error:
        raise NotThere("SwapWaits", f"{error} Dann kassd tse swap wiederholen.") from error
    if found.serial_number == swap.serial_number:
        raise NotThere(
            "SwapWaits", "Bitte die alte TSE abziehen, die neue einsetzen und kassd tse swap wiederholen."
        )
    info = await _provision(shop, by, show)
    await shop.decide(TseSwapped(_opened(shop, info)), f.TseReplaced)
