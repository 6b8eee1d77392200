"""Fresh readings of what fits, and of chains."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from server.co107.pairs import Pair
from server.facts import Patient, Payer
from tests.co107.builders import (
    ANNA,
    BEN,
    DAY,
    OTHER_GROUP,
    OTHER_SURGEON,
    RULES,
    answer,
    both,
    charge,
    line,
    other,
    other_paid,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.listed.words import DENIED_PRIMARY, HARBOR, ONE_DAY
from tests.co107.readings import (
    DENIED,
    MISMATCH,
    NOTHING,
    PAID_ELSEWHERE,
    PAID_HERE,
    PENDING,
    PRIMARY_DENIED,
    PROPOSED,
    READY,
    SECOND,
    Reading,
    Readings,
    of,
    review,
)

case = Readings()

# --- what fits ---


def pair(**days):
    return [Pair("22614", "22612", 1, **days)]


case("pair-last-day", READY, PROPOSED, pairs=pair(valid_to=DAY))
case("pair-ended", READY, review("no_pair_rule"), pairs=pair(valid_to=date(2026, 1, 14)))
case("pair-first-day", READY, PROPOSED, pairs=pair(valid_from=DAY))
case("pair-not-yet", READY, review("no_pair_rule"), pairs=pair(valid_from=date(2026, 1, 16)))
case(
    "pair-one-ended",
    READY,
    NOTHING,
    pairs=[Pair("22614", "22600", 1), Pair("22614", "22612", 1, None, date(2026, 1, 14))],
)
case(
    "same-claim-deductible",
    [both(), answer("C1", line(), line("22612", "PR 1 4000", charge="4000", control="L2"))],
    PAID_HERE,
)
case(
    "same-claim-b6",
    [
        both(),
        answer(
            "C1", line(), line("22612", "CO 45 4000", charge="4000", control="L2", allowed="100")
        ),
    ],
    PAID_HERE,
)
case(
    "same-claim-co1",
    [both(), answer("C1", line(), line("22612", "CO 1 4000", charge="4000", control="L2"))],
    PRIMARY_DENIED,
)
case(
    "same-claim-other-day",
    [
        both(day=date(2026, 1, 18)),
        answer("C1", line(), paid_line(control="L2", day=date(2026, 1, 18))),
    ],
    MISMATCH,
)
case(
    "same-claim-other-day-4",
    [
        both(day=date(2026, 1, 19)),
        answer("C1", line(), paid_line(control="L2", day=date(2026, 1, 19))),
    ],
    NOTHING,
)
case(
    "same-claim-other-day-4-charge",
    [
        both(day=date(2026, 1, 19)),
        answer("C1", line(), paid_line(control="L2", day=date(2026, 1, 19))),
        charge(),
    ],
    PROPOSED,
)
case(
    "same-claim-other-day-3-charge",
    [
        both(day=date(2026, 1, 18)),
        answer("C1", line(), paid_line(control="L2", day=date(2026, 1, 18))),
        charge(),
    ],
    MISMATCH,
)
case(
    "same-claim-paid-and-charge",
    [both(), answer("C1", line(), paid_line(control="L2")), charge("22630")],
    PAID_HERE,
)
case(
    "other-claim-paid-and-denied-same",
    [
        both(),
        answer("C1", line(), DENIED_PRIMARY),
        sent("C2", sent_line("22630", "4000")),
        answer("C2", paid_line("22630", control="L1"), number="P2", trace="T2"),
    ],
    PAID_ELSEWHERE,
)
case(
    "two-off-billed-charge",
    [*DENIED, other(day=date(2026, 1, 17), billing=OTHER_GROUP, rendering=OTHER_SURGEON), charge()],
    NOTHING,
)
case(
    "two-off-far",
    [
        *DENIED,
        sent(
            "C2",
            sent_line("22612", "4000", rendering=OTHER_SURGEON, day=date(2026, 1, 17)),
            billing=OTHER_GROUP,
            rendering=OTHER_SURGEON,
        ),
        charge(),
    ],
    NOTHING,
)
case(
    "two-off-4days-charge",
    [
        *DENIED,
        sent(
            "C2",
            sent_line("22612", "4000", rendering=OTHER_SURGEON, day=date(2026, 1, 19)),
            billing=OTHER_GROUP,
            rendering=OTHER_SURGEON,
        ),
        charge(),
    ],
    PROPOSED,
)
case(
    "same-surgeon-other-group",
    [
        *DENIED,
        sent("C2", sent_line("22612", "4000"), billing=OTHER_GROUP),
        answer("C2", paid_line(control="L1"), number="P2", trace="T2", billing=OTHER_GROUP),
    ],
    PAID_ELSEWHERE,
)
case(
    "tolerance-1-4",
    [*DENIED, *[other(day=date(2026, 1, 19)), other_paid(day=date(2026, 1, 19))]],
    MISMATCH,
    rules=ONE_DAY,
)
case(
    "tolerance-1-5",
    [*DENIED, *[other(day=date(2026, 1, 20)), other_paid(day=date(2026, 1, 20))]],
    NOTHING,
    rules=ONE_DAY,
)
case(
    "tolerance-1-1",
    [*DENIED, *[other(day=date(2026, 1, 16)), other_paid(day=date(2026, 1, 16))]],
    PAID_ELSEWHERE,
    rules=ONE_DAY,
)
case(
    "institutional-primary",
    [
        *DENIED,
        sent("C2", sent_line("22612", "4000"), kind="institutional", facility="11"),
        answer("C2", paid_line(control="L1"), number="P2", trace="T2"),
    ],
    NOTHING,
)
case(
    "institutional-primary-charge",
    [
        *DENIED,
        sent("C2", sent_line("22612", "4000"), kind="institutional", facility="11"),
        answer("C2", paid_line(control="L1"), number="P2", trace="T2"),
        charge(),
    ],
    PROPOSED,
)
case(
    "institutional-denied",
    [sent(kind="institutional", facility="13"), answer(), other(), other_paid()],
    NOTHING,
)
case(
    "institutional-mismatch-none",
    [
        *DENIED,
        sent(
            "C2",
            sent_line("22612", "4000", day=date(2026, 1, 16)),
            kind="institutional",
            facility="11",
        ),
    ],
    NOTHING,
)
case(
    "other-member",
    [
        *DENIED,
        sent("C2", sent_line("22612", "4000"), patient=replace(ANNA, member_id="M999")),
        answer(
            "C2",
            paid_line(control="L1"),
            number="P2",
            trace="T2",
            patient=Patient("M999", "ROE", "ANNA"),
        ),
    ],
    MISMATCH,
)
case(
    "payer-unknown",
    [
        *DENIED,
        other(payer=Payer(("ZZ",), "NEW PAYER")),
        other_paid(payer=Payer(("ZZ",), "NEW PAYER")),
    ],
    MISMATCH,
)
case(
    "payer-other",
    [*DENIED, other(payer=SECOND), other_paid(payer=SECOND), charge()],
    PROPOSED,
    rules=[RULES, HARBOR],
)
case(
    "spouse-paid",
    [
        *DENIED,
        sent("C2", sent_line("22612", "4000"), patient=BEN),
        answer(
            "C2",
            paid_line(control="L1"),
            number="P2",
            trace="T2",
            patient=Patient("M100", "ROE", "BEN"),
        ),
    ],
    NOTHING,
)
case(
    "tc-global",
    [
        sent("C1", sent_line(modifiers=("TC",), rendering=OTHER_SURGEON)),
        answer("C1", line(modifiers=("TC",))),
        other(),
        other_paid(),
    ],
    PAID_ELSEWHERE,
)
case(
    "26-global-same",
    [
        sent("C1", sent_line(modifiers=("26",))),
        answer("C1", line(modifiers=("26",))),
        other(),
        other_paid(),
    ],
    PAID_ELSEWHERE,
)
case(
    "26-global-other",
    [
        sent("C1", sent_line(modifiers=("26",), rendering=OTHER_SURGEON)),
        answer("C1", line(modifiers=("26",))),
        other(),
        other_paid(),
    ],
    MISMATCH,
)
case(
    "26-26-other",
    [
        sent("C1", sent_line(modifiers=("26",), rendering=OTHER_SURGEON)),
        answer("C1", line(modifiers=("26",))),
        other(modifiers=("26",)),
        other_paid(modifiers=("26",)),
    ],
    PAID_ELSEWHERE,
)
case(
    "26-tc",
    [
        sent("C1", sent_line(modifiers=("26",))),
        answer("C1", line(modifiers=("26",))),
        other(modifiers=("TC",)),
        other_paid(modifiers=("TC",)),
    ],
    MISMATCH,
)
case(
    "route-50",
    [
        sent("C1", sent_line(modifiers=("RT",))),
        answer("C1", line(modifiers=("RT",))),
        other(modifiers=("50",)),
        other_paid(modifiers=("50",)),
    ],
    PAID_ELSEWHERE,
)
for code in ("53", "73", "74", "80", "81", "82", "AS", "GY", "GZ"):
    case(
        f"unfit-{code}",
        [*DENIED, other(modifiers=(code,)), other_paid(modifiers=(code,))],
        MISMATCH,
    )
case(
    "held-void-pending",
    [
        *DENIED,
        other(),
        other_paid(),
        sent("C2", sent_line("22612", "4000"), frequency="8", on=date(2026, 2, 12), reference="P2"),
    ],
    PENDING,
)
case(
    "held-partly",
    [
        *DENIED,
        other(),
        answer(
            "C2",
            line("22612", "CO 45 1000", "CO 50 2900", paid="100", charge="4000"),
            number="P2",
            trace="T2",
        ),
    ],
    PAID_ELSEWHERE,
)

# --- chains ---


def unpaid(procedure, number, *adjustments):
    told = adjustments or ("CO 107 500",)
    return line(procedure, *told, charge="500", control=f"L{number}")


def paid(procedure, number):
    return paid_line(procedure, "400", charge="500", control=f"L{number}")


def link(procedure, number):
    return sent_line(procedure, "500", number)


THREE = sent("C1", link("64495", 1), link("64494", 2), link("64493", 3))
TWO = sent("C1", link("64495", 1), link("64494", 2))
case(
    "chain-paid",
    [THREE, answer("C1", unpaid("64495", 1), paid("64494", 2), paid("64493", 3))],
    of(PAID_HERE, "64495"),
)
case(
    "chain-middle-paid-low-missing",
    [TWO, answer("C1", unpaid("64495", 1), paid("64494", 2))],
    of(NOTHING, "64495"),
)
case(
    "chain-middle-paid-low-charge",
    [TWO, answer("C1", unpaid("64495", 1), paid("64494", 2)), charge("64493", amount="500")],
    of(NOTHING, "64495"),
)
case(
    "chain-mid107-charge",
    [TWO, answer("C1", unpaid("64495", 1), unpaid("64494", 2)), charge("64493", amount="500")],
    of(PROPOSED, "64495"),
    of(PROPOSED, "64494"),
)
case(
    "chain-mid50-charge",
    [
        TWO,
        answer("C1", unpaid("64495", 1), unpaid("64494", 2, "CO 50 500")),
        charge("64493", amount="500"),
    ],
    of(PRIMARY_DENIED, "64495"),
)
case(
    "chain-mid107+50",
    [
        TWO,
        answer("C1", unpaid("64495", 1), unpaid("64494", 2, "CO 50 100", "CO 107 400")),
        charge("64493", amount="500"),
    ],
    of(PRIMARY_DENIED, "64495"),
    of(("review", "other_denial"), "64494"),
)
case(
    "chain-middle-pending",
    [TWO, answer("C1", unpaid("64495", 1)), charge("64493", amount="500")],
    of(PENDING, "64495"),
)
case(
    "chain-low-denied",
    [THREE, answer("C1", unpaid("64495", 1), paid("64494", 2), unpaid("64493", 3, "CO 50 500"))],
    of(PRIMARY_DENIED, "64495"),
)
case(
    "chain-middle-denied-low-pending-other",
    [
        TWO,
        sent("C2", link("64493", 1)),
        answer("C1", unpaid("64495", 1), unpaid("64494", 2, "CO 50 500")),
    ],
    of(PENDING, "64495"),
)
case(
    "chain-middle-missing-low-paid-charge",
    [
        sent("C1", link("64495", 1), link("64493", 3)),
        answer("C1", unpaid("64495", 1), paid("64493", 3)),
        charge("64494", amount="500"),
    ],
    of(PROPOSED, "64495"),
)
case(
    "chain-both-charges",
    [
        sent("C1", link("64495", 1)),
        answer("C1", unpaid("64495", 1)),
        charge("64494", amount="500"),
        charge("64493", amount="500"),
    ],
    of(PROPOSED, "64495"),
)
case(
    "chain-one-charge",
    [sent("C1", link("64495", 1)), answer("C1", unpaid("64495", 1)), charge("64494", amount="500")],
    of(NOTHING, "64495"),
)
case(
    "chain-low-charge-only",
    [sent("C1", link("64495", 1)), answer("C1", unpaid("64495", 1)), charge("64493", amount="500")],
    of(NOTHING, "64495"),
)
case(
    "chain-middle-missing-low-denied",
    [
        sent("C1", link("64495", 1), link("64493", 3)),
        answer("C1", unpaid("64495", 1), unpaid("64493", 3, "CO 50 500")),
        charge("64494", amount="500"),
    ],
    of(PRIMARY_DENIED, "64495"),
)

READING_26 = [sent("C1", sent_line(modifiers=("26",))), answer("C1", line(modifiers=("26",)))]
case("26-global-charge-same-surgeon", [*READING_26, charge()], PROPOSED)
case("26-global-charge-other-surgeon", [*READING_26, charge(rendering=OTHER_SURGEON)], MISMATCH)

case(
    "chain-middle-written-off",
    [
        TWO,
        answer("C1", unpaid("64495", 1), unpaid("64494", 2, "CO 45 500")),
        charge("64493", amount="500"),
    ],
    of(PRIMARY_DENIED, "64495"),
)


@pytest.mark.parametrize("reading", case, ids=[one.name for one in case])
def test_reads_as_the_text_says(reading: Reading, tmp_path: Path) -> None:
    assert reading.left(tmp_path) == ([], [])
