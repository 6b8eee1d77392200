"""Bytes to segments: separators from each interchange's own ISA, in bounded memory.

Text is read one byte to one character (Latin-1), so that positions in the text are positions in the
file; `values.plain` turns an element into proper text. Newlines inside segments (text wrapped at 80
columns, one segment a line) are layout, never content, unless a newline is the terminator itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from server.x12.findings import Findings

CHUNK = 1 << 17
LONGEST_SEGMENT = 1 << 20
_HEAD = 1 << 15
"""How far past odd content an ISA is looked for at once."""
_ISA_LENGTH = 106
LAYOUT = " \t\r\n\x00\x1a"
_TO_CONTENT = re.compile("(?:[ \t\r\n\x00\x1a]|\xef\xbb\xbf)*")
_ISA = re.compile(r"(?<![A-Za-z0-9])ISA[^A-Za-z0-9 \t\r\n]", re.IGNORECASE)
_OPENING_GROUP = re.compile(
    r"GS(?P<e>[^A-Za-z0-9 \t\r\n])(?:.{0,40}?(?P=e)){7}[0-9A-Za-z]+(?P<t>[^A-Za-z0-9 ])",
    re.IGNORECASE,
)
_OPENING_TRANSACTION = re.compile(
    r"ST(?P<e>[^A-Za-z0-9 \t\r\n])[0-9]{3}(?:(?P=e)[0-9A-Za-z]+){1,2}(?P<t>[^A-Za-z0-9])",
    re.IGNORECASE,
)
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)


class Separators(NamedTuple):
    """The characters one interchange is cut by."""

    element: str
    component: str
    terminator: str
    repetition: str = ""


class Block(NamedTuple):
    """A run of whole segments of one interchange, in file order.

    `raw[i]` is what stands between two terminators, `segs[i]` the same without layout; no `segs[i]`
    is empty. Piece i starts at byte `start + sum(len(raw[j]) + 1 for j < i)`; its segment is number
    `number + i`.
    """

    segs: list[str]
    raw: list[str]
    start: int
    number: int
    separators: Separators
    terminated: bool
    """False where the last segment stands at the end of the file without a terminator."""


def _terminator(text: str, position: int) -> str:
    """The terminator that stands at `position`; a newline there may only be layout before it."""
    found = text[position : position + 1]
    if found and found in "\r\n":
        after = text[position : position + 8].lstrip(" \r\n")[:1]
        if after and not after.isalnum() and after not in LAYOUT:
            return after
    return found


def isa_separators(text: str, at: int = 0) -> tuple[Separators, int] | None:
    """Separators and length (with terminator) of the ISA at `at`; None where it is broken.

    Counted in separators instead of bytes, so that an ISA wrapped or trimmed on its way is read.
    """
    head = text[at : at + _ISA_LENGTH * 2]
    element = head[3:4]
    fields = head.split(element, 16) if element else []
    if len(fields) < 17:
        return None
    position = len(head) - len(fields[16].lstrip("\r\n"))
    component, terminator = head[position : position + 1], _terminator(head, position + 1)
    if component.isalnum() or terminator.isalnum() or terminator in " \t":
        return None
    if len({element, component, terminator}) < 3:
        return None
    repetition = fields[11].strip("\r\n")
    if len(repetition) != 1 or repetition.isalnum():
        repetition = ""
    return Separators(element, component, terminator, repetition), position + 2


def opening_separators(text: str, at: int = 0) -> Separators | None:
    """Separators of a file that starts at its GS or ST; None where they cannot be told."""
    match = _OPENING_GROUP.match(text, at) or _OPENING_TRANSACTION.match(text, at)
    if not match:
        return None
    terminator = _terminator(text, match.start("t"))
    return None if terminator == match["e"] else Separators(match["e"], ":", terminator)


class Segmenter:
    """Cuts a stream into blocks of segments and reports what belongs to none."""

    def __init__(self, stream: BinaryIO, findings: Findings, chunk: int = CHUNK) -> None:
        self._stream = stream
        self._findings = findings
        self._chunk = chunk
        self._text = ""
        self._pos = 0
        self._base = 0
        self._ended = False
        self._number = 1
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
        first = True
        while self._to_content():
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

    def _to_content(self) -> bool:
        """Pass layout; False at the end of the file."""
        while True:
            match = _TO_CONTENT.match(self._text, self._pos)
            passed = match.end() - self._pos if match else 0
            self._pos += passed
            self.layout += passed
            left = len(self._text) - self._pos
            if left >= _HEAD or (left and self._ended):
                return True
            if self._ended:
                return False
            self._fill(_HEAD)

    def _open(self, first: bool) -> Separators | None:
        """Separators of what starts here; None, with a finding, where the rest cannot be read."""
        text, pos = self._text, self._pos
        found = isa_separators(text, pos) if _ISA.match(text, pos) else None
        if found:
            if found[1] != _ISA_LENGTH:
                self._findings.once("isa_length", self._number, self._at, self._at + found[1])
            return found[0]
        if first and (separators := opening_separators(text, pos)):
            self._findings.add("missing_isa", 1, self._at, self._at)
            return separators
        if first and _PAGE.match(text, pos):
            self._pass_over("html")
            return None
        if text[pos : pos + 3].upper() == "ISA":
            cut = self._ended and len(text) - pos < _ISA_LENGTH
            self._pass_over("truncated" if cut else "bad_isa")
            return None
        return self._search(first)

    def _search(self, first: bool) -> Separators | None:
        """The next ISA after odd content."""
        for match in _ISA.finditer(self._text, self._pos):
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
        terminator = separators.terminator
        search_from = 3
        while True:
            cut = self._border(separators, search_from)
            end = cut if cut is not None else self._text.rfind(terminator, self._pos)
            if end >= self._pos:
                if block := self._take(end, separators, True):
                    yield block
                search_from = 0
            if cut is not None:
                return
            if self._ended:
                if block := self._take(len(self._text), separators, False):
                    yield block
                return
            if len(self._text) - self._pos > LONGEST_SEGMENT:
                self._pass_over("segment_too_long")
                return
            self._fill(self._chunk)

    def _border(self, separators: Separators, search_from: int) -> int | None:
        """The last terminator of this interchange: its IEA's, or the one before another ISA.

        None where neither is seen in the text held; -1 where the other ISA comes at once.
        """
        text, terminator, element = self._text, separators.terminator, separators.element
        iea = self._named("IEA" + element, terminator, self._pos)
        isa = self._named("ISA" + element, terminator, self._pos + search_from)
        if isa is not None and (iea is None or isa < iea):
            return text.rfind(terminator, self._pos, isa)
        if iea is not None and (end := text.find(terminator, iea)) >= 0:
            return end
        return None

    def _named(self, name: str, terminator: str, start: int) -> int | None:
        """Where a segment that begins with `name` starts (either case); None where none does."""
        text, blank = self._text, LAYOUT + terminator
        found = []
        for spelled in (name, name.lower()):
            at = text.find(spelled, start)
            while at >= 0:
                before = text.rfind(terminator, self._pos, at)
                before = before + 1 if before >= 0 else self._pos
                if not text[before:at].strip(blank):
                    found.append(at)
                    break
                at = text.find(spelled, at + 1)
        return min(found) if found else None

    def _take(self, end: int, separators: Separators, terminated: bool) -> Block | None:
        """The segments up to the terminator at `end`; None where only layout stands there."""
        text = self._text[self._pos : end]
        start = self._at
        self._pos = end + terminated
        raw = text.split(separators.terminator)
        segs = raw
        if _has_layout(text, separators.terminator) or "" in raw:
            segs = _without_layout(raw, separators.terminator)
            if "" in segs:
                raw, segs = self._join_empty(raw, segs, start, separators.terminator)
        if not segs:
            self.layout += self._at - start
            return None
        self.in_segments += self._at - start
        if not text.isupper():
            segs = self._upper_names(segs, separators, start)
        block = Block(segs, raw, start, self._number, separators, terminated)
        self._number += len(segs)
        return block

    def _join_empty(
        self, raw: list[str], segs: list[str], start: int, terminator: str
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
        if stray and kept:
            self._findings.once("stray_terminator", self._number, start, start + len(raw[0]))
        return joined, kept

    def _upper_names(self, segs: list[str], separators: Separators, start: int) -> list[str]:
        """Segments with their names in upper case, where some stand in lower case."""
        element = separators.element
        if not any(seg[:2].islower() for seg in segs):
            return segs
        self._findings.once("lower_case_id", self._number, start, start)
        return [_upper_name(seg, element) if seg[:2].islower() else seg for seg in segs]


def _has_layout(text: str, terminator: str) -> bool:
    return (
        any(mark in text for mark in "\r\n\t\x00" if mark != terminator)
        or terminator + " " in text
        or text[:1] == " "
    )


def _without_layout(raw: list[str], terminator: str) -> list[str]:
    blank = LAYOUT + terminator
    segs = [piece.strip(blank) for piece in raw]
    for mark in "\r\n":
        if mark != terminator and any(mark in seg for seg in segs):
            segs = [seg.replace(mark, "") for seg in segs]
    return segs


def _upper_name(seg: str, element: str) -> str:
    name, mark, rest = seg.partition(element)
    return name.upper() + mark + rest
