"""Columns in plain text: tabs, pipes, commas, or two and more spaces under a header line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from server.codes.finder_flow import Span
from server.codes.finder_labels import HeaderKind, header_kind
from server.codes.finder_rules import rules

_CODED = frozenset({"carc", "rarc", "both", "group"})
TOKEN = re.compile(r"[^ \t\n|,;\u00a0]+")
RULED = " \r\t-=_+|:*"
_MAX_HEADER = 600
_MAX_NAMED = 80
_MAX_ROW = 2000
"""Longest row of columns aligned by position."""
_AROUND = " \n\u00a0\"'(["
VALUE = re.compile(r"[0-9]{3}|[$][0-9]")
_WIDE = "  "


@dataclass(frozen=True, slots=True)
class _Header:
    """A header line: how it is cut, and what each column holds."""

    mark: str
    """The delimiter; two spaces where columns are aligned by position."""
    kinds: tuple[HeaderKind | None, ...]
    spans: tuple[Span, ...]
    """Of each header cell, within its line."""
    group: tuple[int, ...]
    """For each column the group column its values belong to; -1 where there is none."""
    bare: tuple[bool, ...]
    """For each column whether the one to its left may hold a group without saying so."""


class TextCell:
    """A cell of a plain text row."""

    __slots__ = ("_index", "_line", "end", "headed", "kind", "start")

    def __init__(self, line: _Line, span: Span, index: int) -> None:
        header = line.header
        self._line = line
        self._index = index
        self.start, self.end = span
        self.headed = header is not None
        self.kind = header.kinds[index] if header and index < len(header.kinds) else None

    def groups(self) -> list[Span]:
        line, index = self._line, self._index
        header = line.header
        if header is not None and "group" in header.kinds:
            column = header.group[min(index, len(header.group) - 1)]
            if header.mark == _WIDE:
                return line.aligned(header.spans[column])
            return groups_in(line.text, *line.cells[column]) if column < len(line.cells) else []
        if header is not None and header.mark == _WIDE:
            return []
        if not index:
            return []
        kinds = header.kinds if header else ()
        if index <= len(kinds) and kinds[index - 1] not in (None, "carc", "both", "code"):
            return []
        low = line.text.rfind(line.mark, line.start, self.start - 1) + 1 or line.start
        return groups_in(line.text, low, self.start - 1)


class _Line:
    """A line, cut into cells when first asked for one."""

    __slots__ = ("_cells", "end", "header", "mark", "start", "text")

    def __init__(self, text: str, start: int, end: int, mark: str, header: _Header | None) -> None:
        self.text = text
        self.start, self.end = start, end
        self.mark = mark
        self.header = header
        self._cells: list[Span] | None = None

    @property
    def cells(self) -> list[Span]:
        if self._cells is None:
            self._cells = []
            at = self.start
            for part in self.text[self.start : self.end].split(self.mark):
                self._cells.append((at, at + len(part)))
                at += len(part) + 1
        return self._cells

    def cell(self, at: int) -> TextCell | None:
        if not self.mark:
            return None
        if self.mark == _WIDE:
            return self._by_position(at)
        cells = self.cells
        if len(cells) < 2:
            return None
        index = bisect_right(cells, (at, self.end + 1)) - 1
        return TextCell(self, cells[index], index)

    def column(self, at: int) -> int:
        """Which cell an offset stands in, from 0."""
        if self.end - self.start <= _MAX_ROW:
            return self.text.count(self.mark, self.start, at)
        return bisect_right(self.cells, (at, self.end + 1)) - 1

    def _by_position(self, at: int) -> TextCell | None:
        text, start, end = self.text, self.start, self.end
        token_end = at
        while token_end < end and text[token_end] not in " \t\u00a0":
            token_end += 1
        # Aligned values stand apart; a word of a sentence below the table does not.
        if text[start:at].strip() and text[at - 2 : at].strip():
            return None
        if text[token_end : min(token_end + 2, end)].strip() and text[token_end - 1] not in ",;/":
            return None
        spans = self.header.spans if self.header else ()
        near = [
            (max(low - (token_end - start), at - start - high, 0), index)
            for index, (low, high) in enumerate(spans)
        ]
        distance, index = min(near)
        return TextCell(self, (at, token_end), index) if distance <= 2 else None

    def aligned(self, column: Span) -> list[Span]:
        """The group codes that stand under a header cell of position-aligned columns."""
        found: list[Span] = []
        for token in TOKEN.finditer(self.text, self.start, self.end):
            low, high = token.start() - self.start, token.end() - self.start
            if low < column[1] + 2 and high > column[0] - 2:
                found += groups_in(self.text, *token.span())
        return found[:1]


class TextTables:
    """Finds the cell an offset of plain text stands in, line by line and only where asked.

    Offsets come in rising order, so each line is looked at once however many ask.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._line = _Line(text, 0, -1, "", None)
        self._read = 0
        """Up to here headers have been looked for ..."""
        self._last: _Header | None = None
        """... and this one is in force there, for lines cut by its mark."""
        self._last_mark = ""

    def line(self, at: int) -> _Line:
        """The line that holds the offset, with the header in force for it."""
        line = self._line
        return line if line.start <= at <= line.end else self._enter(at)

    def cell(self, at: int) -> TextCell | None:
        line = self._line
        if not line.start <= at <= line.end:
            line = self._enter(at)
        return line.cell(at) if line.mark else None

    def _enter(self, at: int) -> _Line:
        start = self.text.rfind("\n", 0, at) + 1
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        mark = cut_by(self.text, start, end)
        header = self._header(start, end, mark) if mark else None
        if header is None and mark not in ("\t", "|"):
            mark = ""
        if mark == _WIDE and end - start > _MAX_ROW:
            mark = ""
        self._line = _Line(self.text, start, end, mark, header)
        return self._line

    def kind(self, at: int) -> HeaderKind | None:
        """What the column an offset stands in holds, as far as a header says."""
        line = self.line(at)
        header = line.header
        if header is None or not line.mark:
            return None
        if line.mark == _WIDE:
            cell = line.cell(at)
            return cell.kind if cell else None
        index = line.column(at)
        return header.kinds[index] if index < len(header.kinds) else None

    def heads(self, at: int) -> bool:
        """Whether the line of an offset heads columns itself."""
        line = self.line(at)
        words = self.text[line.start : line.end]
        return _may_head(words) and _cut_header(words) is not None

    def value(self, i: int, j: int) -> Span | bool | None:
        """What a number that fills a tabbed cell is: the quick way through tables.

        False: its column holds no codes. A span: it is a CARC and the group stands there. True:
        it is a CARC, and the table has no group column. None: ask further.
        """
        text = self.text
        if text[j : j + 1] not in "\t\n":
            return None
        line = self._line
        if not line.start <= i <= line.end:
            self.cell(i)
            line = self._line
        header = line.header
        if header is None or line.mark != "\t":
            return None
        index = line.column(i)
        if index >= len(header.kinds):
            return None
        kind = header.kinds[index]
        if kind == "carc" or kind == "both":
            column = header.group[index]
            if column < 0:
                return None if header.bare[index] else True
            low = line.start
            for _ in range(column):
                low = text.find("\t", low, line.end) + 1
            span = (low, low + 2)
            held = text[low : low + 2] in rules().groups and text[low + 2 : low + 3] in "\t\n"
            return span if held and low else None
        return None if kind is None or kind == "code" else False

    def _header(self, start: int, end: int, mark: str) -> _Header | None:
        """The header in force for a line: the last one above it among lines cut alike.

        Up to two lines that are blank or ruled may stand between header and rows.
        """
        text = self.text
        above: list[str] = []
        top, idle = start, 0
        header: _Header | None = None
        while top > 0 and idle < 3:
            if top <= self._read:
                header = self._last if self._last_mark == mark else None
                break
            low = text.rfind("\n", 0, top - 1) + 1
            words = text[low : top - 1]
            if cut_by(words, 0, len(words)) == mark:
                above.append(words)
                idle = 0
            elif words.strip(RULED):
                break
            else:
                idle += 1
            top = low
        for words in reversed(above):
            header = (_cut_header(words) if _may_head(words) else None) or header
        self._last = header
        if end - start <= _MAX_HEADER and not VALUE.search(text, start, end):
            own = text[start:end]
            self._last = (_cut_header(own) if _may_head(own) else None) or header
        self._last_mark = mark
        self._read = end + 1
        return header


