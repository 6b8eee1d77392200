"""The pages' blueprint, and what every template can use."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flask import Blueprint, session
from flask.blueprints import BlueprintSetupState

from server.security.callers import current_caller
from server.security.surroundings import around
from server.web import words

blueprint = Blueprint(
    "pages",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
_DONE = "done"
_PAGES = (
    ("Worklist", "pages.worklist_page"),
    ("Overview", "pages.overview_page"),
    ("Portals", "pages.sweeps_page"),
    ("Payers", "pages.payers_page"),
    ("Codes", "pages.codes_page"),
    ("Extension", "pages.pair_page"),
)


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    environment = state.app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(words.FILTERS)
    # A style sheet of an older version must not meet the pages of a newer one.
    environment.globals["version"] = version("remitlens")


@blueprint.context_processor
def _around_a_page() -> dict[str, Any]:
    caller = current_caller()
    return {
        "caller": caller,
        "may_write": bool(caller.allowed("biller", "lines:write")),
        "may_manage": bool(caller.allowed("manager", "admin")),
        "today": around().today(),
        "pages_of_site": _PAGES,
        "done": session.pop(_DONE, None) if _DONE in session else None,
    }


def say(text: str, undo: str = "", *, wrong: bool = False) -> None:
    """What the next page says at its top, once; `undo`: what its undo button would take back."""
    session[_DONE] = {"text": text, "undo": undo, "wrong": wrong}
