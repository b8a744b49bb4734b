"""From settings to parts: every driver is built here and told where to report."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from kassd.app.seams import Seams
from kassd.app.tse_family import build_tse, note_refused, sets_itself_up
from kassd.clock import Clock
from kassd.core import inputs
from kassd.core.cards import inputs as cards
from kassd.core.inputs import Input
from kassd.core.state import State
from kassd.core.status import DeviceStatus
from kassd.devices import (
    DrawerConfig,
    PrinterConfig,
    ScannerConfig,
    build_drawer,
    build_printer,
    build_scanner,
    build_terminal,
    port,
)
from kassd.devices.build import build_power, build_scale
from kassd.devices.config import PowerConfig, ScaleConfig
from kassd.devices.hotplug import Plugs
from kassd.devices.port import (
    Drawer,
    Keeper,
    KickOutcome,
    PowerReading,
    Printer,
    PrintOutcome,
    Report,
    Runnable,
    Scale,
    Scan,
    ScanLost,
    Scanner,
    Terminal,
    WeighOutcome,
)
from kassd.devices.printer.identity import chosen
from kassd.devices.scale.dialog06 import Secret
from kassd.errors import ConfigError
from kassd.mqtt import Received, Trouble, Window, WindowConfig
from kassd.mqtt.link import Deliver, Endpoint, Link, LinkLost, Will, connect
from kassd.mqtt.session import TroubleKind
from kassd.receipt.escpos import Encoder
from kassd.settings import CREDENTIALS, ScaleSection, Settings, credential, mqtt_password
from kassd.settings_devices import NOT_THE_DRAWERS, NOT_THE_DRIVERS
from kassd.settings_power import NOT_THE_SOURCES
from kassd.settings_scale import NOT_THE_DRIVERS as SCALE_OTHERS
from kassd.tse.worker import Answered, Measured, Opened, Surveyed, TseWorker, Unavailable
from kassd.tse.worker import Event as TseEvent

log = logging.getLogger(__name__)


def device_input(event: object) -> Input:
    """What a driver reports, as the register hears it."""
    match event:
        case DeviceStatus():
            return inputs.DeviceChanged(event)
        case Scan():
            return inputs.Scanned(event.device, event.station, event.text, event.aim)
        case ScanLost():
            return inputs.ScanFailed(event.device, event.station, event.reason)
        case PrintOutcome():
            return inputs.Printed(event.job, event.result, event.reason)
        case KickOutcome():
            return inputs.Kicked(event.job, event.result, event.reason)
        case WeighOutcome():
            found = (event.grams, event.unit_price, event.amount, event.reason, event.message)
            return inputs.Weighed(event.device, event.order, *found)
        case PowerReading():
            return inputs.PowerRead(event.level, event.percent, event.minutes, event.weak)
        case port.CardHeard():
            return cards.CardHeard(event.charge, event.data)
        case port.CardSlip():
            return cards.CardSlipCame(event.device, event.charge, event.copy, event.lines)
        case port.CardText():
            return cards.CardSays(event.charge, event.text)
        case port.CardLast():
            return cards.CardLastTold(event.device, event.last, event.mute)
        case port.CardAnswer():
            return cards.CardAnswered(event.charge, event.found, event.last)
        case port.CardOutcome():
            told = (event.code, event.message, event.data, event.count, event.amount)
            return cards.CardOutcome(event.charge, event.result, *told)
        case _:
            raise TypeError(f"no driver reports {type(event).__name__}")


def tse_input(event: TseEvent, client_id: str) -> Input:
    """What the TSE's worker reports, as the register hears it."""
    match event:
        case Opened(info):
            return inputs.TseOpened(
                info.serial_number,
                info.public_key,
                info.signature_algorithm,
                info.time_format,
                info.certificates,
                info.certificate_expiry,
                info.certification_id,
                info.description,
                client_id,
                info.signature_counter,
                info.signatures_left,
                info.memory_used,
            )
        case Measured(info):
            return inputs.TseMeasured(
                info.certificate_expiry, info.signature_counter, info.signatures_left, info.memory_used
            )
        case Surveyed(numbers, newest):
            return inputs.TseSurveyed(numbers, newest)
        case Unavailable(error, message):
            return inputs.TseUnavailable(error, message)
        case Answered(wish, None, error, message, begun):
            return inputs.TseAnswered(wish, error=error, message=message, begun=begun)
        case Answered(wish, signed):
            assert signed is not None
            return inputs.TseAnswered(
                wish,
                signed.transaction_number,
                signed.signature_counter,
                signed.log_time,
                signed.serial_number,
                signed.signature,
            )


def bound_tse(state: State) -> tuple[str, str] | None:
    """Serial number and key of the TSE that is this register's."""
    bound = state.tse.bound
    return None if bound is None else (bound.serial_number, bound.public_key)


