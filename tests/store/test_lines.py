"""Lines keep their ids and what people did with them, and the sums stay true."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, select

from server.store import Store, events, lines, practices, worklist
from server.store.errors import NotThereError, RefusedError, StoreError
from server.store.line_columns import match_hash
from server.store.tables import cohorts, tallies
from server.store.tables import lines as line_table
from server.store.worklist import Filter
from tests.store.made import line, patient

SCOPE = frozenset({"default"})


def write(store: Store, records, practice: str = "default", cohort: int | None = None):
    with store.writing() as connection:
        practices.lock(connection, practice)
        if cohort is None:
            cohort = connection.execute(
                insert(cohorts).values(practice=practice).returning(cohorts.c.id)
            ).scalar_one()
        return cohort, lines.write(connection, store, practice, {cohort: records})


def many(store: Store, count: int = 25, practice: str = "default") -> None:
    write(
        store,
        [
            line(
                f"C{number:03}",
                deadline=None if number % 5 == 0 else date(2026, 5, 1 + number % 7),
                amount=Decimal(100 + number % 4),
                state=("ready", "review", "waiting", "resolved")[number % 4],
                payer=("acme", "basin")[number % 2],
            )
            for number in range(count)
        ],
        practice,
    )


def test_writing_the_same_again_changes_nothing(store: Store) -> None:
    cohort, first = write(store, [line("C1"), line("C2")])
    assert len(first.changed) == 2
    before = practices.version(store, SCOPE)
    _, again = write(store, [line("C2"), line("C1")], cohort=cohort)
    assert again.changed == ()
    assert practices.version(store, SCOPE) == before


def test_the_next_day_moves_only_the_day(store: Store) -> None:
    cohort, _ = write(store, [line("C1")])
    _, again = write(store, [line("C1", as_of=date(2026, 4, 2))], cohort=cohort)
    assert again.changed == ()
    assert worklist.page(store, SCOPE).rows[0].as_of == date(2026, 4, 2)


def test_another_decision_keeps_the_id_and_the_notes(store: Store) -> None:
    cohort, first = write(store, [line("C1")])
    number = first.changed[0]
    events.assign(store, SCOPE, number, "Kim", "ann")
    events.note(store, SCOPE, number, "called the payer", "ann")
    _, again = write(store, [line("C1", state="waiting", reason="not_final")], cohort=cohort)
    assert again.changed == (number,)
    row = worklist.line(store, SCOPE, number).row
    assert (row.state, row.assignee) == ("waiting", "Kim")
    assert [one.kind for one in events.history(store, SCOPE, number)] == ["note", "assign"]


def test_a_line_whose_key_is_known_better_stays_the_same_line(store: Store) -> None:
    cohort, first = write(store, [line("C1", payer="60054")])
    _, again = write(store, [line("C1", payer="acme", line_control="L7")], cohort=cohort)
    assert again.changed == first.changed
    assert worklist.line(store, SCOPE, first.changed[0]).row.line_control == "L7"


def test_a_line_that_is_gone_goes(store: Store) -> None:
    cohort, _ = write(store, [line("C1"), line("C2")])
    write(store, [line("C2")], cohort=cohort)
    assert [row.claim for row in worklist.page(store, SCOPE).rows] == ["C2"]
    write(store, [], cohort=cohort)
    assert worklist.totals(store, SCOPE).states == ()


def test_two_lines_alike_but_for_their_occurrence_are_two(store: Store) -> None:
    write(store, [line("C1"), line("C1", occurrence=2)])
    assert len(worklist.page(store, SCOPE).rows) == 2


def test_a_row_shows_what_was_written(store: Store) -> None:
    record = line("C1", modifiers=("59", "RT"), rarcs=("N122", "M51"), deadline=date(2026, 5, 3))
    write(store, [record])
    row = worklist.page(store, SCOPE).rows[0]
    assert (row.claim, row.patient, row.modifiers) == ("C1", record.patient, ("59", "RT"))
    assert (row.amount, row.charge, row.units) == (record.amount, record.charge, Decimal(1))
    assert (row.deadline, row.missing, row.rarcs) == (record.deadline, ("22612",), ("N122", "M51"))
    assert worklist.line(store, SCOPE, row.id).detail["steps"] == [["1", False, "final"]]


@pytest.mark.parametrize("sort", worklist.SORTS)
def test_pages_put_together_are_the_list(store: Store, sort: worklist.Sort) -> None:
    practices.ensure(store, "other")
    many(store, 23)
    many(store, 8, "other")
    scope = frozenset({"default", "other"})
    wanted = Filter(open_only=False)
    whole = worklist.page(store, scope, wanted, sort, limit=100).rows
    assert len(whole) == 31
    pieces: list[worklist.LineRow] = []
    after = None
    while True:
        page = worklist.page(store, scope, wanted, sort, after, limit=4)
        pieces.extend(page.rows)
        after = page.next
        if after is None:
            break
    assert pieces == list(whole)


@pytest.mark.parametrize("sort", ["produced", "-produced"])
def test_a_line_whose_answers_day_is_not_known_is_listed_last(
    store: Store, sort: worklist.Sort
) -> None:
    """A portal that shows no remittance date, an EOB without one: such a line is not left out."""
    practices.ensure(store, "other")
    for practice in ("default", "other"):
        days = [None if number % 2 else date(2026, 3, 1 + number) for number in range(8)]
        records = [line(f"{practice}{number}", produced=day) for number, day in enumerate(days)]
        write(store, records, practice=practice)
    scope = frozenset({"default", "other"})
    found: list[worklist.LineRow] = []
    after = None
    while True:
        page = worklist.page(store, scope, None, sort, after, limit=3)
        found.extend(page.rows)
        after = page.next
        if after is None:
            break
    assert len({row.id for row in found}) == len(found) == 16
    known = [row.produced for row in found[:8]]
    assert known == sorted(known, reverse=sort == "-produced")
    assert [row.produced for row in found[8:]] == [None] * 8
    whole = worklist.page(store, scope, Filter(last_name="Testcase"), sort)
    assert [row.id for row in whole.rows] == [row.id for row in found]


def test_orders(store: Store) -> None:
    many(store)
    due = [row.deadline for row in worklist.page(store, SCOPE).rows]
    assert due == sorted(due, key=lambda day: day or date.max)
    dear = [row.amount for row in worklist.page(store, SCOPE, sort="-amount").rows]
    assert dear == sorted(dear, reverse=True)


FILTERS = [
    (Filter(), lambda row: row.state != "resolved"),
    (Filter(states=("resolved",)), lambda row: row.state == "resolved"),
    (Filter(states=("ready", "review")), lambda row: row.state in ("ready", "review")),
    (Filter(payers=("basin",)), lambda row: row.payer == "basin" and row.state != "resolved"),
    (
        Filter(due_to=date(2026, 5, 2)),
        lambda row: (
            row.deadline is not None
            and row.deadline <= date(2026, 5, 2)
            and row.state != "resolved"
        ),
    ),
    (
        Filter(amount_from=Decimal("102"), open_only=False),
        lambda row: row.amount >= 102,
    ),
    (Filter(claim="c-003", open_only=False), lambda row: row.claim == "C003"),
    (Filter(member_id=" m1"), lambda row: row.state != "resolved"),
    (Filter(last_name="TESTCASE"), lambda row: row.state != "resolved"),
    (Filter(last_name="Test"), lambda row: False),
    (Filter(assignee="nobody"), lambda row: False),
    (Filter(assignee="", worked=False), lambda row: row.state != "resolved"),
    (Filter(reasons=("primary_not_billed",), routes=("reopening",)), lambda row: False),
    (Filter(procedure="22614"), lambda row: row.state != "resolved"),
]


@pytest.mark.parametrize(("wanted", "holds"), FILTERS)
def test_filters(store: Store, wanted: Filter, holds) -> None:
    many(store)
    everything = worklist.page(store, SCOPE, Filter(open_only=False), limit=100).rows
    found = worklist.page(store, SCOPE, wanted, limit=100).rows
    assert {row.id for row in found} == {row.id for row in everything if holds(row)}
    counted = worklist.totals(store, SCOPE, wanted)
    assert sum(one.lines for one in counted.states) == len(found)


def test_a_cursor_of_another_list_is_refused(store: Store) -> None:
    many(store)
    cursor = worklist.page(store, SCOPE, limit=2).next
    for wrong in (cursor[:-4], "%%%", "e30", ""):
        if wrong:
            with pytest.raises(StoreError):
                worklist.page(store, SCOPE, after=wrong)
    with pytest.raises(StoreError):
        worklist.page(store, SCOPE, sort="amount", after=cursor)


def test_sums_are_those_of_the_lines(store: Store) -> None:
    cohort, _ = write(store, [line("C1"), line("C2"), line("C3", state="review", reason="bundled")])
    write(
        store,
        [
            line(
                "C1", state="resolved", reason="paid", amount=Decimal(0), recovered=Decimal("80.5")
            ),
            line("C3", state="review", reason="bundled", payer="basin"),
        ],
        cohort=cohort,
    )
    sums = worklist.totals(store, SCOPE)
    assert {(one.key, one.lines, one.amount, one.recovered) for one in sums.states} == {
        ("resolved", 1, Decimal("0.00"), Decimal("80.50")),
        ("review", 1, Decimal("1150.00"), Decimal("0.00")),
    }
    assert [one.key for one in sums.payers] == ["basin"]
    with store.reading() as connection:
        kept = connection.execute(
            select(func.sum(tallies.c.lines), func.sum(tallies.c.amount))
        ).one()
        true = connection.execute(
            select(func.count(), func.sum(line_table.c.amount)).select_from(line_table)
        ).one()
    assert tuple(kept) == tuple(true)


def test_another_practice_is_not_there(store: Store) -> None:
    practices.ensure(store, "other")
    _, written = write(store, [line("C1")], "other")
    number = written.changed[0]
    assert worklist.page(store, SCOPE).rows == ()
    assert worklist.some(store, SCOPE, [number]) == []
    for ask in (
        lambda: worklist.line(store, SCOPE, number),
        lambda: events.history(store, SCOPE, number),
        lambda: events.note(store, SCOPE, number, "x", "ann"),
        lambda: events.assign(store, SCOPE, number, "x", "ann"),
    ):
        with pytest.raises(NotThereError):
            ask()
    assert worklist.totals(store, SCOPE).states == ()


def test_an_extension_finds_lines_by_hash(store: Store) -> None:
    practices.ensure(store, "other")
    write(store, [line("C-1")])
    write(store, [line("C-1")], "other")
    secret = practices.match_secret(store, "default")
    for shown in ("c 1", "ICNC-1"):
        found = worklist.match(store, SCOPE, [match_hash(secret, shown)])
        assert [row.claim for rows in found.values() for row in rows] == ["C-1"]
    other = practices.match_secret(store, "other")
    assert worklist.match(store, SCOPE, [match_hash(other, "C-1")]) == {}


def test_undo_brings_back_what_stood(store: Store) -> None:
    _, written = write(store, [line("C1")])
    number = written.changed[0]
    events.assign(store, SCOPE, number, "Kim", "ann")
    second = events.assign(store, SCOPE, number, "Lee", "ann")

    def undo(event=None):
        with store.writing() as connection:
            return events.undo(connection, store, SCOPE, number, "bo", event)[0]

    assert undo().id == second.id
    assert worklist.line(store, SCOPE, number).row.assignee == "Kim"
    with pytest.raises(RefusedError):
        undo(second.id)
    assert undo().undone_by == "bo"
    assert worklist.line(store, SCOPE, number).row.assignee == ""
    with pytest.raises(NotThereError):
        undo()


def test_undoing_an_older_one_leaves_the_newer(store: Store) -> None:
    _, written = write(store, [line("C1")])
    number = written.changed[0]
    first = events.priority(store, SCOPE, number, 5, "ann")
    events.priority(store, SCOPE, number, 9, "ann")
    with store.writing() as connection:
        events.undo(connection, store, SCOPE, number, "ann", first.id)
    assert worklist.line(store, SCOPE, number).row.priority == 9


def test_a_note_has_bounds(store: Store) -> None:
    _, written = write(store, [line("C1")])
    for text in ("  ", "x" * 4001):
        with pytest.raises(RefusedError):
            events.note(store, SCOPE, written.changed[0], text, "ann")


def test_lines_move_with_their_patient(store: Store) -> None:
    one, _ = write(store, [line("C1")])
    two, _ = write(store, [line("C2", patient=replace(patient(), member_id="M2"))])
    with store.writing() as connection:
        from server.store.cohorts import move

        move(connection, "default", two, one)
    assert {row.claim for row in worklist.page(store, SCOPE).rows} == {"C1", "C2"}
