"""``kassd config check|example|rules|broker``."""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kassd import settings
from kassd.app.boot import refuse_other
from kassd.app.config_advice import advice, left_behind
from kassd.core import catalog
from kassd.devices.printer.identity import chosen
from kassd.errors import ConfigError, DataError, JournalError, refusal
from kassd.receipt.escpos import Encoder
from kassd.receipt.raster import read_logo

LOGO_WIDTH = 504  # of 42 columns: any width shows whether it can be read


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
    file = settings.config_file(arguments.config)
    warned = _check_journal(loaded, file)
    for index, sentence in wrong_profiles(loaded):
        raise ConfigError(f"{settings.where(file, ('printer', index, 'profile'))}: {sentence}")
    if loaded.receipt.logo is not None:
        read_logo(loaded.receipt.logo, LOGO_WIDTH)
    if loaded.catalog is not None:
        try:
            _check_catalog(loaded, loaded.catalog.file)
        except OSError as error:
            place = settings.where(file, ("catalog", "file"))
            raise ConfigError(f"{place}: [catalog] file: {refusal(error)}") from error
    warned |= _advise(loaded, file)
    print("Die Konfiguration geht so, aber siehe oben." if warned else "Die Konfiguration ist in Ordnung.")
    return 0


def _check_journal(loaded: settings.Settings, file: Path) -> bool:
    """Another register's journal is refused here as it is by ``kassd run``; whether there was a warning."""
    try:
        state = refuse_other(loaded)
    except (JournalError, OSError) as error:
        print(
            f"Achtung: das Journal {loaded.journal.dir} ist nicht lesbar ({error}); mehr sagt kassd doctor."
        )
        return True
    left = () if state is None else left_behind(state, settings.flatten(loaded))
    for _, sentence in left:
        print(f"Achtung: {file}: {sentence}")
    return bool(left)


def wrong_profiles(loaded: settings.Settings) -> Iterator[tuple[int, str]]:
    """Index and German sentence of each ``[[printer]]`` that no slip can be made for."""
    with tempfile.TemporaryDirectory() as cache:
        for index, printer in enumerate(loaded.printer):
            try:
                profile = chosen(printer.profile, printer.driver, printer.path)
                Encoder(profile, printer.columns, Path(cache)).load()
            except ConfigError as error:
                yield index, f"[[printer]] „{printer.name}“: {error}"


def _advise(loaded: settings.Settings, file: Path) -> bool:
    """Tell what is valid and probably not meant; whether there was a warning."""
    warned = False
    for one in advice(loaded):
        warned |= one.level != "info"
        told = "Hinweis" if one.level == "info" else "Achtung"
        print(f"{told}: {settings.where(file, one.place)}: {one.message}\n    → {one.remedy}")
    return warned


def _check_catalog(loaded: settings.Settings, file: Path) -> None:
    if not file.exists():
        print(f"Achtung: der Artikelstamm {file} fehlt noch. Beispiel: kassd config example --catalog")
        return
    try:
        text, prefix = file.read_text(encoding="utf-8"), loaded.register.control_prefix
        articles = catalog.parse_catalog(text, prefix, loaded.tax_keys(), loaded.agencies())
    except (DataError, UnicodeDecodeError) as error:
        raise DataError(f"Artikelstamm {file}: {error}") from error
    print(f"Artikelstamm {file}: {len(articles)} Artikel")
