"""Sums over decisions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from server.co107.money import by_state, open_sums, recovered
from server.facts import Payer
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


def test_the_nearest_last_day_first_and_the_unknown_last() -> None:
    unknown = Payer(("Z",), "NOBODY")
    lines = decided(
        sent(), answer(), charge(),
        sent("D1"), answer("D1", number="PD", on=date(2026, 2, 1), trace="TD"), charge("22630"),
        sent("E1", payer=unknown), answer("E1", payer=unknown, number="PE", trace="TE"),
        sent("F1"), answer("F1", number="PF", on=date(2026, 2, 1), trace="TD", order=1),
    )  # fmt: skip
    sums = [one for one in open_sums(lines) if one.state == "review"]
    assert [(one.last_day, one.lines, one.amount) for one in sums] == [
        (date(2026, 6, 1), 2, 2300),
        (date(2026, 6, 10), 1, 1150),
        (None, 1, 1150),
    ]


def test_what_came_back_after_a_resubmission() -> None:
    lines = decided(sent(), answer(), mark(), PAID)
    (one,) = recovered(lines)
    assert (one.payer, one.lines, one.paid) == ("meridian", 1, Decimal(850))
    assert open_sums(lines) == ()


def test_a_payment_nobody_asked_for_is_not_recovered() -> None:
    assert recovered(decided(sent(), answer(), PAID)) == ()
