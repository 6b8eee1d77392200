"""Fresh readings of references, charges that name a claim, types 2 and 3, a remittance alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.co107.builders import (
    DAY,
    GROUP,
    LATER,
    OTHER_GROUP,
    RULES,
    answer,
    charge,
    earlier,
    line,
    other,
    other_paid,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.readings import (
    DENIED,
    LATER_PROPOSED,
    MISMATCH,
    NOT_FOUND,
    NOTHING,
    PAID_ELSEWHERE,
    PAID_HERE,
    PENDING,
    PRIMARY_DENIED,
    PROPOSED,
    READY,
    REFERENCE,
    REPLACE,
    Reading,
    Readings,
    review,
)

case = Readings()

# --- charges that name a claim ---

case(
    "charge-names-names-loaded",
    [*DENIED, sent("C3", sent_line("99213", "100")), charge(claim="C3")],
    review("charge_says_billed"),
)
case(
    "charge-names-names-remittance-only-lacking",
    [
        *DENIED,
        answer("C3", paid_line("99213", "80", charge="100"), number="P3", trace="T3"),
        charge(claim="C3"),
    ],
    PENDING,
)
case(
    "charge-names-names-remittance-only-bearing-denied",
    [
        *DENIED,
        answer("C3", line("22612", "CO 50 4000", charge="4000"), number="P3", trace="T3"),
        charge(claim="C3"),
    ],
    PRIMARY_DENIED,
)
case(
    "charge-names-names-loaded-bearing",
    [*DENIED, sent("C3", sent_line("22612", "4000")), charge(claim="C3")],
    PENDING,
)
case(
    "charge-names-not-loaded-two", [answer(), charge(), charge("22630")], review("claim_not_loaded")
)
case("charge-names-not-loaded-none", [answer()], NOTHING)
case("charge-names-not-loaded-unsigned", [answer(), charge(signed=False)], NOTHING)
case(
    "charge-names-this-and-free",
    [*READY, charge("22630", claim="C1")],
    review("charge_says_billed"),
)

# --- types 2 and 3 ---

THIRD = [
    sent("C1", sent_line("93320", "300")),
    answer("C1", line("93320", "CO 107 300", charge="300")),
]
case("type-3-nothing", THIRD, review("payer_defined_primary"))
case("type-3-unsigned", [*THIRD, charge("93303", signed=False)], review("payer_defined_primary"))
case("type-3-charge", [*THIRD, charge("93303")], PROPOSED)
case("type-3-mismatch", [*THIRD, charge("93303", day=date(2026, 1, 16))], MISMATCH)
case(
    "type-3-paid", [*THIRD, other(procedure="93303"), other_paid(procedure="93303")], PAID_ELSEWHERE
)
case(
    "type-3-denied",
    [
        *THIRD,
        sent("C2", sent_line("93303", "4000")),
        answer("C2", line("93303", "CO 50 4000", charge="4000"), number="P2", trace="T2"),
    ],
    PRIMARY_DENIED,
)
case(
    "type-2",
    [
        sent("C1", sent_line("0054T", "300")),
        answer("C1", line("0054T", "CO 107 300", charge="300")),
        charge("22612"),
    ],
    review("payer_defined_primary"),
)

# --- references ---

F8 = {**RULES, "related_claim_field": "REF*F8"}
NTE = {**RULES, "related_claim_field": "NTE*ADD"}
M47 = answer(lines=[line(remarks=("M47",))])
case("reference-m47", [sent(), earlier(), M47], REFERENCE, rules=F8)
case("reference-m47-nte", [sent(), earlier(), M47], REFERENCE, rules=NTE)
case("reference-m47-charge", [sent(), M47, charge()], NOT_FOUND, rules=F8)
case(
    "reference-m47-later-only",
    [sent(), M47, answer(on=LATER, number="PCN5", trace="T5"), charge()],
    LATER_PROPOSED,
    rules=F8,
)


def surgery(days, modifiers=(), billing=GROUP, denied=False, procedure="63047"):
    when = {"day": DAY - timedelta(days=days), "modifiers": modifiers}
    told = (
        line(procedure, "CO 50 4000", charge="4000", **when)
        if denied
        else paid_line(procedure, control="L1", **when)
    )
    return [
        sent("C8", sent_line(procedure, "4000", **when), billing=billing, on=when["day"]),
        answer("C8", told, number="P8", trace="T8", billing=billing, on=date(2026, 1, 20)),
    ]


N214 = answer(lines=[line(remarks=("N214",))])
case("n214-90", [sent(), N214, *surgery(90)], REFERENCE, rules=NTE)
case("n214-91", [sent(), N214, *surgery(91)], NOT_FOUND, rules=NTE)
case("n214-0", [sent(), N214, *surgery(0)], NOT_FOUND, rules=NTE)
case("n214-80", [sent(), N214, *surgery(10, ("80",))], NOT_FOUND, rules=NTE)
case("n214-55", [sent(), N214, *surgery(10, ("55",))], NOT_FOUND, rules=NTE)
case("n214-54", [sent(), N214, *surgery(10, ("54",))], REFERENCE, rules=NTE)
case("n214-denied", [sent(), N214, *surgery(10, denied=True)], NOT_FOUND, rules=NTE)
case("n214-group", [sent(), N214, *surgery(10, billing=OTHER_GROUP)], NOT_FOUND, rules=NTE)
case("n214-10004", [sent(), N214, *surgery(10, procedure="10004")], REFERENCE, rules=NTE)
case("n214-69991", [sent(), N214, *surgery(10, procedure="69991")], NOT_FOUND, rules=NTE)
case("n214-f8", [sent(), N214, *surgery(10)], review("reference_field_unknown"), rules=F8)
case("n214-unset", [sent(), N214, *surgery(10)], review("reference_field_unknown"))

# --- facilities ---

READING = [
    sent("C1", sent_line("93306", "200", modifiers=("26",))),
    answer("C1", line("93306", "CO 107 200", charge="200", modifiers=("26",))),
]


def facility(told=None):
    one = sent_line("93306", "900")
    told = told or paid_line("93306", "700", charge="900")
    return [
        sent("C5", one, kind="institutional", facility="13", billing=OTHER_GROUP),
        answer("C5", told, number="P5", trace="T5", billing=OTHER_GROUP, facility="13"),
    ]


case(
    "facility-inst",
    [*READING, *facility()],
    ("ready", "facility_claim_found", "replacement_claim", REPLACE),
    rules=NTE,
)
case(
    "facility-denied",
    [*READING, *facility(line("93306", "CO 50 900", charge="900"))],
    review("no_pair_rule"),
    rules=NTE,
)
case("facility-unset", [*READING, *facility()], review("reference_field_unknown"))
case(
    "facility-tc",
    [
        *READING,
        sent("C5", sent_line("93306", "900", modifiers=("TC",)), billing=OTHER_GROUP),
        answer(
            "C5",
            paid_line("93306", "700", charge="900", modifiers=("TC",)),
            number="P5",
            trace="T5",
            billing=OTHER_GROUP,
        ),
    ],
    ("ready", "facility_claim_found", "replacement_claim", REPLACE),
    rules=NTE,
)
case(
    "facility-no26",
    [
        sent("C1", sent_line("93306", "200")),
        answer("C1", line("93306", "CO 107 200", charge="200")),
        *facility(),
    ],
    review("no_pair_rule"),
    rules=NTE,
)

# --- a remittance alone ---


def only(facility="20", **more):
    told = paid_line(control="L1")
    return answer("C2", told, number="P2", trace="T2", facility=facility, **more)


case("remittance-alone-20", [*DENIED, only()], PAID_ELSEWHERE)
case("remittance-alone-11", [*DENIED, only("11")], NOTHING)
case(
    "remittance-alone-11-denied",
    [
        *DENIED,
        answer(
            "C2", line("22612", "CO 50 4000", charge="4000"), number="P2", trace="T2", facility="11"
        ),
    ],
    PRIMARY_DENIED,
)
case(
    "remittance-alone-inst",
    [
        *DENIED,
        answer(
            "C2",
            line("22612", "CO 50 4000", charge="4000"),
            number="P2",
            trace="T2",
            facility="11",
            institutional=True,
        ),
    ],
    NOTHING,
)
case("remittance-alone-11-paid-charge", [*DENIED, only("11"), charge()], NOTHING)
case("remittance-alone-own-unknown", [answer("C1", line(), paid_line(control="L2"))], NOTHING)
case(
    "remittance-alone-own-pos",
    [answer("C1", line(), paid_line(control="L2"), facility="20")],
    PAID_HERE,
)
case("worked", READY, PROPOSED)
case(
    "twice-same-day",
    [
        sent("C1", sent_line(), sent_line(number=2)),
        answer("C1", line(), line(control="L2")),
        charge(),
    ],
    PROPOSED,
    PROPOSED,
)
case(
    "twice-one-paid",
    [
        sent("C1", sent_line(), sent_line(number=2)),
        answer("C1", paid_line("22614", "850", charge="1150", control="L1"), line(control="L2")),
        charge(),
    ],
    PROPOSED,
)
case(
    "partial-units",
    [
        sent("C1", sent_line(units=3, charge="3450")),
        answer(
            "C1", line("22614", "CO 45 300", "CO 107 1150", paid="2000", charge="3450", units=3)
        ),
        charge(),
    ],
    PROPOSED,
)
case("never-107", [sent(), answer("C1", line("22614", "CO 97 1150"))])
case(
    "g2211",
    [
        sent("C1", sent_line("G2211", "50")),
        answer("C1", line("G2211", "CO 107 50", charge="50")),
        charge(),
    ],
    review("no_pair_rule"),
)
case(
    "90472",
    [
        sent("C1", sent_line("90472", "50"), sent_line("90460", "60", 2)),
        answer(
            "C1",
            line("90472", "CO 107 50", charge="50"),
            paid_line("90460", "50", charge="60", control="L2"),
        ),
    ],
    PAID_HERE,
)

case(
    "type-3-charge-two-off",
    [*THIRD, charge("93303", day=date(2026, 1, 16), billing=OTHER_GROUP)],
    NOTHING,
)
case(
    "facility-no-rules", [*READING, *facility()], review("reference_field_unknown", None), rules=[]
)

INSTITUTIONAL = [
    sent(
        "C8", sent_line("63047", "4000", day=date(2026, 1, 5)), kind="institutional", facility="11"
    ),
    answer("C8", paid_line("63047", control="L1", day=date(2026, 1, 5)), number="P8", trace="T8"),
]
case("n214-a-hospitals-own", [sent(), N214, *INSTITUTIONAL], NOT_FOUND, rules=NTE)


@pytest.mark.parametrize("reading", case, ids=[one.name for one in case])
def test_reads_as_the_text_says(reading: Reading, tmp_path: Path) -> None:
    assert reading.left(tmp_path) == ([], [])
