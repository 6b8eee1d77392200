"""Every case of `cases/`, told in the records of `builders`. Run this file to write them anew.

What should come out is written here by hand. `C1` is the claim in question unless said otherwise,
22614 (an added spinal level) the add-on, 22612 its primary, today 2026-03-01.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from server.facts import Patient, Payer
from tests.co107.builders import (
    ANNA,
    BEN,
    OTHER_GROUP,
    OTHER_SURGEON,
    PAIRS,
    REMITTED,
    RULES,
    TODAY,
    answer,
    bare_answer,
    charge,
    facts,
    line,
    look,
    mark,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.case_files import Written, write

CASES = Path(__file__).resolve().parent / "cases"
HELD = "2026-06-10"  # the appeal's last day is the earliest of Meridian's
REPLACE = "2026-08-09"
YEAR = "2027-01-15"

NO_HISTORY = RULES | {"uses_history": False}
WITH_NOTE = RULES | {"related_claim_field": "NTE*ADD"}
WITH_F8 = RULES | {"related_claim_field": "REF*F8"}
REOPENS = RULES | {"replacement_claims": False, "reopening": True, "reopening_adds_lines": True}
ONE_DAY = RULES | {"date_tolerance_days": 1}
UNSET = {k: v for k, v in RULES.items() if k != "replacement_claims"}
ALL: list[Written] = []


def case(name, story, items, *expected, today=TODAY, rules=RULES, pairs=PAIRS, swept=()):
    payers = rules if isinstance(rules, list) else [rules]
    ALL.append(Written(name, story, facts(*items), expected, today, payers, pairs, swept))


def one(state, reason, route=None, deadline=None, procedure="22614", claim="C1", control=None):
    if state in ("waiting", "review") and deadline is None:
        deadline = HELD
    entry = (claim, procedure, state, reason, route, deadline)
    return (*entry, control) if control else entry


def remarked(*remarks, **more):
    """The worked example's denial with remark codes on its line."""
    return answer(lines=[line(remarks=remarks)], **more)


def ready(reason="primary_not_billed", route="replacement_claim", deadline=REPLACE, **more):
    return one("ready", reason, route, deadline, **more)


def both_lines(**primary):
    """C1 with the primary beside the add-on."""
    return sent("C1", sent_line(), sent_line("22612", "4000", 2, **primary))


def other_claim(**more):
    """C2 with the primary alone."""
    fields = {key: more.pop(key) for key in ("day", "modifiers", "rendering") if key in more}
    return sent("C2", sent_line("22612", "4000", 1, **fields), **more)


def other_paid(**more):
    fields = {key: more.pop(key) for key in ("day", "modifiers") if key in more}
    return answer("C2", paid_line(control="L1", **fields), number="PCN2", trace="T2", **more)


DENIED_PRIMARY = line("22612", "CO 50 4000", charge="4000", control="L2")

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

# --- steps 3 and 4 --------------------------------------------------------------------------------
case(
    "3a-patient-responsibility",
    "The 107 bears group PR.",
    [sent(), answer("C1", line("22614", "PR 107 1150")), charge()],
    one("review", "patient_responsibility"),
)
case(
    "3a-one-of-two-107",
    "One part of the 107 bears CO, another PR.",
    [sent(), answer("C1", line("22614", "CO 107 1000", "PR 107 150")), charge()],
    one("review", "patient_responsibility"),
)
for status in ("2", "3", "20", "21"):
    case(
        f"3b-status-{status}",
        "The payer answered as a later payer; CARC 23 is what others paid.",
        [sent(), answer("C1", line("22614", "CO 107 1000", "OA 23 150"), status=status), charge()],
        one("review", "secondary_payer"),
    )
case(
    "4-medical-necessity-too",
    "The line bears CARC 50 beside the 107.",
    [sent(), answer("C1", line("22614", "CO 107 1000", "CO 50 150")), charge()],
    one("review", "other_denial"),
)
case(
    "4-sixth-triplet",
    "The other denial stands in the sixth triplet of its CAS.",
    [
        sent(),
        answer(
            "C1",
            line(
                "22614",
                "CO 107 1000",
                "CO 45 10",
                "CO 253 10",
                "CO 237 10",
                "CO 144 10",
                "CO 97 110",
            ),
        ),
        charge(),
    ],
    one("review", "other_denial"),
)
case(
    "4-payment-adjustments-only",
    "Contractual, sequestration, interest: no denials.",
    [
        sent(),
        answer("C1", line("22614", "CO 107 1000", "CO 45 100", "CO 253 20", "CO 237 30")),
        charge(),
    ],
    ready(),
)
case(
    "4-other-denial-of-zero",
    "CARC 50 with 0.00 is none.",
    [sent(), answer("C1", line("22614", "CO 107 1150", "CO 50 0")), charge()],
    ready(),
)

