"""Fresh readings of codes and of looks at portals."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.co107.builders import (
    REMITTED,
    answer,
    both,
    charge,
    line,
    look,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.readings import (
    PAID,
    PRIMARY_DENIED,
    PROPOSED,
    READY,
    Reading,
    Readings,
    at,
    remarked,
    review,
    waiting,
)

case = Readings()

# --- codes ---

case(
    "row-4-B7",
    [sent(), answer("C1", line("22614", "CO 107 1150", "CO B7 10")), charge()],
    review("other_denial"),
)
case(
    "row-4-zero",
    [sent(), answer("C1", line("22614", "CO 107 1150", "CO 50 0")), charge()],
    PROPOSED,
)
case(
    "row-4-negative",
    [sent(), answer("C1", line("22614", "CO 107 1150", "CO 50 -10")), charge()],
    PROPOSED,
)
case(
    "row-4-253",
    [
        sent(),
        answer("C1", line("22614", "CO 107 1150", "CO 253 10", "CO 237 3", "CO 144 -3")),
        charge(),
    ],
    PROPOSED,
)
case(
    "row-4-pr96",
    [sent(), answer("C1", line("22614", "CO 107 1150", "PR 96 10")), charge()],
    review("other_denial"),
)
case(
    "row-3-pr-zero",
    [sent(), answer("C1", line("22614", "CO 107 1150", "PR 107 0")), charge()],
    PROPOSED,
)
case("row-3-oa", [sent(), answer("C1", line("22614", "OA 107 1150")), charge()], PROPOSED)
TWO_OPEN = sent("C1", sent_line(), sent_line("20930", "300", 2))


def two(**more):
    other_line = line("20930", "CO 50 300", charge="300", control="L2")
    return [TWO_OPEN, answer("C1", line(), other_line, **more), charge()]


case("on-claim-n4-two", two(remarks=("N4",)), PROPOSED)
case("on-claim-n432-two", two(remarks=("N432",)), review("in_audit"))
case("on-claim-n779-two", two(remarks=("N779",)), waiting("not_final"))
case("on-claim-unknown-two", two(remarks=("X99",)), PROPOSED)
case("on-claim-m47-two", two(remarks=("M47",)), PROPOSED)
case("on-claim-m15-one", [sent(), answer(remarks=("M15",)), charge()], review("bundled"))
case(
    "on-claim-n4-one-paid-one-open",
    [both(), answer("C1", line(), paid_line(control="L2"), remarks=("N4",))],
    review("prior_payer_eob"),
)
case(
    "on-claim-n4-partly-paid",
    [
        both(),
        answer(
            "C1",
            line("22614", "CO 107 300", paid="850"),
            line("22612", "CO 50 4000", charge="4000", control="L2"),
            remarks=("N4",),
        ),
    ],
    PRIMARY_DENIED,
)
case(
    "on-line-n779-other-line",
    [
        sent("C1", sent_line(), sent_line("20930", "300", 2)),
        answer(
            "C1", line(), line("20930", "CO 50 300", charge="300", control="L2", remarks=("N779",))
        ),
        charge(),
    ],
    PROPOSED,
)

case("remark-order-5ab", remarked("N432", "N522"), review("crossover_duplicate"))
case("remark-units", remarked("N357", "N362"), review("units"))
case("remark-unknown-n4", remarked("X99", "N4"), review("prior_payer_eob"))
case("remark-unknown-swept", remarked("X99"), review("unknown_remark"), swept=("MRD01",))
case("remark-m20-before-n362", remarked("N362", "M20"), review("code_or_modifier"))
case(
    "remark-n770-pr",
    [sent(), answer("C1", line("22614", "PR 107 1150", remarks=("N770",)))],
    waiting("already_adjusted"),
)

# --- looks at portals ---


def seen(day, outcome="found", *lines, hour=8, remitted=None, status="4"):
    shown = (answer("C1", *lines, on=remitted, status=status),) if lines else ()
    return look("C1", outcome, at(*day, hour), answers=shown)


case("look-3days", [*READY, seen((2, 26))], PROPOSED, swept=("MRD01",))
case("look-4days", [*READY, seen((2, 25), hour=23)], waiting("unconfirmed"), swept=("MRD01",))
case("look-swept-name-id", READY, waiting("unconfirmed"), swept=("meridian",))
case("look-swept-other", READY, PROPOSED, swept=("HBR01",))
case("look-pending-unswept", [*READY, seen((2, 20), "pending")], waiting("not_final"))
case(
    "look-pending-old",
    [sent(), answer(on=date(2026, 2, 27)), charge(), seen((2, 26), "pending")],
    ("ready", "primary_not_billed", "replacement_claim", "2026-08-26"),
    swept=("MRD01",),
)
case(
    "look-failed-last",
    [*READY, seen((2, 28)), seen((2, 28), "failed", hour=9)],
    waiting("unconfirmed"),
    swept=("MRD01",),
)
case("look-failed-unswept", [*READY, seen((2, 28), "failed")], PROPOSED)
case("look-notfound-unswept", [*READY, seen((2, 28), "not_found")], PROPOSED)
case(
    "look-other-denial",
    [*READY, seen((2, 28), "found", line("22614", "CO 50 1150"))],
    waiting("not_final"),
)
case("look-same-denial", [*READY, seen((2, 28), "found", line("22614", "CO 107 1150"))], PROPOSED)
case(
    "look-paid",
    [*READY, seen((2, 28), "found", line("22614", "CO 45 300", paid="850"), status="1")],
    waiting("not_final"),
)
case(
    "look-paid-old",
    [*READY, seen((2, 9), "found", line("22614", "CO 45 300", paid="850"), status="1")],
    PROPOSED,
)
case(
    "look-paid-dated",
    [
        *READY,
        seen(
            (2, 28),
            "found",
            line("22614", "CO 45 300", paid="850"),
            status="1",
            remitted=date(2026, 2, 27),
        ),
    ],
    PAID,
)
case(
    "look-denied-dated",
    [sent(), charge(), seen((2, 28), "found", line("22614", "CO 107 1150"), remitted=REMITTED)],
    PROPOSED,
)
case(
    "look-undated-only",
    [sent(), charge(), seen((2, 28), "found", line("22614", "CO 107 1150"))],
    ("waiting", "not_final"),
)
case(
    "look-pending-then-same",
    [*READY, seen((2, 20), "pending"), seen((2, 28), "found", line("22614", "CO 107 1150"))],
    PROPOSED,
)
case(
    "look-pending-then-failed",
    [*READY, seen((2, 20), "pending"), seen((2, 28), "failed")],
    waiting("not_final"),
)


@pytest.mark.parametrize("reading", case, ids=[one.name for one in case])
def test_reads_as_the_text_says(reading: Reading, tmp_path: Path) -> None:
    assert reading.left(tmp_path) == ([], [])
