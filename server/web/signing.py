"""The doors: signing in by password and code, by the organisation, by a link; signing out."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.security import oidc
from server.security.callers import anyone, current_caller
from server.security.signing_in import begin, safe_next, sign_in, sign_out
from server.security.surroundings import around
from server.store import RefusedError, entry_links
from server.web.blueprint import blueprint, say

_LOOPBACK = ("127.0.0.1", "::1")


@blueprint.get("/sign-in")
@anyone(page=True)
def sign_in_page() -> ResponseReturnValue:
    """The sign-in form."""
    wanted = safe_next(request.args.get("next"))
    if request.headers.get("HX-Request"):
        # The session ended under an open page: the whole page goes to the form, not a part of it.
        return Response(headers={"HX-Redirect": url_for("pages.sign_in_page", next=wanted)})
    if current_caller().kind == "person":
        return redirect(wanted, 303)
    return _form(wanted)


def _form(wanted: str, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    shown = render_template(
        "sign_in.html", next=wanted, wrong=wrong, by_organisation=oidc.offered(around())
    )
    return shown, status


@blueprint.post("/sign-in")
@anyone(page=True, cap=8192)
def sign_in_now() -> ResponseReturnValue:
    """Sign in with login, password and code."""
    wanted = safe_next(request.form.get("next"))
    try:
        sign_in(
            request.form.get("login", ""),
            request.form.get("password", ""),
            request.form.get("code", ""),
        )
    except RefusedError as error:
        return _form(wanted, str(error)[:1].upper() + str(error)[1:] + ".", 400)
    return redirect(wanted, 303)


@blueprint.post("/sign-out")
@anyone(page=True)
def sign_out_now() -> ResponseReturnValue:
    """End the session."""
    sign_out()
    say("You are signed out.")
    return redirect(url_for("pages.sign_in_page"), 303)


def _redirect_uri() -> str:
    return url_for("pages.organisation_answer", _external=True)


@blueprint.post("/sign-in/organisation")
@anyone(page=True)
def organisation() -> ResponseReturnValue:
    """Go to the organisation's identity provider."""
    place = around()
    wanted = safe_next(request.form.get("next"))
    try:
        if not oidc.offered(place):
            raise RefusedError("no identity provider is set")
        begun = oidc.begin(place, _redirect_uri(), wanted)
    except RefusedError as error:
        return _form(wanted, str(error)[:1].upper() + str(error)[1:] + ".", 400)
    # By a page, not a redirect: a form may post to this server alone (form-action 'self').
    answer = Response(render_template("leaving.html", address=begun.address))
    answer.headers["Refresh"] = f"0; url={begun.address}"
    answer.set_cookie(
        oidc.COOKIE,
        begun.cookie,
        max_age=oidc.SECONDS,
        httponly=True,
        samesite="Lax",
        secure=place.by_tls,
        path="/sign-in/organisation",
    )
    return answer


@blueprint.get("/sign-in/organisation/answer")
@anyone(page=True)
def organisation_answer() -> ResponseReturnValue:
    """The provider's answer."""
    place = around()
    try:
        person, wanted = oidc.finish(
            place,
            _redirect_uri(),
            request.cookies.get(oidc.COOKIE, ""),
            request.args.get("state", ""),
            request.args.get("code", ""),
        )
    except RefusedError as error:
        return _form("/", str(error)[:1].upper() + str(error)[1:] + ".", 400)
    begin(person, "oidc")
    # The new cookie is Strict: the browser sends it from the next page on that is asked from here.
    answer = Response(render_template("leaving.html", address=safe_next(wanted)))
    answer.headers["Refresh"] = f"0; url={safe_next(wanted)}"
    answer.delete_cookie(oidc.COOKIE, path="/sign-in/organisation")
    return answer


def _from_here() -> bool:
    """A link lets in only whoever sits at the machine the server runs on."""
    behind = around().settings.server.behind_proxy
    return not behind and request.remote_addr in _LOOPBACK


@blueprint.get("/enter/<secret>")
@anyone(page=True)
def enter_page(secret: str) -> ResponseReturnValue:
    """Asks before the link is used: a look ahead by a browser must not use it up."""
    try:
        if not _from_here():
            raise RefusedError("a sign-in link works only on the machine the server runs on")
        person = entry_links.whose(around().store, secret, around().now())
    except RefusedError as error:
        return _form("/", str(error)[:1].upper() + str(error)[1:] + ".", 400)
    return render_template("enter.html", person=person, secret=secret)


@blueprint.post("/enter/<secret>")
@anyone(page=True)
def enter(secret: str) -> ResponseReturnValue:
    """Sign in by the link, once."""
    place = around()
    try:
        if not _from_here():
            raise RefusedError("a sign-in link works only on the machine the server runs on")
        person = entry_links.use(place.store, secret, place.now())
    except RefusedError as error:
        return _form("/", str(error)[:1].upper() + str(error)[1:] + ".", 400)
    begin(person, "link")
    return redirect(url_for("pages.worklist_page"), 303)
