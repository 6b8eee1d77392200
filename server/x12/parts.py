"""Runs of segments that belong together: an opening segment and what follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from server.x12.segments import LAYOUT, Segmenter, Separators

OPENS = 64
"""Kinds from here on open a part."""
_OPENING = re.compile(b"[\x40-\xff]")


class Part(NamedTuple):
    """A run of segments with its place in the file."""

    segs: list[str]
    """Without layout."""
    raw: list[str]
    """As they stand in the file, without terminators."""
    kinds: bytes
    """What each segment is, by the kinds the file is read with."""
    start: int
    """Byte at which `raw[0]` starts."""
    number: int
    """Number of the first segment in its file, from 1."""
    separators: Separators
    terminated: bool = True
    """False where the file ends within the last segment or before its terminator."""

    @property
    def name(self) -> str:
        """The opening segment's name."""
        return self.segs[0].split(self.separators.element, 1)[0]

    @property
    def opening(self) -> list[str]:
        """The opening segment's elements, its name first."""
        return self.segs[0].split(self.separators.element)

    def elements(self) -> Iterator[list[str]]:
        """Every segment's elements, its name first."""
        separator = self.separators.element
        return (seg.split(separator) for seg in self.segs)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Bytes of segments `first` to before `last`, layout before the first one left out."""
        raw = self.raw
        start = self.start + sum(map(len, raw[:first])) + first
        end = start + sum(map(len, raw[first:last])) + (last - first)
        if last == len(raw) and not self.terminated:
            end -= 1
        lead = 0
        if raw is not self.segs:
            lead = len(raw[first]) - len(raw[first].lstrip(LAYOUT + self.separators.terminator))
        return start + lead, end

    def joined(self, segs: list[str], raw: list[str], kinds: bytes, terminated: bool) -> Part:
        """This part continued."""
        more = self.segs + segs
        same = self.raw is self.segs and raw is segs
        return self._replace(
            segs=more,
            raw=more if same else self.raw + raw,
            kinds=self.kinds + kinds,
            terminated=terminated,
        )


def parts(segmenter: Segmenter) -> Iterator[Part]:
    """The file's segments as parts, each opened by a kind of `OPENS` or above.

    A file's first segment always opens one.
    """
    pending: Part | None = None
    for segs, raw, kinds, start, number, separators, terminated in segmenter.blocks():
        cuts = [match.start() for match in _OPENING.finditer(kinds)]
        if pending is None and (not cuts or cuts[0]):
            cuts.insert(0, 0)
        until = cuts[0] if cuts else len(segs)
        head = segs[:until]
        if pending and until:
            own = head if raw is segs else raw[:until]
            pending = pending.joined(head, own, kinds[:until], terminated)
        if pending and cuts:
            yield pending
        position = start + sum(map(len, raw[:until])) + until
        for cut, until in pairwise([*cuts, len(segs)]):
            run = segs[cut:until]
            own = run if raw is segs else raw[cut:until]
            fields = (run, own, kinds[cut:until], position, number + cut, separators, terminated)
            pending = tuple.__new__(Part, fields)
            if until < len(segs):
                yield pending
                position += sum(map(len, own)) + until - cut
    if pending:
        yield pending
