"""Lines of a claim over its versions and answers, and the order answers come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from server.co107.answers import (
    Answer,
    answer_kind,
    cancelled_by_reversals,
    denied_amount,
    latest_of,
    merged,
    names_107,
    paid_or_allowed,
)
from server.co107.matching import slots_of
from server.facts import Source
from tests.co107.builders import (
    REMITTED,
    adjustment,
    answer,
    bare_answer,
    charge,
    decided,
    line,
    look,
    outcome,
    paid_line,
    sent,
    sent_line,
)

LATER = date(2026, 2, 20)
PORTAL = Source("portal", "meridian", seen_at=datetime(2026, 2, 28, tzinfo=UTC))


def told(slots) -> list[tuple]:
    """Procedure, control, match, versions and answers of each slot."""
    return [
        (one.procedure, one.line_control, one.match, len(one.submitted), len(one.answers))
        for one in slots
    ]


# --- versions -------------------------------------------------------------------------------------
def test_one_line_over_two_versions_by_its_number() -> None:
    versions = [sent(), sent("C1", sent_line(charge="1200", units=2), frequency="7")]
    assert told(slots_of(versions, [])) == [("22614", "L1", "one", 2, 0)]
    (slot,) = slots_of(versions, [])
    assert (slot.charge, slot.units) == (1200, 2)


def test_without_numbers_by_what_was_billed_then_by_code_and_day() -> None:
    first = sent("C1", sent_line(control=""), sent_line(charge="50", number=2, control=""))
    second = sent("C1", sent_line(charge="50", control=""), sent_line(number=2, control=""))
    slots = slots_of([first, second], [])
    assert [(one.charge, len(one.submitted)) for one in slots] == [(1150, 2), (50, 2)]
    alone = sent("C1", sent_line(charge="1200", control=""))
    assert len(slots_of([sent("C1", sent_line(control="")), alone], [])) == 1


@pytest.mark.parametrize(
    "changed", [{"modifiers": ("59",)}, {"day": date(2026, 1, 16)}, {"procedure": "22612"}]
)
def test_another_modifier_day_or_code_is_another_line(changed: dict) -> None:
    other = sent("C1", sent_line(control="", **changed))
    assert len(slots_of([sent("C1", sent_line(control="")), other], [])) == 2


def test_a_line_newly_numbered_keeps_its_place() -> None:
    versions = [sent("C1", sent_line(control="")), sent("C1", sent_line(control="X"))]
    assert told(slots_of(versions, [])) == [("22614", "X", "one", 2, 0)]
    versions.reverse()
    assert told(slots_of(versions, [])) == [("22614", "X", "one", 2, 0)]


def test_one_number_twice_in_a_version_is_two_lines() -> None:
    twice = sent("C1", sent_line(control="X"), sent_line(number=2, control="X"))
    assert len(slots_of([twice], [])) == 2


def test_a_void_adds_no_lines_unless_it_is_all_there_is() -> None:
    void = sent("C1", sent_line("99213"), frequency="8")
    assert [one.procedure for one in slots_of([sent(), void], [])] == ["22614"]
    assert [one.procedure for one in slots_of([void], [])] == ["99213"]


# --- answers to submitted lines -------------------------------------------------------------------
def test_every_line_of_an_answer_finds_its_own() -> None:
    two = sent("C1", sent_line(), sent_line("22612", "4000", 2))
    slots = slots_of([two], [answer("C1", line(), paid_line(control="L2"))])
    assert told(slots) == [("22614", "L1", "one", 1, 1), ("22612", "L2", "one", 1, 1)]


def test_what_matches_nothing_stands_by_itself_over_all_answers() -> None:
    odd = line("99213", charge="7", control="")
    slots = slots_of([sent()], [answer("C1", odd), answer("C1", odd, on=LATER)])
    assert told(slots) == [("22614", "L1", "one", 1, 0), ("99213", "", "none", 0, 2)]


def test_what_matches_several_stands_by_itself() -> None:
    twice = sent("C1", sent_line(control=""), sent_line(number=2, control=""))
    slots = slots_of([twice], [answer("C1", line(control=""), line(control=""))])
    assert [one.match for one in slots] == ["one", "one", "several", "several"]
    assert [len(one.answers) for one in slots] == [0, 0, 1, 1]


@pytest.mark.parametrize("revenue", ["0360", "0370"])
def test_revenue_codes_stand_in_for_procedures(revenue: str) -> None:
    claim = sent(
        "C1",
        sent_line("", "500", control="", revenue_code="0360"),
        sent_line("", "500", 2, control="", revenue_code="0450"),
        kind="institutional",
    )
    one = line("", "CO 107 500", charge="500", control="", revenue_code=revenue)
    (found,) = decided(claim, answer("C1", one))
    wanted = "no_pair_rule" if revenue == "0360" else "ambiguous_line"
    assert found.decision.reason == wanted


def test_units_not_told_are_not_compared() -> None:
    one = replace(line(control=""), units=None)
    claim = sent("C1", sent_line(units=3, control=""))
    assert told(slots_of([claim], [answer("C1", one)])) == [("22614", "", "one", 1, 1)]


def test_a_portal_leaves_things_out_and_a_remittance_does_not() -> None:
    short = replace(line(control=""), charge=Decimal(0), first_day=None, units=None)
    claim = sent("C1", sent_line(modifiers=("59",), control=""))
    remitted = slots_of([claim], [answer("C1", short)])
    assert [one.match for one in remitted] == ["one", "none"]
    seen = slots_of([claim], [answer("C1", short, source=PORTAL)])
    assert told(seen) == [("22614", "", "one", 1, 1)]


@pytest.mark.parametrize(
    "shown",
    [
        {"modifiers": ("RT",)},
        {"day": date(2026, 1, 16)},
        {"charge": "5"},
        {"procedure": "22612"},
    ],
)
def test_what_a_portal_shows_must_fit(shown: dict) -> None:
    one = line(control="", **shown)
    slots = slots_of([sent("C1", sent_line(control=""))], [answer("C1", one, source=PORTAL)])
    assert [slot.match for slot in slots] == ["one", "none"]


# --- answers without an 837 -----------------------------------------------------------------------
def test_answers_are_joined_by_what_they_billed() -> None:
    slots = slots_of([], [answer(), answer("C1", line("22614", "CO 45 1150"), on=LATER)])
    assert told(slots) == [("22614", "L1", "not_loaded", 0, 2)]


def test_a_reversal_shows_its_amounts_negative() -> None:
    back = line("22614", "CO 107 -1150", charge="-1150", units=-1)
    slots = slots_of([], [answer(), answer("C1", back, status="22", on=LATER)])
    assert told(slots) == [("22614", "L1", "not_loaded", 0, 2)]
    assert slots[0].charge == 1150


def test_alike_lines_are_told_apart_by_their_place() -> None:
    both = [line(control=""), line(control="")]
    slots = slots_of([], [answer("C1", lines=both), answer("C1", lines=both, on=LATER)])
    assert [len(one.answers) for one in slots] == [2, 2]


def test_one_number_joins_a_changed_charge() -> None:
    changed = answer("C1", line(charge="900"), on=LATER)
    assert len(slots_of([], [answer(), changed])) == 1
    assert len(slots_of([], [answer("C1", line(control="")), changed])) == 2
    other_day = answer("C1", line(charge="900", day=date(2026, 1, 16)), on=LATER)
    assert len(slots_of([], [answer(), other_day])) == 2
    other_code = answer("C1", line("22612", charge="900"), on=LATER)
    assert len(slots_of([], [answer(), other_code])) == 2


def test_a_number_used_twice_in_an_answer_joins_nothing() -> None:
    parts = answer("C1", line(charge="900"), line(charge="250"), on=LATER)
    assert len(slots_of([], [answer(), parts])) == 3


def test_a_portals_line_joins_the_one_it_fits() -> None:
    seen = answer("C1", replace(line(control=""), charge=Decimal(0)), on=LATER, source=PORTAL)
    assert len(slots_of([], [answer(), seen])) == 1
    assert len(slots_of([], [seen, answer(on=date(2026, 2, 25))])) == 1
    two = answer("C1", line(modifiers=("RT",)), line(modifiers=("LT",), control="L2"))
    assert len(slots_of([], [two, seen])) == 3


def test_a_portal_shows_a_reversal_negative() -> None:
    one = line("22614", "CO 107 -1150", charge="-1150", control="")
    claim = sent("C1", sent_line(modifiers=("59",), control=""))
    slots = slots_of([claim], [answer("C1", one, status="22", source=PORTAL)])
    assert told(slots) == [("22614", "", "one", 1, 1)]


def test_an_answer_without_lines_is_an_answer_to_every_line() -> None:
    slots = slots_of([sent()], [answer(), bare_answer(on=LATER, status="22")])
    assert told(slots) == [("22614", "L1", "one", 1, 2)]


def test_a_claim_without_lines_paid_later() -> None:
    bare = bare_answer(adjustments=("CO 107 1150",), status="4")
    paid = bare_answer(paid="850", on=LATER, trace="T2")
    (one,) = decided(bare, paid)
    assert (one.decision.state, one.decision.reason) == ("resolved", "paid")
    later = answer("C1", line(), on=LATER, trace="T2")
    assert [one.key.procedure for one in decided(bare, later)] == ["22614"]


# --- kinds and amounts ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((one, "final") for one in ("1", "2", "3", "4", "19", "20", "21")),
        *((one, "open") for one in ("5", "13", "23", "", "X")),
        ("22", "reversal"),
        ("25", "predetermination"),
    ],
)
def test_what_a_status_makes_of_an_answer(status: str, kind: str) -> None:
    assert answer_kind(answer(status=status)) == kind


@pytest.mark.parametrize(
    ("source", "on", "kind"),
    [
        ("portal", REMITTED, "final"),
        ("hand", REMITTED, "final"),
        ("portal", None, "open"),
        ("remittance", REMITTED, "open"),
    ],
)
def test_a_portal_with_a_date_needs_no_status(source: str, on, kind: str) -> None:
    assert answer_kind(answer(status="", on=on, source=Source(source, "x"))) == kind
    assert answer_kind(replace(answer(status="", on=on), source=None)) == "open"


@pytest.mark.parametrize(
    ("adjustments", "amount", "named"),
    [
        (["CO 107 0.50"], "0.50", True),
        (["CO 107 0"], "0", False),
        (["CO 107 -5"], "0", True),
        (["CO 107 5", "PI 107 6", "CO 107 -2", "CO 45 9"], "11", True),
        (["CO 10 7"], "0", False),
    ],
)
def test_the_107_of_a_line(adjustments: list[str], amount: str, named: bool) -> None:
    found = [adjustment(one) for one in adjustments]
    assert denied_amount(found) == Decimal(amount)
    assert names_107(found) is named


@pytest.mark.parametrize(
    ("one", "pays"),
    [
        (line(paid="0.01"), True),
        (line(), False),
        (line(allowed="0.01"), True),
        (line(allowed="0"), False),
        (line("22614", "PR 1 1"), True),
        (line("22614", "PR 2 1"), True),
        (line("22614", "PR 3 1"), True),
        (line("22614", "PR 1 0"), False),
        (line("22614", "CO 1 1"), False),
        (line("22614", "PR 4 1"), False),
        (line(paid="-5"), False),
    ],
)
def test_paid_or_allowed(one, pays: bool) -> None:
    assert paid_or_allowed(one) is pays


def test_parts_of_a_line_make_one() -> None:
    first = line("22614", "CO 45 10", charge="100", paid="90", units=1, allowed="90",
                 remarks=("N1",))  # fmt: skip
    second = line("22614", "CO 107 50", charge="50", units=2, remarks=("N122", "N1"))
    one = merged([replace(first, order=0), replace(second, order=1)])
    assert (one.charge, one.paid, one.units, one.allowed) == (150, 90, 3, 90)
    assert [a.carc for a in one.adjustments] == ["45", "107"]
    assert one.remarks == ("N1", "N122")
    assert one.order == 1
    bare = merged([replace(first, allowed=None, units=None), replace(second, units=None)])
    assert (bare.allowed, bare.units) == (None, None)


# --- order, reversals, the latest -----------------------------------------------------------------
def entries(*answers) -> list[Answer]:
    found = [Answer(one, one.lines[0], answer_kind(one)) for one in answers]
    return sorted(found, key=lambda one: one.rank)


def back(number: str = "A", on: date = LATER, order: int = 0):
    return answer(number=number, on=on, order=order, status="22")


def cancelled(*answers) -> list[str]:
    found = entries(*answers)
    gone = cancelled_by_reversals(found)
    return [found[at].claim.payer_claim_control_number for at in sorted(gone)]


FIRST = answer(number="A", on=date(2026, 2, 1))
SECOND = answer(number="B", on=date(2026, 2, 10))


def test_a_reversal_cancels_by_its_number() -> None:
    assert cancelled(FIRST, SECOND, back("B")) == ["B"]
    assert cancelled(FIRST, SECOND, back("A")) == ["A"]


def test_a_reversal_of_a_number_of_its_own_cancels_the_oldest() -> None:
    assert cancelled(FIRST, SECOND, back("X")) == ["A"]
    assert cancelled(FIRST, SECOND, back("X"), back("Y", order=1)) == ["A", "B"]
    assert cancelled(FIRST, SECOND, back("")) == ["A"]


def test_a_number_wholly_cancelled_takes_no_other() -> None:
    assert cancelled(FIRST, SECOND, back("A"), back("A", order=1)) == ["A"]


def test_a_reversal_of_another_claim_number_takes_nothing() -> None:
    assert cancelled(FIRST, replace(back("A"), claim="C9")) == []


def test_predeterminations_and_pending_answers_are_not_cancelled() -> None:
    assert cancelled(replace(FIRST, status="25"), replace(SECOND, status="23"), back("X")) == []


def latest(*answers) -> str:
    found = entries(*answers)
    one = latest_of(found, cancelled_by_reversals(found))
    return one.claim.payer_claim_control_number if one else ""


def test_the_latest() -> None:
    assert latest(SECOND, FIRST) == "B"
    assert latest(FIRST, SECOND, back("B")) == "A"
    assert latest(FIRST, back("A")) == "A"
    assert latest(replace(FIRST, status="25")) == "A"
    assert latest(replace(SECOND, status="25"), FIRST) == "A"
    assert latest(FIRST, replace(SECOND, status="23")) == "B"
    assert latest() == ""
    assert latest(replace(FIRST, status="25"), back("Z")) == "Z"


# --- what only looks tell -------------------------------------------------------------------------
def test_a_look_by_a_word_no_file_uses_is_no_payer_of_its_own() -> None:
    strange = replace(look(answers=(answer(on=None),)), payer=replace(look().payer, ids=("Q",),
                                                                      name="Q"))  # fmt: skip
    assert len(decided(sent(), answer(), strange, charge())) == 1


def test_hand_entered_answers_count() -> None:
    hand = Source("hand", "eob.csv", segment=2)
    assert outcome(sent(), answer(status="", source=hand), charge()) == (
        "ready",
        "primary_not_billed",
    )
