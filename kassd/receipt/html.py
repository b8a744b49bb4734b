"""A slip as one self-contained HTML page: the electronic receipt as a phone shows it.

Made from the same laid-out lines as the paper, as wide as a phone's screen; the QR code is an inline SVG.
The page fetches nothing and runs nothing.
"""

from html import escape

from kassd.core.document import Document
from kassd.receipt.canvas import qr_matrix, runs
from kassd.receipt.ekabs import FILE, ekabs, is_receipt
from kassd.receipt.layout import layout
from kassd.receipt.page import Cut, Item, Line, Qr, Rule
from kassd.receipt.qr import QUIET

COLUMNS = 32
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root { --c: min(calc((100vw - 2rem) / COLUMNS), .7rem); color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #e8e6e1; color: #111; }
main { width: calc(var(--c) * COLUMNS + 2rem); margin: 0 auto; padding: 1rem; background: #fff;
  font: calc(var(--c) / .602)/1.35 "DejaVu Sans Mono", Menlo, Consolas, monospace; }
p { margin: 0; min-height: 1.35em; white-space: pre; }
p.center { text-align: center; }
p.right { text-align: right; }
p.tall { min-height: 2.4em; padding-top: 1.05em; }
p.tall span { display: inline-block; transform: scaleY(1.75); transform-origin: bottom; }
p.wide { font-size: 2em; min-height: 1.2em; padding-top: 0; line-height: 1.2; }
p.wide span { transform: none; }
b { font-weight: bold; }
hr { border: 0; border-top: 2px solid #111; margin: .6em 0; }
hr.heavy { border-top: 6px double #111; }
svg { display: block; width: max(36mm, 62%); margin: .7em auto; }
nav { margin: 1.2rem 0 .5rem; text-align: center; font: 1rem/1.5 sans-serif; }
nav a { display: inline-block; padding: .6rem 1.1rem; margin: .2rem; border-radius: .5rem;
  background: #14532d; color: #fff; text-decoration: none; }
@media print { body { background: none; } nav { display: none; } main { padding: 0; } }
"""


def html(
    document: Document, columns: int = COLUMNS, *, late: bool = False, links: dict[str, str] | None = None
) -> bytes:
    """Return a document as an HTML page in UTF-8. ``links``: label → address, shown below the slip."""
    return page(document, layout(document, columns, late=late), columns, links or {})


def page(document: Document, items: tuple[Item, ...], columns: int, links: dict[str, str]) -> bytes:
    """Return laid-out items as a page, with ``ekabs.json`` where the document is a receipt."""
    title = escape(f"{document.title} {document.number}".strip())
    rows = [row for item in items if (row := _row(item))]
    if links:
        rows.append(
            "<nav>"
            + " ".join(f'<a href="{escape(to)}">{escape(label)}</a>' for label, to in links.items())
            + "</nav>"
        )
    if is_receipt(document):
        data = ekabs(document).decode().replace("<", "\\u003c")
        rows.append(f'<script type="application/json" id="{FILE}">\n{data}</script>')
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="de">',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title} – {escape(document.issuer.name)}</title>",
            f"<style>{STYLE.replace('COLUMNS', str(columns))}</style>",
            "<main>",
            *rows,
            "</main>",
            "</html>",
            "",
        )
    ).encode()


def _row(item: Item) -> str:
    match item:
        case Line(text, align, bold, wide, tall):
            styles = [align] * (align != "left") + ["tall"] * tall + ["wide"] * wide
            inside = escape(text, quote=False)
            inside = f"<span>{inside}</span>" if tall or wide else inside
            inside = f"<b>{inside}</b>" if bold else inside
            return f'<p class="{" ".join(styles)}">{inside}</p>' if styles else f"<p>{inside}</p>"
        case Rule(heavy):
            return '<hr class="heavy">' if heavy else "<hr>"
        case Qr(text):
            return svg(text)
        case Cut():
            return ""


def svg(text: str) -> str:
    """A QR code with its quiet zone as an SVG element: one unit per module."""
    edge, path = outline(text)
    return (
        f'<svg viewBox="0 0 {edge} {edge}" role="img" aria-label="QR-Code" shape-rendering="crispEdges">'
        f'<path d="{path}"/></svg>'
    )


def outline(text: str) -> tuple[int, str]:
    """Edge of a QR code with its quiet zone in modules, and its dark modules as the data of an SVG path."""
    rows = qr_matrix(text)
    parts = [
        f"M{first + QUIET} {n + QUIET}h{length}v1h-{length}z"
        for n, row in enumerate(rows)
        for first, length in runs(row)
    ]
    return len(rows) + 2 * QUIET, "".join(parts)