# --- step 5 ---------------------------------------------------------------------------------------
for row, codes_, reason in (
    ("5a", ("N522",), "crossover_duplicate"),
    ("5b", ("N432",), "in_audit"),
    ("5c", ("N19", "N20", "N525", "M15", "M80", "M144"), "bundled"),
    ("5d", ("N4",), "prior_payer_eob"),
    ("5e", ("N56", "M51", "M20", "N519", "N822"), "code_or_modifier"),
    ("5f", ("N362",), "units"),
    ("5f", ("N357",), "interval"),
):
    for code in codes_:
        case(
            f"{row}-{code.lower()}",
            f"RARC {code} on the line.",
            [sent(), remarked(code), charge()],
            one("review", reason),
        )
case(
    "5a-on-the-claim",
    "N522 on the claim binds every line of it.",
    [both_lines(), answer("C1", line(), DENIED_PRIMARY, remarks=("N522",))],
    one("review", "crossover_duplicate"),
)
case(
    "5b-on-the-claim",
    "N432 on the claim binds every line of it.",
    [both_lines(), answer("C1", line(), DENIED_PRIMARY, remarks=("N432",))],
    one("review", "in_audit"),
)
case(
    "5d-only-open-line",
    "N4 on the claim binds its one unpaid line.",
    [both_lines(), answer("C1", line(), paid_line(control="L2"), remarks=("N4",))],
    one("review", "prior_payer_eob"),
)
case(
    "5f-only-open-line",
    "N362 on the claim binds its one unpaid line.",
    [both_lines(), answer("C1", line(), paid_line(control="L2"), remarks=("N362",))],
    one("review", "units"),
)
case(
    "5f-interval-only-open-line",
    "N357 on the claim binds its one unpaid line.",
    [both_lines(), answer("C1", line(), paid_line(control="L2"), remarks=("N357",))],
    one("review", "interval"),
)
case(
    "5c-two-open-lines",
    "M15 on the claim binds no line where two are unpaid.",
    [both_lines(), answer("C1", line(), DENIED_PRIMARY, remarks=("M15",))],
    one("waiting", "primary_denied"),
)
case(
    "5-unknown-remark",
    "A remark code no list names may say anything.",
    [sent(), remarked("N122", "N9999"), charge()],
    one("review", "unknown_remark"),
)
case(
    "5-unknown-remark-on-claim",
    "The same on the claim, whose only line it is.",
    [sent(), answer(remarks=("ZZ99",)), charge()],
    one("review", "unknown_remark"),
)
case(
    "5-listed-remark-without-a-row",
    "MA01 (how to appeal) is listed, and decides nothing.",
    [sent(), remarked("MA01", "N122"), charge()],
    ready(),
)
SAME = (answer(on=None),)
case(
    "5g-never-looked",
    "A sweep covers this payer, and never saw the claim.",
    [sent(), remarked("N122"), charge()],
    one("waiting", "unconfirmed"),
    swept=["MRD01"],
)
case(
    "5g-too-old",
    "The last look is four days old.",
    [
        sent(),
        remarked("N122"),
        charge(),
        look(at=datetime(2026, 2, 25, 8, tzinfo=UTC), answers=SAME),
    ],
    one("waiting", "unconfirmed"),
    swept=["MRD01"],
)
case(
    "5g-three-days",
    "The last look is three days old: just within the limit.",
    [
        sent(),
        remarked("N122"),
        charge(),
        look(at=datetime(2026, 2, 26, 8, tzinfo=UTC), answers=SAME),
    ],
    ready(),
    swept=["meridian"],
)
case(
    "5g-failed-since",
    "The look after a good one failed.",
    [
        sent(),
        remarked("N122"),
        charge(),
        look(answers=SAME),
        look(outcome="failed", at=datetime(2026, 3, 1, 2, tzinfo=UTC)),
    ],
    one("waiting", "unconfirmed"),
    swept=["MRD01"],
)
case(
    "5g-not-found",
    "The portal does not know the claim.",
    [sent(), remarked("N122"), charge(), look(outcome="not_found")],
    one("waiting", "unconfirmed"),
    swept=["MRD01"],
)

