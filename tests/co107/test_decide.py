"""What the case files leave out: rows 0a to 5g, told in records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from server.facts import Patient, Payer, Source
from tests.co107.builders import (
    LATER,
    READY,
    REMITTED,
    TODAY,
    answer,
    around,
    bare_answer,
    both,
    charge,
    decided,
    decision,
    line,
    look,
    mark,
    outcome,
    paid_later,
    paid_line,
    reversal,
    rules,
    sent,
    sent_line,
    shown,
)

PAYMENT_ADJUSTMENTS = (
    *("1", "2", "3", "23", "45", "66", "94", "100", "104", "105", "131", "144", "161", "187"),
    *("237", "241", "246", "253"),
)


# --- what a decision holds ------------------------------------------------------------------------
def test_the_worked_example_in_full() -> None:
    one = decision(sent(), answer(), charge())
    assert (one.state, one.reason, one.route) == (*READY, "replacement_claim")
    assert one.deadline == date(2026, 8, 9)
    assert one.amount == Decimal(1150)
    assert one.as_of == TODAY
    assert [step.row for step in one.steps][-5:] == ["6k", "6j", "7", "8a", "8b"]
    assert [step.row for step in one.steps if step.matched] == ["6j"]
    roles = [each.role for each in one.evidence]
    assert roles == ["denial", "submitted", "charge", "pair", "route", "last_day"]
    assert one.evidence[0].source == Source("remittance", "one.835", segment=12)
    assert "test pairs" in one.evidence[3].text
    assert not one.due_soon()


def test_due_soon_from_fourteen_days_on() -> None:
    made = decision(sent(), answer(), charge())
    assert made.deadline is not None
    assert replace(made, as_of=date(2026, 7, 26)).due_soon()
    assert not replace(made, as_of=date(2026, 7, 25)).due_soon()


def test_no_step_or_evidence_names_the_patient() -> None:
    for items in ([sent(), answer(), charge()], [both(), answer("C1", line(), paid_line())]):
        one = decision(*items)
        told = " ".join([s.saw for s in one.steps] + [e.text for e in one.evidence])
        assert "ROE" not in told
        assert "ANNA" not in told
        assert "M100" not in told


def test_amount_is_the_sum_of_the_107() -> None:
    parts = line("22614", "CO 107 600", "PI 107 50", "CO 45 500")
    assert decision(sent(), answer("C1", parts), charge()).amount == Decimal(650)
    assert decision(sent(), answer(), answer("C1", paid_line("22614", charge="1150", paid=150),
                                             on=LATER)).amount == 0  # fmt: skip


def test_what_a_worklist_shows() -> None:
    (one,) = decided(sent(), answer(lines=[line(remarks=("N122",))]), charge())
    assert one.key.claim == "C1"
    assert one.key.payer == "meridian"
    assert one.key.line_control == "L1"
    assert (one.charge, one.paid, one.groups, one.remarks) == (1150, 0, ("CO",), ("N122",))
    assert one.payer_claim_control_number == "PCN1"
    assert (one.denied_on, one.answered_on, one.sent_on) == (REMITTED, REMITTED, None)
    assert one.missing == ("22600", "22610", "22612", "22630", "22633")
    assert one.rules_id == "meridian"


def test_lines_alike_in_everything_are_numbered() -> None:
    keys = [one.key for one in decided(answer("C1", line(control=""), line(control="")))]
    assert [key.occurrence for key in keys] == [1, 2]


# --- which lines are in the table -----------------------------------------------------------------
@pytest.mark.parametrize(
    "adjustments", [("CO 45 10",), ("CO 107 0",), ("CO 10 7",), ("CO 45 107",), ()]
)
def test_no_107_no_line(adjustments: tuple[str, ...]) -> None:
    one = replace(line("22614", "CO 45 1"), adjustments=line("22614", *adjustments).adjustments)
    if not adjustments:
        one = replace(one, adjustments=())
    assert decided(sent(), answer("C1", one)) == []


@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI", "CR"])
def test_any_group_brings_a_line_in(group: str) -> None:
    assert len(decided(sent(), answer("C1", line("22614", f"{group} 107 5")))) == 1


def test_a_leading_zero_is_no_other_code() -> None:
    assert outcome(sent(), answer("C1", line("22614", "CO 0107 1150")), charge()) == READY


def test_the_line_stays_from_its_first_107_on() -> None:
    later = answer("C1", line("22614", "CO 29 1150"), on=LATER)
    assert outcome(sent(), answer(), later) == ("closed", "no_longer_107")


def test_an_orphan_reversal_of_a_107_is_in() -> None:
    one = answer("C1", line("22614", "CO 107 -1150", charge="-1150"), status="22")
    assert outcome(sent(), one) == ("waiting", "reversed")


# --- reversals and the latest answer --------------------------------------------------------------
def test_one_number_all_through() -> None:
    assert outcome(sent(), answer(), reversal(), paid_later()) == ("resolved", "paid")


def test_a_second_reversal_takes_the_correction_back() -> None:
    again = reversal(on=date(2026, 2, 24))
    assert outcome(sent(), answer(), reversal(), paid_later(), again) == ("waiting", "reversed")


def test_a_reversal_of_its_own_number_takes_the_oldest() -> None:
    items = [sent(), answer(), paid_later("PCN9", date(2026, 2, 15), 0), reversal("OWN")]
    assert outcome(*items) == ("resolved", "paid")


def test_a_reversal_of_one_number_leaves_the_other() -> None:
    newer = answer("C1", line(), number="PCN2", on=date(2026, 2, 15), trace="T2")
    assert outcome(sent(), answer(), newer, reversal("PCN2"), charge()) == READY
    one = decision(sent(), answer(), newer, reversal("PCN2"), charge())
    assert one.deadline == date(2026, 8, 9)  # counted from the first answer, which stands


def test_a_reversal_takes_nothing_that_came_after_it() -> None:
    early = reversal(on=date(2026, 2, 1))
    assert outcome(sent(), early, answer(), charge()) == READY


def test_a_pending_answer_after_a_reversal_is_the_latest() -> None:
    pending = answer("C1", line(), status="23", on=date(2026, 2, 24), trace="T3")
    assert outcome(sent(), answer(), reversal(), pending) == ("waiting", "not_final")


def test_order_in_the_file_decides_within_a_day() -> None:
    denial = answer("C1", line(), on=LATER, order=2, number="PCN2")
    assert outcome(sent(), denial, paid_later(on=LATER, order=1), charge()) == READY
    denial = answer("C1", line(), on=LATER, order=0, number="PCN2")
    assert outcome(sent(), denial, paid_later(on=LATER, order=1)) == ("resolved", "paid")


def test_what_nothing_tells_apart_proposes_nothing() -> None:
    denial = answer("C1", line(), on=LATER, order=0, trace="T8")
    paid = replace(paid_later(order=0), trace="T7")
    assert outcome(sent(), denial, paid, charge()) == ("resolved", "paid")


def test_a_reversal_of_another_line_takes_nothing_of_this_one() -> None:
    back = line("22612", "CO 45 -1000", charge="-4000", paid="-3000", control="L2")
    items = [
        both(),
        answer("C1", line(), paid_line(control="L2")),
        answer("C1", back, status="22", on=LATER, trace="T2"),
    ]
    assert outcome(*items) == ("waiting", "primary_denied")


def test_a_reversal_without_lines_takes_the_whole_claim_back() -> None:
    items = [sent(), answer(), bare_answer(status="22", on=LATER, trace="T2")]
    assert outcome(*items) == ("waiting", "reversed")


def test_a_remittance_of_tomorrow_does_not_count() -> None:
    assert outcome(sent(), answer(), paid_later(on=date(2026, 3, 2)), charge()) == READY
    assert outcome(sent(), answer(), paid_later(on=TODAY)) == ("resolved", "paid")


def test_the_same_remittance_under_two_names_is_one() -> None:
    twin = replace(answer(), source=Source("remittance", "copy.835", "ff", 3))
    assert decision(sent(), answer(), twin, charge()).state == "ready"
    one = answer(lines=[line(remarks=("M47",))])
    earlier = answer("C1", line("22614", "CO 16 1150"), number="P0", on=date(2026, 1, 30))
    copy = replace(earlier, source=Source("remittance", "copy.835", "ff", 3), order=7)
    around_f8 = around(rules(related_claim_field="REF*F8"))
    found = outcome(sent(), earlier, copy, one, surroundings=around_f8)
    assert found == ("ready", "reference_found")


# --- matching lines -------------------------------------------------------------------------------
def test_units_modifiers_and_date_all_count_without_a_number() -> None:
    for changed in ({"units": 2}, {"modifiers": ("59",)}, {"day": date(2026, 1, 14)}):
        one = sent("C1", sent_line(control="", **changed))
        assert outcome(one, answer(), charge()) == ("review", "ambiguous_line"), changed


def test_modifiers_are_a_set() -> None:
    one = sent("C1", sent_line(control="", modifiers=("59", "RT")))
    assert outcome(one, answer("C1", line(modifiers=("RT", "59"))), charge(modifiers=("RT",))) == (
        "ready",
        "primary_not_billed",
    )


def test_a_number_the_837_does_not_know_is_no_number() -> None:
    assert outcome(sent(), answer("C1", line(control="PAYER-77")), charge()) == READY


def test_the_number_wins_over_what_was_billed() -> None:
    two = sent("C1", sent_line(charge="1000"), sent_line(number=2, charge="1150"))
    (one,) = decided(two, answer("C1", line(charge="1150", control="L1")))
    assert one.key.line_control == "L1"
    assert one.charge == 1000


def test_one_number_on_two_lines_is_ambiguous() -> None:
    two = sent("C1", sent_line(control="X"), sent_line("22612", "4000", 2, control="X"))
    found = outcome(two, answer("C1", line(control="X")))
    assert found == ("review", "ambiguous_line")


def test_lines_numbered_anew_in_a_replacement() -> None:
    anew = sent(
        "C1",
        sent_line("22612", "4000", 1, control="1"),
        sent_line("22614", "1150", 2, control="2"),
        frequency="7",
        on=date(2026, 2, 15),
    )
    first = sent("C1", sent_line(control="1"))
    assert outcome(first, anew, answer("C1", line(control="1"))) == (
        "resubmitted",
        "answer_pending",
    )


def test_a_split_line_is_one() -> None:
    parts = (
        line("22614", "CO 45 100", charge="500", paid="400"),
        line("22614", "CO 107 650", charge="650"),
    )
    (one,) = decided(sent(), answer("C1", lines=parts), charge())
    assert (one.decision.state, one.decision.amount, one.paid) == ("ready", 650, 400)


def test_the_same_claim_in_two_batches_is_one() -> None:
    assert outcome(sent(), sent(on=date(2026, 1, 21)), answer(), charge()) == READY


def test_another_persons_claim_of_that_number_is_not_this_one() -> None:
    stranger = Patient("M900", "DOE", "EVE", date(1950, 1, 1))
    assert outcome(sent(patient=stranger), answer(), charge()) == ("review", "claim_not_loaded")


def test_a_nickname_parts_no_claim_from_its_answer() -> None:
    one = answer(patient=Patient("M100", "ROE", "ANN"))
    assert outcome(sent(), one, charge()) == READY


# --- step 1 to 5 ----------------------------------------------------------------------------------
def test_a_look_on_the_remittances_day_is_not_newer() -> None:
    at = datetime(2026, 2, 10, 20, tzinfo=UTC)
    assert outcome(sent(), answer(), charge(), look(outcome="pending", at=at)) == READY
    at = datetime(2026, 2, 11, 0, tzinfo=UTC)
    found = outcome(sent(), answer(), charge(), look(outcome="pending", at=at))
    assert found == ("waiting", "not_final")


def test_only_the_last_look_counts() -> None:
    old = look(outcome="pending", at=datetime(2026, 2, 20, tzinfo=UTC))
    new = look(answers=(answer(on=None),))
    assert outcome(sent(), answer(), charge(), old, new) == READY


def test_a_portal_that_shows_it_paid_holds_it_back() -> None:
    paid = shown(paid_line("22614", "850", charge="1150", control="L1"))
    assert outcome(sent(), answer(), charge(), paid) == ("waiting", "not_final")


def test_a_portal_that_shows_another_line_holds_nothing_back() -> None:
    assert outcome(sent(), answer(), charge(), shown(paid_line(control="L2"))) == READY


def test_a_dated_portal_answer_is_an_adjudication() -> None:
    portal = Source("portal", "meridian", seen_at=datetime(2026, 2, 28, tzinfo=UTC))
    paid = answer("C1", paid_line("22614", "850", charge="1150", control=""), on=LATER, status="",
                  number="", source=portal)  # fmt: skip
    assert outcome(sent(), answer(), look(answers=(paid,))) == ("resolved", "paid")
    alone = answer("C1", line(control=""), status="", source=portal)
    assert outcome(sent(), look(answers=(alone,)), charge()) == READY


def test_the_portals_view_of_a_remittance_at_hand_is_that_remittance() -> None:
    portal = Source("portal", "meridian", seen_at=datetime(2026, 2, 28, tzinfo=UTC))
    seen = replace(answer("C1", line(control="")), source=portal, trace="")
    one = answer(lines=[line(remarks=("M47",))])
    found = outcome(sent(), one, look(answers=(seen,)))
    assert found == ("review", "related_claim_not_found")


def test_a_portals_107_nothing_else_tells_of_is_listed() -> None:
    (one,) = decided(sent(), shown(line(control="")))
    assert (one.decision.state, one.decision.reason) == ("waiting", "not_final")
    (one,) = decided(shown(line(control="")))
    assert one.key.procedure == "22614"


def test_a_void_of_a_claim_with_a_standing_answer_changes_nothing_once_answered() -> None:
    void = mark(kind="void", on=date(2026, 2, 1), procedure="")
    assert outcome(sent(), answer(), charge(), void) == READY


def test_a_void_alone_is_no_resubmission() -> None:
    void = mark(kind="void", on=date(2026, 2, 15), procedure="22614")
    assert outcome(sent(), answer(), charge(), void) == ("waiting", "void_pending")


def test_the_later_of_two_sendings_is_told() -> None:
    resent, appealed = mark(on=date(2026, 2, 15)), mark(kind="appeal", on=date(2026, 2, 16))
    assert outcome(sent(), answer(), resent, appealed) == ("appealed", "answer_pending")
    appealed = mark(kind="appeal", on=date(2026, 2, 15))
    assert outcome(sent(), answer(), resent, appealed) == ("resubmitted", "answer_pending")


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ({"procedure": "22614", "line_control": "L1"}, ("resubmitted", "answer_pending")),
        ({"procedure": "22614", "line_control": "L9"}, READY),
        ({"procedure": "99213"}, READY),
        ({"procedure": ""}, ("resubmitted", "answer_pending")),
    ],
)
def test_a_mark_names_its_line(named: dict, found: tuple) -> None:
    assert outcome(sent(), answer(), charge(), mark(**named)) == found


def test_what_was_sent_under_another_number_is_followed() -> None:
    resent = mark(new_claim="C9")
    paid = answer("C9", paid_line("22614", "850", charge="1150", control="L1"), number="P9",
                  on=LATER, trace="T9")  # fmt: skip
    assert outcome(sent(), answer(), resent, sent("C9", on=date(2026, 2, 15)), paid) == (
        "resolved",
        "paid",
    )
    again = answer("C9", number="P9", on=LATER, trace="T9")
    found = {
        one.key.claim: (one.decision.state, one.decision.reason)
        for one in decided(sent(), answer(), resent, again)
    }
    assert found == {"C1": ("review", "denied_again"), "C9": ("review", "denied_again")}


def test_a_claim_first_sent_as_a_replacement_is_no_resubmission() -> None:
    first = sent(frequency="7", reference="OLD")
    assert outcome(first, answer(), charge()) == READY


def test_remarks_of_a_line_bind_no_other_line() -> None:
    one = answer("C1", line(), paid_line(control="L2", remarks=("N522", "N4", "N9999")))
    assert outcome(both(), one) == ("appeal", "primary_paid_same_claim")


def test_a_paid_line_that_holds_a_107_is_open_as_well() -> None:
    partly = line("22614", "CO 107 150", paid="1000", charge="1150")
    denied = line("22612", "CO 50 4000", charge="4000", control="L2")
    assert outcome(both(), answer("C1", partly, denied, remarks=("N4",))) == (
        "waiting",
        "primary_denied",
    )
    assert outcome(both(), answer("C1", partly, paid_line(control="L2"), remarks=("N4",))) == (
        "review",
        "prior_payer_eob",
    )


def test_a_denial_on_the_claim_is_the_lines_too() -> None:
    one = answer(adjustments=("CO 29 1",))
    assert outcome(sent(), one, charge()) == ("review", "other_denial")


@pytest.mark.parametrize("carc", sorted(PAYMENT_ADJUSTMENTS, key=int))
def test_payment_adjustments_deny_nothing(carc: str) -> None:
    one = line("22614", "CO 107 1000", f"CO {carc} 150")
    found = outcome(sent(), answer("C1", one), charge())
    assert found == READY


@pytest.mark.parametrize("carc", ["4", "16", "18", "22", "50", "97", "B15", "A1", "234", "24"])
def test_every_other_carc_is_another_denial(carc: str) -> None:
    one = line("22614", "CO 107 1000", f"OA {carc} 150")
    assert outcome(sent(), answer("C1", one), charge()) == ("review", "other_denial")


def test_rows_come_in_order() -> None:
    """One line that would match many rows: each taken away, the next decides."""
    marks = [mark(on=date(2026, 2, 15))]
    one = answer(
        "C1",
        line("22614", "PR 107 10", "CO 50 5", remarks=("N522", "N4", "N362", "N357", "QQ1")),
        status="2",
        remarks=("MA67",),
    )
    looks = [look(outcome="failed")]
    around_swept = around(swept=frozenset(("MRD01",)))
    found = outcome(sent(), one, *marks, *looks, charge(), surroundings=around_swept)
    assert found == ("resubmitted", "answer_pending")
    steps = [
        ({}, "already_adjusted"),
        ({"remarks": ()}, "patient_responsibility"),
        ({"adjustments": line("22614", "CO 107 10", "CO 50 5").adjustments}, "secondary_payer"),
        ({"status": "1"}, "other_denial"),
        ({"adjustments": line("22614", "CO 107 10").adjustments}, "crossover_duplicate"),
        ({"line_remarks": ("N4", "N362", "N357", "QQ1")}, "prior_payer_eob"),
        ({"line_remarks": ("N362", "N357", "QQ1")}, "units"),
        ({"line_remarks": ("N357", "QQ1")}, "interval"),
        ({"line_remarks": ("QQ1",)}, "unknown_remark"),
        ({"line_remarks": ()}, "unconfirmed"),
    ]
    for change, reason in steps:
        first = one.lines[0]
        if "adjustments" in change:
            first = replace(first, adjustments=change["adjustments"])
        if "line_remarks" in change:
            first = replace(first, remarks=change["line_remarks"])
        one = replace(
            one,
            lines=(first,),
            status=change.get("status", one.status),
            remarks=change.get("remarks", one.remarks),
        )
        assert outcome(sent(), one, *looks, charge(), surroundings=around_swept)[1] == reason


@pytest.mark.parametrize(
    ("swept", "found"),
    [
        (("MRD01",), ("waiting", "unconfirmed")),
        (("meridian",), ("waiting", "unconfirmed")),
        (("Meridian Health",), ("waiting", "unconfirmed")),
        (("HBR01",), READY),
        ((), READY),
    ],
)
def test_whom_a_sweep_covers(swept: tuple[str, ...], found: tuple) -> None:
    assert outcome(sent(), answer(), charge(), surroundings=around(swept=frozenset(swept))) == found


def test_a_payer_without_rules_may_be_swept_by_its_id() -> None:
    one = Payer(("Z9",), "NOBODY")
    found = outcome(
        sent(payer=one), answer(payer=one), surroundings=around(swept=frozenset(("Z9",)))
    )
    assert found == ("waiting", "unconfirmed")


def test_the_evidence_limit_is_an_input() -> None:
    seen = look(answers=(answer(on=None),), at=datetime(2026, 2, 20, tzinfo=UTC))
    swept = frozenset(("MRD01",))
    for days, state in ((8, "waiting"), (9, "ready")):
        near = around(swept=swept, evidence_days=days)
        assert outcome(sent(), answer(), charge(), seen, surroundings=near)[0] == state
