"""A claim under one payer, and each of its lines with everything that became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from server.co107 import codes
from server.co107.answers import (
    Answer,
    answer_kind,
    cancelled_by_reversals,
    denied_amount,
    latest_of,
    names_107,
    paid_or_allowed,
)
from server.co107.matching import VOID, Slot, slots_of
from server.co107.patients import Person
from server.co107.payers import PayerRef
from server.facts import (
    ClaimAdjudication,
    ClaimKind,
    Look,
    Mark,
    Source,
    SubmittedClaim,
    SubmittedLine,
)

REPLACEMENT = "7"


@dataclass(frozen=True, slots=True)
class Sending:
    """Something sent after an answer: a resubmission, a void or an appeal."""

    kind: str
    """`claim`, `void` or `appeal`."""
    sent_on: date
    source: Source | None


class ClaimHistory:
    """All versions of one claim number and all answers of one payer to it.

    `versions` and `answers` are sorted from the oldest to the newest; `marks` name this claim;
    `sent_as` are other histories the same services went out under.
    """

    def __init__(
        self,
        number: str,
        payer: PayerRef,
        person: Person,
        versions: Sequence[SubmittedClaim],
        answers: Sequence[ClaimAdjudication],
    ) -> None:
        self.number = number
        self.payer = payer
        self.person = person
        self.versions = tuple(versions)
        self.answers = tuple(answers)
        self.marks: list[Mark] = []
        self.looks: list[Look] = []
        self.renumbered: list[SubmittedClaim] = []
        """Versions sent under another number that name this claim's `CLP07` in `REF*F8`."""
        self.sent_as: list[ClaimHistory] = []
        self.sent_for: list[ClaimHistory] = []

    def __repr__(self) -> str:
        return f"ClaimHistory({len(self.versions)} versions, {len(self.answers)} answers)"

    @property
    def loaded(self) -> bool:
        """Whether the claim's 837 is known."""
        return bool(self.versions)

    @cached_property
    def newest(self) -> SubmittedClaim | None:
        """The newest version that is not a void."""
        real = tuple(one for one in self.versions if one.frequency != VOID)
        found = real or self.versions
        return found[-1] if found else None

    @cached_property
    def kind(self) -> ClaimKind:
        """Professional or institutional; from an 835 alone only where it leaves no doubt."""
        kinds = {one.kind for one in self.versions}
        if kinds:
            return kinds.pop() if len(kinds) == 1 else "unknown"
        if any(one.institutional for one in self.answers):
            return "institutional"
        if any(codes.only_place_of_service(one.facility_code) for one in self.answers):
            return "professional"
        return "unknown"

    @cached_property
    def billing_npi(self) -> str:
        if self.newest is not None and self.newest.billing_npi:
            return self.newest.billing_npi
        return next((one.billing_npi for one in reversed(self.answers) if one.billing_npi), "")

    @cached_property
    def control_numbers(self) -> frozenset[str]:
        """Every `CLP07` the payer gave this claim."""
        return frozenset(
            one.payer_claim_control_number for one in self.answers if one.payer_claim_control_number
        )

    @cached_property
    def lines(self) -> tuple[LineHistory, ...]:
        """Its lines, and the claim itself where a 107 stands on an answer without lines."""
        slots = slots_of(self.versions, self.answers)
        lines = [LineHistory(self, slot) for slot in slots]
        whole = self._claim_entry(slots)
        return tuple([*lines, LineHistory(self, whole)] if whole else lines)

    def _claim_entry(self, slots: list[Slot]) -> Slot | None:
        bare = [one for one in self.answers if not one.lines]
        if not any(names_107(one.adjustments) for one in bare):
            return None
        last = self.answers[-1]
        if any(denied_amount(one.adjustments) > 0 for one in last.lines):
            return None  # the lines speak for themselves by now
        slot = Slot("", frozenset(), None, None, last.charge, None, "", "claim")
        slot.answers = [Answer(one, None, answer_kind(one)) for one in self.answers]
        days = [one.first_day for one in slots if one.first_day is not None]
        slot.first_day = min(days, default=None)
        slot.last_day = max(
            (one.last_day for one in slots if one.last_day is not None), default=None
        )
        return slot

    @cached_property
    def procedures(self) -> frozenset[str]:
        """Every procedure one of its lines may bear, told without matching answers to lines."""
        sent = {line.procedure for one in self.versions for line in one.lines}
        answered = {line.submitted_procedure for one in self.answers for line in one.lines}
        return frozenset(sent | answered)

    @cached_property
    def has_107(self) -> bool:
        """Whether any answer, look included, names a 107 anywhere."""
        shown = [answer for look in self.looks for answer in look.answers]
        return any(
            names_107(one.adjustments) or any(names_107(line.adjustments) for line in one.lines)
            for one in (*self.answers, *shown)
        )

    @cached_property
    def standing_answers(self) -> tuple[ClaimAdjudication, ...]:
        """The final answers to the claim that no reversal took back, the oldest first."""
        standing = {id(answer.claim) for line in self.lines for answer in line.standing}
        bare = [Answer(one, None, answer_kind(one)) for one in self.answers]
        gone = {id(bare[place].claim) for place in cancelled_by_reversals(bare)}
        return tuple(
            one.claim
            for one in bare
            if one.kind == "final"
            and (id(one.claim) in standing or (not one.claim.lines and id(one.claim) not in gone))
        )

    @cached_property
    def voids(self) -> tuple[Sending, ...]:
        """Voids of the claim: marked, or an 837 of frequency 8."""
        sent = [
            Sending("void", one.sent_on or date.max, one.source)
            for one in (*self.versions, *self.renumbered)
            if one.frequency == VOID
        ]
        sent += [
            Sending("void", one.sent_on, one.source) for one in self.marks if one.kind == "void"
        ]
        return tuple(sorted(sent, key=_sending_order))


