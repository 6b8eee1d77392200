"""Segments while they are edited: what no edit touches is written as it stood."""

from __future__ import annotations

from dataclasses import dataclass

from server.x12.edits import CorrectionError
from server.x12.parts import Part
from server.x12.separators import LAYOUT, Separators
from server.x12.values import element

CHARGE = {"SV1": 2, "SV2": 3, "SV3": 2}
UNITS = {"SV1": 4, "SV2": 5, "SV3": 6}
PROCEDURE = {"SV1": 1, "SV2": 2, "SV3": 1}
"""Elements of a service segment that hold its charge, its units, its procedure."""


@dataclass(eq=False)
class Piece:
    """One segment as it will be written."""

    lead: str
    elements: list[str]
    raw: str
    changed: bool = False

    @property
    def name(self) -> str:
        return self.elements[0]

    def put(self, position: int, value: str) -> None:
        """Set an element; the segment grows where it is too short."""
        while len(self.elements) <= position:
            self.elements.append("")
        if self.elements[position] != value:
            self.elements[position] = value
            self.changed = True

    def text(self, separator: str) -> str:
        return self.lead + separator.join(self.elements) if self.changed else self.raw


def pieces_of(part: Part | None, only_first: bool = False) -> list[Piece]:
    if part is None:
        return []
    blank = LAYOUT + part.separators.terminator
    found = []
    for seg, raw in zip(part.segs, part.raw, strict=True):
        lead = raw[: len(raw) - len(raw.lstrip(blank))]
        found.append(
            Piece(lead.strip(part.separators.terminator), seg.split(part.separators.element), raw)
        )
    return found[:1] if only_first else found


def own_of(pieces: list[Piece]) -> list[Piece]:
    """A line's own segments, without its drug (2410), providers (2420) and other payers' (2430)."""
    for index, piece in enumerate(pieces):
        if piece.name in ("LIN", "NM1", "SVD"):
            return pieces[:index]
    return pieces


def service_of(pieces: list[Piece]) -> Piece:
    for piece in own_of(pieces):
        if piece.name in CHARGE:
            return piece
    raise CorrectionError("a line of the claim has no service segment")


def is_reference(piece: Piece, qualifier: str) -> bool:
    return piece.name == "REF" and element(piece.elements, 1) == qualifier


def is_rendering(piece: Piece, npi: str) -> bool:
    e = piece.elements
    return piece.name == "NM1" and element(e, 1) == "82" and element(e, 9) == npi


def closing(opening: Piece, name: str, count: str, control: str) -> Piece:
    """A closing segment, laid out as its opening one."""
    return Piece(opening.lead, [name, count, control], "", True)


def wire(text: str) -> str:
    """Text as it stands in the file read one byte to one character."""
    return text if text.isascii() else text.encode("utf-8").decode("latin-1")


def new_piece(pattern: Piece, elements: list[str]) -> Piece:
    """A new segment, laid out as another one; empty elements at its end fall away."""
    while elements and not elements[-1]:
        elements = elements[:-1]
    return Piece(pattern.lead, elements, "", True)


def safe(value: str, what: str, separators: Separators) -> str:
    """A value as it is written; raises CorrectionError where it would break the segment."""
    value = value.strip()
    if any(mark and mark in value for mark in separators) or any(ord(c) < 32 for c in value):
        raise CorrectionError(f"the {what} holds a separator of the claim file")
    return wire(value)
