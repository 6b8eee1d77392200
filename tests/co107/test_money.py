"""Sums over decisions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from server.co107.money import by_state, open_sums, recovered
from tests.co107.builders import answer, charge, decided, mark, paid_line, sent, sent_line

PAID = answer("C1", paid_line("22614", "850", charge="1150", control="L1"), number="P9",
              on=date(2026, 2, 20), trace="T9")  # fmt: skip


def test_what_is_open_by_state_payer_and_last_day() -> None:
    lines = decided(
        sent(), answer(), charge(),
        sent("D1", sent_line()), answer("D1", number="PD", trace="TD", status="23"),
    )  # fmt: skip
    sums = open_sums(lines)
    assert [(one.state, one.payer, one.last_day, one.lines, one.amount) for one in sums] == [
        ("ready", "meridian", date(2026, 8, 9), 1, 1150),
        ("waiting", "meridian", date(2026, 6, 10), 1, 1150),
    ]
    assert by_state(lines) == {"ready": 1150, "appeal": 0, "waiting": 1150, "review": 0}
    assert recovered(lines) == ()


def test_what_came_back_after_a_resubmission() -> None:
    lines = decided(sent(), answer(), mark(), PAID)
    (one,) = recovered(lines)
    assert (one.payer, one.lines, one.paid) == ("meridian", 1, Decimal(850))
    assert open_sums(lines) == ()


def test_a_payment_nobody_asked_for_is_not_recovered() -> None:
    assert recovered(decided(sent(), answer(), PAID)) == ()
