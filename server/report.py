"""The morning report: what changed since the last one, and what a person must do. No patient.

Claim numbers are a patient's too and are left out: lines are named by procedure, payer and a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from server.portal_files import PortalFile
from server.settings import ServerSettings
from server.store import Store, accounts, listing, night, sweeps, worklist
from server.store.night import Count
from server.store.sweeps import SweepReport
from server.store.worklist import Filter, LineRow
from server.wording import days_left, next_step, reason_text

MOST_NAMED = 10
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_PORTAL_STATES = {
    "changed": "its pages changed; they are read no more until its definition is mended",
    "down": "did not answer",
}
_ENDS = {
    "failed": "the sweep failed",
    "refused": "the sweep was refused",
    "skipped": "was left out",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A line as the report names it."""

    link: str
    procedure: str
    payer: str
    amount: Decimal
    last_day: date | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """What holds lines back: why, what to do, and what it is worth."""

    reason: str
    what: str
    next_step: str
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Trouble:
    """A portal that a person must see to: failed, refused, changed, or waiting for someone."""

    portal: str
    account: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a morning asks; sums are US dollars."""

    since: datetime
    as_of: date
    address: str
    newly_ready: Count
    newly_paid: Count
    new: Count
    due_soon: Count
    ready: tuple[Named, ...]
    soon: tuple[Named, ...]
    """Open lines whose last day is within 14 days or has passed, the nearest first."""
    held: tuple[Held, ...]
    troubles: tuple[Trouble, ...]
    looked: int
    """Claims looked at on portals since."""

    @property
    def nothing_changed(self) -> bool:
        """Whether no line became ready, was paid, or is new."""
        return not (self.newly_ready.lines or self.newly_paid.lines or self.new.lines)

    def subject(self) -> str:
        """A subject line that says the most important thing first."""
        day = self.as_of.isoformat()
        if self.nothing_changed:
            said = "nothing changed"
        else:
            parts = [
                f"{count.lines} {what} (${count.amount:,.0f})"
                for count, what in (
                    (self.newly_ready, "newly ready"),
                    (self.newly_paid, "paid"),
                    (self.new, "new"),
                )
                if count.lines
            ]
            said = ", ".join(parts)
        if self.troubles:
            many = len(self.troubles)
            said += f"; {many} portal{'' if many == 1 else 's'} need{'s' if many == 1 else ''} you"
        return f"Remitlens {day}: {said}"

    def as_json(self) -> dict[str, Any]:
        """For a webhook: counts, dollars as text, reasons and portals; no line is named."""
        shown = asdict(self)
        for left_out in ("ready", "soon"):
            del shown[left_out]
        shown |= {"nothing_changed": self.nothing_changed, "subject": self.subject()}
        return {name: _plain(value) for name, value in shown.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value


def gather(
    store: Store,
    scope: frozenset[str],
    since: datetime,
    today: date,
    address: str,
    portals: Mapping[str, PortalFile],
) -> Report:
    """The report of these practices since a moment (aware). `address`: of the worklist."""
    changed = night.changes(store, scope, since, today)
    soon = Filter(due_to=today + timedelta(days=night.SOON_DAYS))
    recent = [one for one in sweeps.recent(store, scope, 50) if one.started_at >= since]
    return Report(
        since=since,
        as_of=today,
        address=address,
        newly_ready=changed.newly_ready,
        newly_paid=changed.newly_paid,
        new=changed.new,
        due_soon=changed.due_soon,
        ready=_named(_ready(store, scope), address, today),
        soon=_named(
            worklist.page(store, scope, soon, limit=MOST_NAMED).rows,
            address,
            today,
        ),
        held=tuple(
            Held(reason, reason_text(reason), next_step(reason), many, amount)
            for reason, many, amount in listing.held_back(store, scope)
        ),
        troubles=tuple(_troubles(store, scope, recent, portals)),
        looked=sum(one.looked for one in recent),
    )


def _ready(store: Store, scope: frozenset[str]) -> tuple[LineRow, ...]:
    wanted = Filter(states=("ready",), worked=False)
    return worklist.page(store, scope, wanted, limit=MOST_NAMED).rows


def _named(rows: Iterable[LineRow], address: str, today: date) -> tuple[Named, ...]:
    return tuple(
        Named(
            f"{address}/lines/{row.id}",
            " ".join((row.procedure, *row.modifiers)),
            row.payer_name,
            row.amount,
            row.deadline,
            days_left(row.deadline, today),
        )
        for row in rows
    )


def _troubles(
    store: Store,
    scope: frozenset[str],
    recent: Iterable[SweepReport],
    portals: Mapping[str, PortalFile],
) -> Iterable[Trouble]:
    def name(portal: str) -> str:
        return portals[portal].name if portal in portals else portal

    told = set()
    for account in accounts.of(store, scope):
        if account.state != "active":
            told.add(account.id)
            what = account.asks or f"{account.state}: {account.error}"
            yield Trouble(name(account.portal), account.id, f"waits for a person: {what}", "")
    for state in sweeps.portal_states_of(store, scope):
        if state.state in _PORTAL_STATES:
            yield Trouble(name(state.portal), "", _PORTAL_STATES[state.state], state.reason)
    for sweep in recent:
        for part in sweep.accounts:
            # Told of once, by its latest sweep.
            if part.account not in told:
                told.add(part.account)
                if part.state in _ENDS:
                    why = part.reason or part.error
                    yield Trouble(name(part.portal), part.account, _ENDS[part.state], why)


def worklist_address(server: ServerSettings) -> str:
    """The worklist's address for links: the first name that is not loopback, else loopback."""
    names = [one for one in server.allowed_hosts if one not in _LOOPBACK]
    host = names[0] if names else server.host
    if server.behind_proxy:
        return f"https://{host}"
    scheme = "https" if server.tls_certificate else "http"
    return f"{scheme}://{host}:{server.port}"
