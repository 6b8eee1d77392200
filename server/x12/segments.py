"""Bytes to segments: separators from each interchange's own ISA, in bounded memory.

Text is read one byte to one character (Latin-1), so that positions in the text are positions in the
file; `values.plain` turns an element into proper text. Newlines inside segments (text wrapped at 80
columns, one segment a line) are layout, never content, unless a newline is the terminator itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from server.x12.findings import Findings
from server.x12.separators import (
    ISA_LENGTH,
    ISA_NAME,
    LAYOUT,
    Separators,
    isa_separators,
    opening_separators,
)

CHUNK = 1 << 17
_WINDOW = 1 << 12
"""Text cut at once at the start of an interchange; grows to a chunk, so that files of many small
interchanges are not cut again and again."""
LONGEST_SEGMENT = 1 << 20
_HEAD = 1 << 15
"""How far past odd content an ISA is looked for at once."""
_TO_CONTENT = re.compile("(?:[ \t\r\n\x00\x1a]|\xef\xbb\xbf)*")
_CUT_ISA = re.compile(r"I[\r\n]*S[\r\n]*A", re.IGNORECASE)
_NOT_UPPER = re.compile("[A-Z]{0,2}[a-z]").match
"""Whether a segment's name has lower case in it."""
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)


UNKNOWN = 0
"""The kind of a segment whose name nobody asked for."""
END = 255
"""Stands behind the kinds of a block's segments."""
_END = bytes([END])
_head = itemgetter(slice(0, 4))
_REMEMBERED = 10_000


class Block(NamedTuple):
    """A run of whole segments of one interchange, in file order.

    `raw[i]` is what stands between two terminators, `segs[i]` the same without layout; no `segs[i]`
    is empty. Piece i starts at byte `start + sum(len(raw[j]) + 1 for j < i)`; its segment is number
    `number + i`.
    """

    segs: list[str]
    raw: list[str]
    kinds: bytes
    """What each segment is, by the names the segmenter was given; then `END`."""
    start: int
    number: int
    separators: Separators
    terminated: bool
    """False where the last segment stands at the end of the file without a terminator."""
    ends: list[int]
    """Where each of `raw` ends, terminators left out; empty until it is asked for."""

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Bytes of segments `first` to before `last`, layout before the first one left out."""
        raw, ends = self.raw, self.ends
        if not ends:
            # Worked out once a block: it may have as many findings as segments.
            ends.extend(accumulate(map(len, raw)))
        start = self.start + (ends[first - 1] + first if first else 0)
        end = self.start + ends[last - 1] + last
        if last == len(raw) and not self.terminated:
            end -= 1
        if raw is not self.segs:
            start += len(raw[first]) - len(raw[first].lstrip(LAYOUT + self.separators.terminator))
        return start, end


class _Kinds(dict[str, int]):
    """Kinds by a segment's first four characters: names have two or three, then a separator."""

    def __init__(self, names: Mapping[str, int], separator: str) -> None:
        super().__init__()
        self._names = names
        self._separator = separator

    def __missing__(self, head: str) -> int:
        name, mark, _ = head.partition(self._separator)
        kind = self._names.get(name, UNKNOWN) if mark or len(head) < 4 else UNKNOWN
        if len(self) > _REMEMBERED:
            self.clear()
        self[head] = kind
        return kind

    def of(self, segs: list[str]) -> bytes:
        return bytes(map(self.__getitem__, map(_head, segs)))


