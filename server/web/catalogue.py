"""The catalogue's pages: search the denial codes, and read one."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from server.co107.codes import UNMAPPED
from server.codes.lookup import catalogue
from server.security.callers import require
from server.security.problems import not_found
from server.web.blueprint import blueprint

_MOST = 30
_LONGEST = 20
_COMMON = ("CO-107", "CO-16", "CO-97", "CO-50", "CO-29", "N122", "M15", "MA67")


@blueprint.get("/codes")
@require("viewer", "codes", page=True)
def codes_page() -> str:
    """Search the catalogue by code or words."""
    shelf = catalogue()
    text = request.args.get("q", "").strip()[:100]
    found = [shelf.explain(one.entry.code) for one in shelf.search(text, _MOST)] if text else []
    common = [shelf.explain(code) for code in _COMMON]
    return render_template(
        "codes.html",
        q=text,
        found=[one for one in found if one],
        common=[one for one in common if one],
        many=len(shelf.carc) + len(shelf.rarc),
    )


@blueprint.get("/codes/<code>")
@require("viewer", "codes", page=True)
def code_page(code: str) -> str:
    """One code: what it means and what to do."""
    if code.startswith(UNMAPPED):
        own = code.removeprefix(UNMAPPED)[:_LONGEST]
        raise not_found(
            f"{own} is a code of the payer's own, explained on its portal alone. Once you know "
            "what it stands for, add it to the crosswalk in the portal's TOML."
        )
    found = catalogue().explain(code) if len(code) <= _LONGEST else None
    if found is None:
        raise not_found("No such code is known; search for it by words.")
    shown: dict[str, Any] = found.to_dict()
    return render_template("code.html", code=found.code, kind=found.kind, it=shown)
