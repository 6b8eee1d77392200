"""Rows 3a to 5g: groups, other denials, remark codes, looks that are too old."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.co107.builders import (
    answer,
    charge,
    line,
    look,
    paid_line,
    sent,
)
from tests.co107.listed.words import (
    DENIED_PRIMARY,
    both_lines,
    case,
    one,
    ready,
    remarked,
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