# --- 6a, 6b: a claim reference is missing ---------------------------------------------------------
EARLIER = answer(
    "C1", line("22614", "CO 45 0", "CO 16 1150"), number="PCN0", trace="T0", on=date(2026, 1, 30)
)
for code in ("M47", "N152"):
    case(
        f"6a-{code.lower()}",
        f"RARC {code}: one earlier answer to this claim number stands.",
        [sent(), EARLIER, remarked(code)],
        ready("reference_found"),
        rules=WITH_F8,
    )
case(
    "6a-m47-several-one-reversed",
    "Two earlier answers, one of them taken back.",
    [
        sent(),
        EARLIER,
        answer(
            "C1",
            line("22614", "CO 45 0", "CO 16 -1150", charge="-1150"),
            number="PCN0",
            status="22",
            trace="T0",
            on=date(2026, 2, 1),
        ),
        answer(
            "C1",
            line("22614", "CO 16 1150"),
            number="PCN0B",
            trace="T0",
            order=1,
            on=date(2026, 2, 1),
        ),
        remarked("M47"),
    ],
    ready("reference_found"),
    rules=WITH_F8,
)
SURGERY_PAID = answer(
    "S1",
    paid_line("27447", charge="4000", day=date(2025, 12, 1), control="L1"),
    number="PCNS",
    trace="TS",
    on=date(2025, 12, 20),
)
SURGERY = sent("S1", sent_line("27447", "4000", 1, day=date(2025, 12, 1)), on=date(2025, 12, 5))
case(
    "6a-n214",
    "RARC N214: one surgery of the group, paid, within 90 days before.",
    [sent(), SURGERY, SURGERY_PAID, remarked("N214")],
    ready("reference_found"),
    rules=WITH_NOTE,
)
case(
    "6b-m47-none",
    "M47, and no earlier answer is known.",
    [sent(), remarked("M47")],
    one("review", "related_claim_not_found"),
    rules=WITH_F8,
)
case(
    "6b-m47-reversed",
    "M47, and the earlier answer was taken back.",
    [
        sent(),
        EARLIER,
        answer(
            "C1",
            line("22614", "CO 45 0", "CO 16 -1150", charge="-1150"),
            number="PCN0",
            status="22",
            trace="T0",
            on=date(2026, 2, 1),
        ),
        remarked("M47"),
    ],
    one("review", "related_claim_not_found"),
    rules=WITH_F8,
)
case(
    "6b-m47-several",
    "M47, and two earlier answers stand.",
    [
        sent(),
        EARLIER,
        answer("C1", line("22614", "CO 16 1150"), number="PCN0B", trace="T0", on=date(2026, 2, 1)),
        remarked("M47"),
    ],
    one("review", "related_claim_ambiguous"),
    rules=WITH_F8,
)
case(
    "6b-m47-field-unset",
    "M47, one fits, but where the payer wants it is not known.",
    [sent(), EARLIER, remarked("M47")],
    one("review", "reference_field_unknown"),
)
case(
    "6b-n214-none",
    "N214, and no surgery is known: this one is 91 days before.",
    [
        sent(),
        sent("S1", sent_line("27447", "4000", 1, day=date(2025, 10, 16))),
        answer(
            "S1",
            paid_line("27447", control="L1", day=date(2025, 10, 16)),
            number="PCNS",
            trace="TS",
            on=date(2025, 12, 20),
        ),
        remarked("N214"),
    ],
    one("review", "related_claim_not_found"),
    rules=WITH_NOTE,
)
case(
    "6b-n214-several",
    "N214, and two claims bear surgery.",
    [
        sent(),
        SURGERY,
        SURGERY_PAID,
        sent("S2", sent_line("29881", "4000", 1, day=date(2025, 12, 9))),
        answer(
            "S2",
            paid_line("29881", control="L1", day=date(2025, 12, 9)),
            number="PCNT",
            trace="TT",
            on=date(2025, 12, 20),
        ),
        remarked("N214"),
    ],
    one("review", "related_claim_ambiguous"),
    rules=WITH_NOTE,
)
case(
    "6b-n214-wants-a-note",
    "N214 with REF*F8: that field can only name the claim replaced.",
    [sent(), SURGERY, SURGERY_PAID, remarked("N214")],
    one("review", "reference_field_unknown"),
    rules=WITH_F8,
)
case(
    "6b-n214-postoperative-care",
    "A claim for the care after it (modifier 55) is no surgery.",
    [
        sent(),
        sent("S1", sent_line("27447", "4000", 1, day=date(2025, 12, 1), modifiers=("55",))),
        answer(
            "S1",
            paid_line("27447", control="L1", day=date(2025, 12, 1), modifiers=("55",)),
            number="PCNS",
            trace="TS",
            on=date(2025, 12, 20),
        ),
        remarked("N214"),
    ],
    one("review", "related_claim_not_found"),
    rules=WITH_NOTE,
)

