"""Bluestem: five-character codes of its own, explained at the page's end or only in a PDF."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrapers.sandbox.claims import BLUESTEM_CODES
from scrapers.sandbox.desk import Desk
from scrapers.sandbox.gate import add_gate
from scrapers.sandbox.legend import codes_of, wording
from scrapers.sandbox.world import World

PORTAL = "bluestem"
LONGEST_EXPLAINED = 5
"""Lines of a statement whose codes are explained on the page; a longer one points to the PDF."""
STATUS = {"1": "Complete", "4": "Complete - no payment", "22": "Retracted"}


def blueprint(world: World, desk: Desk) -> Blueprint:
    pages = Blueprint(PORTAL, __name__)
    inside = add_gate(pages, PORTAL, desk, "bluestem.claims")

    @pages.get("/claims")
    def claims() -> ResponseReturnValue:
        session = inside()
        if not session:
            return redirect(url_for("bluestem.login"))
        asked = request.args.get("account", "").strip()
        claim = world.find(PORTAL, asked) if asked else None
        if asked:
            desk.look(PORTAL, session.account)
        answer = claim.answer if claim else None
        codes = codes_of(answer) if answer and len(answer.lines) <= LONGEST_EXPLAINED else []
        legend = [(BLUESTEM_CODES[code], wording(code)) for code in codes]
        return render_template(
            "bluestem/claims.html",
            asked=asked, claim=claim, answer=answer, legend=legend, own=BLUESTEM_CODES,
            status=STATUS,
        )  # fmt: skip

    @pages.get("/codes.pdf")
    def code_list() -> ResponseReturnValue:
        from fpdf import FPDF

        sheet = FPDF()
        sheet.add_page()
        sheet.set_font("Helvetica", size=11)
        for code, own in BLUESTEM_CODES.items():
            sheet.cell(text=f"{own}   {wording(code)}", new_x="LMARGIN", new_y="NEXT")
        return Response(bytes(sheet.output()), mimetype="application/pdf")

    return pages
