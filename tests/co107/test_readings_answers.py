"""Fresh readings of answers, reversals and marks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.co107.builders import (
    LATER,
    REMITTED,
    RULES,
    answer,
    bare_answer,
    both,
    charge,
    line,
    mark,
    paid_later,
    paid_line,
    reversal,
    sent,
    sent_line,
)
from tests.co107.listed.words import HARBOR
from tests.co107.readings import (
    ANY,
    DENIED,
    LATER_PROPOSED,
    NOTHING,
    PAID,
    PAID_HERE,
    PENDING,
    PROPOSED,
    READY,
    RESUBMITTED,
    SECOND,
    Reading,
    Readings,
    redeny,
    review,
    waiting,
)

case = Readings()

# --- what was sent ---

case("mark-other-procedure", [*READY, mark(procedure="22612")], PROPOSED)
case("mark-other-control", [*READY, mark(line_control="L9")], PROPOSED)
case("mark-this-control", [*READY, mark(line_control="L1", procedure="")], RESUBMITTED)
case(
    "mark-same-day-appeal",
    [*READY, mark(kind="appeal", on=REMITTED)],
    ("appealed", "answer_pending", None, None),
)
case("mark-before", [*READY, mark(on=date(2026, 2, 9))], PROPOSED)
case(
    "mark-void-claim",
    [*READY, mark(kind="void"), mark(on=date(2026, 2, 16), new_claim="C1B")],
    RESUBMITTED,
)
case("mark-void-alone", [*READY, mark(kind="void")], waiting("void_pending"))
case("mark-void-before", [*READY, mark(kind="void", on=date(2026, 2, 9))], PROPOSED)
case(
    "mark-void-reversed", [*DENIED, mark(kind="void"), reversal()], ("closed", "voided", None, None)
)
case(
    "mark-void-rev-new",
    [*DENIED, mark(kind="void"), mark(on=date(2026, 2, 16), new_claim="C1B"), reversal()],
    ("closed", "voided", None, None),
)
case(
    "mark-new-paid",
    [
        *DENIED,
        mark(kind="void"),
        mark(on=date(2026, 2, 16), new_claim="C1B"),
        reversal(),
        sent("C1B", sent_line(), on=date(2026, 2, 16)),
        answer(
            "C1B",
            paid_line("22614", "850", charge="1150", control="L1"),
            number="PB",
            on=date(2026, 2, 25),
            trace="T5",
        ),
    ],
    ("resolved", "paid", None, None, "22614", "C1"),
)
case("mark-after-today", [*READY, mark(on=date(2026, 3, 9))], RESUBMITTED)
case("mark-other-claim", [*READY, mark("C2")], PROPOSED)
case(
    "frequency-7-before",
    [sent(), sent(frequency="7", on=date(2026, 1, 25), reference="PCN1"), answer(), charge()],
    PROPOSED,
)
case(
    "frequency-7-after",
    [sent(), answer(), sent(frequency="7", on=date(2026, 2, 12), reference="PCN1"), charge()],
    RESUBMITTED,
)
case(
    "frequency-7-other-number",
    [
        sent(),
        answer(),
        sent("C1R", sent_line(), frequency="7", on=date(2026, 2, 12), reference="PCN1"),
        charge(),
    ],
    RESUBMITTED,
)
case(
    "frequency-7-other-number-other-ref",
    [
        sent(),
        answer(),
        sent("C1R", sent_line(), frequency="7", on=date(2026, 2, 12), reference="ZZZ"),
        charge(),
    ],
    PROPOSED,
)
case(
    "frequency-8-after",
    [sent(), answer(), sent(frequency="8", on=date(2026, 2, 12), reference="PCN1"), charge()],
    waiting("void_pending"),
)
case(
    "frequency-7-denied-again",
    [
        sent(),
        answer(),
        sent(frequency="7", on=date(2026, 2, 12), reference="PCN1"),
        answer(number="PCN2", on=LATER, trace="T2"),
        charge(),
    ],
    review("denied_again", "2026-06-20"),
)
case(
    "appeal-denied-again",
    [*DENIED, mark(kind="appeal"), answer(number="PCN1", on=LATER, trace="T2"), charge()],
    review("denied_again", "2026-06-20"),
)
case(
    "void-between",
    [*DENIED, mark(kind="void"), answer(number="PCN1", on=LATER, trace="T2"), charge()],
    LATER_PROPOSED,
)
case(
    "mark-on-first-denial-day",
    [*DENIED, mark(on=REMITTED), answer(number="PCN1", on=LATER, trace="T2"), charge()],
    ("review", "denied_again"),
)
case(
    "again-then-other",
    [
        *DENIED,
        mark(),
        answer("C1", line("22614", "CO 50 1150"), number="PCN1", on=LATER, trace="T2"),
        charge(),
    ],
    ("closed", "no_longer_107", None, None),
)

# --- the latest answer ---

case(
    "predetermination-later",
    [*READY, answer("C1", line(), status="25", on=LATER, trace="T2", number="PX")],
    PROPOSED,
)
case(
    "pending-later",
    [
        *READY,
        answer("C1", line("22614", "CO 45 0"), status="23", on=LATER, trace="T2", number="PX"),
    ],
    waiting("not_final", "2026-06-20"),
)
case("reversal-future", [*READY, reversal(on=date(2026, 3, 2))], PROPOSED)
case("reversal-own-number", [*READY, reversal(number="REV9")], waiting("reversed", "2026-06-20"))

case("reversal-correction-1", [*READY, reversal(order=0), redeny(1)], LATER_PROPOSED)
case("reversal-correction-2", [*READY, reversal(order=1), redeny(0)], LATER_PROPOSED)
case("reversal-correction-files", [*READY, reversal(order=0), redeny(0, "T3")], LATER_PROPOSED)
case(
    "reversal-correction-new-number",
    [*READY, reversal(order=1), redeny(0, number="PCN2")],
    LATER_PROPOSED,
)
case(
    "reversal-correction-own-number",
    [*READY, reversal(order=1, number="RV"), redeny(0, number="PCN2")],
    LATER_PROPOSED,
)
case(
    "reversal-one-of-two",
    [*READY, answer(on=date(2026, 2, 15), trace="T5", number="PCN1"), reversal()],
    ("ready", "primary_not_billed", "replacement_claim", "2026-08-14"),
)
case(
    "reversal-twice",
    [
        *READY,
        answer(on=date(2026, 2, 15), trace="T5", number="PCN1"),
        reversal(),
        replace(reversal(), trace="T9", produced=date(2026, 2, 21)),
    ],
    waiting("reversed", "2026-06-21"),
)
case(
    "paid-then-denied",
    [
        sent(),
        answer(
            "C1",
            paid_line("22614", "850", charge="1150", control="L1"),
            on=date(2026, 2, 1),
            number="P0",
            trace="T0",
        ),
        answer(),
        charge(),
    ],
    PROPOSED,
)
case("denied-reversed-paid", [*DENIED, reversal(order=0), paid_later()], PAID)

case(
    "secondary-line",
    [
        both(),
        answer(
            "C1", paid_line("22614", "800", charge="1150", control="L1"), paid_line(control="L2")
        ),
        answer(
            "C1",
            line("22614", "CO 107 350", "OA 23 800"),
            line("22612", "OA 23 3000", "CO 45 1000", charge="4000", control="L2"),
            status="2",
            payer=SECOND,
            number="H1",
            trace="H1",
            on=LATER,
        ),
    ],
    ("review", "secondary_payer"),
    rules=[RULES, HARBOR],
)
case(
    "status-1-oa23",
    [sent(), answer("C1", line("22614", "CO 107 350", "OA 23 800")), charge()],
    PROPOSED,
)
case("status-19", [sent(), answer(status="19"), charge()], PROPOSED)
case("status-4", [sent(), answer(status="4"), charge()], PROPOSED)
case("status-13", [sent(), answer(status="13"), charge()], waiting("not_final"))

# --- which line ---

case(
    "matching-modifiers-set",
    [
        sent("C1", sent_line(modifiers=("59", "RT"), control="")),
        answer("C1", line(modifiers=("RT", "59"), control="")),
        charge(),
    ],
    PROPOSED,
)
case(
    "matching-modifiers-differ",
    [
        sent("C1", sent_line(modifiers=("59",), control="")),
        answer("C1", line(control="")),
        charge(),
    ],
    review("ambiguous_line"),
)
case(
    "matching-units-missing",
    [
        sent("C1", sent_line(units=2, control="")),
        answer("C1", replace(line(control=""), units=None)),
        charge(),
    ],
    review("ambiguous_line"),
)
case(
    "matching-no-date-control",
    [sent(), answer("C1", replace(line(), first_day=None, last_day=None)), charge()],
    PROPOSED,
)
case(
    "matching-control-unknown",
    [sent("C1", sent_line(control="L1")), answer("C1", line(control="ZZ")), charge()],
    PROPOSED,
)
case(
    "matching-control-837-none",
    [sent("C1", sent_line(control="")), answer("C1", line(control="ZZ")), charge()],
    PROPOSED,
)
case(
    "matching-control-other-procedure",
    [sent(), answer("C1", line("22632", control="L1")), charge()],
    PROPOSED,
)
case(
    "matching-charge-differs",
    [sent("C1", sent_line(control="", charge="1200")), answer("C1", line(control="")), charge()],
    review("ambiguous_line"),
)
case(
    "matching-835-only-twice", [answer("C1", line(control=""), line(control=""))], NOTHING, NOTHING
)
case(
    "matching-older-version",
    [
        sent("C1", sent_line(control="", charge="1150")),
        sent("C1", sent_line(control="", charge="1200"), frequency="7", on=date(2026, 1, 25)),
        answer("C1", line(control="")),
        charge(),
    ],
    PROPOSED,
)
case(
    "on-claim-107-paid-line",
    [
        both(),
        answer(
            "C1", line("22614", "CO 45 0"), paid_line(control="L2"), adjustments=("CO 107 1150",)
        ),
    ],
    ("review", "claim_level_denial"),
)
case(
    "on-claim-107-zero",
    [both(), answer("C1", line(), paid_line(control="L2"), adjustments=("CO 107 0",))],
    PAID_HERE,
)
case(
    "on-claim-107-bare-837",
    [both(), bare_answer(adjustments=("CO 107 5150",), status="4")],
    ("review", "claim_level_denial", ANY, ANY, None),
)

PAYS = paid_line("22614", "850", charge="1150", control="L1")
RENUMBERED = sent("C1R", sent_line(), frequency="7", on=date(2026, 2, 12), reference="PCN1")
case(
    "paid-under-another-number",
    [*DENIED, RENUMBERED, answer("C1R", PAYS, number="PR", on=LATER, trace="T4")],
    PAID,
)
NO_PRIMARY = sent("C1", sent_line(), on=date(2026, 1, 25))
WITH_PRIMARY = sent(
    "C1",
    sent_line(),
    sent_line("22612", "4000", 2),
    on=date(2026, 1, 22),
    frequency="7",
    reference="P0",
)
case(
    "primary-dropped-by-the-newest-version",
    [WITH_PRIMARY, NO_PRIMARY, answer("C1", line(), paid_line(control="L2"))],
    PENDING,
)

EARLY = sent("A1", sent_line(), frequency="7", on=date(2026, 2, 12), reference="PCN1")
case(
    "paid-under-a-number-that-sorts-before",
    [*DENIED, EARLY, answer("A1", PAYS, on=LATER, trace="T4")],
    PAID,
)
SPAN = sent("C1", sent_line(last_day=date(2026, 1, 20)), sent_line("99213", "10", 2))
BY_LAST_DAY = {
    **RULES,
    "last_day": {"appeal": [{"count": 30, "unit": "days", "anchor": "service_last"}]},
}
case(
    "on-claim-107-last-day",
    [SPAN, bare_answer(adjustments=("CO 107 1160",), status="4")],
    ("review", "claim_level_denial", None, "2026-02-19", None),
    rules=BY_LAST_DAY,
)


@pytest.mark.parametrize("reading", case, ids=[one.name for one in case])
def test_reads_as_the_text_says(reading: Reading, tmp_path: Path) -> None:
    assert reading.left(tmp_path) == ([], [])
