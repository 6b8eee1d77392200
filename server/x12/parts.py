"""Runs of segments that belong together: an opening segment and what follows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from server.x12.segments import LAYOUT, Segmenter, Separators


class Part(NamedTuple):
    """A run of segments with its place in the file."""

    segs: list[str]
    """Without layout."""
    raw: list[str]
    """As they stand in the file, without terminators."""
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

    def joined(self, segs: list[str], raw: list[str], terminated: bool) -> Part:
        """This part continued."""
        more = self.segs + segs
        same = self.raw is self.segs and raw is segs
        return self._replace(segs=more, raw=more if same else self.raw + raw, terminated=terminated)


@lru_cache(maxsize=64)
def _marks(names: frozenset[str], separator: str) -> frozenset[str]:
    """The first three characters of segments that open a part."""
    return frozenset((name + separator)[:3] for name in names)


def parts(segmenter: Segmenter, names: Collection[str]) -> Iterator[Part]:
    """The file's segments as parts, each opened by a segment of one of `names`.

    A segment of that name without elements opens one too. A file's first segment always does.
    """
    opening = frozenset(names)
    pending: Part | None = None
    for segs, raw, start, number, separators, terminated in segmenter.blocks():
        marks = _marks(opening, separators.element) | opening
        cuts = [i for i, seg in enumerate(segs) if seg[:3] in marks]
        if pending is None and (not cuts or cuts[0]):
            cuts.insert(0, 0)
        until = cuts[0] if cuts else len(segs)
        head = segs[:until]
        if pending and until:
            own = head if raw is segs else raw[:until]
            pending = pending.joined(head, own, terminated)
        if pending and cuts:
            yield pending
        position = start + sum(map(len, raw[:until])) + until
        for cut, until in pairwise([*cuts, len(segs)]):
            run = segs[cut:until]
            own = run if raw is segs else raw[cut:until]
            pending = Part(run, own, position, number + cut, separators, terminated)
            if until < len(segs):
                yield pending
                position += sum(map(len, own)) + until - cut
    if pending:
        yield pending
