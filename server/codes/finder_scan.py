"""The scan: every short number of a flow, and what its surroundings make of it.

One compiled pattern finds the numbers; only there is anything else looked at, and never further
than a fixed reach, so time grows with the text and nothing else.
"""

from __future__ import annotations

from typing import Final

from server.codes.finder_columns import TextTables
from server.codes.finder_flow import Cell, Span
from server.codes.finder_labels import HeaderKind, key_kind
from server.codes.finder_runs import GAP_REACH, Found, Kind
from server.codes.finder_values import MAX_LINE, Values

_LETTERED: Final = frozenset("ABDPWYabdpwy")
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_NEAR: Final = 60
_OTHER_KEYS: Final[frozenset[HeaderKind | None]] = frozenset(
    {"identity", "diagnosis", "modifier", "state"}
)


class Scan(Values):
    """One pass over one flow."""

    def run(self) -> list[Found]:
        text = self.text
        word, tails, spellings = _WORD, self.rules.tails, self.rules.spellings
        tables = self.flow.tables
        tabbed = tables.value if isinstance(tables, TextTables) else None
        for match in self.rules.pattern["number"].finditer(text):
            i, j = match.span()
            form = match.lastindex
            if form and self._usual(form, i, j):
                continue
            before = text[i - 1] if i else "\n"
            if before == " ":
                two = text[i - 3 : i - 1]
                if two.isalpha() and two != "MA":
                    # Most numbers of a text come after a word that announces no code.
                    far = i - self._run_end > GAP_REACH
                    if far and two.lower() not in tails and two.upper() not in spellings:
                        continue
                elif two[-1:] in "NMA" and self._apart(i, j):
                    continue
            elif tabbed is not None and (before == "\t" or before == "\n"):
                held = tabbed(i, j)
                if held is False or (held and self._tabbed(held, i, j)):
                    continue
            if before not in word:
                if before == "-" and text[i - 2] in "NMA" and self._apart(i, j):
                    continue
                if not self._dismissed(i, before):
                    self._number(i, i, j)
            else:
                self._lettered(before, i, j)
        return self.hits

    def _lettered(self, before: str, i: int, j: int) -> None:
        """A number with a letter right before it."""
        text = self.text
        if before in "MNmnAa" and self._remark(i, j):
            return
        if before in "OoRrAaIi" and self._glued(i, i, j):
            return
        if before == "_" or (before in "Cc" and text[max(0, i - 4) : i].upper() == "CARC"):
            self._number(i, i, j)
        elif before in _LETTERED:
            k = i - 1
            if (text[k - 1] if k else "\n") not in _WORD:
                self._number(k, i, j)
            else:
                self._glued(k, i, j)

    def _dismissed(self, i: int, before: str) -> bool:
        """Whether what stands before a number announces no code: most numbers of most texts."""
        text = self.text
        if before == "*" or before == "," or i - self._run_end <= GAP_REACH:
            return False
        if before == '"' and text[i - 2 : i - 1] == ",":
            return False
        if before == "\n" or before == "\t":
            tables = self.flow.tables
            if not isinstance(tables, TextTables) or tables.line(i).header is not None:
                return False
            if i - self._column_line <= 2 * MAX_LINE:
                return False
        left = text[max(0, i - GAP_REACH) : i].rstrip(self._dismissing)
        two = left[-2:]
        last = two[-1:]
        if two.upper() in self.rules.spellings or last in ")|" or last == "":
            return False
        if last.isdigit() and not two[:1].isalnum():
            return False
        if two.lower() in self.rules.endings and self._announces(self._tail(left), i):
            return False
        return before != " " or text[i - 2] != " " or self._cell(i) is None

    # --- the usual forms, taken without further questions ------------------------------------

    def _usual(self, form: int, i: int, j: int) -> bool:
        """`CO-107`, `N122` or `MA130` (form 1, 2, 3): the pattern saw to what touches it."""
        text = self.text
        kind: Kind = "rarc"
        if form == 1:
            start, kind = i - 3, "carc"
            known = text[i:j] in self.rules.known_carc
        else:
            start = i - 1 if form == 2 else i - 2
            known = text[start:j] in self.rules.known_rarc
        if not known:
            return False
        before = text[start - 1]
        if before == " " and self.guard.wary(start):
            return False
        if start > self._line_end:
            self._next_line(start)
        if self._line_columns:
            if self._elsewhere(form, start):
                return False
        elif before in "\n\t" and key_kind(text, start) in _OTHER_KEYS:
            return False
        doubt = self._roads if form == 1 else self._diagnoses
        if doubt is None:
            doubt = self._doubtful(form)
        if (doubt or (form == 2 and not self.guard.lone(start, j))) and not self._unhindered(
            form, start, j
        ):
            return False
        self._take(Found(text[start:j], kind, True, ((start, j),)), start, j)
        return True

    def _keyed(self, start: int, cell: Cell | None, kind: Kind) -> bool:
        """Whether the line above, or the cell before, names the value as something else."""
        if cell is not None and cell.headed:
            return False
        key = key_kind(self.text, start)
        return key == "identity" or key in (("state",) if kind == "carc" else _OTHER_KEYS)

    def _next_line(self, at: int) -> None:
        """Note whether the line of `at` has columns; what it speaks of is asked when needed."""
        text = self.text
        tables = self.flow.tables
        if isinstance(tables, TextTables):
            line = tables.line(at)
            self._line_start, self._line_end = line.start, line.end
            self._line_columns = line.header is not None
        else:
            self._line_start = text.rfind("\n", 0, at) + 1
            high = text.find("\n", at)
            self._line_end = len(text) if high < 0 else high
            self._line_columns = True
        self._roads = self._diagnoses = None

    def _doubtful(self, form: int) -> bool:
        """Whether the line at hand could speak of roads (form 1) or of diagnoses."""
        line = self.text[self._line_start : self._line_end].lower()
        if form == 1:
            self._roads = self.guard.holds(line, "road_stems")
            return self._roads
        self._diagnoses = self.guard.holds(line, "diagnosis_stems")
        return self._diagnoses

    def _elsewhere(self, form: int, start: int) -> bool:
        """Whether the column a usual form stands in holds something else."""
        tables = self.flow.tables
        if tables is None:
            return False
        kind = tables.kind(start)
        if kind is None and key_kind(self.text, start) in _OTHER_KEYS:
            cell = tables.cell(start)
            return cell is None or not cell.headed
        return kind == "identity" if form == 1 else kind in _OTHER_KEYS

    def _unhindered(self, form: int, start: int, j: int) -> bool:
        """Whether the words around do not say a usual form is something else."""
        if form == 1:
            return not self.guard.road(start, j)
        return self._follows(start) or self.guard.no_diagnosis(start, j)

    def _tabbed(self, held: Span | bool, i: int, j: int) -> bool:
        """A number that fills a cell under a header of reasons."""
        carc = self.text[i:j]
        if carc not in self.rules.known_carc:
            return False
        if isinstance(held, bool):
            self._take(Found(carc, "carc", True, ((i, j),)), i, j)
        else:
            code = f"{self.text[held[0] : held[1]]}-{carc}"
            spans = (held, (i, j)) if held[0] < i else ((i, j), held)
            self._take(Found(code, "carc", True, spans), i, j)
        return True

    # --- remark codes -------------------------------------------------------------------------

    def _remark(self, i: int, j: int) -> bool:
        """A remark code that ends at j: M1, MA01, N122."""
        text = self.text
        start = i - 1
        if text[start] in "Aa":
            start -= 1
            if start < 0 or text[start] not in "Mm":
                return False
        head = text[start:i]
        number = text[i:j]
        if "O" in number or (start and text[start - 1] in _WORD):
            return False
        digits = number.lstrip("0")
        if not digits or (number[0] == "0" and head.upper() != "MA" and len(number) < 3):
            return False
        code = head.upper() + (digits.zfill(2) if len(head) == 2 else digits)
        known = code in self.rules.known_rarc
        place = self._label(start)
        if place is not None and place.kind == "code":
            place = None
        labelled = place is not None and place.kind != "carc"
        cell = None if labelled else self._cell(start)
        if place is None and self._keyed(start, cell, "rarc"):
            return False
        if cell is not None:
            labelled = cell.kind in ("rarc", "both", "carc")
            if place is None and cell.kind in ("diagnosis", "modifier", "identity", "state"):
                return False
        listed = place is not None or self._follows(start)
        upper, beside = head.isupper(), self._beside(start)
        if not self.guard.remark(start, j, upper, labelled, listed, known, beside):
            return False
        self._take(Found(code, "rarc", known, ((start, j),)), start, j)
        return True

    def _beside(self, start: int) -> bool:
        """Whether a code with a group stands shortly before, in the same line and cell."""
        if not self.hits or not 0 <= start - self._run_end <= _NEAR:
            return False
        between = self.text[self._run_end : start]
        return self.hits[-1].kind == "carc" and not any(edge in between for edge in "\n\t|.")

    def _apart(self, i: int, j: int) -> bool:
        """`RARC N 122`: a remark code written in two, which only a label makes one."""
        text = self.text
        start = i - 2
        if text[start] == "A":
            start -= 1
            if start < 0 or text[start] != "M":
                return False
        if start < 1 or text[start - 1] in _WORD:
            return False
        code = text[start : i - 1] + text[i:j]
        label = self._label(start) if code in self.rules.known_rarc else None
        if label is None or label.kind not in ("rarc", "both"):
            return False
        said = text[label.start : start].lower()
        if j - i < 3 and "rarc" not in said and "code" not in said:
            return False
        if not self.guard.remark(start, j, True, True, True, True):
            return False
        self._take(Found(code, "rarc", True, ((start, j),)), start, j)
        return True

    # --- numbers ------------------------------------------------------------------------------

    def _number(self, s: int, i: int, j: int) -> None:
        """A number (with its letter from s) whose digits are [i, j): what stands left of it?"""
        text = self.text
        low = max(0, s - GAP_REACH)
        left = text[low:s].rstrip(self._strip)
        edge = low + len(left)
        before = left[-1] if left else text[edge - 1] if edge else "\n"
        if before in _WORD:
            two = text[max(0, edge - 2) : edge].upper()
            group = self.rules.spellings.get(two)
            if group and self._grouped(group, edge, s, i, j):
                return
            if text[s - 1] in "*" and self._triplet(s, i, j):
                return
        elif before == "*":
            if self._triplet(s, i, j):
                return
        elif before in ")]" and self._enclosed(edge, s, i, j):
            return
        if before in "\t|\n" or text[s - 1 : s] in ',"':
            cell = self._cell(s)
            if cell is not None and self._in_cell(cell, s, i, j):
                return
            if before in "\t|" and self._triplet(s, i, j):
                return
        elif before in " " or (before in _WORD and text[s - 2 : s] == "  "):
            cell = self._cell(s)
            if cell is not None and self._in_cell(cell, s, i, j):
                return
        if before == "\n" and self._stacked(s, i, j):
            return
        self._bare(s, i, j)

    def _grouped(self, group: str, edge: int, s: int, i: int, j: int) -> bool:
        """A group that ends at `edge`, and a number after a gap."""
        text = self.text
        start = edge - 2
        if start and text[start - 1] in _WORD:
            return False
        gap = text[edge:s]
        form = "dash" if self._gaps[0](gap) else "mark" if self._gaps[1](gap) else ""
        if not form:
            if not self._gap_space(gap):
                return False
            form = "space"
            cell = self._cell(s) if len(gap) > 1 else None
            if cell is not None and cell.headed and self._in_cell(cell, s, i, j):
                return True
        if form == "mark" and "*" in gap and self.guard.other_segment(start):
            return self._triplet(s, i, j)
        return self._take_grouped(group, form, (start, edge), s, i, j)

    def _enclosed(self, edge: int, s: int, i: int, j: int) -> bool:
        """`Contractual Obligation (CO) 107`: a group in brackets that close before `edge`."""
        text = self.text
        start = edge - 3
        group = text[max(0, start) : edge - 1]
        if start < 1 or text[start - 1] not in "([" or group not in self.rules.groups:
            return False
        carc = self._code(s, i, j)
        if carc not in self.rules.known_carc or not self.guard.enclosed(start - 1, j):
            return False
        self._take(Found(f"{group}-{carc}", "carc", True, ((start, j),)), start, j)
        return True

    def _glued(self, s: int, i: int, j: int) -> bool:
        """`CO107`, `PRB7`: a group right before the number."""
        text = self.text
        start = s - 2
        if start < 0 or (start and text[start - 1] in _WORD):
            return False
        group = text[start:s].upper()
        if group not in self.rules.groups:
            return False
        return self._take_grouped(group, "glued", (start, s), s, i, j)

    def _take_grouped(self, group: str, form: str, at: Span, s: int, i: int, j: int) -> bool:
        carc = self._code(s, i, j)
        known = carc in self.rules.known_carc
        start = at[0]
        place = self._label(start)
        listed = self._follows(start) or (place is not None and place.kind != "code")
        scanned = "O" in self.text[i:j] or self.text[start] == "0" or self.text[at[1] - 1] == "0"
        if scanned and not self._legible(form, carc, known, (start, i, j)):
            return False
        if not self.guard.grouped(group, form, at, s, j, known, listed):
            return False
        cell = self._cell(start)
        if cell is not None and cell.kind == "identity":
            return False
        if not listed and self._keyed(start, cell, "carc"):
            return False
        if cell is not None and cell.kind == "state" and form in ("space", "glued"):
            return False
        self._take(Found(f"{group}-{carc}", "carc", known, ((start, j),)), start, j)
        return True

    def _legible(self, form: str, carc: str, known: bool, at: tuple[int, int, int]) -> bool:
        """Whether letters and zeros a scanner mixed up still read as one code.

        `at`: where group, digits and what follows begin.
        """
        if form == "dash" or not known:
            return known
        if form != "space" or "O" in self.text[at[1] : at[2]]:
            return False
        return len(carc) == 3 or self.guard.claimed(at[0], at[2])

    def _triplet(self, s: int, i: int, j: int) -> bool:
        """A reason of an X12 `CAS` segment: group, then reason, amount, quantity, over and over."""
        found = self.guard.segment(s)
        if found is None or found[0] != "CAS":
            return False
        _, begin, mark = found
        text = self.text
        index = text.count(mark, begin, s)
        if index % 3 != 2 or (not text.startswith(mark, j) and text[j : j + 1] not in "~\n "):
            return False
        low = text.find(mark, begin) + 1
        high = text.find(mark, low)
        group = text[low:high].strip()
        if group not in self.rules.groups:
            return False
        carc = self._code(s, i, j)
        parts = ((low, j),) if index == 2 else ((low, high), (s, j))
        known = carc in self.rules.known_carc
        self._take(Found(f"{group}-{carc}", "carc", known, parts), s, j)
        return True
