"""The sweeps' page: each portal's state and permission, the last nights, what waits for someone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server import engine
from server.logs import described, log
from server.portal_files import PortalFile, portal_files
from server.security.callers import current_caller, one_practice, practices, require
from server.security.surroundings import around
from server.store import accounts, audit, sweeps
from server.store.accounts import Account
from server.store.sweeps import AccountReport, PortalState
from server.web.blueprint import blueprint, say

_NIGHTS = 14
_ACCOUNT_WORDS = {
    "active": "Works",
    "stopped": "Stopped",
    "paused": "Paused",
    "waits": "Waits for a person",
}
_ENDS = {"done": "read", "refused": "refused", "skipped": "left out"}


@dataclass(frozen=True, slots=True)
class PortalShown:
    """A portal as the page shows it."""

    file: PortalFile
    state: PortalState | None
    accounts: tuple[Account, ...]
    last: AccountReport | None
    """How its part of the latest sweep went."""

    @property
    def level(self) -> str:
        """`bad`, `wait`, `good` or `none`."""
        if self.state is not None and self.state.state != "ok":
            return "bad"
        if any(one.state != "active" for one in self.accounts):
            return "wait"
        if self.last is None:
            return "none"
        return "good" if self.last.state == "done" else "bad"

    @property
    def told(self) -> str:
        """How it stands, in words."""
        if self.state is not None and self.state.state == "changed":
            return "Its pages changed"
        if self.state is not None and self.state.state == "down":
            return "Did not answer"
        if self.level == "wait":
            return "Waits for a person"
        if self.last is None:
            return "Not swept yet"
        return _ENDS.get(self.last.state, self.last.state).capitalize()

    @property
    def counts(self) -> list[str]:
        """What the latest sweep found: `5 found`, `1 not found`, `2 failed`."""
        if self.last is None:
            return []
        found = {name.replace("_", " "): many for name, many in sorted(self.last.outcomes.items())}
        found |= {"failed": self.last.failed, "not looked at": self.last.unread}
        return [f"{many} {name}" for name, many in found.items() if many]


@blueprint.get("/sweeps")
@require("viewer", "lines:read", page=True)
def sweeps_page() -> str:
    """Portals, nights, and what waits for a person."""
    place, scope = around(), practices()
    files = portal_files(place.settings.config)
    mine = accounts.of(place.store, scope)
    states = {one.portal: one for one in sweeps.portal_states_of(place.store, scope)}
    nights = sweeps.recent(place.store, scope, _NIGHTS)
    last: dict[str, AccountReport] = {}
    for night in nights:
        for part in night.accounts:
            last.setdefault(part.portal, part)
    used = dict.fromkeys([*(one.portal for one in mine), *states, *last])
    return render_template(
        "sweeps.html",
        portals=[
            PortalShown(
                files.get(portal, PortalFile(portal, portal)),
                states.get(portal),
                tuple(one for one in mine if one.portal == portal),
                last.get(portal),
            )
            for portal in used
        ],
        unused=[one for one in files.values() if one.id not in used],
        waiting=[one for one in mine if one.state != "active"],
        names={one.id: one.name for one in files.values()},
        words=_ACCOUNT_WORDS,
        ends=_ENDS,
        nights=nights,
        several=sorted(scope) if len(scope) > 1 else (),
    )


@blueprint.post("/sweeps")
@require("manager", "admin", page=True)
def start_sweep() -> ResponseReturnValue:
    """Ask for a sweep now; a worker takes it up."""
    practice = one_practice(request.form.get("practice") or None)
    place, caller = around(), current_caller()
    try:
        sweep = engine.ask_for_sweep(place.settings, practice, caller.tag, place.now())
    except Exception as error:
        # The engine's errors quote its database's address and statement.
        log().warning("engine_missing", **described(error))
        say("No worker has started yet, or the engine's database does not answer.", wrong=True)
    else:
        audit.append(place.store, caller.who, "sweep.ask", practice, sweep)
        log().info("sweep_asked", sweep=sweep, who=caller.tag, practice=practice)
        say("The sweep is asked for; it appears below when a worker takes it up.")
    return redirect(url_for("pages.sweeps_page"), 303)


@blueprint.post("/sweeps/accounts/<account>/resume")
@require("manager", "admin", page=True)
def resume_account(account: str) -> ResponseReturnValue:
    """A person mended what was wrong: the account may sign in again."""
    accounts.resume(around().store, practices(), account, current_caller().who)
    say(f"{account} may sign in again at the next sweep.")
    return redirect(url_for("pages.sweeps_page"), 303)
