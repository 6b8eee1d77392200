"""Northgate: a hosted identity page, then classic frames that answer in pieces.

The identity page stands on another host name of this machine. A session ends after a fixed number
of requests, mostly in the middle of a claim.
"""

from __future__ import annotations

import time

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrapers.sandbox.claims import shown
from scrapers.sandbox.desk import Desk, Session
from scrapers.sandbox.world import World

PORTAL = "northgate"
REQUESTS_A_SESSION = 22
_COOKIE = "ngsid"
STATUS = {"1": "FINAL - PAID", "4": "FINAL - DENIED", "22": "FINAL - REVERSED"}


def blueprint(world: World, desk: Desk) -> Blueprint:
    pages = Blueprint(PORTAL, __name__)
    _add_identity(pages, desk)

    def inside() -> Session | None:
        return desk.session(PORTAL, request.cookies.get(_COOKIE))

    @pages.get("/")
    def frames() -> ResponseReturnValue:
        if not inside():
            page = f"{_named(request.host, 'localhost')}{url_for('northgate.identity')}"
            return redirect(f"http://{page}?return={request.host}")
        return render_template("northgate/frames.html")

    @pages.get("/menu")
    def menu() -> ResponseReturnValue:
        return render_template("northgate/menu.html")

    @pages.get("/inquiry")
    def inquiry() -> ResponseReturnValue:
        return render_template("northgate/inquiry.html")

    @pages.get("/result")
    def result() -> ResponseReturnValue:
        session = inside()
        if not session:
            return render_template("northgate/ended.html")
        time.sleep(desk.delay)
        asked = request.args.get("claim", "").strip()
        claim = world.find(PORTAL, asked)
        desk.look(PORTAL, session.account)
        answer = shown(PORTAL, claim.answer) if claim and claim.answer else None
        return render_template(
            "northgate/result.html", asked=asked, claim=claim, answer=answer, status=STATUS
        )

    @pages.get("/line/<claim>/<int:number>")
    def line(claim: str, number: int) -> ResponseReturnValue:
        one = world.find(PORTAL, claim)
        if not inside() or one is None or one.answer is None:
            return render_template("northgate/ended.html")
        return render_template(
            "northgate/line.html", line=shown(PORTAL, one.answer).lines[number - 1]
        )

    return pages


def _named(host: str, name: str) -> str:
    """The same port under another name of this machine."""
    _, colon, port = host.partition(":")
    return f"{name}{colon}{port}"


def _add_identity(pages: Blueprint, desk: Desk) -> None:
    @pages.get("/identity")
    def identity() -> ResponseReturnValue:
        back = request.args.get("return", "")
        return render_template("northgate/identity.html", back=back, problem=""), 401

    @pages.post("/identity")
    def submit() -> ResponseReturnValue:
        back = request.form.get("return", "")
        verdict, account = desk.check(
            PORTAL, request.form.get("identifier", ""), request.form.get("secret", "")
        )
        own = back in (request.host, _named(request.host, "127.0.0.1"))
        if verdict != "ok" or account is None or not own:
            return render_template("northgate/identity.html", back=back, problem=verdict)
        ticket = desk.begin(PORTAL, account, left=REQUESTS_A_SESSION)
        return redirect(f"http://{back}{url_for('northgate.callback')}?ticket={ticket}")

    @pages.get("/callback")
    def callback() -> ResponseReturnValue:
        ticket = request.args.get("ticket", "")
        if ticket not in desk.sessions:
            return redirect(url_for("northgate.frames"))
        desk.signed_in(ticket)
        answer = make_response(redirect(url_for("northgate.frames")))
        answer.set_cookie(_COOKIE, ticket, httponly=True, samesite="Lax", path="/northgate")
        return answer
