"""Facts are kept once, sealed, and gathered by patient whatever order they come in."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.facts import Facts, Mark, Source
from server.store import Store, facts, practices
from server.store import cohorts as cohort_store
from server.store.bulk import chunks
from server.store.errors import NotThereError
from server.store.tables import cohorts, links
from server.store.tables import facts as fact_table
from tests.store.made import DAY, answer, answer_line, charge, claim, patient


def put(store: Store, coming, practice: str = "default"):
    with store.writing() as connection:
        practices.lock(connection, practice)
        return facts.put(connection, store.sealer, practice, coming)


def load(store: Store, practice: str = "default") -> list[Facts]:
    with store.reading() as connection:
        wanted = list(
            connection.scalars(select(cohorts.c.id).where(cohorts.c.practice == practice))
        )
        return list(facts.load(connection, store.sealer, practice, wanted).values())


def test_the_same_fact_twice_is_one(store: Store) -> None:
    first = put(store, [answer(), claim(), charge()])
    again = put(store, [charge(), answer(), claim()])
    assert (first.new, first.known) == (3, 0)
    assert (again.new, again.known, again.cohorts) == (0, 3, frozenset())


def test_records_alike_in_one_file_stay_two(store: Store) -> None:
    put(store, [answer(), answer()])
    assert len(load(store)[0].answers) == 2
    assert put(store, [answer(), answer()]).new == 0
    assert put(store, [answer()]).new == 0


def test_another_file_with_one_more_of_them_adds_one(store: Store) -> None:
    put(store, [answer()])
    assert put(store, [answer(), answer()]).new == 1


def test_what_belongs_to_one_patient_comes_together(store: Store) -> None:
    put(
        store,
        [
            claim("C1", "M1"),
            answer("C1", ""),  # no member id: tied by the claim's number
            charge("M1"),
            claim("C2", "M2", patient=patient("M2", "Elsewhere")),
        ],
    )
    sizes = sorted(len(one.claims) + len(one.answers) + len(one.charges) for one in load(store))
    assert sizes == [1, 3]


def test_name_and_birth_date_tie_where_the_member_id_differs(store: Store) -> None:
    put(store, [claim("C1", "M1"), claim("C2", "M9")])
    assert len(load(store)) == 1


def test_a_mark_ties_the_number_it_went_out_under(store: Store) -> None:
    put(store, [answer("C1", "M1"), answer("C2", "M7")])
    assert len(load(store)) == 2
    taken = put(store, [Mark("C1", "22614", DAY, "claim", new_claim="C2")])
    assert len(load(store)) == 1
    assert len(taken.cohorts) == 1


def test_a_claim_number_of_zero_ties_nothing(store: Store) -> None:
    put(store, [answer("0", "M1"), answer("0", "M2", payer_claim_control_number="ICN2")])
    assert len(load(store)) == 2


EVERYTHING = [
    claim("C1", "M1"),
    answer("C1", "M1"),
    answer("C1", "M1", trace="T2", order=4),
    charge("M1"),
    claim("C2", "M2", patient=patient("M2", "Elsewhere", "Bo")),
    answer("C2", ""),
    charge("M2", "22630", patient=patient("M2", "Elsewhere", "Bo")),
    Mark("C2", "22614", DAY, "claim", new_claim="C3"),
    answer("C3", "M3", payer_claim_control_number="ICNX"),
]


@pytest.mark.parametrize("seed", range(6))
def test_order_does_not_matter(sqlite_store: Store, seed: int) -> None:
    shuffled = EVERYTHING[:]
    random.Random(seed).shuffle(shuffled)
    for part in chunks(shuffled, 1 + seed % 3):
        put(sqlite_store, part)
    found = load(sqlite_store)
    assert sorted(len(one.answers) for one in found) == [2, 2]
    assert {len(one.claims) for one in found} == {1}
    with sqlite_store.reading() as connection:
        left = connection.scalar(select(func.count()).select_from(cohorts))
        stray = connection.scalar(
            select(func.count())
            .select_from(links)
            .where(links.c.cohort.not_in(select(cohorts.c.id)))
        )
    assert (left, stray) == (2, 0)


def test_of_the_same_fact_the_first_place_is_kept(sqlite_store: Store) -> None:
    put(sqlite_store, [answer(order=7)])
    taken = put(sqlite_store, [answer(order=2)])
    assert taken.new == 0
    assert taken.cohorts
    assert load(sqlite_store)[0].answers[0].order == 2
    assert not put(sqlite_store, [answer(order=5)]).cohorts


def test_sources_come_back(sqlite_store: Store) -> None:
    put(sqlite_store, [answer()])
    found = load(sqlite_store)[0].answers[0]
    assert found == answer()
    assert found.lines[0].source == Source("remittance", "one.835", "ab" * 32, 12, 100, 140)


def test_a_practice_sees_its_own(store: Store) -> None:
    practices.ensure(store, "other")
    put(store, [answer()])
    put(store, [answer()], "other")
    assert len(load(store)) == 1
    assert len(load(store, "other")) == 1
    with store.reading() as connection:
        mine = connection.scalar(select(cohorts.c.id).where(cohorts.c.practice == "default"))
        assert facts.load(connection, store.sealer, "other", [mine]) == {}


def test_an_unknown_practice_takes_nothing(store: Store) -> None:
    with pytest.raises(NotThereError):
        put(store, [answer()], "nobody")


def test_removing_a_fact_makes_its_cohort_due(store: Store) -> None:
    mark = Mark("C1", "22614", DAY, "claim")
    put(store, [answer(), mark])
    with store.writing() as connection:
        practices.lock(connection, "default")
        cohort_store.settled(connection, cohort_store.due(connection, "default"))
        identity = facts.fact_identity(store.sealer, mark)
        assert len(facts.remove(connection, "default", identity)) == 1
        assert len(cohort_store.due(connection, "default")) == 1
    assert load(store)[0].marks == ()


def test_nothing_of_a_patient_stands_in_the_file(sqlite_store: Store, tmp_path: Path) -> None:
    planted = replace(
        claim("CLM-CANARY-77", "MEMBERCANARY"), patient=patient("MEMBERCANARY", "Lastcanary")
    )
    put(sqlite_store, [planted, answer("CLM-CANARY-77", lines=(answer_line(),))])
    sqlite_store.close()
    raw = b"".join(file.read_bytes() for file in (tmp_path / "home").glob("remitlens*"))
    assert b"22614" not in raw
    assert b"CANARY" not in raw.upper()


def test_every_fact_has_a_cohort_of_its_practice(store: Store) -> None:
    put(store, EVERYTHING)
    with store.reading() as connection:
        strays = connection.scalar(
            select(func.count())
            .select_from(fact_table)
            .join(cohorts, cohorts.c.id == fact_table.c.cohort)
            .where(cohorts.c.practice != fact_table.c.practice)
        )
    assert strays == 0
