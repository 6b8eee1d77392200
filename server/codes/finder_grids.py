"""Tables of a page: rows, spans and headers, from table markup, ARIA roles, or like rows of blocks.

Built while the page is walked; read only once the whole flow is there.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, Protocol

from server.codes.finder_columns import TextCell, TextTables, groups_in
from server.codes.finder_flow import Span
from server.codes.finder_labels import HeaderKind, header_kind
from server.codes.finder_rules import rules

MAX_COLUMNS: Final = 256
_MAX_LIKE: Final = 40
_MAX_HEADER: Final = 400
_REACH_UP: Final = 3
_MAX_DEPTH: Final = 64
_PATIENCE: Final = 20_000
"""How many blocks may be looked at for rows, beside twenty for each there is."""
_CODED: Final = frozenset({"carc", "rarc", "both", "group"})
_STRUCTURE: Final = frozenset({"html", "head", "body", "thead", "tbody", "tfoot", "colgroup"})
_LABELS: Final = ("data-label", "data-th", "data-title", "data-header", "data-column")


class Element(Protocol):
    """What is asked of an element: its attributes."""

    def get(self, key: str) -> str | None: ...


class HtmlCell:
    """A cell of a page's table, in flow offsets."""

    __slots__ = (
        "_grids",
        "across",
        "column",
        "down",
        "end",
        "head",
        "headed",
        "kind",
        "label",
        "parent",
        "row",
        "start",
    )

    def __init__(self, grids: Grids, start: int, end: int) -> None:
        self._grids = grids
        self.start, self.end = start, end
        self.head = False
        self.across = self.down = 1
        self.label = ""
        self.kind: HeaderKind | None = None
        self.headed = False
        self.row: list[HtmlCell] = []
        self.column = 0
        self.parent = -1

    @property
    def text(self) -> str:
        return self._grids.text[self.start : self.end].strip()

    def groups(self) -> list[Span]:
        columns = [
            column
            for column, cell in enumerate(self.row)
            if cell.kind == "group" and cell is not self
        ]
        if columns:
            left = [column for column in columns if column < self.column]
            cell = self.row[left[-1] if left else columns[0]]
        elif self.column and self.row[self.column - 1].kind in (None, "carc", "both", "code"):
            cell = self.row[self.column - 1]
        else:
            return []
        return groups_in(self._grids.text, cell.start, cell.end)


class _Frame:
    """An element while its content is read, and after."""

    __slots__ = ("cell", "end", "kids", "opened", "parent", "plain", "start")

    def __init__(self, parent: _Frame | None, start: int, plain: bool) -> None:
        self.parent = parent
        self.start = self.end = start
        self.plain = plain
        """Neither table, row nor cell: may turn out to be a row of blocks."""
        self.kids: list[Span] = []
        self.opened: _Table | None = None
        self.cell: HtmlCell | None = None


class _Table:
    __slots__ = ("row_open", "rows")

    def __init__(self) -> None:
        self.rows: list[list[HtmlCell]] = []
        self.row_open = False


