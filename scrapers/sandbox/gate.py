"""The plain front door most of the sandbox portals share: a form, a cookie, a way out."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrapers.sandbox.desk import Desk, Session

Inside = Callable[[], Session | None]


def add_gate(
    pages: Blueprint, portal: str, desk: Desk, home: str, *, requests: int | None = None
) -> Inside:
    """Add sign-in and sign-out; returns what tells the signed-in session of the current request.

    `home` is the endpoint behind the door; `requests` is after how many requests a session ends.
    """
    cookie = f"{portal}_session"

    def inside() -> Session | None:
        found = desk.session(portal, request.cookies.get(cookie))
        return found if found and found.verified else None

    @pages.get("/")
    @pages.get("/login")
    def login() -> ResponseReturnValue:
        return render_template(f"{portal}/login.html", problem="")

    @pages.post("/login")
    def submit() -> ResponseReturnValue:
        verdict, account = desk.check(
            portal, request.form.get("username", ""), request.form.get("password", "")
        )
        if verdict != "ok" or account is None:
            return render_template(f"{portal}/login.html", problem=verdict)
        token = desk.begin(portal, account, left=requests)
        desk.signed_in(token)
        answer = make_response(redirect(url_for(home)))
        answer.set_cookie(cookie, token, httponly=True, samesite="Lax", path=f"/{portal}")
        return answer

    @pages.get("/logout")
    def logout() -> ResponseReturnValue:
        desk.end(request.cookies.get(cookie, ""))
        return redirect(url_for(f"{portal}.login"))

    return inside
