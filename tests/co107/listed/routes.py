"""Steps 7 and 8, several payers, and what lies in the future."""

from __future__ import annotations

from datetime import UTC, date, datetime

from server.facts import Payer
from tests.co107.builders import (
    RULES,
    answer,
    charge,
    line,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.listed.words import (
    HARBOR,
    REOPENS,
    REPLACE,
    SAME_PAID,
    UNSET,
    YEAR,
    both_lines,
    case,
    one,
    other_claim,
    other_paid,
    ready,
    remarked,
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
