"""Learning how a scanner is set from what it sends for one known code. Pure.

The code holds the keys that differ between the layouts, a capital and a small letter. What comes before it is
the scanner's prefix, what comes after it its suffix.
"""

import itertools
import statistics
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from kassd.deferred import dataclass
from kassd.devices.config import CodeEnd, Layout
from kassd.devices.scanner.assembler import AIM, Token, Whole
from kassd.devices.scanner.keys import DOWN, EV_KEY, EVENT, QUIET, KeyDecoder, note
from kassd.devices.scanner.layouts import SILENT
from kassd.devices.scanner.lines import LineDecoder
from kassd.devices.scanner.pos import PosDecoder, PosLayout

CALIBRATION = "K-yZ/]7"
GAP_NS = 300_000_000  # what comes later belongs to another scan
FEWEST, MEDIAN_NS, LONGEST_NS = 4, 30_000_000, 100_000_000
LAYOUTS: tuple[Layout, ...] = ("us", "de")


@dataclass(frozen=True, slots=True)
class Learnt:
    """How a scanner is set. ``text`` is what it sent, ``found`` whether the known code is in it; ``swapped``:
    with capitals and small letters changed. The rest is as in ``[[scanner]]``."""

    text: str
    found: bool = False
    swapped: bool = False
    layout: Layout = "us"
    end: CodeEnd = "suffix"
    prefix: str = ""
    suffix: str = ""
    aim: str = ""


def is_scan(events: bytes) -> bool:
    """Whether key events were typed by a scanner: nobody types four keys and more at less than 30 ms each."""
    times = [
        (seconds * 1_000_000 + micros) * 1000
        for seconds, micros, kind, code, value in EVENT.iter_unpack(_whole(events))
        if kind == EV_KEY and value == DOWN and code not in SILENT
    ]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    return len(times) >= FEWEST and statistics.median(gaps) < MEDIAN_NS and max(gaps) < LONGEST_NS


def of_keys(events: bytes) -> Learnt | None:
    """From the events of a keyboard; None if a person typed them, or nothing."""
    if not is_scan(events):
        return None
    whole = _whole(events) + note(QUIET, 0)

    def read(layout: Layout, end: CodeEnd) -> list[Token]:
        return KeyDecoder(layout, end, GAP_NS).feed(whole)

    readings = [_learnt(partial(read, layout), layout) for layout in LAYOUTS]
    learnt = [one for one in readings if one is not None]
    return next((one for one in learnt if one.found), learnt[0] if learnt else None)


def _whole(events: bytes) -> bytes:
    return events[: len(events) // EVENT.size * EVENT.size]


def of_bytes(data: bytes) -> Learnt | None:
    """From what came over a serial line."""

    def read(end: CodeEnd) -> list[Token]:
        decoder = LineDecoder(end, GAP_NS)
        return [*decoder.feed(data, GAP_NS), *decoder.expire()]

    return _learnt(read)


def of_reports(reports: Iterable[bytes], layout: PosLayout) -> Learnt | None:
    """From the reports of a HID-POS scanner."""
    decoder = PosDecoder(layout, GAP_NS)
    tokens = [token for report in reports for token in decoder.feed(report, GAP_NS)]
    return _learnt(lambda _: tokens)


def _learnt(read: Callable[[CodeEnd], Sequence[Token]], layout: Layout = "us") -> Learnt | None:
    ends: tuple[CodeEnd, ...] = ("suffix", "gap")
    for end in ends:
        whole = next((token.text for token in read(end) if isinstance(token, Whole)), "")
        if whole:
            return _taken_apart(whole, layout, end)
    return None


def _taken_apart(text: str, layout: Layout, end: CodeEnd) -> Learnt:
    swapped = CALIBRATION not in text and CALIBRATION in text.swapcase()
    before, found, after = text.partition(CALIBRATION.swapcase() if swapped else CALIBRATION)
    if not found:
        return Learnt(text, layout=layout, end=end)
    aim = AIM.search(before)
    prefix = before if aim is None else before[: aim.start()] + before[aim.end() :]
    return Learnt(text, True, swapped, layout, end, prefix, after, aim.group() if aim else "")
