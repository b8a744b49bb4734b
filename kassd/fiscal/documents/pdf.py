"""A document as a PDF on A4: contents, bookmarks, page numbers. fpdf2 is imported on first use.

The bytes depend on the document alone: its date is that of the newest fact in it.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kassd.errors import ConfigError
from kassd.fiscal.documents import table
from kassd.fiscal.documents.compose import Composed
from kassd.fiscal.documents.html import owner_line, parse, stand_line

Word = list[tuple[str, str]]  # text and face (a key of STYLES) of its parts
SPACE: Word = [(" ", "text")]

if TYPE_CHECKING:
    from fpdf import FPDF
    from markdown_it.token import Token

FONTS = Path("/usr/share/fonts/truetype/dejavu")
FACES = (("text", "", "DejaVuSans"), ("text", "B", "DejaVuSans-Bold"), ("mono", "", "DejaVuSansMono"))
MARGIN, INDENT = 20.0, 6.0  # mm
SIZE, SMALL = 10.0, 8.0  # pt
LINE, CODE_LINE, FOOT_LINE = 5.0, 4.2, 3.6  # mm
HEAD, FOOT = 18.0, 14.0  # mm from the edge to the line above and the last one below
STYLES = {"text": ("text", "", SIZE), "bold": ("text", "B", SIZE), "mono": ("mono", "", SIZE - 1)}
HEADS = {"h1": (22.0, 12.0), "h2": (15.0, 9.0), "h3": (12.0, 7.0), "h4": (10.5, 6.0)}  # pt, mm
LONG = 16  # headings from which there is a table of contents
NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # date of a document without a journal


def to_pdf(document: Composed) -> bytes:
    """The file's bytes. Raises :class:`ConfigError` without the fonts."""
    page = _Paper(document).pdf
    return bytes(page.output())


def _font(name: str) -> Path:
    path = FONTS / f"{name}.ttf"
    if not path.is_file():
        raise ConfigError(f"Die Schrift {name} fehlt. Bitte das Paket fonts-dejavu-core installieren.")
    return path


