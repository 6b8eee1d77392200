"""Numbers that bear no group of their own: in a cell, under a group, after a label, in a list."""

from __future__ import annotations

from typing import Final

from server.codes.finder_flow import Cell, Span
from server.codes.finder_labels import Label
from server.codes.finder_runs import GAP_REACH, Found, Runs

MAX_LINE: Final = 200
"""Longest line that may be a label, a group or an entry of a list of codes."""


class Values(Runs):
    """What a number is by its cell, its label or the list it goes on."""

    def _code(self, s: int, i: int, j: int) -> str:
        """The CARC a number is: `045` is 45, `b15` is B15, a scanned `1O7` is 107."""
        digits = self.text[i:j].replace("O", "0").lstrip("0") or "0"
        return self.text[s:i].upper() + digits

    def _in_cell(self, cell: Cell, s: int, i: int, j: int) -> bool:
        """A number at the start of a cell: its column's header or the cell beside it tells."""
        text = self.text
        kind = cell.kind
        if s - cell.start > GAP_REACH or text[cell.start : s].strip(" \n\u00a0([\"'#*"):
            # Cells of several lines are read on by `_bare`, as a list.
            return False
        if kind not in ("carc", "both", "code", None):
            return True
        sure = kind in ("carc", "both")
        groups = cell.groups()
        if not groups and not sure:
            return False
        # "Code" beside a column of groups.
        sure = sure or (kind == "code" and cell.headed)
        if text[j : min(cell.end, j + 40)].strip() and not self.guard.value(j):
            several = self.rules.pattern["value_list"].match
            if not sure or not several(text[j : cell.end]):
                return False
        carc = self._code(s, i, j)
        known = carc in self.rules.known_carc
        if not known and not (sure and groups):
            return False
        if groups:
            if not sure and s < i:
                return False
            low, high = groups[0]
            group = text[low:high].upper()
            spans = ((low, high), (s, j)) if low < s else ((s, j), (low, high))
            hit = Found(f"{group}-{carc}", "carc", known, spans)
        else:
            hit = Found(carc, "carc", known, ((s, j),))
        self._take(hit, s, j)
        self._run_label = Label("carc", True, True, s, True)
        self._run_asked = True
        self._run_groups = groups[1:] or groups
        return True

    def _stacked(self, s: int, i: int, j: int) -> bool:
        """A number that begins a line: the line above is a group, or the same list goes on."""
        text = self.text
        line = text.rfind("\n", max(0, s - GAP_REACH), s)
        if line < 0:
            return False
        above = text.rfind("\n", max(0, line - MAX_LINE), line) + 1
        carc = self._code(s, i, j)
        if carc not in self.rules.known_carc:
            return False
        over = text[above:line] if line - above < MAX_LINE else ""
        if over.strip() in self.rules.groups and self.guard.alone(s, j):
            begin = text.rfind("\n", max(0, above - MAX_LINE), max(above - 1, 0)) + 1
            if self.guard.state_line(text[begin : max(above - 1, begin)]):
                return False
            low = above + len(over) - len(over.lstrip())
            group = text[low : low + 2]
            hit = Found(f"{group}-{carc}", "carc", True, ((low, low + 2), (s, j)))
            self._take(hit, s, j)
            return True
        if above == self._column_line and self.guard.value(j):
            self._take(Found(carc, "carc", True, ((s, j),)), s, j)
            self._column_line = line + 1
            return True
        return False

    def _bare(self, s: int, i: int, j: int) -> None:
        """A number without a group: a label before it, or a list that a label began."""
        text = self.text
        firm = loose = False
        if s - self._run_end <= GAP_REACH:
            gap = text[self._run_end : s]
            if self.rules.pattern["list_gap"].match(gap):
                firm = bool(self.rules.pattern["list_gap_firm"].search(gap))
                loose = not firm
        label = self._run_of() if firm or loose else None
        if label is None or label.kind == "rarc" or (loose and not label.plural):
            firm = loose = False
            label = self._quick_label(s)
        carc = self._code(s, i, j)
        known = carc in self.rules.known_carc
        if known and self._inherited(carc, s, j):
            return
        if label is None or label.kind == "rarc":
            return
        if label.kind == "code" and not self.guard.group_left(label.start):
            return
        first = not (firm or loose)
        if not known and not (first and label.sure and label.kind == "carc"):
            return
        group = self._paired(label, j, first)
        if not self.guard.labelled(s, j, label, first, group is not None) or "O" in text[i:j]:
            return
        cell = self._cell(s)
        if cell is not None and cell.kind not in (None, "carc", "both", "code"):
            return
        tables = self.flow.tables
        if j - s == 1 and ":" not in text[s - 3 : s] and tables is not None and tables.heads(s):
            # "Reason code 2" heads a column.
            return
        groups = self._run_groups if not first else []
        if groups:
            group = groups[0]
        if group:
            name = text[group[0] : group[1]].upper().replace("0", "O")
            spans = (group, (s, j)) if group[0] < s else ((s, j), group)
            hit = Found(f"{name}-{carc}", "carc", known, spans)
        else:
            hit = Found(carc, "carc", known, ((s, j),))
        if first and label.crosses:
            line = text.rfind("\n", max(0, s - GAP_REACH), s) + 1
            if line and not text[line:s].strip():
                self._column_line = line
        kept = (self._run_start, self._run_label) if not first else (s, label)
        self._take(hit, s, j)
        self._run_start, self._run_label = kept
        self._run_asked = True
        self._run_groups = groups[1:] or groups

    def _inherited(self, carc: str, s: int, j: int) -> bool:
        """The second number of "CO-16, 45": it bears the first one's group."""
        if not self.hits or not 0 < s - self._run_end <= GAP_REACH:
            return False
        low = self.hits[-1].spans[0][0]
        group = self.text[low : low + 2]
        if group not in self.rules.groups or self.hits[-1].kind != "carc" or self._run_groups:
            return False
        if not self.guard.inherits(group, self.text[self._run_end : s], s, j):
            return False
        self._take(Found(f"{group}-{carc}", "carc", True, ((low, low + 2), (s, j))), s, j)
        return True

    def _paired(self, label: Label, j: int, first: bool) -> Span | None:
        """A group named beside the label: "Group code: CO  Reason code: 107"."""
        found = self.guard.group_left(label.start)
        if found is None and first:
            found = self.guard.group_right(j)
        return found