def cut_by(text: str, start: int, end: int) -> str:
    """What cuts a line into cells: a tab, a pipe, two spaces, a comma; "" for plain words."""
    for mark in ("\t", "|", _WIDE):
        if text.find(mark, start, end) >= 0:
            return mark
    if text.count(",", start, end) > 1 and text.find(", ", start, end) < 0:
        return ","
    return ""


def _may_head(line: str) -> bool:
    """Whether a line that has columns could head them: no amounts, a word that heads some."""
    if len(line) > _MAX_HEADER or VALUE.search(line):
        return False
    return rules().stems["header_stems"].search(line.lower()) is not None


@lru_cache(maxsize=2048)
def _cut_header(text: str) -> _Header | None:
    """The header a line is, or None: its cells are words, and one at least heads codes."""
    line = text.rstrip()
    mark = cut_by(line, 0, len(line))
    spans: list[Span] = []
    if mark != _WIDE:
        at = 0
        for part in line.split(mark) if mark else ():
            spans.append((at, at + len(part)))
            at += len(part) + 1
    else:
        at = 0
        for gap in rules().pattern["columns"].finditer(line + _WIDE):
            if gap.start() > at:
                spans.append((at, gap.start()))
            at = gap.end()
    kinds = [header_kind(line[low:high].strip(' "*')) for low, high in spans]
    told = [kind for kind in kinds if kind]
    if len(spans) < 2 or not told or (_CODED.isdisjoint(told) and len(told) < 2):
        return None
    groups = rules().groups
    for (low, high), kind in zip(spans, kinds, strict=True):
        cell = line[low:high].strip()
        # A row of values may hold a label too; what has digits or a group in it heads nothing.
        if cell in groups or (not kind and any(sign.isdigit() for sign in cell)):
            return None
    columns = range(len(kinds))
    group = tuple(_nearest(kinds, at) if "group" in kinds else -1 for at in columns)
    bare = tuple(at > 0 and kinds[at - 1] in (None, "carc", "both", "code") for at in columns)
    return _Header(mark, tuple(kinds), tuple(spans), group, bare)


