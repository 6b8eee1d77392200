"""Rows 6e to 6i: a listed primary is paid, denied, unanswered, or one thing is off."""

from __future__ import annotations

from datetime import date

from server.facts import Patient
from tests.co107.builders import (
    ANNA,
    OTHER_GROUP,
    OTHER_SURGEON,
    answer,
    charge,
    line,
    mark,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.listed.words import (
    DENIED_PRIMARY,
    HELD,
    NO_HISTORY,
    ONE_DAY,
    SAME_PAID,
    both_lines,
    case,
    one,
    other_claim,
    other_paid,
    remarked,
)

# --- 6e, 6g: paid already -------------------------------------------------------------------------
OTHER_PAID = [sent(), answer(), other_claim(), other_paid()]
case(
    "6e-primary-paid",
    "The primary is paid on the same claim: appeal.",
    SAME_PAID,
    one("appeal", "primary_paid_same_claim", None, HELD),
)
case(
    "6e-primary-to-deductible",
    "The primary went to the deductible whole: allowed.",
    [
        both_lines(),
        answer("C1", line(), line("22612", "CO 45 1000", "PR 1 3000", charge="4000", control="L2")),
    ],
    one("appeal", "primary_paid_same_claim", None, HELD),
)
case(
    "6e-90472-with-90460",
    "90472 takes 90460 as well as 90471.",
    [
        sent("C1", sent_line("90472", "30"), sent_line("90460", "40", 2)),
        answer(
            "C1",
            line("90472", "CO 107 30", charge="30"),
            line("90460", "CO 45 15", paid="25", charge="40", control="L2"),
        ),
    ],
    one("appeal", "primary_paid_same_claim", None, HELD, procedure="90472"),
)
case(
    "6e-svc06",
    "The payer shows another code in SVC01; the submitted one counts.",
    [
        sent("C1", sent_line(), sent_line("22612", "4000", 2)),
        answer("C1", line(adjudicated="22899"), paid_line(control="L2")),
    ],
    one("appeal", "primary_paid_same_claim", None, HELD),
)
case(
    "6e-unprocessable",
    "MA130: the claim was unprocessable, so there is nothing to appeal.",
    [both_lines(), answer("C1", line(remarks=("MA130",)), paid_line(control="L2"))],
    one("review", "unprocessable"),
)
case(
    "6e-unprocessable-on-claim",
    "The same with MA130 on the claim.",
    [both_lines(), answer("C1", line(), paid_line(control="L2"), remarks=("MA130",))],
    one("review", "unprocessable"),
)
case(
    "6e-no-appeal-right",
    "N211: no appeal against this one.",
    [both_lines(), answer("C1", line(remarks=("N211",)), paid_line(control="L2"))],
    one("review", "no_appeal_right"),
)
case(
    "6e-no-appeal-right-on-claim",
    "The same with N211 on the claim.",
    [both_lines(), answer("C1", line(), paid_line(control="L2"), remarks=("N211",))],
    one("review", "no_appeal_right"),
)
case(
    "6g-primary-paid",
    "The primary is paid on another claim: appeal with proof.",
    OTHER_PAID,
    one("appeal", "primary_paid_other_claim", None, HELD),
)
case(
    "6g-covering-physician",
    "99292 by a covering physician of the group whose 99291 is paid.",
    [
        sent("C1", sent_line("99292", "300", rendering=OTHER_SURGEON), rendering=OTHER_SURGEON),
        answer("C1", line("99292", "CO 107 300", charge="300"), rendering=OTHER_SURGEON),
        sent("C2", sent_line("99291", "4000")),
        answer("C2", paid_line("99291", control="L1"), number="PCN2", trace="T2"),
    ],
    one("appeal", "primary_paid_other_claim", None, HELD, procedure="99292"),
)
case(
    "6g-day-before",
    "01968 with 01967 the day before; the payer tolerates one day.",
    [
        sent("C1", sent_line("01968", "700")),
        answer("C1", line("01968", "CO 107 700", charge="700")),
        sent("C2", sent_line("01967", "4000", day=date(2026, 1, 14))),
        answer(
            "C2", paid_line("01967", control="L1", day=date(2026, 1, 14)), number="PCN2", trace="T2"
        ),
    ],
    one("appeal", "primary_paid_other_claim", None, HELD, procedure="01968"),
    rules=ONE_DAY,
)
case(
    "6g-combine",
    "The payer wants both on one claim.",
    OTHER_PAID,
    one("review", "combine_claims"),
    rules=NO_HISTORY,
)
case(
    "6g-combine-before-n211",
    "The same with N211: combining comes first.",
    [sent(), remarked("N211"), other_claim(), other_paid()],
    one("review", "combine_claims"),
    rules=NO_HISTORY,
)
case(
    "6g-no-appeal-right",
    "N211 on the line, the primary paid on another claim.",
    [sent(), remarked("N211"), other_claim(), other_paid()],
    one("review", "no_appeal_right"),
)
case(
    "6g-unprocessable",
    "MA130 on the line, the primary paid on another claim.",
    [sent(), remarked("MA130"), other_claim(), other_paid()],
    one("review", "unprocessable"),
)

# --- 6f, 6h: denied or unanswered -----------------------------------------------------------------
case(
    "6f-denied",
    "The primary on the same claim is denied.",
    [both_lines(), answer("C1", line(), DENIED_PRIMARY)],
    one("waiting", "primary_denied"),
)
case(
    "6f-pending",
    "The primary on the same claim has no answer yet.",
    [both_lines(), answer()],
    one("waiting", "primary_pending"),
)
case(
    "6f-denied-first",
    "One listed primary is denied, another unanswered.",
    [
        sent("C1", sent_line(), sent_line("22612", "4000", 2), sent_line("22630", "4000", 3)),
        answer("C1", line(), DENIED_PRIMARY),
    ],
    one("waiting", "primary_denied"),
)
case(
    "6h-denied",
    "The primary on another claim is denied.",
    [
        sent(),
        answer(),
        other_claim(),
        answer("C2", line("22612", "CO 50 4000", charge="4000"), number="PCN2", trace="T2"),
    ],
    one("waiting", "primary_denied"),
)
case(
    "6h-reversed",
    "The primary's payment on another claim was taken back.",
    [
        sent(),
        answer(),
        other_claim(),
        other_paid(),
        answer(
            "C2",
            line("22612", "CO 45 -1000", charge="-4000", paid="-3000"),
            number="PCN2",
            status="22",
            trace="T3",
            on=date(2026, 2, 20),
        ),
    ],
    one("waiting", "primary_denied"),
)
case(
    "6h-pending",
    "The primary's claim has no answer yet.",
    [sent(), answer(), other_claim(), charge()],
    one("waiting", "primary_pending"),
)
case(
    "6h-charge-of-unknown-claim",
    "The charge names a claim that is not loaded.",
    [sent(), answer(), charge(claim="C7")],
    one("waiting", "primary_pending"),
)
case(
    "6h-charge-of-a-claim-answered-only",
    "The charge names a claim whose 837 is not loaded; its remittance tells of another service.",
    [
        sent(),
        answer(),
        charge(claim="C7"),
        answer("C7", paid_line("99213", "80", charge="100"), number="PCN7", trace="T7"),
    ],
    one("waiting", "primary_pending"),
)
case(
    "6h-charge-answered-by-remittance-only",
    "The same, and the remittance denies the primary itself.",
    [
        sent(),
        answer(),
        charge(claim="C7"),
        answer("C7", line("22612", "CO 50 4000", charge="4000"), number="PCN7", trace="T7"),
    ],
    one("waiting", "primary_denied"),
)
case(
    "6h-voided",
    "The primary's claim was paid, then voided: no answer yet.",
    [sent(), answer(), other_claim(), other_paid(), mark("C2", "void", date(2026, 2, 20), "")],
    one("waiting", "primary_pending"),
)

# --- 6i: near, but one thing off ------------------------------------------------------------------
case(
    "6i-other-group",
    "The primary is paid, but to another group.",
    [
        sent(),
        answer(),
        sent(
            "C2",
            sent_line("22612", "4000", rendering=OTHER_SURGEON),
            billing=OTHER_GROUP,
            rendering=OTHER_SURGEON,
        ),
        answer(
            "C2",
            paid_line(control="L1"),
            number="PCN2",
            trace="T2",
            billing=OTHER_GROUP,
            rendering=OTHER_SURGEON,
        ),
    ],
    one("review", "mismatch"),
)
case(
    "6i-two-days-off",
    "The primary is paid two days later.",
    [sent(), answer(), other_claim(day=date(2026, 1, 17)), other_paid(day=date(2026, 1, 17))],
    one("review", "mismatch"),
)
case(
    "6i-charge-of-another-day",
    "An unbilled charge of the primary stands three days earlier.",
    [sent(), answer(), charge(day=date(2026, 1, 12))],
    one("review", "mismatch"),
)
case(
    "6i-component",
    "The add-on is global; the primary was billed as a reading (26).",
    [sent(), answer(), other_claim(modifiers=("26",)), other_paid(modifiers=("26",))],
    one("review", "mismatch"),
)
case(
    "6i-side",
    "The add-on is right, the primary left.",
    [
        sent("C1", sent_line(modifiers=("RT",))),
        answer("C1", line(modifiers=("RT",))),
        other_claim(modifiers=("LT",)),
        other_paid(modifiers=("LT",)),
    ],
    one("review", "mismatch"),
)
case(
    "6i-assistant",
    "The primary on file is the assistant's (80).",
    [sent(), answer(), other_claim(modifiers=("80",)), other_paid(modifiers=("80",))],
    one("review", "mismatch"),
)
case(
    "6i-charge-of-nothing",
    "The charge of the primary is 0.00.",
    [sent(), answer(), charge(amount="0")],
    one("review", "mismatch"),
)
case(
    "6i-other-member-id",
    "The primary is paid for the same person under another member id.",
    [
        sent(),
        answer(),
        other_claim(patient=Patient("M777", "ROE", "ANNA", ANNA.birth_date)),
        answer(
            "C2",
            paid_line(control="L1"),
            number="PCN2",
            trace="T2",
            patient=Patient("M777", "ROE", "ANNA"),
        ),
    ],
    one("review", "mismatch"),
)
