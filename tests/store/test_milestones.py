"""When a line became ready and was paid; sums by day that agree with the lines; their migration."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import delete, select, text

from server.settings import Settings
from server.store import Store, engine, events, facts, night, open_store, practices, tallies
from server.store.engine import now
from server.store.keys import new_key
from server.store.tables import counters, day_sums, lines
from tests.store.made import answer, line
from tests.store.test_lines import SCOPE, write

TODAY = date(2026, 3, 23)
SENT = date(2026, 3, 22)


def reached(store: Store) -> tuple[datetime | None, datetime | None]:
    with store.reading() as connection:
        return tuple(connection.execute(select(lines.c.ready_at, lines.c.paid_at)).one())


def changes(store: Store, since: datetime) -> tuple[int, int, int]:
    found = night.changes(store, SCOPE, since, TODAY)
    return found.newly_ready.lines, found.newly_paid.lines, found.new.lines


def test_what_a_person_does_makes_nothing_new(store: Store) -> None:
    write(store, [line("C1"), line("C2", state="resolved", reason="paid", recovered=Decimal(9))])
    later = now()
    for number in (1, 2):
        events.assign(store, SCOPE, number, "bea", "bea")
        events.priority(store, SCOPE, number, 2, "bea")
        events.worked(store, SCOPE, number, True, "bea")
    with store.writing() as connection:
        events.undo(connection, store, SCOPE, 1, "bea", None)
    assert changes(store, later) == (0, 0, 0)
    assert changes(store, later - timedelta(hours=1)) == (1, 1, 2)


def test_a_line_is_newly_ready_when_its_decision_becomes_so(store: Store) -> None:
    cohort, _ = write(store, [line(state="waiting", reason="primary_pending")])
    assert reached(store) == (None, None)
    since = now()
    write(store, [line()], cohort=cohort)
    assert changes(store, since) == (1, 0, 0)
    ready, _ = reached(store)
    # Another amount is no new readiness.
    write(store, [line(amount=Decimal("7.00"))], cohort=cohort)
    assert reached(store) == (ready, None)
    # Sent, and the mark taken back: nor is that.
    write(store, [line(state="resubmitted", reason="answer_pending", sent_on=SENT)], cohort=cohort)
    assert changes(store, since) == (0, 0, 0)
    write(store, [line()], cohort=cohort)
    assert reached(store) == (ready, None)
    # Denied again and mended again: that is.
    write(store, [line(state="review", reason="denied_again", sent_on=SENT)], cohort=cohort)
    later = now()
    write(store, [line(sent_on=SENT)], cohort=cohort)
    assert changes(store, later) == (1, 0, 0)


def test_a_payment_is_news_once(store: Store) -> None:
    paid = line(state="resolved", reason="paid", paid=Decimal("900.00"), produced=TODAY)
    cohort, _ = write(store, [line()])
    since = now()
    write(store, [paid], cohort=cohort)
    assert changes(store, since) == (0, 1, 0)
    assert night.changes(store, SCOPE, since, TODAY).newly_paid.amount == Decimal("900.00")
    write(store, [line(state="review", reason="reversed")], cohort=cohort)
    assert changes(store, since) == (0, 0, 0)


def test_what_was_paid_before_it_was_known_is_no_news(store: Store) -> None:
    write(store, [line(state="resolved", reason="paid", paid=Decimal("900.00"))])
    assert reached(store) == (None, None)


def kept(store: Store) -> tuple[set, set]:
    with store.reading() as connection:
        return (
            {tuple(row) for row in connection.execute(select(day_sums))},
            {tuple(row) for row in connection.execute(select(counters))},
        )


def some_line(chance: random.Random, number: int):
    state = chance.choice(("ready", "review", "waiting", "resubmitted", "resolved"))
    day = TODAY - timedelta(days=chance.randrange(6))
    return line(
        f"C{number // 2}",
        procedure=("22614", "99292")[number % 2],
        state=state,
        amount=Decimal(chance.randrange(1, 9)),
        recovered=Decimal(chance.randrange(3)) if state == "resolved" else Decimal(0),
        deadline=chance.choice((None, day)),
        denied_on=chance.choice((None, day)),
        produced=chance.choice((None, day)),
    )


def test_kept_sums_are_what_counting_anew_gives(store: Store) -> None:
    chance = random.Random(7)
    homes = [write(store, [])[0] for _ in range(3)]
    with store.writing() as connection:
        practices.lock(connection, "default")
        facts.put(connection, store.sealer, "default", [answer("C1"), answer("C2"), answer("C1")])
        facts.put(connection, store.sealer, "default", [answer("C1")])
    for _ in range(12):
        home = chance.randrange(3)
        mine = range(home * 10, home * 10 + chance.randrange(8))
        write(store, [some_line(chance, number) for number in mine], cohort=homes[home])
        before = kept(store)
        with store.writing() as connection:
            practices.lock(connection, "default")
            tallies.rebuild(connection, "default")
        assert kept(store) == before
    assert ("default", "answers", 3) in before[1]


def test_a_store_of_before_is_counted_when_it_is_brought_up_to_date(tmp_path: Path) -> None:
    """From revision 0003, made by the migrations themselves, with lines in it."""
    settings, key = Settings(home=tmp_path), new_key()
    opened = open_store(settings, [key])
    practices.ensure(opened, "default")
    write(
        opened,
        [
            line("C1", deadline=TODAY),
            line("C2", state="resolved", reason="paid", recovered=Decimal(5), produced=TODAY),
        ],
    )
    expected = kept(opened)
    with opened.engine.begin() as connection:
        for name in (
            "ready_at",
            "paid_at",
            "sent_on",
            "every_due",
            "every_amount",
            "state_amount",
            "worked",
        ):
            connection.exec_driver_sql(f"DROP INDEX ix_lines_{name}")
        for name in ("ready_at", "paid_at"):
            connection.exec_driver_sql(f"ALTER TABLE lines DROP COLUMN {name}")
        connection.exec_driver_sql("DROP TABLE day_sums")
        connection.execute(delete(counters))
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    opened.close()
    opened = open_store(settings, [key])
    assert kept(opened) == expected
    with opened.reading() as connection:
        assert engine.current_revision(connection) == engine.revisions()[-1]
        rows = connection.execute(select(lines.c.ready_at, lines.c.paid_at).order_by(lines.c.id))
        first, second = rows.all()
    assert [one is None for one in (*first, *second)] == [False, True, True, False]
    opened.close()
