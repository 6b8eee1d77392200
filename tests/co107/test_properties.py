"""No history whatever makes a line ready without its grounds, and order plays no part."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.co107.answers import answer_kind, denied_amount
from server.co107.decide import decide_all
from server.co107.decision import ROUTES
from server.facts import Facts, Patient
from tests.co107.builders import (
    ANNA,
    BEN,
    DAY,
    GROUP,
    OTHER_GROUP,
    OTHER_SURGEON,
    RULES,
    SURGEON,
    TODAY,
    adjustment,
    answer,
    around,
    charge,
    facts,
    line,
    look,
    mark,
    paid_line,
    rules,
    sent,
    sent_line,
)

PROCEDURES = ("22614", "22612", "22630", "64495", "64494", "64493", "99213", "0054T", "93320")
MODIFIERS = ((), ("26",), ("TC",), ("RT",), ("LT",), ("80",))
DAYS = tuple(DAY + timedelta(days=offset) for offset in (-4, -1, 0, 0, 0, 1, 2))
DATES = tuple(date(2026, 1, 20) + timedelta(days=5 * step) for step in range(10))
REMARKS = ("N122", "M47", "N214", "MA130", "N211", "N142", "N798", "N380", "N779", "MA67", "N9X")
ADJUSTMENTS = ("CO 107 100", "CO 107 100", "CO 45 10", "CO 50 100", "PR 1 50", "PR 107 20")

modifiers = st.sampled_from(MODIFIERS)
providers = st.sampled_from(((SURGEON, GROUP), (SURGEON, GROUP), (OTHER_SURGEON, OTHER_GROUP)))
claims = st.sampled_from(("C1", "C1", "C2", "C3"))
people = st.sampled_from((ANNA, ANNA, BEN, Patient("M100"), Patient("M200", "ROE", "ANNA")))


@st.composite
def submitted(draw):
    rendering, billing = draw(providers)
    count = draw(st.integers(1, 3))
    lines = [
        sent_line(
            draw(st.sampled_from(PROCEDURES)),
            draw(st.sampled_from(("100", "0", "250"))),
            number,
            day=draw(st.sampled_from(DAYS)),
            modifiers=draw(modifiers),
            rendering=rendering,
            control=draw(st.sampled_from((f"L{number}", ""))),
        )
        for number in range(1, count + 1)
    ]
    frequency = draw(st.sampled_from(("1", "1", "1", "7", "8")))
    return sent(
        draw(claims),
        *lines,
        kind=draw(st.sampled_from(("professional", "professional", "institutional"))),
        patient=draw(people),
        billing=billing,
        rendering=rendering,
        frequency=frequency,
        reference="PCN1" if frequency != "1" else "",
        on=draw(st.sampled_from(DATES)),
    )


@st.composite
def answered(draw):
    count = draw(st.integers(1, 3))
    lines = [
        line(
            draw(st.sampled_from(PROCEDURES)),
            *draw(st.lists(st.sampled_from(ADJUSTMENTS), min_size=1, max_size=3, unique=True)),
            charge=draw(st.sampled_from(("100", "0", "250"))),
            paid=draw(st.sampled_from((0, 0, 0, 80))),
            day=draw(st.sampled_from(DAYS)),
            modifiers=draw(modifiers),
            control=draw(st.sampled_from((f"L{number}", ""))),
            remarks=tuple(draw(st.lists(st.sampled_from(REMARKS), max_size=2))),
        )
        for number in range(1, count + 1)
    ]
    return answer(
        draw(claims),
        lines=lines,
        status=draw(st.sampled_from(("1", "1", "4", "4", "2", "22", "23", "25"))),
        patient=replace(draw(people), birth_date=None),
        on=draw(st.sampled_from(DATES)),
        number=draw(st.sampled_from(("PCN1", "PCN2"))),
        order=draw(st.integers(0, 3)),
        facility=draw(st.sampled_from(("11", "22", "20"))),
        trace=draw(st.sampled_from(("T1", "T2"))),
        adjustments=draw(st.sampled_from(((), (), (), ("CO 107 100",)))),
        remarks=tuple(draw(st.lists(st.sampled_from(REMARKS), max_size=1))),
    )


@st.composite
def charged(draw):
    rendering, billing = draw(providers)
    return charge(
        draw(st.sampled_from(PROCEDURES)),
        claim=draw(st.sampled_from(("", "", "", "C1", "C2", "C9"))),
        day=draw(st.sampled_from(DAYS)),
        modifiers=draw(modifiers),
        amount=draw(st.sampled_from(("100", "0", "-100"))),
        rendering=rendering,
        billing=billing,
        signed=draw(st.sampled_from((True, True, False))),
        patient=draw(people),
    )


BASES = (
    (sent(), answer(), charge()),
    (sent(), answer(facility="20"), charge(), answer("C2", line("22612", "CO 50 9"), number="P")),
    (
        sent("C1", sent_line(), sent_line("22612", "4000", 2)),
        answer("C1", line(), paid_line(control="L2")),
    ),
    (sent(), answer(), sent("C2", sent_line("22612", "4000")), answer("C2", paid_line())),
    (sent("C1", sent_line("64495"), sent_line("64494", number=2)), charge("64493"),
     answer("C1", line("64495"), line("64494", control="L2"))),
)  # fmt: skip


@st.composite
def histories(draw):
    """A history that decides something, with things added, taken away and changed."""
    items = list(draw(st.sampled_from(BASES)))
    if draw(st.booleans()):
        del items[draw(st.integers(0, len(items) - 1))]
    some = draw(st.sampled_from((0, 0, 1, 3)))
    items += draw(st.lists(submitted(), max_size=some))
    items += draw(st.lists(answered(), max_size=some))
    items += draw(st.lists(charged(), max_size=some))
    for kind in draw(st.lists(st.sampled_from(("claim", "void", "appeal")), max_size=some)):
        items.append(mark(draw(claims), kind, draw(st.sampled_from(DATES)), ""))
    for outcome in draw(st.lists(st.sampled_from(("found", "pending", "failed")), max_size=some)):
        items.append(look(draw(claims), outcome))
    return facts(*items)


payer_rules = st.sampled_from(
    (
        rules(),
        rules(related_claim_field="NTE*ADD", date_tolerance_days=1),
        rules(replacement_claims=False, reopening=True, reopening_adds_lines=True),
        rules(uses_history=False),
        rules(last_day={}),
        rules(
            last_day={
                "replacement_claim": [{"count": 1, "unit": "months", "anchor": "service"}],
                "appeal": [{"count": 5, "unit": "days", "anchor": "first_remittance"}],
            }
        ),
    )
)
quick = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def is_answer_to(answered, key) -> bool:
    """By `REF*6R` where the 837 knows it, whatever procedure the payer names; else by procedure."""
    if answered.line_control and answered.line_control == key.line_control:
        return True
    return answered.submitted_procedure == key.procedure


@quick
@given(histories(), payer_rules)
def test_ready_has_its_grounds(history: Facts, one) -> None:
    for decided in decide_all(history, around(one)):
        decision = decided.decision
        assert decision.as_of == TODAY
        assert decision.steps[-1].saw
        assert [step.matched for step in decision.steps][:-3].count(True) <= 1
        if decision.state not in ("ready", "appeal"):
            assert decision.route is None
            continue
        finals = [
            answered
            for one in history.answers
            if one.claim == decided.key.claim and answer_kind(one) == "final"
            for answered in one.lines
            if is_answer_to(answered, decided.key) and denied_amount(answered.adjustments) > 0
        ]
        assert finals
        assert decision.amount > 0
        assert decision.deadline is not None
        assert decision.deadline >= TODAY
        if decision.state == "appeal":
            assert decision.route is None
            continue
        assert decision.route in ROUTES
        if decision.reason == "primary_not_billed":
            grounds = [one for one in decision.evidence if one.role == "charge"]
            assert grounds
            signed = {
                (one.procedure, one.service_date)
                for one in history.charges
                if one.signed_off and not one.claim and one.charge > 0
            }
            assert {(one.procedure, one.service_day) for one in grounds} <= signed
            assert any(one.claim == decided.key.claim for one in history.claims)


@quick
@given(histories(), payer_rules, st.randoms(use_true_random=False))
def test_order_plays_no_part(history: Facts, one, shuffle: random.Random) -> None:
    names = ("claims", "answers", "charges", "marks", "looks")
    mixed = {name: list(getattr(history, name)) for name in names}
    for found in mixed.values():
        shuffle.shuffle(found)
    other = Facts(**{name: tuple(found) for name, found in mixed.items()})
    assert decide_all(history, around(one)) == decide_all(other, around(one))


@quick
@given(histories(), payer_rules)
def test_the_same_facts_twice_are_the_same_facts(history: Facts, one) -> None:
    twice = Facts(
        claims=history.claims * 2,
        answers=history.answers * 2,
        charges=history.charges * 2,
        marks=history.marks * 2,
        looks=history.looks * 2,
    )
    assert decide_all(history, around(one)) == decide_all(twice, around(one))


@quick
@given(histories(), payer_rules)
def test_other_patients_change_nothing(history: Facts, one) -> None:
    """A superset is fine: strangers beside the patient leave every decision as it was."""
    stranger = Patient("S900", "DOE", "EVE", date(1950, 1, 1))
    more = facts(
        sent("X1", sent_line("22614"), sent_line("22612", "4000", 2), patient=stranger),
        answer("X1", patient=stranger, number="X", trace="TX"),
        charge("64493", patient=Patient("S900", "", "EVE")),
    )
    wider = Facts(
        claims=history.claims + more.claims,
        answers=history.answers + more.answers,
        charges=history.charges + more.charges,
        marks=history.marks,
        looks=history.looks,
    )
    without = [d for d in decide_all(wider, around(one)) if d.key.claim != "X1"]
    assert without == decide_all(history, around(one))


def test_the_strategies_reach_ready_and_appeal() -> None:
    """A guard on the tests above: their histories are not all turned away."""
    states: set[str] = set()

    @settings(max_examples=150, deadline=None, database=None)
    @given(histories())
    def collect(history: Facts) -> None:
        states.update(one.decision.state for one in decide_all(history, around(rules())))

    collect()
    assert {"ready", "appeal", "waiting", "review"} <= states
    assert RULES["id"] == "meridian"
    assert adjustment("CO 107 1").amount == Decimal(1)
