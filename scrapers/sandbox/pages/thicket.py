"""Thicket: a plain portal with every fault on a switch: an account's name, or set by control."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrapers.sandbox.claims import PortalClaim, shown
from scrapers.sandbox.desk import Desk, Session
from scrapers.sandbox.world import World
from server.facts import ClaimAdjudication

PORTAL = "thicket"
STATUS = {"1": "Paid", "4": "Denied", "22": "Reversed"}
RETRY_AFTER = 1
"""Seconds the portal names with its 429."""
FAILS_FIRST = 2
"""How many requests `slow_down` and `server_error` spoil before they let one through."""
_COOKIE = "thicket_session"


def blueprint(world: World, desk: Desk) -> Blueprint:
    pages = Blueprint(PORTAL, __name__)
    _add_door(pages, desk)

    def inside() -> Session | None:
        found = desk.session(PORTAL, request.cookies.get(_COOKIE))
        return found if found and found.verified and found.terms else None

    @pages.get("/claims")
    def claims() -> ResponseReturnValue:
        session = inside()
        if not session:
            return redirect(url_for("thicket.login"))
        fault = desk.fault(PORTAL, session.account)
        asked = request.args.get("member", "").strip()
        number = request.args.get("claim", "").strip()
        if asked:
            desk.look(PORTAL, session.account)
            spoiled = _spoiled(desk, session.account, fault)
            if spoiled is not None:
                return spoiled
        listed = [
            claim for claim in world.of(PORTAL)
            if asked and claim.outcome != "not_found" and claim.ref.member_id == asked
        ]  # fmt: skip
        return render_template(
            "thicket/claims.html", asked=asked, number=number, fault=fault, status=STATUS,
            listed=_as_listed(listed, fault, number),
        )  # fmt: skip

    @pages.get("/claims/<number>")
    def claim(number: str) -> ResponseReturnValue:
        session = inside()
        one = world.find(PORTAL, number)
        if not session or one is None or one.answer is None:
            return redirect(url_for("thicket.login"))
        fault = desk.fault(PORTAL, session.account)
        answer = shown(PORTAL, one.answer)
        if fault == "empty_claim":
            answer = replace(answer, lines=())
        page = render_template("thicket/claim.html", answer=answer, fault=fault, status=STATUS)
        return _half(page) if fault == "half_loaded" else page

    return pages


def _as_listed(
    claims: list[PortalClaim], fault: str, number: str
) -> list[tuple[PortalClaim, ClaimAdjudication | None]]:
    """The result's rows, spoiled as the fault wants it."""
    rows = [(claim, claim.answer) for claim in claims]
    if fault == "absent_row":
        return [row for row in rows if row[0].ref.claim != number]
    if not rows or rows[0][1] is None:
        return rows
    first, answer = rows[0][0], rows[0][1]
    if fault == "one_day":
        # The same patient's other claim of that day: its number begins like the first one's.
        twin = replace(first, ref=replace(first.ref, claim=first.ref.claim + "1"))
        return [(twin, replace(answer, charge=answer.charge + 1)), *rows]
    if fault == "twice":
        return [*rows, (first, replace(answer, charge=answer.charge + Decimal("10.00")))]
    return rows


def _spoiled(desk: Desk, account: str, fault: str) -> ResponseReturnValue | None:
    """The answer a fault gives in place of a result; None where there is a result."""
    with desk.lock:
        desk.count(PORTAL, account, "spoiled")
        early = desk.counted[(PORTAL, account)]["spoiled"] <= FAILS_FIRST
    if fault == "slow_down" and early:
        return Response("Too many requests", 429, {"Retry-After": str(RETRY_AFTER)})
    if fault == "server_error" and early:
        return Response("Internal error", 500)
    if fault == "blocked":
        return Response("Forbidden", 403)
    if fault == "maintenance":
        return render_template("thicket/maintenance.html")
    if fault == "captcha":
        return render_template("thicket/captcha.html")
    if fault == "login_page":
        return render_template("thicket/login.html", problem="")
    if fault == "very_slow":
        time.sleep(desk.slow)
    return None


def _half(page: str) -> Response:
    """Half of the page under a length that promises all of it: the connection breaks off."""
    body = page.encode()
    answer = Response(body[: len(body) // 2], mimetype="text/html")
    answer.headers["Content-Length"] = str(len(body))
    answer.automatically_set_content_length = False
    return answer


def _add_door(pages: Blueprint, desk: Desk) -> None:
    """Sign-in with what may come after it: a code, terms, an expired password."""

    def session() -> Session | None:
        return desk.session(PORTAL, request.cookies.get(_COOKIE))

    def step(account: str) -> str:
        fault = desk.fault(PORTAL, account)
        return {"sms": "code", "terms": "terms", "expired_password": "renew"}.get(fault, "claims")

    @pages.get("/")
    @pages.get("/login")
    def login() -> ResponseReturnValue:
        return render_template("thicket/login.html", problem="")

    @pages.post("/login")
    def submit() -> ResponseReturnValue:
        verdict, account = desk.check(
            PORTAL, request.form.get("username", ""), request.form.get("password", "")
        )
        if verdict != "ok" or account is None:
            return render_template("thicket/login.html", problem=verdict)
        fault = desk.fault(PORTAL, account)
        if fault == "slow_login":
            time.sleep(desk.slow)
        if fault == "strange_login":
            return render_template("thicket/login.html", problem="")
        after = step(account)
        token = desk.begin(PORTAL, account, terms=after != "terms")
        if after in ("claims", "terms"):
            desk.signed_in(token)
        answer = make_response(redirect(url_for(f"thicket.{after}")))
        answer.set_cookie(_COOKIE, token, httponly=True, samesite="Lax", path="/thicket")
        return answer

    @pages.get("/code")
    def code() -> ResponseReturnValue:
        return render_template("thicket/code.html", sent=False, refused=False)

    @pages.post("/code")
    def check_code() -> ResponseReturnValue:
        found = session()
        if not found:
            return redirect(url_for("thicket.login"))
        if "send" in request.form:
            desk.count(PORTAL, found.account, "codes_sent")
            return render_template("thicket/code.html", sent=True, refused=False)
        if not desk.right_code(PORTAL, found.account, request.form.get("code", "")):
            return render_template("thicket/code.html", sent=True, refused=True)
        desk.signed_in(request.cookies[_COOKIE])
        return redirect(url_for("thicket.claims"))

    @pages.route("/terms", methods=["GET", "POST"])
    def terms() -> ResponseReturnValue:
        found = session()
        if request.method == "POST" and found:
            desk.count(PORTAL, found.account, "terms_accepted")
            found.terms = True
            return redirect(url_for("thicket.claims"))
        return render_template("thicket/terms.html")

    @pages.get("/renew")
    def renew() -> ResponseReturnValue:
        return render_template("thicket/renew.html")
