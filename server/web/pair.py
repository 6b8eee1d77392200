"""Pairing the extension: a code to type into it, and the programs that were let in."""

from __future__ import annotations

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from server.security import pairing
from server.security.callers import current_caller, practices, require
from server.security.identify import Tokens
from server.security.surroundings import around
from server.store import RefusedError, tokens
from server.store.tokens import CODE_MINUTES
from server.web.blueprint import blueprint, say
from server.web.lists import known


@blueprint.get("/pair")
@require("viewer", "lines:read", page=True)
def pair_page() -> str:
    """How to pair, and what is paired."""
    return _page("")


@blueprint.post("/pair")
@require("viewer", "lines:read", page=True)
def new_code() -> ResponseReturnValue:
    """A code, shown this once."""
    try:
        return _page(pairing.code_for(around(), current_caller()))
    except RefusedError as error:
        say(str(error)[:1].upper() + str(error)[1:] + ".", wrong=True)
        return redirect(url_for("pages.pair_page"), 303)


def _page(code: str) -> str:
    admin = current_caller().allowed("admin", "admin")
    return render_template(
        "pair.html",
        code=code,
        minutes=CODE_MINUTES,
        paired=tokens.listed(around().store, admin) if admin else [],
        admin=bool(admin),
    )


@blueprint.post("/pair/<int:token>/revoke")
@require("admin", "admin", page=True)
def revoke_token(token: int) -> ResponseReturnValue:
    """Let a program in no more."""
    pairing.revoke(around(), practices(), known(token), current_caller().who)
    seen: Tokens = current_app.extensions["remitlens.tokens"]
    seen.forget()
    say("It is let in no more.")
    return redirect(url_for("pages.pair_page"), 303)