def _nearest(kinds: Sequence[HeaderKind | None], index: int) -> int:
    """The group column a value of column `index` belongs to: the next to the left, else right."""
    for column in range(min(index, len(kinds)) - 1, -1, -1):
        if kinds[column] == "group":
            return column
    return kinds.index("group")


def groups_in(text: str, start: int, end: int) -> list[Span]:
    """The group codes a cell consists of; none where it holds anything else."""
    if end - start > _MAX_HEADER:
        return []
    if text[start:end].strip(_AROUND)[:2].upper() not in rules().groups:
        return _named(text, start, end)
    found: list[Span] = []
    for token in TOKEN.finditer(text, start, end):
        low, high = token.span()
        while low < high and text[low] in "\"'([":
            low += 1
        while high > low and text[high - 1] in "\"')]:-*":
            high -= 1
        if text[low:high].upper() not in rules().groups:
            return _named(text, start, end)
        found.append((low, high))
    return found


def _named(text: str, start: int, end: int) -> list[Span]:
    """The group of a cell that says its name as well: "CO - Contractual Obligations"."""
    if end - start > _MAX_NAMED:
        return []
    found = rules().pattern["group_named"].match(text[start:end].strip("\r\n "))
    if found is None:
        return []
    shift = start + len(text[start:end]) - len(text[start:end].lstrip("\r\n "))
    low, high = found.span(1 if found[1] else 2)
    return [(shift + low, shift + high)]
