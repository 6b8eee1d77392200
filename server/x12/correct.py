"""Writes a corrected claim: the original's own segments, edited where the edits say so.

Whatever no edit names stays byte for byte: providers, notes, other payers, dates, even layout. The
result is one interchange that holds one claim below its own levels (HL), with counts that are
right. Nothing here reads a clock or makes a number up: control numbers, day and time come with the
edits.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from server.x12.claim_file import ClaimFile
from server.x12.claims import Claim
from server.x12.correct_lines import Lines
from server.x12.edits import CorrectionError, Edits, Stamp
from server.x12.pieces import Piece, closing, is_reference, new_piece, pieces_of, safe, wire
from server.x12.values import components, decimal_text, element

_BEFORE_REFERENCE = ("CLM", "DTP", "CL1", "PWK", "CN1", "AMT", "REF")
"""Segments of loop 2300 that stand before or beside `REF`."""
_BEFORE_NOTE = (*_BEFORE_REFERENCE, "K3", "NTE")
_NOTE_LENGTH = 80


def correct(claim_bytes: bytes, edits: Edits | Mapping[str, Any]) -> bytes:
    """The claim file that results from the edits; without any, the same bytes.

    Edits may come as a mapping of the fields of `Edits`; TypeError where it has others.

    Raises CorrectionError where the file cannot be read whole, where the claim or a line is not in
    it or not told apart from another, and where the result would be no claim.
    """
    if not isinstance(edits, Edits):
        edits = Edits(**edits)
    if edits == Edits():
        return claim_bytes
    claim, others = _find(claim_bytes, edits)
    return _Correction(claim, others, edits).written()


def _find(data: bytes, edits: Edits) -> tuple[Claim, dict[str, list[str]]]:
    """The claim, and every rendering provider's `NM1` in the file by NPI."""
    file = ClaimFile(io.BytesIO(data))
    found: list[Claim] = []
    names: dict[str, list[str]] = {}
    for claim in file.claims():
        for part in (claim.part, *claim.line_parts):
            for e in part.elements():
                if e[0] == "NM1" and element(e, 1) == "82" and element(e, 8) == "XX":
                    names.setdefault(element(e, 9), e)
        if claim.claim == edits.claim and edits.order in (None, claim.order):
            found.append(claim)
    fatal = next((f for f in file.findings if f.severity == "fatal"), None)
    if fatal:
        raise CorrectionError(f"the claim file cannot be corrected: {fatal.message}")
    if len(found) != 1:
        what = "several claims bear" if found else "no claim bears"
        raise CorrectionError(f"the claim file cannot be corrected: {what} that number")
    claim = found[0]
    if not {"ISA", "GS", "ST"} <= claim.envelope.keys():
        raise CorrectionError("the claim file cannot be corrected: it has no whole envelope")
    if not (claim.header and claim.billing and claim.subscriber):
        raise CorrectionError("the claim file cannot be corrected: a level (HL) is missing")
    return claim, names


