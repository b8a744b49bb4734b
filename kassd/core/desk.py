"""The commands of the main job, each handed to the module that decides it."""

import re
from datetime import UTC, date
from typing import Any

from kassd.core import facts, inputs, paying, printing, selling, till
from kassd.core.cards.state import charge_of
from kassd.core.cash.accounts import expected_json
from kassd.core.commands import (
    AccountingRecord,
    DrawerOpen,
    ExportAudit,
    ExportRecord,
    PrinterTest,
    PrintSkip,
    SaleAbort,
    SaleCustomer,
    SalePay,
    TillClose,
    TillOpen,
    TillReport,
    TseSelfTest,
)
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of, require_tse
from kassd.core.master import drawers_of
from kassd.core.perform import Answer, performs
from kassd.core.printer_page import self_test_page
from kassd.core.receipts.handover import is_unprintable

EXPORT = "export"  # a device as displays see it
MAX_NAME, MAX_RECIPIENT, MAX_CLOSINGS = 50, 100, 400
SHA256 = re.compile("[0-9a-f]{64}")


@performs(SaleCustomer)
def _customer(d: Draft, station: str, args: SaleCustomer) -> Answer:
    sale = selling.set_customer(d, station, args)
    return "ok", {"sale": sale.id}


@performs(SaleAbort)
def _abort(d: Draft, station: str, args: SaleAbort) -> Answer:
    return "accepted", {"sale": paying.abort(d, station, args).id}


@performs(SalePay)
def _pay(d: Draft, station: str, args: SalePay) -> Answer:
    before = d.state.current(station)
    sale = paying.pay(d, station, args)
    rounded_away = before is not None and len(sale.payments) == len(before.payments)
    untaken = args.given or 0 if rounded_away else 0
    result: dict[str, Any] = {"sale": sale.id, "due": sale.due, "change": sale.change or untaken}
    charge = charge_of(d.state.cards, sale.id)
    if charge is not None:
        result["charge"] = charge.id
    if not sale.due and is_unprintable(d.state, station, sale):
        result["unprintable"] = True
    return "accepted", result


@performs(TillOpen)
def _open(d: Draft, station: str, args: TillOpen) -> Answer:
    till.open_till(d, station, args)
    return "ok", None


@performs(TillClose)
def _close(d: Draft, station: str, args: TillClose) -> Answer:
    till.close_till(d, station, args)
    return "accepted", {"closing": d.state.closing + 1}


@performs(ExportRecord)
def _export(d: Draft, station: str, args: ExportRecord) -> Answer:
    texts = {key: one_line(getattr(args, key), key, MAX_NAME) for key in ("what", "first", "last")}
    texts["recipient"] = one_line(args.recipient, "recipient", MAX_RECIPIENT)
    if args.sha256 and not SHA256.fullmatch(args.sha256):
        raise bad_args("sha256: expected 64 hex digits")
    if not texts["what"]:
        raise bad_args("what: must not be empty", "(Was exportiert wurde, fehlt.)")
    d.fact(facts.ExportMade(d.at, d.at_home(), sha256=args.sha256, client=d.actor, **texts))
    return "ok", None


@performs(AccountingRecord)
def _handed_over(d: Draft, station: str, args: AccountingRecord) -> Answer:
    fine = all(SHA256.fullmatch(digest) for digest in args.closings.values())
    if not 0 < len(args.closings) <= MAX_CLOSINGS or not fine:
        raise bad_args(f"closings: expected 1 to {MAX_CLOSINGS} numbers with 64 hex digits each")
    if not all(0 < number <= d.state.closing for number in args.closings):
        raise bad_args("closings: there is no such closing", "(Diesen Abschluss gibt es nicht.)")
    closings = {str(number): digest for number, digest in sorted(args.closings.items())}
    d.fact(facts.AccountsHandedOver(d.at, d.at_home(), args.target, closings, d.actor))
    return "ok", None


@performs(ExportAudit)
def _hand_out(d: Draft, station: str, args: ExportAudit) -> Answer:
    recipient = one_line(args.recipient, "recipient", MAX_RECIPIENT)
    days = [_day(getattr(args, key), key) for key in ("first", "last")]
    if all(days) and days[0] > days[1]:
        raise bad_args("first: expected not after last", "(Der erste Tag liegt nach dem letzten.)")
    device = d.state.devices.get(EXPORT)
    if device is not None and device.state == "busy":
        raise Rejected("export_running")
    since = d.stamp.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    d.fact(facts.DeviceSeen(EXPORT, "busy", "", "Die Daten für die Nachschau werden gesammelt.", since))
    who = {"operator": d.at_home(), "client": d.actor}
    d.ask("export.audit", first=days[0], last=days[1], recipient=recipient, **who)
    return "accepted", None


def _day(text: str, what: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise bad_args(f"{what}: expected a day YYYY-MM-DD", "(Ein Tag ist falsch angegeben.)") from None


def on_exported(d: Draft, done: inputs.ExportEnded) -> None:
    """The folder is there, whole."""
    made = (done.operator, done.what, done.first, done.last, done.sha256, done.recipient, done.client)
    d.fact(facts.ExportMade(d.at, *made))


@performs(TillReport)
def _report(d: Draft, station: str, args: TillReport) -> Answer:
    till.report(d, station)
    expected, drawers = d.state.till.expected_cash, expected_json(d.state)
    return "ok", {"expected": expected, "drawers": drawers, "report": f"X{d.stamp.seq}"}


@performs(DrawerOpen)
def _open_drawer(d: Draft, station: str, args: DrawerOpen) -> Answer:
    if not drawers_of(d.state.config, station):
        raise Rejected("drawer_absent")
    d.fact(facts.DrawerAsked(d.at, station, d.operator(station), reason_of(args.reason)))
    printing.kick_drawer(d, station, "command")
    return "ok", None


@performs(PrintSkip)
def _skip(d: Draft, station: str, args: PrintSkip) -> Answer:
    waits = any(job.printer == args.printer for job in d.state.jobs.values())
    if not waits and not printing.is_configured(d.state, args.printer):
        raise Rejected("printer_unknown")
    printing.skip_jobs(d, args.printer)
    return "ok", None


@performs(PrinterTest)
def _test_printer(d: Draft, station: str, args: PrinterTest) -> Answer:
    """Where it does not print now the page would tell nothing later, nor at another printer."""
    if not printing.is_configured(d.state, args.printer):
        raise Rejected("printer_unknown")
    if not printing.is_usable(d.state, args.printer):
        device = d.state.devices.get(args.printer)
        raise Rejected("printer_away", {"printer": args.printer}, device.message if device else "")
    page = self_test_page(d.state.config, args.printer, f"D{d.stamp.seq}", d.at)
    d.fact(facts.PrinterTested(d.at, d.operator(station), args.printer, page))
    printing.print_document(d, page)
    return "ok", {"printer": args.printer, "document": page.id}


@performs(TseSelfTest)
def _self_test(d: Draft, station: str, args: TseSelfTest) -> Answer:
    require_tse(d.state)
    d.ask("tse.self_test")
    return "accepted", None
