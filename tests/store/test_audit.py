"""The trail shows what was changed, taken out, put in, or cut off."""

from __future__ import annotations

import hashlib
import threading

import pytest
from sqlalchemy import delete, insert, update

from server.store import Store, audit
from server.store.tables import audit_head, audit_rows


def fill(store: Store, count: int = 6) -> None:
    for number in range(count):
        audit.append(store, "ann", "line.view", "default", f"line {number}", number=number)


def change(store: Store, statement) -> None:
    with store.trail.connect() as connection, connection.begin():
        connection.execute(statement)


def test_a_whole_trail_holds(store: Store) -> None:
    assert audit.verify(store).problem == ""
    fill(store)
    verdict = audit.verify(store)
    assert (verdict.problem, verdict.rows, verdict.beyond_anchor) == ("", 6, 0)
    first = audit.rows(store, limit=10)[-1]
    assert (first.who, first.what, first.target, first.detail) == (
        "ann", "line.view", "line 0", {"number": 0},
    )  # fmt: skip


@pytest.mark.parametrize("column", ["who", "what", "target", "detail", "practice"])
def test_a_change_shows(store: Store, column: str) -> None:
    fill(store)
    change(store, update(audit_rows).where(audit_rows.c.id == 3).values({column: "x"}))
    assert "row 3" in audit.verify(store).problem


def test_a_changed_time_shows(store: Store) -> None:
    fill(store)
    early = audit.rows(store)[-1].at
    change(store, update(audit_rows).where(audit_rows.c.id == 4).values(at=early))
    assert "row 4" in audit.verify(store).problem


def test_a_missing_row_shows(store: Store) -> None:
    fill(store)
    change(store, delete(audit_rows).where(audit_rows.c.id == 2))
    assert "missing" in audit.verify(store).problem


def test_a_cut_tail_shows_even_when_the_head_is_mended(store: Store) -> None:
    fill(store)
    change(store, delete(audit_rows).where(audit_rows.c.id > 4))
    assert "its anchor names row 6" in audit.verify(store).problem
    last = next(row for row in _raw(store) if row.id == 4)
    change(store, update(audit_head).values(last=4, hash=last.hash))
    assert "its anchor names row 6" in audit.verify(store).problem


def test_a_tail_written_anew_shows(store: Store) -> None:
    fill(store)
    change(store, delete(audit_rows).where(audit_rows.c.id == 6))
    previous = next(row for row in _raw(store) if row.id == 5)
    said = ("default", "bo", "line.view", "line 9", "{}")
    fresh = audit._hash(previous.hash, 6, previous.at, said)
    change(
        store,
        insert(audit_rows).values(
            id=6, at=previous.at, practice="default", who="bo", what="line.view", target="line 9",
            detail="{}", previous=previous.hash, hash=fresh,
        ),
    )  # fmt: skip
    change(store, update(audit_head).values(last=6, hash=fresh))
    assert "not the one its anchor names" in audit.verify(store).problem


def test_a_lost_anchor_shows(store: Store) -> None:
    fill(store)
    audit.anchor_file(store).unlink()
    assert "anchor" in audit.verify(store).problem


def test_rows_written_after_the_anchor_are_no_problem(store: Store) -> None:
    fill(store, 3)
    kept = audit.anchor_file(store).read_bytes()
    fill(store, 2)
    audit.anchor_file(store).write_bytes(kept)
    verdict = audit.verify(store)
    assert (verdict.problem, verdict.beyond_anchor) == ("", 2)


def test_an_anchor_of_another_trail_shows(store: Store) -> None:
    fill(store, 3)
    other = hashlib.sha256(b"other").digest()
    assert "not the one" in audit.verify(store, (2, other)).problem


def test_many_writers_make_one_chain(store: Store) -> None:
    threads = [threading.Thread(target=fill, args=(store, 10)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = audit.verify(store)
    assert (verdict.problem, verdict.rows, verdict.beyond_anchor) == ("", 60, 0)


def test_rows_by_scope_and_kind(store: Store) -> None:
    fill(store, 3)
    audit.append(store, "bo", "import", "other", "document 1")
    assert {row.practice for row in audit.rows(store, frozenset({"default"}))} == {"default"}
    assert [row.who for row in audit.rows(store, what="import")] == ["bo"]
    assert len(audit.rows(store, who="ann", limit=2)) == 2
    today = audit.rows(store)[0].at.date()
    assert len(audit.rows(store, since=today, until=today)) == 4


def test_a_view_does_not_wait_for_an_import(sqlite_store: Store) -> None:
    with sqlite_store.writing():
        audit.append(sqlite_store, "ann", "line.view", "default", "line 1")


def _raw(store: Store):
    with store.trail.connect() as connection:
        return connection.execute(audit_rows.select()).all()
