"""Runs of segments that belong together: an opening segment and what follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from server.x12.segments import LAYOUT, Segmenter, Separators

OPENS = 64
"""Kinds from here on open a part."""
_new = tuple.__new__
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
    ends: list[int]
    """Where each of `raw` ends, terminators left out; empty until it is asked for."""
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
        raw, ends = self.raw, self.ends
        if not ends:
            # Worked out once a part: a part may have as many findings as segments.
            ends.extend(accumulate(map(len, raw)))
        start = self.start + (ends[first - 1] + first if first else 0)
        end = self.start + (ends[last - 1] + last if last else 0)
        if last == len(raw) and not self.terminated:
            end -= 1
        lead = 0
        if raw is not self.segs:
            lead = len(raw[first]) - len(raw[first].lstrip(LAYOUT + self.separators.terminator))
        return start + lead, end

    def joined(self, segs: list[str], raw: list[str], kinds: bytes, terminated: bool) -> Part:
        """This part continued; its own lists grow."""
        if self.raw is self.segs and raw is not segs:
            whole = self._replace(raw=self.segs + raw)
            self.segs.extend(segs)
        elif self.raw is self.segs:
            self.segs.extend(segs)
            whole = self
        else:
            self.segs.extend(segs)
            self.raw.extend(raw)
            whole = self
        return whole._replace(kinds=self.kinds + kinds, terminated=terminated)


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
            place = (position, number + cut, separators)
            pending = _new(Part, (run, own, kinds[cut:until], *place, [], terminated))
            if until < len(segs):
                yield pending
                position += sum(map(len, own)) + until - cut
    if pending:
        yield pending
