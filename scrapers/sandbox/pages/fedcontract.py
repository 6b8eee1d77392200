"""Fedcontract: bare numbers in cells, two statuses, a warning before the session ends.

Its terms forbid automated reading; its portal definition says so, and the sweep refuses it.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrapers.sandbox.claims import shown
from scrapers.sandbox.desk import Desk
from scrapers.sandbox.gate import add_gate
from scrapers.sandbox.world import World

PORTAL = "fedcontract"


def blueprint(world: World, desk: Desk) -> Blueprint:
    pages = Blueprint(PORTAL, __name__)
    inside = add_gate(pages, PORTAL, desk, "fedcontract.inquiry")

    @pages.get("/inquiry")
    def inquiry() -> ResponseReturnValue:
        session = inside()
        if not session:
            return redirect(url_for("fedcontract.login"))
        asked = request.args.get("dcn", "").strip()
        claim = world.find(PORTAL, asked) if asked else None
        if asked:
            desk.look(PORTAL, session.account)
        answer = shown(PORTAL, claim.answer) if claim and claim.answer else None
        return render_template("fedcontract/inquiry.html", asked=asked, claim=claim, answer=answer)

    return pages
