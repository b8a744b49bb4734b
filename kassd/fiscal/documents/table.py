"""A table on paper: each column as wide as what stands in it wants, words whole wherever there is room.

Widths are in mm. A cell is its text and its face: ``text``, ``mono`` for what a machine reads, ``bold`` for
the first row.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF
    from markdown_it.token import Token

Cell = tuple[str, str]
Measure = Callable[[str, str], float]  # width of a text in a face

SIZES = {"text": ("text", "", 8.0), "bold": ("text", "B", 8.0), "mono": ("mono", "", 7.0)}
LINE = 4.2
PADDING, SLACK = 0.7, 0.5  # beside the text; what is left free so that no rounding breaks a word
INSET = 2 * (PADDING + SLACK)
WORD, TEXT, HASH = 48.0, 110.0, 30.0  # no longer word, text, piece of a key widens its column
TWO_LINES = 0.65  # of its width in one: words do not part in the middle
BLANK = 10.0  # of a row to be filled in by hand
PIECES = re.compile(r"[^._/-]*[._/-]+|[^._/-]+")  # a key or path may go on in the next line after these


def draw(pdf: "FPDF", tokens: "Sequence[Token]", at: int) -> int:
    """Draw the table that begins at token ``at``; where the next thing begins."""
    from fpdf.enums import TableBordersLayout
    from fpdf.fonts import FontFace

    @cache
    def measure(text: str, face: str) -> float:
        pdf.set_font(*SIZES[face])
        return float(pdf.get_string_width(text))

    rows, end = rows_of(tokens, at)
    wide = widths(measure, rows, pdf.epw)
    faces = {"mono": FontFace(family="mono", size_pt=SIZES["mono"][2])}
    pdf.set_line_width(0.1)
    pdf.set_draw_color(120)
    filled = [
        ["\n".join(fill(measure, *cell, inside(width))) for cell, width in zip(row, wide, strict=True)]
        for row in rows
    ]
    pdf.set_font(*SIZES["text"])
    with pdf.table(
        col_widths=wide,
        line_height=LINE,
        text_align="LEFT",
        v_align="TOP",
        padding=PADDING,
        borders_layout=TableBordersLayout.ALL,
        headings_style=FontFace(emphasis="BOLD", fill_color=(236, 240, 243)),
    ) as table:
        for cells, texts in zip(rows, filled, strict=True):
            row = table.row(min_height=0 if any(texts) else BLANK)
            for (_, face), text in zip(cells, texts, strict=True):
                row.cell(text, style=faces.get(face))
    return end


def rows_of(tokens: "Sequence[Token]", at: int) -> tuple[list[list[Cell]], int]:
    """The cells of the table at ``at``; and where it ends."""
    rows: list[list[Cell]] = []
    while tokens[at].type != "table_close":
        if tokens[at].type == "tr_open":
            rows.append([])
        elif tokens[at].type == "inline":
            children = [c for c in tokens[at].children or () if c.content or c.type == "softbreak"]
            text = "".join(" " if c.type == "softbreak" else c.content for c in children)
            machine = bool(children) and all(c.type == "code_inline" for c in children)
            rows[-1].append((text, "bold" if len(rows) == 1 else "mono" if machine else "text"))
        at += 1
    return rows, at + 1


def widths(measure: Measure, rows: Sequence[Sequence[Cell]], room: float) -> tuple[float, ...]:
    """Share ``room`` out: for the words of each column, then for most of its texts in two lines, in one, then
    for all of them. So a few long hashes do not make the rest narrow."""
    words, most, longest = [], [], []
    for column in zip(*rows, strict=True):
        plain = [measure(word, face) for text, face in column if face != "mono" for word in text.split()]
        machine = [measure(p, face) for text, face in column if face == "mono" for p in PIECES.findall(text)]
        by_hand = len(column) > 1 and not any(text for text, _ in column[1:])
        texts = [TEXT] if by_hand else [measure(text, face) for text, face in column]
        longest_word = max([0.0, *plain, *(piece for piece in machine if piece <= HASH)])
        words.append(min(longest_word, WORD) + INSET)
        most.append(min(_most(texts), TEXT) + INSET)
        longest.append(min(max(texts), TEXT) + INSET)
    found = [0.0] * len(words)
    for wants in (words, [TWO_LINES * text for text in most], most, longest):
        more = [max(0.0, want - has) for want, has in zip(wants, found, strict=True)]
        found = [has + add for has, add in zip(found, _share(room - sum(found), more), strict=True)]
    return tuple(width * room / sum(found) for width in found)


def inside(width: float) -> float:
    """What a column of this width has for its text."""
    return width - 2 * PADDING - SLACK


def _most(widths: Sequence[float]) -> float:
    """What three of four are content with."""
    return sorted(widths)[-1 - len(widths) // 4] if widths else 0.0


def _share(room: float, wants: Sequence[float]) -> list[float]:
    """What each gets of ``room``: those who want little all of it, the others the same."""
    got = [0.0] * len(wants)
    for done, n in enumerate(sorted(range(len(wants)), key=wants.__getitem__)):
        got[n] = min(wants[n], room / (len(wants) - done))
        room -= got[n]
    return got


def fill(measure: Measure, text: str, face: str, room: float) -> list[str]:
    """The lines of a text. A word wider than ``room`` goes on in the next line: a key or a path behind one of
    its parts, all else wherever the line is full."""
    lines = [""]
    for word in text.split():
        between = " " if lines[-1] else ""
        for part in _parts(measure, word, face, room):
            if lines[-1] and measure(lines[-1] + between + part, face) > room:
                lines.append(part)
            else:
                lines[-1] += between + part
            between = ""
    return lines


def _parts(measure: Measure, word: str, face: str, room: float) -> list[str]:
    """What of a word stays together in a line."""
    if measure(word, face) <= room:
        return [word]
    return [p for piece in PIECES.findall(word) for p in ([piece] if measure(piece, face) <= room else piece)]
