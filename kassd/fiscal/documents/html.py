"""A document as one HTML file that needs nothing else: a table of contents, readable on screen and paper."""

import re
from html import escape
from typing import TYPE_CHECKING

from kassd.fiscal.documents.compose import Composed

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

STYLE = """\
:root{color-scheme:light}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
body{color:#111;background:#fff}
h1{font-size:clamp(1.2rem,6vw,1.9rem);line-height:1.2;margin:.2em 0}
h2{border-bottom:1px solid #999;margin-top:2.2em}
h3{margin-top:1.8em}table{border-collapse:collapse;width:100%;margin:1em 0;font-size:.9rem}
th,td{border:1px solid #bbb;padding:.3em .5em;text-align:left;vertical-align:top;min-width:5.5em}
th{background:#eef1f4}td{overflow-wrap:break-word}
code{font:.9em ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
pre{background:#f4f4f4;padding:.8em;overflow:auto}
nav{background:#f4f6f8;padding:.6em 1.2em;margin:1.5em 0}
nav ul{list-style:none;padding-left:1.2em;margin:.3em 0}nav>ul{padding-left:0}
.stand{color:#444}footer{margin-top:3em;border-top:1px solid #999;color:#444;font-size:.85rem}
@media(max-width:40rem){body{padding:.8rem;font-size:15px}table{display:block;overflow-x:auto}}
@media print{body{max-width:none;padding:0;font-size:10.5pt}h2,h3{break-after:avoid}tr{break-inside:avoid}}
"""


def parse(text: str) -> "list[Token]":
    """Markdown to tokens; raw HTML is text."""
    return _markdown().parse(text)


def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(document: Composed) -> bytes:
    """The file's bytes, UTF-8."""
    markdown = _markdown()
    tokens = markdown.parse(document.markdown)
    contents = _contents(tokens)
    body = markdown.renderer.render(tokens, markdown.options, {})
    head, _, rest = body.partition("</h1>")
    title = f"{document.title} – {document.business}"
    return (
        f'<!doctype html>\n<html lang="de"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style></head>\n<body>\n{head}</h1>\n"
        f'<p class="stand">{escape(stand_line(document))}</p>\n{contents}{rest}'
        f"<footer>SHA-256 des Textes: <code>{document.sha256}</code></footer>\n</body></html>\n"
    ).encode()


def stand_line(document: Composed) -> str:
    """Whose document it is, and of when."""
    return f"{owner_line(document)} · {document.stand}"


def owner_line(document: Composed) -> str:
    """Whose document it is."""
    return f"{document.business} · Kasse {document.register}"


def anchor(text: str) -> str:
    """A heading's address."""
    return re.sub(r"\W+", "-", text.casefold()).strip("-")


def _contents(tokens: "list[Token]") -> str:
    """Give headings an address, and list them."""
    rows: list[str] = []
    open_inner = False
    for at, token in enumerate(tokens):
        if token.type != "heading_open" or token.tag not in ("h2", "h3"):
            continue
        text = tokens[at + 1].content
        token.attrSet("id", anchor(text))
        link = f'<a href="#{anchor(text)}">{escape(text)}</a>'
        if token.tag == "h2":
            rows.append(("</ul></li>" if open_inner else "</li>" if rows else "") + f"<li>{link}")
            open_inner = False
        else:
            rows.append(("" if open_inner else "<ul>") + f"<li>{link}</li>")
            open_inner = True
    end = ("</ul>" if open_inner else "") + "</li>"
    return f'<nav aria-label="Inhalt"><ul>{"".join(rows)}{end}</ul></nav>\n' if rows else ""
