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
        await asyncio.wait_for(peer.kicked.wait(), 60)
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


async def test_the_contact_in_the_printers_socket() -> None:
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    printer = PrinterDriver(PrinterConfig("bon", host="127.0.0.1", port=peer.port), seen, KICK)
    high = PrinterDrawer(DrawerConfig("lade", printer="bon", sensor=True), seen, printer)
    low = PrinterDrawer(DrawerConfig("andere", printer="bon", sensor=True, open_level="low"), seen, printer)
    none = PrinterDrawer(DrawerConfig("stumm", printer="bon"), seen, printer)

    def told(name: str) -> str:
        status = [s for s in seen.of(DeviceStatus) if s.name == name][-1:]
        return status[0].conditions.get("open", "") if status and status[0].state != "opening" else "opening"

    async with running(high), running(low), running(none), running(printer):
        await seen.until(lambda: told("lade") == "no")
        assert (told("andere"), told("stumm")) == ("yes", "")
        await peer.change(drawer_high=True)
        await seen.until(lambda: told("lade") == "yes")
        assert (told("andere"), told("stumm")) == ("no", "")
        await peer.stop()
        await seen.until(lambda: told("lade") == "unknown")
        assert (told("andere"), told("stumm")) == ("unknown", "")


async def test_a_printer_that_tells_no_changes_leaves_it_unknown() -> None:
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    peer.brain.no_asb = True
    printer = PrinterDriver(PrinterConfig("bon", host="127.0.0.1", port=peer.port), seen, KICK)
    drawer = PrinterDrawer(DrawerConfig("lade", printer="bon", sensor=True), seen, printer)
    async with running(drawer), running(printer):
        await seen.until(lambda: of_drawer(seen)[-1:] == [("ready", "")])
        assert printer._monitor.state.paper_end is False, "it answers what it is asked"
        assert seen.of(DeviceStatus)[-1].conditions.get("drawer_high", "unknown") == "unknown"
        assert [s.conditions for s in seen.of(DeviceStatus) if s.name == "lade"][-1] == {"open": "unknown"}
    await peer.stop()
