"""The worklist: rows by filter, groups with dollars, saved filters, and what is done to many."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server import intake
from server.security.callers import (
    current_caller,
    current_person,
    narrowed,
    practices,
    require,
)
from server.security.problems import forbidden
from server.security.signing_in import safe_next
from server.security.surroundings import around
from server.store import (
    RefusedError,
    StoreBusyError,
    StoreError,
    StoreFullError,
    events,
    listing,
    people,
    saved,
    worklist,
)
from server.store.events import Event
from server.store.listing import Bounded
from server.store.worklist import Filter, LineRow, Page
from server.web.asked import Asked
from server.web.blueprint import blueprint, say
from server.web.shown import seen, shown

PAGE_ROWS = 30
MOST_AT_ONCE = 200
_STRIP = ("ready", "appeal", "waiting", "review", "resubmitted", "appealed")
_BUILT_IN = (
    ("Today's work", ""),
    ("Ready to send", "state=ready"),
    ("Appeals", "state=appeal"),
    ("Last day within 14 days", "due=14"),
    ("Needs a look", "state=review"),
)


@blueprint.get("/")
@require("viewer", "lines:read", page=True)
def worklist_page() -> ResponseReturnValue:
    """The worklist, a page at a time."""
    place = around()
    asked = Asked.read(request.args)
    scope = narrowed(asked.practice)
    if asked.view:
        return _groups(asked, scope)
    wanted, page = found_page(asked, scope, request.args.get("after"))
    names = request.args.get("patients") == "1"
    seen(page.rows, "lines.view", **({"patients": True} if names else {}))
    if request.args.get("after") and request.headers.get("HX-Request"):
        return render_template(
            "rows.html", rows=shown(page.rows, scope, place.today()), page=page, asked=asked
        )
    totals = worklist.totals(place.store, scope)
    return render_template(
        "worklist.html",
        asked=asked,
        names=names,
        rows=shown(page.rows, scope, place.today()),
        page=page,
        count=_count(asked, scope, wanted, page),
        strip=_strip(totals.states),
        payers=totals.payers,
        reasons=totals.reasons,
        people=_people(scope),
        several=sorted(practices()) if len(practices()) > 1 else (),
        built_in=_BUILT_IN,
        mine=_saved(),
    )


def found_page(
    asked: Asked, scope: frozenset[str], after: str | None, limit: int = PAGE_ROWS
) -> tuple[Filter, Page]:
    """The first filter that finds anything, and its page; a stale cursor begins anew."""
    place = around()
    tries = asked.filters(current_caller().who, place.today())
    wanted = tries[0]
    for wanted in tries:
        try:
            page = worklist.page(place.store, scope, wanted, asked.sort, after, limit)
        except (StoreBusyError, StoreFullError):
            raise
        except StoreError:
            page = worklist.page(place.store, scope, wanted, asked.sort, None, limit)
        if page.rows:
            break
    return wanted, page


def _count(asked: Asked, scope: frozenset[str], wanted: Filter, page: Page) -> Bounded:
    if asked.q:
        total = sum((row.amount for row in page.rows), Decimal("0.00"))
        return Bounded(len(page.rows), total, page.next is not None)
    return listing.bounded(around().store, scope, wanted)


def _strip(states: tuple[worklist.Sum, ...]) -> list[worklist.Sum]:
    by_state = {one.key: one for one in states}
    return [by_state[state] for state in _STRIP if state in by_state]


def _people(scope: frozenset[str]) -> list[people.Person]:
    """Who may be given lines here."""
    return [
        one
        for one in people.everyone(around().store)
        if not one.disabled and one.scope & scope and one.login != current_caller().who
    ]


def _saved() -> list[saved.Saved]:
    person = current_person()
    return saved.of(around().store, person.id) if person else []


def _groups(asked: Asked, scope: frozenset[str]) -> str:
    found = listing.groups(around().store, scope)
    by_payer: dict[str, list[listing.Group]] = {}
    for one in found:
        by_payer.setdefault(one.payer, []).append(one)
    return render_template(
        "groups.html",
        asked=asked,
        payers=list(by_payer.values()),
        total=sum(one.amount for one in found),
        many=sum(one.lines for one in found),
    )


@blueprint.get("/lines/<int:line>/patient")
@require("viewer", "lines:read", page=True)
def patient(line: int) -> str:
    """Who one line's patient is, shown on request."""
    row = worklist.line(around().store, practices(), known(line)).row
    seen([row], "line.patient")
    return render_template("patient.html", row=row)


def known(line: int) -> int:
    """A number no database holds is no line."""
    return line if line < 2**53 else 0


@dataclass(frozen=True, slots=True)
class _Many:
    """What was chosen: the lines, and where the form stood."""

    rows: list[LineRow]
    back: str


