"""Routes, last days, and what a portal adds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from server.co107.pairs import PairTable
from server.facts import Payer, Source
from tests.co107.builders import (
    LATER,
    PAIRS,
    READY,
    REMITTED,
    answer,
    around,
    charge,
    decided,
    decision,
    earlier,
    line,
    look,
    mark,
    outcome,
    paid_later,
    reversal,
    rules,
    sent,
    sent_line,
)


# --- route ----------------------------------------------------------------------------------------
def test_remarks_on_the_claim_name_the_route() -> None:
    one = decision(sent(), answer(remarks=("N142",)), charge())
    assert one.route == "new_claim"


def test_two_that_agree_do_not_contradict() -> None:
    one = decision(sent(), answer(remarks=("N142", "N517")), charge())
    assert one.route == "new_claim"


def test_n380_with_a_payer_that_refuses_replacements() -> None:
    near = around(rules(replacement_claims=False, reopening=True, reopening_adds_lines=True))
    found = outcome(sent(), answer(remarks=("N380",)), charge(), surroundings=near)
    assert found == ("review", "route_unknown")


def test_reopening_needs_replacements_to_be_refused() -> None:
    near = around(rules(replacement_claims=None, reopening=True, reopening_adds_lines=True))
    assert outcome(sent(), answer(), charge(), surroundings=near) == ("review", "route_unknown")


def test_a_reference_is_given_in_a_reopening_that_adds_no_lines() -> None:
    near = around(rules(replacement_claims=False, reopening=True, related_claim_field="REF*F8"))
    one = decision(sent(), earlier(), answer(lines=[line(remarks=("M47",))]), surroundings=near)
    assert (one.state, one.route) == ("ready", "reopening")


def test_ma15_on_any_line_parts_the_claim() -> None:
    one = answer("C1", line(), line("99213", "CO 45 5", charge="5", control="L2",
                                    remarks=("MA15",)))  # fmt: skip
    items = [sent("C1", sent_line(), sent_line("99213", "5", 2)), one, charge()]
    assert outcome(*items) == ("review", "route_unknown")


def test_two_remittances_part_no_claim() -> None:
    first = answer("C1", line("99213", "CO 45 5", charge="10", paid="5", control="L2"),
                   number="P0", on=date(2026, 1, 30), trace="T0")  # fmt: skip
    items = [sent("C1", sent_line(), sent_line("99213", "10", 2)), first, answer(), charge()]
    assert outcome(*items) == READY


def test_a_replacement_needs_the_payers_number() -> None:
    held = decision(sent(), answer(number=""), charge())
    assert (held.state, held.reason) == ("review", "route_unknown")
    assert "the payer's number of the claim is not known" in held.steps[-1].saw
    one = decision(sent(), answer(number="", remarks=("N142",)), charge())
    assert one.route == "new_claim"
    portal = Source("portal", "meridian", seen_at=datetime(2026, 2, 28, tzinfo=UTC))
    assert outcome(sent(), answer(number="", source=portal), charge()) == READY
    last = answer("C1", line(), number="", on=LATER, trace="T2")
    assert outcome(sent(), answer(), last, charge()) == READY


def test_a_line_only_a_portal_tells_of_has_nothing_to_be_matched_with() -> None:
    shown = look(answers=(answer("C1", line(), on=None, status="4"),))
    steps = {step.row: step for step in decision(shown).steps}
    assert "837 is not loaded" in steps["0b"].saw
    assert not steps["0b"].matched


# --- deadlines ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "earliest"),
    [
        ({"replacement_claims": True}, date(2026, 2, 20)),
        ({"replacement_claims": False}, date(2026, 4, 11)),
        ({"replacement_claims": None}, date(2026, 4, 11)),
        ({"replacement_claims": False, "reopening": True}, date(2026, 3, 2)),
    ],
)
def test_the_earliest_known_day_of_a_line_held_back(changed: dict, earliest: date) -> None:
    def days(count: int) -> list:
        return [{"count": count, "unit": "days", "anchor": "remittance"}]

    last = {"replacement_claim": days(10), "reopening": days(20), "appeal": days(60)}
    one = decision(sent(), answer(), surroundings=around(rules(last_day=last, **changed)))
    assert (one.state, one.deadline) == ("review", earliest)


def test_no_deadline_where_nothing_is_to_be_done() -> None:
    assert decision(sent(), answer(), mark()).deadline is None
    assert decision(sent(), answer(), reversal(), paid_later()).deadline is None


def test_the_lines_own_days_count() -> None:
    last = {"appeal": [{"count": 1, "unit": "days", "anchor": "service_last"}]}
    wide = sent("C1", sent_line(last_day=date(2026, 1, 20)))
    one = decision(wide, answer(), surroundings=around(rules(last_day=last)))
    assert one.deadline == date(2026, 1, 21)


def test_a_107_before_the_first_final_one_is_no_anchor() -> None:
    last = {"appeal": [{"count": 10, "unit": "days", "anchor": "first_remittance"}]}
    forwarded = answer(status="23", on=date(2026, 1, 25), trace="T0")
    one = decision(sent(), forwarded, answer(), surroundings=around(rules(last_day=last)))
    assert one.deadline == date(2026, 2, 20)


def test_the_earliest_day_counts_new_claims_and_voids() -> None:
    def days(count: int) -> list:
        return [{"count": count, "unit": "days", "anchor": "remittance"}]

    for way in ("new_claim", "void_and_new"):
        last = {way: days(5), "appeal": days(60)}
        one = decision(sent(), answer(), surroundings=around(rules(last_day=last)))
        assert one.deadline == date(2026, 2, 15), way


def test_a_day_without_an_end_ends_the_same_day() -> None:
    last = {"appeal": [{"count": 1, "unit": "days", "anchor": "service_last"}]}
    near = around(rules(last_day=last))
    one = decision(sent("C1", sent_line(last_day=None)), answer(), surroundings=near)
    assert one.deadline == date(2026, 1, 16)
    one = decision(replace(answer(), lines=(replace(line(), last_day=None),)), surroundings=near)
    assert one.deadline == date(2026, 1, 16)
    assert one.reason == "primary_not_documented"


def test_route_and_last_day_name_their_source() -> None:
    noted = rules(
        replacement_claims={"value": True, "source": "manual 7", "checked": "2026-02-01"},
        last_day={
            "replacement_claim": {
                "value": [
                    {"count": 180, "unit": "days", "anchor": "remittance"},
                    {"count": 1, "unit": "years", "anchor": "service"},
                ],
                "source": "manual 9",
            }
        },
    )
    one = decision(sent(), answer(), charge(), surroundings=around(noted))
    told = {each.role: each.text for each in one.evidence}
    assert told["route"] == (
        "replacement claim: the payer takes replacement claims "
        "(rules meridian: manual 7, checked 2026-02-01)"
    )
    assert told["last_day"] == (
        "last day 2026-08-09: 180 days after the remittance or 1 year after the service "
        "(rules meridian: manual 9)"
    )


def test_the_pair_tells_its_tables_age() -> None:
    old = PairTable(PAIRS, kind="cms", version="CMS 2024", published=date(2024, 6, 3))
    near = replace(around(), pairs=old)
    one = decision(sent(), answer(), charge(), surroundings=near)
    told = next(each.text for each in one.evidence if each.role == "pair")
    assert told.startswith("22614 may stand on 22612 (type 1), by CMS 2024; the pair table is of")


# --- a claim of two payers, and what a portal still lists ----------------------------------------
def test_a_claim_sent_to_two_payers_is_two_histories() -> None:
    harbor = Payer(("HBR",), "HARBOR")
    near = around(rules(), rules(id="harbor", names=["Harbor"], payer_ids=["HBR"]))
    items = [
        sent(),
        sent("C1", sent_line(), sent_line("22612", "4000", 2), payer=harbor, frequency="7",
             on=LATER),
        answer(),
        charge(),
    ]  # fmt: skip
    assert outcome(*items, surroundings=near) == READY
    both_answered = [*items, answer("C1", payer=harbor, status="2", trace="TH", number="PH")]
    found = {one.key.payer: one.decision.reason for one in decided(*both_answered,
                                                                 surroundings=near)}  # fmt: skip
    assert found == {"meridian": "primary_not_billed", "harbor": "answer_pending"}


def test_a_later_payers_answer_may_use_the_first_payers_837() -> None:
    near = around(rules(), rules(id="harbor", names=["Harbor"], payer_ids=["HBR"]))
    second = answer("C1", payer=Payer(("HBR",), ""), status="2", trace="TH", number="PH")
    (one,) = decided(sent(), second, surroundings=near)
    assert (one.key.payer, one.decision.reason) == ("harbor", "secondary_payer")
    assert one.decision.steps[1].saw == "the answer matches one submitted line"


def test_an_older_answer_the_portal_still_lists_says_nothing() -> None:
    old = answer("C1", line("22614", "CO 50 1150", control=""), on=date(2026, 1, 30), trace="")
    newer = answer("C1", on=REMITTED)
    assert outcome(sent(), newer, charge(), look(answers=(old,))) == READY


@pytest.mark.parametrize(
    ("shown_line", "status", "found"),
    [
        (line(control=""), "5", ("waiting", "not_final")),
        (line(control=""), "23", ("waiting", "not_final")),
        (line("22612", control=""), "5", READY),
        (line(day=date(2026, 1, 16), control=""), "5", READY),
        (line(modifiers=("59",), control=""), "5", READY),
        (line(charge="7", control=""), "5", READY),
        (line(control="L9"), "5", READY),
        (line(control="L1"), "5", ("waiting", "not_final")),
        (replace(line(control=""), first_day=None), "5", ("waiting", "not_final")),
        (replace(line(control=""), charge=Decimal(0)), "5", ("waiting", "not_final")),
    ],
)
def test_what_a_portal_shows_pending(shown_line, status: str, found: tuple) -> None:
    seen = look(answers=(answer("C1", shown_line, on=None, status=status),))
    assert outcome(sent(), answer(), charge(), seen) == found


def test_an_undated_reversal_on_a_portal_is_no_other_answer() -> None:
    seen = look(answers=(answer("C1", line(control=""), on=None, status="22"),))
    assert outcome(sent(), answer(), charge(), seen) == READY


def test_a_portal_that_shows_the_part_paid_as_it_was() -> None:
    partly = line("22614", "CO 107 150", paid="1000", charge="1150", control="")
    items = [sent(), answer("C1", replace(partly, line_control="L1")), charge()]
    assert outcome(*items, look(answers=(answer("C1", partly, on=None),))) == READY
    more = replace(partly, paid=Decimal(1150), adjustments=())
    found = outcome(*items, look(answers=(answer("C1", more, on=None),)))
    assert found == ("waiting", "not_final")
