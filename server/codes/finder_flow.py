"""The text the grammar reads, and the way back to the offsets a caller knows.

A flow is text whose line ends and tabs mean lines and cells. For plain text it is the text itself;
for HTML it is built from the page's structure. Characters a reader does not see are left out, so
a flow keeps where each of its stretches began outside.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import Protocol

from server.codes.finder_labels import HeaderKind
from server.codes.finder_rules import rules

Span = tuple[int, int]


class Cell(Protocol):
    """A cell of a table, in flow offsets."""

    start: int
    end: int

    @property
    def kind(self) -> HeaderKind | None:
        """What its column's header says it holds."""

    @property
    def headed(self) -> bool:
        """Whether its table has a header row at all."""

    def groups(self) -> list[Span]:
        """The group codes of its row that bear on it, from a headed column or the cell beside."""


class Tables(Protocol):
    """The tables of a flow."""

    def cell(self, at: int) -> Cell | None:
        """The innermost cell that holds the offset."""

    def kind(self, at: int) -> HeaderKind | None:
        """What the column of that cell holds, as far as a header says."""

    def heads(self, at: int) -> bool:
        """Whether the offset stands in a row of headers."""


class Flow:
    """Text to read, with the way back."""

    __slots__ = ("_outer", "_starts", "tables", "text")

    def __init__(
        self,
        text: str,
        starts: list[int] | None = None,
        outer: list[int] | None = None,
        tables: Tables | None = None,
    ) -> None:
        self.text = text
        self.tables = tables
        self._starts = starts or [0]
        self._outer = outer or [0]

    @property
    def same(self) -> bool:
        """Whether the flow's offsets are the caller's."""
        return len(self._starts) == 1 and self._outer[0] == 0

    def outside(self, start: int, end: int) -> Span:
        """A stretch of the flow as the caller's offsets."""
        if len(self._starts) == 1:
            return start + self._outer[0], end + self._outer[0]
        return self._place(start), self._place(end - 1) + 1

    def _place(self, at: int) -> int:
        index = bisect_right(self._starts, at) - 1
        return self._outer[index] + at - self._starts[index]


@lru_cache(maxsize=1)
def _odd() -> tuple[re.Pattern[str], re.Pattern[str], dict[int, int]]:
    unseen = f"[{rules().unseen}]+"
    # Full-width digits, letters and marks of East Asian typing: U+FF01 to U+FF5E mirror ASCII.
    wide = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    return re.compile(f"{unseen}|[\uff01-\uff5e]|\r"), re.compile(unseen), wide


def _common(text: str) -> bool:
    """Whether a text surely holds nothing odd; far cheaper than to look for it."""
    if "\r" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return "\u00ad" not in text


def visible(text: str, outer: int = 0) -> tuple[str, list[int], list[int]]:
    """The text as a reader sees it: unseen characters dropped, full-width ones narrowed.

    Returns the text, and where each stretch of it begins in itself and in the caller's offsets.
    """
    odd, unseen, wide = _odd()
    if _common(text) or not odd.search(text):
        return text, [0], [outer]
    text = text.translate(wide).replace("\r", " ")
    parts: list[str] = []
    starts, places = [0], [outer]
    length = last = 0
    for gap in unseen.finditer(text):
        parts.append(text[last : gap.start()])
        length += gap.start() - last
        last = gap.end()
        starts.append(length)
        places.append(outer + last)
    parts.append(text[last:])
    return "".join(parts), starts, places
