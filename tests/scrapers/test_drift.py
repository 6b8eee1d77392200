import pytest

from scrapers import drift
from scrapers.errors import SiteChanged, SiteDown
from server.store import accounts, sweeps

CHANGED = SiteChanged("meridian", "lines", selector="tr.line", found=0, expected="1 or more")


@pytest.fixture
def accounts_of_meridian(store):
    for name in ("a", "b", "c", "d"):
        accounts.add(store, name, "default", "meridian", "test")
    return store


def test_a_portal_counts_as_changed_after_three_accounts(accounts_of_meridian):
    store = accounts_of_meridian
    assert not drift.met_change(store, "default", "meridian", "a", CHANGED)
    assert not drift.met_change(store, "default", "meridian", "a", CHANGED)
    assert not drift.met_change(store, "default", "meridian", "b", CHANGED)
    assert not drift.is_changed(store, "default", "meridian")
    assert drift.met_change(store, "default", "meridian", "c", CHANGED)
    assert drift.is_changed(store, "default", "meridian")
    state = sweeps.portal_state(store, "default", "meridian")
    assert state.error == "SiteChanged"
    assert "tr.line" in state.reason


def test_where_there_is_one_account_it_is_enough(store):
    accounts.add(store, "only", "default", "harbor", "test")
    assert drift.met_change(store, "default", "harbor", "only", CHANGED)


def test_an_account_read_well_or_mended_code_clears_it(accounts_of_meridian):
    store = accounts_of_meridian
    drift.met_change(store, "default", "meridian", "a", CHANGED)
    drift.read_well(store, "default", "meridian")
    assert sweeps.portal_state(store, "default", "meridian").met_by == ()
    for name in ("a", "b", "c"):
        drift.met_change(store, "default", "meridian", name, CHANGED)
    drift.forget(store, "default", "meridian")
    assert not drift.is_changed(store, "default", "meridian")


def test_an_outage_is_counted_by_night_not_by_account(store):
    error = SiteDown("harbor", "login", what="maintenance page")
    assert drift.met_outage(store, "default", "harbor", error) == 1
    assert drift.met_outage(store, "default", "harbor", error) == 1
