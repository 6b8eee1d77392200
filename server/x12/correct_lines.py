"""The lines of a claim while it is corrected: changed, dropped, added (loop 2400)."""

from __future__ import annotations

from decimal import Decimal

from server.x12.claims import Claim, ClaimLine
from server.x12.edits import AddedLine, ChangedLine, CorrectionError, Edits, LineKey
from server.x12.pieces import (
    CHARGE,
    PROCEDURE,
    UNITS,
    Piece,
    is_reference,
    is_rendering,
    new_piece,
    own_of,
    pieces_of,
    safe,
    service_of,
)
from server.x12.values import decimal_text, element

_AFTER_REFERENCE = ("AMT", "K3", "NTE", "PS1", "HCP")
"""Segments of loop 2400 that stand behind `REF`."""


class Lines:
    """A claim's lines while they are edited."""

    def __init__(self, claim: Claim, names: dict[str, list[str]]) -> None:
        """`names`: every rendering provider's `NM1` in the file by NPI."""
        self._claim = claim
        self._names = names
        self._separators = claim.part.separators
        self._held = [(line, pieces_of(line.part)) for line in claim.lines]

    def numbered(self) -> list[Piece]:
        """All segments of the lines, `LX` numbered from 1."""
        body: list[Piece] = []
        for number, (_, pieces) in enumerate(self._held, start=1):
            if element(pieces[0].elements, 1).lstrip("0") != str(number):
                pieces[0].put(1, str(number))
            body += pieces
        return body

    def edit(self, edits: Edits) -> Decimal | None:
        """Change, drop, add; the claim's new total, None where it stays as it is."""
        for change in edits.changed:
            self._change(change)
        dropped = [self._line(key) for key in edits.dropped]
        added = [
            (self._line(new.before) if new.before is not None else None, new) for new in edits.added
        ]
        made = [(at, self._build(new, at)) for at, new in added]
        if any(at in dropped for at, _ in made if at is not None):
            raise CorrectionError("a line is to be dropped and to stand behind an added one")
        lines: list[tuple[ClaimLine, list[Piece]]] = []
        for index, held in enumerate(self._held):
            lines += [new for at, new in made if at == index]
            if index not in dropped:
                lines.append(held)
        lines += [new for at, new in made if at is None]
        if not lines:
            raise CorrectionError("no line would be left")
        self._held = lines
        moved = edits.added or edits.dropped or any(c.charge is not None for c in edits.changed)
        return sum((self._charge(pieces) for _, pieces in lines), Decimal(0)) if moved else None

    def _line(self, key: LineKey) -> int:
        """Position of a line; raises CorrectionError where it is not one and only one."""
        found = [
            index
            for index, (line, _) in enumerate(self._held)
            if (line.number == key if isinstance(key, int) else key and line.line_control == key)
        ]
        if len(found) != 1:
            what = "several lines" if found else "no line"
            raise CorrectionError(f"{what} of the claim go by the line number or control given")
        return found[0]

    def _charge(self, pieces: list[Piece]) -> Decimal:
        service = service_of(pieces)
        text = element(service.elements, CHARGE[service.name])
        try:
            return Decimal(text)
        except ArithmeticError:
            raise CorrectionError("a line's charge is no number") from None

    def _change(self, change: ChangedLine) -> None:
        _, pieces = self._held[self._line(change.line)]
        service = service_of(pieces)
        at = PROCEDURE[service.name]
        if change.procedure is not None or change.modifiers is not None:
            value = service.elements[at] if at < len(service.elements) else ""
            mark = self._mark(value)
            composite = value.split(mark) if value else ["HC"]
            composite += [""] * (6 - len(composite))
            if change.procedure is not None:
                composite[1] = self._safe(change.procedure.upper(), "procedure")
            if change.modifiers is not None:
                composite[2:6] = self._modifiers(change.modifiers)
            service.put(at, mark.join(composite).rstrip(mark))
        if change.charge is not None:
            service.put(CHARGE[service.name], decimal_text(change.charge))
        if change.units is not None:
            service.put(UNITS[service.name], decimal_text(change.units))
        if change.line_control is not None:
            self._line_control(pieces, self._safe(change.line_control, "line control number"))

    def _line_control(self, pieces: list[Piece], value: str) -> None:
        own = own_of(pieces)
        for piece in own:
            if is_reference(piece, "6R"):
                piece.put(2, value)
                return
        after = max(i for i, piece in enumerate(own) if piece.name not in _AFTER_REFERENCE)
        pieces.insert(after + 1, new_piece(pieces[after], ["REF", "6R", value]))

    def _mark(self, composite: str) -> str:
        """The separator a composite uses: what stands behind its qualifier, else ISA16."""
        third = composite[2:3]
        return third if third and not third.isalnum() else self._separators.component

    def _modifiers(self, modifiers: tuple[str, ...]) -> list[str]:
        if len(modifiers) > 4:
            raise CorrectionError("a line holds four modifiers at most")
        clean = [self._safe(modifier.upper(), "modifier") for modifier in modifiers]
        return clean + [""] * (4 - len(clean))

    def _build(self, new: AddedLine, at: int | None) -> tuple[ClaimLine, list[Piece]]:
        """A new line in the manner of the line it stands before (else of the last one)."""
        if not self._held:
            raise CorrectionError("the claim has no line to write another beside")
        like, model = self._held[at if at is not None else -1]
        pattern = service_of(model)
        if pattern.name not in ("SV1", "SV2"):
            raise CorrectionError("lines are added to professional and institutional claims only")
        make = self._professional if pattern.name == "SV1" else self._institutional
        rows = [make(new, like if at is not None else None, pattern), _days(new)]
        if new.line_control:
            rows.append(["REF", "6R", self._safe(new.line_control, "line control number")])
        pieces = [new_piece(model[0], ["LX", "0"])]
        pieces += [new_piece(pattern, row) for row in rows]
        pieces += self._rendering(new, model, pattern)
        return like, pieces

    def _composite(self, new: AddedLine, mark: str, qualifier: str) -> str:
        procedure = self._safe(new.procedure.upper(), "procedure")
        if not procedure:
            raise CorrectionError("an added line needs a procedure")
        parts = [qualifier or "HC", procedure, *self._modifiers(new.modifiers)]
        return mark.join(parts).rstrip(mark)

    def _counted(self, new: AddedLine) -> list[str]:
        """Charge, unit and units, as both kinds of service segment hold them."""
        unit = self._safe(new.unit, "unit")
        return [decimal_text(new.charge), unit, decimal_text(new.units)]

    def _institutional(self, new: AddedLine, like: ClaimLine | None, pattern: Piece) -> list[str]:
        revenue = new.revenue_code
        if revenue is None and like:
            revenue = like.revenue_code
        if not revenue:
            raise CorrectionError("an added institutional line needs a revenue code")
        sent = element(pattern.elements, 2)
        composite = self._composite(new, self._mark(sent), sent[:2])
        return ["SV2", self._safe(revenue, "revenue code"), composite, *self._counted(new)]

    def _professional(self, new: AddedLine, like: ClaimLine | None, pattern: Piece) -> list[str]:
        place, pointers = new.place_of_service, new.diagnosis_pointers
        if place is None:
            place = like.place_of_service if like else ""
        if pointers is None:
            pointers = like.diagnosis_pointers if like else ()
        if not pointers:
            raise CorrectionError("an added line needs diagnosis pointers")
        sent = element(pattern.elements, 1)
        mark = self._mark(sent)
        composite = self._composite(new, mark, sent[:2])
        place = self._safe(place, "place of service")
        return ["SV1", composite, *self._counted(new), place, "", mark.join(map(str, pointers))]

    def _rendering(self, new: AddedLine, model: list[Piece], pattern: Piece) -> list[Piece]:
        """Loop 2420A of an added line; none where the claim's rendering provider is meant."""
        claim_level = self._claim.provider("82") or self._claim.billing_provider
        if not new.rendering_npi or (claim_level and claim_level.npi == new.rendering_npi):
            return []
        copied: list[Piece] = []
        for piece in model[len(own_of(model)) :]:
            if piece.name in ("NM1", "SVD"):
                if copied:
                    break
                if not is_rendering(piece, new.rendering_npi):
                    continue
            elif not copied:
                continue
            copied.append(Piece(piece.lead, list(piece.elements), piece.raw))
        if copied:
            return copied
        known = self._names.get(new.rendering_npi)
        if known:
            return [new_piece(pattern, list(known))]
        last = self._safe(new.rendering_last_name, "rendering provider's name")
        if not last:
            raise CorrectionError("the added line's rendering provider has no name in the file")
        first = self._safe(new.rendering_first_name, "rendering provider's name")
        npi = self._safe(new.rendering_npi, "rendering provider")
        row = ["NM1", "82", "1", last, first, "", "", "", "XX", npi]
        return [new_piece(pattern, row)]

    def _safe(self, value: str, what: str) -> str:
        return safe(value, what, self._separators)


def _days(new: AddedLine) -> list[str]:
    first = f"{new.first_day:%Y%m%d}"
    if new.last_day in (None, new.first_day):
        return ["DTP", "472", "D8", first]
    return ["DTP", "472", "RD8", f"{first}-{new.last_day:%Y%m%d}"]
