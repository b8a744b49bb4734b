"""``kassd config check|example``."""

import argparse

from kassd import settings
from kassd.core.catalog import parse_catalog


def execute(arguments: argparse.Namespace) -> int:
    """Print an example, or check file, environment and catalogue without starting anything."""
    if arguments.action == "example":
        print(settings.EXAMPLE, end="")
        return 0
    loaded = settings.load(arguments.config)
    if loaded.catalog is not None and loaded.catalog.file.exists():
        articles = parse_catalog(loaded.catalog.file.read_text(encoding="utf-8"))
        print(f"Artikelstamm {loaded.catalog.file}: {len(articles)} Artikel")
    print("Die Konfiguration ist in Ordnung.")
    return 0
