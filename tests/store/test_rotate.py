"""Another key: everything opens and is found as before, also when the run is cut off anywhere."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from server.facts import Mark
from server.settings import Settings
from server.store import (
    Store,
    documents,
    events,
    facts,
    open_store,
    packets,
    people,
    practices,
    rotate,
    worklist,
)
from server.store import cohorts as cohort_store
from server.store.errors import KeyWrongError
from server.store.keys import ENVIRONMENT, encode, new_key
from server.store.sealing import MasterKey
from server.store.tables import cohorts, links, store_keys
from server.store.worklist import Filter
from tests.store.made import DAY, answer, charge, claim, line
from tests.store.test_facts import load, put
from tests.store.test_lines import SCOPE, write

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def fill(store: Store) -> int:
    put(store, [claim(), answer(), answer(), charge(), Mark("C1", "22614", DAY, "claim")])
    with store.reading() as connection:
        cohort = connection.scalar(select(cohorts.c.id))
    _, written = write(store, [line("C1"), line("C2", occurrence=2)], cohort=cohort)
    number = written.changed[0]
    with store.writing() as connection:
        documents.put(
            connection, store.sealer, "default", "837", "one.837", b"ISA*" * 999, "ann", True
        )
        mark = facts.fact_identity(store.sealer, Mark("C1", "22614", DAY, "claim"))
        events.add(connection, store, "default", number, "sent", {"on": "x"}, "ann", mark)
        packets.save(
            connection, store, "default", cohort, "C1", "replacement_claim", [number],
            {"cover.html": b"<p>"}, {"charges": []}, "ann",
        )  # fmt: skip
    people.add(store, "ann", "Ann", "a long enough password")
    return number


def check(store: Store, number: int) -> None:
    """Everything is there, opens, and is the same on a repeat."""
    assert put(store, [claim(), answer(), answer(), charge()]).new == 0
    found = load(store)
    assert len(found) == 1
    assert (len(found[0].answers), len(found[0].marks)) == (2, 1)
    assert worklist.line(store, SCOPE, number).row.claim == "C1"
    assert len(worklist.page(store, SCOPE, Filter(claim="C1")).rows) == 1
    assert len(worklist.page(store, SCOPE, Filter(last_name="testcase")).rows) == 2
    with store.reading() as connection:
        cohort = connection.scalar(select(cohorts.c.id))
        assert cohort_store.cohort_of_claim(connection, store.sealer, "default", "C1") == cohort
    _, again = write(store, [line("C1"), line("C2", occurrence=2)], cohort=cohort)
    assert again.changed == ()
    packet = packets.live(store, SCOPE, number)
    assert packets.files(store, SCOPE, packet.id) == {"cover.html": b"<p>"}
    assert events.history(store, SCOPE, number)[0].body == {"on": "x"}
    practices.match_secret(store, "default")


def reopened(store_settings: Settings, keys: list[MasterKey]) -> Store:
    return open_store(store_settings, keys)


def test_everything_is_sealed_anew(
    store: Store, store_settings: Settings, store_key: MasterKey
) -> None:
    number = fill(store)
    new = new_key()
    told: list[rotate.Rotation] = []
    assert rotate.rotate(store, new, told.append) > 0
    assert {one.name for one in told} == {step.name for step in rotate.STEPS}
    store.close()
    with pytest.raises(KeyWrongError):
        open_store(store_settings, [store_key])
    fresh = reopened(store_settings, [new])
    check(fresh, number)
    with fresh.writing() as connection:
        _, mark = events.undo(connection, fresh, SCOPE, number, "ann", None)
        assert len(facts.remove(connection, "default", mark)) == 1
        key_ids = set(connection.scalars(select(links.c.key_id)))
        assert key_ids == {new.key_id.hex()}
        assert list(connection.scalars(select(store_keys.c.key_id))) == [new.key_id.hex()]
    assert rotate.rotate(fresh, new, told.append) == 0
    fresh.close()


class Cut(Exception):  # noqa: N818
    """Stands for a kill."""


@pytest.mark.parametrize("after", range(0, 14, 2))
def test_cut_off_anywhere_and_taken_up_again(
    store: Store,
    store_settings: Settings,
    store_key: MasterKey,
    after: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotate, "BATCH", 1)
    number = fill(store)
    new = new_key()
    left = after

    def cut(_: rotate.Rotation) -> None:
        nonlocal left
        if left == 0:
            raise Cut
        left -= 1

    with pytest.raises(Cut):
        rotate.rotate(store, new, cut)
    store.close()
    # In between, with both keys, everything works as before.
    between = reopened(store_settings, [new, store_key])
    check(between, number)
    assert put(between, [answer("C9", "M9")]).new == 1
    rotate.rotate(between, new, lambda _: None)
    between.close()
    fresh = reopened(store_settings, [new])
    with fresh.reading() as connection:
        assert cohort_store.cohort_of_claim(connection, fresh.sealer, "default", "C9")
    assert put(fresh, [answer("C9", "M9")]).new == 0
    fresh.close()


def test_a_process_that_was_open_takes_the_new_key(
    store: Store, store_settings: Settings, store_key: MasterKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fill(store)
    server = open_store(store_settings)  # finds its key where it is
    new = new_key()
    monkeypatch.setenv(ENVIRONMENT, encode([new, store_key]))
    rotate.rotate(store, new, lambda _: None)
    assert worklist.line(server, SCOPE, number).row.claim == "C1"
    events.note(server, SCOPE, number, "still here", "ann")
    assert server.sealer.active == new
    server.close()


def test_a_process_without_the_new_key_writes_nothing(
    store: Store, store_settings: Settings, store_key: MasterKey
) -> None:
    number = fill(store)
    behind = open_store(store_settings, [store_key])
    rotate.rotate(store, new_key(), lambda _: None)
    with pytest.raises(KeyWrongError):
        events.note(behind, SCOPE, number, "too late", "ann")
    behind.close()