# --- 6c, 6d ---------------------------------------------------------------------------------------
READING = sent("C1", sent_line("72148", "200", modifiers=("26",)))
READING_DENIED = answer("C1", line("72148", "CO 107 200", charge="200", modifiers=("26",)))


def hospital(claim="H1", **more):
    return sent(
        claim,
        sent_line("72148", "900", 1),
        kind="institutional",
        billing=OTHER_GROUP,
        rendering=OTHER_SURGEON,
        facility="13",
        **more,
    )


def hospital_paid(claim="H1", number="PCNH"):
    return answer(
        claim,
        line("72148", "CO 45 500", charge="900", paid="400", control="L1"),
        number=number,
        trace="TH",
        billing=OTHER_GROUP,
        rendering="",
        facility="13",
    )


case(
    "6c-facility-837i",
    "A reading (26): the hospital's claim for the film is paid.",
    [READING, READING_DENIED, hospital(), hospital_paid()],
    ready("facility_claim_found", procedure="72148"),
    rules=WITH_NOTE,
)
case(
    "6c-technical-line",
    "A reading (26): an imaging center's TC line is paid.",
    [
        READING,
        READING_DENIED,
        sent(
            "H1",
            sent_line("72148", "900", 1, modifiers=("TC",)),
            billing=OTHER_GROUP,
            rendering=OTHER_SURGEON,
        ),
        answer(
            "H1",
            line("72148", "CO 45 500", charge="900", paid="400", modifiers=("TC",)),
            number="PCNH",
            trace="TH",
            billing=OTHER_GROUP,
        ),
    ],
    ready("facility_claim_found", procedure="72148"),
    rules=WITH_NOTE,
)
case(
    "6c-field-unknown",
    "The facility's claim is there; the payer's field for it is not known.",
    [READING, READING_DENIED, hospital(), hospital_paid()],
    one("review", "reference_field_unknown", procedure="72148"),
)
case(
    "6c-field-is-f8",
    "REF*F8 can only name the claim that is replaced.",
    [READING, READING_DENIED, hospital(), hospital_paid()],
    one("review", "reference_field_unknown", procedure="72148"),
    rules=WITH_F8,
)
case(
    "6c-two-facilities",
    "Two facility claims for the day.",
    [
        READING,
        READING_DENIED,
        hospital(),
        hospital_paid(),
        hospital("H2"),
        hospital_paid("H2", "PCNI"),
    ],
    one("review", "related_claim_ambiguous", procedure="72148"),
    rules=WITH_NOTE,
)
case(
    "6d-g2211",
    "G2211 stands in no list: what it belongs to is for a person to say.",
    [
        sent("C1", sent_line("G2211", "36"), sent_line("99213", "150", 2)),
        answer(
            "C1",
            line("G2211", "CO 107 36", charge="36"),
            paid_line("99213", "100", charge="1100", control="L2"),
        ),
    ],
    one("review", "no_pair_rule", procedure="G2211"),
)
case(
    "6d-pair-ended",
    "The pair ended with 2025: on this day the code is in no pair.",
    [
        sent("C1", sent_line("11111", "100")),
        answer("C1", line("11111", "CO 107 100", charge="100")),
        charge("22222"),
    ],
    one("review", "no_pair_rule", procedure="11111"),
)
case(
    "6d-pair-still-valid",
    "The same pair on its last day of validity.",
    [
        sent("C1", sent_line("11111", "100", day=date(2025, 12, 31))),
        answer("C1", line("11111", "CO 107 100", charge="100", day=date(2025, 12, 31))),
        charge("22222", day=date(2025, 12, 31)),
    ],
    ready(procedure="11111"),
)
case(
    "6d-table-lists-nothing",
    "The table given lists no pair at all, and replaces the starter.",
    [sent(), answer(), charge()],
    one("review", "no_pair_rule"),
    pairs=[],
)
case(
    "6d-reading-without-facility",
    "A reading (26), and no facility claim is known.",
    [READING, READING_DENIED],
    one("review", "no_pair_rule", procedure="72148"),
    rules=WITH_NOTE,
)

