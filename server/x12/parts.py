"""Runs of segments that belong together: an opening segment and what follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from server.x12.segments import Block, Segmenter
from server.x12.separators import Separators

OPENS = 64
"""Kinds from here on open a part."""
_OPENING = re.compile(b"[\x40-\xfe]")
_new = tuple.__new__


class Part(NamedTuple):
    """A run of segments: those of a block from `first` to before `last`."""

    block: Block
    first: int
    last: int

    @property
    def segs(self) -> list[str]:
        """Without layout."""
        return self.block.segs[self.first : self.last]

    @property
    def raw(self) -> list[str]:
        """As they stand in the file, without terminators."""
        return self.block.raw[self.first : self.last]

    @property
    def number(self) -> int:
        """Number of the first segment in its file, from 1."""
        return self.block.number + self.first

    @property
    def separators(self) -> Separators:
        return self.block.separators

    @property
    def terminated(self) -> bool:
        """False where the file ends within the last segment or before its terminator."""
        return self.block.terminated or self.last < len(self.block.segs)

    @property
    def name(self) -> str:
        """The opening segment's name."""
        return self.opening[0]

    @property
    def opening(self) -> list[str]:
        """The opening segment's elements, its name first."""
        return self.block.segs[self.first].split(self.block.separators.element)

    def elements(self) -> Iterator[list[str]]:
        """Every segment's elements, its name first."""
        separator = self.block.separators.element
        return (seg.split(separator) for seg in self.segs)

    @property
    def span(self) -> tuple[int, int]:
        """Its bytes, layout before it left out."""
        return self.block.span(self.first, self.last)

    def span_of(self, index: int) -> tuple[int, int]:
        """The bytes of one of its segments, from 0."""
        return self.block.span(self.first + index, self.first + index + 1)


def parts(segmenter: Segmenter) -> Iterator[Part]:
    """The file's segments as parts, each opened by a kind of `OPENS` or above.

    A file's first segment always opens one.
    """
    pending: Block | None = None
    for block in segmenter.blocks():
        cuts = [match.start() for match in _OPENING.finditer(block.kinds)]
        size = len(block.segs)
        if pending is not None:
            until = cuts[0] if cuts else size
            if until:
                pending = _join(pending, block, until)
            if not cuts:
                continue
            yield _new(Part, (pending, 0, len(pending.segs)))
        elif not cuts or cuts[0]:
            cuts.insert(0, 0)
        last = cuts.pop()
        for cut, until in pairwise([*cuts, last]):
            yield _new(Part, (block, cut, until))
        pending = _tail(block, last)
    if pending is not None:
        yield _new(Part, (pending, 0, len(pending.segs)))


def _tail(block: Block, first: int) -> Block:
    """What a block's last part holds so far, in lists of its own that may grow."""
    segs = block.segs[first:]
    raw = segs if block.raw is block.segs else block.raw[first:]
    start = block.start + sum(map(len, block.raw[:first])) + first
    number = block.number + first
    return block._replace(
        segs=segs, raw=raw, kinds=block.kinds[first:], start=start, number=number, ends=[]
    )


def _join(pending: Block, block: Block, until: int) -> Block:
    """A part continued by a block's first segments."""
    raw = pending.raw
    if raw is pending.segs and block.raw is not block.segs:
        raw = list(raw)
    if raw is not pending.segs:
        raw.extend(block.raw[:until])
    pending.segs.extend(block.segs[:until])
    kinds = pending.kinds[:-1] + block.kinds[:until] + block.kinds[-1:]
    return pending._replace(raw=raw, kinds=kinds, terminated=block.terminated)
