"""Which submitted line an answer is about, over all versions of a claim.

With the claim's 837 at hand a line is found by `REF*6R` where the 837 knows it, else by
procedure, modifiers, date, charge and units. Without it, answers are joined among themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from server.co107.answers import Answer, answer_kind, merged
from server.facts import Adjudication, ClaimAdjudication, SubmittedClaim, SubmittedLine

Match = Literal["one", "none", "several", "not_loaded", "claim"]
"""`not_loaded`: no 837 to match with; `claim`: the claim itself, answered without lines."""

VOID = "8"


@dataclass(slots=True, eq=False)
class Slot:
    """One line of a claim: its submitted versions and the payer's answers to it."""

    procedure: str
    modifiers: frozenset[str]
    first_day: date | None
    last_day: date | None
    charge: Decimal
    units: Decimal | None
    line_control: str
    match: Match
    billed: tuple[object, ...] = ()
    """What its first answer billed, where no 837 tells."""
    submitted: list[tuple[int, SubmittedLine]] = field(default_factory=list)
    """With the version's place, the oldest first."""
    answers: list[Answer] = field(default_factory=list)

    @property
    def newest(self) -> SubmittedLine | None:
        return self.submitted[-1][1] if self.submitted else None


def slots_of(
    versions: Sequence[SubmittedClaim], answers: Sequence[ClaimAdjudication]
) -> list[Slot]:
    """The lines of one claim with their answers; both sequences sorted from the oldest."""
    slots = _submitted_slots(versions)
    loaded = bool(slots)
    for claim in answers:
        kind = answer_kind(claim)
        placed = _place(claim, slots, loaded)
        for slot, parts in placed:
            slot.answers.append(Answer(claim, merged(parts), kind))
            if slot not in slots:
                slots.append(slot)
    whole = [claim for claim in answers if not claim.lines]
    for slot in slots:
        slot.answers += [Answer(claim, None, answer_kind(claim)) for claim in whole]
        if len(slot.answers) > 1:
            slot.answers.sort(key=lambda one: one.rank)
    return slots


def _submitted_slots(versions: Sequence[SubmittedClaim]) -> list[Slot]:
    """One slot for each submitted line; the same line of several versions shares one."""
    real = [one for one in versions if one.frequency != VOID] or list(versions)
    slots: list[Slot] = []
    for place, version in enumerate(real):
        taken: set[int] = set()
        earlier = list(slots)
        for line in version.lines:
            free = [one for one in earlier if id(one) not in taken]
            slot = _same_line(line, free) if free else None
            if slot is None:
                slot = _slot_of(line)
                slots.append(slot)
            taken.add(id(slot))
            slot.submitted.append((place, line))
    for slot in slots:
        _take_newest(slot)
    return slots


def _same_line(line: SubmittedLine, slots: list[Slot]) -> Slot | None:
    """The earlier version's slot this line continues: by control number and procedure, else by
    all that is billed, else by procedure, modifiers and date where only one slot has them."""
    alike = [one for one in slots if one.procedure == line.procedure]
    if line.line_control:
        same = [one for one in alike if one.line_control == line.line_control]
        if len(same) == 1:
            return same[0]
    close = [
        one
        for one in alike
        if one.modifiers == frozenset(line.modifiers) and one.first_day == line.first_day
    ]
    exact = [one for one in close if one.charge == line.charge and one.units == line.units]
    if exact:
        return exact[0]
    return close[0] if len(close) == 1 else None


def _slot_of(line: SubmittedLine) -> Slot:
    return Slot(
        procedure=line.procedure,
        modifiers=frozenset(line.modifiers),
        first_day=line.first_day,
        last_day=line.last_day or line.first_day,
        charge=line.charge,
        units=line.units,
        line_control=line.line_control,
        match="one",
    )


def _take_newest(slot: Slot) -> None:
    line = slot.newest
    if line is None:
        return
    slot.modifiers = frozenset(line.modifiers)
    slot.first_day, slot.last_day = line.first_day, line.last_day or line.first_day
    slot.charge, slot.units = line.charge, line.units
    slot.line_control = line.line_control or slot.line_control


def _place(
    claim: ClaimAdjudication, slots: list[Slot], loaded: bool
) -> list[tuple[Slot, list[Adjudication]]]:
    """Each line of one answer with its slot; slots seen for the first time are new."""
    placed: dict[int, tuple[Slot, list[Adjudication]]] = {}
    seen: dict[object, int] = {}
    strays = [slot for slot in slots if slot.match != "one"]
    submitted = [slot for slot in slots if slot.submitted]
    for line in sorted(claim.lines, key=lambda one: one.order):
        match: Match = "not_loaded"
        if loaded:
            found = _submitted_matches(line, submitted, by_portal=_by_portal(claim))
            if len(found) == 1:
                placed.setdefault(id(found[0]), (found[0], []))[1].append(line)
                continue
            match = "several" if found else "none"
        occurrence = seen[_billed(line)] = seen.get(_billed(line), 0) + 1
        free = [slot for slot in strays if id(slot) not in placed]
        slot = _stray(line, free, occurrence, claim) or _new_stray(line, match)
        placed[id(slot)] = (slot, [line])
    return list(placed.values())