# --- 6e, 6g: paid already -------------------------------------------------------------------------
SAME_PAID = [both_lines(), answer("C1", line(), paid_line(control="L2"))]
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

# --- 6j, 6k: not billed ---------------------------------------------------------------------------
case(
    "6j-worked-example",
    "22614 denied; 22612 was performed, signed off and never billed.",
    [sent(), remarked("N122"), charge()],
    ready(),
)
case(
    "6j-type-3",
    "A type 3 add-on with a listed primary as a charge.",
    [
        sent("C1", sent_line("93320", "100")),
        answer("C1", line("93320", "CO 107 100", charge="100")),
        charge("93303"),
    ],
    ready(procedure="93320"),
)
case(
    "6j-chain",
    "64495 and 64494 are denied for want of 64493, which a charge holds.",
    [
        sent("C1", sent_line("64495", "500"), sent_line("64494", "600", 2)),
        answer(
            "C1",
            line("64495", "CO 107 500", charge="500"),
            line("64494", "CO 107 600", charge="600", control="L2"),
        ),
        charge("64493"),
    ],
    ready(procedure="64494"),
    ready(procedure="64495"),
)
case(
    "6j-chain-two-charges",
    "64495 alone was billed; charges hold both levels below it.",
    [
        sent("C1", sent_line("64495", "500")),
        answer("C1", line("64495", "CO 107 500", charge="500")),
        charge("64494"),
        charge("64493"),
    ],
    ready(procedure="64495"),
)
case(
    "6j-surgeon-not-hospital",
    "The hospital's claim bears the surgeon's code: neither here nor there.",
    [
        sent(),
        answer(),
        charge(),
        sent(
            "H1",
            sent_line("22612", "20000"),
            kind="institutional",
            billing=OTHER_GROUP,
            facility="11",
        ),
    ],
    ready(),
)
case(
    "6j-identical-rows",
    "The charge export holds the same row twice.",
    [sent(), answer(), charge(), charge()],
    ready(),
)
case(
    "6j-last-version",
    "Two versions of the charge: the last signed counts.",
    [
        sent(),
        answer(),
        charge(amount="3900", signed_at=datetime(2026, 1, 16, tzinfo=UTC)),
        charge(amount="4000", signed_at=datetime(2026, 1, 20, tzinfo=UTC)),
    ],
    ready(),
)
case(
    "6m-cancelled-charge",
    "A negative row takes the charge back.",
    [
        sent(),
        answer(),
        charge(),
        charge(units=-1, amount="-4000", signed_at=datetime(2026, 1, 20, tzinfo=UTC)),
    ],
    one("review", "primary_not_documented"),
)
case(
    "6m-charge-signed-tomorrow",
    "The charge is signed after today.",
    [sent(), answer(), charge(signed_at=datetime(2026, 3, 2, 7, tzinfo=UTC))],
    one("review", "primary_not_documented"),
)
case(
    "6k-not-loaded",
    "The charge is there, but the denied claim's 837 is not.",
    [answer(), charge()],
    one("review", "claim_not_loaded"),
)
case(
    "6k-not-loaded-says-billed",
    "The same, the charge naming this very claim.",
    [answer(), charge(claim="C1")],
    one("review", "claim_not_loaded"),
)
case(
    "6k-names-this-claim",
    "The charge says it was billed on this claim, which lacks it.",
    [sent(), answer(), charge(claim="C1")],
    one("review", "charge_says_billed"),
)
case(
    "6k-names-another-claim",
    "The charge says it was billed on C2, which lacks it.",
    [sent(), answer(), charge(claim="C2"), sent("C2", sent_line("99213", "100"))],
    one("review", "charge_says_billed"),
)
case(
    "6k-several",
    "Two primaries were performed, and none was billed.",
    [sent(), answer(), charge("22612"), charge("22630")],
    one("review", "primary_ambiguous"),
)
case(
    "6k-spouses",
    "Two people share the member id, and the charge names none of them.",
    [
        sent(),
        answer(),
        sent("B1", sent_line("99213", "100"), patient=BEN),
        charge(patient=Patient("M100")),
    ],
    one("review", "primary_ambiguous"),
)
case(
    "6j-spouse-named",
    "Two people share the member id; the charge names this patient.",
    [sent(), answer(), sent("B1", sent_line("99213", "100"), patient=BEN), charge()],
    ready(),
)
case(
    "6m-twin",
    "The charge is the twin's, who shares member id and birth date.",
    [sent(), answer(), charge(patient=Patient("M100", "", "CARA", ANNA.birth_date))],
    one("review", "primary_not_documented"),
)

