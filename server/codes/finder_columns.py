"""Columns in plain text: tabs, pipes, commas, or two and more spaces under a header line."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from server.codes.finder_flow import Span
from server.codes.finder_labels import HeaderKind, header_kind
from server.codes.finder_rules import rules

_CODED = frozenset({"carc", "rarc", "both", "group"})
_TOKEN = re.compile(r"[^ \t\n|,;\u00a0]+")
_COMMAS = re.compile(r"[^, \n][^,\n]*(?:,[^, \n][^,\n]*|,){2,}")
_MAX_HEADER = 600
_WIDE = "  "


@dataclass(frozen=True, slots=True)
class _Header:
    """A header line: how it is cut, and what each column holds."""

    line: int
    mark: str
    """The delimiter; two spaces where columns are aligned by position."""
    kinds: tuple[HeaderKind | None, ...]
    spans: tuple[Span, ...]
    """Of each header cell, within its line."""


class TextCell:
    """A cell of a plain text row."""

    __slots__ = ("_header", "_index", "_line", "_line_end", "_tables", "end", "start")

    def __init__(
        self,
        tables: TextTables,
        header: _Header | None,
        line: Span,
        span: Span,
        index: int,
    ) -> None:
        self._tables = tables
        self._header = header
        self._line, self._line_end = line
        self.start, self.end = span
        self._index = index

    @property
    def headed(self) -> bool:
        return self._header is not None

    @property
    def kind(self) -> HeaderKind | None:
        header = self._header
        if header is None or self._index >= len(header.kinds):
            return None
        kind = header.kinds[self._index]
        return "carc" if kind == "code" and "group" in header.kinds else kind

    def groups(self) -> list[Span]:
        header = self._header
        text = self._tables.text
        if header is not None and "group" in header.kinds:
            column = _nearest(header.kinds, self._index)
            if header.mark == _WIDE:
                return self._aligned(header.spans[column])
            cells = self._tables.split(self._line, self._line_end, header.mark)
            return groups_in(text, *cells[column]) if column < len(cells) else []
        left = text.rfind("\t", self._line, self.start - 1)
        left = max(left, text.rfind("|", self._line, self.start - 1), self._line - 1) + 1
        if header is not None:
            kinds = header.kinds
            at = self._index - 1
            if 0 <= at < len(kinds) and kinds[at] not in (None, "carc", "both", "code"):
                return []
        return groups_in(text, left, self.start - 1) if self.start > self._line else []

    def _aligned(self, column: Span) -> list[Span]:
        """The group codes that stand under a header cell of position-aligned columns."""
        text = self._tables.text
        found: list[Span] = []
        for token in _TOKEN.finditer(text, self._line, self._line_end):
            start, end = token.start() - self._line, token.end() - self._line
            if start < column[1] + 2 and end > column[0] - 2:
                found += groups_in(text, *token.span())
        return found[:1]


class TextTables:
    """Finds the cell an offset of plain text stands in, block by block and only where asked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.possible = "\t" in text or "|" in text or _WIDE in text or "," in text
        self._block = (0, 0)
        self._headers: list[_Header] = []
        self._lines: list[int] = []
        self._line = (0, -1)

    def cell(self, at: int) -> TextCell | None:
        if not self.possible:
            return None
        text = self.text
        if not self._line[0] <= at <= self._line[1]:
            start = text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            self._line = (start, len(text) if end < 0 else end)
        start, end = self._line
        header = self._header(at)
        if header is not None and header.mark == _WIDE:
            return self._by_position(header, at)
        mark = header.mark if header else _mark(text, start, end)
        if not mark or (mark == "," and header is None):
            return None
        left = text.rfind(mark, start, at)
        right = text.find(mark, at, end)
        if left < 0 and right < 0:
            return None
        span = (left + 1 if left >= 0 else start, right if right >= 0 else end)
        index = text.count(mark, start, span[0])
        return TextCell(self, header, (start, end), span, index)

    def split(self, start: int, end: int, mark: str) -> list[Span]:
        """The cells of a line."""
        spans: list[Span] = []
        at = start
        for part in self.text[start:end].split(mark):
            spans.append((at, at + len(part)))
            at += len(part) + 1
        return spans

    def _by_position(self, header: _Header, at: int) -> TextCell | None:
        start, end = self._line
        text = self.text
        token_end = at
        while token_end < end and text[token_end] not in " \t\u00a0":
            token_end += 1
        # Aligned values stand apart; a word of a sentence below the table does not.
        if text[start:at].strip() and text[at - 2 : at].strip():
            return None
        if text[token_end : min(token_end + 2, end)].strip() and text[token_end - 1] not in ",;/":
            return None
        near = [
            (max(low - (token_end - start), at - start - high, 0), index)
            for index, (low, high) in enumerate(header.spans)
        ]
        distance, index = min(near)
        if distance > 2:
            return None
        return TextCell(self, header, (start, end), (at, token_end), index)

    def _header(self, at: int) -> _Header | None:
        """The header in force for the line that holds `at`."""
        if not self._block[0] <= at < self._block[1]:
            self._read_block(at)
        index = bisect_right(self._lines, self._line[0]) - 1
        if index < 0:
            return None
        header = self._headers[index]
        # A header heads the lines below it, not its own.
        if header.line == self._line[0]:
            return self._headers[index - 1] if index else None
        return header

    def _read_block(self, at: int) -> None:
        """Find the header lines of the stretch between blank lines that holds `at`.

        A blank line, or one of dashes, between header and rows does not part them: the last
        header of a block that ends with it stays in force.
        """
        text = self.text
        start = text.rfind("\n\n", 0, at)
        start = 0 if start < 0 else start + 2
        end = text.find("\n\n", at)
        end = len(text) if end < 0 else end + 2
        carried = self._carried(start)
        self._block = (start, max(end, at + 1))
        self._headers = [carried] if carried else []
        cue = rules().pattern["header_cue"]
        line = start
        while line < end:
            stop = text.find("\n", line, end)
            stop = end if stop < 0 else stop
            if stop - line <= _MAX_HEADER and cue.search(text, line, stop):
                header = _read_header(text, line, stop)
                if header:
                    self._headers.append(header)
            line = stop + 1
        self._lines = [header.line for header in self._headers]

    def _carried(self, start: int) -> _Header | None:
        """A header that is the last line above the blank line before `start`."""
        text = self.text
        end = start
        while end > 0 and text[end - 1] in "\n -=_+|":
            end -= 1
            if start - end > _MAX_HEADER:
                return None
        line = text.rfind("\n", 0, end) + 1
        stop = text.find("\n", line)
        if end == 0 or stop - line > _MAX_HEADER or stop < 0:
            return None
        return _read_header(text, line, stop)


