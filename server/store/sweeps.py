"""Sweeps: what a night planned, what became of each visit, what stands at each portal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from server.store import audit
from server.store.bulk import add, upsert
from server.store.engine import Store, now
from server.store.errors import NotThereError
from server.store.sealing import place
from server.store.sweep_tables import portal_states, sweep_accounts, sweeps, visits
from server.store.ties import canonical

FINAL = frozenset({"done", "refused", "skipped", "failed"})
"""States in which a sweep's account has ended."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A claim to look up, as the store hands it to a visit."""

    visit: int
    claim: str
    member_id: str
    first_day: date | None
    last_day: date | None
    payer_claim_control_number: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A claim that a plan wants looked up."""

    claim: str
    member_id: str = ""
    first_day: date | None = None
    last_day: date | None = None
    payer_claim_control_number: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one visit gave: codes and counts, the page's hash and its redacted skeleton."""

    state: str
    outcome: str = ""
    error: str = ""
    reason: str = ""
    changed: int = 0
    page_hash: str = ""
    skeleton: str = ""


def begin(store: Store, sweep: str, practice: str, asked_by: str) -> bool:
    """Note a sweep; False where it was noted before (a plan repeated after a kill)."""
    with store.writing() as connection:
        if connection.execute(select(sweeps.c.id).where(sweeps.c.id == sweep)).first():
            return False
        audit.append(store, asked_by, "sweep", practice, sweep)
        connection.execute(
            insert(sweeps).values(id=sweep, practice=practice, asked_by=asked_by, started_at=now())
        )
    return True


def plan_account(
    store: Store,
    sweep: str,
    practice: str,
    account: str,
    portal: str,
    wanted: Iterable[Wanted],
    refused: tuple[str, str, str] | None = None,
) -> int:
    """Plan the visits of one account, each claim once; repeating changes nothing.

    `refused` is (state, error, reason) of an account that is not to sign in. Returns the visits.
    """
    state, error, reason = refused or ("planned", "", "")
    claims = {canonical(each.claim): each for each in wanted}
    row = {"sweep": sweep, "account": account, "portal": portal, "error": error, "reason": reason}
    with store.writing() as connection:
        known = connection.execute(
            select(sweep_accounts.c.account).where(
                sweep_accounts.c.sweep == sweep, sweep_accounts.c.account == account
            )
        ).first()
        if known is None:
            add(connection, sweep_accounts, [row | {"state": state}])
            # Sealed here: only within the transaction is the active key sure to stay active.
            mine = row | {"practice": practice, "state": "unread" if refused else "planned"}
            add(connection, visits, [mine | _sealed(store, mine, one) for one in claims.items()])
    return len(claims)


def _sealed(store: Store, row: dict[str, str], claim: tuple[str, Wanted]) -> dict[str, bytes]:
    """A visit's claim: the key it is found again by, and what its look needs, sealed."""
    name, wanted = claim
    key = store.sealer.blind("visit", name)
    where = place("visits", row["practice"], row["sweep"].encode() + key)
    return {"claim_key": key, "sealed": store.sealer.seal_json(_ref_json(wanted), where)}


def _ref_json(one: Wanted) -> dict[str, Any]:
    return {
        "claim": one.claim,
        "member_id": one.member_id,
        "first_day": one.first_day.isoformat() if one.first_day else None,
        "last_day": one.last_day.isoformat() if one.last_day else None,
        "ref": one.payer_claim_control_number,
    }