# --- 6l, 6m ---------------------------------------------------------------------------------------
case(
    "6l-type-2",
    "Type 2: the payer alone knows what qualifies.",
    [
        sent("C1", sent_line("0054T", "100")),
        answer("C1", line("0054T", "CO 107 100", charge="100")),
    ],
    one("review", "payer_defined_primary", procedure="0054T"),
)
case(
    "6l-type-2-with-charges",
    "Type 2, whatever the charges.",
    [
        sent("C1", sent_line("0054T", "100")),
        answer("C1", line("0054T", "CO 107 100", charge="100")),
        charge("27447"),
    ],
    one("review", "payer_defined_primary", procedure="0054T"),
)
case(
    "6l-type-3-nothing-listed",
    "Type 3, and no listed primary is found anywhere.",
    [
        sent("C1", sent_line("93320", "100")),
        answer("C1", line("93320", "CO 107 100", charge="100")),
    ],
    one("review", "payer_defined_primary", procedure="93320"),
)
case(
    "6m-nothing-found",
    "Nothing tells of the primary.",
    [sent(), remarked("N122")],
    one("review", "primary_not_documented"),
)
case(
    "6m-not-signed-off",
    "A charge that is not signed off records nothing.",
    [sent(), answer(), charge(signed=False, signed_at=None)],
    one("review", "primary_not_documented"),
)
case(
    "6m-two-things-off",
    "The primary is two days off and of another group: no mismatch, and "
    "a fitting charge\nis not proposed while it stands there.",
    [
        sent(),
        answer(),
        charge(),
        sent(
            "C2",
            sent_line("22612", "4000", rendering=OTHER_SURGEON, day=date(2026, 1, 17)),
            billing=OTHER_GROUP,
            rendering=OTHER_SURGEON,
        ),
    ],
    one("review", "primary_not_documented"),
)
case(
    "6m-known-from-835-alone",
    "The primary is paid on a claim known from an 835 alone, which may "
    "be the hospital's\n(CLP08 22 may be a place of service or a bill type).",
    [sent(), answer(), charge(), other_paid()],
    one("review", "primary_not_documented"),
)
case(
    "6g-835-alone-but-professional",
    "The same with CLP08 20, which can only be a place of service.",
    [sent(), answer(), other_paid(facility="20")],
    one("appeal", "primary_paid_other_claim", None, HELD),
)

# --- chains ---------------------------------------------------------------------------------------
case(
    "chain-lowest-link-denied",
    "64494 stands on 64493, which is denied: the lowest link decides.",
    [
        sent(
            "C1",
            sent_line("64495", "500"),
            sent_line("64494", "600", 2),
            sent_line("64493", "700", 3),
        ),
        answer(
            "C1",
            line("64495", "CO 107 500", charge="500"),
            line("64494", "CO 45 100", charge="600", paid="500", control="L2"),
            line("64493", "CO 50 700", charge="700", control="L3"),
        ),
    ],
    one("waiting", "primary_denied", procedure="64495"),
)
case(
    "chain-whole",
    "64494 and 64493 are both paid.",
    [
        sent(
            "C1",
            sent_line("64495", "500"),
            sent_line("64494", "600", 2),
            sent_line("64493", "700", 3),
        ),
        answer(
            "C1",
            line("64495", "CO 107 500", charge="500"),
            line("64494", "CO 45 100", charge="600", paid="500", control="L2"),
            line("64493", "CO 45 100", charge="700", paid="600", control="L3"),
        ),
    ],
    one("appeal", "primary_paid_same_claim", None, HELD, procedure="64495"),
)
case(
    "chain-not-to-be-mended",
    "64494 is denied for medical necessity, 64493 a charge: the chain is not mended.",
    [
        sent("C1", sent_line("64495", "500"), sent_line("64494", "600", 2)),
        answer(
            "C1",
            line("64495", "CO 107 500", charge="500"),
            line("64494", "CO 50 600", charge="600", control="L2"),
        ),
        charge("64493"),
    ],
    one("waiting", "primary_denied", procedure="64495"),
)