def _mark(text: str, start: int, end: int) -> str:
    return next((mark for mark in "\t|" if text.find(mark, start, end) >= 0), "")


def _read_header(text: str, start: int, end: int) -> _Header | None:
    """The header a line is, or None: its cells are words, and one at least heads codes."""
    line = text[start:end].rstrip()
    mark = _mark(line, 0, len(line))
    if not mark and _COMMAS.fullmatch(line) and ", " not in line:
        mark = ","
    spans: list[Span] = []
    if mark:
        at = 0
        for part in line.split(mark):
            spans.append((at, at + len(part)))
            at += len(part) + 1
    else:
        mark, at = _WIDE, 0
        for gap in rules().pattern["columns"].finditer(line + _WIDE):
            if gap.start() > at:
                spans.append((at, gap.start()))
            at = gap.end()
    if len(spans) < 2:
        return None
    kinds = tuple(header_kind(line[low:high].strip(' "*')) for low, high in spans)
    told = [kind for kind in kinds if kind]
    if not told or (_CODED.isdisjoint(told) and len(told) < 2):
        return None
    groups = rules().groups
    for (low, high), kind in zip(spans, kinds, strict=True):
        cell = line[low:high].strip()
        # A row of values may hold a label too; what has digits or a group in it heads nothing.
        if cell in groups or (not kind and any(sign.isdigit() for sign in cell)):
            return None
    return _Header(start, mark, kinds, tuple(spans))


def _nearest(kinds: tuple[HeaderKind | None, ...], index: int) -> int:
    """The group column a value of column `index` belongs to: the next to the left, else right."""
    for column in range(min(index, len(kinds)) - 1, -1, -1):
        if kinds[column] == "group":
            return column
    return kinds.index("group")


def groups_in(text: str, start: int, end: int) -> list[Span]:
    """The group codes a cell consists of; none where it holds anything else."""
    if end - start > _MAX_HEADER:
        return []
    found: list[Span] = []
    for token in _TOKEN.finditer(text, start, end):
        low, high = token.span()
        while low < high and text[low] in "\"'([":
            low += 1
        while high > low and text[high - 1] in "\"')]:-*":
            high -= 1
        if text[low:high].upper() not in rules().groups:
            return []
        found.append((low, high))
    return found
