"""Which charges count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from server.co107.charging import counted
from server.facts import Charge
from tests.co107.builders import GROUP, OTHER_SURGEON, TODAY, charge


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 2, day, hour, tzinfo=UTC)


def amounts(*charges: Charge) -> list[Decimal]:
    return [one.charge.charge for one in counted(charges, TODAY)]


def test_identical_rows_are_one() -> None:
    assert amounts(charge(), charge()) == [4000]


def test_modifiers_are_a_set() -> None:
    assert len(amounts(charge(modifiers=("RT", "59")), charge(modifiers=("59", "RT")))) == 1


@pytest.mark.parametrize(
    "future",
    [
        charge(day=date(2026, 3, 2)),
        charge(signed_at=datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_rows_after_today_do_not_count(future: Charge) -> None:
    assert amounts(future) == []


def test_rows_of_today_count() -> None:
    assert amounts(charge(day=TODAY, signed_at=datetime(2026, 3, 1, 23, tzinfo=UTC))) == [4000]


def test_a_future_version_does_not_replace_todays() -> None:
    later = charge(amount="9", signed_at=datetime(2026, 3, 2, tzinfo=UTC))
    assert amounts(charge(), later) == [4000]


def test_the_last_signed_version_counts() -> None:
    old, new = charge(amount="3900", signed_at=at(1)), charge(amount="4100", signed_at=at(3))
    assert amounts(new, old) == [4100]


def test_an_unsigned_draft_replaces_nothing() -> None:
    draft = charge(amount="1", signed=False, signed_at=None)
    assert amounts(charge(), draft) == [4000]


def test_a_signature_withdrawn_later_counts() -> None:
    assert amounts(charge(signed_at=at(1)), charge(signed=False, signed_at=at(2))) == []


def test_versions_of_one_moment_all_count() -> None:
    assert amounts(charge(amount="1"), charge(amount="2")) == [1, 2]


def test_of_one_moment_the_billed_one_counts() -> None:
    found = counted([charge(), charge(claim="C5")], TODAY)
    assert [one.charge.claim for one in found] == ["C5"]


def test_billed_and_other_amount_at_one_moment_stay_apart() -> None:
    assert len(amounts(charge(), charge(claim="C5", amount="1"))) == 2


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"rendering": OTHER_SURGEON}, {}),
        ({"billing": OTHER_SURGEON}, {}),
        ({"modifiers": ("59",)}, {}),
        ({"procedure": "22630"}, {}),
        ({"day": date(2026, 1, 16)}, {}),
        ({"payer_id": "P1"}, {}),
    ],
)
def test_services_that_differ_are_two(one: dict, two: dict) -> None:
    assert len(amounts(charge(signed_at=at(1), **one), charge(signed_at=at(2), **two))) == 2


@pytest.mark.parametrize("negative", [{"units": -1, "amount": "-4000"}, {"amount": "-4000"}])
def test_a_negative_row_cancels_its_twin(negative: dict) -> None:
    assert amounts(charge(signed_at=at(1)), charge(signed_at=at(2), **negative)) == []


def test_a_negative_row_of_negative_units_alone_cancels_too() -> None:
    assert amounts(charge(signed_at=at(1)), charge(units=-1, signed_at=at(2))) == []


def test_negative_rows_never_count_themselves() -> None:
    assert amounts(charge(amount="-4000")) == []


def test_cancelled_and_charged_anew_counts() -> None:
    rows = (
        charge(signed_at=at(1)),
        charge(amount="-4000", signed_at=at(2)),
        charge(signed_at=at(3)),
    )
    assert amounts(*rows) == [4000]
    assert amounts(*reversed(rows)) == [4000]


def test_the_old_version_taken_back_leaves_the_new_one() -> None:
    rows = (
        charge(amount="3900", signed_at=at(1)),
        charge(amount="4100", signed_at=at(2)),
        charge(amount="-3900", signed_at=at(2)),
    )
    assert amounts(*rows) == [4100]


def test_a_negative_row_without_a_time_comes_last() -> None:
    assert amounts(charge(signed_at=at(5)), charge(amount="-4000", signed_at=None)) == []


def test_a_negative_row_before_its_twin_takes_it() -> None:
    assert amounts(charge(amount="-4000", signed_at=at(1)), charge(signed_at=at(5))) == []


def test_a_negative_row_of_another_amount_takes_nothing() -> None:
    assert amounts(charge(signed_at=at(1)), charge(amount="-1", signed_at=at(2))) == [4000]


def test_a_negative_row_takes_the_row_of_its_claim() -> None:
    rows = [charge(claim="A"), charge(claim="B"), charge(amount="-4000", claim="B")]
    assert [one.charge.claim for one in counted(rows, TODAY)] == ["A"]


def test_one_negative_takes_one_of_two_services() -> None:
    rows = [
        charge(signed_at=at(1)),
        charge(rendering=OTHER_SURGEON, signed_at=at(1)),
        charge(amount="-4000", signed_at=at(2)),
    ]
    found = counted(rows, TODAY)
    assert [one.charge.rendering_npi for one in found] == [OTHER_SURGEON]
    assert found[0].charge.billing_npi == GROUP


@pytest.mark.parametrize("units", [0, -1])
def test_without_units_nothing_was_done(units: int) -> None:
    assert amounts(charge(units=units)) == []


def test_a_charge_of_nothing_counts_and_is_a_mismatch_later() -> None:
    assert amounts(charge(amount="0")) == [0]


def test_unsigned_rows_record_nothing() -> None:
    assert amounts(charge(signed=False)) == []


def test_the_person_a_charge_names() -> None:
    (found,) = counted([charge()], TODAY)
    assert found.person.member_ids == {"M100"}
    assert found.person.first_names == {"ANNA"}
