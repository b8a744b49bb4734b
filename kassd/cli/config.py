"""``kassd config check|example``."""

import argparse
import tempfile
from pathlib import Path

from kassd import settings
from kassd.core.catalog import parse_catalog
from kassd.receipt.escpos import Encoder


def execute(arguments: argparse.Namespace) -> int:
    """Print an example, or check file, environment and catalogue without starting anything."""
    if arguments.action == "example":
        print(settings.EXAMPLE, end="")
        return 0
    loaded = settings.load(arguments.config)
    with tempfile.TemporaryDirectory() as cache:
        for printer in loaded.printer:
            Encoder(printer.profile, printer.columns, Path(cache)).load()
    if loaded.catalog is not None:
        if loaded.catalog.file.exists():
            articles = parse_catalog(loaded.catalog.file.read_text(encoding="utf-8"))
            print(f"Artikelstamm {loaded.catalog.file}: {len(articles)} Artikel")
        else:
            print(f"Achtung: der Artikelstamm {loaded.catalog.file} fehlt noch.")
    print("Die Konfiguration ist in Ordnung.")
    return 0
