"""Rows 6a to 6d: a claim reference is missing; readings; procedures in no pair."""

from __future__ import annotations

from datetime import date

from tests.co107.builders import (
    OTHER_GROUP,
    OTHER_SURGEON,
    answer,
    charge,
    line,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.listed.words import (
    WITH_F8,
    WITH_NOTE,
    case,
    one,
    ready,
    remarked,
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
