"""Facts survive the way through JSON, and the same fact is the same whatever file it came in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.facts import (
    Adjudication,
    Adjustment,
    Charge,
    ClaimAdjudication,
    Look,
    Mark,
    Patient,
    Payer,
    Source,
    SubmittedClaim,
)
from server.store import records

# What an X12 amount can be, and moments as facts hold them.
st.register_type_strategy(Decimal, st.decimals(-(10**12), 10**12, places=3))
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))


def through(fact):
    kind, record, sources = records.encode(fact)
    return records.decode(kind, records.payload(record, sources))


def identity(fact) -> bytes:
    kind, record, _ = records.encode(fact)
    return records.identity(kind, record)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.from_type(SubmittedClaim))
def test_claims_survive(fact: SubmittedClaim) -> None:
    assert through(fact) == fact


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.from_type(ClaimAdjudication))
def test_answers_survive(fact: ClaimAdjudication) -> None:
    assert through(fact) == fact


@given(st.from_type(Charge) | st.from_type(Mark))
def test_charges_and_marks_survive(fact) -> None:
    assert through(fact) == fact


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.from_type(Look))
def test_looks_survive(fact: Look) -> None:
    assert through(fact) == fact


def answer(**other) -> ClaimAdjudication:
    line = Adjudication(
        "22614", (), "22614", (), Decimal(1), Decimal("1150.00"), Decimal(0), None,
        date(2024, 5, 1), date(2024, 5, 1), adjustments=(Adjustment("CO", "107", Decimal("1150")),),
        source=Source("remittance", "a.835", "ab", 12, 5, 9),
    )  # fmt: skip
    whole = ClaimAdjudication(
        "C1", Payer(("1",), "ACME"), "ICN", "4", Decimal("1150.00"), Decimal(0), Patient("M1"),
        date(2024, 6, 1), 3, lines=(line,), trace="T1",
        source=Source("remittance", "a.835", "ab", 10, 1, 9),
    )  # fmt: skip
    return replace(whole, **other)


def test_identity_forgets_where_it_was_read() -> None:
    moved = replace(
        answer(order=0, source=Source("remittance", "b.835", "cd", 99)),
        lines=(replace(answer().lines[0], source=None),),
    )
    assert identity(moved) == identity(answer())


def test_identity_takes_one_amount_for_one_amount() -> None:
    assert identity(answer(charge=Decimal("1150"))) == identity(answer(charge=Decimal("1150.00")))


def test_identity_tells_payments_apart() -> None:
    assert identity(answer(trace="T2")) != identity(answer())
    assert identity(answer(produced=date(2024, 6, 2))) != identity(answer())
    assert identity(answer(status="22")) != identity(answer())


def test_a_look_again_is_the_same_look() -> None:
    first = Look(Payer(("1",)), "C1", datetime(2024, 6, 1, tzinfo=UTC), "found", (answer(),))
    later = replace(first, looked_at=datetime(2024, 6, 2, tzinfo=UTC))
    assert identity(first) == identity(later)
    assert identity(replace(first, outcome="failed")) != identity(first)