def _chosen() -> _Many:
    numbers = [
        known(int(text)) for text in request.form.getlist("line") if text.isdigit() and text
    ][:MOST_AT_ONCE]
    rows = worklist.some(around().store, practices(), numbers) if numbers else []
    return _Many(rows, safe_next(request.form.get("back")))


@blueprint.post("/lines/bulk")
@require("biller", "lines:write", page=True)
def bulk() -> ResponseReturnValue:
    """Assign, prioritise, mark as worked or as sent: many lines at once, with undo."""
    chosen = _chosen()
    if not chosen.rows:
        say("Choose some lines first.", wrong=True)
        return redirect(chosen.back, 303)
    what, to = request.form.get("do", ""), request.form.get("to", "").strip().lower()
    if what == "assign" and to:
        _check_assignee(to, chosen.rows)
    done: list[Event] = []
    refused = 0
    for row in chosen.rows:
        try:
            done.extend(_do(row, what, to))
        except RefusedError:
            refused += 1
    say(
        _told(what, to, len(done), refused),
        ",".join(f"{event.line}:{event.id}" for event in done),
        wrong=not done,
    )
    return redirect(chosen.back, 303)


def _do(row: LineRow, what: str, to: str) -> list[Event]:
    place, scope, who = around(), practices(), current_caller().who
    if what == "assign":
        return [events.assign(place.store, scope, row.id, to, who)]
    if what in ("worked", "unworked"):
        return [events.worked(place.store, scope, row.id, what == "worked", who)]
    if what in ("raise", "lower"):
        value = row.priority + (1 if what == "raise" else -1)
        return [events.priority(place.store, scope, row.id, value, who)]
    if what == "sent" and row.state in ("ready", "appeal"):
        return [
            intake.sent(
                place.store,
                scope,
                row.id,
                on=place.today(),
                kind="appeal" if row.state == "appeal" else "claim",
                who=who,
                today=place.today(),
                settings=place.settings,
            )
        ]
    return []


def _told(what: str, to: str, many: int, refused: int) -> str:
    count = f"{many} line{'' if many == 1 else 's'}"
    said = {
        "assign": f"{count} assigned to {to or 'nobody'}.",
        "worked": f"{count} marked as worked.",
        "unworked": f"{count} marked as not worked.",
        "raise": f"Priority raised on {count}.",
        "lower": f"Priority lowered on {count}.",
        "sent": f"{count} marked as sent today.",
    }.get(what, "Nothing was done.")
    if what == "sent" and not many:
        said = "Only lines that are ready or in appeal can be marked as sent."
    return said + (f" {refused} could not be changed." if refused else "")


def _check_assignee(login: str, rows: list[LineRow]) -> None:
    person = people.by_login(around().store, login)
    if person is None or person.disabled or any(row.practice not in person.roles for row in rows):
        raise forbidden("Nobody of that login has a role in the lines' practice.")


@blueprint.post("/undo")
@require("biller", "lines:write", page=True)
def undo() -> ResponseReturnValue:
    """Take back what was just done, line by line."""
    place, taken = around(), 0
    for pair in request.form.get("undo", "").split(",")[:MOST_AT_ONCE]:
        line, _, event = pair.partition(":")
        if not (line.isdigit() and event.isdigit()):
            continue
        try:
            intake.undo(
                place.store,
                practices(),
                known(int(line)),
                who=current_caller().who,
                today=place.today(),
                settings=place.settings,
                event=known(int(event)),
            )
            taken += 1
        except RefusedError:
            continue
    say(f"Taken back on {taken} line{'' if taken == 1 else 's'}.", wrong=not taken)
    return redirect(safe_next(request.form.get("back")), 303)


@blueprint.post("/filters")
@require("viewer", "lines:read", page=True)
def save_filter() -> Response | ResponseReturnValue:
    """Keep the filter in force under a name."""
    person = current_person()
    if person is None:
        raise forbidden("Only a person has filters of their own.")
    asked = Asked.read(request.form)
    query = asked.query(q="", view="", practice="")
    try:
        saved.save(around().store, person.id, request.form.get("name", ""), query)
        say("The filter is saved.")
    except RefusedError as error:
        say(str(error)[:1].upper() + str(error)[1:] + ".", wrong=True)
    return redirect(f"{url_for('pages.worklist_page')}?{query}", 303)


@blueprint.post("/filters/<int:number>/remove")
@require("viewer", "lines:read", page=True)
def remove_filter(number: int) -> ResponseReturnValue:
    """Forget a saved filter."""
    person = current_person()
    if person is not None:
        saved.remove(around().store, person.id, known(number))
        say("The filter is gone.")
    return redirect(url_for("pages.worklist_page"), 303)
