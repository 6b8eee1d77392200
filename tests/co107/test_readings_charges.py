"""Fresh readings of charges, routes and last days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from server.facts import Patient
from tests.co107.builders import (
    BEN,
    OTHER_GROUP,
    OTHER_SURGEON,
    RULES,
    answer,
    both,
    charge,
    earlier,
    line,
    paid_line,
    reversal,
    sent,
    sent_line,
)
from tests.co107.listed.words import DENIED_PRIMARY, HARBOR
from tests.co107.readings import (
    DENIED,
    MISMATCH,
    NEW_CLAIM,
    NO_ROUTE,
    NOTHING,
    PENDING,
    PROPOSED,
    READY,
    REPLACE,
    YEAR,
    Reading,
    Readings,
    at,
    redeny,
    remarked,
    review,
    waiting,
)

case = Readings()

# --- charges ---
case(
    "charge-negative-after-today",
    [*READY, charge(units=-1, amount="-4000", signed_at=at(3, 5))],
    PROPOSED,
)
case("charge-negative-units-only", [*READY, charge(units=-1, signed_at=at(1, 17))], NOTHING)
case("charge-negative-charge-only", [*READY, charge(amount="-4000", signed_at=at(1, 17))], NOTHING)
case(
    "charge-identical-negative",
    [*READY, charge(), charge(units=-1, amount="-4000", signed_at=at(1, 17))],
    NOTHING,
)
case(
    "charge-negative-no-twin",
    [*READY, charge(units=-1, amount="-3999", signed_at=at(1, 17))],
    PROPOSED,
)
case("charge-last-zero", [*READY, charge(amount="0", signed_at=at(1, 18))], MISMATCH)
case("charge-last-billed", [*READY, charge(claim="C7", signed_at=at(1, 18))], PENDING)
case("charge-last-unbilled", [*DENIED, charge(claim="C7"), charge(signed_at=at(1, 18))], PROPOSED)
case("charge-draft-later", [*READY, charge(amount="4100", signed=False, signed_at=None)], PROPOSED)
case("charge-signed-today", [*DENIED, charge(signed_at=at(3, 1, 23))], PROPOSED)
case("charge-signed-tomorrow-version", [*READY, charge(amount="0", signed_at=at(3, 2))], PROPOSED)
case("charge-modifiers-ok", [*DENIED, charge(modifiers=("59", "51"))], PROPOSED)
case("charge-mod-80", [*DENIED, charge(modifiers=("80",))], MISMATCH)
case("charge-payer-id", [*DENIED, charge(payer_id="MRD01")], PROPOSED)
case("charge-payer-rulesid", [*DENIED, charge(payer_id="meridian")], PROPOSED)
case("charge-payer-name", [*DENIED, charge(payer_id="Meridian Health")], PROPOSED)
case("charge-payer-other", [*DENIED, charge(payer_id="HBR01")], NOTHING, rules=[RULES, HARBOR])
case("charge-payer-unknown", [*DENIED, charge(payer_id="ZZZ")], MISMATCH)
case(
    "charge-birth-other",
    [*DENIED, charge(patient=Patient("M100", "", "", date(1999, 1, 1)))],
    NOTHING,
)
case("charge-name-other", [*DENIED, charge(patient=Patient("M100", "", "BEN"))], NOTHING)
case("charge-nameless", [*DENIED, charge(patient=Patient("M100"))], PROPOSED)
BENS = [sent("C9", sent_line("99213", "100"), patient=BEN)]
case(
    "charge-nameless-two",
    [*DENIED, *BENS, charge(patient=Patient("M100"))],
    review("primary_ambiguous"),
)
case(
    "charge-birth-two",
    [*DENIED, *BENS, charge(patient=Patient("M100", "", "", date(1970, 5, 4)))],
    PROPOSED,
)
case("charge-name-two", [*DENIED, *BENS, charge()], PROPOSED)
case(
    "charge-ben-billed-primary",
    [*DENIED, sent("C9", sent_line("22612", "4000"), patient=BEN), charge()],
    PROPOSED,
)
case(
    "charge-other-member",
    [*DENIED, charge(patient=Patient("M999", "", "ANNA", date(1970, 5, 4)))],
    NOTHING,
)
case("charge-billing-other", [*DENIED, charge(billing=OTHER_GROUP)], MISMATCH)
case("charge-rendering-other-group-same", [*DENIED, charge(rendering=OTHER_SURGEON)], PROPOSED)
case("charge-both-other", [*DENIED, charge(rendering=OTHER_SURGEON, billing=OTHER_GROUP)], MISMATCH)
case("charge-two-off", [*DENIED, charge(billing=OTHER_GROUP, day=date(2026, 1, 16))], NOTHING)
case("charge-4-days", [*DENIED, charge(day=date(2026, 1, 19), signed_at=at(1, 20))], NOTHING)
case("charge-3-days", [*DENIED, charge(day=date(2026, 1, 18), signed_at=at(1, 20))], MISMATCH)
case("charge-two-primaries", [*READY, charge("22630")], review("primary_ambiguous"))
case("charge-two-sizes", [*READY, charge(units=2)], review("primary_ambiguous"))
case("charge-one-near-one-fit", [*READY, charge(day=date(2026, 1, 14))], MISMATCH)
case("charge-not-listed", [*DENIED, charge("22558")], NOTHING)

# --- the route ---

NO_REPLACEMENT = {**RULES, "replacement_claims": False}
case("route-n380", remarked("N380"), PROPOSED)
case("route-n380-false", remarked("N380"), NO_ROUTE, rules=NO_REPLACEMENT)
case("route-n142-ma130", remarked("N142", "MA130"), NEW_CLAIM)
case("route-n517-n798", remarked("N517", "N798"), NO_ROUTE)
case("route-n798", remarked("N798"), ("ready", "primary_not_billed", "void_and_new", YEAR))
case("route-ma130-claim", [sent(), answer(remarks=("MA130",)), charge()], NEW_CLAIM)
case(
    "route-ma15-other-line",
    [
        sent("C1", sent_line(), sent_line("20930", "300", 2)),
        answer(
            "C1", line(), line("20930", "CO 50 300", charge="300", control="L2", remarks=("MA15",))
        ),
        charge(),
    ],
    NO_ROUTE,
)
case("route-ma15-new", [sent(), answer(remarks=("MA15", "MA130")), charge()], NO_ROUTE)
case(
    "route-two-clp07",
    [
        sent("C1", sent_line(), sent_line("20930", "300", 2)),
        answer("C1", line(), number="PA"),
        answer("C1", paid_line("20930", "100", charge="300", control="L2"), number="PB", order=1),
        charge(),
    ],
    NO_ROUTE,
)
case(
    "route-two-clp07-two-days",
    [
        sent("C1", sent_line(), sent_line("20930", "300", 2)),
        answer(
            "C1",
            paid_line("20930", "100", charge="300", control="L2"),
            number="PB",
            on=date(2026, 2, 1),
            trace="T0",
        ),
        answer("C1", line(), number="PA"),
        charge(),
    ],
    PROPOSED,
)
REOPENS = {**RULES, "replacement_claims": False, "reopening": True}
case("route-reopen-adds-none", [sent(), answer(), charge()], NO_ROUTE, rules=REOPENS)
case(
    "route-reopen-ref",
    [sent(), earlier(), answer(lines=[line(remarks=("M47",))])],
    ("ready", "reference_found", "reopening", "2027-02-10"),
    rules={**REOPENS, "related_claim_field": "REF*F8"},
)
case(
    "route-reopen-add",
    [sent(), answer(), charge()],
    ("ready", "primary_not_billed", "reopening", "2027-02-10"),
    rules={**REOPENS, "reopening_adds_lines": True},
)
case("route-none-at-all", [sent(), answer(), charge()], review("route_unknown", None), rules=[])
case(
    "route-appeal-no-rules",
    [both(), answer("C1", line(), paid_line(control="L2"))],
    review("deadline_unknown", None),
    rules=[],
)

# --- last days ---


def ends(**last_days):
    return {**RULES, "last_day": {**RULES["last_day"], **last_days}}


def term(count, unit, anchor):
    return {"count": count, "unit": unit, "anchor": anchor}


case("last-day-last", READY, PROPOSED, today=date(2026, 8, 9))
case("last-day-passed", READY, ("review", "deadline_passed"), today=date(2026, 8, 10))
case(
    "last-day-month-end",
    [sent(), answer(on=date(2026, 1, 31)), charge()],
    ("ready", "primary_not_billed", "replacement_claim", "2026-03-31"),
    rules=ends(replacement_claim=[term(2, "months", "remittance")]),
)
case(
    "last-day-month-end-feb",
    [sent(), answer(on=date(2026, 1, 31)), charge()],
    review("deadline_passed", "2026-02-28"),
    rules=ends(replacement_claim=[term(1, "months", "remittance")]),
)
case(
    "last-day-two-terms",
    READY,
    ("ready", "primary_not_billed", "replacement_claim", "2026-03-16"),
    rules=ends(replacement_claim=[term(180, "days", "remittance"), term(60, "days", "service")]),
)
LONG = sent_line(last_day=date(2026, 1, 20))
case(
    "last-day-service-last",
    [sent("C1", LONG), answer("C1", replace(line(), last_day=date(2026, 1, 20))), charge()],
    ("ready", "primary_not_billed", "replacement_claim", "2026-03-21"),
    rules=ends(replacement_claim=[term(60, "days", "service_last")]),
)
case(
    "last-day-no-route-day",
    READY,
    review("deadline_unknown"),
    rules={**RULES, "last_day": {"appeal": RULES["last_day"]["appeal"]}},
)
case(
    "last-day-no-appeal-day",
    [both(), answer("C1", line(), paid_line(control="L2"))],
    ("review", "deadline_unknown", None, REPLACE),
    rules={**RULES, "last_day": {k: v for k, v in RULES["last_day"].items() if k != "appeal"}},
)
case(
    "last-day-first-remit",
    [*DENIED, reversal(order=0), redeny(1), charge()],
    ("ready", "primary_not_billed", "replacement_claim", "2026-05-11"),
    rules=ends(replacement_claim=[term(90, "days", "first_remittance")]),
)
case(
    "last-day-appeal-passed",
    [both(), answer("C1", line(), paid_line(control="L2"))],
    review("deadline_passed"),
    today=date(2026, 6, 11),
)
case(
    "last-day-waiting-past",
    [both(), answer("C1", line(), DENIED_PRIMARY)],
    waiting("primary_denied"),
    today=date(2026, 7, 1),
)

case("charge-one-with-modifier", [*READY, charge(modifiers=("59",))], review("primary_ambiguous"))
case(
    "charge-modifiers-in-another-order",
    [*DENIED, charge(modifiers=("59", "51")), charge(modifiers=("51", "59"))],
    PROPOSED,
)


@pytest.mark.parametrize("reading", case, ids=[one.name for one in case])
def test_reads_as_the_text_says(reading: Reading, tmp_path: Path) -> None:
    assert reading.left(tmp_path) == ([], [])