def build_worker(
    settings: Settings, clock: Clock, seams: Seams, post: Callable[[Input], None], state: Callable[[], State]
) -> TseWorker | None:
    """The worker that owns the TSE, None if none is configured."""
    bound = bound_tse(state())
    tse = build_tse(settings, clock, serial_number=bound[0] if bound is not None else "")
    if tse is None:
        return None
    client_id = settings.register.id

    def wanted(wish: str) -> bool:
        now = state()
        return wish in now.outbox and wish not in now.tse.withdrawn

    def known() -> set[int]:
        now = state()
        numbers = {sale.transaction.number for sale in now.sales.values() if sale.transaction}
        return numbers | {late.number for late in now.tse.late}

    return TseWorker(
        seams.tse(tse),
        client_id,
        clock,
        lambda event: post(tse_input(event, client_id)),
        wanted,
        known,
        sets_itself_up(settings),
        bound=lambda: bound_tse(state()),
        quiet=lambda: not state().sales,
        pin_refused=partial(note_refused, settings),
    )


def build_devices(
    settings: Settings,
    seams: Seams,
    report: Report,
    keeper: Keeper | None = None,
    plugs: Plugs | None = None,
) -> tuple[dict[str, Scanner], dict[str, Printer], dict[str, Drawer], dict[str, Encoder]]:
    """Scanners, printers, drawers and encoders by name."""
    cache = settings.journal.dir.parent / "escpos"
    scanners = {
        s.name: build_scanner(ScannerConfig(**s.model_dump()), report, keeper, plugs)
        for s in settings.scanner
    }
    kick = Encoder.kick()
    bare = {
        p.name: build_printer(PrinterConfig(**p.model_dump(exclude=NOT_THE_DRIVERS)), report, kick)
        for p in settings.printer
    }
    wanted = [DrawerConfig(**d.model_dump(exclude=NOT_THE_DRAWERS)) for d in settings.drawer]
    drawers = {d.name: seams.drawer(build_drawer(d, report, bare)) for d in wanted}
    printers = {name: seams.printer(printer) for name, printer in bare.items()}
    logo = settings.receipt.logo
    encoders = {
        p.name: Encoder(chosen(p.profile, p.driver, p.path), p.columns, cache, p.code_page, logo)
        for p in settings.printer
    }
    return scanners, printers, drawers, encoders


def scale_secret(section: ScaleSection) -> str:
    """What proves the coupling to a scale, '' where it asks for none; :class:`ConfigError` if it is
    missing."""
    if not section.secret_credential:
        return ""
    secret = credential(section.secret_credential)
    if secret is None:
        raise ConfigError(
            f"[[scale]] „{section.name}“: secret_credential: erwartet wird "
            f"{CREDENTIALS}/{section.secret_credential} (Modus 0600) oder ein Credential von systemd."
        )
    try:
        Secret.parse(secret)
    except ValueError as error:
        raise ConfigError(f"[[scale]] „{section.name}“: secret_credential: {error}") from None
    return secret


def build_scales(settings: Settings, report: Report) -> dict[str, Scale]:
    """Coupled scales by name. Raises :class:`ConfigError` where what proves the coupling is missing."""
    scales = {}
    for section in settings.scale:
        values = section.model_dump(exclude=SCALE_OTHERS)
        scales[section.name] = build_scale(ScaleConfig(**values, secret=scale_secret(section)), report)
    return scales


def build_supply(settings: Settings, report: Report) -> list[Runnable]:
    """What watches the power supply."""
    values = settings.power.model_dump(mode="json", exclude=NOT_THE_SOURCES)
    return build_power(PowerConfig(**values), report)


def build_terminals(settings: Settings, seams: Seams, report: Report) -> dict[str, Terminal]:
    """Card terminals by name."""
    return {t.name: seams.terminal(build_terminal(t.to_config(), report)) for t in settings.terminal}


def build_window(
    settings: Settings,
    seams: Seams,
    boot: str,
    received: Callable[[Received], None],
    trouble: Callable[[Trouble], None],
    anchor: Callable[[bytes], None],
    over: Callable[[TroubleKind], None],
) -> Window | None:
    """The local MQTT link, None if none is configured."""
    local = settings.mqtt.local
    if local is None:
        return None
    config = WindowConfig(
        node=local.node,
        host=local.host,
        port=local.port,
        username=local.username,
        keepalive=local.keepalive_s,
    )
    dial = partial(_dial, settings)
    return seams.window(Window(config, boot, seams.heard(received), trouble, dial, anchor, over))


async def _dial(settings: Settings, endpoint: Endpoint, will: Will | None, deliver: Deliver) -> Link:
    """Dial with the password as it lies there now: one that was put right must not need a restart."""
    try:
        password = mqtt_password(settings)
    except ConfigError as error:
        raise LinkLost(str(error)) from error
    return await connect(replace(endpoint, password=password), will, deliver)


def hardware() -> str:
    """Name of the board, as the device tree or the kernel tells it."""
    model = Path("/proc/device-tree/model")
    if model.exists():
        return model.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    import platform

    return f"{platform.system()} {platform.machine()}"