def left(store: Store, sweep: str, account: str) -> list[Planned]:
    """The visits still to make, oldest plan first."""
    query = (
        select(visits)
        .where(visits.c.sweep == sweep, visits.c.account == account, visits.c.state == "planned")
        .order_by(visits.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return [_planned(store, row) for row in rows]


def _planned(store: Store, row: Any) -> Planned:
    where = place("visits", row.practice, row.sweep.encode() + row.claim_key)
    ref = store.sealer.unseal_json(row.sealed, where)
    return Planned(
        row.id,
        ref["claim"],
        ref["member_id"],
        date.fromisoformat(ref["first_day"]) if ref["first_day"] else None,
        date.fromisoformat(ref["last_day"]) if ref["last_day"] else None,
        ref["ref"],
    )


def note_visit(store: Store, visit: int, seen: Seen) -> None:
    """What became of one visit. A visit that already ended keeps what it has."""
    with store.writing() as connection:
        row = connection.execute(select(visits).where(visits.c.id == visit)).one()
        where = place("visit skeletons", row.practice, row.id)
        connection.execute(
            update(visits)
            .where(visits.c.id == visit, visits.c.state == "planned")
            .values(
                state=seen.state,
                outcome=seen.outcome,
                error=seen.error,
                reason=seen.reason,
                changed=seen.changed,
                page_hash=seen.page_hash,
                skeleton=store.sealer.seal(seen.skeleton.encode(), where)
                if seen.skeleton
                else None,
                at=now(),
            )
        )


def skeleton(store: Store, scope: Collection[str], visit: int) -> str:
    """The redacted page of one visit; raises NotThereError."""
    with store.reading() as connection:
        row = connection.execute(select(visits).where(visits.c.id == visit)).first()
    if row is None or row.practice not in scope or row.skeleton is None:
        raise NotThereError(f"visit {visit}: there is none")
    return store.sealer.unseal(
        row.skeleton, place("visit skeletons", row.practice, row.id)
    ).decode()


def leave_unread(store: Store, sweep: str, account: str, error: str, reason: str) -> int:
    """The visits that will not be made, and why; how many."""
    with store.writing() as connection:
        done = connection.execute(
            update(visits)
            .where(
                visits.c.sweep == sweep, visits.c.account == account, visits.c.state == "planned"
            )
            .values(state="unread", error=error, reason=reason, at=now())
        )
    return int(done.rowcount)


def set_account(
    store: Store, sweep: str, account: str, state: str, error: str = "", reason: str = ""
) -> None:
    """Where an account stands within a sweep."""
    with store.writing() as connection:
        connection.execute(
            update(sweep_accounts)
            .where(sweep_accounts.c.sweep == sweep, sweep_accounts.c.account == account)
            .values(
                state=state,
                error=error,
                reason=reason,
                finished_at=now() if state in FINAL else None,
            )
        )


def account_state(store: Store, sweep: str, account: str) -> str:
    """planned, running, done, refused, skipped or failed."""
    with store.reading() as connection:
        found = connection.scalar(
            select(sweep_accounts.c.state).where(
                sweep_accounts.c.sweep == sweep, sweep_accounts.c.account == account
            )
        )
    if found is None:
        raise NotThereError(f"sweep {sweep}: it has no account {account}")
    return str(found)


def count_sign_in(store: Store, sweep: str, account: str) -> int:
    """One more submitted sign-in of this account in this sweep; how many there are now."""
    mine = (sweep_accounts.c.sweep == sweep, sweep_accounts.c.account == account)
    with store.writing() as connection:
        connection.execute(
            update(sweep_accounts).where(*mine).values(sign_ins=sweep_accounts.c.sign_ins + 1)
        )
        return int(connection.scalar(select(sweep_accounts.c.sign_ins).where(*mine)) or 0)


def accounts_of(store: Store, sweep: str, states: Collection[str] = ()) -> list[tuple[str, str]]:
    """(account, portal) of a sweep, in a stable order."""
    query = select(sweep_accounts.c.account, sweep_accounts.c.portal).where(
        sweep_accounts.c.sweep == sweep
    )
    if states:
        query = query.where(sweep_accounts.c.state.in_(sorted(states)))
    with store.reading() as connection:
        rows = connection.execute(query.order_by(sweep_accounts.c.account)).all()
    return [(row.account, row.portal) for row in rows]


def finish(store: Store, sweep: str) -> None:
    """The sweep has ended."""
    with store.writing() as connection:
        connection.execute(
            update(sweeps)
            .where(sweeps.c.id == sweep, sweeps.c.finished_at.is_(None))
            .values(finished_at=now())
        )


@dataclass(frozen=True, slots=True)
class PortalState:
    """What stands at a portal for a practice."""

    portal: str
    state: str
    """`ok`, `changed` (its pages no longer meet their counts) or `down`."""
    error: str
    reason: str
    since: datetime
    nights_down: int
    met_by: tuple[str, ...]


def portal_states_of(store: Store, scope: Collection[str]) -> list[PortalState]:
    """What stands at each portal; one row a portal, the worst of the practices' first."""
    query = select(portal_states).where(portal_states.c.practice.in_(sorted(scope)))
    with store.reading() as connection:
        rows = connection.execute(query.order_by(portal_states.c.portal)).all()
    return [_portal_state(row) for row in rows]


def portal_state(store: Store, practice: str, portal: str) -> PortalState | None:
    """What stands at one portal; None where nothing was noted yet."""
    found = [one for one in portal_states_of(store, {practice}) if one.portal == portal]
    return found[0] if found else None


def _portal_state(row: Any) -> PortalState:
    met = tuple(name for name in row.met_by.split(",") if name)
    return PortalState(
        row.portal, row.state, row.error, row.reason, row.since, row.nights_down, met
    )


def set_portal_state(store: Store, practice: str, state: PortalState) -> None:
    """Keep what stands at a portal."""
    row = asdict(state) | {"practice": practice, "met_by": ",".join(state.met_by)}
    with store.writing() as connection:
        upsert(connection, portal_states, [row], ["practice", "portal"])


@dataclass(frozen=True, slots=True)
class AccountReport:
    """How one account's part of a sweep went: counts, and why, where something stood in the way."""

    account: str
    portal: str
    state: str
    error: str
    reason: str
    sign_ins: int
    planned: int
    """Visits still to make."""
    outcomes: dict[str, int]
    """found, pending, not_found: how many claims."""
    failed: int
    unread: int
    changed: int
    """Lines whose decision changed."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """One sweep: when, whose, and each account."""

    id: str
    practice: str
    asked_by: str
    started_at: datetime
    finished_at: datetime | None
    accounts: tuple[AccountReport, ...]

    @property
    def looked(self) -> int:
        """Claims looked at."""
        return sum(sum(one.outcomes.values()) for one in self.accounts)

    @property
    def planned(self) -> int:
        """Claims the plan holds, whatever became of them."""
        rest = sum(one.planned + one.failed + one.unread for one in self.accounts)
        return self.looked + rest

    def as_json(self) -> dict[str, Any]:
        """For the API and the night's JSON summary: ids, codes and counts only."""
        shown = asdict(self)
        shown["started_at"] = self.started_at.isoformat()
        shown["finished_at"] = self.finished_at.isoformat() if self.finished_at else None
        return shown | {"looked": self.looked, "planned": self.planned}


def report(store: Store, scope: Collection[str], sweep: str) -> SweepReport:
    """One sweep; raises NotThereError outside the scope."""
    with store.reading() as connection:
        row = connection.execute(select(sweeps).where(sweeps.c.id == sweep)).first()
        if row is None or row.practice not in scope:
            raise NotThereError(f"sweep {sweep}: there is none")
        return _report(connection, row)


def recent(store: Store, scope: Collection[str], limit: int = 20) -> list[SweepReport]:
    """The latest sweeps, the newest first."""
    query = (
        select(sweeps)
        .where(sweeps.c.practice.in_(sorted(scope)))
        .order_by(sweeps.c.started_at.desc(), sweeps.c.id)
        .limit(limit)
    )
    with store.reading() as connection:
        return [_report(connection, row) for row in connection.execute(query).all()]


def _report(connection: Connection, row: Any) -> SweepReport:
    counted: Sequence[Any] = connection.execute(
        select(
            visits.c.account,
            visits.c.state,
            visits.c.outcome,
            func.count().label("many"),
            func.sum(visits.c.changed).label("changed"),
        )
        .where(visits.c.sweep == row.id)
        .group_by(visits.c.account, visits.c.state, visits.c.outcome)
    ).all()
    mine = connection.execute(
        select(sweep_accounts)
        .where(sweep_accounts.c.sweep == row.id)
        .order_by(sweep_accounts.c.account)
    ).all()
    reports = tuple(
        _account_report(one, [each for each in counted if each.account == one.account])
        for one in mine
    )
    return SweepReport(row.id, row.practice, row.asked_by, row.started_at, row.finished_at, reports)


def _account_report(one: Any, counted: Sequence[Any]) -> AccountReport:
    def many(state: str) -> int:
        return sum(each.many for each in counted if each.state == state)

    return AccountReport(
        account=one.account,
        portal=one.portal,
        state=one.state,
        error=one.error,
        reason=one.reason,
        sign_ins=one.sign_ins,
        planned=many("planned"),
        outcomes={each.outcome: each.many for each in counted if each.state == "done"},
        failed=many("failed"),
        unread=many("unread"),
        changed=sum(int(each.changed or 0) for each in counted),
    )
