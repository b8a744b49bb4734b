"""A drawer behind a printer: its kicks and its presence are the printer's."""

import asyncio

from devices.printer.peer import KICK, TcpPeer
from devices.support import Recorder, running
from kassd.core.status import DeviceStatus
from kassd.devices.config import DrawerConfig, PrinterConfig
from kassd.devices.drawer.printer import PrinterDrawer
from kassd.devices.port import KickOutcome
from kassd.devices.printer.driver import PrinterDriver


def of_drawer(seen: Recorder) -> list[tuple[str, str]]:
    return [(s.state, s.reason) for s in seen.of(DeviceStatus) if s.name == "lade"]


async def test_kick_and_presence() -> None:
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    printer = PrinterDriver(PrinterConfig("bon", host="127.0.0.1", port=peer.port), seen, KICK)
    drawer = PrinterDrawer(DrawerConfig("lade", printer="bon"), seen, printer)
    async with running(drawer), running(printer):
        await seen.until(lambda: of_drawer(seen)[-1:] == [("ready", "")])
        drawer.kick("a")
        assert await seen.next(KickOutcome) == KickOutcome("lade", "a", "kicked")
        await asyncio.wait_for(peer.kicked.wait(), 2)
        await peer.change(near_end=True)
        await peer.change(cover_open=True)
        await seen.until(lambda: of_drawer(seen)[-1] == ("degraded", "printer"))
        await peer.stop()
        await seen.until(lambda: of_drawer(seen)[-1] == ("absent", "printer"))
        drawer.kick("b")
        assert (await seen.next(KickOutcome, 2)).result == "failed"
        drawer.close()
    assert peer.brain.kicks == 1
    assert of_drawer(seen) == [
        ("opening", "printer"),
        ("ready", ""),
        ("degraded", "printer"),
        ("absent", "printer"),
    ]


async def test_follows_a_printer_that_is_there_already() -> None:
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    printer = PrinterDriver(PrinterConfig("bon", host="127.0.0.1", port=peer.port), seen, KICK)
    async with running(printer):
        await seen.state("ready")
        async with running(PrinterDrawer(DrawerConfig("lade", printer="bon"), seen, printer)):
            await seen.until(lambda: of_drawer(seen) == [("ready", "")])
    await peer.stop()
