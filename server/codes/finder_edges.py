"""The windows around one candidate, and what touches it: parts of names, amounts, X12 elements.

Every question is about a bounded window left or right of one place, cut at the line's end.
"""

from __future__ import annotations

from typing import Final

from server.codes.finder_rules import rules

LEFT: Final = 72
RIGHT: Final = 56
_TOKEN: Final = 240
_QUOTED: Final = 12


class Edges:
    """Answers for one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ask = rules().pattern
        self.spaces = rules().spaces
        self.dashes = rules().dashes
        self.known = rules().known_carc

    # --- windows ------------------------------------------------------------------------------

    def left(self, at: int) -> str:
        """The text left of `at`, within its line and cell."""
        window = self.text[max(0, at - LEFT) : at]
        for edge in "\n\t|":
            cut = window.rfind(edge)
            if cut >= 0:
                window = window[cut + 1 :]
        return window

    def right(self, at: int) -> str:
        """The text right of `at`, within its line."""
        window = self.text[at : at + RIGHT]
        cut = window.find("\n")
        return window if cut < 0 else window[: cut + 1]

    def claims(self, start: int, end: int, name: str = "claim_near") -> bool:
        """Whether the line speaks of a claim's adjustment close by."""
        ask = self.ask[name]
        left = self.text[max(0, start - LEFT) : start]
        left = left[left.rfind("\n") + 1 :]
        right = self.right(end)
        return bool(ask.search(left) or ask.search(right) or "$" in right)

    def _address(self, start: int) -> bool:
        """Whether `start` is inside a web address or a path."""
        token = self.text[max(0, start - _TOKEN) : start].split()
        last = token[-1] if token and not self.text[start - 1].isspace() else ""
        last = last.lstrip("([\"'")
        return "://" in last or "www." in last or last[:1] in ("/", "?") or "\\" in last

    # --- edges --------------------------------------------------------------------------------

    def clear_left(self, start: int, listed: bool) -> bool:
        """Whether nothing glued on the left makes the code part of something longer."""
        if start == 0:
            return True
        text = self.text
        before = text[start - 1]
        further = text[start - 2] if start > 1 else " "
        if before in "#&@$\\\u20ac\u00a3" and not (before == "#" and listed):
            return False
        if before in self.dashes and further.isalnum():
            if listed:
                return True
            word = text[max(0, start - 24) : start - 1].split()[-1]
            return word.isalpha() and len(word) > 2 and not word.isupper()
        if before == "." and further.isalnum() and text[start].islower():
            return False
        return not (before in "/=?." and further.isalnum() and self._address(start)) and not (
            before == "/" and self._address(start)
        )

    def _measured(self, j: int, right: str) -> bool:
        """Whether a quote after the number says feet or inches: none opens before it."""
        return bool(
            self.ask["measure_after"].match(right)
            and right[0] not in self.text[max(0, j - _QUOTED) : j]
        )

    def clear_right(self, j: int, right: str, *, listing: bool, counted: bool = False) -> bool:
        """Whether nothing glued on the right makes the number part of something longer.

        `listing`: a comma or slash may go on with the next code. `counted`: the letters before
        leave no doubt, so "x2" or an amount may follow.
        """
        if not right:
            return True
        first = right[0]
        if first == "," and counted and self.ask["next_amount"].match(right):
            return True
        if first == "," and listing:
            three = right[1:4]
            if len(three) == 3 and three.isdigit() and not right[4:5].isdigit():
                # "CO-16,107" lists two codes; "CO-107,500" and "1,150.00" are amounts.
                return three in self.known and not (right[4:5] == "." and right[5:6].isdigit())
            return True
        if first in "/:" and right[1:2].isdigit():
            return listing or bool(self.ask["amount_after"].match(right))
        if first == "-" and right[1:2] == ">":
            return True
        if self.ask["not_after"].match(right) or (
            not counted and (self.ask["times_after"].match(right) or self._measured(j, right))
        ):
            return False
        if first in self.dashes:
            return bool(
                self.ask["code_after_dash"].match(right)
                or not self.ask["not_after_dash"].match(right)
            )
        return not (first == "_" or first == "\\")

    # --- X12 ----------------------------------------------------------------------------------

    def segment(self, at: int) -> tuple[str, int, str] | None:
        """The X12 segment an offset stands in: its id, where it begins, its element mark."""
        text = self.text
        low = max(0, at - _TOKEN)
        begin = max(text.rfind(sign, low, at) for sign in " \n~\t") + 1
        if begin == 0 < low:
            return None
        found = self.ask["segment"].match(text[begin : begin + 5])
        if not found or begin + found.start(1) >= at:
            return None
        return found[1], begin + found.start(1), found[2]

    def other_segment(self, start: int) -> bool:
        """Whether a group at `start` is an element of a segment."""
        return start > 0 and self.text[start - 1] in "*^"