class _Paper:
    """Draws the tokens of one document."""

    def __init__(self, document: Composed) -> None:
        self.document = document
        self.tokens = parse(document.markdown)
        self.pdf = _blank(document)
        self._lists: list[int] = []  # number of the next item, 0: bullets
        self._cover()
        at = 0
        while at < len(self.tokens):
            at = self._block(at)

    def _cover(self) -> None:
        """Title, whose it is, and a page for the contents."""
        from fpdf.outline import TableOfContents

        pdf, document = self.pdf, self.document
        pdf.add_page()
        pdf.set_font("text", "B", HEADS["h1"][0])
        pdf.multi_cell(0, 10, document.title, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("text", size=SIZE)
        pdf.multi_cell(0, LINE, stand_line(document), new_x="LMARGIN", new_y="NEXT", align="L")
        pdf.set_font("mono", size=6.5)
        pdf.multi_cell(0, LINE, f"SHA-256 des Textes {document.sha256}", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
        pdf.set_font("text", size=SIZE)
        heads = sum(1 for t in self.tokens if t.type == "heading_open" and t.tag in ("h2", "h3"))
        if heads < LONG:
            return
        contents = TableOfContents()
        pdf.insert_toc_placeholder(contents.render_toc, pages=1 + heads // 44, reset_page_indices=False)

    def _block(self, at: int) -> int:
        """Draw what begins at token ``at``; where the next thing begins."""
        token, pdf = self.tokens[at], self.pdf
        match token.type:
            case "heading_open":
                self._heading(token.tag, self.tokens[at + 1].content)
                return at + 3
            case "paragraph_open":
                self._inline(self.tokens[at + 1])
                pdf.ln(LINE if token.hidden else LINE + 2)
                return at + 3
            case "bullet_list_open" | "ordered_list_open":
                self._lists.append(int(token.attrGet("start") or 1) if token.type[0] == "o" else 0)
                self._margin()
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
                self._margin()
                if not self._lists:
                    pdf.ln(2)
            case "list_item_open":
                self._item()
            case "fence" | "code_block":
                pdf.set_font("mono", size=SMALL)
                pdf.set_fill_color(243)
                pdf.multi_cell(0, CODE_LINE, token.content.rstrip(), fill=True, new_x="LMARGIN", new_y="NEXT")
                pdf.ln(2)
            case "table_open":
                return self._table(at)
            case _:
                pass
        return at + 1

    def _heading(self, tag: str, text: str) -> None:
        if tag == "h1":
            return  # on the cover
        size, height = HEADS[tag]
        if self.pdf.will_page_break(height + 5 * LINE):
            self.pdf.add_page()
        else:
            self.pdf.ln(5 if tag == "h2" else 2)
        if tag in ("h2", "h3"):
            self.pdf.start_section(text, level=0 if tag == "h2" else 1)
        self.pdf.set_font("text", "B", size)
        self.pdf.multi_cell(0, height, text, new_x="LMARGIN", new_y="NEXT", align="L")
        self.pdf.ln(1)

    def _margin(self) -> None:
        self.pdf.set_left_margin(MARGIN + INDENT * len(self._lists))
        self.pdf.set_x(MARGIN + INDENT * len(self._lists))

    def _item(self) -> None:
        number = self._lists[-1]
        if self.pdf.will_page_break(LINE):
            self.pdf.add_page()
        self.pdf.set_font("text", size=SIZE)
        self.pdf.set_x(self.pdf.l_margin - INDENT)
        self.pdf.cell(INDENT, LINE, f"{number}." if number else "•")
        if number:
            self._lists[-1] += 1

    def _inline(self, inline: "Token") -> None:
        """Running text, word by word: what belongs together in several faces is not torn apart."""
        pdf = self.pdf
        for word in _words(inline):
            width = 0.0
            for text, face in word:
                self._face(face)
                width += pdf.get_string_width(text)
            if pdf.x > pdf.l_margin and pdf.x + width > pdf.w - pdf.r_margin:
                pdf.ln(LINE)
                if word == SPACE:
                    continue
            for text, face in word:
                self._face(face)
                if width > pdf.epw:
                    pdf.write(LINE, text)
                else:
                    pdf.cell(pdf.get_string_width(text), LINE, text)

    def _face(self, face: str) -> None:
        family, style, size = STYLES[face]
        self.pdf.set_font(family, style, size)

    def _table(self, at: int) -> int:
        end = table.draw(self.pdf, self.tokens, at)
        self.pdf.ln(3)
        return end


def _words(inline: "Token") -> list[Word]:
    """The words of a paragraph, each with its faces, and the spaces between them."""
    words: list[Word] = []
    bold, glued = 0, False
    for child in inline.children or ():
        bold += {"strong_open": 1, "strong_close": -1}.get(child.type, 0)
        text = " " if child.type in ("softbreak", "hardbreak") else child.content
        face = "mono" if child.type == "code_inline" else "bold" if bold else "text"
        for piece in re.split(r"( +)", text):
            if not piece.strip():
                words += [SPACE] if piece else []
                glued = glued and not piece
            elif glued:
                words[-1].append((piece, face))
            else:
                words.append([(piece, face)])
                glued = True
    return words


def _blank(document: Composed) -> "FPDF":
    """An empty file with fonts, header and footer."""
    from fpdf import FPDF

    class Sheet(FPDF):
        """What stands above and below is never indented with a list that goes on over the page."""

        above, numbered = f"{document.title} – {document.business}", "Seite {}/{}"

        def __init__(self) -> None:
            super().__init__(format="A4")
            self.lines: list[str] = []

        def header(self) -> None:
            if self.page_no() > 1:
                self.set_font("text", size=SMALL)
                self.set_xy(MARGIN, HEAD)
                self.multi_cell(self.w - 2 * MARGIN, FOOT_LINE, self.above, align="R")
                self.set_y(HEAD + 9)

        def footer(self) -> None:
            self.set_font("text", size=SMALL)
            self.set_xy(MARGIN, -FOOT - FOOT_LINE * (len(self.lines) - 1))
            for line in self.lines:
                self.cell(0, FOOT_LINE, line, new_x="LEFT", new_y="NEXT")
            self.set_xy(MARGIN, -FOOT)
            self.cell(self.w - 2 * MARGIN, FOOT_LINE, self.numbered.format(self.page_no(), "{nb}"), align="R")

    pdf = Sheet()
    for family, style, name in FACES:
        pdf.add_font(family, style, str(_font(name)))
    pdf.set_margins(MARGIN, HEAD, MARGIN)
    pdf.set_font("text", size=SMALL)
    number = pdf.get_string_width(f"  {pdf.numbered.format(9999, 9999)}")
    room = pdf.w - 2 * MARGIN - number
    whole, parts = stand_line(document), (owner_line(document), document.stand)
    for text in parts if pdf.get_string_width(whole) > room else (whole,):
        pdf.lines += table.fill(lambda line, _: pdf.get_string_width(line), text, "text", room)
    pdf.set_auto_page_break(True, FOOT + 6 + FOOT_LINE * (len(pdf.lines) - 1))
    pdf.set_title(f"{document.title} – {document.business}")
    pdf.set_creator("kassd")
    pdf.set_lang("de-DE")
    at = datetime.fromisoformat(document.at) if document.at else NEVER
    pdf.set_creation_date(at)
    return pdf