class _Correction:
    """One claim while it is edited."""

    def __init__(self, claim: Claim, names: dict[str, list[str]], edits: Edits) -> None:
        self.claim = claim
        self.edits = edits
        self.separators = claim.part.separators
        self.own = pieces_of(claim.part)
        self.lines = Lines(claim, names)

    def written(self) -> bytes:
        edits = self.edits
        body: list[Piece] = []
        body += pieces_of(self.claim.envelope["ST"])
        body += pieces_of(self.claim.header)
        body += self._levels()
        total = self.lines.edit(edits)
        self._edit_claim(total)
        body += self.own
        body += self.lines.numbered()
        isa = pieces_of(self.claim.envelope["ISA"], only_first=True)[0]
        gs = pieces_of(self.claim.envelope["GS"], only_first=True)[0]
        isa.lead, st = "", body[0]
        if edits.stamp:
            self._stamp(edits.stamp, isa, gs, st, body)
        body.append(closing(st, "SE", str(len(body) + 1), element(st.elements, 2)))
        newline = gs.lead.replace(" ", "").replace("\t", "")
        whole = [isa, gs, *body, closing(gs, "GE", "1", element(gs.elements, 6))]
        iea = closing(gs, "IEA", "1", element(isa.elements, 13))
        iea.lead = newline
        whole.append(iea)
        separators = self.separators
        texts = [piece.text(separators.element) + separators.terminator for piece in whole]
        return ("".join(texts) + newline).encode("latin-1")

    # Envelope and levels

    def _stamp(self, stamp: Stamp, isa: Piece, gs: Piece, st: Piece, body: list[Piece]) -> None:
        if not (stamp.interchange.isdigit() and len(stamp.interchange) <= 9):
            raise CorrectionError("the interchange control number is not one to nine digits")
        isa.put(9, f"{stamp.day:%y%m%d}")
        isa.put(10, f"{stamp.time:%H%M}")
        isa.put(13, stamp.interchange.zfill(9))
        gs.put(4, f"{stamp.day:%Y%m%d}")
        gs.put(5, f"{stamp.time:%H%M}")
        gs.put(6, safe(stamp.group, "group control number", self.separators))
        st.put(2, safe(stamp.transaction, "transaction control number", self.separators))
        bht = next(piece for piece in body if piece.name == "BHT")
        bht.put(3, safe(stamp.reference, "batch reference", self.separators))
        bht.put(4, f"{stamp.day:%Y%m%d}")
        bht.put(5, f"{stamp.time:%H%M}")

    def _levels(self) -> list[Piece]:
        """The claim's own levels, numbered anew from 1, each the parent of the next."""
        claim = self.claim
        levels = [p for p in (claim.billing, claim.subscriber, claim.patient_level) if p]
        body: list[Piece] = []
        for number, part in enumerate(levels, start=1):
            pieces = pieces_of(part)
            pieces[0].put(1, str(number))
            pieces[0].put(2, str(number - 1) if number > 1 else "")
            pieces[0].put(4, "1" if number < len(levels) else "0")
            body += pieces
        return body

    # The claim's own segments

    def _edit_claim(self, total: Decimal | None) -> None:
        edits, clm = self.edits, self.own[0]
        if edits.new_claim is not None:
            clm.put(1, safe(edits.new_claim, "new claim number", self.separators))
        if total is not None:
            clm.put(2, decimal_text(total))
        if edits.frequency is not None:
            composite = element(clm.elements, 5)
            place = components(composite, self.separators.component)
            mark = composite[len(place[0]) : len(place[0]) + 1] or self.separators.component
            place += [""] * (3 - len(place))
            place[2] = edits.frequency
            clm.put(5, mark.join(place))
        reference = edits.payer_claim_control_number
        if edits.related_claim_field == "REF*F8":
            if reference:
                raise CorrectionError("REF*F8 cannot hold two numbers")
            reference = edits.related_claim
        if reference is not None:
            self._reference(safe(reference, "payer claim control number", self.separators))
        if edits.related_claim_field == "NTE*ADD":
            self._note(safe(edits.related_claim, "note", self.separators))
        wanted = edits.frequency in ("7", "8")
        if wanted and not any(is_reference(piece, "F8") for piece in self._head()):
            raise CorrectionError("a replacement or void needs the payer claim control number")

    def _head(self) -> list[Piece]:
        """The segments of the claim before its providers and other payers."""
        for index, piece in enumerate(self.own):
            if piece.name in ("NM1", "SBR"):
                return self.own[:index]
        return self.own

    def _after(self, names: tuple[str, ...]) -> int:
        """Where the run of segments of these names ends that the claim begins with."""
        head = self._head()
        return next((i for i, piece in enumerate(head) if piece.name not in names), len(head))

    def _reference(self, value: str) -> None:
        present = [piece for piece in self._head() if is_reference(piece, "F8")]
        if not value:
            self.own = _without(self.own, present)
        elif present:
            present[0].put(2, value)
            self.own = [
                piece for piece in self.own if all(piece is not other for other in present[1:])
            ]
        else:
            at = self._after(_BEFORE_REFERENCE)
            self.own.insert(at, new_piece(self.own[at - 1], ["REF", "F8", value]))

    def _note(self, value: str) -> None:
        for piece in self._head():
            if piece.name == "NTE" and element(piece.elements, 1) == "ADD":
                text = f"{element(piece.elements, 2)} {value}"
                if len(text) > _NOTE_LENGTH:
                    raise CorrectionError("the claim's note has no room for the related claim")
                piece.put(2, wire(text))
                return
        if len(value) > _NOTE_LENGTH:
            raise CorrectionError("the related claim is longer than a note")
        at = self._after(_BEFORE_NOTE)
        self.own.insert(at, new_piece(self.own[at - 1], ["NTE", "ADD", value]))


def _without(pieces: list[Piece], taken: list[Piece]) -> list[Piece]:
    return [piece for piece in pieces if not any(piece is other for other in taken)]
