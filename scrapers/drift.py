"""When a portal's pages no longer meet their counts: seen by few accounts, then left alone."""

from __future__ import annotations

from dataclasses import replace

from scrapers.errors import PortalError
from server.store import Store, accounts, sweeps
from server.store.engine import now
from server.store.sweeps import PortalState

ACCOUNTS = 3
"""So many accounts may meet a changed page before the portal counts as changed."""
IN_A_ROW = 3
"""So many changed pages in a row end an account's visits: the rest would be no different."""


def met_change(store: Store, practice: str, portal: str, account: str, error: PortalError) -> bool:
    """An account met a changed page; whether the portal now counts as changed."""
    state = _state(store, practice, portal)
    met = tuple(dict.fromkeys((*state.met_by, account)))
    active = sum(one.state == "active" for one in accounts.of(store, {practice}, portal))
    changed = len(met) >= min(ACCOUNTS, max(active, 1))
    sweeps.set_portal_state(
        store,
        practice,
        replace(
            state,
            state="changed" if changed else state.state,
            error=type(error).__name__,
            reason=str(error),
            since=state.since if state.state == "changed" else now(),
            met_by=met,
        ),
    )
    return changed


def met_outage(store: Store, practice: str, portal: str, error: PortalError) -> int:
    """A portal was down for a whole account; the nights in a row it has been."""
    state = _state(store, practice, portal)
    again = state.state == "down" and state.since.date() == now().date()
    nights = state.nights_down if again else state.nights_down + 1
    sweeps.set_portal_state(
        store,
        practice,
        replace(
            state,
            state="down" if state.state != "changed" else "changed",
            error=type(error).__name__,
            reason=str(error),
            since=now(),
            nights_down=nights,
        ),
    )
    return nights


def read_well(store: Store, practice: str, portal: str) -> None:
    """An account was read from end to end: the portal is as we know it."""
    state = sweeps.portal_state(store, practice, portal)
    if state is None or state.state != "ok" or state.met_by or state.nights_down:
        sweeps.set_portal_state(store, practice, PortalState(portal, "ok", "", "", now(), 0, ()))


def is_changed(store: Store, practice: str, portal: str) -> bool:
    """Whether the portal's pages stopped meeting their counts, in an earlier account or night."""
    state = sweeps.portal_state(store, practice, portal)
    return state is not None and state.state == "changed"


def forget(store: Store, practice: str, portal: str) -> None:
    """The portal's code was mended: it may be read again."""
    sweeps.set_portal_state(store, practice, PortalState(portal, "ok", "", "", now(), 0, ()))


def _state(store: Store, practice: str, portal: str) -> PortalState:
    found = sweeps.portal_state(store, practice, portal)
    return found or PortalState(portal, "ok", "", "", now(), 0, ())
