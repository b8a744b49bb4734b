"""Arguments to commands, errors to sentences and exit codes (sysexits)."""

import argparse
import contextlib
import gc
import sys
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import kassd
from kassd.errors import KassdError, refusal

MIN_COLUMNS, MAX_COLUMNS = 24, 96

EX_OK, EX_USAGE, EX_IOERR, EX_INTERRUPTED = 0, 64, 74, 130


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EX_USAGE, f"kassd: {message.removeprefix('argument ')}\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        told = f"„{text}“ ist kein Datum. Erwartet wird Jahr-Monat-Tag, z. B. 2026-03-31."
        raise argparse.ArgumentTypeError(told) from None


def parser() -> argparse.ArgumentParser:
    """The whole command line. ``--config`` may stand before or after the command."""
    common = _Parser(add_help=False)
    common.add_argument(
        "--config", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="configuration (TOML)"
    )
    report = _Parser(add_help=False)
    report.add_argument("--json", action="store_true", help="print JSON instead of text")
    top = _Parser(prog="kassd", description=kassd.__doc__, parents=[common])
    top.add_argument("--version", action="version", version=f"kassd {kassd.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def add(name: str, help: str, *, json: bool = False) -> argparse.ArgumentParser:
        parents = [common, report] if json else [common]
        made = commands.add_parser(name, help=help, description=help, parents=parents)
        made.set_defaults(module=name.replace("-", "_"))
        return made

    add("run", "be the register until stopped")
    demo = add("demo", "show the register with simulated hardware")
    demo.add_argument("--script", choices=["day"], help="play a day of trade and end")
    demo.add_argument("--dir", type=Path, help="keep everything in this folder")
    demo.add_argument("--port", type=_port, default=0, help="of the broker; 0 takes a free one")
    add("status", "what a running register says of itself; 65: a critical alert, 75: not there", json=True)
    add("doctor", "check configuration, files, devices, alerts, each with a remedy; 65: an error", json=True)
    _config_arguments(add("config", "check the configuration, or make files for it and from it"), [common])
    _catalog_arguments(
        add("catalog", "articles from a shop's files (JSON, CSV, XLSX) and back"), [common, report]
    )
    verify = add("verify", "verify the journal, or a TSE archive", json=True)
    verify.add_argument("path", nargs="?", type=Path, help="journal directory or TAR file")
    _audit_arguments(add("audit", "audit a DSFinV-K export, of this register or any other", json=True))
    _receipt_arguments(add("receipt", "show a receipt from the journal again"))
    qr = add("qr", "verify the QR code text of a receipt").add_subparsers(
        dest="action", required=True, metavar="ACTION", parser_class=_Parser
    )
    text = qr.add_parser("verify", help="check the signature", parents=[common, report])
    text.add_argument("text", nargs="?", help="the text; without it standard input is read")
    _barcode_arguments(add("barcode", "read a barcode as a sale would"), [common, report])
    _zvt_arguments(add("zvt", "read recorded messages of card terminals"), [common, report])
    operator = add("operator", "what belongs into the configuration about a person")
    operator.add_argument(
        "action", choices=["hash"], help="read a PIN and print the line `pin` of [[operator]]"
    )
    _query_arguments(add("query", "filter, sort and sum all tax data, read-only", json=True))
    _tse_arguments(add("tse", "look at the TSE, set it up, replace it"), [common, report])
    _printer_arguments(add("printer", "try a printer"), [common, report])
    _scanner_arguments(add("scanner", "set a scanner up"), [common, report])
    told = add("notification", "what the tax office must be told of the registers, and was", json=True)
    _notification_arguments(told, [common, report])
    _export_arguments(add("export", "export DSFinV-K, the TSE's archive, the journal, ELSTER's notification"))
    sim = add("sim", "simulate a device on its real wire")
    _sim_arguments(sim)
    _archive_arguments(add("archive", "what must be kept, until when, and copies of it"), [common, report])
    back = add("restore", "a copy back to a register's folders, with proof", json=True)
    back.add_argument("source", type=Path, metavar="FROM", help="copy, journal export or mirror")
    back.add_argument("--to", type=Path, required=True, metavar="DIR", help="new folder; none is overwritten")
    _docs_arguments(add("docs", "print documents made from the configuration"))
    return top


def _docs_arguments(docs: argparse.ArgumentParser) -> None:
    docs.add_argument(
        "what",
        choices=["procedure", "datasheet", "manual", "cashier", "annex", "control-codes", "outage-form"],
    )
    docs.add_argument("--out", type=Path, required=True, help="file to write")
    docs.add_argument(
        "--format",
        choices=["md", "html", "pdf"],
        help="else by the file's name; not of annex, control-codes, outage-form",
    )
    docs.add_argument("--version", type=int, metavar="N", help="annex: of this version; else the newest")
    docs.add_argument("--first", type=int, default=1, help="outage-form: number of the first slip")
    docs.add_argument("--slips", type=int, default=20, help="outage-form: how many slips, at most 500")


def _receipt_arguments(receipt: argparse.ArgumentParser) -> None:
    receipt.add_argument("action", choices=["show", "png", "pdf", "html"])
    receipt.add_argument("number", help="receipt number, or id of a slip (R17, R17-K30, X30, Z4)")
    receipt.add_argument("--out", type=Path, help="png, pdf, html: file to write")
    receipt.add_argument("--columns", type=_columns, help="characters per line: 58 mm 32, 80 mm 42 or 48")


def _columns(text: str) -> int:
    if not text.isdigit() or not MIN_COLUMNS <= int(text) <= MAX_COLUMNS:
        raise argparse.ArgumentTypeError(f"expected {MIN_COLUMNS} to {MAX_COLUMNS}, for example 32")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"„{text}“: erwartet wird ein TCP-Port von 0 bis 65535")
    return int(text)


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3660:
        raise argparse.ArgumentTypeError(f"„{text}“: erwartet werden 1 bis 3660 Tage")
    return int(text)


