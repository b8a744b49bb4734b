"""The register's day in the log: one line for each fact that a technician wants to find again."""

import logging

from kassd.core import facts as f
from kassd.core.facts import Fact

log = logging.getLogger(__name__)


def told(fact: Fact) -> None:
    """Log a fact, if it is worth a line. No texts of customers, no amounts of single lines."""
    match fact:
        case f.Started():
            log.info("started software=%r build=%s epoch=%d", fact.software, fact.build, fact.epoch)
        case f.ConfigChanged() if not fact.key.startswith("catalog."):
            log.info("config changed key=%s how=%s", fact.key, fact.how)
        case f.ConfigDeferred():
            log.info("config waits for the next closing key=%s", fact.key)
        case f.TseBound():
            log.info("tse bound serial=%s", fact.serial_number)
        case f.OutageBegan():
            log.error("tse outage began id=%s reason=%s message=%r", fact.id, fact.reason, fact.message)
        case f.OutageEnded():
            log.warning("tse outage ended id=%s unsigned=%d", fact.id, fact.unsigned)
        case f.TseArchived():
            level = logging.CRITICAL if fact.findings else logging.INFO
            log.log(
                level,
                "tse archived file=%s messages=%d findings=%s",
                fact.file,
                fact.messages,
                list(fact.findings),
            )
        case f.TseArchiveFailed():
            log.error("tse archive failed reason=%s message=%r", fact.reason, fact.message)
        case f.TseReadBack():
            level = logging.CRITICAL if fact.problem else logging.INFO
            log.log(level, "tse read back first=%d last=%d problem=%r", fact.first, fact.last, fact.problem)
        case f.TillOpened():
            log.info(
                "till opened day=%s counted=%d operator=%r", fact.business_day, fact.counted, fact.operator
            )
        case f.TillClosed():
            log.info("till closed closing=%d total=%d carried=%d", fact.number, fact.total, fact.carried)
        case f.SaleFinished():
            outage = fact.outage or "none"
            log.info(
                "%s number=%d total=%d outage=%s", fact.bon_type, fact.number, fact.document.total, outage
            )
        case f.ClockStepped():
            log.warning(
                "clock stepped seconds=%d uncertain=%s refused=%d", fact.seconds, fact.uncertain, fact.refused
            )
        case f.CountersSkipped():
            log.critical(
                "counters go on epoch=%d skipped receipts=%d-%d closings=%d-%d",
                *(fact.epoch, fact.first_receipt, fact.last_receipt),
                *(fact.first_closing, fact.last_closing),
            )
        case f.RollbackSeen():
            log.critical("journal rolled back source=%s message=%r", fact.source, fact.message)
        case _:
            _of_devices(fact)


def _of_devices(fact: Fact) -> None:
    match fact:
        case f.PrintDone() if fact.result != "confirmed":
            log.warning("slip job=%s result=%s reason=%s", fact.job, fact.result, fact.reason)
        case f.PrintReturned():
            log.warning("slip job=%s returned reason=%s", fact.job, fact.reason)
        case f.DrawerDone() if fact.result != "kicked":
            log.warning("drawer job=%s result=%s reason=%s", fact.job, fact.result, fact.reason)
        case f.DrawerOpened() if fact.why in ("hand", "unseen"):
            log.warning("drawer opened drawer=%s why=%s operator=%r", fact.drawer, fact.why, fact.operator)
        case f.PowerChanged():
            level = logging.INFO if fact.level == "mains" else logging.WARNING
            log.log(level, "power %s percent=%s minutes=%s", fact.level or "?", fact.percent, fact.minutes)
        case f.PowerWeak():
            log.warning("supply voltage too low=%s", fact.weak)
        case f.PowerEnding():
            log.critical("battery empty percent=%s, ends; open sales=%d", fact.percent, fact.open)
        case f.DrawerJammed():
            log.warning("drawer jammed drawer=%s why=%s", fact.drawer, fact.why)
        case f.DrawerLeftOpen():
            log.warning("drawer left open drawer=%s since=%s", fact.drawer, fact.opened_at)
        case _:
            pass