class LineHistory:
    """One line of a claim: what was submitted, every answer, and what was sent since."""

    def __init__(self, claim: ClaimHistory, slot: Slot) -> None:
        self.claim = claim
        self.slot = slot

    def __repr__(self) -> str:
        return f"LineHistory({self.procedure}, {len(self.slot.answers)} answers)"

    @property
    def procedure(self) -> str:
        return self.slot.procedure

    @property
    def modifiers(self) -> frozenset[str]:
        return self.slot.modifiers

    @property
    def first_day(self) -> date | None:
        return self.slot.first_day

    @property
    def last_day(self) -> date | None:
        return self.slot.last_day

    @property
    def submitted(self) -> SubmittedLine | None:
        """The line in the newest version that bears it."""
        return self.slot.newest

    @cached_property
    def rendering_npi(self) -> str:
        if self.submitted is not None and self.submitted.rendering_npi:
            return self.submitted.rendering_npi
        for answer in reversed(self.slot.answers):
            line = answer.line.rendering_npi if answer.line is not None else ""
            if line or answer.claim.rendering_npi:
                return line or answer.claim.rendering_npi
        return self.claim.billing_npi

    @cached_property
    def dropped(self) -> bool:
        """Whether the newest version no longer bears the line."""
        newest = self.claim.newest
        if newest is None or not self.slot.submitted:
            return False
        return all(line is not one for _, line in self.slot.submitted for one in newest.lines)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Every answer, under whatever number the line went out, the oldest first."""
        found = list(self.slot.answers)
        for other in (*self.claim.sent_for, *self.claim.sent_as):
            found += other_answers(other, self)
        return tuple(found if len(found) < 2 else sorted(found, key=lambda one: one.rank))

    @cached_property
    def _gone(self) -> frozenset[int]:
        return cancelled_by_reversals(self.answers)

    @cached_property
    def latest(self) -> Answer | None:
        return latest_of(self.answers, self._gone)

    @cached_property
    def standing(self) -> tuple[Answer, ...]:
        """The final answers no reversal took back."""
        return tuple(
            one
            for place, one in enumerate(self.answers)
            if one.kind == "final" and place not in self._gone
        )

    @cached_property
    def denials(self) -> tuple[Answer, ...]:
        """Final answers with a 107 above 0, the reversed ones included, the oldest first."""
        return tuple(one for one in self.answers if one.kind == "final" and one.amount_107 > 0)

    @cached_property
    def in_table(self) -> bool:
        """Whether a 107 was ever on the line: of its own, or its claim's while it was unpaid."""
        if self.slot.match == "claim":
            return True
        return any(
            answer.line is not None
            and (
                names_107(answer.line.adjustments)
                or (names_107(answer.claim.adjustments) and not paid_or_allowed(answer.line))
            )
            for answer in self.slot.answers
        )

    @cached_property
    def sendings(self) -> tuple[Sending, ...]:
        """Resubmissions and appeals of the line, by a mark or an 837, the oldest first."""
        histories = (self.claim, *self.claim.sent_for)
        sent = [
            Sending(mark.kind, mark.sent_on, mark.source)
            for history in histories
            for mark in history.marks
            if mark.kind != "void" and self.is_named_by(mark)
        ]
        sent += [
            Sending("claim", one.sent_on or date.max, one.source)
            for history in histories
            for one in (*history.versions, *history.renumbered)
            if one.frequency == REPLACEMENT
        ]
        return tuple(sorted(set(sent), key=_sending_order))

    def is_named_by(self, mark: Mark) -> bool:
        """Whether a mark on its claim means this line."""
        if mark.line_control and self.slot.line_control:
            return mark.line_control == self.slot.line_control
        return not mark.procedure or mark.procedure == self.procedure or not self.procedure

    @property
    def amount_107(self) -> Decimal:
        """The 107 adjustments of the latest answer, else of the last one that had any."""
        for answer in (self.latest, *reversed(self.answers)):
            if answer is not None and answer.amount_107 > 0:
                return answer.amount_107
        return Decimal(0)


def _sending_order(one: Sending) -> tuple[date, bool, str, int]:
    source = one.source
    place = ("", 0) if source is None else (source.name, source.segment or 0)
    return one.sent_on, one.kind == "claim", *place


def other_answers(other: ClaimHistory, line: LineHistory) -> list[Answer]:
    """The answers another number's claim got for the same service."""
    found = [
        slot.slot
        for slot in other.lines
        if slot.procedure == line.procedure
        and slot.modifiers == line.modifiers
        and slot.first_day == line.first_day
        and slot.slot.match != "claim"
    ]
    return list(found[0].answers) if len(found) == 1 else []