# --- step 7: the route ----------------------------------------------------------------------------
for code, route, deadline in (
    ("N142", "new_claim", YEAR),
    ("N517", "new_claim", YEAR),
    ("MA130", "new_claim", YEAR),
    ("N798", "void_and_new", YEAR),
    ("N380", "replacement_claim", REPLACE),
):
    case(
        f"7-{code.lower()}",
        f"RARC {code} names the route.",
        [sent(), remarked(code), charge()],
        ready(route=route, deadline=deadline),
    )
case(
    "7-n380-not-taken",
    "N380, but the payer is not known to take replacement claims.",
    [sent(), remarked("N380"), charge()],
    one("review", "route_unknown"),
    rules=UNSET,
)
case(
    "7-contradiction",
    "N142 and N798 contradict each other.",
    [sent(), remarked("N142", "N798"), charge()],
    one("review", "route_unknown"),
)
case(
    "7-reopening",
    "The payer takes no replacement claims, but adds lines in a reopening.",
    [sent(), answer(), charge()],
    ready(route="reopening", deadline="2027-02-10"),
    rules=REOPENS,
)
case(
    "7-reopening-adds-no-lines",
    "The payer reopens, but is not known to add lines.",
    [sent(), answer(), charge()],
    one("review", "route_unknown"),
    rules={k: v for k, v in REOPENS.items() if k != "reopening_adds_lines"},
)
case(
    "7-unset",
    "Whether the payer takes replacement claims is not known.",
    [sent(), answer(), charge()],
    one("review", "route_unknown"),
    rules=UNSET,
)
case(
    "7-unset-with-a-source",
    "The table only says where it was looked for: the value is unset, so it is unknown.",
    [sent(), answer(), charge()],
    one("review", "route_unknown"),
    rules=RULES | {"replacement_claims": {"source": "not in the manual", "checked": "2026-02-01"}},
)
case(
    "7-no-rules",
    "No rules are known for this payer.",
    [sent(payer=Payer(("ZZZ",), "NOBODY")), answer(payer=Payer(("ZZZ",), "NOBODY")), charge()],
    ("C1", "22614", "review", "route_unknown", None, None),
)
case(
    "7-parted-claim",
    "One remittance answers the claim under two control numbers.",
    [
        sent("C1", sent_line(), sent_line("99213", "100", 2)),
        answer(),
        answer(
            "C1",
            line("99213", "CO 45 40", charge="100", paid="60", control="L2"),
            number="PCN1B",
            order=1,
        ),
        charge(),
    ],
    one("review", "route_unknown"),
)
case(
    "7-ma15",
    "MA15: the payer parted the claim.",
    [sent(), answer(remarks=("MA15",)), charge()],
    one("review", "route_unknown"),
)
case(
    "7-successive-answers",
    "Two answers to the same line, one after the other, part no claim.",
    [
        sent(),
        answer("C1", line(), number="PCN0", on=date(2026, 1, 30), trace="T0"),
        answer(),
        charge(),
    ],
    ready(),
)

