"""The paper of the printer simulator: lines, codes and pictures until the cut, then one slip on disk."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from kassd.receipt.canvas import LINE_H, Canvas, Cell

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Slip:
    """One piece of paper after its cut.

    ``text`` as read from top to bottom, aligned; a native QR code stands there as ``[QR]``. ``qr`` what the
    native codes say (a raster picture is only in the PNG). ``errors`` what the printer did not understand
    since the last cut. ``interrupted``: the power went away while this piece was in the printer.
    """

    n: int
    text: tuple[str, ...]
    qr: tuple[str, ...]
    errors: tuple[str, ...]
    interrupted: bool


@dataclass(frozen=True, slots=True)
class _Text:
    cells: tuple[Cell, ...]
    align: Align


@dataclass(frozen=True, slots=True)
class _Code:
    data: str
    dots: int
    level: str
    align: Align


@dataclass(frozen=True, slots=True)
class _Raster:
    width: int
    height: int
    bits: bytes
    align: Align


@dataclass(frozen=True, slots=True)
class _Feed:
    dots: int


class Paper:
    """Collects what is printed and files it under ``out_dir`` as ``NNN.png`` (if ``pictures``), ``.txt`` and
    ``.json``.

    The JSON comes last and by rename: where it exists, the slip is complete. Numbers go on after a restart.
    """

    def __init__(self, out_dir: Path, columns: int, pictures: bool = True) -> None:
        self.out_dir = out_dir
        self.pictures = pictures
        self.columns = columns
        self.slips: list[Slip] = []
        self.interrupted = False
        self._parts: list[_Text | _Code | _Raster | _Feed] = []
        out_dir.mkdir(parents=True, exist_ok=True)
        self._next = 1 + max((int(p.stem) for p in out_dir.glob("[0-9]*.json")), default=0)

    @property
    def blank(self) -> bool:
        """Whether nothing stands on the paper since the last cut."""
        return not any(getattr(part, "cells", not isinstance(part, _Feed)) for part in self._parts)

    def text(self, cells: Sequence[Cell], align: Align) -> None:
        """Print one line."""
        self._parts.append(_Text(tuple(cells), align))

    def qr(self, data: str, dots: int, level: str, align: Align) -> None:
        """Print a QR code."""
        self._parts.append(_Code(data, dots, level, align))

    def raster(self, width: int, height: int, bits: bytes, align: Align) -> None:
        """Print a picture strip."""
        self._parts.append(_Raster(width, height, bits, align))

    def feed(self, dots: int) -> None:
        """Move the paper."""
        self._parts.append(_Feed(dots))

    def cut(self, errors: Sequence[str]) -> Slip:
        """End the slip, write its three files and return it."""
        qr = tuple(part.data for part in self._parts if isinstance(part, _Code))
        slip = Slip(self._next, self._lines(), qr, tuple(errors), self.interrupted)
        base = self.out_dir / f"{slip.n:03}"
        if self.pictures:
            base.with_suffix(".png").write_bytes(self._draw())
        base.with_suffix(".txt").write_text("\n".join(slip.text) + "\n", encoding="utf-8")
        draft = base.with_suffix(".part")
        draft.write_text(json.dumps(asdict(slip), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(draft, base.with_suffix(".json"))
        self.slips.append(slip)
        self._parts, self.interrupted, self._next = [], False, self._next + 1
        return slip

    def _lines(self) -> tuple[str, ...]:
        lines = []
        for part in self._parts:
            if isinstance(part, _Text):
                text = "".join(cell.char for cell in part.cells).rstrip()
                place = {"left": str.ljust, "center": str.center, "right": str.rjust}[part.align]
                lines.append(place(text, self.columns).rstrip())
            elif isinstance(part, _Code):
                lines.append(f"[QR] {part.data}")
        return tuple(lines)

    def _draw(self) -> bytes:
        canvas = Canvas(self.columns)
        for part in self._parts:
            match part:
                case _Text(cells, align):
                    canvas.text(cells, align)
                case _Code(data, dots, level, align):
                    canvas.qr(data, dots, level, align)
                case _Raster(width, height, bits, align):
                    canvas.raster(width, height, bits, align)
                case _Feed(dots):
                    canvas.feed(dots)
        canvas.feed(LINE_H)
        return canvas.png()