class Grids:
    """The tables of one page."""

    def __init__(self) -> None:
        self.text = ""
        self._frames: list[_Frame] = []
        self._open: list[_Table] = []
        self._tables: list[_Table] = []
        self._like: list[_Frame] = []
        self._cells: list[HtmlCell] = []
        self._starts: list[int] = []
        self._patience = 0
        self._typed: TextTables | None = None
        """Columns typed into `pre` and the like."""

    def in_row(self) -> bool:
        return bool(self._open) and self._open[-1].row_open

    def in_row_with_cells(self) -> bool:
        return self.in_row() and bool(self._open[-1].rows[-1])

    def open(self, node: Element, tag: str, role: str, at: int) -> None:
        """An element begins at flow offset `at`."""
        plain = not role and tag not in _STRUCTURE
        frame = _Frame(self._frames[-1] if self._frames else None, at, plain)
        self._frames.append(frame)
        if role == "table" or (role in ("row", "cell", "head") and not self._open):
            frame.opened = _Table()
            self._open.append(frame.opened)
        if role == "row":
            self._open[-1].rows.append([])
            self._open[-1].row_open = True
        elif role in ("cell", "head"):
            table = self._open[-1]
            if not table.row_open:
                # Cells without a row around them are one row.
                table.rows.append([])
                table.row_open = True
            frame.cell = self._cell(node, role, at)
            table.rows[-1].append(frame.cell)

    def _cell(self, node: Element, role: str, at: int) -> HtmlCell:
        cell = HtmlCell(self, at, at)
        cell.head = role == "head"
        cell.across = _number(node.get("colspan") or node.get("aria-colspan"), MAX_COLUMNS)
        cell.down = _number(node.get("rowspan") or node.get("aria-rowspan"), 10_000)
        cell.label = next((held for name in _LABELS if (held := node.get(name))), "")
        return cell

    def close_element(self, role: str, at: int) -> None:
        """The innermost open element ends at flow offset `at`."""
        frame = self._frames.pop()
        frame.end = at
        if frame.cell:
            frame.cell.end = at
        if role == "row" and self._open:
            self._open[-1].row_open = False
        if frame.opened:
            self._tables.append(self._open.pop())
        if frame.parent and len(frame.parent.kids) <= _MAX_LIKE:
            frame.parent.kids.append((frame.start, at))
        if frame.plain and 2 <= len(frame.kids) <= _MAX_LIKE:
            self._like.append(frame)

    def close(self, text: str, typed: bool) -> None:
        """The flow is whole: lay the tables out and read their headers.

        `typed`: some of it was written with its own line ends and columns; a pipe makes columns
        anywhere.
        """
        self.text = text
        self._typed = TextTables(text) if typed or "|" in text else None
        for table in self._tables:
            self._lay_out(table.rows)
        self._tables = []
        self._like_rows()
        self._like = self._frames = []
        self._cells.sort(key=lambda cell: (cell.start, -cell.end))
        self._starts = [cell.start for cell in self._cells]
        open_: list[int] = []
        for index, cell in enumerate(self._cells):
            while open_ and self._cells[open_[-1]].end < cell.end:
                open_.pop()
            cell.parent = open_[-1] if open_ else -1
            open_.append(index)

    def kind(self, at: int) -> HeaderKind | None:
        cell = self.cell(at)
        return cell.kind if cell else None

    def heads(self, at: int) -> bool:
        cell = self.cell(at)
        if isinstance(cell, HtmlCell):
            return _is_header(list(dict.fromkeys(cell.row)))
        return self._typed is not None and self._typed.heads(at)

    def cell(self, at: int) -> HtmlCell | TextCell | None:
        index = bisect_right(self._starts, at) - 1
        for _ in range(_MAX_DEPTH):
            if index < 0:
                break
            cell = self._cells[index]
            if at < cell.end:
                return cell
            index = cell.parent
        return self._typed.cell(at) if self._typed else None

    def _lay_out(self, rows: list[list[HtmlCell]]) -> None:
        grid: list[list[HtmlCell]] = []
        pending: dict[int, tuple[int, HtmlCell]] = {}
        for row in rows:
            laid: list[HtmlCell] = []
            cells = list(reversed(row))
            while cells or len(laid) in pending:
                if len(laid) >= MAX_COLUMNS:
                    break
                if len(laid) in pending:
                    left, cell = pending.pop(len(laid))
                    if left > 1:
                        pending[len(laid)] = (left - 1, cell)
                    laid.append(cell)
                    continue
                cell = cells.pop()
                cell.row, cell.column = laid, len(laid)
                for _ in range(cell.across):
                    if cell.down > 1:
                        pending[len(laid)] = (cell.down - 1, cell)
                    laid.append(cell)
                self._cells.append(cell)
            grid.append(laid)
        self._head(grid)

    def _head(self, grid: list[list[HtmlCell]]) -> None:
        """Give every cell the kind its column's header says, row by row."""
        kinds: list[HeaderKind | None] = []
        above: list[str] = []
        for row in grid:
            distinct = list(dict.fromkeys(row))
            if _is_header(distinct):
                if len(distinct) == 1 and kinds:
                    continue
                texts = [cell.text for cell in row]
                kinds = [_column_kind(text, above, at) for at, text in enumerate(texts)]
                above = texts
                continue
            above = []
            for cell in distinct:
                at = cell.column
                if not cell.head or any(kinds):
                    cell.headed = any(kinds)
                if cell.kind is None:
                    cell.kind = kinds[at] if at < len(kinds) else None
                if cell.kind is None and cell.label:
                    cell.kind = header_kind(cell.label)

    def _like_rows(self) -> None:
        """Rows of blocks, all of as many parts, below one that reads like a header."""
        self._like.sort(key=lambda frame: (frame.start, -frame.end))
        heads: dict[int, bool] = {}
        self._patience = _PATIENCE + 20 * len(self._like)
        stems = rules().stems["header_stems"]
        for index, frame in enumerate(self._like):
            short = frame.end - frame.start <= _MAX_HEADER
            if not short:
                continue
            words = self.text[frame.start : frame.end].lower()
            if stems.search(words):
                cells = [HtmlCell(self, *kid) for kid in frame.kids]
                heads[index] = _is_header(cells)
        for index in [index for index, head in heads.items() if head]:
            rows = self._below(index, heads)
            if rows:
                head = [HtmlCell(self, *kid) for kid in self._like[index].kids]
                self._lay_out([head, *([HtmlCell(self, *kid) for kid in row.kids] for row in rows)])

    def _below(self, index: int, heads: dict[int, bool]) -> list[_Frame]:
        head = self._like[index]
        scope = head.parent
        for _ in range(_REACH_UP):
            if scope is None:
                break
            rows: list[_Frame] = []
            for at in range(index + 1, len(self._like)):
                frame = self._like[at]
                self._patience -= 1
                if frame.start >= scope.end or self._patience < 0:
                    break
                if frame.start < head.end or len(frame.kids) != len(head.kids):
                    continue
                if heads.get(at):
                    break
                if not rows or frame.start >= rows[-1].end:
                    rows.append(frame)
            if rows:
                return rows
            scope = scope.parent
        return []


def _column_kind(text: str, above: list[str], at: int) -> HeaderKind | None:
    """A column's kind by its own header, else with what stands over it."""
    kind = header_kind(text)
    if kind in (None, "code") and at < len(above) and above[at] != text:
        return header_kind(f"{above[at]} {text}") or kind
    return kind


def _is_header(cells: list[HtmlCell]) -> bool:
    """Whether a row heads columns: header cells only, or words of which some head codes."""
    filled = [(cell, text) for cell in cells if (text := cell.text)]
    if not filled or any(text in rules().groups for _, text in filled):
        return False
    if sum(len(text) for _, text in filled) > _MAX_HEADER * 4:
        return False
    if all(cell.head for cell, _ in filled):
        return True
    kinds = [header_kind(text) for _, text in filled]
    told = [kind for kind in kinds if kind]
    if len(filled) < 2 or not told or (_CODED.isdisjoint(told) and len(told) < 2):
        return False
    return not any(
        kind is None and any(sign.isdigit() for sign in text)
        for kind, (_, text) in zip(kinds, filled, strict=True)
    )


def _number(text: str | None, most: int) -> int:
    """A span's count: at least 1; 0 (down to the end) and nonsense are the most or 1."""
    if not text or not text.strip().isdigit():
        return 1
    count = int(text.strip()[:6])
    return most if count == 0 else min(count, most)
