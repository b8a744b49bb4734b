"""``kassd demo``: a register on simulated hardware, with displays; or a whole day played by itself."""

import argparse
import asyncio
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from kassd.cli.output import print_verdict
from kassd.core.barcodes.control import CONTROL, DEFAULT_PREFIX
from kassd.displays import DisplayConfig, Served, serve
from kassd.errors import DataError
from kassd.sim.day import Day
from kassd.sim.scanner import typed
from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.world import World
from kassd.sim.world_broker import find_mosquitto
from kassd.sim.world_config import CATALOG, CLIENT, NODE

EX_OK, EX_FAILED, EX_INTERRUPTED = 0, 1, 130
LATENCY_MS = 250  # as of a real TSE
# The example of the IBAN's own registry: nobody's account.
ACCOUNT = '[girocode]\nname = "Backhaus Muster (Beispiel)"\niban = "DE89 3704 0044 0532 0130 00"\n'
CARD_DELAY_S = 0.6  # between two messages of the card terminal
SHUT_AFTER_S = 3.0  # so long somebody has the drawer open


def execute(arguments: argparse.Namespace) -> int:
    """Play until Ctrl-C, or the script to its end: 0 if everything was as expected, else 1."""
    find_mosquitto()
    folder: Path = arguments.dir or Path(tempfile.mkdtemp(prefix="kassd-demo-"))
    if arguments.script and (folder / "journal").exists():
        raise DataError(f"In {folder} liegt schon ein Journal. Für den Spieltag einen leeren Ordner nennen.")
    try:
        return asyncio.run((_day if arguments.script else _show)(folder, arguments.port))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EX_INTERRUPTED


def _say(text: str) -> None:
    print(text, flush=True)


def _end_at(*numbers: signal.Signals) -> None:
    """Let these signals cancel what runs now, which then takes down what it has started."""
    me = asyncio.current_task()
    assert me is not None
    for number in numbers:
        asyncio.get_running_loop().add_signal_handler(number, me.cancel)


def _displays(world: World) -> Served:
    assert world.broker is not None
    return serve("127.0.0.1", 0, DisplayConfig(node=NODE, client=CLIENT, port=world.broker.ws_port))


async def _day(folder: Path, port: int) -> int:
    """The script: play, stop, verify journal and TSE archive. Nothing outlives a SIGTERM."""
    _end_at(signal.SIGTERM)
    async with World(folder, tse_latency_ms=LATENCY_MS, mqtt_port=port) as world:
        page = _displays(world)
        try:
            _say(f"Ein Tag im Backhaus Muster. Anzeige: {page.url}")
            day = Day(world, _say)
            await day.play()
            code = await world.stop()
            day.check(code == EX_OK, f"Kasse beendet ({code})")
            day.check(print_verdict(world.verify(), as_json=False, subject="Journal") == EX_OK, "Journal")
            archive, verdict = await world.tse_archive()
            (folder / "tse.tar").write_bytes(archive)
            day.check(print_verdict(verdict, as_json=False, subject="TSE-Archiv") == EX_OK, "TSE-Archiv")
        finally:
            page.close()
    _say(f"Bons als Bild und Text: {world.slip_folder}")
    _say(f"Journal: {world.stage.journal}, TSE-Archiv: {folder / 'tse.tar'}")
    if day.problems:
        _say(f"\n{len(day.problems)} Punkte waren nicht wie erwartet:")
        _say("\n".join(f"✘ {problem}" for problem in day.problems))
        return EX_FAILED
    _say(f"\nAlles wie erwartet: {day.sales} Verkäufe.")
    return EX_OK


async def _show(folder: Path, port: int) -> int:
    """Run until Ctrl-C; what is typed is scanned."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    ends = signal.SIGINT, signal.SIGTERM
    _end_at(*ends)
    hardware: Any = {
        "drawer_sensor": True,
        "terminal": Behaviour(delay_s=CARD_DELAY_S),
        "extra_toml": ACCOUNT,
    }
    async with World(folder, tse_latency_ms=LATENCY_MS, mqtt_port=port, **hardware) as world:
        for number in ends:
            loop.add_signal_handler(number, stop.set)
        assert world.printer is not None  # the demo has one
        world.printer.shut_after_s = SHUT_AFTER_S
        page = _displays(world)
        try:
            _explain(world, page)
            threading.Thread(target=_scan_typed, args=(loop, world), name="scans", daemon=True).start()
            return await _until_stopped(world, stop)
        finally:
            page.close()


async def _until_stopped(world: World, stop: asyncio.Event) -> int:
    while not stop.is_set():
        if not world.running:
            _say(f"Die Kasse hat sich beendet. Warum, steht in {world.log}")
            return EX_FAILED
        try:
            async with asyncio.timeout(0.5):
                await stop.wait()
        except TimeoutError:
            continue
    await world.stop()
    _say(f"\nBeendet. Alles liegt in {world.folder}")
    return EX_OK


def _scan_typed(loop: asyncio.AbstractEventLoop, world: World) -> None:
    """In a thread that ends with the process: nothing else can wait for a terminal and a pipe alike.

    Unbuffered, since Python does not end while a thread waits in a buffered reader.
    """
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as stream:
        for code in typed(stream):
            if loop.is_closed():
                return
            if code:
                loop.call_soon_threadsafe(world.scan, code)


def _explain(world: World, page: Served) -> None:
    assert world.broker is not None and world.printer is not None  # noqa: PT018 - the demo has both
    _say("Die Kasse läuft (Testbetrieb: Bons sagen „TEST - kein Beleg“).\n")
    _say(f"Anzeige:    {page.url}")
    _say(f"Bons:       {world.slip_folder}")
    _say(f"MQTT:       127.0.0.1:{world.broker.port}, kassd/v1/{NODE}/#")
    _say(f'Drucker:    Störungen auf 127.0.0.1:{world.printer.control_port}, z. B. {{"paper": "out"}}')
    _say('Lade:       ebenda, z. B. {"drawer": "stuck"}, {"drawer": "open"}, {"drawer": "closed"}')
    if world.terminal is not None:
        control = f"127.0.0.1:{world.terminal.control_port}"
        _say(f'Karte:      zahlt am simulierten Terminal; Störungen auf {control}, z. B. {{"result": 51}}')
    _say(f"Werkzeuge:  kassd --config {world.config} status\n")
    _say("Scannen: hier einen Code tippen und Eingabe drücken. Vorher die Kasse öffnen (Anzeige).")
    for article in CATALOG:
        _say(f"  {article['codes'][0]:<15} {article['name']}")
    for word, (_, _, text) in CONTROL.items():
        _say(f"  {DEFAULT_PREFIX + word:<15} {text}")
    _say("\nEnde mit Strg-C.")
