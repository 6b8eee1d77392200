"""One payer answer for one line: what it says, what cancels it, and which one is the latest.

Order is by production date, then by place in the file; the order of import plays no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from server.co107 import codes
from server.facts import Adjudication, Adjustment, ClaimAdjudication, Source

AnswerKind = Literal["final", "reversal", "open", "predetermination"]


def answer_kind(claim: ClaimAdjudication) -> AnswerKind:
    """What `CLP02` makes of an answer. A portal that shows a remittance date but no status code
    shows a final answer."""
    if claim.status == codes.REVERSAL:
        return "reversal"
    if claim.status == codes.PREDETERMINATION:
        return "predetermination"
    if claim.status in codes.FINAL_STATUSES:
        return "final"
    portal = claim.source is not None and claim.source.kind in ("portal", "hand")
    return "final" if portal and not claim.status and claim.produced is not None else "open"


def denied_amount(adjustments: Iterable[Adjustment]) -> Decimal:
    """The sum of the 107 adjustments above 0."""
    return sum((one.amount for one in adjustments if _is_107(one) and one.amount > 0), Decimal(0))


def _is_107(adjustment: Adjustment) -> bool:
    return codes.carc(adjustment.carc) == codes.THE_CARC


def names_107(adjustments: Iterable[Adjustment]) -> bool:
    """Whether a 107 stands here, of any group and either sign; one of 0.00 is none."""
    return any(_is_107(one) and one.amount != 0 for one in adjustments)


def paid_or_allowed(line: Adjudication) -> bool:
    """Paid above 0, or PR 1, 2 or 3 above 0, or `AMT*B6` above 0."""
    if line.paid > 0 or (line.allowed is not None and line.allowed > 0):
        return True
    return any(
        one.group == "PR" and codes.carc(one.carc) in codes.ALLOWED_CARCS and one.amount > 0
        for one in line.adjustments
    )


def merged(parts: Sequence[Adjudication]) -> Adjudication:
    """One adjudication of a line the payer answered in several `SVC` loops of one claim."""
    if len(parts) == 1:
        return parts[0]
    head = min(parts, key=lambda one: (not names_107(one.adjustments), one.order))
    allowed = [one.allowed for one in parts if one.allowed is not None]
    units = [one.units for one in parts if one.units is not None]
    return replace(
        head,
        charge=sum((one.charge for one in parts), Decimal(0)),
        paid=sum((one.paid for one in parts), Decimal(0)),
        allowed=sum(allowed, Decimal(0)) if allowed else None,
        units=sum(units, Decimal(0)) if units else None,
        adjustments=tuple(adjustment for one in parts for adjustment in one.adjustments),
        remarks=tuple(dict.fromkeys(remark for one in parts for remark in one.remarks)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One payer's answer for one line, within its answer for the claim."""

    claim: ClaimAdjudication
    line: Adjudication | None
    """None: the claim was answered without lines."""
    kind: AnswerKind

    @property
    def produced(self) -> date | None:
        return self.claim.produced

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts answers from the oldest to the latest. Of two that date and place cannot tell
        apart the one that pays counts as later: it is the one that never proposes anything."""
        return (
            self.claim.produced or date.min,
            self.claim.order,
            self.pays,
            self.claim.claim,
            self.claim.trace,
            self.claim.payer_claim_control_number,
            str(self.amount_107),
        )

    @property
    def source(self) -> Source | None:
        if self.line is not None and self.line.source is not None:
            return self.line.source
        return self.claim.source

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """The line's adjustments; the claim's where it was answered without lines."""
        return self.claim.adjustments if self.line is None else self.line.adjustments

    @property
    def amount_107(self) -> Decimal:
        return denied_amount(self.adjustments)

    @property
    def pays(self) -> bool:
        """Whether it pays or allows the line."""
        return self.claim.paid > 0 if self.line is None else paid_or_allowed(self.line)

    @property
    def other_denials(self) -> tuple[str, ...]:
        """CARCs above 0 on the line or its claim that are neither 107 nor a payment adjustment."""
        on_claim = () if self.line is None else self.claim.adjustments
        return tuple(
            dict.fromkeys(
                codes.named(one.group, one.carc)
                for one in (*self.adjustments, *on_claim)
                if one.amount > 0
                and codes.carc(one.carc) != codes.THE_CARC
                and codes.carc(one.carc) not in codes.PAYMENT_ADJUSTMENTS
            )
        )


def cancelled_by_reversals(answers: Sequence[Answer]) -> frozenset[int]:
    """Which of a line's answers (by position; sorted by rank) its reversals cancel.

    A reversal cancels the oldest uncancelled final answer with its `CLP07`, or, where that number
    is its own, of its claim number; never one produced after it.
    """
    if all(one.kind != "reversal" for one in answers):
        return frozenset()
    finals = [place for place, one in enumerate(answers) if one.kind == "final"]
    numbers = {answers[place].claim.payer_claim_control_number for place in finals}
    gone: set[int] = set()
    for reversal in (one for one in answers if one.kind == "reversal"):
        number = reversal.claim.payer_claim_control_number
        known = bool(number) and number in numbers
        for place in finals:
            one = answers[place]
            if place in gone or one.claim.claim != reversal.claim.claim:
                continue
            if known and one.claim.payer_claim_control_number != number:
                continue
            if (one.produced or date.min) <= (reversal.produced or date.max):
                gone.add(place)
                break
    return frozenset(gone)


def latest_of(answers: Sequence[Answer], gone: frozenset[int]) -> Answer | None:
    """The latest of a line's answers (sorted by rank; `gone` are the cancelled ones).

    A reversal is the latest only where no final answer stands; a predetermination only where
    there is nothing else.
    """
    live = [one for place, one in enumerate(answers) if place not in gone]
    standing = any(one.kind == "final" for one in live)
    dropped = {"predetermination", "reversal"} if standing else {"predetermination"}
    counting = [one for one in live if one.kind not in dropped]
    found = counting or live
    return found[-1] if found else None
