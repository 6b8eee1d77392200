"""A letter-size page drawn with the PDF's own fonts: headings, tables, wrapped text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from server.packets.words import latin

MARGIN = 16
GREY = (74, 82, 96)
BLACK = (26, 29, 33)
RULE = (201, 206, 214)
GREEN = (231, 244, 234)
AMBER = (255, 246, 232)

Align = Literal["L", "R"]


class Sheet:
    """One document; millimetres, letter size."""

    def __init__(self, title: str, as_of: date) -> None:
        self.pdf = FPDF(unit="mm", format="letter")
        # The same packet gives the same bytes: no clock stands in the file.
        self.pdf.set_creation_date(datetime.combine(as_of, time(), UTC))
        self.pdf.set_title(latin(title))
        self.pdf.set_margins(MARGIN, 14, MARGIN)
        self.pdf.set_auto_page_break(True, margin=14)
        self.pdf.add_page()

    @property
    def width(self) -> float:
        return float(self.pdf.epw)

    @property
    def pages(self) -> int:
        return int(self.pdf.pages_count)

    def heading(self, text: str, size: float = 17) -> None:
        self.pdf.set_text_color(*BLACK)
        self.pdf.set_font("Helvetica", "B", size)
        self._cell(text, size * 0.5)

    def section(self, text: str) -> None:
        self.pdf.ln(3)
        self.heading(text, 11)
        y = self.pdf.get_y() + 0.8
        self.pdf.set_draw_color(*RULE)
        self.pdf.line(MARGIN, y, MARGIN + self.width, y)
        self.pdf.ln(2.2)

    def text(self, text: str, *, size: float = 10, grey: bool = False, bold: bool = False) -> None:
        self.pdf.set_text_color(*(GREY if grey else BLACK))
        self.pdf.set_font("Helvetica", "B" if bold else "", size)
        self._cell(text, size * 0.48)

    def gap(self, height: float = 2) -> None:
        self.pdf.ln(height)

    def notice(self, text: str) -> None:
        self.pdf.set_font("Helvetica", "", 10)
        self.pdf.set_text_color(*BLACK)
        self.pdf.set_fill_color(*AMBER)
        self.pdf.multi_cell(
            self.width, 5.4, latin(text), fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT, padding=1
        )
        self.pdf.ln(1.5)

    def boxes(self, found: Sequence[tuple[str, str]]) -> None:
        """Labelled figures in one row."""
        width = self.width / len(found)
        top = self.pdf.get_y() + 1
        self.pdf.set_draw_color(*RULE)
        for place, (label, value) in enumerate(found):
            x = MARGIN + place * width
            self.pdf.rect(x, top, width - 2.5, 13, style="D", round_corners=True, corner_radius=1.5)
            self.pdf.set_xy(x + 2.5, top + 1.6)
            self.pdf.set_font("Helvetica", "", 8)
            self.pdf.set_text_color(*GREY)
            self.pdf.cell(width - 6, 3.6, latin(label))
            self.pdf.set_xy(x + 2.5, top + 5.6)
            self.pdf.set_font("Helvetica", "B", 12)
            self.pdf.set_text_color(*BLACK)
            self.pdf.cell(width - 6, 6, latin(value))
        self.pdf.set_xy(MARGIN, top + 15.5)

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        right: Sequence[int] = (),
        bold: Sequence[int] = (),
        filled: Sequence[int] = (),
        size: float = 9,
    ) -> None:
        """A table over the page's width; `widths` are shares, `right` columns, the rest rows."""
        total = sum(widths)
        columns = [self.width * one / total for one in widths]
        if header:
            self.pdf.set_text_color(*GREY)
            self._row(header, columns, right, "B", size - 1, fill=False)
        self.pdf.set_text_color(*BLACK)
        self.pdf.set_fill_color(*GREEN)
        for place, row in enumerate(rows):
            style = "B" if place in bold else ""
            self._row(row, columns, right, style, size, fill=place in filled)

    def _row(
        self,
        cells: Sequence[str],
        columns: Sequence[float],
        right: Sequence[int],
        style: str,
        size: float,
        *,
        fill: bool,
    ) -> None:
        self.pdf.set_font("Helvetica", style, size)
        height = size * 0.46
        tall = 1 + max(
            self._height(cell, width - 2, height)
            for cell, width in zip(cells, columns, strict=True)
        )
        if self.pdf.will_page_break(tall):
            self.pdf.add_page()
        x, y = float(MARGIN), self.pdf.get_y()
        if fill:
            self.pdf.rect(x, y - 0.3, self.width, tall, style="F")
        for place, (cell, width) in enumerate(zip(cells, columns, strict=True)):
            self.pdf.set_xy(x, y)
            align: Align = "R" if place in right else "L"
            self.pdf.multi_cell(width - 2, height, latin(cell), align=align)
            x += width
        self.pdf.set_xy(MARGIN, y + tall)

    def _height(self, text: str, width: float, line: float) -> float:
        found = self.pdf.multi_cell(
            width, line, latin(text), dry_run=True, output=MethodReturnValue.HEIGHT, align="L"
        )
        return float(found) if isinstance(found, int | float) else line

    def _cell(self, text: str, height: float) -> None:
        self.pdf.multi_cell(
            self.width, height, latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
        )

    def done(self) -> bytes:
        """The document."""
        return bytes(self.pdf.output())
