"""The pages of the worklist: one blueprint, its limits, and how it shows an error."""

from __future__ import annotations

from apiflask import APIFlask
from flask import Response, render_template
from flask_limiter import Limiter

from server.security.limits import SIGN_IN, address_key, slow_down
from server.security.problems import Problem
from server.web import line, lists, signing
from server.web.blueprint import blueprint

_DOORS = ("sign_in_now", "organisation", "organisation_answer", "enter_page", "enter")


def limit(limiter: Limiter, app: APIFlask) -> None:
    """Few tries an address at every door."""
    for door in _DOORS:
        slow_down(app, limiter, f"pages.{door}", SIGN_IN, address_key)


def problem_page(problem: Problem) -> Response:
    """An error as a page."""
    shown = render_template("problem.html", problem=problem)
    answer = Response(shown, problem.status)
    answer.headers.update(problem.headers)
    return answer


__all__ = ["blueprint", "limit", "line", "lists", "problem_page", "signing"]
