"""The overview: dollars by state, payer, week and days left, as charts with a table behind each."""

from __future__ import annotations

from decimal import Decimal

from flask import render_template, request

from server.security.callers import narrowed, practices, require
from server.security.surroundings import around
from server.store import overview
from server.store.overview import Figures
from server.web.blueprint import blueprint
from server.wording import state_text

_DRAWN = ("ready", "appeal", "waiting", "review", "resubmitted", "appealed")
_MOST_PAYERS = 12


@blueprint.get("/overview")
@require("viewer", "lines:read", page=True)
def overview_page() -> str:
    """What everything is worth, and how it goes."""
    place, asked = around(), request.args.get("practice", "").strip()
    found = overview.figures(place.store, narrowed(asked), place.today(), place.zone)
    return render_template(
        "overview.html",
        found=found,
        drawn=_DRAWN,
        payers=found.payers[:_MOST_PAYERS],
        charts=_charts(found),
        several=sorted(practices()) if len(practices()) > 1 else (),
        practice=asked,
        per_hundred=_rate(found.denied_claims, found.answers),
        recovery=_rate(found.recovered, found.denied),
    )


def _rate(part: Decimal | int, whole: Decimal | int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "not known"


def _charts(found: Figures) -> dict[str, object]:
    """What the charts are drawn from; the tables show the same."""
    return {
        "payers": {
            "labels": [one.name for one in found.payers[:_MOST_PAYERS]],
            "sets": [
                {
                    "key": state,
                    "label": state_text(state),
                    "data": [
                        float(one.states.get(state, 0)) for one in found.payers[:_MOST_PAYERS]
                    ],
                }
                for state in _DRAWN
                if any(one.states.get(state) for one in found.payers[:_MOST_PAYERS])
            ],
        },
        "days": {
            "labels": [one.name for one in found.days],
            "sets": [
                {"key": "due", "label": "Open", "data": [float(one.amount) for one in found.days]}
            ],
        },
        "weeks": {
            "labels": [one.monday.isoformat() for one in found.weeks],
            "sets": [
                {
                    "key": "denied",
                    "label": "Denied",
                    "data": [float(one.denied) for one in found.weeks],
                },
                {
                    "key": "recovered",
                    "label": "Recovered",
                    "data": [float(one.recovered) for one in found.weeks],
                },
            ],
        },
    }
