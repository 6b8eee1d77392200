"""Fresh readings of the edges: people, payers, order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from server.co107.pairs import Pair
from server.facts import Patient, Payer
from tests.co107.builders import (
    ANNA,
    BEN,
    LATER,
    RULES,
    answer,
    bare_answer,
    both,
    charge,
    line,
    look,
    mark,
    other,
    other_paid,
    paid_later,
    paid_line,
    reversal,
    sent,
    sent_line,
)
from tests.co107.listed.words import DENIED_PRIMARY, HARBOR
from tests.co107.readings import (
    ANY,
    DENIED,
    HELD,
    NOTHING,
    PAID,
    PAID_ELSEWHERE,
    PAID_HERE,
    PENDING,
    PRIMARY_DENIED,
    PROPOSED,
    READY,
    RESUBMITTED,
    Reading,
    Readings,
    review,
    waiting,
)

case = Readings()

# --- people, payers, order ---

case("future-only", [sent(), answer(on=date(2026, 3, 2)), charge()])
case("reversal-only", [sent(), reversal()], waiting("reversed", "2026-06-20"))
case(
    "ruling12-false",
    [both(), answer("C1", line(), DENIED_PRIMARY)],
    PRIMARY_DENIED,
    rules={
        **RULES,
        "replacement_claims": False,
        "last_day": {
            **RULES["last_day"],
            "replacement_claim": [{"count": 10, "unit": "days", "anchor": "remittance"}],
        },
    },
)
case(
    "ruling12-true",
    [both(), answer("C1", line(), DENIED_PRIMARY)],
    waiting("primary_denied", "2026-02-20"),
    rules={
        **RULES,
        "last_day": {
            **RULES["last_day"],
            "replacement_claim": [{"count": 10, "unit": "days", "anchor": "remittance"}],
        },
    },
)
case(
    "no-member-id",
    [
        sent(patient=replace(ANNA, member_id="")),
        answer(patient=Patient("", "ROE", "ANNA")),
        sent("C2", sent_line("22612", "4000"), patient=replace(ANNA, member_id="")),
        answer(
            "C2",
            paid_line(control="L1"),
            number="P2",
            trace="T2",
            patient=Patient("", "ROE", "ANNA"),
        ),
    ],
    PAID_ELSEWHERE,
)
case(
    "no-member-id-other-birth",
    [
        sent(patient=replace(ANNA, member_id="")),
        answer(patient=Patient("", "ROE", "ANNA")),
        sent(
            "C2",
            sent_line("22612", "4000"),
            patient=replace(ANNA, member_id="", birth_date=date(1999, 1, 1)),
        ),
        answer(
            "C2",
            paid_line(control="L1"),
            number="P2",
            trace="T2",
            patient=Patient("", "ROE", "ANNA"),
        ),
    ],
    NOTHING,
)
case(
    "835-first-name-differs-only",
    [sent(), answer(patient=Patient("M100", "ROE", "ANN")), charge()],
    PROPOSED,
)
case(
    "twins",
    [
        sent(patient=replace(BEN, birth_date=ANNA.birth_date)),
        answer(patient=Patient("M100", "ROE", "BEN")),
        charge(),
        sent("C9", sent_line("99213", "100")),
    ],
    NOTHING,
)
case(
    "twins-charge-ben",
    [
        sent(patient=replace(BEN, birth_date=ANNA.birth_date)),
        answer(patient=Patient("M100", "ROE", "BEN")),
        charge(patient=Patient("M100", "", "BEN")),
        sent("C9", sent_line("99213", "100")),
    ],
    PROPOSED,
)
case(
    "twins-birth-only",
    [
        sent(patient=replace(BEN, birth_date=ANNA.birth_date)),
        answer(patient=Patient("M100", "ROE", "BEN")),
        charge(patient=Patient("M100", "", "", ANNA.birth_date)),
        sent("C9", sent_line("99213", "100")),
    ],
    review("primary_ambiguous"),
)
# payer matching
case(
    "payer-id-unknown-name-known",
    [
        sent(payer=Payer(("X1",), "MERIDIAN HEALTH")),
        answer(payer=Payer(("X2",), "Meridian  Health.")),
        charge(),
    ],
    PROPOSED,
)
case(
    "payer-apart",
    [sent(), answer(payer=Payer(("MRD01",), "HARBOR TRUST")), charge()],
    ("review", ANY),
    rules=[RULES, HARBOR],
)
# date order
case(
    "835-two-same-day-denied-paid",
    [
        sent(),
        answer(order=0),
        answer("C1", paid_line("22614", "850", charge="1150", control="L1"), order=1),
    ],
    PAID,
)
case(
    "835-two-same-day-paid-denied",
    [
        sent(),
        answer("C1", paid_line("22614", "850", charge="1150", control="L1"), order=0),
        answer(order=1),
        charge(),
    ],
    PROPOSED,
)
# resubmission names another line by control
case(
    "sent-2-lines",
    [
        sent("C1", sent_line(), sent_line(number=2)),
        answer("C1", line(), line(control="L2")),
        mark(line_control="L2"),
        charge(),
    ],
    PROPOSED,
    RESUBMITTED,
)
# voided primary via 837 newer than its payment; then answered by reversal -> denied
case(
    "primary-voided-answered",
    [
        *DENIED,
        other(),
        other_paid(),
        mark("C2", "void", date(2026, 2, 12), ""),
        answer(
            "C2",
            line("22612", "CO 45 -1000", charge="-4000", paid="-3000"),
            number="P2",
            status="22",
            trace="T3",
            on=LATER,
        ),
    ],
    PRIMARY_DENIED,
)
case(
    "primary-reversed-repaid",
    [
        *DENIED,
        other(),
        other_paid(),
        answer(
            "C2",
            line("22612", "CO 45 -1000", charge="-4000", paid="-3000"),
            number="P2",
            status="22",
            trace="T3",
            on=LATER,
        ),
        answer("C2", paid_line(control="L1"), number="P2b", trace="T3", on=LATER, order=1),
    ],
    PAID_ELSEWHERE,
)
case(
    "primary-n779",
    [
        *DENIED,
        other(),
        answer("C2", paid_line(control="L1", remarks=("N779",)), number="P2", trace="T2"),
    ],
    PENDING,
)
case("primary-predet", [*DENIED, other(), other_paid(status="25")], PENDING)
case("primary-future-paid", [*DENIED, other(), other_paid(on=date(2026, 3, 3))], PENDING)
case("primary-forwarded", [*DENIED, other(), other_paid(status="23")], PENDING)
case(
    "primary-resubmitted-after-denial",
    [
        *DENIED,
        other(),
        answer("C2", line("22612", "CO 50 4000", charge="4000"), number="P2", trace="T2"),
        mark("C2", "claim", date(2026, 2, 20), "22612"),
    ],
    PENDING,
)
case("primary-secondary-paid", [*DENIED, other(), other_paid(status="2")], PAID_ELSEWHERE)
case(
    "primary-107-itself",
    [
        *DENIED,
        other(),
        answer("C2", line("22612", "CO 107 4000", charge="4000"), number="P2", trace="T2"),
    ],
    ("waiting", "primary_denied", None, HELD, "22614"),
    ("review", "no_pair_rule", None, HELD, "22612"),
)
case(
    "primary-two-one-denied-one-paid",
    [
        sent("C1", sent_line(), sent_line("22612", "4000", 2), sent_line("22630", "4000", 3)),
        answer("C1", line(), DENIED_PRIMARY, paid_line("22630", control="L3")),
    ],
    PAID_HERE,
)
case(
    "primary-same-procedure-twice-denied-paid",
    [both(), answer("C1", line(), DENIED_PRIMARY), other(), other_paid()],
    PAID_ELSEWHERE,
)
case(
    "other-denied-and-other-pending",
    [
        *DENIED,
        other(),
        answer("C2", line("22612", "CO 50 4000", charge="4000"), number="P2", trace="T2"),
        sent("C3", sent_line("22630", "4000")),
    ],
    PRIMARY_DENIED,
)
case(
    "units-differ-secondline",
    [
        sent("C1", sent_line(control="", units=2, charge="2300")),
        answer("C1", line(control="", units=2, charge="2300")),
        charge(),
    ],
    PROPOSED,
)
case(
    "claim-level-107-then-line-107",
    [
        sent(),
        bare_answer(adjustments=("CO 107 1150",), status="4"),
        answer(on=LATER, number="PCN1", trace="T3"),
        charge(),
    ],
    ("ready", "primary_not_billed"),
)
case(
    "claim-level-107-then-paid",
    [sent(), bare_answer(adjustments=("CO 107 1150",), status="4"), paid_later(order=0)],
    ("resolved", "paid"),
)
case(
    "837-only-void",
    [sent(frequency="8", reference="PCN1", on=date(2026, 2, 12)), answer(), charge()],
    waiting("void_pending"),
)
case(
    "type2-and-1",
    READY,
    review("payer_defined_primary"),
    pairs=[Pair("22614", "22612", 1), Pair("22614", "", 2)],
)
case("type3-with-listed", READY, PROPOSED, pairs=[Pair("22614", "22612", 1), Pair("22614", "", 3)])
case("procedure-lowercase-835", [sent(), answer("C1", line("22614")), charge()], PROPOSED)
case(
    "paid-partly-107",
    [
        both(),
        answer("C1", line("22614", "CO 107 300", "CO 45 0", paid="850"), paid_line(control="L2")),
    ],
    PAID_HERE,
)
case(
    "allowed-107",
    [both(), answer("C1", line("22614", "CO 107 300", "PR 1 850"), paid_line(control="L2"))],
    PAID_HERE,
)
case(
    "leap",
    [
        sent("C1", sent_line(day=date(2024, 2, 29)), on=date(2024, 3, 1)),
        answer("C1", line(day=date(2024, 2, 29), remarks=("MA130",)), on=date(2024, 3, 10)),
        charge(day=date(2024, 2, 29), signed_at=datetime(2024, 3, 1, tzinfo=UTC)),
    ],
    ("ready", "primary_not_billed", "new_claim", "2025-02-28"),
    today=date(2025, 2, 28),
)
case("n211-ready", [sent(), answer(lines=[line(remarks=("N211",))]), charge()], PROPOSED)
case(
    "two-107-triplets",
    [sent(), answer("C1", line("22614", "CO 107 1000", "OA 107 150")), charge()],
    PROPOSED,
)
case(
    "negative-107-and-pos",
    [sent(), answer("C1", line("22614", "CO 107 1150", "CO 107 -1150", paid="1150")), charge()],
    (ANY, ANY),
)
case("look-before-any-answer", [sent(), charge(), look("C1", "pending")])
case(
    "look-other-payer",
    [*READY, look("C1", "pending", payer=Payer(("HBR01",), "HARBOR TRUST"))],
    PROPOSED,
    rules=[RULES, HARBOR],
)

WHOLE = bare_answer("C2", paid=3000, number="P2", trace="T2")
SHOWN = look("C2", "found", answers=(answer("C2", paid_line(control="L1"), on=None, status="1"),))
case("primary-answered-without-lines", [*DENIED, other(), WHOLE, SHOWN], PAID_ELSEWHERE)


@pytest.mark.parametrize("reading", case, ids=[one.name for one in case])
def test_reads_as_the_text_says(reading: Reading, tmp_path: Path) -> None:
    assert reading.left(tmp_path) == ([], [])