# --- step 8: the last day -------------------------------------------------------------------------
case(
    "8a-route",
    "No last day is known for replacement claims.",
    [sent(), answer(), charge()],
    one("review", "deadline_unknown"),
    rules=RULES | {"last_day": {"appeal": RULES["last_day"]["appeal"]}},
)
case(
    "8a-appeal",
    "No last day is known for appeals.",
    SAME_PAID,
    one("review", "deadline_unknown", deadline=REPLACE),
    rules=RULES | {"last_day": {"replacement_claim": RULES["last_day"]["replacement_claim"]}},
)
case(
    "8b-last-day-is-in-time",
    "Today is the last day.",
    [sent(), answer(), charge()],
    ready(),
    today=date(2026, 8, 9),
)
case(
    "8b-passed",
    "The last day was yesterday.",
    [sent(), answer(), charge()],
    one("review", "deadline_passed"),
    today=date(2026, 8, 10),
)
case(
    "8b-appeal-passed",
    "The appeal's last day was yesterday.",
    SAME_PAID,
    one("review", "deadline_passed"),
    today=date(2026, 6, 11),
)
case(
    "8b-earliest-of-several",
    "Of two terms the earliest counts.",
    [sent(), answer(), charge()],
    ready(deadline="2026-04-15"),
    rules=RULES
    | {
        "last_day": {
            "replacement_claim": [
                {"count": 180, "unit": "days", "anchor": "remittance"},
                {"count": 3, "unit": "months", "anchor": "service"},
            ]
        }
    },
)
case(
    "8b-first-remittance",
    "The appeal counts from the first denial, though it was taken back.",
    [
        both_lines(),
        answer("C1", line(), paid_line(control="L2")),
        answer(
            "C1",
            line("22614", "CO 107 -1150", charge="-1150"),
            line("22612", "CO 45 -1000", charge="-4000", paid="-3000", control="L2"),
            status="22",
            on=date(2026, 2, 20),
            trace="T2",
        ),
        answer(
            "C1",
            line(),
            paid_line(control="L2"),
            number="PCN1A",
            order=1,
            on=date(2026, 2, 20),
            trace="T2",
        ),
    ],
    one("appeal", "primary_paid_same_claim", None, "2026-04-11"),
    rules=RULES
    | {"last_day": {"appeal": [{"count": 60, "unit": "days", "anchor": "first_remittance"}]}},
)
LEAP = date(2024, 2, 29)
case(
    "8b-leap-day",
    "A year after a service of 29 February ends on 28 February.",
    [
        sent("C1", sent_line(day=LEAP), on=date(2024, 3, 3)),
        answer("C1", line(day=LEAP), on=date(2024, 12, 20)),
        charge(day=LEAP, signed_at=datetime(2024, 3, 1, tzinfo=UTC)),
    ],
    ready(deadline="2025-02-28"),
    today=date(2025, 2, 28),
    rules=RULES
    | {"last_day": {"replacement_claim": [{"count": 1, "unit": "years", "anchor": "service"}]}},
)
case(
    "8b-month-end",
    "Six months after 31 August end on the last of February.",
    [
        sent("C1", sent_line(day=date(2025, 8, 31)), on=date(2025, 9, 1)),
        answer("C1", line(day=date(2025, 8, 31)), on=date(2025, 9, 20)),
        charge(day=date(2025, 8, 31), signed_at=datetime(2025, 9, 1, tzinfo=UTC)),
    ],
    ready(deadline="2026-02-28"),
    today=date(2026, 1, 1),
    rules=RULES
    | {"last_day": {"replacement_claim": [{"count": 6, "unit": "months", "anchor": "service"}]}},
)

# --- payers and the future ------------------------------------------------------------------------
HARBOR = RULES | {"id": "harbor", "names": ["Harbor Trust"], "payer_ids": ["HBR01"]}
case(
    "payer-by-name",
    "The remittance names the payer by a name alone; case does not matter.",
    [sent(), answer(payer=Payer((), "Meridian Health")), charge()],
    ready(),
)
case(
    "payer-id-and-name-apart",
    "Id and name point at different payers: unknown.",
    [sent(), answer(payer=Payer(("MRD01",), "HARBOR TRUST")), charge()],
    ("C1", "22614", "review", "route_unknown", None, None),
    rules=[RULES, HARBOR],
)
case(
    "other-payer-is-not-ours",
    "The primary is paid by another payer: it qualifies nothing here.",
    [
        sent(),
        answer(),
        other_claim(payer=Payer(("HBR01",), "HARBOR TRUST")),
        other_paid(payer=Payer(("HBR01",), "HARBOR TRUST")),
    ],
    one("review", "primary_not_documented"),
    rules=[RULES, HARBOR],
)
case(
    "future-remittance",
    "A remittance dated after today does not count.",
    [
        sent(),
        answer(),
        charge(),
        answer(
            "C1",
            line("22614", "CO 45 300", paid="850"),
            number="PCN9",
            on=date(2026, 3, 5),
            trace="T9",
        ),
    ],
    ready(),
)
case(
    "never-107",
    "No 107 was ever on this claim.",
    [both_lines(), answer("C1", line("22614", "CO 97 1150"), paid_line(control="L2"))],
)

if __name__ == "__main__":
    shutil.rmtree(CASES, ignore_errors=True)
    for each in ALL:
        write(each, CASES)
    assert len({each.name for each in ALL}) == len(ALL), "two cases of one name"
    print(len(ALL), "cases written")
