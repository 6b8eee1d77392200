from datetime import timedelta

import pytest
from sqlalchemy import update

from server.store import NotThereError, RefusedError, accounts, workers
from server.store.accounts import Permission
from server.store.engine import now
from server.store.sweep_tables import accounts as table
from server.store.sweep_tables import workers as worker_table


@pytest.fixture
def office(store):
    return accounts.add(store, "office", "default", "meridian", "test")


def test_one_holder_at_a_time(store, office):
    first = accounts.hold(store, "office", "one")
    assert first
    assert accounts.hold(store, "office", "two") is None
    assert accounts.renew(store, "office", first)
    accounts.release(store, "office", first)
    second = accounts.hold(store, "office", "two")
    assert second
    assert not accounts.renew(store, "office", first)


def test_a_holding_not_renewed_runs_out_and_its_holder_learns_it(store, office):
    first = accounts.hold(store, "office", "one")
    with store.writing() as connection:
        past = now() - timedelta(seconds=1)
        connection.execute(update(table).values(held_until=past))
    assert accounts.hold(store, "office", "two")
    assert not accounts.renew(store, "office", first)


def test_a_session_is_sealed_and_bound_to_its_account(store, office):
    state = {"cookies": [{"name": "sid", "value": "CANARY-COOKIE"}]}
    accounts.keep_session(store, "office", "default", state)
    assert accounts.session(store, "office", "default") == state
    with store.reading() as connection:
        sealed = connection.execute(table.select()).one().session
    assert b"CANARY" not in sealed
    accounts.add(store, "other", "default", "meridian", "test")
    with store.writing() as connection:
        connection.execute(update(table).where(table.c.id == "other").values(session=sealed))
    with pytest.raises(Exception, match="changed or moved"):
        accounts.session(store, "other", "default")


def test_another_practice_neither_sees_nor_takes_it(store, office):
    with pytest.raises(NotThereError):
        accounts.one(store, "office", {"elsewhere"})
    with pytest.raises(NotThereError):
        accounts.resume(store, {"elsewhere"}, "office", "test")
    with pytest.raises(RefusedError):
        accounts.add(store, "office", "elsewhere", "meridian", "test")


def test_swept_payers_are_those_of_permitted_portals(store, office):
    assert accounts.swept_payers(store, "default") == frozenset()
    accounts.note_permissions(store, [Permission("meridian", True, ("SBXMER",), "Meridian")])
    assert accounts.swept_payers(store, "default") == {"SBXMER"}
    assert accounts.swept_payers(store, "elsewhere") == frozenset()


def test_a_silent_worker_is_buried_once_and_gives_back_what_it_held(store, office):
    workers.begin(store, "dead")
    workers.begin(store, "alive")
    accounts.hold(store, "office", "dead")
    with store.writing() as connection:
        past = now() - timedelta(minutes=3)
        connection.execute(
            update(worker_table).where(worker_table.c.name == "dead").values(beat_at=past)
        )
    assert workers.bury(store) == ["dead"]
    assert workers.bury(store) == []
    assert not workers.beat(store, "dead")
    assert workers.beat(store, "alive")
    assert accounts.hold(store, "office", "alive")


def test_what_a_leaving_worker_left_is_taken_over_at_once(store, office):
    workers.begin(store, "leaving")
    workers.begin(store, "staying")
    accounts.hold(store, "office", "leaving")
    workers.end(store, "leaving")
    assert accounts.hold(store, "office", "staying")
    assert workers.bury(store) == ["leaving"]
    assert workers.bury(store) == []
