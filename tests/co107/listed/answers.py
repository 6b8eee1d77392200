"""Rows 0a to 2g: claim-level denials, matching, and the answers a line had."""

from __future__ import annotations

from datetime import date

from tests.co107.builders import (
    REMITTED,
    answer,
    bare_answer,
    charge,
    line,
    look,
    mark,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.listed.words import (
    HELD,
    both_lines,
    case,
    one,
    ready,
    remarked,
)

# --- step 0 ---------------------------------------------------------------------------------------
case(
    "0a-claim-without-lines",
    "The 107 stands on the claim, and the payer lists no lines.",
    [bare_answer(adjustments=("CO 107 1150",), status="4")],
    one("review", "claim_level_denial", procedure="", deadline=HELD),
)
case(
    "0a-each-unpaid-line",
    "The 107 stands on the claim; one line is paid, two are not.",
    [
        sent("C1", sent_line(), sent_line("22612", "4000", 2), sent_line("20930", "300", 3)),
        answer(
            "C1",
            line("22614", "CO 45 0"),
            paid_line(control="L2"),
            line("20930", "CO 45 0", charge="300", control="L3"),
            adjustments=("CO 107 1450",),
        ),
    ],
    one("review", "claim_level_denial"),
    one("review", "claim_level_denial", procedure="20930"),
)
case(
    "0b-matches-none",
    "The remittance names a charge the claim never bore.",
    [sent("C1", sent_line(charge="1000", control="")), remarked("N122"), charge()],
    one("review", "ambiguous_line"),
)
case(
    "0b-number-of-another-version",
    "The line's number is known, but procedure, day and charge are of a version not loaded.",
    [
        sent(),
        answer("C1", line("22612", charge="4000", day=date(2026, 1, 14), control="L1")),
        charge("22612"),
    ],
    one("review", "ambiguous_line", procedure="22612"),
)
case(
    "0b-matches-several",
    "The same add-on twice that day, and the remittance tells them not apart.",
    [
        sent("C1", sent_line(control=""), sent_line(number=2, control="")),
        answer("C1", line(control="")),
    ],
    one("review", "ambiguous_line"),
)
case(
    "0b-twice-a-day-told-apart",
    "The same add-on twice that day, told apart by the line's number.",
    [
        sent("C1", sent_line(), sent_line(number=2), sent_line("22612", "4000", 3)),
        answer(
            "C1",
            line("22614", "CO 45 200", paid="950", control="L1"),
            line(control="L2"),
            paid_line(control="L3"),
        ),
    ],
    one("appeal", "primary_paid_same_claim", None, HELD, control="L2"),
)

# --- step 1 ---------------------------------------------------------------------------------------
case(
    "1-forwarded",
    "The payer passed the claim on to another one (status 23).",
    [sent(), answer(status="23")],
    one("waiting", "not_final"),
)
case(
    "1-predetermination-alone",
    "All there is is a predetermination (status 25).",
    [sent(), answer(status="25")],
    one("waiting", "not_final"),
)
case(
    "1-predetermination-displaces-nothing",
    "A newer predetermination does not undo the denial.",
    [
        sent(),
        remarked("N122"),
        charge(),
        answer(status="25", on=date(2026, 2, 20), trace="T9", lines=[line("22614", "CO 45 1150")]),
    ],
    ready(),
)
case(
    "1-under-review-n779",
    "RARC N779 on the claim: the payer is not done, for any of its lines.",
    [sent(), answer(remarks=("N779",)), charge()],
    one("waiting", "not_final"),
)
case(
    "1-portal-shows-pending",
    "A look newer than the remittance shows the claim in process again.",
    [sent(), remarked("N122"), charge(), look(outcome="pending")],
    one("waiting", "not_final"),
)
case(
    "1-portal-without-a-date",
    "A newer look shows another denial, but no remittance date.",
    [
        sent(),
        remarked("N122"),
        charge(),
        look(answers=(answer(on=None, lines=[line("22614", "CO 50 1150")]),)),
    ],
    one("waiting", "not_final"),
)
case(
    "1-portal-same-denial",
    "A newer look shows the same denial: nothing changes.",
    [sent(), remarked("N122"), charge(), look(answers=(answer(on=None),))],
    ready(),
)

# --- step 2 ---------------------------------------------------------------------------------------
TAKEN_BACK = answer(
    "C1",
    line("22614", "CO 107 -1150", charge="-1150"),
    status="22",
    on=date(2026, 2, 20),
    trace="T2",
)
case(
    "2a-voided",
    "We voided the claim, and the payer took its answer back.",
    [sent(), answer(), TAKEN_BACK, mark(kind="void", on=date(2026, 2, 15))],
    one("closed", "voided"),
)
case(
    "2a-voided-by-837",
    "The same, the void known from an 837 of frequency 8.",
    [
        sent(),
        answer(),
        TAKEN_BACK,
        sent("C1", frequency="8", on=date(2026, 2, 15), reference="PCN1"),
    ],
    one("closed", "voided"),
)
case(
    "2a-reversed",
    "The payer took its denial back and said nothing since.",
    [sent(), answer(), TAKEN_BACK, charge()],
    one("waiting", "reversed", deadline="2026-06-20"),
)
CORRECTED = answer(
    "C1",
    line("22614", "CO 45 300", paid="850"),
    number="PCN1A",
    order=1,
    on=date(2026, 2, 20),
    trace="T2",
)
case(
    "2b-paid-after-reversal",
    "Denial taken back and paid in one file, the reversal first.",
    [sent(), answer(), TAKEN_BACK, CORRECTED],
    one("resolved", "paid"),
)
case(
    "2b-paid-before-reversal",
    "The same with the payment first in the file.",
    [
        sent(),
        answer(),
        answer(
            "C1",
            line("22614", "CO 45 300", paid="850"),
            number="PCN1A",
            order=0,
            on=date(2026, 2, 20),
            trace="T2",
        ),
        answer(
            "C1",
            line("22614", "CO 107 -1150", charge="-1150"),
            status="22",
            order=1,
            on=date(2026, 2, 20),
            trace="T2",
        ),
    ],
    one("resolved", "paid"),
)
case(
    "2b-paid-in-two-files",
    "The reversal and the payment come in two files of one date.",
    [
        sent(),
        answer(),
        TAKEN_BACK,
        answer(
            "C1",
            line("22614", "CO 45 300", paid="850"),
            number="PCN1A",
            order=0,
            on=date(2026, 2, 20),
            trace="T3",
        ),
    ],
    one("resolved", "paid"),
)
case(
    "2b-deductible",
    "Paid at $0 to the deductible: allowed, so nothing is missing any more.",
    [
        sent(),
        answer(),
        answer(
            "C1",
            line("22614", "CO 45 300", "PR 1 850"),
            number="PCN1A",
            on=date(2026, 2, 20),
            trace="T2",
        ),
    ],
    one("resolved", "paid"),
)
case(
    "2c-other-denial-now",
    "The newest answer denies for something else.",
    [
        sent(),
        answer(),
        answer("C1", line("22614", "CO 29 1150"), number="PCN1A", on=date(2026, 2, 20), trace="T2"),
    ],
    one("closed", "no_longer_107"),
)
case(
    "2c-zero-107",
    "The newest answer shows a 107 of 0.00: that is none.",
    [
        sent(),
        answer(),
        answer(
            "C1",
            line("22614", "CO 107 0", "CO 97 1150"),
            number="PCN1A",
            on=date(2026, 2, 20),
            trace="T2",
        ),
    ],
    one("closed", "no_longer_107"),
)
case(
    "2b-partial-units",
    "Two of three units are paid; 107 stays on the rest.",
    [
        sent("C1", sent_line(units=3, charge="3450"), sent_line("22612", "4000", 2)),
        answer(
            "C1",
            line("22614", "CO 107 1150", "CO 45 300", units=3, charge="3450", paid="2000"),
            paid_line(control="L2"),
        ),
    ],
    one("appeal", "primary_paid_same_claim", None, HELD),
)
case(
    "2d-resubmitted-by-mark",
    "A person marked the corrected claim as sent.",
    [sent(), answer(), charge(), mark(on=date(2026, 2, 15))],
    one("resubmitted", "answer_pending"),
)
case(
    "2d-resubmitted-by-837",
    "An 837 of frequency 7 went out after the denial.",
    [
        sent(),
        answer(),
        sent(
            "C1",
            sent_line(),
            sent_line("22612", "4000", 2),
            frequency="7",
            reference="PCN1",
            on=date(2026, 2, 15),
        ),
    ],
    one("resubmitted", "answer_pending"),
)
case(
    "2d-resubmitted-same-day",
    "Sent on the day of the remittance: as new as the answer.",
    [sent(), answer(), mark(on=REMITTED)],
    one("resubmitted", "answer_pending"),
)
case(
    "2d-appealed",
    "An appeal was sent.",
    [
        both_lines(),
        answer("C1", line(), paid_line(control="L2")),
        mark(kind="appeal", on=date(2026, 2, 15)),
    ],
    one("appealed", "answer_pending"),
)
case(
    "2d-other-number",
    "Sent again under another claim number, known by its REF*F8.",
    [
        sent(),
        answer(),
        sent("C9", sent_line(), frequency="7", reference="PCN1", on=date(2026, 2, 15)),
    ],
    one("resubmitted", "answer_pending"),
)
AGAIN = answer("C1", line(), number="PCN1B", on=date(2026, 2, 24), trace="T2")
case(
    "2e-denied-again",
    "Sent again, and denied for 107 again.",
    [sent(), answer(), mark(on=date(2026, 2, 15)), AGAIN, charge()],
    one("review", "denied_again", deadline="2026-06-24"),
)
case(
    "2e-denied-again-after-appeal",
    "Appealed, and the payer stands by it.",
    [
        both_lines(),
        answer("C1", line(), paid_line(control="L2")),
        mark(kind="appeal", on=date(2026, 2, 15)),
        AGAIN,
    ],
    one("review", "denied_again", deadline="2026-06-24"),
)
case(
    "2e-reversed-answers-count",
    "The first denial was taken back when the second came.",
    [
        sent(),
        answer(),
        mark(on=date(2026, 2, 15)),
        answer(
            "C1",
            line("22614", "CO 107 -1150", charge="-1150"),
            status="22",
            trace="T2",
            on=date(2026, 2, 24),
        ),
        answer("C1", line(), number="PCN1B", order=1, on=date(2026, 2, 24), trace="T2"),
    ],
    one("review", "denied_again", deadline="2026-06-24"),
)
case(
    "2f-void-pending",
    "The claim was voided; the payer has not answered yet.",
    [sent(), answer(), charge(), mark(kind="void", on=date(2026, 2, 15), procedure="")],
    one("waiting", "void_pending"),
)
case(
    "2f-void-pending-837",
    "The same, known from an 837 of frequency 8.",
    [sent(), answer(), charge(), sent("C1", frequency="8", reference="PCN1", on=date(2026, 2, 15))],
    one("waiting", "void_pending"),
)
case(
    "2f-void-before-the-answer",
    "A void older than the answer says nothing any more.",
    [sent(), answer(), charge(), mark(kind="void", on=date(2026, 2, 1), procedure="")],
    ready(),
)
for code in ("N770", "N880", "MA67"):
    case(
        f"2g-{code.lower()}",
        f"RARC {code}: the payer is adjusting it already.",
        [sent(), answer(remarks=(code,)), charge()],
        one("waiting", "already_adjusted"),
    )
