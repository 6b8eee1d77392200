"""What the case files leave out: the corners of each row, told in records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from server.co107.charging import charge_key
from server.co107.codes import only_place_of_service
from server.co107.pairs import Pair
from server.facts import Patient, Payer, Source
from tests.co107.builders import (
    ANNA,
    BEN,
    DAY,
    GROUP,
    OTHER_GROUP,
    OTHER_SURGEON,
    PAIRS,
    REMITTED,
    SURGEON,
    TODAY,
    answer,
    around,
    bare_answer,
    charge,
    decided,
    decision,
    line,
    look,
    mark,
    outcome,
    paid_line,
    rules,
    sent,
    sent_line,
)

READY = ("ready", "primary_not_billed")
PAYMENT_ADJUSTMENTS = (
    *("1", "2", "3", "23", "45", "66", "94", "100", "104", "105", "131", "144", "161", "187"),
    *("237", "241", "246", "253"),
)
NOT_DOCUMENTED = ("review", "primary_not_documented")
LATER = date(2026, 2, 20)


def both(**more):
    return sent("C1", sent_line(), sent_line("22612", "4000", 2, **more))


def other(**more):
    fields = {k: more.pop(k) for k in ("day", "modifiers", "rendering", "last_day") if k in more}
    procedure = more.pop("procedure", "22612")
    return sent("C2", sent_line(procedure, "4000", 1, **fields), **more)


def other_paid(**more):
    fields = {k: more.pop(k) for k in ("day", "modifiers") if k in more}
    procedure = more.pop("procedure", "22612")
    line_ = paid_line(procedure, control="L1", **fields)
    return answer("C2", line_, number="P2", trace="T2", **more)


def paid_elsewhere(claim: dict | None = None, both_sides: dict | None = None):
    both_sides = both_sides or {}
    return [other(**(claim or {}), **both_sides), other_paid(**both_sides)]


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
def reversal(number="PCN1", on=LATER, order=0, **more):
    back = line("22614", "CO 107 -1150", charge="-1150", **more)
    return answer("C1", back, status="22", number=number, on=on, order=order, trace="T2")


def paid_later(number="PCN1", on=LATER, order=1):
    one = paid_line("22614", "850", charge="1150", control="L1")
    return answer("C1", one, number=number, on=on, order=order, trace="T2")


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


def shown(*lines, on=None, **more):
    return look(answers=(answer("C1", *lines, on=on, **more),))


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


# --- the qualifying service -----------------------------------------------------------------------
def test_another_surgeon_of_the_group_qualifies() -> None:
    items = paid_elsewhere({"rendering": OTHER_SURGEON})
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_the_same_surgeon_under_another_group_qualifies() -> None:
    items = [other(billing=OTHER_GROUP), other_paid(billing=OTHER_GROUP)]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_but_a_charge_of_another_billing_provider_does_not() -> None:
    assert outcome(sent(), answer(), charge(billing=OTHER_GROUP)) == ("review", "mismatch")
    assert outcome(sent(), answer(), charge(billing="")) == ("review", "mismatch")
    assert outcome(sent(), answer(), charge(rendering=OTHER_SURGEON)) == READY


@pytest.mark.parametrize(
    ("mine", "its", "same_surgeon", "fits"),
    [
        ((), (), True, True),
        (("26",), ("26",), True, True),
        (("26",), ("26",), False, True),
        (("26",), (), True, True),
        (("26",), (), False, False),
        (("26",), ("TC",), True, False),
        (("TC",), ("TC",), False, True),
        (("TC",), (), False, True),
        (("TC",), ("26",), True, False),
        ((), ("26",), True, False),
        ((), ("TC",), True, False),
    ],
)
def test_components(mine: tuple, its: tuple, same_surgeon: bool, fits: bool) -> None:
    rendering = SURGEON if same_surgeon else OTHER_SURGEON
    found = outcome(
        sent("C1", sent_line(modifiers=mine)),
        answer("C1", line(modifiers=mine)),
        *[other(modifiers=its, rendering=rendering), other_paid(modifiers=its)],
    )
    assert found == (("appeal", "primary_paid_other_claim") if fits else ("review", "mismatch"))


@pytest.mark.parametrize("modifier", ["53", "73", "74", "80", "81", "82", "AS", "GY", "GZ"])
def test_no_primary_to_stand_on(modifier: str) -> None:
    items = [other(modifiers=(modifier,)), other_paid(modifiers=(modifier,))]
    assert outcome(sent(), answer(), *items) == ("review", "mismatch")


@pytest.mark.parametrize(
    ("mine", "its", "fits"),
    [
        (("RT",), ("RT",), True),
        (("RT",), (), True),
        ((), ("LT",), True),
        (("RT",), ("LT", "RT"), True),
        (("LT",), ("RT",), False),
    ],
)
def test_sides(mine: tuple, its: tuple, fits: bool) -> None:
    found = outcome(
        sent("C1", sent_line(modifiers=mine)),
        answer("C1", line(modifiers=mine)),
        *[other(modifiers=its), other_paid(modifiers=its)],
    )
    assert found[1] == ("primary_paid_other_claim" if fits else "mismatch")


@pytest.mark.parametrize(
    ("days", "tolerance", "found"),
    [
        (0, 0, "primary_paid_other_claim"),
        (1, 0, "mismatch"),
        (-3, 0, "mismatch"),
        (4, 0, "primary_not_documented"),
        (1, 1, "primary_paid_other_claim"),
        (-1, 1, "primary_paid_other_claim"),
        (4, 1, "mismatch"),
        (5, 1, "primary_not_documented"),
    ],
)
def test_days(days: int, tolerance: int, found: str) -> None:
    day = date(2026, 1, 15 + days)
    near = around(rules(date_tolerance_days=tolerance))
    items = [other(day=day), other_paid(day=day)]
    assert outcome(sent(), answer(), *items, surroundings=near)[1] == found


def test_a_charge_five_days_off_is_no_charge() -> None:
    assert outcome(sent(), answer(), charge(day=date(2026, 1, 20))) == NOT_DOCUMENTED


def test_spans_that_touch_share_a_day() -> None:
    wide = other(day=date(2026, 1, 10), last_day=DAY)
    assert outcome(sent(), answer(), wide) == ("waiting", "primary_pending")


@pytest.mark.parametrize("off", [{"patient": BEN}, {"patient": replace(ANNA, first_name="CARA")}])
def test_another_of_the_family_qualifies_nothing(off: dict) -> None:
    items = [other(**off), other_paid(patient=replace(off["patient"], birth_date=None))]
    assert outcome(sent(), answer(), *items, charge()) == READY


def test_unknown_names_do_not_part_a_patient() -> None:
    items = [other(patient=Patient("M100")), other_paid(patient=Patient("M100"))]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_without_an_id_name_and_birth_date_tell() -> None:
    nameless = replace(ANNA, member_id="")
    items = [other(patient=nameless), other_paid(patient=Patient("", "ROE", "ANNA"))]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")
    items = [other(patient=replace(nameless, birth_date=date(1970, 5, 5)))]
    assert outcome(sent(), answer(), *items) == NOT_DOCUMENTED


def test_the_same_person_under_a_payer_not_known() -> None:
    strange = Payer(("Z9",), "NOBODY")
    items = [other(payer=strange), other_paid(payer=strange)]
    assert outcome(sent(), answer(), *items) == ("review", "mismatch")


def test_two_things_off_still_bar_a_charge() -> None:
    items = [other(day=date(2026, 1, 17), modifiers=("80",))]
    assert outcome(sent(), answer(), *items, charge()) == NOT_DOCUMENTED
    items = [other(day=date(2026, 1, 19), modifiers=("80",))]
    assert outcome(sent(), answer(), *items, charge()) == READY


def test_a_fitting_charge_beside_a_near_one_is_a_mismatch() -> None:
    near = charge("22630", day=date(2026, 1, 16))
    assert outcome(sent(), answer(), charge(), near) == ("review", "mismatch")


def test_a_paid_primary_comes_before_everything_else() -> None:
    items = [other(), other_paid(), charge("22630")]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")
    items.append(replace(other(procedure="22633"), claim="C3"))
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_paid_elsewhere_comes_before_denied_here() -> None:
    two = sent("C1", sent_line(), sent_line("22630", "4000", 2))
    one = answer("C1", line(), line("22630", "CO 50 4000", charge="4000", control="L2"))
    assert outcome(two, one, other(), other_paid()) == ("appeal", "primary_paid_other_claim")


def test_pending_here_comes_before_denied_elsewhere() -> None:
    items = [other(procedure="22630"), answer("C2", line("22630", "CO 50 4000", charge="4000"),
                                              number="P2", trace="T2")]  # fmt: skip
    assert outcome(both(), answer(), *items) == ("waiting", "primary_pending")


def test_a_primary_sent_again_is_pending() -> None:
    again = mark("C2", "claim", date(2026, 2, 20), "")
    assert outcome(sent(), answer(), other(), other_paid(), again) == (
        "waiting",
        "primary_pending",
    )


@pytest.mark.parametrize("facility", ["02", "10", "19", "20", "49", "50", "60", "99"])
def test_a_place_of_service_and_nothing_else(facility: str) -> None:
    assert only_place_of_service(facility)
    found = outcome(sent(), answer(), other_paid(facility=facility))
    assert found == ("appeal", "primary_paid_other_claim")


@pytest.mark.parametrize(
    "facility", ["11", "12", "21", "22", "24", "81", "79", "131", "", "00", "A1"]
)
def test_a_place_of_service_or_a_bill_type(facility: str) -> None:
    assert not only_place_of_service(facility)
    assert outcome(sent(), answer(), other_paid(facility=facility)) == NOT_DOCUMENTED


def test_a_claim_of_unknown_kind_holds_back() -> None:
    denied = answer("C2", line("22612", "CO 50 4000", charge="4000"), number="P2", trace="T2")
    assert outcome(sent(), answer(), denied) == ("waiting", "primary_denied")
    no_history = around(rules(uses_history=False))
    assert outcome(sent(), answer(), other_paid(), surroundings=no_history) == (
        "review",
        "combine_claims",
    )


def test_its_own_line_is_not_appealed_either() -> None:
    one = answer("C1", line(), paid_line(control="L2"))
    assert outcome(one) == NOT_DOCUMENTED
    assert outcome(replace(one, facility_code="20")) == ("appeal", "primary_paid_same_claim")


def test_an_835_of_a_hospital_neither_qualifies_nor_mismatches() -> None:
    assert outcome(sent(), answer(), other_paid(institutional=True), charge()) == READY


def test_a_hospitals_own_add_on() -> None:
    hospital = {"kind": "institutional", "facility": "13"}
    mine = sent("C1", sent_line(), sent_line("22612", "4000", 2), **hospital)
    found = outcome(mine, answer("C1", line(), paid_line(control="L2")))
    assert found == ("appeal", "primary_paid_same_claim")


# --- charges --------------------------------------------------------------------------------------
def test_a_charge_of_another_payer_is_not_ours() -> None:
    harbor = rules(id="harbor", names=["H"], payer_ids=["HBR"])
    near = around(rules(), harbor)
    assert outcome(sent(), answer(), charge(payer_id="HBR"), surroundings=near) == NOT_DOCUMENTED
    assert outcome(sent(), answer(), charge(payer_id="MRD01"), surroundings=near) == READY
    assert outcome(sent(), answer(), charge(payer_id="meridian"), surroundings=near) == READY
    assert outcome(sent(), answer(), charge(payer_id="?"), surroundings=near) == (
        "review",
        "mismatch",
    )


def test_a_charge_in_its_own_packet_is_still_unbilled() -> None:
    mine = around(packeted={charge_key(charge()): "C1"})
    assert outcome(sent(), answer(), charge(), surroundings=mine) == READY


def test_a_charge_in_another_claims_packet_counts_as_billed() -> None:
    theirs = around(packeted={charge_key(charge()): "C5"})
    found = outcome(sent(), sent("C5", sent_line("99213")), answer(), charge(),
                    surroundings=theirs)  # fmt: skip
    assert found == ("review", "charge_says_billed")
    assert outcome(sent(), answer(), charge(), surroundings=theirs) == (
        "waiting",
        "primary_pending",
    )


def test_a_charge_whose_claim_bears_it_says_nothing_new() -> None:
    items = [other(), other_paid(), charge(claim="C2")]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_says_billed_comes_before_several() -> None:
    items = [charge(claim="C1"), charge("22630"), charge("22633")]
    assert outcome(sent(), answer(), *items) == ("review", "charge_says_billed")


def test_whose_charge_is_not_known_where_the_line_names_nobody() -> None:
    nobody = Patient("M100")
    items = [
        sent(patient=nobody),
        answer(patient=nobody),
        sent("B1", sent_line("99213"), patient=BEN),
        sent("B2", sent_line("99213"), patient=ANNA),
    ]
    assert outcome(*items, charge()) == ("review", "primary_ambiguous")


def test_twins_of_one_birth_date_need_a_name() -> None:
    twin = replace(ANNA, first_name="CARA")
    items = [sent(), answer(), sent("B1", sent_line("99213"), patient=twin)]
    by_birth = charge(patient=Patient("M100", birth_date=ANNA.birth_date))
    assert outcome(*items, by_birth) == ("review", "primary_ambiguous")
    assert outcome(*items, charge()) == READY


# --- references -----------------------------------------------------------------------------------
NOTE = around(rules(related_claim_field="NTE*ADD"))
F8 = around(rules(related_claim_field="REF*F8"))
SURGERY_DAY = date(2025, 12, 1)


def surgery(claim="S1", day=SURGERY_DAY, procedure="27447", modifiers=(), paid="3000", **more):
    claim_ = sent(claim, sent_line(procedure, "4000", day=day, modifiers=modifiers), **more)
    its = paid_line(procedure, paid, control="L1", day=day, modifiers=modifiers)
    return [
        claim_,
        answer(claim, its, number=f"P{claim}", trace="TS", on=date(2026, 1, 2),
               patient=replace(claim_.patient, birth_date=None), billing=claim_.billing_npi),
    ]  # fmt: skip


def n214(*items):
    return outcome(sent(), answer(lines=[line(remarks=("N214",))]), *items, surroundings=NOTE)[1]


@pytest.mark.parametrize("day", [date(2025, 10, 17), date(2026, 1, 14)])
def test_surgery_within_ninety_days(day: date) -> None:
    assert n214(*surgery(day=day)) == "reference_found"


@pytest.mark.parametrize("day", [date(2025, 10, 16), date(2026, 1, 15), date(2026, 1, 16)])
def test_surgery_outside_of_them(day: date) -> None:
    assert n214(*surgery(day=day)) == "related_claim_not_found"


@pytest.mark.parametrize("procedure", ["10004", "69990"])
def test_the_range_of_surgery(procedure: str) -> None:
    assert n214(*surgery(procedure=procedure)) == "reference_found"


@pytest.mark.parametrize("procedure", ["10003", "69991", "99213", "0054T", "01967"])
def test_what_is_no_surgery(procedure: str) -> None:
    assert n214(*surgery(procedure=procedure)) == "related_claim_not_found"


@pytest.mark.parametrize("modifier", ["55", "56", "80", "81", "82", "AS"])
def test_not_the_surgeons_own(modifier: str) -> None:
    assert n214(*surgery(modifiers=(modifier,))) == "related_claim_not_found"


def test_the_surgery_of_another_group_patient_or_payer_is_none() -> None:
    assert n214(*surgery(billing=OTHER_GROUP)) == "related_claim_not_found"
    assert n214(*surgery(patient=BEN)) == "related_claim_not_found"
    assert n214(surgery()[0]) == "related_claim_not_found"
    assert n214(surgery()[1]) == "related_claim_not_found"


def test_two_surgical_lines_of_one_claim_are_one_claim() -> None:
    two = sent("S1", sent_line("27447", "4000", 1, day=SURGERY_DAY),
               sent_line("27446", "4000", 2, day=SURGERY_DAY))  # fmt: skip
    paid = answer(
        "S1",
        paid_line("27447", control="L1", day=SURGERY_DAY),
        paid_line("27446", control="L2", day=SURGERY_DAY),
        number="PS", trace="TS", on=date(2026, 1, 2),
    )  # fmt: skip
    assert n214(two, paid) == "reference_found"


def m47(*items, around_=F8, remarks=("M47",)):
    return outcome(sent(), answer(lines=[line(remarks=remarks)]), *items, surroundings=around_)


def earlier(number="P0", **more):
    return answer("C1", line("22614", "CO 16 1150"), number=number, on=date(2026, 1, 30), **more)


def test_an_earlier_answer_without_a_number_is_none() -> None:
    assert m47(earlier("")) == ("review", "related_claim_not_found")


def test_a_predetermination_is_no_earlier_answer() -> None:
    assert m47(earlier(status="25")) == ("review", "related_claim_not_found")


def test_both_references_must_be_found() -> None:
    both_wanted = ("M47", "N214")
    assert m47(earlier(), *surgery(), around_=NOTE, remarks=both_wanted) == (
        "ready",
        "reference_found",
    )
    assert m47(earlier(), around_=NOTE, remarks=both_wanted)[1] == "related_claim_not_found"
    assert m47(earlier(), *surgery(), remarks=both_wanted)[1] == "reference_field_unknown"


def test_a_reference_from_an_835_alone_is_never_ready() -> None:
    one = answer(lines=[line(remarks=("M47",))])
    assert outcome(one, earlier(), surroundings=F8) == ("review", "related_claim_not_found")


READING = sent("C1", sent_line("72148", "200", modifiers=("26",)))
READ = answer("C1", line("72148", "CO 107 200", charge="200", modifiers=("26",)))


def facility(kind="institutional", modifiers=(), day=DAY, procedure="72148", paid="400"):
    its = line(procedure, "CO 45 500", charge="900", paid=paid, control="L1", day=day,
               modifiers=modifiers)  # fmt: skip
    return [
        sent("H1", sent_line(procedure, "900", modifiers=modifiers, day=day), kind=kind,
             billing=OTHER_GROUP, rendering=OTHER_SURGEON, facility="13"),
        answer("H1", its, number="PH", trace="TH", billing=OTHER_GROUP),
    ]  # fmt: skip


def reading(*items, around_=NOTE):
    return outcome(READING, READ, *items, surroundings=around_, procedure="72148")[1]


def test_the_facilitys_claim() -> None:
    assert reading(*facility()) == "facility_claim_found"
    assert reading(*facility("professional", ("TC",))) == "facility_claim_found"


@pytest.mark.parametrize(
    "items",
    [
        facility("professional"),
        facility("professional", ("26",)),
        facility("institutional", ("26",)),
        facility(day=date(2026, 1, 16)),
        facility(procedure="72147"),
        facility(paid="0"),
        facility()[:1],
    ],
)
def test_no_facilitys_claim(items: list) -> None:
    assert reading(*items) == "no_pair_rule"


def test_the_starter_table_does_not_tell_what_is_in_no_pair() -> None:
    starter = around(rules(related_claim_field="NTE*ADD"), kind="starter")
    assert reading(*facility(), around_=starter) == "no_pair_rule"


# --- chains ---------------------------------------------------------------------------------------
def chain(*procedures: str):
    lines = [sent_line(code, "500", at) for at, code in enumerate(procedures, start=1)]
    return sent("C1", *lines)


def chain_answer(**became: str):
    made = {"denied": ("CO 107 500", 0), "other": ("CO 50 500", 0), "paid": ("CO 45 100", 400)}
    lines = [
        line(code.lstrip("c"), made[what][0], charge="500", paid=made[what][1], control=f"L{at}")
        for at, (code, what) in enumerate(became.items(), start=1)
    ]
    return answer("C1", lines=lines)


def chained(*items, pairs=PAIRS):
    return outcome(*items, procedure="64495", surroundings=around(pairs=pairs))


def test_a_paid_link_on_nothing_known_is_neither_appealed_nor_mended() -> None:
    items = [chain("64495", "64494"), chain_answer(c64495="denied", c64494="paid")]
    assert chained(*items, charge("64493")) == NOT_DOCUMENTED


def test_an_unanswered_link_is_not_mended_below() -> None:
    items = [chain("64495", "64494"), chain_answer(c64495="denied")]
    assert chained(*items, charge("64493")) == ("waiting", "primary_pending")


def test_a_link_denied_for_107_waits_where_its_base_is_paid() -> None:
    items = [
        chain("64495", "64494", "64493"),
        chain_answer(c64495="denied", c64494="denied", c64493="paid"),
    ]
    assert chained(*items) == ("waiting", "primary_denied")


def test_the_lowest_link_decides() -> None:
    items = [
        chain("64495", "64494", "64493"),
        chain_answer(c64495="denied", c64494="denied"),
    ]
    assert chained(*items) == ("waiting", "primary_pending")


def test_a_denied_base_decides_though_the_middle_is_missing() -> None:
    items = [chain("64495", "64493"), chain_answer(c64495="denied", c64493="other")]
    assert chained(*items, charge("64494")) == ("waiting", "primary_denied")


def test_a_missing_middle_on_a_paid_base_is_mended() -> None:
    items = [chain("64495", "64493"), chain_answer(c64495="denied", c64493="paid")]
    assert chained(*items, charge("64494")) == READY
    assert chained(*items) == NOT_DOCUMENTED


def test_every_missing_link_needs_its_charge() -> None:
    items = [chain("64495"), chain_answer(c64495="denied")]
    assert chained(*items, charge("64494")) == NOT_DOCUMENTED
    assert chained(*items, charge("64493")) == NOT_DOCUMENTED
    assert chained(*items, charge("64494"), charge("64493")) == READY


def test_any_listed_primary_will_do() -> None:
    pairs = (*PAIRS, Pair("64495", "64493", 1))
    items = [chain("64495", "64493"), chain_answer(c64495="denied", c64493="paid")]
    assert chained(*items, pairs=pairs) == ("appeal", "primary_paid_same_claim")


def test_a_table_that_runs_in_a_circle_ends() -> None:
    pairs = (Pair("64495", "64494", 1), Pair("64494", "64495", 1))
    items = [chain("64495", "64494"), chain_answer(c64495="denied", c64494="denied")]
    assert chained(*items, pairs=pairs)[0] in ("waiting", "review")
    assert chained(chain("64495"), chain_answer(c64495="denied"), charge("64494"), pairs=pairs)


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
    assert outcome(sent(), answer(number=""), charge()) == ("review", "route_unknown")
    one = decision(sent(), answer(number="", remarks=("N142",)), charge())
    assert one.route == "new_claim"
    portal = Source("portal", "meridian", seen_at=datetime(2026, 2, 28, tzinfo=UTC))
    assert outcome(sent(), answer(number="", source=portal), charge()) == READY
    last = answer("C1", line(), number="", on=LATER, trace="T2")
    assert outcome(sent(), answer(), last, charge()) == READY


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


def test_claims_sent_elsewhere_share_nothing_but_the_table() -> None:
    assert GROUP != OTHER_GROUP
