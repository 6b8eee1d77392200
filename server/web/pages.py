"""The pages of the worklist: one blueprint, its limits, and how it shows an error."""

from __future__ import annotations

from apiflask import APIFlask
from flask import Response, render_template
from flask_limiter import Limiter

from server.security.limits import PAIRING, SIGN_IN, SWEEPS, address_key, slow_down
from server.security.problems import Problem
from server.web import (
    catalogue,
    exports,
    line,
    lists,
    nights,
    overviews,
    pair,
    payers,
    signing,
)
from server.web.blueprint import blueprint

_DOORS = ("sign_in_now", "organisation", "organisation_answer", "enter_page", "enter")


def limit(limiter: Limiter, app: APIFlask) -> None:
    """Few tries an address at every door."""
    for door in _DOORS:
        slow_down(app, limiter, f"pages.{door}", SIGN_IN, address_key)
    slow_down(app, limiter, "pages.start_sweep", SWEEPS)
    slow_down(app, limiter, "pages.new_code", PAIRING)


def problem_page(problem: Problem) -> Response:
    """An error as a page."""
    shown = render_template("problem.html", problem=problem)
    answer = Response(shown, problem.status)
    answer.headers.update(problem.headers)
    return answer


__all__ = [
    "blueprint",
    "catalogue",
    "exports",
    "limit",
    "line",
    "lists",
    "nights",
    "overviews",
    "pair",
    "payers",
    "problem_page",
    "signing",
]