class Segmenter:
    """Cuts a stream into blocks of segments and reports what belongs to none."""

    def __init__(
        self,
        stream: BinaryIO,
        findings: Findings,
        names: Mapping[str, int],
        chunk: int = CHUNK,
    ) -> None:
        """`names` gives each known segment its kind, 1 to 254; ISA and IEA have their own."""
        self._stream = stream
        self._findings = findings
        self._names = names
        self._chunk = chunk
        self._tables: dict[str, _Kinds] = {}
        self._text = ""
        self._pos = 0
        self._base = 0
        self._ended = False
        self._number = 1
        self._suspected: set[str] = set()
        self.size = 0
        """Bytes read from the stream so far."""
        self.in_segments = 0
        """Bytes that stood in blocks, with their terminators and the layout between them."""
        self.passed_over = 0
        """Bytes reported as content that is no segment."""
        self.layout = 0
        """Bytes of blanks, newlines and byte order marks around interchanges."""

    def blocks(self) -> Iterator[Block]:
        """Every run of segments; the findings are complete when it ends."""
        first, separators = True, None
        while self._to_content(separators.terminator if separators else ""):
            separators = self._open(first)
            if separators is None:
                return
            yield from self._interchange(separators)
            first = False
        if first:
            self._findings.add("empty")

    @property
    def _at(self) -> int:
        """Position in the file of the next character."""
        return self._base + self._pos

    def _fill(self, wanted: int = 1) -> None:
        """Read until `wanted` more characters stand, or the file ends."""
        parts = [self._text[self._pos :]]
        self._base, self._pos = self._at, 0
        while wanted > 0 and not self._ended:
            piece = self._stream.read(self._chunk)
            self._ended = not piece
            self.size += len(piece)
            wanted -= len(piece)
            parts.append(piece.decode("latin-1"))
        self._text = "".join(parts)

    def _to_content(self, terminator: str) -> bool:
        """Pass layout and stray terminators of the interchange before; False at the file's end."""
        while True:
            match = _TO_CONTENT.match(self._text, self._pos)
            passed = match.end() - self._pos if match else 0
            self._pos += passed
            self.layout += passed
            if terminator and self._text.startswith(terminator, self._pos):
                self._findings.once("stray_terminator", self._number - 1, self._at, self._at + 1)
                match = _strays(terminator).match(self._text, self._pos)
                passed = match.end() - self._pos if match else 0
                self._pos += passed
                self.layout += passed
                continue
            left = len(self._text) - self._pos
            if left >= _HEAD or (left and self._ended):
                return True
            if self._ended:
                return False
            self._fill(_HEAD)

    def _open(self, first: bool) -> Separators | None:
        """Separators of what starts here; None, with a finding, where the rest cannot be read."""
        text, pos = self._text, self._pos
        found = isa_separators(text, pos)
        if found:
            if found[1] != ISA_LENGTH:
                self._findings.once("isa_length", self._number, self._at, self._at + found[1])
            return found[0]
        if first and (separators := opening_separators(text, pos)):
            self._findings.add("missing_isa", 1, self._at, self._at)
            return separators
        if first and _PAGE.match(text, pos):
            self._pass_over("html")
            return None
        if _CUT_ISA.match(text, pos):
            cut = self._ended and len(text) - pos < ISA_LENGTH
            self._pass_over("truncated" if cut else "bad_isa")
            return None
        return self._search(first)

    def _search(self, first: bool) -> Separators | None:
        """The next ISA after odd content."""
        for match in ISA_NAME.finditer(self._text, self._pos):
            if isa_separators(self._text, match.start()):
                self._pass_over(
                    "leading_content" if first else "trailing_content", match.start() - self._pos
                )
                return self._open(False)
        self._pass_over("not_x12" if first else "trailing_content")
        return None

    def _pass_over(self, code: str, count: int | None = None) -> None:
        """Report bytes that are no segments: `count` of them, or the rest of the file."""
        start = self._at
        if count is None:
            self._pos = len(self._text)
            while not self._ended:
                self._fill()
                self._pos = len(self._text)
        else:
            self._pos += count
        self.passed_over += self._at - start
        self._findings.add(code, self._number, start, self._at)

    def _interchange(self, separators: Separators) -> Iterator[Block]:
        """Blocks up to and with IEA, to an ISA that stands before any IEA, or to the file's end."""
        terminator, mark = separators.terminator, separators.element
        table = self._tables.get(mark) or self._tables.setdefault(mark, _Kinds(self._names, mark))
        window, opened = _WINDOW, False
        while True:
            end = self._text.rfind(terminator, self._pos, self._pos + window)
            if end < 0:
                end = self._text.find(terminator, self._pos + window)
            if end >= 0:
                block, over = self._take(end, separators, table, opened)
                if block:
                    yield block
                if over:
                    return
                window, opened = min(window * 4, self._chunk), True
            elif self._ended:
                if block := self._take_rest(separators, table):
                    yield block
                return
            elif len(self._text) - self._pos > LONGEST_SEGMENT:
                self._pass_over("segment_too_long")
                return
            else:
                self._fill(self._chunk)

    def _take(
        self, end: int, separators: Separators, table: _Kinds, opened: bool
    ) -> tuple[Block | None, bool]:
        """The segments up to the terminator at `end`, and whether the interchange is over.

        It ends with its IEA, or before another ISA (after the first segment).
        """
        raw, segs, kinds = self._normal(self._text[self._pos : end], separators, table)
        isa = kinds.find(self._names["ISA"], 0 if opened else 1)
        iea = kinds.find(self._names["IEA"])
        cut = len(segs)
        if iea >= 0 and (isa < 0 or iea < isa):
            cut = iea + 1
        elif isa >= 0:
            cut = isa
        over = cut < len(segs) or iea >= 0 or isa >= 0
        if cut < len(segs):
            segs, raw, same = segs[:cut], raw[:cut], segs is raw
            raw, kinds = segs if same else raw, kinds[:cut]
            end = self._pos + sum(map(len, raw)) + len(raw) - 1
        return self._block(raw, segs, kinds, end + 1, separators, True), over

    def _take_rest(self, separators: Separators, table: _Kinds) -> Block | None:
        """What stands behind the file's last terminator."""
        raw, segs, kinds = self._normal(self._text[self._pos :], separators, table)
        return self._block(raw, segs, kinds, len(self._text), separators, False)

    def _block(
        self,
        raw: list[str],
        segs: list[str],
        kinds: bytes,
        until: int,
        separators: Separators,
        terminated: bool,
    ) -> Block | None:
        """These segments, which end before `until`; None where only layout stands there."""
        start, size = self._at, until - self._pos
        self._pos = until
        if not segs:
            self.layout += size
            return None
        if self._suspected:
            self._confirm(raw, start, separators.terminator)
        self.in_segments += size
        kinds += _END
        block = Block(segs, raw, kinds, start, self._number, separators, terminated, [])
        self._number += len(segs)
        return block

    def _normal(
        self, text: str, separators: Separators, table: _Kinds
    ) -> tuple[list[str], list[str], bytes]:
        """Pieces, segments without layout and with names in upper case, and their kinds."""
        terminator = separators.terminator
        raw = text.split(terminator)
        if not any(mark in text for mark in "\r\n\t" if mark != terminator):
            kinds = table.of(raw)
            if UNKNOWN not in kinds:
                return raw, raw, kinds
        segs = _without_layout(raw, terminator)
        if "" in segs:
            raw, segs = self._join_empty(raw, segs, terminator)
        if any(map(_NOT_UPPER, segs)):
            self._suspected.add("lower_case_id")
            segs = [_upper_name(seg, separators.element) for seg in segs]
        return raw, segs, table.of(segs)

    def _confirm(self, raw: list[str], start: int, terminator: str) -> None:
        """Report what is odd about segments kept; what follows an IEA was only looked at."""
        blank = LAYOUT + terminator
        lower = (_NOT_UPPER(piece.lstrip(blank)) for piece in raw)
        stray = (terminator in piece for piece in raw)
        for code, seen in (("lower_case_id", lower), ("stray_terminator", stray)):
            if code in self._suspected and any(seen):
                self._findings.once(code, self._number, start, start + len(raw[0]))
        self._suspected.clear()

    def _join_empty(
        self, raw: list[str], segs: list[str], terminator: str
    ) -> tuple[list[str], list[str]]:
        """Join each empty piece to the segment after it (at the end, before it)."""
        joined: list[str] = []
        kept: list[str] = []
        pending = ""
        stray = False
        for piece, seg in zip(raw, segs, strict=True):
            if seg:
                joined.append(pending + piece)
                kept.append(seg)
                pending = ""
            else:
                pending += piece + terminator
                stray = True
        if pending and joined:
            joined[-1] += terminator + pending[:-1]
        if stray:
            self._suspected.add("stray_terminator")
        return joined, kept


@lru_cache(maxsize=8)
def _strays(terminator: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(LAYOUT + terminator)}]+")


def _without_layout(raw: list[str], terminator: str) -> list[str]:
    blank = LAYOUT + terminator
    segs = [piece.strip(blank) for piece in raw]
    for mark in "\r\n":
        if mark != terminator and any(mark in seg for seg in segs):
            segs = [seg.replace(mark, "") for seg in segs]
    if any("\t" in seg for seg in segs):
        segs = [seg.replace("\t", " ") for seg in segs]
    return segs


def _upper_name(seg: str, element: str) -> str:
    name, mark, rest = seg.partition(element)
    return name.upper() + mark + rest
