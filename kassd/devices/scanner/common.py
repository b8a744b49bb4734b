"""What both scanner drivers do with what their decoders find."""

from collections.abc import Iterable

from kassd.devices.config import ScannerConfig
from kassd.devices.port import Report, Scan, ScanLost
from kassd.devices.scanner.assembler import Lost, Token, split


def report_tokens(config: ScannerConfig, report: Report, tokens: Iterable[Token]) -> None:
    """Report whole codes as :class:`Scan` (nothing for an empty one), lost ones as :class:`ScanLost`."""
    for token in tokens:
        if isinstance(token, Lost):
            report(ScanLost(config.name, config.station, token.reason))
            continue
        text, aim = split(token.text, config.prefix, config.suffix, config.gs_substitutes)
        if text:
            report(Scan(config.name, config.station, text, aim))
