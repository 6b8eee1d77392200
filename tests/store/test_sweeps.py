"""What a sweep keeps: plans and sessions are sealed with the key of the moment they are written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from server.settings import Settings
from server.store import Store, accounts, open_store, rotate, sweeps, workers
from server.store.engine import now
from server.store.keys import ENVIRONMENT, encode, new_key
from server.store.sealing import MasterKey
from server.store.sweep_tables import visits
from server.store.sweep_tables import workers as worker_table
from server.store.sweeps import Wanted

SWEEP = "20260302T023000-default"


def test_a_process_opened_before_a_rotation_plans_under_the_new_key(
    store: Store, store_settings: Settings, store_key: MasterKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(store, "office", "default", "harbor", "test")
    worker = open_store(store_settings)
    new = new_key()
    monkeypatch.setenv(ENVIRONMENT, encode([new, store_key]))
    rotate.rotate(store, new, lambda _: None)
    monkeypatch.setenv(ENVIRONMENT, encode([new]))

    # Nothing was written through this process before: what is sealed first is the plan itself.
    sweeps.begin(store, SWEEP, "default", "test")
    wanted = [Wanted("C1"), Wanted("C1"), Wanted("C2", "M2")]
    assert sweeps.plan_account(worker, SWEEP, "default", "office", "harbor", wanted) == 2
    accounts.keep_session(worker, "office", "default", {"cookies": []})
    worker.close()

    after = open_store(store_settings, [new])
    assert [one.claim for one in sweeps.left(after, SWEEP, "office")] == ["C1", "C2"]
    assert accounts.session(after, "office", "default") == {"cookies": []}
    after.close()


def test_a_plan_repeated_after_a_kill_changes_nothing(store: Store) -> None:
    accounts.add(store, "office", "default", "harbor", "test")
    assert sweeps.begin(store, SWEEP, "default", "test")
    assert not sweeps.begin(store, SWEEP, "default", "test")
    for wanted in ([Wanted("C1")], [Wanted("C1"), Wanted("C2")]):
        sweeps.plan_account(store, SWEEP, "default", "office", "harbor", wanted)
    with store.reading() as connection:
        rows = connection.execute(select(visits)).all()
    assert [row.state for row in rows] == ["planned"]


def test_a_refused_account_has_its_reason_on_every_claim(store: Store) -> None:
    accounts.add(store, "office", "default", "fedcontract", "test")
    sweeps.begin(store, SWEEP, "default", "test")
    refused = ("refused", "PermissionMissing", "its payer forbids automated reading")
    sweeps.plan_account(
        store, SWEEP, "default", "office", "fedcontract", [Wanted("C1"), Wanted("C2")], refused
    )
    told = sweeps.report(store, {"default"}, SWEEP).accounts[0]
    assert (told.state, told.error, told.unread, told.planned) == (
        "refused", "PermissionMissing", 2, 0,
    )  # fmt: skip
    assert sweeps.left(store, SWEEP, "office") == []


def _silent(store: Store, worker: str) -> None:
    past = now() - timedelta(minutes=3)
    with store.writing() as connection:
        connection.execute(
            update(worker_table).where(worker_table.c.name == worker).values(beat_at=past)
        )


def test_a_dead_worker_is_buried_again_where_its_work_was_not_handed_on(store: Store) -> None:
    workers.begin(store, "dead")
    _silent(store, "dead")
    assert workers.bury(store) == ["dead"]
    assert workers.bury(store, gone=["dead"]) == []
    # Whoever buried it was killed before it was through.
    _silent(store, "dead")
    assert workers.bury(store) == ["dead"]
    workers.forget(store, "dead")
    assert workers.bury(store, timedelta(0), gone=["dead"]) == []
    assert not workers.beat(store, "dead")
    # One of its name is a new worker, and not forgotten by a late undertaker.
    workers.begin(store, "dead")
    workers.forget(store, "dead")
    assert workers.beat(store, "dead")