def _density(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) <= 100:
            return float(text)
    raise argparse.ArgumentTypeError(f"„{text}“: erwartet wird eine Zahl über 0, zum Beispiel 0.5")


def _audit_arguments(audit: argparse.ArgumentParser) -> None:
    audit.add_argument("dir", type=Path, metavar="DIR", help="folder of the export")
    tar, root = "archive of a TSE that signed; several times for several", "trusted root certificate of TSEs"
    audit.add_argument("--tar", type=Path, action="append", default=[], metavar="FILE", help=tar)
    audit.add_argument("--root", type=Path, action="append", default=[], metavar="FILE", help=root)
    journal = "journal of the register whose export it is; several times for several"
    audit.add_argument("--journal", type=Path, action="append", default=[], metavar="DIR", help=journal)
    log = "export log with checksums; without it the one beside the folder"
    audit.add_argument("--log", type=Path, metavar="FILE", help=log)
    audit.add_argument("--html", type=Path, metavar="FILE", help="write a report for reading, too")
    audit.add_argument("--no-signatures", action="store_true", help="do not verify signatures")


def _config_arguments(config: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    actions = config.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    what = "read configuration, credentials and catalogue without starting anything"
    actions.add_parser("check", help=what, description=what, parents=parents)
    what = "print a configuration to begin with"
    example = actions.add_parser("example", help=what, description=what, parents=parents)
    example.add_argument("--catalog", action="store_true", help="a catalogue instead")
    what = "show which law the register follows from which day on, and what is only planned"
    actions.add_parser("rules", help=what, description=what, parents=[parents[0]])
    what = "write mosquitto's configuration, access list and password file for the configured clients"
    broker = actions.add_parser("broker", help=what, description=what, parents=parents)
    broker.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder, e.g. /etc/mosquitto")
    broker.add_argument(
        "--displays", default="127.0.0.1", metavar="ADDRESS", help="where browsers connect (WebSocket)"
    )
    broker.add_argument("--displays-port", type=_port, default=9001, metavar="PORT", help="0: no browsers")


def _catalog_arguments(catalog: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    actions = catalog.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    for name, what in (
        ("check", "read a file and say everything that is wrong with it"),
        ("diff", "show what a file would change: old and new values of every article"),
        ("import", "show what a file changes, and put it in force: the whole file or nothing"),
    ):
        action = actions.add_parser(name, help=what, description=what, parents=parents)
        action.add_argument("file", type=Path, help="JSON, CSV or XLSX; told apart by its content")
        action.add_argument("--sheet", default="", metavar="NAME", help="the sheet of a workbook")
        action.add_argument("--partial", action="store_true", help="articles that are not in the file stay")
        if name == "import":
            action.add_argument("--yes", action="store_true", help="ask nothing (needed in a pipe)")
    what = "write the articles in force to a file, or to standard output"
    export = actions.add_parser("export", help=what, description=what, parents=[parents[0]])
    export.add_argument("file", nargs="?", type=Path, help="file to write; it must not exist")
    export.add_argument("--format", choices=["json", "csv", "xlsx"], help="else by the file's name")
    what = "print the JSON Schema of the catalogue file"
    actions.add_parser("schema", help=what, description=what, parents=[parents[0]])


def _archive_arguments(archive: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    actions = archive.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    what = "what is kept, and the last day on which it must be there"
    actions.add_parser("list", help=what, description=what, parents=parents)
    what = "put a file or folder into the archive"
    put = actions.add_parser("add", help=what, description=what, parents=parents[:1])
    put.add_argument("path", type=Path, help="e.g. an export, or a document that the law wants")
    put.add_argument("--kind", choices=["export", "tar", "document", "other"], help="else by what it is")
    put.add_argument("--to", dest="last", type=_day, metavar="DATE", help="last day it is about; else today")
    what = "check journal, TSE archives and everything kept, or a copy: every hash, every signature"
    verify = actions.add_parser("verify", help=what, description=what, parents=parents)
    verify.add_argument("path", nargs="?", type=Path, help="a copy; else the register's own")
    what = "copy everything to a stick or folder, read it back and compare; again: what is new"
    copy = actions.add_parser("copy", help=what, description=what, parents=parents)
    copy.add_argument("dir", type=Path, metavar="DIR", help="gets the folder kassd-<register id>")
    what = "keep everything, or one thing, beyond its date (audit, appeal), or release it"
    hold = actions.add_parser("hold", help=what, description=what, parents=parents[:1])
    hold.add_argument("name", nargs="?", help="as archive list shows it; else everything")
    hold.add_argument("--reason", help="why, in German")
    hold.add_argument("--release", action="store_true", help="the hold is over")
    what = "show what need not be kept any more; with the names of two people, remove it"
    prune = actions.add_parser("prune", help=what, description=what, parents=parents[:1])
    prune.add_argument("--by", metavar="NAME", help="the first person; without: only shown")
    prune.add_argument("--and-by", metavar="NAME", help="the second person")
    for action in (put, hold):
        action.add_argument("--by", metavar="NAME", help="who does it; else the account's name")


def _query_arguments(query: argparse.ArgumentParser) -> None:
    query.add_argument("table", nargs="?", help="the table asked; without one the list of all, with columns")
    for flag, name in (("--from", "first"), ("--to", "last")):
        query.add_argument(flag, dest=name, type=_day, metavar="DATE", help=f"{name} day")
    query.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="column, one of = != < <= > >= ~ (contains), value; several must all hold",
    )
    for name, what in (
        ("columns", "columns to show, with commas between"),
        ("group", "one row for each value of these columns, with their number"),
        ("sum", "columns to add up"),
        ("order", "columns to sort by; -name: descending (--order=-summe)"),
    ):
        query.add_argument(f"--{name}", default="", metavar="COLUMNS", help=what)
    query.add_argument("--limit", type=int, default=0, metavar="N", help="rows at most")
    query.add_argument("--sql", metavar="SELECT", help="a SELECT of one's own; amounts are cents there")
    query.add_argument("--csv", action="store_true", help="CSV with semicolons and decimal commas")
    query.add_argument("--journal", type=Path, metavar="DIR", help="this journal; needs no configuration")


def _barcode_arguments(barcode: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    actions = barcode.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    what = "show what a code means and why it is refused"
    parse = actions.add_parser("parse", help=what, description=what, parents=parents)
    parse.add_argument("text", help="the code; GS as \\x1d or <GS>")
    parse.add_argument("--aim", default="", metavar="ID", help="AIM id the scanner sent, e.g. ]C1")
    parse.add_argument("--date", type=_day, metavar="DATE", help="as if on this day")


def _zvt_arguments(zvt: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    actions = zvt.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    what = "name every field of messages given as hex digits, from TCP or in serial blocks"
    decode = actions.add_parser("decode", help=what, description=what, parents=parents)
    decode.add_argument("hex", nargs="*", metavar="HEX", help="06 0F 00; without it standard input is read")
    decode.add_argument("--charset", choices=ZVT_CHARSETS, help="of the texts; else by their letters")


def _export_arguments(export: argparse.ArgumentParser) -> None:
    export.add_argument("what", choices=EXPORTS)
    what = "file or folder to write; audit: usb is the stick"
    export.add_argument("--out", type=Path, required=True, help=what)
    for flag, name in (("--from", "first"), ("--to", "last")):
        what = f"{name} (business) day; not of journal and elster"
        export.add_argument(flag, dest=name, type=_day, metavar="DATE", help=what)
    export.add_argument(
        "--closing", metavar="N[-M]", help="closings by their numbers instead of days; not of tar"
    )
    what = "audit: who gets it, e.g. the official's name and id; stands in the journal"
    export.add_argument("--recipient", default="", metavar="TEXT", help=what)
    what = "dsfinvk: journal of one more register, in the same folder"
    export.add_argument("--journal", type=Path, action="append", default=[], metavar="DIR", help=what)
    what = "dsfinvk: do not audit the finished files"
    export.add_argument("--no-check", action="store_true", help=what)
    what = "datev: also what was handed over with other bookings before"
    export.add_argument("--again", action="store_true", help=what)


def _tse_arguments(tse: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    actions = tse.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    for name, what in (("info", "what it says of itself"), ("self-test", "have it test itself")):
        actions.add_parser(name, help=what, description=what, parents=parents)
    what = "make a factory-new TSE this register's: PINs and PUKs, client, time"
    setup = actions.add_parser("setup", help=what, description=what, parents=parents)
    what = "replace the TSE: archive and verify the old one, put it out of use, set up the new one"
    swap = actions.add_parser("swap", help=what, description=what, parents=parents)
    swap.add_argument("--reason", default="Tausch", help="why, in German: it stands in the journal")
    swap.add_argument(
        "--copy", type=Path, action="append", default=[], metavar="DIR", help="second place of the archive"
    )
    swap.add_argument("--defective", action="store_true", help="the old one does not answer any more")
    swap.add_argument("--keep", action="store_true", help="do not put the old one out of use for ever")
    for action in (setup, swap):
        action.add_argument("--yes", action="store_true", help="ask nothing")
    what = "write what goes over the wire, without secrets, to a file that can become a test"
    record = actions.add_parser("record", help=what, description=what, parents=parents)
    record.add_argument("--out", type=Path, required=True, help="file to write")


def _printer_arguments(printer: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    actions = printer.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    what = "print a page with letters, columns, code and cut; it shows which code page slot is right"
    test = actions.add_parser("test", help=what, description=what, parents=parents)
    test.add_argument("name", help="the printer's name")
    test.add_argument("--drawer", action="store_true", help="open the drawer behind it, too")


def _scanner_arguments(scanner: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    actions = scanner.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    what = "show a code, listen to all devices that belong to nobody, print the [[scanner]] section"
    pair = actions.add_parser("pair", help=what, description=what, parents=parents)
    pair.add_argument("--printer", default="", metavar="NAME", help="print the code on this printer")
    pair.add_argument("--png", type=Path, metavar="FILE", help="write the code as a picture")
    listen = "listen to this serial port, too; several times for several"
    pair.add_argument("--port", type=Path, action="append", default=[], metavar="PATH", help=listen)
    pair.add_argument("--wait", type=_seconds, default=60.0, metavar="S", help="seconds to listen; 60")


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) <= 3600:
            return float(text)
    raise argparse.ArgumentTypeError(f"„{text}“: erwartet werden Sekunden, zum Beispiel 60")


def _notification_arguments(notification: argparse.ArgumentParser, parents: list[_Parser]) -> None:
    notification.set_defaults(action="status")
    actions = notification.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)
    what = "show for each place of business what is to be notified, until when, and what was"
    actions.add_parser("status", help=what, description=what, parents=parents)
    what = "let the running register note that a notification was sent"
    sent = actions.add_parser("sent", help=what, description=what, parents=[parents[0]])
    sent.add_argument("--sheet", required=True, metavar="MARK", help="the mark of the exported notification")
    sent.add_argument("--on", dest="day", type=_day, required=True, metavar="DATE", help="day")
    sent.add_argument("--ticket", default="", help="the Transferticket that ELSTER gave")


def _sim_arguments(sim: argparse.ArgumentParser) -> None:
    kinds = sim.add_subparsers(dest="device", required=True, metavar="DEVICE")
    printer = kinds.add_parser("printer", help="ESC/POS printer on TCP; slips become PNG and text")
    printer.add_argument("--port", type=_port, default=9100)
    printer.add_argument("--link", type=Path, help="symlink to a pty, like /dev/usb/lp0, in place of TCP")
    printer.add_argument("--control", type=_port, default=0, help="TCP port of the control lines (JSON)")
    printer.add_argument("--out", type=Path, default=Path("slips"), help="folder for the slips")
    printer.add_argument("--columns", type=_columns, default=42)
    printer.add_argument("--profile", default="TM-T88V")
    tse = kinds.add_parser("tse", help="a vendor's TSE: a mounted stick, a pty or TCP; certified by nobody")
    tse.add_argument("--kind", choices=TSE_KINDS, required=True)
    tse.add_argument(
        "--dir", type=Path, default=Path("tse"), help="memory of the TSE, and its volume or port"
    )
    tse.add_argument("--port", type=_port, default=0, help="TCP port; 0 takes a free one")
    tse.add_argument("--latency", type=int, default=250, metavar="MS", help="time of a signature")
    ups = kinds.add_parser("ups", help="UPS behind Network UPS Tools on TCP")
    ups.add_argument("--name", default="usv", help="as [power] device names it")
    ups.add_argument("--port", type=_port, default=3493, help="TCP port; 0 takes a free one")
    ups.add_argument("--control", type=_port, default=0, help="TCP port of the control lines (JSON)")
    scale = kinds.add_parser("scale", help="coupled scale speaking Dialog 06 on a pty; verified by nobody")
    scale.add_argument("--link", type=Path, default=Path("scale"), help="symlink to the pty")
    scale.add_argument("--control", type=_port, default=0, help="TCP port of the control lines (JSON)")
    scale.add_argument("--secret", default="", help="what it wants to be proven: CCCC PPPPP, hex")
    _sim_terminal_arguments(
        kinds.add_parser("terminal", help="card terminal speaking ZVT on TCP or a pty; charges nobody")
    )
    trade = kinds.add_parser("trade", help="made-up days of trade: journal and TSE archive, no hardware")
    trade.add_argument("--shop", choices=(*TRADE_SHOPS, "all"), required=True)
    trade.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE")
    trade.add_argument("--days", type=_days, default=1, help="how many days")
    trade.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    trade.add_argument("--density", type=_density, default=1.0, help="customers, against an ordinary day's")
    trade.add_argument("--tse-swaps", type=int, default=0, metavar="N", help="replace the TSE so many times")
    trade.add_argument("--out", type=Path, required=True, metavar="DIR", help="gets a folder for each shop")
    trade.add_argument("--json", action="store_true", help="print the coverage as JSON instead of text")
    scanner = kinds.add_parser("scanner", help="serial scanner on a pty; codes from standard input")
    scanner.add_argument("--link", type=Path, default=Path("scanner"), help="symlink to the pty")


def _sim_terminal_arguments(terminal: argparse.ArgumentParser) -> None:
    terminal.add_argument("--port", type=_port, default=20007, help="TCP port; 0 takes a free one")
    terminal.add_argument("--link", type=Path, help="serial instead of TCP: symlink to the pty")
    terminal.add_argument("--control", type=_port, default=0, help="TCP port of the control lines (JSON)")
    terminal.add_argument("--dir", type=Path, help="keep its memory in this folder")
    terminal.add_argument("--card", choices=TERMINAL_CARDS, default="girocard", help="none: nobody pays")
    terminal.add_argument(
        "--result", type=_hex_byte, default=0, metavar="HEX", help="of the host; 00 approves"
    )
    terminal.add_argument("--limit", type=int, metavar="CENTS", help="approve no more than this")
    terminal.add_argument("--tip", type=int, default=0, metavar="CENTS", help="the customer adds this")
    terminal.add_argument("--delay", type=int, default=500, metavar="MS", help="between two messages")
    terminal.add_argument("--model", choices=TERMINAL_MODELS, default="generic", help="with its quirks")
    what = (
        "cut-before, cut-after, silence, wrong-length, half, garble or slow at the Nth message of a command"
    )
    terminal.add_argument("--fault", action="append", default=[], metavar="KIND@N[:SECONDS]", help=what)


def _hex_byte(text: str) -> int:
    if len(text) != 2 or not set(text) <= set("0123456789abcdefABCDEF"):
        raise argparse.ArgumentTypeError(f"„{text}“: erwartet werden zwei Hexziffern, zum Beispiel 6C")
    return int(text, 16)


TERMINAL_CARDS = ("girocard", "maestro", "mastercard", "visa", "amex", "none")
TERMINAL_MODELS = ("generic", "card-complete", "hobex", "global-payments-a80", "telecash-clover")
ZVT_CHARSETS = ("cp437", "iso8859-1", "iso8859-15", "utf-8", "zvt7")
EXPORTS = ("dsfinvk", "tar", "journal", "elster", "datev", "dfka", "cashbook", "audit")
TRADE_SHOPS = ("bakery", "truck", "bar", "kiosk", "flea", "boutique")
TSE_KINDS = ("cryptovision", "swissbit", "diebold-serial", "diebold-tcp", "diebold-service", "epson")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = parser().parse_args(argv)
    if "config" not in arguments:
        arguments.config = None
    try:
        command = _loaded(f"kassd.cli.{arguments.module}")
        code: int = command.execute(arguments)
        return code
    except KassdError as error:
        print(f"kassd: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return EX_INTERRUPTED
    except BrokenPipeError:
        return EX_OK
    except OSError as error:
        print(f"kassd: {refusal(error)}", file=sys.stderr)
        return EX_IOERR


def _loaded(name: str) -> ModuleType:
    """Import a command. What is loaded is no garbage: nobody looks for some meanwhile, nor later."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


__all__ = ["main", "parser"]
