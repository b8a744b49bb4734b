"""Catalogue in and out: JSON, CSV and XLSX as shops have them, read whole or refused whole.

``read_file`` → ``difference`` → ``to_bytes`` → ``replace_file``. The register itself reads JSON only.
"""

from kassd.catalog.difference import Difference, difference
from kassd.catalog.problem import FileRefused, Problem
from kassd.catalog.reading import Context, Reading, read_bytes, read_file
from kassd.catalog.schema import schema
from kassd.catalog.writing import FORMATS, replace_file, to_bytes, to_json

__all__ = [
    "FORMATS",
    "Context",
    "Difference",
    "FileRefused",
    "Problem",
    "Reading",
    "difference",
    "read_bytes",
    "read_file",
    "replace_file",
    "schema",
    "to_bytes",
    "to_json",
]
