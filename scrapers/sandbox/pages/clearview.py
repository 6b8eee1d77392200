"""Clearview: a remittance viewer in a tab of its own, with an `Adjustments` table."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrapers.sandbox.claims import shown
from scrapers.sandbox.desk import Desk
from scrapers.sandbox.gate import add_gate
from scrapers.sandbox.legend import codes_of, legend
from scrapers.sandbox.world import World

PORTAL = "clearview"
STATUS = {"1": "Processed as primary", "4": "Denied", "22": "Reversal of previous payment"}


def blueprint(world: World, desk: Desk) -> Blueprint:
    pages = Blueprint(PORTAL, __name__)
    inside = add_gate(pages, PORTAL, desk, "clearview.home")

    @pages.get("/home")
    def home() -> ResponseReturnValue:
        if not inside():
            return redirect(url_for("clearview.login"))
        return render_template("clearview/home.html")

    @pages.get("/viewer")
    def viewer() -> ResponseReturnValue:
        session = inside()
        if not session:
            return redirect(url_for("clearview.login"))
        asked = request.args.get("claim", "").strip()
        claim = world.find(PORTAL, asked) if asked else None
        if asked:
            desk.look(PORTAL, session.account)
        answer = shown(PORTAL, claim.answer) if claim and claim.answer else None
        return render_template(
            "clearview/viewer.html",
            asked=asked, claim=claim, answer=answer, status=STATUS,
            legend=legend(codes_of(answer)) if answer else [],
        )  # fmt: skip

    return pages
