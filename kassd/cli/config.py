"""``kassd config check|example|rules|broker``."""

import argparse
import tempfile
from pathlib import Path

from kassd import settings
from kassd.app.boot import refuse_other
from kassd.core import catalog
from kassd.errors import DataError, JournalError
from kassd.receipt.escpos import Encoder


def execute(arguments: argparse.Namespace) -> int:
    """Print an example, check what the register would read, or write the broker's files; starts nothing."""
    if arguments.action == "example":
        print(catalog.EXAMPLE if arguments.catalog else settings.EXAMPLE, end="")
        return 0
    if arguments.action == "rules":
        from kassd.cli.config_rules import lines

        print("\n".join(lines()))
        return 0
    loaded = settings.load(arguments.config)
    if arguments.action == "broker":
        from kassd.cli.config_broker import write_broker

        write_broker(loaded, arguments.out, arguments.displays, arguments.displays_port)
        return 0
    settings.mqtt_password(loaded)
    _check_journal(loaded)
    with tempfile.TemporaryDirectory() as cache:
        for printer in loaded.printer:
            Encoder(printer.profile, printer.columns, Path(cache)).load()
    if loaded.catalog is not None:
        _check_catalog(loaded.catalog.file, loaded.register.control_prefix, loaded.tax_keys())
    print("Die Konfiguration ist in Ordnung.")
    return 0


def _check_journal(loaded: settings.Settings) -> None:
    """Another register's journal is refused here as it is by ``kassd run``."""
    try:
        refuse_other(loaded)
    except (JournalError, OSError) as error:
        print(
            f"Achtung: das Journal {loaded.journal.dir} ist nicht lesbar ({error}); mehr sagt kassd doctor."
        )


def _check_catalog(file: Path, control_prefix: str, keys: frozenset[int]) -> None:
    if not file.exists():
        print(f"Achtung: der Artikelstamm {file} fehlt noch. Beispiel: kassd config example --catalog")
        return
    try:
        articles = catalog.parse_catalog(file.read_text(encoding="utf-8"), control_prefix, keys)
    except (DataError, UnicodeDecodeError) as error:
        raise DataError(f"Artikelstamm {file}: {error}") from error
    print(f"Artikelstamm {file}: {len(articles)} Artikel")
