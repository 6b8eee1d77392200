"""Codes that follow one another as a list, and the label before the first of them.

What the scan keeps while it goes: the codes found so far, the list it is in, and the tables.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from server.codes.finder_flow import Cell, Flow, Span
from server.codes.finder_guard import Guard
from server.codes.finder_labels import Label, label_before
from server.codes.finder_rules import Rules, rules

Kind = Literal["carc", "rarc", "payer"]

GAP_REACH: Final = 16
"""How far apart two codes of a list, or a label and its value, may stand."""
FAR: Final = -10_000
_LABEL_SIGNS: Final = " \u00a0\n\t|:=.#(*`>-\u2013\u2014\"'[\u2192"


class Found(NamedTuple):
    """One code at one place."""

    code: str
    """`CO-107`, `107`, `N122`, `MA130`, or the payer's own as it stands."""
    kind: Kind
    known: bool
    """Whether a list names its number (ended ones included), or the crosswalk names the code."""
    spans: tuple[Span, ...]
    """Start and end (exclusive) of each part, in order. While scanning: in flow offsets."""


class Runs:
    """The state of one pass over one flow."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.text = flow.text
        self.rules: Rules = rules()
        self.hits: list[Found] = []
        self.guard = Guard(flow.text)
        grammar = self.rules
        self._gaps = tuple(grammar.pattern[f"gap_{name}"].match for name in ("dash", "mark"))
        self._gap_space = grammar.pattern["gap_space"].match
        self._strip = grammar.spaces + grammar.dashes + "*:=/_([#\"'"
        self._joining = grammar.words["joining"]
        self._dismissing = self._strip.replace("*", "") + "\n\t.`>\u2192"
        # The codes that follow one another as one list, and the label before the first of them.
        self._run_start = self._run_end = FAR
        self._run_label: Label | None = None
        self._run_asked = True
        self._column_line = FAR
        self._run_groups: list[Span] = []
        """Group codes of the cell beside, for the numbers of one cell in their order."""
        self._line_end = FAR
        self._line_start = FAR
        self._line_columns = False
        self._roads: bool | None = None
        self._diagnoses: bool | None = None
        self._first = FAR
        self.unordered = False
        """Whether a code's first part stands before that of a code found earlier."""
        self._taken = FAR
        """End of the last part taken: a number is part of one code."""

    def _follows(self, start: int) -> bool:
        """Whether a code that begins here goes on the list of the code before."""
        if not 0 <= start - self._run_end <= GAP_REACH:
            return False
        return bool(self.rules.pattern["list_gap"].match(self.text[self._run_end : start]))

    def _label(self, start: int) -> Label | None:
        """The label of the list a code at `start` belongs to, or right before it."""
        if self._follows(start):
            return self._run_of()
        return self._quick_label(start)

    def _run_of(self) -> Label | None:
        if not self._run_asked:
            self._run_asked = True
            self._run_label = self._quick_label(self._run_start)
        return self._run_label

    def _quick_label(self, at: int) -> Label | None:
        """The label before `at`; most text is dismissed by the two letters it ends with."""
        text = self.text
        low = max(0, at - GAP_REACH)
        two = self._tail(text[low:at].rstrip(_LABEL_SIGNS))
        # "code(s): 107" and "Reason code 1: 107" end with a bracket or a lone digit.
        lone = two[-1:] == ")" or (two[-1:].isdigit() and not two[:1].isalnum())
        return label_before(text, at) if lone or self._announces(two, at) else None

    def _announces(self, two: str, at: int) -> bool:
        """Whether two letters (small ones) before a value at `at` may end a label."""
        # "Reason for denial:" and "Reason for adjustment:" need their colon.
        return two in self.rules.tails or (two in ("al", "nt") and ":" in self.text[at - 2 : at])

    def _tail(self, left: str) -> str:
        """The last two letters before a value, in small letters; "code is" ends with "code"."""
        last = left[left.rfind(" ") + 1 :].lower()
        if last in self._joining:
            left = left[: -len(last)].rstrip(_LABEL_SIGNS)
        return left[-2:].lower()

    def _cell(self, at: int) -> Cell | None:
        return self.flow.tables.cell(at) if self.flow.tables is not None else None

    def _take(self, hit: Found, start: int, end: int) -> None:
        """Keep a code, unless its number is taken, and let it go on or begin a list."""
        if start < self._taken:
            return
        first = hit.spans[0][0]
        if first < self._first:
            self.unordered = True
        self._first = first
        self.hits.append(hit)
        self._taken = end
        if start - self._run_end > GAP_REACH or not self._follows(start):
            self._run_start, self._run_label, self._run_asked = start, None, False
            self._run_groups = []
        self._run_end = end