def _by_portal(claim: ClaimAdjudication) -> bool:
    return claim.source is not None and claim.source.kind == "portal"


def _submitted_matches(line: Adjudication, submitted: list[Slot], *, by_portal: bool) -> list[Slot]:
    if line.line_control:
        by_control = [slot for slot in submitted if _has_control(slot, line)]
        if by_control:
            return _of_one_version(by_control, line)
    exact = [slot for slot in submitted if any(_same_bill(line, one) for _, one in slot.submitted)]
    if exact or not by_portal:
        return exact
    return [slot for slot in submitted if _fits_what_is_shown(line, slot)]


def _has_control(slot: Slot, line: Adjudication) -> bool:
    for _, one in slot.submitted:
        if one.line_control == line.line_control and not _is_another(line, one):
            return True
    return False


def _is_another(line: Adjudication, submitted: SubmittedLine) -> bool:
    """One number, and nothing else alike: the number of a version that is not loaded. A payer that
    changes the code answers with the day and the charge that were billed."""
    return (
        line.submitted_procedure != submitted.procedure
        and line.first_day not in (None, submitted.first_day)
        and abs(line.charge) not in (0, submitted.charge)
    )


def _of_one_version(slots: list[Slot], line: Adjudication) -> list[Slot]:
    """Versions may number their lines anew: where one number means several lines, and no single
    version uses it twice, the procedure tells which is meant."""
    if len(slots) < 2:
        return slots
    control = line.line_control
    places = [
        place for slot in slots for place, one in slot.submitted if one.line_control == control
    ]
    if len(places) != len(set(places)):
        return slots
    return [slot for slot in slots if slot.procedure == line.submitted_procedure] or slots


def _same_bill(line: Adjudication, submitted: SubmittedLine) -> bool:
    """Procedure, modifiers, date, charge and units; a reversal shows both amounts negative."""
    return (
        line.submitted_procedure == submitted.procedure
        and (bool(submitted.procedure) or line.revenue_code == submitted.revenue_code)
        and frozenset(line.submitted_modifiers) == frozenset(submitted.modifiers)
        and line.first_day == submitted.first_day
        and abs(line.charge) == submitted.charge
        and (line.units is None or abs(line.units) == submitted.units)
    )


def _fits_what_is_shown(line: Adjudication, slot: Slot) -> bool:
    """A portal's page leaves things out: only what it shows is compared."""
    shown = frozenset(line.submitted_modifiers)
    return (
        line.submitted_procedure == slot.procedure
        and (not shown or shown == slot.modifiers)
        and (line.first_day is None or line.first_day == slot.first_day)
        and (line.charge == 0 or abs(line.charge) == slot.charge)
    )


def _billed(line: Adjudication) -> tuple[object, ...]:
    return (
        line.line_control,
        line.submitted_procedure,
        line.revenue_code if not line.submitted_procedure else "",
        frozenset(line.submitted_modifiers),
        line.first_day,
        abs(line.charge),
        None if line.units is None else abs(line.units),
    )


def _stray(
    line: Adjudication, free: list[Slot], occurrence: int, claim: ClaimAdjudication
) -> Slot | None:
    """The slot of an earlier answer this line repeats, where no 837 tells."""
    alike = [slot for slot in free if slot.billed == _billed(line)]
    if alike:
        return alike[0]
    if occurrence > 1:
        return None
    shown = [
        slot
        for slot in free
        if (_by_portal(claim) and _fits_what_is_shown(line, slot)) or _was_shown(slot, line)
    ]
    if len(shown) == 1:
        return shown[0]
    same = [
        slot
        for slot in free
        if slot.line_control
        and slot.line_control == line.line_control
        and slot.procedure == line.submitted_procedure
        and slot.first_day == line.first_day
    ]
    return same[0] if len(same) == 1 and _alone(line, claim) else None


def _was_shown(slot: Slot, line: Adjudication) -> bool:
    """Whether a slot that only a portal told of may be this line: the same, the other way round."""
    if not all(_by_portal(one.claim) for one in slot.answers):
        return False
    modifiers = frozenset(line.submitted_modifiers)
    return (
        line.submitted_procedure == slot.procedure
        and (not slot.modifiers or slot.modifiers == modifiers)
        and (slot.first_day is None or slot.first_day == line.first_day)
        and (slot.charge == 0 or slot.charge == abs(line.charge))
    )


def _alone(line: Adjudication, claim: ClaimAdjudication) -> bool:
    """Whether no other line of the answer bears the same control number."""
    return sum(one.line_control == line.line_control for one in claim.lines) == 1


def _new_stray(line: Adjudication, match: Match) -> Slot:
    return Slot(
        procedure=line.submitted_procedure,
        modifiers=frozenset(line.submitted_modifiers),
        first_day=line.first_day,
        last_day=line.last_day or line.first_day,
        charge=abs(line.charge),
        units=None if line.units is None else abs(line.units),
        line_control=line.line_control,
        match=match,
        billed=_billed(line),
    )
