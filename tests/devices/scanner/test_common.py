"""What a scanner's driver tells: nothing of empty codes, and a label that lies before the scanner once."""

import pytest

from devices.support import MS
from kassd.devices.config import DOUBLE_MAX_MS, ScannerConfig
from kassd.devices.port import DeviceEvent, Scan, ScanLost
from kassd.devices.scanner.assembler import Lost, Whole
from kassd.devices.scanner.common import Teller
from kassd.errors import ConfigError

CODE, OTHER = "4006381333931", "96385074"


class Told:
    """A teller whose scanner counts what comes again within 300 ms once."""

    def __init__(self, double_ms: int = 300) -> None:
        self.events: list[DeviceEvent] = []
        config = ScannerConfig("scan", port="/dev/x", double_ms=double_ms, prefix="~")
        self.teller = Teller(config, self.events.append)

    def at(self, ms: int, *codes: str) -> None:
        self.teller.tell([Whole(code, ms * MS) for code in codes])

    def codes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Scan)]


def test_a_label_that_is_read_again_and_again_is_one_scan() -> None:
    told = Told()
    for ms in (1000, 1120, 1300, 1599, 1850):
        told.at(ms, CODE)
    assert told.codes() == [CODE]


def test_whoever_scans_again_counts_again() -> None:
    told = Told()
    told.at(1000, CODE)
    told.at(1300, CODE)
    told.at(1900, CODE)
    assert told.codes() == [CODE] * 3


def test_another_code_in_between_begins_anew() -> None:
    told = Told()
    for ms, code in ((1000, CODE), (1100, OTHER), (1200, CODE), (1250, "]C1" + CODE)):
        told.at(ms, code)
    assert told.codes() == [CODE, OTHER, CODE, CODE]


def test_what_waited_together_counts_each() -> None:
    """Nobody knows how far apart they were scanned."""
    told = Told()
    told.at(1000, CODE, CODE)
    told.at(1000, CODE)
    assert told.codes() == [CODE] * 3


def test_every_scan_counts_unless_configured_otherwise() -> None:
    told = Told(ScannerConfig("scan", port="/dev/x").double_ms)
    for ms in (1000, 1001, 1002):
        told.at(ms, CODE)
    assert told.codes() == [CODE] * 3


def test_after_a_lost_one_the_next_counts() -> None:
    told = Told()
    told.at(1000, CODE)
    told.teller.tell([Lost("timeout")])
    told.at(1100, CODE)
    assert told.codes() == [CODE] * 2
    assert told.events[1] == ScanLost("scan", "main", "timeout")


def test_nothing_is_no_scan() -> None:
    told = Told()
    told.at(1000, "", "~")
    assert told.events == []


@pytest.mark.parametrize("double_ms", [-1, DOUBLE_MAX_MS + 1])
def test_no_longer_than_a_person_takes(double_ms: int) -> None:
    with pytest.raises(ConfigError, match="double_ms"):
        ScannerConfig("scan", port="/dev/x", double_ms=double_ms)
