"""Meridian: a single page in an iframe, rendered late by script; TOTP sign-in."""

from __future__ import annotations

import time

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrapers.sandbox.app import dash, money, us_date
from scrapers.sandbox.claims import PortalClaim, shown
from scrapers.sandbox.desk import Desk, Session
from scrapers.sandbox.legend import codes_of, legend
from scrapers.sandbox.world import World
from server.facts import Adjudication

PORTAL = "meridian"
_COOKIE, _TRUST = "mer_session", "mer_device"
_BADGES = {"1": "PAID", "4": "DENIED", "22": "REVERSED"}


def blueprint(world: World, desk: Desk) -> Blueprint:
    pages = Blueprint(PORTAL, __name__)

    def session() -> Session | None:
        return desk.session(PORTAL, request.cookies.get(_COOKIE))

    def inside() -> Session | None:
        found = session()
        return found if found and found.verified else None

    @pages.get("/")
    @pages.get("/login")
    def login() -> ResponseReturnValue:
        if inside():
            return redirect(url_for("meridian.app"))
        return render_template("meridian/login.html", problem="")

    @pages.post("/login")
    def submit() -> ResponseReturnValue:
        verdict, account = desk.check(
            PORTAL, request.form.get("username", ""), request.form.get("password", "")
        )
        if verdict != "ok" or account is None:
            return render_template("meridian/login.html", problem=verdict)
        token = desk.begin(PORTAL, account)
        trusted = desk.trusted.get(request.cookies.get(_TRUST, "")) == (PORTAL, account)
        if trusted:
            desk.signed_in(token)
        answer = make_response(redirect(url_for("meridian.app" if trusted else "meridian.verify")))
        answer.set_cookie(_COOKIE, token, httponly=True, samesite="Lax", path="/meridian")
        return answer

    @pages.get("/verify")
    def verify() -> ResponseReturnValue:
        if not session():
            return redirect(url_for("meridian.login"))
        return render_template("meridian/verify.html", refused=False)

    @pages.post("/verify")
    def check_code() -> ResponseReturnValue:
        found = session()
        if not found:
            return redirect(url_for("meridian.login"))
        desk.count(PORTAL, found.account, "codes")
        if not desk.right_code(PORTAL, found.account, request.form.get("code", "")):
            return render_template("meridian/verify.html", refused=True)
        desk.signed_in(request.cookies[_COOKIE])
        answer = make_response(redirect(url_for("meridian.app")))
        device = desk.begin(PORTAL, found.account)
        desk.trusted[device] = (PORTAL, found.account)
        answer.set_cookie(
            _TRUST, device, httponly=True, samesite="Lax", path="/meridian", max_age=30 * 86400
        )
        return answer

    @pages.get("/app")
    def app() -> ResponseReturnValue:
        if not inside():
            return redirect(url_for("meridian.login"))
        return render_template("meridian/app.html")

    @pages.get("/workspace")
    def workspace() -> ResponseReturnValue:
        if not inside():
            return redirect(url_for("meridian.login"))
        return render_template("meridian/workspace.html", delay=round(desk.delay * 1000))

    @pages.get("/api/claims")
    def claims() -> ResponseReturnValue:
        found = inside()
        if not found:
            return jsonify(error="signed out"), 401
        time.sleep(desk.delay / 2)
        wanted = request.args.get("q", "").strip().upper()
        known = [c for c in world.of(PORTAL) if c.outcome != "not_found"]
        rows = [c for c in known if wanted in (c.ref.claim.upper(), c.ref.member_id.upper())]
        return jsonify(rows=[_summary(c) for c in (rows if wanted else known[:12])], asked=wanted)

    @pages.get("/api/claims/<claim>")
    def claim(claim: str) -> ResponseReturnValue:
        found = inside()
        if not found:
            return jsonify(error="signed out"), 401
        one = world.find(PORTAL, claim)
        if one is None:
            return jsonify(error="no such claim"), 404
        desk.look(PORTAL, found.account)
        return jsonify(_detail(one))

    return pages


def _summary(claim: PortalClaim) -> dict[str, str]:
    answer = claim.answer if claim.outcome == "found" else None
    patient = claim.sent.patient
    return {
        "claim": claim.ref.claim,
        "member": patient.member_id,
        "name": f"{patient.last_name}, {patient.first_name}",
        "served": us_date(claim.ref.first_day),
        "billed": money(answer.charge if answer else claim.sent.charge),
        "paid": money(answer.paid if answer else None),
        "status": _BADGES[answer.status] if answer else claim.badge or "IN PROCESS",
    }


def _detail(claim: PortalClaim) -> dict[str, object]:
    told: dict[str, object] = {**_summary(claim), "control": "--", "remitted": "--", "trace": "--"}
    if claim.outcome != "found" or claim.answer is None:
        return {**told, "lines": [], "legend": []}
    answer = shown(PORTAL, claim.answer)
    return {
        **told,
        "control": answer.payer_claim_control_number,
        "remitted": us_date(answer.produced),
        "trace": answer.trace,
        "lines": [_line(place, line) for place, line in enumerate(answer.lines, start=1)],
        "legend": legend(codes_of(answer)),
    }


def _line(place: int, line: Adjudication) -> dict[str, object]:
    return {
        "line": str(place),
        "served": us_date(line.first_day),
        "procedure": line.procedure,
        "modifiers": dash(" ".join(line.modifiers)),
        "units": dash(line.units),
        "billed": money(line.charge),
        "allowed": money(line.allowed),
        "paid": money(line.paid),
        "codes": [[f"{a.group}-{a.carc}", money(a.amount)] for a in line.adjustments],
        "remarks": dash(" ".join(line.remarks)),
    }
