"""``kassd docs control-codes``: a sheet of control barcodes to print and laminate."""

import argparse
from html import escape
from pathlib import Path

from kassd import settings
from kassd.core.barcodes.control import CONTROL, DEFAULT_PREFIX

PAGE = """<!doctype html><html lang="de"><meta charset="utf-8"><title>Steuercodes</title>
<style>body{{font:16px sans-serif;margin:15mm}}h1{{font-size:22px}}
main{{display:grid;grid-template-columns:1fr 1fr;gap:12mm}}
figure{{margin:0;text-align:center;break-inside:avoid}}
svg{{width:70mm;height:20mm}}figcaption{{font-weight:600;margin-top:2mm}}</style>
<h1>Steuercodes für die Kasse</h1><main>{codes}</main></html>
"""


def execute(arguments: argparse.Namespace) -> int:
    """Write the sheet; with a configuration its prefix is used."""
    prefix = DEFAULT_PREFIX
    if arguments.config is not None:
        prefix = settings.load(arguments.config).register.control_prefix
    out: Path = arguments.out
    out.write_text(
        PAGE.format(codes="".join(_figure(prefix + c, t) for c, (_, _, t) in CONTROL.items())), "utf-8"
    )
    print(out)
    return 0


def _figure(code: str, title: str) -> str:
    return f"<figure>{_code128(code)}<figcaption>{escape(title)}</figcaption></figure>"


def _code128(text: str) -> str:
    """Code 128 as SVG, by python-barcode (a dependency of python-escpos)."""
    from barcode import Code128

    modules: str = Code128(text).build()[0]
    bars, x = [], 0
    while x < len(modules):
        width = 1
        while x + width < len(modules) and modules[x + width] == modules[x]:
            width += 1
        if modules[x] == "1":
            bars.append(f'<rect x="{x + 10}" width="{width}" height="40"/>')
        x += width
    return f'<svg viewBox="0 0 {len(modules) + 20} 40" preserveAspectRatio="none">{"".join(bars)}</svg>'
