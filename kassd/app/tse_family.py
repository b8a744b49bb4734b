"""Which driver ``[tse]`` asks for; a vendor's code is imported only where it is configured."""

import logging
from dataclasses import replace
from pathlib import Path

from kassd.app.tse_secrets import Refused, Sealed, load_sealed, secrets_of
from kassd.clock import Clock
from kassd.errors import ConfigError, TseError, TseGone, TseWrong
from kassd.settings import Settings, TseSection
from kassd.tse.port import Secrets, Tse, TseInfo

log = logging.getLogger(__name__)


def build_tse(
    settings: Settings, clock: Clock, secrets: Secrets | None = None, *, serial_number: str | None = None
) -> Tse | None:
    """The driver of the TSE, None if none is configured.

    ``secrets``: instead of those that ``kassd tse setup`` has written; ``serial_number``: only this TSE's
    ('': none at all), so that no PIN is tried on a TSE that it is not of.
    """
    section = settings.tse
    if section is None:
        return None
    if section.driver == "soft":
        return _soft(section, clock)
    known = secrets or _stored(settings, section, serial_number)
    match section.driver:
        case "cryptovision":
            from kassd.tse.cryptovision import CryptovisionConfig, CryptovisionTse

            return CryptovisionTse(CryptovisionConfig(_path(section)), known)
        case "swissbit":
            from kassd.tse.swissbit import SwissbitConfig, SwissbitTse

            return SwissbitTse(SwissbitConfig(_path(section), worm_library=section.worm_library), known)
        case "diebold":
            return _diebold(section, known)
        case "epson":
            from kassd.tse.epson import EpsonConfig, EpsonTse

            config = EpsonConfig(section.host, device_id=section.device_id)
            if section.tcp_port:
                config = replace(config, port=section.tcp_port)
            if section.fingerprint:
                config = replace(config, tls=True, fingerprint=section.fingerprint)
            return EpsonTse(config, known)


async def open_ours(settings: Settings, clock: Clock, *, others: bool = False) -> tuple[Tse, TseInfo]:
    """The TSE that is plugged in, opened by someone beside the daemon; the caller closes it.

    Who it is is asked before any PIN is used: the stored ones are only this TSE's. Raises
    :class:`~kassd.errors.TseWrong` if another's are stored; with ``others`` it is opened without any. A soft
    TSE that is not there is not made: only the register's own start does that.
    """
    if settings.tse is None:
        raise ConfigError("In der Konfiguration fehlt [tse]: es ist keine TSE eingerichtet.")
    if settings.tse.driver == "soft" and not _path(settings.tse).is_dir():
        raise TseGone(f"Die Soft-TSE ist nicht da: {settings.tse.path} fehlt.")
    stranger = _built(settings, clock, "")
    try:
        info = await stranger.open()
    finally:
        await stranger.close()
    sealed = load_sealed(settings.tse.secrets) if settings.tse.driver != "soft" else None
    if not others and sealed is not None and sealed.serial_number != info.serial_number:
        raise TseWrong(
            f"Es steckt eine andere TSE ({info.serial_number[:16]}…) als die eingerichtete "
            f"({sealed.serial_number[:16]}…): bitte die zur Kasse gehörende TSE einsetzen."
        )
    tse = _built(settings, clock, info.serial_number)
    try:
        return tse, await tse.open()
    except BaseException:
        await tse.close()
        raise


def _built(settings: Settings, clock: Clock, serial_number: str) -> Tse:
    tse = build_tse(settings, clock, serial_number=serial_number)
    assert tse is not None  # open_ours() has refused it
    return tse


def refused_secrets(settings: Settings) -> Refused:
    """Which of the stored secrets were refused by their TSE."""
    return Refused(settings.journal.dir.parent)


def note_refused(settings: Settings, serial_number: str) -> None:
    """A TSE has refused a PIN of those that are stored for it."""
    if settings.tse is None or settings.tse.driver == "soft":
        return
    stored = secrets_of(settings.tse.secrets, serial_number)
    if stored is not None:
        refused_secrets(settings).add(Sealed(serial_number, stored))


def _stored(settings: Settings, section: TseSection, serial_number: str | None) -> Secrets | None:
    if serial_number is None:
        sealed = load_sealed(section.secrets)
        serial_number = sealed.serial_number if sealed is not None else ""
    stored = secrets_of(section.secrets, serial_number) if serial_number else None
    if stored is None or Sealed(serial_number, stored) in refused_secrets(settings):
        return None
    return stored


def _soft(section: TseSection, clock: Clock) -> Tse:
    from kassd.tse.soft import Model, SoftTse

    model, latency_s = Model(curve=section.curve), section.latency_ms / 1000
    return SoftTse(_path(section), model=model, latency_s=latency_s, clock=clock)


def _diebold(section: TseSection, secrets: Secrets | None) -> Tse:
    from kassd.tse.diebold import DieboldConfig, DieboldTse

    config = DieboldConfig(section.port, section.host, section.tcp_port, section.service)
    if section.service:
        from kassd.tse.diebold.service import DieboldServiceTse

        return DieboldServiceTse(config, secrets)
    return DieboldTse(config, secrets)


def _path(section: TseSection) -> Path:
    if section.path is None:
        raise ConfigError("[tse] path fehlt.")  # the settings have refused it before
    return section.path


def sets_itself_up(settings: Settings) -> Secrets | None:
    """The PINs with which mode test sets up a new soft TSE by itself (FISCAL 1); None for all others, and
    where its folder is damaged: then it cannot be opened or used either, and that is an outage."""
    section = settings.tse
    if section is None or section.driver != "soft" or settings.register.mode != "test":
        return None
    from kassd.tse.soft import default_secrets

    try:
        return default_secrets(_path(section))
    except (TseError, OSError) as error:
        log.error("the soft TSE cannot be set up: %s", error)
        return None
