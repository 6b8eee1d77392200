"""Harbor: server-rendered, two header rows, lines over several pages, an 835 to download."""

from __future__ import annotations

from itertools import zip_longest

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrapers.sandbox.claims import shown
from scrapers.sandbox.desk import Desk
from scrapers.sandbox.gate import add_gate
from scrapers.sandbox.legend import codes_of, legend, wording
from scrapers.sandbox.practice import remittance_of
from scrapers.sandbox.world import World
from server.facts import Adjudication

PORTAL = "harbor"
LINES_A_PAGE = 4
STATUS = {"1": "Finalized/Paid", "4": "Finalized/Denied", "22": "Finalized/Reversed"}


def blueprint(world: World, desk: Desk) -> Blueprint:
    pages = Blueprint(PORTAL, __name__)
    inside = add_gate(pages, PORTAL, desk, "harbor.claims")

    @pages.get("/claims")
    def claims() -> ResponseReturnValue:
        if not inside():
            return redirect(url_for("harbor.login"))
        asked = request.args.get("number", "").strip()
        claim = world.find(PORTAL, asked) if asked else None
        return render_template("harbor/claims.html", asked=asked, claim=claim, status=STATUS)

    @pages.get("/claims/<number>")
    def claim(number: str) -> ResponseReturnValue:
        session = inside()
        if not session:
            return redirect(url_for("harbor.login"))
        one = world.find(PORTAL, number)
        if one is None or one.answer is None:
            return redirect(url_for("harbor.claims", number=number))
        answer = shown(PORTAL, one.answer)
        page = max(1, request.args.get("page", 1, type=int))
        if page == 1:
            desk.look(PORTAL, session.account)
        last = -(-len(answer.lines) // LINES_A_PAGE)
        part = answer.lines[(page - 1) * LINES_A_PAGE : page * LINES_A_PAGE]
        return render_template(
            "harbor/claim.html", answer=answer, lines=part, page=page, last=last, rows=rows,
            status=STATUS, legend=legend(codes_of(answer)),
        )  # fmt: skip

    @pages.get("/claims/<number>/835")
    def remittance(number: str) -> ResponseReturnValue:
        one = world.find(PORTAL, number)
        if not inside() or one is None or one.answer is None:
            return redirect(url_for("harbor.login"))
        name = f"{number}.835"
        return Response(
            remittance_of(one, one.answer), mimetype="text/plain",
            headers={"Content-Disposition": f"attachment; filename={name}"},
        )  # fmt: skip

    return pages


def rows(line: Adjudication) -> list[tuple[str, str, str, str]]:
    """A line's rows of (reason, its wording, amount, remark): as many as the longer list has."""
    from scrapers.sandbox.app import money

    told = [(f"{a.group}-{a.carc}", wording(a.carc), money(a.amount)) for a in line.adjustments]
    paired = zip_longest(told, line.remarks, fillvalue=None)
    return [(*(one or ("", "", "")), remark or "") for one, remark in paired] or [("", "", "", "")]
