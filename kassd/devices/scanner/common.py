"""What all scanner drivers do with what their decoders find."""

import logging
from collections.abc import Sequence

from kassd.devices.config import ScannerConfig
from kassd.devices.port import Report, Scan, ScanLost
from kassd.devices.scanner.assembler import Lost, Token, doubt_ns, split

log = logging.getLogger(__name__)
MS = 1_000_000


def doubt_s(config: ScannerConfig) -> float:
    """How long a scanner that has been opened is not ready: what comes meanwhile may be a code's tail."""
    return doubt_ns(config.gap * MS) / 1e9


class Teller:
    """Reports what one scanner has read, and the same code read again at once only once."""

    def __init__(self, config: ScannerConfig, report: Report) -> None:
        self._config = config
        self._report = report
        self._last: tuple[str, str] | None = None
        self._last_at = 0

    def tell(self, tokens: Sequence[Token]) -> None:
        """Report whole codes as :class:`Scan` (nothing for an empty one), lost ones as :class:`ScanLost`.

        ``tokens`` came together. Codes whose times say nothing of each other, because they waited together
        in the kernel while the register was busy, have the same: each of them counts.
        """
        config = self._config
        for token in tokens:
            if isinstance(token, Lost):
                self._last = None
                self._report(ScanLost(config.name, config.station, token.reason))
                continue
            text, aim = split(token.text, config.prefix, config.suffix, config.gs_substitutes)
            if text and not self._is_double((text, aim), token.at):
                self._report(Scan(config.name, config.station, text, aim))

    def _is_double(self, code: tuple[str, str], at: int) -> bool:
        """Whether it is the last one again, within the time. It counts from when that was last read: as long
        as the label lies before the scanner, it is one scan."""
        since = at - self._last_at
        double = code == self._last and 0 < since < self._config.double_ms * MS
        self._last, self._last_at = code, at
        if double:
            log.info("%s: the same code again after %d ms counts once", self._config.name, since // MS)
        return double
