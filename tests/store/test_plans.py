"""What is asked for every patient is looked up, never read through: else a big store crawls."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from server.store import Store, cohorts, facts, packets, practices, worklist
from server.store.worklist import Filter
from tests.store.made import answer, charge, claim, line
from tests.store.test_facts import put
from tests.store.test_lines import SCOPE, write


@pytest.fixture
def plans(sqlite_store: Store):
    """The plan of every statement that reads or changes the store from now on."""
    asked: list[tuple[str, list[str]]] = []
    busy = [False]

    def note(connection, cursor, statement, parameters, context, many) -> None:
        if busy[0] or not re.match(r"\s*(SELECT|UPDATE|DELETE)", statement):
            return
        busy[0] = True
        first = parameters[0] if many else parameters
        rows = connection.connection.execute("EXPLAIN QUERY PLAN " + statement, first)
        asked.append((statement, [row[3] for row in rows]))
        busy[0] = False

    event.listen(sqlite_store.engine, "before_cursor_execute", note)
    return asked


SMALL = ("practices", "store_keys", "alembic_version", "tallies", "accounts")


def check(plans: list[tuple[str, list[str]]]) -> None:
    assert plans
    for statement, steps in plans:
        for step in steps:
            table = re.match(r"SCAN (\w+)", step)
            assert not table or table.group(1) in SMALL, (statement, steps)
            # By the practice alone is reading it whole.
            whole = re.search(r"SEARCH (\w+) .*\(practice=\?\)$", step)
            ordered = re.search(r"ORDER BY .*LIMIT", statement, re.S)
            assert not whole or whole.group(1) in SMALL or ordered, (statement, steps)
            assert "TEMP B-TREE FOR ORDER BY" not in step or "matches" in statement, statement
    plans.clear()


def test_taking_in_and_loading(sqlite_store: Store, plans) -> None:
    put(sqlite_store, [claim(), answer("C1", ""), answer("C2", "M2")])
    put(sqlite_store, [charge(), claim("C2", "M1")])
    check(plans)
    with sqlite_store.writing() as connection:
        practices.lock(connection, "default")
        due = cohorts.due(connection, "default")
        facts.load(connection, sqlite_store.sealer, "default", due)
        cohorts.settled(connection, due)
        packets.spent(connection, "default", due)
        packets.notes(connection, sqlite_store, "default", due)
    check(plans)


def test_writing_lines(sqlite_store: Store, plans) -> None:
    cohort, _ = write(sqlite_store, [line("C1"), line("C2")])
    write(sqlite_store, [line("C1", state="review")], cohort=cohort)
    check(plans)


@pytest.mark.parametrize("sort", ["due", "-amount", "priority", "-produced", "-id"])
def test_pages(sqlite_store: Store, plans, sort: worklist.Sort) -> None:
    write(sqlite_store, [line(f"C{number}") for number in range(5)])
    plans.clear()
    page = worklist.page(sqlite_store, SCOPE, None, sort, None, 2)
    worklist.page(sqlite_store, SCOPE, None, sort, page.next, 2)
    check(plans)


@pytest.mark.parametrize("sort", ["due", "-amount", "priority", "-produced", "-id"])
def test_looking_up(sqlite_store: Store, plans, sort: worklist.Sort) -> None:
    write(sqlite_store, [line(f"C{number}") for number in range(5)])
    plans.clear()
    for wanted in (Filter(claim="C1"), Filter(member_id="M1"), Filter(last_name="Testcase")):
        page = worklist.page(sqlite_store, SCOPE, wanted, sort, None, 2)
        if page.next:
            worklist.page(sqlite_store, SCOPE, wanted, sort, page.next, 2)
        worklist.totals(sqlite_store, SCOPE, wanted)
        for _, steps in plans:
            assert not [step for step in steps if re.search(r"lines.*\(practice=\?\)", step)]
    worklist.match(sqlite_store, SCOPE, [b"x" * 16])
    worklist.line(sqlite_store, SCOPE, 1)
    plans[:] = [one for one in plans if "GROUP BY" not in one[0]]
    check(plans)
